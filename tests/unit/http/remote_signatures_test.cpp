#include "http/remote_signatures.hpp"

#include "tests/unit/http/storage_fakes.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace filemint::http::remote_signatures_test {
namespace {

using namespace std::chrono_literals;

// Asks for each path by its name, and keeps what came.
class named_signing final : public backends::remote_signing {
public:
  [[nodiscard]] backends::remote_request ask(file_path path) const override {
    return {.method = "POST", .to = {}, .target = "/" + std::string{path.bytes()}};
  }
  [[nodiscard]] result<void> take(file_path path, const backends::remote_answer& answer) override {
    if (answer.status == 429) return fail(errc::throttled);
    if (answer.status != 200) return fail(errc::service_unavailable, "signBlob answered 403");
    kept[std::string{path.bytes()}] = answer.body;
    return {};
  }
  std::map<std::string, std::string> kept;
};

class RemoteSignatures : public ::testing::Test {
protected:
  struct asked_call {
    named_signing by;
    std::vector<std::string> names;
    std::vector<file_path> paths;
    int answers = 0;
    std::optional<result<void>> how;

    [[nodiscard]] bool done() const { return how && how->has_value(); }
    [[nodiscard]] std::optional<errc> code() const {
      if (!how || how->has_value()) return std::nullopt;
      return how->error().code;
    }
  };

  asked_call& sign(std::size_t paths, std::string_view source = "media",
                   std::chrono::milliseconds within = 10s) {
    auto& call = calls_.emplace_back();
    for (std::size_t i = 0; i < paths; ++i) {
      call.names.push_back(std::string(1, static_cast<char>('a' + (calls_.size() - 1) % 26)) +
                           std::to_string(i));
    }
    for (const auto& name : call.names) call.paths.push_back(file_path::make(name).value());
    signer_.sign({.source = source, .by = call.by, .paths = call.paths, .within = within},
                 [&call](result<void> how) {
                   ++call.answers;
                   call.how.emplace(std::move(how));
                 });
    while (fetcher_.turn()) {
    }
    return call;
  }
  void end(actors::fetch_outcome with) {
    ASSERT_FALSE(fetcher_.out.empty());
    auto first = std::move(fetcher_.out.front());
    fetcher_.out.pop_front();
    first.done(std::move(with));
  }
  void end_ok() { end(backends::remote_answer{.status = 200, .body = "signed"}); }
  [[nodiscard]] std::vector<std::string> under_way() const {
    std::vector<std::string> targets;
    for (const auto& each : fetcher_.out) targets.push_back(each.request.target);
    return targets;
  }

  mono_time now_{1h};
  testing::fake_fetcher fetcher_;
  std::vector<std::string> warnings_;
  std::deque<asked_call> calls_;
  const std::vector<std::string> sources_{"media", "others"};
  remote_signatures signer_{fetcher_,
                            sources_,
                            {.at_once = 4,
                             .warn = [this](auto, auto what) { warnings_.emplace_back(what); },
                             .now = [this] { return instant{wall_time{}, now_}; }}};
};

using strings = std::vector<std::string>;

TEST_F(RemoteSignatures, AsksForEachPathAndIsDoneWithTheLast) {
  auto& call = sign(3);
  EXPECT_EQ(under_way(), (strings{"/a0", "/a1", "/a2"}));
  EXPECT_EQ(fetcher_.out.front().terms.within, 10s);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(call.answers, 0);
    end_ok();
  }
  EXPECT_TRUE(call.done());
  EXPECT_EQ(call.answers, 1);
  EXPECT_EQ(call.by.kept.size(), 3u);
}

TEST_F(RemoteSignatures, SoManyAtOnceOfASourceAndCallsInTurn) {
  auto& long_one = sign(10);
  auto& short_one = sign(1);
  auto& elsewhere = sign(1, "others");
  EXPECT_EQ(under_way(), (strings{"/a0", "/a1", "/a2", "/a3", "/c0"}));
  end_ok();
  end_ok();
  EXPECT_EQ(under_way(), (strings{"/a2", "/a3", "/c0", "/a4", "/b0"}))
      << "the short one is not behind all of the long one";
  while (!fetcher_.out.empty()) end_ok();
  EXPECT_TRUE(long_one.done() && short_one.done() && elsewhere.done());
}

TEST_F(RemoteSignatures, OneThatFailsEndsItsCallAlone) {
  auto& bad = sign(6);
  auto& good = sign(2);
  end(backends::remote_answer{.status = 403});
  EXPECT_EQ(bad.code(), errc::service_unavailable);
  EXPECT_TRUE(bad.how->error().message.empty()) << "what it says is for the log";
  EXPECT_EQ(warnings_, strings{"signBlob answered 403"});
  while (!fetcher_.out.empty()) end_ok();
  EXPECT_EQ(bad.answers, 1);
  EXPECT_TRUE(good.done());
  EXPECT_LE(bad.by.kept.size(), 3u) << "its other paths are not asked for";
}

TEST_F(RemoteSignatures, TellsSlowDownsAndDeadlines) {
  auto& throttled = sign(1);
  end(backends::remote_answer{.status = 429});
  EXPECT_EQ(throttled.code(), errc::throttled);
  auto& late = sign(1);
  end(std::unexpected(actors::fetch_fault::timed_out));
  EXPECT_EQ(late.code(), errc::gateway_timeout);
  auto& lost = sign(1);
  end(std::unexpected(actors::fetch_fault::unreachable));
  EXPECT_EQ(lost.code(), errc::service_unavailable);
  EXPECT_EQ(sign(1, "unknown").code(), errc::service_unavailable);
}

TEST_F(RemoteSignatures, WhatWaitsBeyondItsDeadlineIsNotAskedFor) {
  auto& first = sign(4);
  auto& waits = sign(1, "media", 1s);
  now_ += 2s;
  while (!fetcher_.out.empty()) end_ok();
  EXPECT_TRUE(first.done());
  EXPECT_EQ(waits.code(), errc::gateway_timeout);
}

TEST_F(RemoteSignatures, ABrokenRemoteIsLeftAloneAndTriedAgain) {
  for (int i = 0; i < 30; ++i) {
    (void)sign(1);
    if (!fetcher_.out.empty()) end(std::unexpected(actors::fetch_fault::unreachable));
  }
  EXPECT_EQ(sign(5).code(), errc::service_unavailable);
  EXPECT_TRUE(fetcher_.out.empty()) << "nobody is asked";
  EXPECT_EQ(sign(1, "others").answers, 0) << "a circuit of its own";
  end_ok();
  now_ += 60s;
  auto& again = sign(10);
  EXPECT_EQ(fetcher_.out.size(), 3u) << "trials";
  while (!fetcher_.out.empty()) end_ok();
  EXPECT_TRUE(again.done());
}

TEST_F(RemoteSignatures, AnAnswerBeforeTheAskingReturnsIsTaken) {
  fetcher_.at_once = actors::fetch_fault::busy;
  auto& call = sign(1'000);
  EXPECT_EQ(call.code(), errc::service_unavailable);
  EXPECT_EQ(call.answers, 1);
}

}  // namespace
}  // namespace filemint::http::remote_signatures_test
