// All that one node does for quotas across nodes beside its askers, as one machine without threads
// or clocks: letters go in and come out.
#pragma once

#include "core/cluster/cluster_view.hpp"
#include "core/cluster/given_logs.hpp"
#include "core/cluster/peer_messages.hpp"
#include "core/cluster/quota_desk.hpp"
#include "core/cluster/quota_routes.hpp"
#include "core/day_book.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace filemint {

// Letters between two nodes arrive in their order or not at all; those to and from this node's
// askers always do. Times passed in never go back, and are of this node's clocks. Thread safety:
// none, one owner; the days may be used by others.
class quota_hub {
public:
  // Wanted at least that often; a heartbeat, a drop or a takeover is late by no more.
  static constexpr std::chrono::milliseconds tick_interval{25};
  // Supporters are not told more often for somebody who waits.
  static constexpr std::chrono::milliseconds prompt_interval{5};

  quota_hub(node_id self, mono_time started, day_book& days, cluster_timing timing = {});
  quota_hub(const quota_hub&) = delete;  // its parts know each other
  quota_hub& operator=(const quota_hub&) = delete;

  void set_members(mono_time now, const std::vector<std::string>& names);
  void store_was_read(mono_time when) noexcept { store_read_ = when; }
  [[nodiscard]] bool in_contact(mono_time now) const { return view_.in_contact(now, store_read_); }

  // One of this node's askers sends it.
  void post(const instant& now, peer_letter letter);
  // From another node.
  void receive(const instant& now, const peer_message& message);
  void tick(const instant& now);

  // Hands over what it owns. Once `left`, nothing is lost with it: it may say goodbye and end.
  void leave() noexcept { view_.leave(); }
  [[nodiscard]] bool left(mono_time now) const;
  void say_goodbye();

  // To other nodes.
  [[nodiscard]] std::vector<peer_letter> take_letters() { return std::exchange(letters_, {}); }
  // To this node's askers: answers, recalls and returns that were taken.
  [[nodiscard]] std::vector<peer_message> take_mail() { return std::exchange(mail_, {}); }
  // What askers go by; the same object as long as it stays so. Never null. Which peers live may be
  // a tick old.
  [[nodiscard]] const std::shared_ptr<const quota_routes>& routes(mono_time now);

  [[nodiscard]] const cluster_view& view() const noexcept { return view_; }
  [[nodiscard]] const given_logs& logs() const noexcept { return logs_; }
  [[nodiscard]] const quota_desk& desk() const noexcept { return desk_; }

private:
  // Whoever was away for so long may have missed days in entries that are soon kept no more.
  static constexpr auto missed_days = given_logs::kept / 2;

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
  void take(const instant&, const peer_answer& in) { mail_.emplace_back(in); }
  void take(const instant&, const peer_recall& in) { mail_.emplace_back(in); }
  void take(const instant&, const peer_return_taken& in) { mail_.emplace_back(in); }
  void take(const instant& now, const peer_return& in) { desk_.give_back(now, in); }
  void take(const instant& now, const peer_spent& in) { desk_.spend(now.mono, in); }
  void learn(mono_time now, neighbour& from, const peer_heartbeat& in);
  void sync(mono_time now);
  [[nodiscard]] std::vector<log_position> positions(mono_time now) const;
  void beat(mono_time now, const std::string& to, bool prompt);
  void beat_all(mono_time now, bool prompt);
  void write_off_lost(mono_time now);
  void note_live(mono_time now, neighbour& which);
  void pump(const instant& now);

  node_id self_;
  cluster_timing timing_;
  cluster_view view_;
  given_logs logs_;
  quota_desk desk_;
  std::map<std::string, neighbour> neighbours_;
  mono_time store_read_;
  mono_time prompted_;
  mono_time forget_at_;
  mono_time told_days_;  // all of them
  bool prompt_wanted_ = false;
  std::vector<peer_letter> letters_;
  std::vector<peer_message> mail_;
  std::shared_ptr<const quota_routes> routes_ = std::make_shared<const quota_routes>();
  mono_time routes_until_;
};

}  // namespace filemint
