// What a route that does not mint may look at, on the core that its connection lives on.
#pragma once

#include "core/clock.hpp"
#include "core/config/config.hpp"
#include "core/snapshot.hpp"

#include <algorithm>

namespace filemint::http {

struct core_view {
  const config& settings;
  const snapshot& known;
  instant at;
  bool stale = false;  // `known` is too old: who may read a file can't be told

  // Whether a token of ours can be told from another: the keys are there, and no older than may be.
  [[nodiscard]] bool can_tell_tokens() const noexcept {
    return !stale && (!known.signing.empty() ||
                      std::ranges::none_of(settings.sources, &source_config::has_our_tokens));
  }
};

}  // namespace filemint::http
