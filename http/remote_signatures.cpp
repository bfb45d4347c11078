#include "http/remote_signatures.hpp"

#include <algorithm>
#include <chrono>
#include <deque>
#include <optional>
#include <random>
#include <utility>

namespace filemint::http {
namespace {

using std::chrono::milliseconds;

struct signing {
  backends::remote_signing& by;
  std::span<const file_path> paths;
  mono_time until;
  std::move_only_function<void(result<void>)> done;  // null: called
  std::size_t next = 0;                              // the first path that was not asked for
  std::size_t taken = 0;

  [[nodiscard]] bool is_asked() const noexcept { return !done || next == paths.size(); }
  void end(result<void> how) {
    if (auto tell = std::exchange(done, nullptr)) tell(std::move(how));
  }
};

error error_of(actors::fetch_fault fault) {
  return error{fault == actors::fetch_fault::timed_out ? errc::gateway_timeout
                                                       : errc::service_unavailable};
}

// What it says of the remote itself.
call_end end_of(const actors::fetch_outcome& came) {
  if (!came) return came.error() == actors::fetch_fault::busy ? call_end::unknown : call_end::bad;
  return came->status >= 500 ? call_end::bad : call_end::good;
}

}  // namespace

class remote_signatures::source_queue : public std::enable_shared_from_this<source_queue> {
public:
  source_queue(actors::fetcher& by, std::string name, const signature_terms& terms)
      : by_(by),
        name_(std::move(name)),
        terms_(terms),
        circuit_(std::random_device{}(), terms.circuit) {}

  void add(std::shared_ptr<signing> one) {
    waiting_.push_back(std::move(one));
    go_on();
  }

private:
  // One path of each, in turn: a long call does not hold up a short one.
  void go_on() {
    if (std::exchange(going_, true)) return;  // an answer that came at once
    while (under_way_ < terms_.at_once && !waiting_.empty()) {
      auto one = std::move(waiting_.front());
      waiting_.pop_front();
      if (one->is_asked()) continue;
      const auto now = terms_.now().mono;
      if (now >= one->until) {
        one->end(fail(errc::gateway_timeout));
        continue;
      }
      const auto call = circuit_.begin(now);
      if (!call && under_way_ > 0 && circuit_.state() == circuit_state::half_open) {
        waiting_.push_front(std::move(one));  // a trial's answer tells
        break;
      }
      if (!call) {
        one->end(fail(errc::service_unavailable));
        continue;
      }
      ask(one, *call, now);
      if (!one->is_asked()) waiting_.push_back(std::move(one));
    }
    going_ = false;
  }

  void ask(const std::shared_ptr<signing>& one, const circuit::call& call, mono_time now) {
    const auto path = one->paths[one->next++];
    ++under_way_;
    by_.fetch(one->by.ask(path), {.within = std::chrono::ceil<milliseconds>(one->until - now)},
              [self = shared_from_this(), one, path, call](actors::fetch_outcome came) {
                self->take(*one, path, call, came);
              });
  }

  void take(signing& one, file_path path, const circuit::call& call,
            const actors::fetch_outcome& came) {
    --under_way_;
    circuit_.end(call, terms_.now().mono, end_of(came));
    if (one.done) {
      auto taken = came ? one.by.take(path, *came) : std::unexpected(error_of(came.error()));
      if (!taken) {
        if (!came) warn("who signs " + std::string{sentence_of(came.error())});
        if (!taken.error().message.empty()) warn(taken.error().message);
        one.end(fail(taken.error().code));
      } else if (++one.taken == one.paths.size()) {
        one.end({});
      }
    }
    go_on();
  }

  // Once a minute: a thousand paths fail alike.
  void warn(std::string_view what) {
    const auto now = terms_.now().mono;
    if (warned_ && now - *warned_ < std::chrono::minutes{1}) return;
    warned_ = now;
    terms_.warn(name_, what);
  }

  actors::fetcher& by_;
  std::string name_;
  signature_terms terms_;
  circuit circuit_;
  std::deque<std::shared_ptr<signing>> waiting_;
  std::size_t under_way_ = 0;
  bool going_ = false;
  std::optional<mono_time> warned_;
};

remote_signatures::remote_signatures(actors::fetcher& by, std::span<const std::string> sources,
                                     signature_terms terms)
    : by_(by), terms_(std::move(terms)) {
  for (const auto& name : sources) {
    sources_.emplace(name, std::make_shared<source_queue>(by, name, terms_));
  }
}

remote_signatures::~remote_signatures() = default;

void remote_signatures::sign(const actors::signing_question& asked,
                             std::move_only_function<void(result<void>)> done) {
  const auto found = sources_.find(asked.source);
  if (found == sources_.end()) return done(fail(errc::service_unavailable));
  auto one = std::make_shared<signing>(asked.by, asked.paths, terms_.now().mono + asked.within,
                                       std::move(done));
  by_.run([queue = found->second, one = std::move(one)] { queue->add(one); });
}

}  // namespace filemint::http
