// The scalars of a configuration file: how each kind of value is read from text and written back.
// A reader gives nothing for what is not of its form; write(read(x)) reads as the same value.
// Thread safe.
#pragma once

#include "core/config/config.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace filemint {

// true or false, nothing else.
[[nodiscard]] std::optional<bool> read_bool(std::string_view text);

// Decimal digits alone.
[[nodiscard]] std::optional<std::uint64_t> read_count(std::string_view text);

// 250ms, 10s, 5m, 2h, 7d, or plain seconds.
[[nodiscard]] std::optional<std::chrono::milliseconds> read_duration(std::string_view text);
[[nodiscard]] std::string write_duration(std::chrono::milliseconds value);

// 512B, 32KiB, 8MiB, 1GiB, or plain bytes.
[[nodiscard]] std::optional<std::uint64_t> read_size(std::string_view text);
[[nodiscard]] std::string write_size(std::uint64_t bytes);

// HOST:PORT, a name or an address; an IPv6 address in brackets, [::1]:8080.
[[nodiscard]] std::optional<endpoint_config> read_host_and_port(std::string_view text);

// ADDRESS:PORT, an IPv6 address in brackets, [::1]:8080; or unix:PATH. Names are not looked up.
[[nodiscard]] std::optional<endpoint_config> read_endpoint(std::string_view text);
[[nodiscard]] std::string write_endpoint(const endpoint_config& value);

// Permissions in octal, 0660.
[[nodiscard]] std::optional<std::uint32_t> read_mode(std::string_view text);
[[nodiscard]] std::string write_mode(std::uint32_t mode);

// A string as a YAML scalar: plain where that is unambiguous, else in double quotes with JSON's
// escapes.
[[nodiscard]] std::string write_text(std::string_view text);

}  // namespace filemint
