#include "store/follower.hpp"

#include "core/directory_builder.hpp"

#include <malloc.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace filemint::store {
namespace {

api_key_record record_of(const key_row& row, std::uint32_t company) {
  api_key_record key{};
  std::memcpy(key.id, row.id.data(), std::min(row.id.size(), sizeof key.id));
  key.company = company;
  key.secret_hash = row.secret_hash;
  if (row.expires_at) key.expires_at = static_cast<std::uint32_t>(unix_seconds(*row.expires_at));
  key.throttle = row.throttle;
  key.scope = row.scope;
  return key;
}

error cannot_unseal(const signing_key_row& row, error why) {
  why.message = "can't unseal the signing key " + row.kid + " of " + row.source +
                (why.message.empty() ? "" : ": " + why.message);
  return why;
}

// A server that is away is so in several sentences: its last words, then what the system says.
bool is_same(const error& a, const error& b) {
  return a.code == b.code && (a.code == errc::service_unavailable || a.message == b.message);
}

result<void> stopped() {
  return fail(errc::service_unavailable, "the node does not follow its store");
}

}  // namespace

follower::follower(std::unique_ptr<store> source, std::chrono::milliseconds poll_interval,
                   unseal_function unseal, follower_hooks hooks)
    : source_(std::move(source)),
      poll_interval_(poll_interval),
      hooks_(std::move(hooks)),
      unseal_(std::move(unseal)) {}

follower::~follower() {
  stop();
}

result<snapshot_ptr> follower::start() {
  auto all = source_->load(people_);
  if (!all) return std::unexpected(std::move(all.error()));
  take(std::move(*all));
  auto keys = unseal_all(unseal_);
  if (!keys) return std::unexpected(std::move(keys.error()));
  keys_ = std::move(*keys);
  running_ = true;
  thread_ = std::thread([this] { run(); });
  return make_snapshot();
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
  const bool is_new = changed && *changed;
  if (is_new) unseal_changed();
  if (forget_revocations() || is_new) hooks_.publish(make_snapshot());
}

void follower::serve(reload_request asked) {
  const auto changed = read();
  auto keys = unseal_all(asked.unseal);
  if (keys) {
    unseal_ = std::move(asked.unseal);
    keys_ = std::move(*keys);
    note(unseal_failure_, std::nullopt);
  } else {
    unseal_changed();
  }
  if (keys || (changed && *changed)) hooks_.publish(make_snapshot());
  asked.done(keys ? result<void>() : std::unexpected(std::move(keys.error())));
}

result<bool> follower::read() {
  auto changes = source_->changes_since(at_);
  if (changes && *changes) {
    const bool any = (*changes)->at != at_;
    if (any) take(std::move(**changes));
    note_read();
    return any;
  }
  if (changes) {
    auto all = source_->load(people_);
    if (all) {
      take(std::move(*all));
      return true;
    }
    changes = std::unexpected(std::move(all.error()));
  }
  note(store_failure_, changes.error());
  return std::unexpected(std::move(changes.error()));
}

bool follower::forget_revocations() {
  constexpr std::chrono::seconds interval{60};
  const auto now = hooks_.now();
  if (now < next_forgetting_ && next_forgetting_ - now <= interval) return false;
  next_forgetting_ = now + interval;
  const auto former = revoked_.size();
  revoked_ = revoked_.without_forgotten(now);
  return revoked_.size() != former;
}

void follower::take(contents all) {
  at_ = std::move(all.at);
  people_ = std::move(all.people);
  rows_ = std::move(all.signing_keys);
  revoked_ = revoked_.with(all.revoked);  // an older copy of the store brings no token back
  ::malloc_trim(0);  // building the tables has taken as much again as they hold
  note_read();
}

void follower::take(delta changes) {
  directory_builder people(std::move(people_));
  for (auto& changed : changes.companies) people.put_company(std::move(changed));
  for (const auto& row : changes.keys) {
    if (const auto company = people.company_index(row.company)) {
      people.put_key(record_of(row, *company));
    }
  }
  for (const auto& id : changes.revoked_keys) people.remove_key(id);
  people_ = people.build();
  revoked_ = revoked_.with(changes.revoked);
  if (changes.signing_keys) rows_ = std::move(*changes.signing_keys);
  at_ = std::move(changes.at);
}

result<follower::unsealed_keys> follower::unseal_all(const unseal_function& unseal) const {
  unsealed_keys keys;
  for (const auto& row : rows_) {
    auto key = unseal(row);
    if (!key) return std::unexpected(cannot_unseal(row, std::move(key.error())));
    keys.emplace(row.kid, unsealed_key{row.sealed, std::move(*key)});
  }
  return keys;
}

void follower::unseal_changed() {
  unsealed_keys keys;
  std::optional<error> failure;
  for (const auto& row : rows_) {
    const auto former = keys_.find(row.kid);
    if (former != keys_.end() && former->second.sealed == row.sealed) {
      keys.insert(*former);
      continue;
    }
    if (auto key = unseal_(row)) {
      keys.emplace(row.kid, unsealed_key{row.sealed, std::move(*key)});
      continue;
    } else {
      failure = cannot_unseal(row, std::move(key.error()));
    }
    // Sealed anew under a master key that is not here yet: a kid names the same key for ever.
    if (former != keys_.end()) keys.insert(*former);
  }
  keys_ = std::move(keys);
  note(unseal_failure_, std::move(failure));
}

snapshot_ptr follower::make_snapshot() const {
  std::map<std::string, std::vector<ring_entry>, std::less<>> rings;
  for (const auto& row : rows_) {
    const auto key = keys_.find(row.kid);
    if (key == keys_.end()) continue;
    rings[row.source].push_back({key->second.key, row.state, row.retire_at.value_or(wall_time{})});
  }
  auto made = std::make_shared<snapshot>();
  made->people = people_;
  made->revoked = revoked_;
  made->change = at_.number;
  for (auto& [source, entries] : rings) made->signing.emplace(source, key_ring(std::move(entries)));
  return made;
}

void follower::note_read() {
  last_read_.store(mono_clock::now().time_since_epoch().count(), std::memory_order_relaxed);
  note(store_failure_, std::nullopt);
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
