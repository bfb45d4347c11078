// The credentials of one source that a cloud gives out: what its keeper works on, kept while one
// keeper is replaced by another, and what others see of them.
#pragma once

#include "actors/fetcher.hpp"
#include "backends/credentials/renewal.hpp"
#include "backends/renewable.hpp"
#include "core/credential_life.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

namespace filemint::actors {

enum class renewal_outcome : std::uint8_t {
  renewed,
  unchanged,  // the same came as were known
  failed
};
inline constexpr std::array<std::string_view, 3> renewal_outcome_names{"renewed", "unchanged",
                                                                       "failed"};

// Set by who makes it, before the keeper starts. Outlives the keeper and what it has asked.
struct credential_terms {
  // A go at them. Any thread.
  std::function<std::unique_ptr<backends::renewal>()> make;
  backends::renewable& signer;  // by what it signs
  fetcher& ask;
  // A word for the log, and whether something is wrong. Any thread.
  std::function<void(bool wrong, std::string_view what)> report = [](bool, std::string_view) {};
};

struct kept_credentials {
  explicit kept_credentials(credential_terms by) : terms(std::move(by)) {}

  const credential_terms terms;
  credential_life life;  // the keeper's

  // ---- any thread
  [[nodiscard]] bool are_good(wall_time now) const noexcept { return now < ends.load(); }

  std::atomic<wall_time> ends{wall_time::min()};     // before the first ones: the beginning of time
  std::atomic<wall_time> renewed{wall_time::min()};  // when others came the last time
  std::atomic<bool> tried{false};                    // a first answer came, of whatever kind
  std::array<std::atomic<std::uint64_t>, renewal_outcome_names.size()> outcomes{};
};

}  // namespace filemint::actors
