#include "core/ip_network.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <span>

namespace filemint {
namespace {

constexpr std::array<std::uint8_t, 12> mapped_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr std::size_t mapped_bits = 8 * mapped_prefix.size();
constexpr std::size_t all_bits = 128;

std::optional<std::size_t> read_prefix(std::string_view digits, std::size_t most) noexcept {
  std::size_t bits = 0;
  const auto* end = digits.data() + digits.size();
  const auto [at, error] = std::from_chars(digits.data(), end, bits);
  if (error != std::errc{} || at != end || bits > most) return std::nullopt;
  return bits;
}

bool same_bits(const ip_address& a, const ip_address& b, std::size_t bits) noexcept {
  const auto whole = bits / 8;
  if (!std::equal(a.all().begin(), a.all().begin() + static_cast<std::ptrdiff_t>(whole),
                  b.all().begin())) {
    return false;
  }
  const auto rest = bits % 8;
  return rest == 0 || ((a.all()[whole] ^ b.all()[whole]) >> (8 - rest)) == 0;
}

bool has_bits_behind(const ip_address& address, std::size_t bits) noexcept {
  for (auto i = bits; i < all_bits; ++i) {
    if ((address.all()[i / 8] >> (7 - i % 8) & 1) != 0) return true;
  }
  return false;
}

}  // namespace

std::optional<ip_address> ip_address::parse(std::string_view text) noexcept {
  char terminated[INET6_ADDRSTRLEN];
  if (text.size() >= sizeof terminated || text.contains('\0')) return std::nullopt;
  terminated[text.copy(terminated, sizeof terminated)] = '\0';

  bytes all{};
  if (inet_pton(AF_INET6, terminated, all.data()) == 1) return ip_address{all};
  std::ranges::copy(mapped_prefix, all.begin());
  if (inet_pton(AF_INET, terminated, all.data() + mapped_prefix.size()) == 1) {
    return ip_address{all};
  }
  return std::nullopt;
}

bool ip_address::is_v4() const noexcept {
  return std::ranges::equal(mapped_prefix, std::span{bytes_}.first<mapped_prefix.size()>());
}

std::string ip_address::text() const {
  char out[INET6_ADDRSTRLEN];
  if (is_v4()) {
    inet_ntop(AF_INET, bytes_.data() + mapped_prefix.size(), out, sizeof out);
  } else {
    inet_ntop(AF_INET6, bytes_.data(), out, sizeof out);
  }
  return out;
}

std::optional<ip_network> ip_network::parse(std::string_view text) noexcept {
  const auto slash = text.find('/');
  const auto first = ip_address::parse(text.substr(0, slash));
  if (!first) return std::nullopt;
  if (slash == std::string_view::npos) return ip_network{*first, all_bits};

  const auto own = first->is_v4() && !text.substr(0, slash).contains(':') ? mapped_bits : 0;
  const auto prefix = read_prefix(text.substr(slash + 1), all_bits - own);
  if (!prefix || has_bits_behind(*first, own + *prefix)) return std::nullopt;
  return ip_network{*first, own + *prefix};
}

bool ip_network::contains(const ip_address& address) const noexcept {
  return address.is_v4() == first_.is_v4() && same_bits(first_, address, bits_);
}

std::string ip_network::text() const {
  auto out = first_.text();
  if (bits_ == all_bits) return out;
  return out + '/' + std::to_string(first_.is_v4() ? bits_ - mapped_bits : bits_);
}

}  // namespace filemint
