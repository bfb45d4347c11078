// What limits a caller: its own limits where it has some, else the configuration's.
#pragma once

#include "core/authenticate.hpp"
#include "core/config/config.hpp"
#include "core/throttle_terms.hpp"

#include <cstdint>

namespace filemint {

// Stands in a company's token_limit: its tokens are not counted, whatever the configuration says.
inline constexpr std::uint64_t tokens_not_limited = ~std::uint64_t{0} >> 1;

[[nodiscard]] inline std::uint64_t call_limit(const company& caller, const mint_config& settings) {
  return caller.window_limit != 0 ? caller.window_limit : settings.calls_per_minute;
}

// 0: tokens are not counted.
[[nodiscard]] inline std::uint64_t token_limit(const company& caller, const mint_config& settings) {
  if (caller.token_limit == tokens_not_limited) return 0;
  return caller.token_limit != 0 ? caller.token_limit : settings.tokens_per_minute;
}

[[nodiscard]] inline throttle_terms throttle_of(const principal& who, const mint_config& settings) {
  return who.key->throttle.or_else(who.caller->throttle).or_else(settings.throttle);
}

}  // namespace filemint
