// A cluster in a simulated world: the very classes that nodes run, on clocks that have nothing in
// common but their pace, over links that are slow, lose letters, and are cut one way. It keeps a
// log of every real admission and holds it to the limits.
#pragma once

#include "tests/unit/core/quota_node.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <queue>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace filemint::testing {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

struct world_setup {
  std::size_t nodes = 3;
  std::vector<std::uint64_t> limits = {600};  // a company each
  std::uint64_t seed = 1;
  nanoseconds fastest{200us}, slowest{2ms};  // a letter's way
  std::uint32_t lost_per_mille = 0;
};

class cluster_world {
public:
  explicit cluster_world(world_setup setup);

  // ---- what is to happen, in the order of time
  void at(nanoseconds when, std::function<void()> what, std::string told = {});
  // Calls that come to one node at once.
  void call(std::size_t node, std::size_t company, std::uint32_t calls);
  void call_singly(std::size_t node, std::size_t company, const call_terms& terms);
  void spend(std::size_t node, std::size_t company, std::uint64_t tokens);
  void cut(std::size_t from, std::size_t to, bool yes = true) { links_[from][to].cut = yes; }
  void cut_store(std::size_t node, bool yes = true) { procs_[node].store_cut = yes; }
  void kill(std::size_t node);
  void start(std::size_t node);
  void drain(std::size_t node);
  void slow_down(nanoseconds fastest, nanoseconds slowest);
  void lose(std::uint32_t per_mille) { setup_.lost_per_mille = per_mille; }

  void run_until(nanoseconds end);

  // ---- what has happened
  struct admission {
    nanoseconds at;
    std::uint32_t node = 0;
    std::uint64_t calls = 0;
  };
  struct fullest_span {
    std::uint64_t calls = 0;
    nanoseconds end{};
  };
  [[nodiscard]] const std::vector<admission>& admissions(std::size_t company) const {
    return admissions_[company];
  }
  [[nodiscard]] fullest_span fullest(std::size_t company) const;
  [[nodiscard]] std::uint64_t admitted(std::size_t company, nanoseconds from, nanoseconds to) const;
  // What killed processes had given and nobody else has heard of; and how much more that was than
  // what they gave in a heartbeat's time.
  struct losses {
    std::uint64_t calls = 0;
    std::uint64_t beyond_a_tick = 0;
  };
  [[nodiscard]] const losses& lost_with_kills(std::size_t company) const {
    return lost_with_kills_[company];
  }
  [[nodiscard]] std::string history(std::size_t company) const;
  [[nodiscard]] bool runs(std::size_t node) const { return procs_[node].node != nullptr; }
  [[nodiscard]] quota_node& node(std::size_t node) { return *procs_[node].node; }
  [[nodiscard]] std::string company(std::size_t number) const { return companies_[number]; }
  [[nodiscard]] std::size_t owner_of(std::size_t company) const;

  struct figures {
    std::uint64_t refused = 0;
    std::uint64_t throttled = 0;
    std::uint64_t timed_out = 0;
    std::uint64_t letters = 0;
    std::uint64_t heartbeats = 0;
    std::uint64_t entries = 0;  // in heartbeats
    std::uint64_t bytes = 0;    // of letters, about: names with a length, figures of eight bytes
    nanoseconds longest_wait{};
  };
  figures seen;

private:
  struct event {
    nanoseconds when;
    std::uint64_t order = 0;
    std::function<void()> what;
    bool operator<(const event& other) const {
      return std::pair{when, order} > std::pair{other.when, other.order};
    }
  };
  struct link {
    bool cut = false;
    nanoseconds last{};
  };
  struct waiting_call {
    nanoseconds since;
    std::uint32_t calls = 0;
  };
  struct process {
    std::unique_ptr<quota_node> node;
    std::uint64_t incarnation = 0;
    nanoseconds epoch{};  // of its monotonic clock
    std::chrono::milliseconds skew{};
    bool store_cut = false;
    bool draining = false;
    std::vector<std::deque<waiting_call>> waiting;  // by company
    // At its ticks, the oldest one a heartbeat and a letter's way ago: what it had given of each.
    std::deque<std::pair<nanoseconds, std::vector<std::uint64_t>>> given;
  };

  [[nodiscard]] instant clock_of(const process& p) const;
  [[nodiscard]] std::uint64_t random(std::uint64_t below) { return random_() % below; }
  void tick(std::size_t node, std::uint64_t incarnation);
  void after(std::size_t node);  // its letters leave, its outcomes count
  void send(std::size_t from, peer_letter letter);
  void admit(std::size_t node, std::size_t company, std::uint64_t calls);
  void note_given(std::size_t node);
  void give_up_late(std::size_t node);

  world_setup setup_;
  std::mt19937_64 random_;
  std::vector<std::string> names_;
  std::vector<std::string> companies_;
  std::map<std::string, std::size_t> number_of_company_;
  std::map<std::string, std::size_t> number_of_node_;
  std::vector<process> procs_;
  std::vector<std::vector<link>> links_;
  std::priority_queue<event> events_;
  std::uint64_t order_ = 0;
  nanoseconds now_{};
  std::vector<std::vector<admission>> admissions_;
  std::vector<losses> lost_with_kills_;
  std::vector<std::string> story_;
};

}  // namespace filemint::testing
