// The 62 characters of identifiers, keys and checksums, in the order of their values.
#pragma once

#include <string_view>

namespace filemint {

inline constexpr std::string_view base62_alphabet =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

}  // namespace filemint
