// The ways to write base64url: base64url_encode takes the fastest that the processor has. Pure
// functions, thread safe.
#pragma once

#include <span>
#include <string_view>

namespace filemint {

inline constexpr std::string_view base64url_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

struct base64url_encoder {
  std::string_view name;
  char* (*encode)(std::string_view bytes, char* out) noexcept;  // as base64url_encode
};

// Those that run on this processor, the fastest first; the last runs on any.
[[nodiscard]] std::span<const base64url_encoder> base64url_encoders() noexcept;

}  // namespace filemint
