// Tokens that end with the credentials that sign, and those that a remote signs.
#include "actors/remote_signer.hpp"
#include "tests/unit/actors/minter_fixture.hpp"

#include <optional>
#include <string>

namespace filemint::actors::minter_remote_test {
namespace {

using namespace std::chrono_literals;

// Its tokens are as long as what the remote has answered.
class asking_backend final : public backends::backend {
public:
  class batch final : public backends::batch, public backends::remote_signing {
  public:
    batch(wall_time ends, bool asks) : ends_(ends), asks_(asks) {}
    [[nodiscard]] wall_time ends() const noexcept override { return ends_; }
    [[nodiscard]] backends::remote_signing* remote() noexcept override {
      return asks_ ? this : nullptr;
    }
    [[nodiscard]] backends::remote_request ask(file_path) const override { return {}; }
    [[nodiscard]] result<void> take(file_path, const backends::remote_answer& came) override {
      token_ = came.body;
      return {};
    }
    [[nodiscard]] std::size_t paths_per_chunk() const noexcept override { return 1; }
    [[nodiscard]] std::uint32_t token_size(file_path) const override {
      return static_cast<std::uint32_t>(token_.size());
    }
    void sign(std::span<const file_path>, std::span<char*> places) const override {
      for (auto& place : places) place = std::ranges::copy(token_, place).out;
    }

  private:
    wall_time ends_;
    bool asks_;
    std::string token_ = "here";
  };

  [[nodiscard]] std::string_view source() const noexcept override { return "magikarp"; }
  [[nodiscard]] result<std::unique_ptr<backends::batch>> begin(
      const snapshot&, const backends::mint_terms&) const override {
    return std::make_unique<batch>(ends, asks);
  }
  wall_time ends = wall_time::max();
  bool asks = false;
};

class fake_signer final : public remote_signer {
public:
  void sign(const signing_question& asked,
            std::move_only_function<void(result<void>)> tell) override {
    by = &asked.by;
    paths.assign(asked.paths.begin(), asked.paths.end());
    within = asked.within;
    done = std::move(tell);
  }
  void sign_all(std::string token) {
    for (const auto path : paths) EXPECT_TRUE(by->take(path, {.status = 200, .body = token}));
    std::exchange(done, nullptr)({});
  }
  backends::remote_signing* by = nullptr;
  std::vector<file_path> paths;
  std::chrono::milliseconds within{};
  std::move_only_function<void(result<void>)> done;
};

class MinterRemote : public testing::minter_test {
protected:
  void begin() {
    backends = {&driver_, &driver_};
    without_keys = true;
    node().signers = &remote_;
    start_alone();
  }
  asking_backend driver_;
  fake_signer remote_;
};

TEST_F(MinterRemote, AnAnswerTellsWhenTheCredentialsEndThatSigned) {
  begin();
  driver_.ends = clock.wall + 100s;
  const auto cut = post();
  ASSERT_TRUE(cut->ok());
  EXPECT_TRUE(cut->body().contains(R"("expires_in":100)")) << cut->body();
  EXPECT_TRUE(cut->body().contains(R"("expires_at":")" + rfc3339(clock.wall + 100s)));
  driver_.ends = clock.wall + 1'000s;
  EXPECT_TRUE(post()->body().contains(R"("expires_in":300)"));
  driver_.ends = clock.wall;
  EXPECT_EQ(post()->code(), errc::service_unavailable);
}

TEST_F(MinterRemote, ACallWaitsForItsSignaturesAndHoldsUpNobody) {
  begin();
  driver_.asks = true;
  const auto waits = post();
  EXPECT_FALSE(waits->came());
  EXPECT_EQ(remote_.paths.size(), 1u);
  EXPECT_EQ(remote_.within, settings.http.request_deadline);
  driver_.asks = false;
  EXPECT_TRUE(post()->body().contains(":\"here\""));
  remote_.sign_all("from afar");
  run();
  ASSERT_TRUE(waits->ok());
  EXPECT_TRUE(waits->body().contains(R"("uploads/co_xyz/a":"from afar")")) << waits->body();
}

TEST_F(MinterRemote, WhatTheRemoteSaysIsAnswered) {
  begin();
  driver_.asks = true;
  for (const auto code : {errc::throttled, errc::gateway_timeout, errc::service_unavailable}) {
    const auto call = post();
    std::exchange(remote_.done, nullptr)(fail(code));
    run();
    EXPECT_EQ(call->code(), code);
  }
}

TEST_F(MinterRemote, WithoutWhoAsksItIs503) {
  begin();
  driver_.asks = true;
  node().signers = nullptr;
  EXPECT_EQ(post()->code(), errc::service_unavailable);
}

}  // namespace
}  // namespace filemint::actors::minter_remote_test
