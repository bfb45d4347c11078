// IP addresses and networks as values. Immutable, thread safe.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace filemint {

// An IPv4 address is held as its IPv4-mapped IPv6 address (RFC 4291 §2.5.5.2), so the two are one:
// a listener for both families tells IPv4 peers in that form.
class ip_address {
public:
  using bytes = std::array<std::uint8_t, 16>;

  explicit constexpr ip_address(const bytes& all) noexcept : bytes_(all) {}

  // 192.0.2.1 or 2001:db8::1: no brackets, no port, no zone.
  [[nodiscard]] static std::optional<ip_address> parse(std::string_view text) noexcept;

  [[nodiscard]] bool is_v4() const noexcept;
  [[nodiscard]] const bytes& all() const noexcept { return bytes_; }
  // 192.0.2.1, or the short form of RFC 5952; at most 39 characters.
  [[nodiscard]] std::string text() const;

  friend bool operator==(const ip_address&, const ip_address&) = default;

private:
  bytes bytes_;
};

// All addresses of one family that begin with the same bits.
class ip_network {
public:
  // 10.0.0.0/8, 2001:db8::/32, or an address: the network that holds it alone. Nothing for bits
  // that are set behind the prefix: 10.0.0.1/8 is a slip of somebody who meant something else.
  [[nodiscard]] static std::optional<ip_network> parse(std::string_view text) noexcept;

  [[nodiscard]] bool contains(const ip_address& address) const noexcept;
  // As parse reads it; without a prefix where it holds one address alone.
  [[nodiscard]] std::string text() const;

  friend bool operator==(const ip_network&, const ip_network&) = default;

private:
  ip_network(const ip_address& first, std::size_t bits) noexcept : first_(first), bits_(bits) {}

  ip_address first_;
  std::size_t bits_;  // of 128
};

}  // namespace filemint
