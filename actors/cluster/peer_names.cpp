#include "actors/cluster/peer_names.hpp"

#include <openssl/x509v3.h>

#include <memory>

namespace filemint::actors {
namespace {

void free_names(GENERAL_NAMES* names) {
  GENERAL_NAMES_free(names);
}

}  // namespace

bool peer_names::allows(std::string_view name) const {
  if (listed_.contains(std::string{name})) return true;
  if (below_.empty()) return false;
  const auto dot = name.find('.');
  return dot != 0 && dot != name.npos && name.substr(dot + 1) == below_;
}

bool peer_names::carries(X509* certificate, std::string_view name) {
  constexpr unsigned flags = X509_CHECK_FLAG_NO_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT;
  return X509_check_host(certificate, name.data(), name.size(), flags, nullptr) == 1;
}

std::string peer_names::of(X509* certificate) const {
  for (const auto& each : listed_) {
    if (carries(certificate, each)) return each;
  }
  if (below_.empty()) return {};
  const std::unique_ptr<GENERAL_NAMES, decltype(&free_names)> names{
      static_cast<GENERAL_NAMES*>(
          X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)),
      free_names};
  for (int i = 0; names != nullptr && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const auto* each = sk_GENERAL_NAME_value(names.get(), i);
    if (each->type != GEN_DNS) continue;
    const auto* text = reinterpret_cast<const char*>(ASN1_STRING_get0_data(each->d.dNSName));
    const std::string name{text, static_cast<std::size_t>(ASN1_STRING_length(each->d.dNSName))};
    if (allows(name) && carries(certificate, name)) return name;
  }
  return {};
}

}  // namespace filemint::actors
