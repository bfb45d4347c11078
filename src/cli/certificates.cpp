#include "src/cli/certificates.hpp"

#include "core/crypto/random.hpp"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <array>
#include <cstdint>
#include <memory>
#include <utility>

namespace filemint::cli {
namespace {

using evp::must;

constexpr long clocks_may_differ_s = 300;

struct bio_deleter {
  void operator()(BIO* bio) const noexcept { BIO_free(bio); }
};

std::string written(auto write) {
  const std::unique_ptr<BIO, bio_deleter> to{BIO_new(BIO_s_secmem())};
  must(write(to.get()));
  char* bytes = nullptr;
  const auto size = BIO_get_mem_data(to.get(), &bytes);
  return {bytes, static_cast<std::size_t>(size)};
}

issued_certificate in_pem(X509* certificate, EVP_PKEY* key) {
  return {written([&](BIO* to) { return PEM_write_bio_X509(to, certificate); }),
          secret{written([&](BIO* to) {
            return PEM_write_bio_PrivateKey(to, key, nullptr, nullptr, 0, nullptr, nullptr);
          })}};
}

void add_extension(X509* to, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, to, nullptr, nullptr, 0);
  auto* made = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  must(made != nullptr);
  must(X509_add_ext(to, made, -1));
  X509_EXTENSION_free(made);
}

void set_name(X509_NAME* name, int part, const std::string& text) {
  must(X509_NAME_add_entry_by_NID(name, part, MBSTRING_UTF8,
                                  reinterpret_cast<const unsigned char*>(text.data()),
                                  static_cast<int>(text.size()), -1, 0));
}

// 127 random bits (RFC 5280 §4.1.2.2 asks for a positive number of 20 bytes at most).
void set_serial(X509* of) {
  std::array<std::uint8_t, 16> bytes{};
  random_bytes(bytes);
  bytes[0] = (bytes[0] & 0x7f) | 0x40;
  const std::unique_ptr<BIGNUM, decltype(&BN_free)> number{
      BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr), BN_free};
  must(BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(of)) != nullptr);
}

// Without extensions and signature.
x509_ptr draft(const evp::pkey& key, std::chrono::days life) {
  x509_ptr made{X509_new()};
  must(made != nullptr);
  must(X509_set_version(made.get(), X509_VERSION_3));
  set_serial(made.get());
  must(X509_gmtime_adj(X509_getm_notBefore(made.get()), -clocks_may_differ_s) != nullptr);
  must(X509_time_adj_ex(X509_getm_notAfter(made.get()), static_cast<int>(life.count()), 0,
                        nullptr) != nullptr);
  must(X509_set_pubkey(made.get(), key.get()));
  return made;
}

evp::pkey new_key() {
  evp::pkey made{EVP_EC_gen("P-256")};
  must(made != nullptr);
  return made;
}

}  // namespace

certificate_authority certificate_authority::make(std::chrono::days life) {
  auto key = new_key();
  auto made = draft(key, life);
  set_name(X509_get_subject_name(made.get()), NID_commonName, "filemint cluster authority");
  must(X509_set_issuer_name(made.get(), X509_get_subject_name(made.get())));
  add_extension(made.get(), made.get(), NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
  add_extension(made.get(), made.get(), NID_key_usage, "critical,keyCertSign,cRLSign");
  add_extension(made.get(), made.get(), NID_subject_key_identifier, "hash");
  must(X509_sign(made.get(), key.get(), EVP_sha256()) != 0);
  return {std::move(made), std::move(key)};
}

result<certificate_authority> certificate_authority::load(const std::filesystem::path& certificate,
                                                          const std::filesystem::path& key) {
  auto found = read_certificates(certificate);
  if (!found) return std::unexpected(found.error());
  auto signs = read_private_key(key);
  if (!signs) return std::unexpected(signs.error());
  auto& own = found->all.front();
  if (X509_check_private_key(own.get(), signs->get()) != 1) {
    return fail(errc::invalid_argument,
                key.string() + ": the key does not belong to " + certificate.string());
  }
  if (X509_check_ca(own.get()) == 0) {
    return fail(errc::invalid_argument,
                certificate.string() + ": the certificate is no authority's");
  }
  return certificate_authority{std::move(own), std::move(*signs)};
}

issued_certificate certificate_authority::own() const {
  return in_pem(certificate_.get(), key_.get());
}

issued_certificate certificate_authority::issue(const std::string& name,
                                                std::chrono::days life) const {
  const auto key = new_key();
  const auto made = draft(key, life);
  constexpr std::size_t longest_common_name = 64;  // RFC 5280, ub-common-name
  if (name.size() <= longest_common_name) {
    set_name(X509_get_subject_name(made.get()), NID_commonName, name);
  }
  must(X509_set_issuer_name(made.get(), X509_get_subject_name(certificate_.get())));
  const auto add = [&](int kind, const std::string& value) {
    add_extension(made.get(), certificate_.get(), kind, value);
  };
  add(NID_basic_constraints, "critical,CA:FALSE");
  add(NID_key_usage, "critical,digitalSignature");
  add(NID_ext_key_usage, "serverAuth,clientAuth");
  add(NID_subject_alt_name, "DNS:" + name);
  add(NID_subject_key_identifier, "hash");
  add(NID_authority_key_identifier, "keyid:always");
  must(X509_sign(made.get(), key_.get(), EVP_sha256()) != 0);
  return in_pem(made.get(), key.get());
}

}  // namespace filemint::cli
