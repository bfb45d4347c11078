// A small certificate authority for a cluster's nodes: ECDSA on P-256, SHA-256, X.509 v3. Thread
// safe.
#pragma once

#include "core/clock.hpp"
#include "core/crypto/evp.hpp"
#include "core/crypto/pem.hpp"
#include "core/result.hpp"
#include "core/secret.hpp"

#include <chrono>
#include <filesystem>
#include <string>

namespace filemint::cli {

// In PEM.
struct issued_certificate {
  std::string certificate;
  secret key;
};

class certificate_authority {
public:
  // A new one, which signs itself and nothing but ends of chains.
  [[nodiscard]] static certificate_authority make(std::chrono::days life);
  // Errors: as read_certificates and read_private_key; invalid_argument: the key is another's, the
  // certificate is no authority's.
  [[nodiscard]] static result<certificate_authority> load(const std::filesystem::path& certificate,
                                                          const std::filesystem::path& key);

  [[nodiscard]] issued_certificate own() const;
  // For a node: both sides of TLS, with the name as its subjectAltName.
  [[nodiscard]] issued_certificate issue(const std::string& name, std::chrono::days life) const;

private:
  certificate_authority(x509_ptr certificate, evp::pkey key)
      : certificate_(std::move(certificate)), key_(std::move(key)) {}

  x509_ptr certificate_;
  evp::pkey key_;
};

}  // namespace filemint::cli
