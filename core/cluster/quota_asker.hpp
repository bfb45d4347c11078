// The limiter's side across nodes: admits calls out of leases, and asks whoever owns their company.
#pragma once

#include "core/cluster/peer_messages.hpp"
#include "core/cluster/quota_routes.hpp"
#include "core/quota_lease.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

namespace filemint {

// Counts the calls that wait; which they are is its caller's business. Times passed in never go
// back. Thread safety: none, one owner.
class quota_asker {
public:
  // Of calls that waited, the oldest ones.
  struct outcome {
    std::string company;
    std::uint32_t admitted = 0;
    std::uint32_t refused = 0;
    std::uint32_t throttled = 0;
    window_figures window;
    quota_category category = quota_category::calls;
    std::chrono::nanoseconds next_pass{};  // of one that is throttled
    std::uint64_t call = 0;                // the one that was asked for singly
  };
  // Of one call, at once. Neither: it waits for an outcome.
  using immediate = std::variant<std::monostate, quota_admission, quota_refusal>;

  // An answer may have been lost after so long: asked again, of whoever is the owner then.
  static constexpr std::chrono::milliseconds patience{1'000};
  static constexpr std::chrono::milliseconds resend{250};
  // What an answer may take follows what answers took: a little more than twice as long.
  static constexpr std::chrono::milliseconds least_grace{50}, most_grace{1'000};

  // `core`: which of the node's.
  explicit quota_asker(std::uint16_t core) : core_(core) {}

  // What it goes by from now on; never null. Nobody is asked before the first one.
  void follow(std::shared_ptr<const quota_routes> routes) { routes_ = std::move(routes); }

  [[nodiscard]] immediate admit(mono_time now, const std::string& company, std::uint64_t limit);
  // One call that has more to pass than its company's calls. Returns its number in the outcome.
  std::uint64_t ask_singly(mono_time now, const std::string& company, std::uint64_t limit,
                           call_terms terms);
  // One that no window counts: its key's throttle alone.
  std::uint64_t ask_throttle(mono_time now, const std::string& company, call_terms terms);
  // Tokens that an admitted call turned out to want.
  void spend(const std::string& company, std::uint64_t paths);
  void give_up(std::uint64_t call) { singles_.erase(call); }
  // The latest of those that wait do so no more.
  void give_up(const std::string& company, std::uint32_t calls);
  // Nobody waits any more. Leases are kept.
  void give_up_all();
  [[nodiscard]] std::uint32_t waiting(const std::string& company) const;

  // An answer, a recall, or a return that was taken; nothing else is for an asker.
  void take(mono_time now, const peer_message& mail);
  // The node's last call is over.
  void give_back_all(mono_time now);
  // Gives back leases that are over; sends again what may have been lost.
  void tick(mono_time now);

  [[nodiscard]] std::vector<peer_letter> take_letters() { return std::exchange(letters_, {}); }
  [[nodiscard]] std::vector<outcome> take_outcomes() { return std::exchange(outcomes_, {}); }
  [[nodiscard]] std::size_t companies() const noexcept { return windows_.size(); }
  // There is nothing to tick for.
  [[nodiscard]] bool idle() const noexcept {
    return windows_.empty() && singles_.empty() && returns_.empty();
  }

private:
  struct asked {
    std::uint64_t number = 0;  // 0: nothing
    mono_time at;
    std::string of;
    std::chrono::nanoseconds grace{};
  };
  struct window {
    quota_lease lease;
    node_id lender;
    std::uint32_t waiting = 0;
    asked ask;
    asked ahead;
    std::uint64_t limit = 0;
    mono_time refused_until;
    std::uint64_t refused_limit = 0;
    std::uint64_t refused_under = 0;  // the view's version
  };
  struct single {
    asked ask;
    std::string company;
    std::uint64_t limit = 0;
    bool counted = true;
    call_terms terms;
  };
  struct unsettled {
    std::string company;
    node_id lender;
    quota_settlement back;
    mono_time since;
    mono_time sent;
  };

  void take(mono_time now, const peer_answer& answer);
  void take(mono_time now, const peer_recall& recall);
  void take(mono_time now, const peer_return_taken& taken);

  [[nodiscard]] std::chrono::nanoseconds grace_for(const std::string& owner);
  // False: it has come too late.
  bool in_time(mono_time now, const peer_answer& answer, const asked& of);
  void ask(mono_time now, const std::string& company, window& w);
  std::uint64_t ask_for(mono_time now, single one);
  void ask(mono_time now, single& one);
  void take_single(mono_time now, std::uint64_t call, const peer_answer& answer);
  void ask_ahead(mono_time now, const std::string& company, window& w);
  void accept(mono_time now, const peer_answer& answer, const calls_leased& leased, const asked& of,
              window& w);
  void settle(mono_time now, const std::string& company, const node_id& lender,
              std::optional<quota_settlement> back);
  void send(mono_time now, unsettled& back);
  void serve(mono_time now, const std::string& company, window& w);

  [[nodiscard]] std::optional<std::string_view> owner_of(const std::string& company) const {
    return routes_->owner_of(stable_hash(company));
  }

  std::shared_ptr<const quota_routes> routes_ = std::make_shared<const quota_routes>();
  std::uint16_t core_;
  std::unordered_map<std::string, window> windows_;
  std::map<std::uint64_t, single> singles_;                           // by call
  std::deque<unsettled> returns_;                                     // not taken yet
  std::unordered_map<std::string, std::chrono::nanoseconds> graces_;  // by owner
  std::uint64_t last_number_ = 0;
  std::vector<peer_letter> letters_;
  std::vector<outcome> outcomes_;
};

}  // namespace filemint
