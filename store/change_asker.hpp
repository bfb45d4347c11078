// Asks other nodes for the store's changes while this one can't read the store, on a thread of its
// own.
#pragma once

#include "core/clock.hpp"
#include "store/change_part.hpp"
#include "store/follower.hpp"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace filemint::store {

// Called on the asker's thread.
struct asker_hooks {
  // Whom to ask: who is there now.
  std::function<std::vector<std::string>()> peers;
  // Asks that peer; `done` is called once, at most, on any thread. Must not block.
  using answered = std::function<void(result<change_part>)>;
  std::function<void(const std::string& peer, const change_question& asked, answered done)> ask;
  // Told once an outage: when a peer's first answer is taken up.
  std::function<void(const std::string& peer)> told_by = [](const std::string&) {};
};

// Whoever answered last is asked first. An answer of many parts is taken up once all are there.
// Thread safety: made, started and stopped by one thread.
class change_asker {
public:
  static constexpr std::chrono::milliseconds patience{1'000};  // for each part

  // `whom` must outlive it.
  change_asker(follower& whom, asker_hooks hooks);
  change_asker(const change_asker&) = delete;
  change_asker& operator=(const change_asker&) = delete;
  ~change_asker() { stop(); }

  void start();
  void stop();

private:
  struct letterbox;  // outlives the asker for answers that come late

  void run();
  bool ask_somebody();
  bool ask_for_all(const std::string& peer);
  result<change_part> ask(const std::string& peer, const change_question& asked);
  void note(const std::string& peer);

  follower& whom_;
  const asker_hooks hooks_;
  const std::shared_ptr<letterbox> box_;

  // The asker's thread alone.
  std::string last_;                 // who answered last
  std::optional<mono_time> outage_;  // the own read before the outage that was told of

  std::thread thread_;
};

}  // namespace filemint::store
