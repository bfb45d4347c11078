// How a node that reads the store tells another one of its changes: piece by piece, each asked for.
#pragma once

#include "store/store.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace filemint::store {

// What has changed since `known`? Its first part, or the next one of an answer that has begun.
struct change_question {
  position known;
  std::uint32_t part = 0;
};

struct change_part {
  bool whole = false;  // all there is, in the place of what was known
  bool last = false;
  std::chrono::microseconds age{0};  // since the store was read so, at the first part
  delta rows = {};                   // rows.at: the position once all parts are taken
};

// A part grows until it holds so much, about: heartbeats pass between one and the next.
inline constexpr std::size_t part_bytes = 64UL * 1024;

}  // namespace filemint::store
