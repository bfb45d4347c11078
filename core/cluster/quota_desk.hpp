// The owner's side across nodes: the windows of the companies that this node owns, out of which
// asks of all nodes are answered.
//
// An owner that k of n nodes support gives at most limit × k/n, and counts all that it knows to
// have been given, whoever gave it. Of what it has given itself, so much may be unknown to its
// supporters that the shares of those who stay cover it when the others are lost: j of them can go
// with no more than limit × (k - j)/n unknown. A cut then never lets more through than the limit,
// but for what was leased out.
#pragma once

#include "core/cluster/cluster_view.hpp"
#include "core/cluster/given_logs.hpp"
#include "core/cluster/peer_messages.hpp"
#include "core/company_quota.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace filemint {

// Holds a window for each company that it owns and that is in use. Times passed in never go back.
// Thread safety: none, one owner; the view and the logs are the same owner's.
class quota_desk {
public:
  // An ask is given up by its caller before.
  static constexpr std::chrono::seconds longest_wait{10};
  // A lease that another owner has given may be reported so much later than it was over.
  static constexpr auto late_report = quota_ledger::lease_life;
  // A recall may have been lost.
  static constexpr std::chrono::milliseconds recall_again{250};

  quota_desk(cluster_view& view, given_logs& logs, day_book& days)
      : view_(view), logs_(logs), days_(days) {}

  void ask(const instant& now, const peer_ask& ask);
  void give_back(const instant& now, const peer_return& back);
  void spend(mono_time now, const peer_spent& spent);

  // Another node's log has a new entry.
  void take(mono_time now, const node_id& giver, const given_logs::entry& entry);

  // The process is over, or was not heard for as long as a lease lasts.
  void write_off(mono_time now, const node_id& holder);

  // Asks again for those who wait. Wanted whenever something has changed, and now and then.
  void retry(const instant& now);

  // Writes what was given since the last time into this node's log.
  void flush(mono_time now);

  // Writes all days' counts there: a node was away for long, and has missed some.
  void tell_days(mono_time now);

  // Takes back what is leased out of windows that others are to own, and drops those windows. True:
  // there are none left.
  [[nodiscard]] bool hand_over(mono_time now);

  // Drops windows that are empty.
  void forget(mono_time now);

  // Somebody waits for supporters to learn what was given.
  [[nodiscard]] bool take_prompt() noexcept { return std::exchange(prompt_, false); }
  [[nodiscard]] std::vector<peer_letter> take_letters() { return std::exchange(letters_, {}); }

  // Of one company, leases in full: what this node's log does not tell yet, and all since it took
  // the window up.
  struct gifts {
    std::uint64_t unwritten = 0;
    std::uint64_t all = 0;
  };
  [[nodiscard]] gifts given(const std::string& company) const {
    const auto at = owned_.find(company);
    return at == owned_.end() ? gifts{} : gifts{at->second.risked, at->second.given_in_all};
  }
  [[nodiscard]] std::size_t companies() const noexcept { return owned_.size(); }
  [[nodiscard]] std::size_t waiting() const noexcept { return waiting_.size(); }

private:
  struct waiting_ask {
    peer_ask ask;
    mono_time since;
  };
  // Out of another owner's window, so far as its log told.
  struct foreign_lease {
    node_id giver;
    std::uint64_t amount = 0;
    mono_time until;
  };
  // Calls given since an entry of the log, which is not known to all.
  struct unknown_gift {
    std::uint64_t position = 0;
    std::uint64_t calls = 0;
  };
  struct owned {
    std::uint64_t hash = 0;
    company_quota quota;
    std::deque<waiting_ask> waiting;
    std::vector<foreign_lease> foreign;
    std::deque<unknown_gift> unknown;
    std::uint64_t given = 0;   // since the last entry: calls for certain,
    std::uint64_t risked = 0;  // and all that may have been admitted, leases too
    std::uint64_t given_in_all = 0;
    std::uint64_t tokens = 0;         // spent since the last entry
    mono_time admitted_by;            // all calls so far, however long their answers travel
    std::uint64_t leased_told = 0;    // as the last entry says
    std::set<std::string> days = {};  // keys whose days have changed
    std::optional<mono_time> leaving;
    mono_time recalled;  // when all were last
    bool dirty = false;
  };

  owned& owned_of(mono_time now, const std::string& company);
  void import_all();
  void apply(mono_time now, owned& to, const node_id& giver, const given_logs::entry& entry);
  [[nodiscard]] std::uint64_t foreign_leased(mono_time now, owned& of);
  [[nodiscard]] std::uint64_t allowed(owned& of, const quota_support& support, std::uint64_t limit);
  // False: it has to wait.
  bool answer(const instant& now, const std::string& company, owned& of, const waiting_ask& next);
  void answer_throttle(const instant& now, const std::string& company, owned& of,
                       const waiting_ask& next, const quota_support& support);
  void answer_waiting(const instant& now, const std::string& company, owned& of);
  void reply(mono_time now, const waiting_ask& to, const decltype(peer_answer::what)& what);
  void send_recalls(const std::string& company, const std::vector<quota_recall>& recalls);
  void gave(const std::string& company, owned& of, std::uint64_t calls, std::uint64_t risked);
  void write(mono_time now, const std::string& company, owned& of);
  quota_holder holder_of(const node_id& node, std::uint16_t core);

  cluster_view& view_;
  given_logs& logs_;
  day_book& days_;
  std::unordered_map<std::string, owned> owned_;
  std::set<std::string> waiting_;   // companies with asks that wait
  std::vector<std::string> dirty_;  // with something to write
  std::map<std::pair<node_id, std::uint16_t>, quota_holder> holders_;
  std::vector<std::pair<node_id, std::uint16_t>> holder_names_;
  // What the logs hold of companies that this node is to own and has no window of yet.
  std::unordered_map<std::string, std::vector<std::pair<node_id, given_logs::entry>>> imports_;
  std::uint64_t imported_ = 0;  // for those candidates
  bool prompt_ = false;
  std::vector<peer_letter> letters_;
};

}  // namespace filemint
