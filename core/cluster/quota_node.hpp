// All that one node does for quotas across nodes, as one machine without threads or clocks:
// messages and calls go in, letters and outcomes come out.
#pragma once

#include "core/cluster/cluster_view.hpp"
#include "core/cluster/given_logs.hpp"
#include "core/cluster/peer_messages.hpp"
#include "core/cluster/quota_asker.hpp"
#include "core/cluster/quota_desk.hpp"
#include "core/day_book.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace filemint {

// Letters between two nodes arrive in their order or not at all. Times passed in never go back, and
// are of this node's clocks. Thread safety: none, one owner.
class quota_node {
public:
  // Wanted at least that often; a heartbeat, a drop or a takeover is late by no more.
  static constexpr std::chrono::milliseconds tick_interval{25};
  // Supporters are not told more often for somebody who waits.
  static constexpr std::chrono::milliseconds prompt_interval{5};

  quota_node(node_id self, mono_time started, cluster_timing timing = {});
  quota_node(const quota_node&) = delete;  // its parts know each other
  quota_node& operator=(const quota_node&) = delete;

  void set_members(mono_time now, const std::vector<std::string>& names);
  void store_was_read(mono_time when) noexcept { store_read_ = when; }

  // How many pass at once. The others wait for an outcome, or, without contact to anybody, none
  // waits: see in_contact.
  std::uint32_t admit(const instant& now, const std::string& company, std::uint64_t limit,
                      std::uint32_t calls);
  // See quota_asker.
  std::uint64_t ask_singly(const instant& now, const std::string& company, std::uint64_t limit,
                           call_terms terms);
  [[nodiscard]] bool in_contact(mono_time now) const { return view_.in_contact(now, store_read_); }
  void give_up(const std::string& company, std::uint32_t calls) { asker_.give_up(company, calls); }

  void receive(const instant& now, const peer_message& message);
  void tick(const instant& now);

  // Hands over what it owns. Once `left`, nothing is lost with it: it may say goodbye and end.
  void leave() noexcept { view_.leave(); }
  [[nodiscard]] bool left(mono_time now) const;
  void say_goodbye();

  [[nodiscard]] std::vector<peer_letter> take_letters() { return std::exchange(letters_, {}); }
  [[nodiscard]] std::vector<quota_asker::outcome> take_outcomes() { return asker_.take_outcomes(); }

  [[nodiscard]] const cluster_view& view() const noexcept { return view_; }
  [[nodiscard]] const given_logs& logs() const noexcept { return logs_; }
  [[nodiscard]] const quota_desk& desk() const noexcept { return desk_; }
  [[nodiscard]] day_book& days() noexcept { return days_; }

private:
  struct lag {
    std::uint64_t position = 0;  // was known here
    mono_time since;
  };
  struct neighbour {
    node_id id;
    mono_time beat_at;                                         // the next heartbeat
    std::uint64_t sent_up_to = 0;                              // of this node's log
    std::deque<std::pair<std::uint64_t, std::uint64_t>> sent;  // heartbeat, up to where it went
    std::map<node_id, std::uint64_t> knows;
    std::map<node_id, lag> behind;       // in somebody else's log
    std::vector<log_position> required;  // before it counts as a supporter
    mono_time required_since;
    bool synced = true;
    mono_time heard_last_live;
    bool written_off = true;
  };

  void take(const instant& now, const peer_heartbeat& in);
  void take(const instant&, const peer_goodbye& in) { view_.receive(in); }
  void take(const instant& now, const peer_ask& in);
  void take(const instant& now, const peer_answer& in) { asker_.take(now.mono, in); }
  void take(const instant& now, const peer_recall& in) { asker_.take(now.mono, in); }
  void take(const instant& now, const peer_return& in) { desk_.give_back(now, in); }
  void take(const instant&, const peer_return_taken& in) { asker_.take(in); }
  void take(const instant& now, const peer_spent& in) { desk_.spend(now.mono, in); }
  void learn(mono_time now, neighbour& from, const peer_heartbeat& in);
  void sync(mono_time now);
  void beat(mono_time now, const std::string& to, bool prompt);
  void beat_all(mono_time now, bool prompt);
  void write_off_lost(mono_time now);
  void pump(const instant& now);

  node_id self_;
  cluster_timing timing_;
  day_book days_;
  cluster_view view_;
  given_logs logs_;
  quota_desk desk_;
  quota_asker asker_;
  std::map<std::string, neighbour> neighbours_;
  mono_time store_read_;
  mono_time prompted_;
  mono_time forget_at_;
  bool prompt_wanted_ = false;
  std::vector<peer_letter> letters_;
};

}  // namespace filemint
