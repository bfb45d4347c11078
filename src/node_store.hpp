// A node's store: the follower that reads it and the writer of the keys' counts, and the waiting
// for a store that is away when the node starts.
#pragma once

#include "core/clock.hpp"
#include "core/config/config.hpp"
#include "core/day_book.hpp"
#include "core/snapshot.hpp"
#include "http/log.hpp"
#include "store/day_writer.hpp"
#include "store/follower.hpp"

#include <atomic>
#include <functional>
#include <memory>

namespace filemint {

// Thread safety: one thread; but last_read and is_read may be called from any.
class node_store {
public:
  // `publish` takes each snapshot, the first one in follow(), later ones on the follower's thread.
  node_store(const config& settings, http::log& log,
             std::function<void(const snapshot_ptr&)> publish)
      : settings_(settings), log_(log), publish_(std::move(publish)) {}

  // Opens it, makes what a new one needs, and follows it. Errors: the store's, of which
  // service_unavailable can be tried again; wrong_key.
  [[nodiscard]] result<void> follow();
  // Follows it, if it does not yet, and keeps the counts in it, however long it is away.
  // `interrupted` is asked every few milliseconds; true: false is returned. Errors: as above.
  [[nodiscard]] result<bool> await(day_book& days, const std::function<bool()>& interrupted);

  void reload(store::unseal_function unseal, std::function<void(result<void>)> done);
  void stop_following();
  void stop_counting();

  // With success. Before the first time: when this was made; nothing is served then.
  [[nodiscard]] mono_time last_read() const noexcept;
  // The last time it could be read.
  [[nodiscard]] bool is_read() const noexcept;

private:
  result<void> keep_days(day_book& days);

  const config& settings_;
  http::log& log_;
  const std::function<void(const snapshot_ptr&)> publish_;
  const mono_time made_ = mono_clock::now();
  std::unique_ptr<store::follower> follower_;
  std::atomic<store::follower*> following_{nullptr};  // once it does
  std::unique_ptr<store::day_writer> day_writer_;
};

}  // namespace filemint
