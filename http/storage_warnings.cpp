#include "http/storage_warnings.hpp"

#include <string>
#include <utility>

namespace filemint::http {
namespace {

using metrics::probe_end;

std::string fault_of(const actors::fetch_outcome& answered) {
  if (answered) return "it answered " + std::to_string(answered->status);
  switch (answered.error()) {
    case actors::fetch_fault::unreachable:
      return "it cannot be reached";
    case actors::fetch_fault::untrusted:
      return "its certificate does not hold for its host";
    case actors::fetch_fault::broken:
      return "its answer broke off or is not HTTP";
    case actors::fetch_fault::timed_out:
      return "it did not answer in time";
    case actors::fetch_fault::busy:
      break;
  }
  return "too many requests wait for it";
}

}  // namespace

void storage_warnings::note(const probe_answer& answer, const actors::fetch_outcome& answered,
                            mono_time now) {
  switch (answer.how) {
    case probe_end::forbidden:
      say(kind::forbidden, now, [] {
        return std::string{
            "the storage answered 403 when asked for a file: the credentials may not read it, or "
            "it is missing and they may not list the bucket (missing_as_403)"};
      });
      break;
    case probe_end::rejected:
      say(kind::rejected, now, [&] {
        return "the storage rejects being asked for files: " + fault_of(answered) +
               "; are its endpoint, region, addressing and credentials right?";
      });
      break;
    case probe_end::failed:
    case probe_end::late:
    case probe_end::not_made:
      say(kind::failed, now,
          [&] { return "the storage could not be asked for a file: " + fault_of(answered); });
      break;
    case probe_end::throttled:
    case probe_end::exists:
    case probe_end::missing:
      break;
  }
  if (answer.clock_skew && std::chrono::abs(*answer.clock_skew) > tolerated_skew) {
    say(kind::skew, now, [&] {
      const auto seconds = answer.clock_skew->count();
      return "the storage's clock is " + std::to_string(seconds < 0 ? -seconds : seconds) +
             (seconds < 0 ? " s behind this node's" : " s ahead of this node's") +
             ": tokens may begin late or end early";
    });
  }
}

// A trial that begins is no news, nor is one that fails.
void storage_warnings::note(circuit_state state) {
  const bool closed = state == circuit_state::closed;
  if (std::exchange(circuit_closed_, closed) == closed) return;
  tell_(closed ? "the storage answers again: its circuit is closed"
               : "too many of the storage's answers fail or are slow: its circuit is open");
}

void storage_warnings::say(kind of, mono_time now, const std::function<std::string()>& what) {
  auto& next = next_.at(static_cast<std::size_t>(of));
  if (now < next) return;
  next = now + pause;
  tell_(what());
}

}  // namespace filemint::http
