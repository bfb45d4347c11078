// Samples of each thing that nodes say about quotas: no two members of one are alike in all.
#pragma once

#include "core/cluster/peer_messages.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace filemint::testing {

inline std::vector<peer_message> quota_samples(const std::string& name) {
  using namespace std::chrono_literals;
  const node_id from{name, 0x0102030405060708};
  const node_id other{"node3", 0x1112131415161718};
  const auto day = [](int since_1970, std::uint64_t calls) {
    return day_count{std::chrono::sys_days{std::chrono::days{since_1970}}, calls};
  };
  peer_heartbeat beat;
  beat.from = from;
  beat.number = 2;
  beat.confirmed_of = 3;
  beat.confirmed = 4;
  beat.prompt = true;
  beat.version = 5;
  beat.effective = 6;
  beat.candidates = {"c1", "c2"};
  beat.hears = {"h"};
  beat.dropped = {"d"};
  beat.seasoned = true;
  beat.known = {{from, 7}, {other, 8}};
  beat.parts = {{.giver = other, .first = 9, .oldest = true, .entries = {}}};
  beat.parts[0].entries = {{.company = "co",
                            .calls = 10,
                            .leased = 11,
                            .tokens = 20,
                            .age = 12ns,
                            .days = {{"k", day(20'785, 13)}}},
                           {.company = "oc", .calls = 14, .leased = 0, .age = 15ns, .days = {}}};

  peer_heartbeat last_words;
  last_words.from = from;
  last_words.prompt = true;
  last_words.leaving = true;

  const auto answer = [&](decltype(peer_answer::what) what) {
    return peer_answer{
        .from = from, .core = 2, .company = "co", .number = 3, .waited = 4ns, .what = what};
  };
  const window_figures window{.limit = 5, .remaining = 6, .reset = 7ns};
  return {
      beat,
      last_words,
      peer_goodbye{from},
      peer_ask{.from = from,
               .core = 2,
               .company = "co",
               .number = 3,
               .limit = 4,
               .calls = 5,
               .ahead = true,
               .grace = 6ns},
      peer_ask{.from = from, .core = 2, .company = "co", .number = 3, .limit = 4, .calls = 5},
      peer_ask{.from = from,
               .core = 2,
               .company = "co",
               .number = 3,
               .limit = 4,
               .calls = 1,
               .counted = false,
               .grace = 6ns,
               .terms = call_terms{"k", {.per_day = 7, .rate = 8, .burst = 9}, 10}},
      answer(calls_admitted{.calls = 8, .window = window}),
      answer(calls_leased{.id = 5, .amount = 6, .limit = 7, .floor = 8, .life = 9ns}),
      answer(calls_refused{.limit = 5, .next_pass = 6ns, .category = quota_category::tokens}),
      answer(calls_throttled{.window = window, .next_pass = 8ns}),
      peer_recall{from, 2, "co", 3},
      peer_return{
          .from = from, .core = 2, .company = "co", .id = 3, .admissions = {{4ns, 5}, {6ns, 7}}},
      peer_return_taken{from, 2, "co", 3},
      peer_spent{from, "co", 2},
  };
}

}  // namespace filemint::testing
