#include "tests/unit/core/quota_node.hpp"

#include <iterator>
#include <type_traits>
#include <variant>

namespace filemint::testing {

std::uint32_t quota_node::admit(const instant& now, const std::string& company, std::uint64_t limit,
                                std::uint32_t calls) {
  if (!in_contact(now.mono)) return 0;
  std::uint32_t admitted = 0;
  for (std::uint32_t i = 0; i < calls; ++i) {
    const auto how = asker_.admit(now.mono, company, limit);
    if (std::holds_alternative<quota_admission>(how)) ++admitted;
    if (std::holds_alternative<quota_refusal>(how)) {
      refused_at_once_.push_back({.company = company, .refused = 1, .window = {}});
    }
  }
  deliver(now);
  return admitted;
}

std::uint64_t quota_node::ask_singly(const instant& now, const std::string& company,
                                     std::uint64_t limit, call_terms terms) {
  const auto call = asker_.ask_singly(now.mono, company, limit, std::move(terms));
  deliver(now);
  return call;
}

void quota_node::receive(const instant& now, const peer_message& message) {
  hub_.receive(now, message);
  deliver(now);
}

void quota_node::tick(const instant& now) {
  hub_.tick(now);
  asker_.follow(hub_.routes(now.mono));
  asker_.tick(now.mono);
  deliver(now);
}

std::vector<quota_asker::outcome> quota_node::take_outcomes() {
  auto all = std::exchange(refused_at_once_, {});
  auto later = asker_.take_outcomes();
  all.insert(all.end(), std::move_iterator{later.begin()}, std::move_iterator{later.end()});
  return all;
}

void quota_node::deliver(const instant& now) {
  asker_.follow(hub_.routes(now.mono));
  for (bool more = true; more;) {
    auto letters = asker_.take_letters();
    more = !letters.empty();
    for (auto& letter : letters) hub_.post(now, std::move(letter));
    const auto mail = hub_.take_mail();
    for (const auto& each : mail) asker_.take(now.mono, each);
    more = more || !mail.empty();
  }
}

}  // namespace filemint::testing
