#include "backends/sigv4.hpp"

#include "core/put_hex.hpp"

#include <openssl/crypto.h>

#include <array>
#include <chrono>
#include <string_view>
#include <utility>

namespace filemint::backends {
namespace {

std::string_view bytes_of(const sha256_digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

// HMAC(HMAC(HMAC(HMAC("AWS4" + secret, date), region), service), "aws4_request")
hmac_sha256 derived(const sigv4_dialect& dialect, const secret& secret_access_key,
                    const sigv4_scope& scope, wall_time day) {
  std::string first;
  first.reserve(dialect.key.size() + secret_access_key.size());  // it leaves no shorter one behind
  first.append(dialect.key).append(secret_access_key.reveal());
  auto mac = hmac_sha256{first}.mac(sigv4_date(day));
  wipe(first);
  for (const std::string_view part :
       {std::string_view{scope.region}, std::string_view{scope.service}, dialect.scope_end}) {
    mac = hmac_sha256{bytes_of(mac)}.mac(part);
  }
  const hmac_sha256 made{bytes_of(mac)};
  OPENSSL_cleanse(mac.data(), mac.size());
  return made;
}

}  // namespace

sigv4_key::sigv4_key(const secret& secret_access_key, const sigv4_scope& scope, wall_time day,
                     const sigv4_dialect& dialect)
    : day_(std::chrono::floor<std::chrono::days>(day)),
      dialect_(dialect),
      scope_(write_scope(dialect, scope, day)),
      hmac_(derived(dialect, secret_access_key, scope, day)) {}

bool sigv4_key::signs_at(wall_time at) const noexcept {
  return std::chrono::floor<std::chrono::days>(at) == day_;
}

// Two calls that find none at the same moment make it twice.
std::shared_ptr<const sigv4_key> sigv4_key_of_day::at(wall_time when,
                                                      const secret& secret_access_key,
                                                      const sigv4_scope& scope,
                                                      const sigv4_dialect& dialect) const {
  auto key = last_.load(std::memory_order_acquire);
  if (key == nullptr || !key->signs_at(when)) {
    key = std::make_shared<sigv4_key>(secret_access_key, scope, when, dialect);
    last_.store(key, std::memory_order_release);
  }
  return key;
}

sigv4_presigner::sigv4_presigner(const aws_credentials& who, std::shared_ptr<const sigv4_key> key,
                                 const presign_terms& terms)
    : key_(std::move(key)),
      requests_(key_->dialect(),
                {.key_id = who.access_key_id,
                 .scope = key_->scope(),
                 .session_token = who.session_token.reveal()},
                terms) {}

std::size_t sigv4_presigner::token_size(file_path path) const {
  return requests_.query_size(path) + 2 * hmac_sha256::size;
}

void sigv4_presigner::sign(std::span<const file_path> paths, std::span<char*> places) const {
  const auto count = paths.size();
  const auto text = requests_.strings_to_sign(paths);
  const auto size = requests_.string_size();
  std::array<std::string_view, at_once> strings;
  for (std::size_t i = 0; i < count; ++i)
    strings[i] = std::string_view{text}.substr(i * size, size);
  std::array<sha256_digest, at_once> signatures;
  key_->hmac().begin(requests_.beginning()).macs(std::span(strings).first(count), signatures);
  for (std::size_t i = 0; i < count; ++i)
    places[i] = put_hex(signatures[i], requests_.put_query(paths[i], places[i]));
}

}  // namespace filemint::backends
