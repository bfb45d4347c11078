// A node's store: the follower that reads it, the writer of the keys' counts and, in a cluster, the
// list of nodes; and the waiting for a store that is away when the node starts.
#pragma once

#include "core/clock.hpp"
#include "core/config/config.hpp"
#include "core/day_book.hpp"
#include "core/snapshot.hpp"
#include "http/log.hpp"
#include "store/change_asker.hpp"
#include "store/change_teller.hpp"
#include "store/day_writer.hpp"
#include "store/follower.hpp"
#include "store/node_list.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace filemint {

// What a cluster's node is told by its store, on threads of the store's.
struct store_cluster_hooks {
  // All nodes that count, this one among them: at the start, and whenever they are others.
  std::function<void(const std::vector<std::string>&)> members;
  store::asker_hooks asks;
};

// Thread safety: one thread; but last_read and is_read may be called from any.
class node_store {
public:
  // `publish` takes each snapshot, the first one in follow(), later ones on the follower's thread.
  node_store(const config& settings, http::log& log,
             std::function<void(const snapshot_ptr&)> publish)
      : settings_(settings),
        log_(log),
        publish_(std::move(publish)),
        max_staleness_(settings.store.max_staleness) {}

  // Opens it, makes what a new one needs, and follows it. Errors: the store's, of which
  // service_unavailable can be tried again; wrong_key.
  [[nodiscard]] result<void> follow();
  // This node is one of a cluster's. Before await.
  void join(store_cluster_hooks hooks) { cluster_ = std::move(hooks); }
  // Follows it, if it does not yet, keeps the counts and this node's line in it, however long it is
  // away.
  // `interrupted` is asked every few milliseconds; true: false is returned. Errors: as above.
  [[nodiscard]] result<bool> await(day_book& days, const std::function<bool()>& interrupted);

  void set_max_staleness(std::chrono::milliseconds most) { max_staleness_ = most; }
  void reload(store::unseal_function unseal, std::function<void(result<void>)> done);
  // Tells a peer that can't read the store what has changed. One thread, whichever. Errors:
  // change_teller's.
  [[nodiscard]] result<store::change_part> tell(const std::string& peer,
                                                const store::change_question& asked);
  // The node is about to end, and nobody has to count on it; a second at most.
  void leave();
  void stop_asking();
  void stop_following();
  void stop_counting();

  // How the store stood then is known, by own reads or by peers. Before the first time: when this
  // was made; nothing is served then.
  [[nodiscard]] mono_time last_read() const noexcept;
  // This node itself reads it.
  [[nodiscard]] bool is_read(mono_time now) const noexcept;

private:
  result<void> keep_days(day_book& days);
  result<void> list_node();
  // With other nodes: what changes is passed on to those who can't read it.
  [[nodiscard]] bool is_shared() const noexcept;

  const config& settings_;
  http::log& log_;
  const std::function<void(const snapshot_ptr&)> publish_;
  std::atomic<std::chrono::milliseconds> max_staleness_;  // as it is in force
  const mono_time made_ = mono_clock::now();
  std::unique_ptr<store::follower> follower_;
  std::atomic<store::follower*> following_{nullptr};  // once it does
  std::unique_ptr<store::day_writer> day_writer_;
  store_cluster_hooks cluster_;
  std::unique_ptr<store::node_list> nodes_;
  std::unique_ptr<store::change_teller> teller_;
  std::unique_ptr<store::change_asker> asker_;
};

}  // namespace filemint
