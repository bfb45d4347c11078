// The nodes that share a store, as one of them sees the store's list: it keeps its own line there
// fresh and reads the others', on a thread of its own.
#pragma once

#include "core/clock.hpp"
#include "store/store.hpp"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace filemint::store {

// The rule: which of the listed nodes count. Who said goodbye does not; who has been silent may
// only be cut off, and counts on for as long as it could still admit calls, or what it has admitted
// could count. Not thread safe; the times passed in never run backwards.
class counted_nodes {
public:
  // That a node tells of itself anew is seen by this node's own clock too: what another clock says
  // does not make a node gone that is there.
  [[nodiscard]] std::vector<std::string> among(const std::vector<node_row>& rows,
                                               const std::string& self, instant now,
                                               std::chrono::seconds silence);

private:
  struct seen {
    wall_time told;                   // as its line says
    std::optional<mono_time> change;  // when it said so anew
  };
  std::map<std::string, seen> seen_;
};

struct node_list_terms {
  std::string name;
  std::string version;
  std::chrono::milliseconds interval{5'000};  // from one look to the next
  // How long a silent node counts. Asked on the list's thread.
  std::function<std::chrono::seconds()> silence;
  std::function<instant()> now = filemint::now;
};

struct node_list_hooks {
  // The names of all nodes that count, this one among them, by name: at the start, and whenever
  // they are others. While the store is away the last list stays.
  std::function<void(const std::vector<std::string>&)> members;
  // Told once when something begins to fail.
  std::function<void(const error&)> report = [](const error&) {};
};

// The hooks are called by start's caller, then on the list's thread. Thread safety: made, started,
// left and stopped by one thread.
class node_list {
public:
  node_list(std::unique_ptr<store> target, node_list_terms terms, node_list_hooks hooks);
  node_list(const node_list&) = delete;
  node_list& operator=(const node_list&) = delete;
  ~node_list();

  // Announces this node and reads the list, here and now, then goes on. Errors: the store's.
  [[nodiscard]] result<void> start();
  // Says goodbye: this node is about to end, nobody has to count on it. Waits until that is in the
  // store, a second at most.
  void leave();
  void stop();

private:
  enum class stage : std::uint8_t { here, leaving, left };

  void run();
  result<void> look();
  result<void> say_goodbye();
  void note(const result<void>& done);

  const std::unique_ptr<store> target_;
  const node_list_terms terms_;
  const node_list_hooks hooks_;
  const wall_time started_;

  // The list's thread alone.
  counted_nodes counted_;
  std::vector<std::string> told_;
  bool failing_ = false;

  std::mutex mutex_;
  std::condition_variable wake_;  // of what follows
  bool running_ = false;
  stage stage_ = stage::here;
  std::thread thread_;
};

}  // namespace filemint::store
