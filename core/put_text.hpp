// Writing text into room that was measured before. Pure, thread safe.
#pragma once

#include <cstring>
#include <string_view>

namespace filemint {

// Copies it to `out` and returns the end. std::ranges::copy goes byte by byte here.
inline char* put_text(std::string_view text, char* out) noexcept {
  if (!text.empty()) std::memcpy(out, text.data(), text.size());
  return out + text.size();
}

}  // namespace filemint
