// Which names peers of a node may have, and which of them a certificate carries.
#pragma once

#include <openssl/types.h>

#include <set>
#include <string>
#include <string_view>

namespace filemint::actors {

// Immutable, thread safe.
class peer_names {
public:
  // `listed`: peers by name. `below`: where it is not empty, a DNS name; then a name is one label
  // before it as well, as pods of a Kubernetes StatefulSet are named.
  peer_names(std::set<std::string> listed, std::string below)
      : listed_(std::move(listed)), below_(std::move(below)) {}

  [[nodiscard]] bool allows(std::string_view name) const;
  // Of a certificate that was verified: the first name that is allowed; empty: it carries none.
  // Wildcards do not count, nor does the subject.
  [[nodiscard]] std::string of(X509* certificate) const;

  [[nodiscard]] static bool carries(X509* certificate, std::string_view name);

private:
  std::set<std::string> listed_;
  std::string below_;
};

}  // namespace filemint::actors
