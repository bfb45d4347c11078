#include "src/node_store.hpp"

#include "src/first_keys.hpp"
#include "src/master_key.hpp"
#include "src/release.hpp"
#include "store/open.hpp"

#include <thread>
#include <utility>

namespace filemint {
namespace {

// Of changes, for peers that ask for them: a few MiB.
constexpr std::size_t kept_rows = 20'000;

// A node that is cut off may admit calls for as long as what it knows is good enough, and what it
// has admitted last counts in windows of that length. Its line is as old as an announcement then.
std::chrono::seconds counted_silence(std::chrono::milliseconds max_staleness) {
  constexpr std::chrono::seconds window{60};
  constexpr std::chrono::seconds announcements{10};
  return std::chrono::ceil<std::chrono::seconds>(max_staleness) + window + announcements;
}

}  // namespace

result<void> node_store::follow() {
  auto kept = store::open_store(settings_.store, store::role::node, store::when_missing::create);
  if (!kept) return std::unexpected(kept.error());
  auto master = load_master_key(settings_.store.master_key);
  if (!master) return fail(errc::wrong_key, master.error().message);
  if (auto fits = check_master_key(*master, settings_.store.master_key, **kept); !fits) return fits;
  if (auto made = make_first_keys(**kept, settings_, *master, wall_now()); !made) return made;
  for (const auto& source : settings_.sources) {
    if (auto noted = (*kept)->note_token_life(source.name, source.max_life); !noted) return noted;
  }
  auto open_sealed = unsealer(settings_.store.master_key);
  if (!open_sealed) return std::unexpected(open_sealed.error());

  follower_ = std::make_unique<store::follower>(
      std::move(*kept), settings_.store.poll_interval, std::move(*open_sealed),
      store::follower_hooks{.publish = [this](const snapshot_ptr& fresh) { publish_(fresh); },
                            .report = [this](const error& e) { log_.error(e.message); }},
      is_shared() ? kept_rows : 0);
  auto known = follower_->start();
  if (!known) return std::unexpected(known.error());
  publish_(*known);
  teller_ = std::make_unique<store::change_teller>(*follower_);
  following_ = follower_.get();
  return {};
}

// On a connection of its own: a write may have to wait for another process's.
result<void> node_store::keep_days(day_book& days) {
  auto target = store::open_store(settings_.store, store::role::cli, store::when_missing::refuse);
  if (!target) return std::unexpected(target.error());
  day_writer_ = std::make_unique<store::day_writer>(
      std::move(*target), days, [this](const error& e) { log_.error(e.message); });
  return day_writer_->start(wall_now());
}

// On PostgreSQL alone: a file has one node, which shares limits with whomever it hears.
result<void> node_store::list_node() {
  if (!cluster_.members) return {};
  if (!is_shared()) {
    cluster_.members({settings_.cluster.name});
    return {};
  }
  auto target = store::open_store(settings_.store, store::role::cli, store::when_missing::refuse);
  if (!target) return std::unexpected(target.error());
  nodes_ = std::make_unique<store::node_list>(
      std::move(*target),
      store::node_list_terms{.name = settings_.cluster.name,
                             .version = std::string{this_release},
                             .silence = [this] { return counted_silence(max_staleness_); }},
      store::node_list_hooks{.members = cluster_.members,
                             .report = [this](const error& e) { log_.error(e.message); }});
  if (auto done = nodes_->start(); !done) return done;
  asker_ = std::make_unique<store::change_asker>(*follower_, cluster_.asks);
  asker_->start();
  return {};
}

result<store::change_part> node_store::tell(const std::string& peer,
                                            const store::change_question& asked) {
  if (following_.load() == nullptr || !is_shared()) return fail(errc::service_unavailable);
  return teller_->tell(peer, asked, mono_clock::now());
}

result<bool> node_store::await(day_book& days, const std::function<bool()>& interrupted) {
  constexpr std::chrono::milliseconds look_interval{20};
  constexpr std::chrono::milliseconds try_interval{500};
  for (;;) {
    const auto done = following_.load() == nullptr ? follow() : result<void>{};
    const auto kept = done ? keep_days(days) : done;
    const auto listed = kept ? list_node() : kept;
    if (listed) return true;
    if (listed.error().code != errc::service_unavailable) return std::unexpected(listed.error());
    for (const auto next = mono_clock::now() + try_interval; mono_clock::now() < next;) {
      if (interrupted()) return false;
      std::this_thread::sleep_for(look_interval);
    }
  }
}

void node_store::reload(store::unseal_function unseal, std::function<void(result<void>)> done) {
  follower_->reload(std::move(unseal), std::move(done));
}

void node_store::stop_asking() {
  if (asker_) asker_->stop();
}

void node_store::leave() {
  if (nodes_) nodes_->leave();
}

void node_store::stop_following() {
  if (nodes_) nodes_->stop();
  if (follower_) follower_->stop();
}

void node_store::stop_counting() {
  if (day_writer_) day_writer_->stop();
}

mono_time node_store::last_read() const noexcept {
  const auto* following = following_.load();
  return following == nullptr ? made_ : following->last_read();
}

bool node_store::is_read(mono_time now) const noexcept {
  const auto* following = following_.load();
  const auto stale = std::chrono::seconds{2} + 2 * settings_.store.poll_interval;
  return following != nullptr && following->reads_store() &&
         now - following->last_own_read() < stale;
}

bool node_store::is_shared() const noexcept {
  return settings_.cluster.enabled() && !settings_.store.postgres.empty();
}

}  // namespace filemint
