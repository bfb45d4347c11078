#include "core/rate_window.hpp"

#include <iterator>

namespace filemint {

namespace {

bool has_left(tick at, mono_time now) {
  return at + window_length <= now;
}

}  // namespace

std::uint64_t rate_window::used(mono_time now) {
  forget(now);
  return total_;
}

void rate_window::add(mono_time now, tick at, std::uint64_t calls) {
  forget(now);
  if (calls == 0 || has_left(at, now)) return;
  auto place = log_.end();
  while (place != log_.begin() && std::prev(place)->at >= at) --place;
  if (place != log_.end() && place->at == at) {
    place->calls += calls;
  } else {
    log_.insert(place, {at, calls});
  }
  total_ += calls;
}

mono_time rate_window::next_free(mono_time now, std::uint64_t limit) {
  auto left = used(now);
  for (auto entry = log_.begin(); left >= limit && entry != log_.end(); ++entry) {
    left -= entry->calls;
    if (left < limit) return entry->at + window_length;
  }
  return now;
}

mono_time rate_window::empty_at(mono_time now) {
  forget(now);
  return log_.empty() ? now : mono_time{log_.back().at + window_length};
}

void rate_window::forget(mono_time now) {
  while (!log_.empty() && has_left(log_.front().at, now)) {
    total_ -= log_.front().calls;
    log_.pop_front();
  }
}

}  // namespace filemint
