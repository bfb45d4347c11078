// The keys that seal TLS session tickets (RFC 5077, RFC 8446 §4.6.1). They are made here, never
// leave the process, and rotate: with the key of an hour goes what its tickets could open.
#pragma once

#include "core/clock.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <span>

namespace filemint::http {

struct ticket_key {
  std::array<std::uint8_t, 16> name{};  // stands in the ticket, in the clear
  std::array<std::uint8_t, 32> cipher{};
  std::array<std::uint8_t, 32> mac{};

  ticket_key();  // random
  ticket_key(const ticket_key&) = default;
  ticket_key& operator=(const ticket_key&) = default;
  ~ticket_key();
};

// Thread safe. A key seals for one period and opens for one more: a ticket lives for one to two.
class ticket_keys {
public:
  static constexpr std::chrono::hours period{1};

  explicit ticket_keys(mono_time now) : next_rotation_(now + period) {}

  // What seals new tickets.
  [[nodiscard]] ticket_key sealing(mono_time now);

  struct opening {
    ticket_key key;
    bool current;  // else its ticket should be replaced
  };
  // Nothing: the key is gone, or was never ours.
  [[nodiscard]] std::optional<opening> find(std::span<const std::uint8_t, 16> name, mono_time now);

private:
  void rotate(mono_time now);

  std::mutex mutex_;
  mono_time next_rotation_;
  ticket_key current_;
  ticket_key previous_;  // at first one that sealed nothing
};

}  // namespace filemint::http
