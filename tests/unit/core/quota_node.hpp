// A node of the simulation: its hub, and one asker for all its calls.
#pragma once

#include "core/cluster/quota_asker.hpp"
#include "core/cluster/quota_hub.hpp"
#include "core/day_book.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace filemint::testing {

class quota_node {
public:
  quota_node(node_id self, mono_time started) : hub_(std::move(self), started, days_) {}

  // How many pass at once. The others wait for an outcome, or, without contact to anybody, none
  // waits: see in_contact.
  std::uint32_t admit(const instant& now, const std::string& company, std::uint64_t limit,
                      std::uint32_t calls);
  std::uint64_t ask_singly(const instant& now, const std::string& company, std::uint64_t limit,
                           call_terms terms);
  void spend(const std::string& company, std::uint64_t tokens) { asker_.spend(company, tokens); }
  void give_up(const std::string& company, std::uint32_t calls) { asker_.give_up(company, calls); }
  [[nodiscard]] bool in_contact(mono_time now) const { return hub_.in_contact(now); }

  void set_members(mono_time now, const std::vector<std::string>& names) {
    hub_.set_members(now, names);
  }
  void store_was_read(mono_time when) noexcept { hub_.store_was_read(when); }
  void receive(const instant& now, const peer_message& message);
  void tick(const instant& now);

  void leave() noexcept { hub_.leave(); }
  [[nodiscard]] bool left(mono_time now) const { return hub_.left(now); }
  void say_goodbye() { hub_.say_goodbye(); }

  [[nodiscard]] std::vector<peer_letter> take_letters() { return hub_.take_letters(); }
  [[nodiscard]] std::vector<quota_asker::outcome> take_outcomes();

  [[nodiscard]] const cluster_view& view() const noexcept { return hub_.view(); }
  [[nodiscard]] const given_logs& logs() const noexcept { return hub_.logs(); }
  [[nodiscard]] const quota_desk& desk() const noexcept { return hub_.desk(); }
  [[nodiscard]] day_book& days() noexcept { return days_; }

private:
  void deliver(const instant& now);

  day_book days_;
  quota_hub hub_;
  quota_asker asker_{0};
  std::vector<quota_asker::outcome> refused_at_once_;
};

}  // namespace filemint::testing
