// Certificates and private keys from PEM files. Errors are sentences that name the file; they tell
// nothing of a key. Thread safe.
#pragma once

#include "core/clock.hpp"
#include "core/crypto/evp.hpp"
#include "core/result.hpp"

#include <openssl/types.h>

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace filemint {

struct x509_deleter {
  void operator()(X509* certificate) const noexcept;
};
using x509_ptr = std::unique_ptr<X509, x509_deleter>;

struct certificates {
  std::vector<x509_ptr> all;  // at least one, in the file's order
  std::string text;           // the file's
};

// Files over 1 MiB are refused.
[[nodiscard]] result<certificates> read_certificates(const std::filesystem::path& file);
[[nodiscard]] result<evp::pkey> read_private_key(const std::filesystem::path& file);
// Of a text; its errors name no file.
[[nodiscard]] result<evp::pkey> parse_private_key(std::string_view text);

[[nodiscard]] wall_time expiry_of(const X509& certificate);

// OpenSSL's queue of errors, which is the thread's: empty at both ends of a scope.
class clean_errors {
public:
  clean_errors();
  ~clean_errors();
  clean_errors(const clean_errors&) = delete;
  clean_errors& operator=(const clean_errors&) = delete;

  // The last of them, in OpenSSL's words.
  [[nodiscard]] static std::string reason();
};

}  // namespace filemint
