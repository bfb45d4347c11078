// One random history of a cluster: its load and its faults follow from a seed.
#pragma once

#include "tests/unit/core/cluster_world.hpp"

#include <cstdint>
#include <string>

namespace filemint::testing {

enum class fault_kind : std::uint8_t { none, slow, loss, cut, one_way, links, kill, roll, mixed };

struct history_result {
  bool kept = true;   // no 60 s admitted more than promised
  std::string told;   // if not: what happened
  std::string waits;  // what happened, if calls waited too long
  std::uint64_t admitted = 0;
  std::uint64_t fullest_parts = 0;  // of the fullest span, in thousandths of the limit
  cluster_world::figures seen;
};

[[nodiscard]] history_result run_history(std::uint64_t seed, fault_kind kind);

}  // namespace filemint::testing
