#include "src/node_store.hpp"

#include "src/first_keys.hpp"
#include "src/master_key.hpp"
#include "store/open.hpp"

#include <thread>
#include <utility>

namespace filemint {

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
                            .report = [this](const error& e) { log_.error(e.message); }});
  auto known = follower_->start();
  if (!known) return std::unexpected(known.error());
  publish_(*known);
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

result<bool> node_store::await(day_book& days, const std::function<bool()>& interrupted) {
  constexpr std::chrono::milliseconds look_interval{20};
  constexpr std::chrono::milliseconds try_interval{500};
  for (;;) {
    const auto done = following_.load() == nullptr ? follow() : result<void>{};
    const auto kept = done ? keep_days(days) : done;
    if (kept) return true;
    if (kept.error().code != errc::service_unavailable) return std::unexpected(kept.error());
    for (const auto next = mono_clock::now() + try_interval; mono_clock::now() < next;) {
      if (interrupted()) return false;
      std::this_thread::sleep_for(look_interval);
    }
  }
}

void node_store::reload(store::unseal_function unseal, std::function<void(result<void>)> done) {
  follower_->reload(std::move(unseal), std::move(done));
}

void node_store::stop_following() {
  if (follower_) follower_->stop();
}

void node_store::stop_counting() {
  if (day_writer_) day_writer_->stop();
}

mono_time node_store::last_read() const noexcept {
  const auto* following = following_.load();
  return following == nullptr ? made_ : following->last_read();
}

bool node_store::is_read() const noexcept {
  const auto* following = following_.load();
  return following != nullptr && following->reads_store();
}

}  // namespace filemint
