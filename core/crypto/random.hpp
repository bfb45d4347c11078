// Random bytes from OpenSSL's generator (one a thread, reseeded by itself). A generator that fails
// ends the process: nothing may be signed or sealed without it.
#pragma once

#include "core/secret.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace filemint {

void random_bytes(std::span<std::uint8_t> out);
[[nodiscard]] secret random_secret(std::size_t bytes);

// Ask for many at once: a call costs as much as several hundred bytes.
void random_numbers(std::span<std::uint64_t> out);

// Each character drawn evenly from [0-9A-Za-z]: 5.95 bits.
[[nodiscard]] std::string random_base62(std::size_t characters);

}  // namespace filemint
