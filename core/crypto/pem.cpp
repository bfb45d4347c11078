#include "core/crypto/pem.hpp"

#include "core/secret.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <cerrno>
#include <ctime>
#include <fstream>
#include <system_error>
#include <utility>

namespace filemint {

namespace {

constexpr std::size_t max_file_bytes = 1024 * 1024;

struct bio_deleter {
  void operator()(BIO* bio) const noexcept { BIO_free(bio); }
};
using bio_ptr = std::unique_ptr<BIO, bio_deleter>;

bio_ptr over(std::string_view text) {
  return bio_ptr{BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))};
}

result<std::string> read_file(const std::filesystem::path& file) {
  errno = 0;
  std::ifstream in{file, std::ios::binary};
  std::string text(max_file_bytes + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!in && !in.eof()) {
    const auto why = errno != 0 ? errno : EIO;
    return fail(errc::io_failed, file.string() + ": " + std::generic_category().message(why));
  }
  if (in) return fail(errc::invalid_argument, file.string() + " is larger than 1 MiB");
  text.resize(static_cast<std::size_t>(in.gcount()));
  return text;
}

// A password would have to be asked for, and there is nobody to ask.
int no_password(char*, int, int, void* asked) {
  *static_cast<bool*>(asked) = true;
  return -1;
}

}  // namespace

void x509_deleter::operator()(X509* certificate) const noexcept {
  X509_free(certificate);
}

result<certificates> read_certificates(const std::filesystem::path& file) {
  const clean_errors clean;
  auto text = read_file(file);
  if (!text) return std::unexpected(text.error());
  certificates found{.all = {}, .text = std::move(*text)};
  const auto bio = over(found.text);
  while (auto* each = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)) {
    found.all.emplace_back(each);
  }
  if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE) {
    return fail(errc::invalid_argument,
                file.string() + ": a certificate in it is broken: " + clean_errors::reason());
  }
  if (found.all.empty()) {
    return fail(errc::invalid_argument, file.string() + ": there is no PEM certificate in it");
  }
  return found;
}

result<evp::pkey> read_private_key(const std::filesystem::path& file) {
  const clean_errors clean;
  auto text = read_file(file);
  if (!text) return std::unexpected(text.error());
  const secret kept{std::move(*text)};
  auto key = parse_private_key(kept.reveal());
  if (!key) return fail(key.error().code, file.string() + ": " + key.error().message);
  return key;
}

result<evp::pkey> parse_private_key(std::string_view text) {
  const clean_errors clean;
  bool asked = false;
  evp::pkey key{PEM_read_bio_PrivateKey(over(text).get(), nullptr, no_password, &asked)};
  if (asked) {
    return fail(errc::invalid_argument,
                "the key has a password, and a node has nobody to ask for it");
  }
  if (key == nullptr) return fail(errc::invalid_argument, "there is no PEM private key in it");
  return key;
}

wall_time expiry_of(const X509& certificate) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(&certificate), &parts) != 1) return {};
  return wall_time{std::chrono::seconds{timegm(&parts)}};
}

clean_errors::clean_errors() {
  ERR_clear_error();
}

clean_errors::~clean_errors() {
  ERR_clear_error();
}

std::string clean_errors::reason() {
  const auto* text = ERR_reason_error_string(ERR_peek_last_error());
  return text == nullptr ? "OpenSSL does not say why" : text;
}

}  // namespace filemint
