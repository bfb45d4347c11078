// Which nodes there are and live, who owns what, and how much of a limit an owner may give.
//
// Each node supports one owner for each company at a time: the one that its own candidates lead to.
// An owner that k of n nodes support gives at most limit × k/n. It counts on a node for `drop`
// after it sent the last heartbeat that the node has confirmed. A node that changes its candidates
// supports the new owners once nobody can count on it for the old ones: each has confirmed the
// change, or has not been heard for `take_over`, or that long has passed. So no node is counted
// twice at any moment, whatever is lost, late or cut one way, and all that may be given together
// is the limit.
//
// A node that has just started knows nothing of what was given while an earlier process of its name
// was counted on. It owns nothing and nobody counts on it until it is seasoned: it has learned what
// each other node knows, or a window's length has passed.
#pragma once

#include "core/cluster/candidate_set.hpp"
#include "core/cluster/disagreements.hpp"
#include "core/cluster/peer_heartbeat.hpp"
#include "core/cluster/quota_routes.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace filemint {

struct cluster_timing {
  std::chrono::milliseconds heartbeat{250};
  std::chrono::milliseconds drop{1'000};       // a peer that has confirmed nothing for so long
  std::chrono::milliseconds take_over{1'250};  // `drop` and a heartbeat
  std::chrono::milliseconds settle{3'000};     // supporters that don't come then stay away
  std::chrono::milliseconds isolation{7'500};  // neither the store nor a peer: admit nothing
};

// What an owner may do for one company.
struct quota_support {
  std::uint32_t nodes = 1;           // n
  std::uint32_t supporters = 0;      // k, with the owner itself if it may count on itself
  bool settled = false;              // no more of them are to be expected
  std::vector<std::uint64_t> known;  // up to where each supporter but the owner knows its log
  // Of so much, rounded down.
  [[nodiscard]] std::uint64_t share_of(std::uint64_t limit, std::uint32_t k) const noexcept {
    __extension__ using wide = unsigned __int128;
    return static_cast<std::uint64_t>(static_cast<wide>(limit) * k / nodes);
  }
};

// Times passed in never go back, and are of this node's monotonic clock. Functions cost O(nodes).
// Thread safety: none, one owner; const functions from any thread while nothing changes.
class cluster_view {
public:
  cluster_view(node_id self, mono_time started, cluster_timing timing = {});

  // All nodes, as the store lists them, with this one or without. Whoever is heard counts too.
  void set_members(mono_time now, const std::vector<std::string>& names);

  // This node is no candidate any more.
  void leave() noexcept { leaving_ = true; }

  // Fills in what a heartbeat to that node says of the view.
  void send(mono_time now, const std::string& to, peer_heartbeat& out);
  struct received {
    bool taken = false;  // else it is late, or of a node that is over: nothing of it counts
    bool fresh = false;  // its sender counts once all that it knows is known
  };
  received receive(mono_time now, const peer_heartbeat& in);
  void receive(const peer_goodbye& in);
  // All that the node, if it is a peer still, knew when it changed its candidates is known here.
  void synced(const std::string& name);
  // Looks for nodes that are gone. `drained`: nothing is leased out of what others are to own.
  void update(mono_time now, bool drained);

  // Whom this node supports for the company: itself, or who is to be asked. Nothing: nobody now.
  [[nodiscard]] std::optional<std::string_view> owner_of(std::uint64_t company_hash) const;
  [[nodiscard]] quota_routes routes(mono_time now) const;
  // It will be this node's, once it is effective.
  [[nodiscard]] bool to_own(std::uint64_t company_hash) const {
    return candidates_.owner_of(company_hash) == self_.name;
  }
  [[nodiscard]] const quota_support& support_of(mono_time now, std::uint64_t company_hash);

  // Some peer was heard, or the store was read, not too long ago; or there are no peers.
  [[nodiscard]] bool in_contact(mono_time now, mono_time store_read) const;

  [[nodiscard]] bool live(mono_time now, const std::string& name) const;
  [[nodiscard]] bool seasoned() const noexcept { return seasoned_; }
  [[nodiscard]] bool effective() const noexcept { return effective_ == version_; }
  [[nodiscard]] std::uint64_t version() const noexcept { return version_; }
  [[nodiscard]] const candidate_set& candidates() const noexcept { return candidates_; }
  [[nodiscard]] const node_id& self() const noexcept { return self_; }
  // All others, whether they live or not.
  [[nodiscard]] std::vector<std::string> peers() const;
  [[nodiscard]] std::uint32_t nodes() const;
  // Each live peer knows this node's log up to there.
  [[nodiscard]] bool all_know(mono_time now, std::uint64_t position) const;

private:
  struct peer {
    node_id id;  // incarnation 0: never heard
    bool listed = false;
    bool gone = false;  // said goodbye
    bool met = false;
    bool synced = false;
    bool seasoned = false;
    bool leaving = false;
    mono_time heard;
    mono_time changed;  // what it says of itself
    std::uint64_t heard_number = 0;
    std::uint64_t sent_number = 0;
    std::deque<std::pair<std::uint64_t, mono_time>> sent;  // not confirmed yet
    std::uint64_t confirmed_number = 0;
    mono_time confirmed_sent;           // when the latest that it has confirmed was sent
    std::uint64_t departed_number = 0;  // the last that it was sent under the candidates before
    std::uint64_t version = 0;
    candidate_set candidates;
    std::vector<std::string> hears, dropped;
    std::uint64_t effective = 0;
    candidate_set supports;  // the candidates that were effective last
    std::uint64_t knows = 0;
  };

  [[nodiscard]] bool live(mono_time now, const peer& p) const {
    return p.id.incarnation != 0 && !p.gone && p.confirmed_number != 0 &&
           now < p.confirmed_sent + timing_.drop;
  }
  [[nodiscard]] bool is_over(mono_time now, const peer& p) const;
  [[nodiscard]] bool supports_self(const peer& p, std::uint64_t company_hash) const;
  [[nodiscard]] bool released(mono_time now, const std::string& name) const;
  [[nodiscard]] bool has_met_all(mono_time now) const;
  void restart(peer& p, const node_id& id);

  node_id self_;
  mono_time started_;
  cluster_timing timing_;
  std::map<std::string, peer> peers_;
  disagreements disagreements_;
  std::vector<std::string> dropped_;  // for the sake of agreement
  mono_time agree_at_;                // when to look again whom
  bool leaving_ = false;
  bool seasoned_ = false;

  std::uint64_t version_ = 1;
  candidate_set candidates_;
  std::uint64_t effective_ = 1;
  candidate_set supports_;  // the candidates that were effective last
  mono_time departed_;      // when those were given up
  mono_time settles_at_;
  std::set<std::string> counting_;  // may count on this node still
  quota_support support_;
};

}  // namespace filemint
