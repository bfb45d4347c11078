#include "core/day_count.hpp"

namespace filemint {

wall_time day_count::next_pass(wall_time now, std::uint64_t limit) {
  turn_to(now);
  return calls_ < limit ? now : wall_time{day_ + std::chrono::days{1}};
}

void day_count::turn_to(wall_time now) {
  const auto today = std::chrono::floor<std::chrono::days>(now);
  if (today > day_) {
    day_ = today;
    calls_ = 0;
  } else if (today + std::chrono::days{1} < day_) {
    day_ = today;
  }
}

}  // namespace filemint
