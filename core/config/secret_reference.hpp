// Secrets stand in the configuration by reference only: file:PATH or env:NAME.
#pragma once

#include "core/result.hpp"
#include "core/secret.hpp"

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string_view>

namespace filemint {

inline constexpr std::size_t max_secret_bytes = 64 * 1024;

[[nodiscard]] bool is_secret_reference(std::string_view text) noexcept;

// The file of a reference; nothing: it is not one to a file.
[[nodiscard]] std::optional<std::filesystem::path> file_of(std::string_view reference);

// What the reference names, without a line end after it. Errors name the reference, never what it
// holds: invalid_argument: not a reference (whose text is not told, it may be the secret itself),
// or an empty or over-long secret; not_found: no such file or variable; io_failed: a file that
// cannot be read.
[[nodiscard]] result<secret> read_secret(std::string_view reference);

}  // namespace filemint
