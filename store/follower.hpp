// Keeps a node's snapshot up to date with its store, on a thread of its own: it reads when the
// store tells of a change, and at least once a poll interval. While the store can't be read the
// node goes on with what it has; `age` tells for how long already.
#pragma once

#include "core/clock.hpp"
#include "core/snapshot.hpp"
#include "store/store.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace filemint::store {

// Opens a sealed signing key, with the master key that the function holds. Called on the follower's
// thread.
using unseal_function = std::function<result<signing_key_ptr>(const signing_key_row&)>;

struct follower_hooks {
  // Takes each new snapshot after the first, on the follower's thread.
  std::function<void(snapshot_ptr)> publish;
  // Told once when something begins to fail, on the follower's thread: the store can't be read, or
  // a signing key can't be unsealed (then its former bytes go on, if there were any). May be empty.
  std::function<void(const error&)> report = {};
  // The wall clock, by which revocations are forgotten. Called on the follower's thread.
  std::function<wall_time()> now = wall_now;
};

// Thread safety: start, stop and the destructor belong to one thread; the rest may be called from
// any.
class follower {
public:
  follower(std::unique_ptr<store> source, std::chrono::milliseconds poll_interval,
           unseal_function unseal, follower_hooks hooks);
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

  // When the store was last read with success.
  [[nodiscard]] mono_time last_read() const noexcept {
    return mono_time{mono_time::duration{last_read_.load(std::memory_order_relaxed)}};
  }
  // Since then.
  [[nodiscard]] std::chrono::duration<double> age(mono_time at) const noexcept;
  // What fails now. Nothing: all is well.
  [[nodiscard]] std::optional<error> last_error() const;
  [[nodiscard]] bool reads_store() const;

private:
  struct reload_request {
    unseal_function unseal;
    std::function<void(result<void>)> done;
  };
  struct unsealed_key {
    std::string sealed;  // what it was made of
    signing_key_ptr key;
  };
  using unsealed_keys = std::map<std::string, unsealed_key, std::less<>>;  // by kid

  void run();
  void poll();
  void serve(reload_request asked);

  // True: there was a change.
  result<bool> read();
  // True: some revocations were forgotten. It looks once a minute.
  bool forget_revocations();
  void take(contents all);
  void take(delta changes);
  [[nodiscard]] result<unsealed_keys> unseal_all(const unseal_function& unseal) const;
  void unseal_changed();
  [[nodiscard]] snapshot_ptr make_snapshot() const;
  void note_read();
  void note(std::optional<error>& place, std::optional<error> failure);

  const std::unique_ptr<store> source_;
  const std::chrono::milliseconds poll_interval_;
  const follower_hooks hooks_;

  // The follower's thread alone.
  unseal_function unseal_;
  position at_;
  directory people_;
  std::vector<signing_key_row> rows_;
  unsealed_keys keys_;
  revocations revoked_;
  wall_time next_forgetting_{};

  std::atomic<mono_time::rep> last_read_{0};
  mutable std::mutex mutex_;  // guards what follows
  bool running_ = false;
  std::vector<reload_request> reloads_;
  std::optional<error> store_failure_;
  std::optional<error> unseal_failure_;

  std::thread thread_;
};

}  // namespace filemint::store
