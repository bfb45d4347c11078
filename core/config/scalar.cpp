#include "core/config/scalar.hpp"

#include <arpa/inet.h>
#include <sys/un.h>

#include <array>
#include <charconv>
#include <cstdio>
#include <limits>

namespace filemint {
namespace {

struct unit {
  std::string_view name;
  std::uint64_t factor;
};

constexpr std::array duration_units{unit{"ms", 1}, unit{"s", 1'000}, unit{"m", 60'000},
                                    unit{"h", 3'600'000}, unit{"d", 86'400'000}};
constexpr std::array size_units{unit{"B", 1}, unit{"KiB", 1ULL << 10}, unit{"MiB", 1ULL << 20},
                                unit{"GiB", 1ULL << 30}};

constexpr std::string_view unix_scheme = "unix:";
constexpr std::size_t longest_socket_path = sizeof(sockaddr_un::sun_path) - 1;

bool is_address(int family, const std::string& text) {
  in6_addr address{};
  return inet_pton(family, text.c_str(), &address) == 1;
}

// Digits and then one of the units, or `plain` when no unit stands there.
template <std::size_t N>
std::optional<std::uint64_t> read_with_unit(std::string_view text, const std::array<unit, N>& units,
                                            std::uint64_t plain) {
  const auto digits = text.find_first_not_of("0123456789");
  const auto number = read_count(text.substr(0, digits));
  if (!number) return {};
  auto factor = plain;
  if (digits != std::string_view::npos) {
    factor = 0;
    for (const auto& u : units) {
      if (u.name == text.substr(digits)) factor = u.factor;
    }
  }
  constexpr std::uint64_t top = std::numeric_limits<std::int64_t>::max();
  if (factor == 0 || *number > top / factor) return {};
  return *number * factor;
}

template <std::size_t N>
std::string write_with_unit(std::uint64_t value, const std::array<unit, N>& units) {
  auto best = units.front();
  for (const auto& u : units) {
    if (value != 0 && value % u.factor == 0) best = u;
  }
  return std::to_string(value / best.factor) + std::string{best.name};
}

}  // namespace

std::optional<bool> read_bool(std::string_view text) {
  if (text == "true") return true;
  if (text == "false") return false;
  return {};
}

std::optional<std::uint64_t> read_count(std::string_view text) {
  std::uint64_t value = 0;
  const auto* end = text.data() + text.size();
  const auto [stop, problem] = std::from_chars(text.data(), end, value);
  if (problem != std::errc{} || stop != end) return {};
  return value;
}

std::optional<std::chrono::milliseconds> read_duration(std::string_view text) {
  const auto ms = read_with_unit(text, duration_units, 1'000);
  if (!ms) return {};
  return std::chrono::milliseconds{*ms};
}

std::string write_duration(std::chrono::milliseconds value) {
  if (value.count() == 0) return "0s";
  return write_with_unit(static_cast<std::uint64_t>(value.count()), duration_units);
}

std::optional<std::uint64_t> read_size(std::string_view text) {
  return read_with_unit(text, size_units, 1);
}

std::string write_size(std::uint64_t bytes) {
  return write_with_unit(bytes, size_units);
}

std::optional<endpoint_config> read_host_and_port(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return {};
  auto host = text.substr(0, colon);
  const auto port = read_count(text.substr(colon + 1));
  if (!port || *port > std::numeric_limits<std::uint16_t>::max()) return {};
  if (host.starts_with('[') && host.ends_with(']') && host.contains(':')) {
    host = host.substr(1, host.size() - 2);
  } else if (host.find_first_of("[]:/ ") != std::string_view::npos) {
    return {};
  }
  if (host.empty()) return {};
  return endpoint_config{
      .host = std::string{host}, .port = static_cast<std::uint16_t>(*port), .socket_path = {}};
}

std::optional<endpoint_config> read_endpoint(std::string_view text) {
  if (text.starts_with(unix_scheme)) {
    const auto path = text.substr(unix_scheme.size());
    if (path.empty() || path.size() > longest_socket_path || path.contains('\0')) return {};
    return endpoint_config{.host = {}, .port = 0, .socket_path = path};
  }
  auto found = read_host_and_port(text);
  if (!found || !is_address(found->host.contains(':') ? AF_INET6 : AF_INET, found->host)) return {};
  return found;
}

std::string write_endpoint(const endpoint_config& value) {
  if (value.is_unix()) return std::string{unix_scheme} + value.socket_path.string();
  const auto host = value.host.contains(':') ? "[" + value.host + "]" : value.host;
  return host + ":" + std::to_string(value.port);
}

std::optional<std::uint32_t> read_mode(std::string_view text) {
  constexpr std::uint32_t all = 0777;
  std::uint32_t mode = 0;
  const auto* end = text.data() + text.size();
  const auto [stop, problem] = std::from_chars(text.data(), end, mode, 8);
  if (problem != std::errc{} || stop != end || text.size() < 3 || mode > all) return {};
  return mode;
}

std::string write_mode(std::uint32_t mode) {
  std::array<char, 8> text{};
  std::snprintf(text.data(), text.size(), "%04o", mode);
  return text.data();
}

std::string write_text(std::string_view text) {
  constexpr std::string_view plain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./:-";
  const bool word = !text.empty() && text.find_first_not_of(plain) == std::string_view::npos &&
                    !text.starts_with('-') && !text.starts_with(':') && !text.ends_with(':');
  const bool other_type =
      text == "true" || text == "false" || text == "null" || text == "Null" || text == "NULL";
  if (word && !other_type) return std::string{text};
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += {'\\', c};
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\x%02x", static_cast<unsigned>(c));
      out += escape;
    } else {
      out += c;
    }
  }
  return out + '"';
}

}  // namespace filemint
