#include "core/credential_life.hpp"

#include <algorithm>
#include <utility>

namespace filemint {

using std::chrono::milliseconds;

namespace {

constexpr std::chrono::days longest_life{30};  // whatever is told, they are asked for anew

}  // namespace

bool credential_life::renewed(const instant& now, wall_time ends) {
  pause_.reset();
  // What was told by another clock may be a second off.
  constexpr std::chrono::seconds slack{1};
  const auto before = std::exchange(ends_, ends);
  const bool others = before == wall_time::min() || std::chrono::abs(ends - before) > slack;
  const milliseconds left =
      std::clamp<std::chrono::seconds>(ends - now.wall, std::chrono::seconds{1}, longest_life);
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
