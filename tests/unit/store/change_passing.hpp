// Two nodes on one store, of which one can be cut off from it.
#pragma once

#include "core/signing_key.hpp"
#include "store/change_teller.hpp"
#include "tests/unit/store/cut_store.hpp"
#include "tests/unit/store/fixture.hpp"

#include <algorithm>
#include <atomic>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace filemint::store {

using namespace std::chrono_literals;

template <class Over>
bool happens(Over over) {
  for (const auto end = mono_clock::now() + 20s; !over();) {
    if (mono_clock::now() > end) return false;
    std::this_thread::sleep_for(1ms);
  }
  return true;
}

// The node a reads the store; b does, unless it is cut off.
class ChangePassing : public store_test {
protected:
  static constexpr std::size_t kept_rows = 100;
  struct node {
    std::shared_ptr<cut_switch> way = std::make_shared<cut_switch>();
    std::atomic<snapshot_ptr> latest;
    std::atomic<int> steps_back{0};  // snapshots that were older than the one before
    std::unique_ptr<follower> reads;
    [[nodiscard]] snapshot_ptr known() const { return latest.load(); }
  };

  ChangePassing() {
    good(cli_->add_company(company_named("co_x")));
    good(cli_->add_key(key_numbered(1, "co_x")));
    good(cli_->insert_signing_key(signing_key_named("k1", "magikarp", key_state::active)));
    start(a_);
    start(b_);
    teller_ = std::make_unique<change_teller>(*a_.reads);
  }
  ~ChangePassing() override {
    for (auto* each : {&a_, &b_}) each->way->let_go();
  }
  // A signing key that can't be unsealed is left out.
  void start(node& which, std::chrono::milliseconds interval = 20ms) {
    auto opened = std::make_unique<cut_store>(open(), which.way);
    auto unseal = [](const signing_key_row& row) -> result<signing_key_ptr> {
      if (row.kid == "sealed") return fail(errc::wrong_key);
      return signing_key::generate(row.algorithm.value(), row.source, row.kid);
    };
    which.reads =
        std::make_unique<follower>(std::move(opened), interval, unseal,
                                   follower_hooks{.publish =
                                                      [&which](snapshot_ptr s) {
                                                        if (s->change < which.known()->change)
                                                          ++which.steps_back;
                                                        which.latest = std::move(s);
                                                      },
                                                  .now = [] { return at(2'000); }},
                                   kept_rows);
    which.latest = good(which.reads->start());
  }
  bool sees(const node& which, std::uint64_t change) {
    return happens([&] { return which.known()->change == change; });
  }
  bool a_sees_all() { return sees(a_, good(cli_->change_number())); }
  void cut_b() {
    b_.way->cut(true);
    EXPECT_TRUE(happens([&] { return !b_.reads->reads_store(); }));
  }
  [[nodiscard]] change_question question() const { return {b_.reads->known()}; }
  // Told again while a is just at it, or late on a machine that is busy. At that time, or now.
  result<change_part> tell(const std::string& who, const change_question& asked,
                           std::optional<mono_time> when = {}) {
    std::optional<result<change_part>> told;
    happens([&] {
      told = teller_->tell(who, asked, when.value_or(mono_clock::now()));
      return *told || told->error().code != errc::service_unavailable;
    });
    return *std::move(told);
  }
  // All of b's parts of an answer, in one.
  told_changes ask(int* parts = nullptr) {
    auto asked = question();
    told_changes told{.since = asked.known, .as_of = mono_clock::now()};
    for (bool last = false; !last; ++asked.part) {
      auto part = good(tell("b", asked));
      told.whole = part.whole;
      last = part.last;
      auto& rows = told.rows;
      rows.at = part.rows.at;
      std::ranges::move(part.rows.companies, std::back_inserter(rows.companies));
      std::ranges::move(part.rows.keys, std::back_inserter(rows.keys));
      std::ranges::move(part.rows.revoked_keys, std::back_inserter(rows.revoked_keys));
      std::ranges::move(part.rows.revoked, std::back_inserter(rows.revoked));
      if (part.rows.signing_keys) rows.signing_keys = part.rows.signing_keys;
      if (parts != nullptr) ++*parts;
    }
    return told;
  }
  void expect_same_known() const;
  // One of each kind.
  void change_everything() const;

  std::unique_ptr<store> cli_ = open();
  node a_, b_;
  std::unique_ptr<change_teller> teller_;  // a's
};

}  // namespace filemint::store
