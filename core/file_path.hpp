// A stored file's path that has passed the contract's rules: the exact bytes that will be signed,
// never repaired, decoded or normalised.
#pragma once

#include "core/result.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace filemint {

// Which paths are legal, see file_path::make. What lies on a file system, or is asked for through a
// proxy that could read a target otherwise, is strict.
enum class path_rules : std::uint8_t { strict, opaque };

// A view: whoever holds the bytes (the request's parser, a URL's decoded path) must outlive it.
// Thread safety: a value, as safe as the bytes it views.
class file_path {
public:
  static constexpr std::size_t max_bytes = 1024;

  // Nothing when the path is empty, over max_bytes, has a '.' or '..' segment, a backslash or a
  // control byte (00-1F, 7F); by the strict rules also when it starts with '/', has an empty
  // segment, or %2e %2f %5c %00 %25 in any case. UTF-8 is the JSON parser's to check.
  [[nodiscard]] static std::optional<file_path> make(
      std::string_view bytes, path_rules rules = path_rules::strict) noexcept;

  [[nodiscard]] std::string_view bytes() const noexcept { return bytes_; }
  // True: there is nothing in it that JSON escapes or that the rules take a second look at.
  [[nodiscard]] bool plain() const noexcept { return plain_; }
  friend bool operator==(file_path, file_path) = default;

private:
  file_path(std::string_view bytes, bool plain) noexcept : bytes_(bytes), plain_(plain) {}
  std::string_view bytes_;
  bool plain_;
};

}  // namespace filemint
