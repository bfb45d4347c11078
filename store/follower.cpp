#include "store/follower.hpp"

#include <utility>

namespace filemint::store {
namespace {

// A server that is away is so in several sentences: its last words, then what the system says.
bool is_same(const error& a, const error& b) {
  return a.code == b.code && (a.code == errc::service_unavailable || a.message == b.message);
}

result<void> stopped() {
  return fail(errc::service_unavailable, "the node does not follow its store");
}

}  // namespace

follower::follower(std::unique_ptr<store> source, std::chrono::milliseconds poll_interval,
                   unseal_function unseal, follower_hooks hooks, std::size_t most_kept_rows)
    : source_(std::move(source)),
      poll_interval_(poll_interval),
      hooks_(std::move(hooks)),
      unseal_(std::move(unseal)),
      contents_(most_kept_rows) {}

follower::~follower() {
  stop();
}

result<snapshot_ptr> follower::start() {
  const auto began = mono_clock::now();
  auto all = source_->load({});
  if (!all) return std::unexpected(std::move(all.error()));
  contents_.take(std::move(*all));
  if (auto done = contents_.unseal_all(unseal_); !done) return std::unexpected(done.error());
  note_read(began);
  note(passed_over_, contents_.passed_over());
  auto first = contents_.make_snapshot();
  running_ = true;
  thread_ = std::thread([this] { run(); });
  return first;
}

void follower::stop() {
  std::vector<reload_request> left;
  {
    const std::scoped_lock lock(mutex_);
    running_ = false;
    left.swap(reloads_);
  }
  source_->wake();
  if (thread_.joinable()) thread_.join();
  for (const auto& asked : left) asked.done(stopped());
}

void follower::reload(unseal_function unseal, std::function<void(result<void>)> done) {
  {
    const std::scoped_lock lock(mutex_);
    if (running_) {
      reloads_.push_back({std::move(unseal), std::move(done)});
      source_->wake();
      return;
    }
  }
  done(stopped());
}

std::chrono::duration<double> follower::age(mono_time at) const noexcept {
  return at - last_read();
}

std::optional<error> follower::last_error() const {
  const std::scoped_lock lock(mutex_);
  return store_failure_ ? store_failure_ : unseal_failure_;
}

bool follower::reads_store() const {
  const std::scoped_lock lock(mutex_);
  return !store_failure_;
}

void follower::run() {
  for (;;) {
    source_->await_change(poll_interval_);
    std::vector<reload_request> asked;
    {
      const std::scoped_lock lock(mutex_);
      if (!running_) return;
      asked.swap(reloads_);
    }
    if (asked.empty()) poll();
    for (auto& one : asked) serve(std::move(one));
  }
}

void follower::poll() {
  const auto changed = read();
  const std::scoped_lock lock(contents_mutex_);
  const bool forgot = contents_.forget_revocations(hooks_.now());
  if (changed && *changed) {
    take_up();
  } else if (forgot) {
    hooks_.publish(contents_.make_snapshot());
  }
}

void follower::serve(reload_request asked) {
  const auto changed = read();
  asked.done([&] {
    const std::scoped_lock lock(contents_mutex_);
    auto done = contents_.unseal_all(asked.unseal);
    if (done) {
      unseal_ = std::move(asked.unseal);
      note(unseal_failure_, std::nullopt);
    } else {
      note(unseal_failure_, contents_.unseal_changed(unseal_));
    }
    note(passed_over_, contents_.passed_over());
    if (done || (changed && *changed)) hooks_.publish(contents_.make_snapshot());
    return done;
  }());
}

// What others told while the store was read has made the answer one to another question.
result<bool> follower::read() {
  for (;;) {
    const auto began = mono_clock::now();
    position base;
    directory people;
    bool is_half_told = false;
    {
      const std::scoped_lock lock(contents_mutex_);
      base = contents_.at();
      people = contents_.people();
      is_half_told = contents_.is_half_told();
    }
    using told = result<std::optional<delta>>;
    auto changes = is_half_told ? told(std::nullopt) : source_->changes_since(base);
    if (changes && *changes) {
      const std::scoped_lock lock(contents_mutex_);
      if (contents_.at() != base) continue;
      const bool any = (*changes)->at != base;
      if (any) contents_.take(std::move(**changes));
      note_read(began);
      return any;
    }
    if (changes) {
      auto all = source_->load(people);
      people = {};
      if (all) {
        const std::scoped_lock lock(contents_mutex_);
        if (contents_.at() != base) continue;
        contents_.take(std::move(*all));
        note_read(began);
        return true;
      }
      changes = std::unexpected(std::move(all.error()));
    }
    note(store_failure_, changes.error());
    return std::unexpected(std::move(changes.error()));
  }
}

bool follower::take(told_changes told) {
  const std::scoped_lock lock(contents_mutex_);
  const auto& at = contents_.at();
  const auto& to = told.rows.at;
  if (at != told.since || to.store_id != at.store_id || told.as_of <= last_read()) return false;
  if (!told.whole && (to.life != at.life || to.number < at.number)) return false;
  const bool any = told.whole || to != at;
  if (told.whole) {
    contents_.take_whole(std::move(told.rows));
  } else if (any) {
    contents_.take(std::move(told.rows));
  }
  raise(last_read_, told.as_of);
  if (any) take_up();
  return true;
}

result<follower::answer> follower::changes_since(const position& known, mono_time now) const {
  const auto unavailable = [](const char* why) { return fail(errc::service_unavailable, why); };
  if (is_late(now)) return unavailable("the store is not read here either");
  const std::unique_lock lock(contents_mutex_, std::try_to_lock);
  if (!lock) return unavailable("something new is being taken up");
  auto what = contents_.since(known);
  if (!what) return std::unexpected(std::move(what.error()));
  return answer{std::move(*what),
                std::chrono::ceil<std::chrono::microseconds>(now - last_own_read())};
}

position follower::known() const {
  const std::scoped_lock lock(contents_mutex_);
  return contents_.at();
}

// With contents_mutex_ held.
void follower::take_up() {
  note(unseal_failure_, contents_.unseal_changed(unseal_));
  note(passed_over_, contents_.passed_over());
  hooks_.publish(contents_.make_snapshot());
}

void follower::note_read(mono_time began) {
  raise(last_own_read_, began);
  raise(last_read_, began);
  note(store_failure_, std::nullopt);
}

void follower::raise(std::atomic<mono_time::rep>& last, mono_time to) noexcept {
  const auto wanted = to.time_since_epoch().count();
  auto now = last.load(std::memory_order_relaxed);
  while (now < wanted && !last.compare_exchange_weak(now, wanted, std::memory_order_relaxed)) {
  }
}

void follower::note(std::optional<error>& place, std::optional<error> failure) {
  bool is_new = false;
  {
    const std::scoped_lock lock(mutex_);
    is_new = failure && (!place || !is_same(*place, *failure));
    place = failure;
  }
  if (is_new && hooks_.report) hooks_.report(*failure);
}

}  // namespace filemint::store
