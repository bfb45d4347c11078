#include "actors/credential_keeper.hpp"

#include "tests/unit/actors/fixture.hpp"

#include <gmock/gmock.h>

#include <deque>
#include <functional>
#include <optional>
#include <string>

namespace filemint::actors::credential_keeper_test {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

// Keeps each question until the test answers it.
class fake_fetcher final : public fetcher {
public:
  struct question {
    backends::remote_request request;
    fetch_terms terms;
    std::move_only_function<void(fetch_outcome)> done;
  };
  void fetch(backends::remote_request request, fetch_terms terms,
             std::move_only_function<void(fetch_outcome)> done) override {
    asked.push_back({std::move(request), terms, std::move(done)});
  }
  void run(std::move_only_function<void()> work) override { work(); }

  std::deque<question> asked;
};

class named_backend final : public backends::backend {
public:
  explicit named_backend(std::string company) : company_(std::move(company)) {}
  [[nodiscard]] std::string_view source() const noexcept override { return "objects"; }
  [[nodiscard]] result<std::unique_ptr<backends::batch>> begin(
      const snapshot&, const backends::mint_terms&) const override {
    return filemint::fail(errc::conflict, company_);
  }

private:
  std::string company_;
};

// Asks twice; an answer's body is the life of what came, in seconds, or an error.
class scripted_renewal final : public backends::renewal {
public:
  explicit scripted_renewal(const bool& readable) : readable_(readable) {}
  result<backends::remote_request> begin(wall_time) override {
    if (!readable_) return filemint::fail(errc::service_unavailable, "the file is not there");
    return backends::remote_request{.to = {false, "::1", 80}, .target = "/first"};
  }
  result<backends::renewal_step> take(backends::remote_answer& answer, wall_time now) override {
    if (answer.body == "throw") throw std::runtime_error{"odd"};
    if (answer.status != 200) return filemint::fail(errc::service_unavailable, "who refused");
    if (std::exchange(second_, true)) {
      const std::chrono::seconds life{std::stoll(answer.body)};
      return backends::renewed{.by = std::make_shared<named_backend>(answer.body),
                               .ends = now + life,
                               .tokens_end = now + life};
    }
    return backends::remote_request{.to = {true, "second.example", 443}, .target = "/second"};
  }

private:
  const bool& readable_;
  bool second_ = false;
};

class CredentialKeeper : public testing::actor_test {
protected:
  void start() {
    core().kept = {&kept_};
    keeper_ = spawn<credential_keeper>(core(), std::size_t{0});
    settle();
  }
  // What it has to do now.
  void settle() {
    do {
      run();
      pool.run_all();
      scheduler().advance_time(0ns);
    } while (scheduler().has_job() || !pool.waiting.empty());
  }
  void pass(std::chrono::seconds by) {
    for (auto left = by; left > 0s; left -= 1s) {
      advance(1s);
      pool.run_all();
      run();
    }
  }
  void answer(fetch_outcome with) {
    ASSERT_FALSE(http_.asked.empty());
    auto first = std::move(http_.asked.front());
    http_.asked.pop_front();
    first.done(std::move(with));
    run();
  }
  static backends::remote_answer ok(std::string body = {}) {
    return {.status = 200, .body = std::move(body)};
  }
  void answer_both(const std::string& life) {
    answer(ok());
    answer(ok(life));
  }
  [[nodiscard]] std::uint64_t count(renewal_outcome how) const {
    return kept_.outcomes[static_cast<std::size_t>(how)];
  }
  // Whose it is that signs.
  [[nodiscard]] std::string signer() const {
    const auto tried = signer_.begin(
        {}, {.company = {}, .key_id = {}, .issued_at = clock.wall, .expires_at = clock.wall + 1s});
    return tried.error().message;
  }
  void end_keeper() {
    end(caf::actor_cast<caf::actor>(keeper_));
    run();
  }

  fake_fetcher http_;
  bool readable_ = true;
  std::vector<std::string> said_;
  std::size_t wrong_ = 0;
  backends::renewable signer_{std::make_shared<named_backend>(""), wall_time::min()};
  kept_credentials kept_{{.make = [this] { return std::make_unique<scripted_renewal>(readable_); },
                          .signer = signer_,
                          .ask = http_,
                          .report =
                              [this](bool wrong, std::string_view what) {
                                said_.emplace_back(what);
                                if (wrong) ++wrong_;
                              }}};
  credential_keeper_actor keeper_;
};

TEST_F(CredentialKeeper, AsksAtOnceStepByStepAndPutsWhatCame) {
  start();
  ASSERT_EQ(http_.asked.size(), 1u);
  EXPECT_EQ(http_.asked[0].request.target, "/first");
  EXPECT_EQ(http_.asked[0].terms.within, credential_keeper::patience);
  EXPECT_FALSE(kept_.tried);
  EXPECT_FALSE(kept_.are_good(clock.wall));
  answer(ok());
  ASSERT_EQ(http_.asked.size(), 1u);
  EXPECT_EQ(http_.asked[0].request.target, "/second");
  answer(ok("3600"));
  EXPECT_TRUE(kept_.tried);
  EXPECT_EQ(kept_.ends.load(), clock.wall + 1h);
  EXPECT_EQ(kept_.renewed.load(), clock.wall);
  EXPECT_EQ(signer(), "3600");
  EXPECT_EQ(count(renewal_outcome::renewed), 1u);
  EXPECT_EQ(said_.back(), "credentials came, until " + rfc3339(clock.wall + 1h));
}

TEST_F(CredentialKeeper, RenewsAheadOfTheEnd) {
  start();
  answer_both("1000");
  pass(600s);
  EXPECT_TRUE(http_.asked.empty());
  pass(160s);
  ASSERT_EQ(http_.asked.size(), 1u);
  EXPECT_EQ(signer(), "1000") << "nobody waits for it";
  answer_both("2000");
  EXPECT_EQ(signer(), "2000");
  EXPECT_EQ(kept_.ends.load(), clock.wall + 2000s);
  EXPECT_EQ(wrong_, 0u);
}

TEST_F(CredentialKeeper, AsksAgainAfterEachKindOfFailure) {
  start();
  std::size_t failures = 0;
  const auto fails = [&](auto with, const std::string& why) {
    ASSERT_EQ(http_.asked.size(), 1u) << why;
    answer(std::move(with));
    EXPECT_THAT(said_.back(), HasSubstr(why));
    EXPECT_EQ(count(renewal_outcome::failed), ++failures);
    EXPECT_TRUE(http_.asked.empty()) << "not at once";
    pass(31s);
  };
  fails(backends::remote_answer{.status = 403},
        "the credentials were not renewed, there are none yet: who refused");
  EXPECT_TRUE(kept_.tried);
  using std::unexpected;
  fails(unexpected(fetch_fault::unreachable), "http://[::1]:80 cannot be reached");
  fails(unexpected(fetch_fault::untrusted), "certificate");
  fails(unexpected(fetch_fault::broken), "not HTTP");
  fails(unexpected(fetch_fault::busy), "asks too much");
  fails(ok("throw"), "an answer could not be read");
  answer(ok());
  fails(unexpected(fetch_fault::timed_out), "https://second.example:443 did not answer in time");
  EXPECT_EQ(wrong_, failures);
  answer_both("100");
  EXPECT_EQ(signer(), "100");
}

TEST_F(CredentialKeeper, WhatIsThereStaysGoodUntilItsEndWhileRenewalsFail) {
  start();
  answer_both("1000");
  const auto ends = clock.wall + 1000s;
  while (clock.wall < ends) {
    if (!http_.asked.empty()) answer(std::unexpected(fetch_fault::unreachable));
    EXPECT_TRUE(kept_.are_good(clock.wall));
    EXPECT_EQ(signer(), "1000");
    pass(1s);
  }
  EXPECT_GE(count(renewal_outcome::failed), 8u);
  EXPECT_LE(count(renewal_outcome::failed), 40u) << "with pauses";
  EXPECT_FALSE(kept_.are_good(clock.wall));
  EXPECT_EQ(signer(), "") << "service_unavailable of its own";
  pass(31s);
  answer(std::unexpected(fetch_fault::unreachable));
  EXPECT_THAT(said_.back(), HasSubstr("they ended at " + rfc3339(ends)));
  pass(31s);
  answer_both("500");
  EXPECT_TRUE(kept_.are_good(clock.wall));
  EXPECT_EQ(signer(), "500");
}

TEST_F(CredentialKeeper, TheSameOnesAgainChangeNothing) {
  start();
  answer_both("1000");
  const auto began = clock.wall;
  pass(760s);
  answer_both(std::to_string((began + 1000s - clock.wall).count()));
  EXPECT_EQ(count(renewal_outcome::unchanged), 1u);
  EXPECT_EQ(kept_.renewed.load(), began);
  EXPECT_EQ(said_.size(), 1u);
  EXPECT_EQ(signer(), "1000");
  pass(61s);
  EXPECT_EQ(http_.asked.size(), 1u) << "soon again";
}

TEST_F(CredentialKeeper, AFileThatCannotBeReadAndABusyNodeAreFailuresToo) {
  readable_ = false;
  start();
  EXPECT_TRUE(http_.asked.empty());
  EXPECT_THAT(said_.back(), HasSubstr("the file is not there"));
  pool.full = true;
  pass(31s);
  EXPECT_THAT(said_.back(), HasSubstr("the node is too busy to ask"));
  pool.full = false;
  readable_ = true;
  pass(31s);
  answer_both("100");
  EXPECT_TRUE(kept_.are_good(clock.wall));
}

TEST_F(CredentialKeeper, AnAnswerThatNeverComesIsGivenUpAndCountsNoMoreWhenItDoes) {
  start();
  pass(120s);
  EXPECT_THAT(said_.back(), HasSubstr("an answer was lost"));
  ASSERT_EQ(http_.asked.size(), 2u);
  answer(ok());
  EXPECT_EQ(http_.asked.size(), 1u) << "of the first go";
  answer_both("100");
  EXPECT_EQ(signer(), "100");
}

TEST_F(CredentialKeeper, OneThatIsStartedAgainGoesOnWithWhatIsKnown) {
  start();
  answer_both("1000");
  end_keeper();
  keeper_ = spawn<credential_keeper>(core(), std::size_t{0});
  settle();
  EXPECT_TRUE(http_.asked.empty());
  EXPECT_EQ(signer(), "1000");
  pass(760s);
  ASSERT_EQ(http_.asked.size(), 1u);
  end_keeper();
  answer(ok());
  keeper_ = spawn<credential_keeper>(core(), std::size_t{0});
  settle();
  answer_both("2000");
  EXPECT_EQ(signer(), "2000");
}

}  // namespace
}  // namespace filemint::actors::credential_keeper_test
