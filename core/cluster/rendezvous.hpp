// Which node owns what, without anybody who tells: each company goes to the node with the highest
// score for it, so a node that comes or goes moves only what it owns itself.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace filemint {

// FNV-1a over the bytes, 64 bits. All nodes of all versions must agree on it: never change it.
[[nodiscard]] constexpr std::uint64_t stable_hash(std::string_view text) noexcept {
  std::uint64_t hash = 0xcbf2'9ce4'8422'2325U;
  for (const char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x0000'0100'0000'01b3U;
  }
  return hash;
}

// splitmix64's finish: each bit of the result depends on all bits of both names. The same holds: it
// never changes.
[[nodiscard]] constexpr std::uint64_t rendezvous_score(std::uint64_t company_hash,
                                                       std::uint64_t node_hash) noexcept {
  auto x = company_hash ^ (node_hash * 0x9e37'79b9'7f4a'7c15U);
  x = (x ^ (x >> 30)) * 0xbf58'476d'1ce4'e5b9U;
  x = (x ^ (x >> 27)) * 0x94d0'49bb'1331'11ebU;
  return x ^ (x >> 31);
}

}  // namespace filemint
