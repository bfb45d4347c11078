// What the owner of a company's window and the limiters on each core say to each other. Plain
// values; times are on the monotonic clock of the node.
#pragma once

#include "core/clock.hpp"
#include "core/rate_window.hpp"
#include "core/throttle_terms.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace filemint {

using lease_id = std::uint64_t;      // never used twice on a node; 0: none
using quota_holder = std::uint32_t;  // a limiter, as its owner numbers it

// What a window counts, by the name that answers give it.
enum class quota_category : std::uint8_t { calls, tokens };
[[nodiscard]] constexpr std::string_view name_of(quota_category category) noexcept {
  return category == quota_category::calls ? "auto_generator" : "tokens";
}

// What a call must pass beside its company's calls, where it is configured.
struct call_terms {
  std::string key;               // the API key's id
  throttle_terms throttle = {};  // the key's
  std::uint64_t tokens = 0;      // the company's in 60 s; 0: not limited
  friend bool operator==(const call_terms&, const call_terms&) = default;
};

// One call was admitted. The three figures of its X-RateLimit headers.
struct quota_admission {
  std::uint64_t limit = 0;
  std::uint64_t remaining = 0;  // never above the truth
  mono_time
      reset;  // when the window is empty again; when nothing remains: when the next call passes
  quota_category category = quota_category::calls;
};

// Calls that a holder may admit by itself, before `expires`.
struct quota_grant {
  lease_id id = 0;
  std::uint64_t amount = 0;  // at least 1
  std::uint64_t limit = 0;
  std::uint64_t floor = 0;  // at least 1: what remains beside this lease for as long as it lasts
  mono_time expires;
};

// The window is full. True for every holder until then, as long as the limit stays.
struct quota_refusal {
  std::uint64_t limit = 0;
  mono_time next_pass;
  quota_category category = quota_category::calls;
};

// The key calls too often. The window as it stands, without this call.
struct quota_throttled {
  quota_admission window;
  mono_time next_pass;  // of throttle and windows
};

struct quota_recall {
  quota_holder holder = 0;
  lease_id id = 0;
};

// There may be room, but leases must come back first: send these recalls (none twice) and ask again
// at each settlement, and at retry_at if a lease is still out.
struct quota_wait {
  std::vector<quota_recall> recalls;
  mono_time retry_at;
};

using quota_answer =
    std::variant<quota_admission, quota_grant, quota_refusal, quota_wait, quota_throttled>;

// A lease comes back: what was admitted under it. The rest returns to the window.
struct quota_settlement {
  lease_id id = 0;
  std::vector<tick_count> admissions;
};

}  // namespace filemint
