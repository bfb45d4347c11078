#include "core/sealed_key.hpp"

#include "core/config/secret_reference.hpp"
#include "core/crypto/aes_gcm.hpp"
#include "core/crypto/base64.hpp"
#include "core/crypto/random.hpp"

#include <cstdint>
#include <utility>

namespace filemint {
namespace {

std::unexpected<error> without_master_key(errc code, const std::string& why) {
  return fail(code, "there is no master key" + why +
                        "; `filemint master-key generate` makes one, 32 bytes in base64");
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view white = " \t\r\n";
  const auto first = text.find_first_not_of(white);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(white) - first + 1);
}

// The fields with their lengths before them, so that no two triples give the same bytes.
std::string bound_fields(std::string_view kid, token_algorithm algorithm, std::string_view source) {
  std::string bytes = "filemint signing key";
  for (const auto field : {kid, jose_name(algorithm), source}) {
    const auto size = static_cast<std::uint32_t>(field.size());
    for (const int shift : {24, 16, 8, 0}) bytes.push_back(static_cast<char>(size >> shift & 0xFF));
    bytes += field;
  }
  return bytes;
}

}  // namespace

master_key master_key::generate() {
  return master_key(random_secret(aes_256_key_size));
}

result<master_key> master_key::from_text(std::string_view text) {
  auto bytes = base64_decode(trimmed(text));
  if (!bytes) {
    return fail(errc::invalid_argument, "it is not base64");
  }
  if (bytes->size() != aes_256_key_size) {
    return fail(errc::invalid_argument,
                "it is " + std::to_string(bytes->size()) + " bytes long, not 32");
  }
  return master_key(std::move(*bytes));
}

secret master_key::text() const {
  return base64_encode(bytes_);
}

result<master_key> load_master_key(std::string_view reference) {
  const auto text = read_secret(reference);
  if (!text) return without_master_key(text.error().code, ": " + text.error().message);
  auto key = master_key::from_text(text->reveal());
  if (!key) {
    return without_master_key(key.error().code,
                              " in " + std::string(reference) + ": " + key.error().message);
  }
  return key;
}

std::string seal(const master_key& master, const signing_key& key) {
  const auto raw = key.raw();
  return aes_gcm_seal(master.reveal(), bound_fields(key.kid(), key.algorithm(), key.source()),
                      raw.reveal());
}

result<signing_key_ptr> unseal(const master_key& master, token_algorithm algorithm,
                               std::string source, std::string kid, std::string_view sealed) {
  const auto raw = aes_gcm_open(master.reveal(), bound_fields(kid, algorithm, source), sealed);
  if (!raw) {
    return fail(errc::wrong_key, "the signing key " + kid + " of source " + source +
                                     " does not open: it was sealed under another master key, or "
                                     "its record in the store was changed");
  }
  return signing_key::from_raw(algorithm, std::move(source), std::move(kid), *raw);
}

}  // namespace filemint
