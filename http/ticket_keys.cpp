#include "http/ticket_keys.hpp"

#include "core/crypto/random.hpp"

#include <openssl/crypto.h>

#include <algorithm>

namespace filemint::http {

ticket_key::ticket_key() {
  random_bytes(name);
  random_bytes(cipher);
  random_bytes(mac);
}

ticket_key::~ticket_key() {
  OPENSSL_cleanse(cipher.data(), cipher.size());
  OPENSSL_cleanse(mac.data(), mac.size());
}

ticket_key ticket_keys::sealing(mono_time now) {
  const std::lock_guard lock{mutex_};
  rotate(now);
  return current_;
}

std::optional<ticket_keys::opening> ticket_keys::find(std::span<const std::uint8_t, 16> name,
                                                      mono_time now) {
  const std::lock_guard lock{mutex_};
  rotate(now);
  if (std::ranges::equal(name, current_.name)) return opening{current_, true};
  if (std::ranges::equal(name, previous_.name)) return opening{previous_, false};
  return std::nullopt;
}

// After a silence of two periods both are new.
void ticket_keys::rotate(mono_time now) {
  for (int turn = 0; turn < 2 && now >= next_rotation_; ++turn) {
    previous_ = current_;
    current_ = ticket_key{};
    next_rotation_ += period;
  }
  if (now >= next_rotation_) next_rotation_ = now + period;
}

}  // namespace filemint::http
