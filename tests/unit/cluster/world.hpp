// Members of a cluster in one process: each has an actor system, io threads and links of its own.
#pragma once

#include "actors/asio_scheduler.hpp"
#include "actors/cluster/member.hpp"
#include "core/clock.hpp"
#include "tests/unit/cluster/authority.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/message.hpp>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace filemint::actors::testing {

using namespace std::chrono_literals;
using filemint::testing::authority;

inline constexpr auto generous = 20s;

// Looks each few milliseconds; fails after a time that no sound machine needs.
template <class Over>
bool happens(Over over) {
  for (const auto end = mono_clock::now() + generous; !over();) {
    if (mono_clock::now() > end) return false;
    std::this_thread::sleep_for(2ms);
  }
  return true;
}

// Tells what a test has put; a host that it has not put hangs for ever.
class fake_resolver final : public resolver {
public:
  void resolve(const std::string& host, std::function<void(answer)> done) override {
    std::optional<answer> found;
    {
      const std::scoped_lock lock{mutex_};
      ++asked_;
      if (const auto at = answers_.find(host); at != answers_.end()) found = at->second;
    }
    if (found) done(*found);
  }
  void put(const std::string& host, answer known) {
    const std::scoped_lock lock{mutex_};
    answers_.insert_or_assign(host, std::move(known));
  }
  [[nodiscard]] int asked() const {
    const std::scoped_lock lock{mutex_};
    return asked_;
  }

private:
  mutable std::mutex mutex_;  // guards what follows
  std::map<std::string, answer> answers_;
  int asked_ = 0;
};

class test_member {
public:
  // `names`: null for the system's.
  explicit test_member(member_terms terms, resolver* names = nullptr);
  ~test_member();

  member* operator->() noexcept { return member_.get(); }
  caf::actor_system& system() { return *system_; }
  [[nodiscard]] std::uint16_t port() { return member_->link().port(); }
  [[nodiscard]] std::optional<peer_view> peer(const std::string& name) const;
  [[nodiscard]] bool sees(const std::string& name, peer_state state) const;
  // Of all peers.
  [[nodiscard]] std::uint64_t failures(link_failure why) const;
  [[nodiscard]] std::uint64_t links() const;
  [[nodiscard]] std::vector<peer_change> changes() const;
  // What was reported as wrong with that peer.
  [[nodiscard]] std::vector<std::string> complaints(const std::string& peer) const;
  // What peers have said about quotas.
  [[nodiscard]] std::vector<peer_message> said() const;
  void say(const std::string& peer, caf::message message);
  // What it answers to peers that ask for the store's changes. Put before anybody asks.
  decltype(peers_terms::tell_changes) tell_changes = peers_terms{}.tell_changes;

private:
  system_resolver own_names_;
  mutable std::mutex mutex_;  // guards what follows, to the pool
  std::vector<peer_change> changes_;
  std::vector<std::pair<std::string, std::string>> complaints_;  // peer, what
  std::vector<peer_message> said_;
  worker_pool pool_{2};
  caf::actor_system_config settings_;
  std::optional<caf::actor_system> system_;
  std::unique_ptr<member> member_;
};

// A port for members that have to know each other's before they start. It stays bound until the
// process ends, so that no other process is given it; one that sets SO_REUSEADDR can listen on it
// all the same.
std::uint16_t free_port();

// Nodes a, b, c on 127.0.0.1, of one authority.
class cluster_test : public ::testing::Test {
protected:
  cluster_test() {
    for (const auto* name : {"a", "b", "c"}) ports[name] = free_port();
  }

  // The terms of a node that has the others as its peers.
  member_terms terms(const std::string& name, const std::vector<std::string>& all = {"a", "b"}) {
    const auto files = people.issue(name);
    member_terms made;
    made.link.name = name;
    made.link.port = ports.at(name);
    made.link.files = {files.ca, files.certificate, files.key};
    made.link.pause = {20ms, 200ms};
    made.release = "1.2.3";
    for (const auto& each : all) {
      if (each != name) made.link.peers.push_back({each, "127.0.0.1", ports.at(each)});
    }
    return made;
  }
  std::unique_ptr<test_member> start(member_terms with) {
    return std::make_unique<test_member>(std::move(with));
  }
  std::unique_ptr<test_member> start(const std::string& name) { return start(terms(name)); }

  authority people;
  std::map<std::string, std::uint16_t> ports;
};

}  // namespace filemint::actors::testing
