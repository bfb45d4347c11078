#include "core/credential_life.hpp"

#include <algorithm>
#include <utility>

namespace filemint {

using std::chrono::milliseconds;

bool credential_life::renewed(const instant& now, wall_time ends) {
  pause_.reset();
  const bool others = std::exchange(ends_, ends) != ends;
  const milliseconds left =
      std::max<std::chrono::seconds>(ends - now.wall, std::chrono::seconds{1});
  auto wait = left * 3 / 4;
  if (!others) wait = std::min<milliseconds>(same_again, left / 8);
  wait -= milliseconds{std::uniform_int_distribution<std::int64_t>{0, wait.count() / 10}(random_)};
  wait = std::max<milliseconds>(wait, pauses.first / 2);
  not_before_ = now.mono + pauses.first / 2;
  at_last_ = now.mono + wait;
  by_wall_ = now.wall + std::chrono::ceil<std::chrono::seconds>(wait);
  return others;
}

void credential_life::failed(const instant& now) {
  not_before_ = at_last_ = now.mono + pause_.next();
}

std::chrono::nanoseconds credential_life::until_due(const instant& now) const noexcept {
  if (is_due(now)) return std::chrono::nanoseconds{0};
  return at_last_ - now.mono;
}

}  // namespace filemint
