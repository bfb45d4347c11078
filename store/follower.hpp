// Keeps a node's snapshot up to date with its store, on a thread of its own: it reads when the
// store tells of a change, and at least once a poll interval. While the store can't be read the
// node goes on with what it has, and with what others who can read it tell; `age` tells for how
// long it has heard nothing of the store.
#pragma once

#include "core/clock.hpp"
#include "core/snapshot.hpp"
#include "store/known_contents.hpp"
#include "store/store.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace filemint::store {

struct follower_hooks {
  // Takes each new snapshot after the first, one after the other: on the follower's thread, or on
  // that of who called take.
  std::function<void(snapshot_ptr)> publish;
  // Told once when something begins to fail, on the follower's thread: the store can't be read, or
  // a signing key can't be unsealed (then its former bytes go on, if there were any); in start() as
  // well, that a key of an unknown algorithm is passed over. May be empty.
  std::function<void(const error&)> report = {};
  // The wall clock, by which revocations are forgotten. Called on the follower's thread.
  std::function<wall_time()> now = wall_now;
};

// What another node has told of the store's changes.
struct told_changes {
  position since;      // what was known when it was asked for
  mono_time as_of;     // when the other one had read the store, at the latest
  bool whole = false;  // all there is
  delta rows = {};
};

// Thread safety: start, stop and the destructor belong to one thread; the rest may be called from
// any.
class follower {
public:
  follower(std::unique_ptr<store> source, std::chrono::milliseconds poll_interval,
           unseal_function unseal, follower_hooks hooks, std::size_t most_kept_rows = 0);
  follower(const follower&) = delete;
  follower& operator=(const follower&) = delete;
  ~follower();

  // Loads everything, here and now, then follows. Errors: the store's, or wrong_key: a signing key
  // can't be unsealed.
  [[nodiscard]] result<snapshot_ptr> start();
  // Joins the thread: at once, or after the read that it is in.
  void stop();

  // Unseals all signing keys with another function, which is kept if it can and forgotten if it
  // can't; `done` is told which, on the follower's thread. Before start and after stop:
  // service_unavailable, at once.
  void reload(unseal_function unseal, std::function<void(result<void>)> done);

  // How the store stood at that time at least is known: by own reads, or by what others have told.
  [[nodiscard]] mono_time last_read() const noexcept { return load(last_read_); }
  // This node itself has begun to read the store then, with success.
  [[nodiscard]] mono_time last_own_read() const noexcept { return load(last_own_read_); }
  // It has missed its last look: the store can't be read, or does not answer.
  [[nodiscard]] bool is_late(mono_time at) const noexcept {
    return at - last_own_read() > 2 * poll_interval_;
  }
  [[nodiscard]] std::chrono::milliseconds poll_interval() const noexcept { return poll_interval_; }
  // Since then.
  [[nodiscard]] std::chrono::duration<double> age(mono_time at) const noexcept;
  // What fails now. Nothing: all is well.
  [[nodiscard]] std::optional<error> last_error() const;
  [[nodiscard]] bool reads_store() const;

  [[nodiscard]] position known() const;
  // For another node that can't read the store, with the age of what is told. Never blocks. Errors:
  // service_unavailable: this one can't either, is behind, or is just at it; conflict: that is
  // another store's.
  struct answer {
    excerpt what;
    std::chrono::microseconds age;
  };
  [[nodiscard]] result<answer> changes_since(const position& known, mono_time now) const;
  // Takes up what another node has told, as if it had been read here. False: it is not newer than
  // what is known by now, or does not go on from it.
  bool take(told_changes told);

private:
  struct reload_request {
    unseal_function unseal;
    std::function<void(result<void>)> done;
  };
  void run();
  void poll();
  void serve(reload_request asked);

  // True: there was a change.
  result<bool> read();
  void take_up();
  void note_read(mono_time began);
  static void raise(std::atomic<mono_time::rep>& last, mono_time to) noexcept;
  static mono_time load(const std::atomic<mono_time::rep>& last) noexcept {
    return mono_time{mono_time::duration{last.load(std::memory_order_relaxed)}};
  }
  void note(std::optional<error>& place, std::optional<error> failure);

  const std::unique_ptr<store> source_;
  const std::chrono::milliseconds poll_interval_;
  const follower_hooks hooks_;

  // Guards the next two, and the order of what is published. Taken before mutex_.
  mutable std::mutex contents_mutex_;
  unseal_function unseal_;
  known_contents contents_;

  std::atomic<mono_time::rep> last_read_{0};
  std::atomic<mono_time::rep> last_own_read_{0};
  mutable std::mutex mutex_;  // guards what follows
  bool running_ = false;
  std::vector<reload_request> reloads_;
  std::optional<error> store_failure_;
  std::optional<error> unseal_failure_;
  std::optional<error> passed_over_;  // no failure: the rest is as it should be

  std::thread thread_;
};

}  // namespace filemint::store
