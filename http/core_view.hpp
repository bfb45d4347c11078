// What a route that does not mint may look at, on the core that its connection lives on.
#pragma once

#include "core/clock.hpp"
#include "core/config/config.hpp"
#include "core/snapshot.hpp"

namespace filemint::http {

struct core_view {
  const config& settings;
  const snapshot& known;
  instant at;
  bool stale = false;  // `known` is too old: who may read a file can't be told
};

}  // namespace filemint::http
