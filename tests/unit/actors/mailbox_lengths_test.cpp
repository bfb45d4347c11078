#include "actors/mailbox_lengths.hpp"

#include "actors/minter.hpp"
#include "tests/unit/actors/fixture.hpp"

#include <vector>

namespace filemint::actors::mailbox_lengths_test {
namespace {

TEST(MailboxLength, IsWhatWasPutFromAnywhereLessWhatWasTaken) {
  mailbox_length one{actor_kind::auth};
  EXPECT_EQ(one.length(), 0);
  one.put_from_home();
  one.put_from_elsewhere();
  one.put_from_home();
  EXPECT_EQ(one.length(), 3);
  one.taken();
  EXPECT_EQ(one.length(), 2);
  one.taken();
  one.taken();
  EXPECT_EQ(one.length(), 0);
  one.taken();  // seen before the put
  EXPECT_EQ(one.length(), 0);
}

class MailboxLengths : public testing::actor_test {
protected:
  [[nodiscard]] std::int64_t length(actor_kind kind, std::size_t of_core = 0) {
    return core(of_core).mailboxes->of(kind);
  }
};

TEST_F(MailboxLengths, RiseWhileMessagesWaitAndFallAsTheyAreTaken) {
  std::vector<received> taken_on;
  connect(spawn<testing::recording_auth>(taken_on));
  EXPECT_EQ(length(actor_kind::front_end), 0);
  std::vector<sent_call> calls;
  for (int waiting = 1; waiting <= 3; ++waiting) {
    calls.push_back(make_call());
    send_off(calls.back());
    EXPECT_EQ(length(actor_kind::front_end), waiting);
  }
  EXPECT_EQ(length(actor_kind::auth), 0) << "another kind's";
  EXPECT_EQ(length(actor_kind::front_end, 1), 0) << "another core's";
  EXPECT_TRUE(run_one());
  EXPECT_EQ(length(actor_kind::front_end), 2);
  run();
  EXPECT_EQ(length(actor_kind::front_end), 0);
  EXPECT_EQ(taken_on.size(), 3u);
}

TEST_F(MailboxLengths, AreTheSumOfAKindsActors) {
  const auto first = spawn<minter>(core(), std::size_t{0});
  const auto second = spawn<minter>(core(), std::size_t{1});
  tell(first, sign_next{});
  tell(second, sign_next{});
  tell(second, sign_next{});
  EXPECT_EQ(length(actor_kind::minter), 3);
  run();
  EXPECT_EQ(length(actor_kind::minter), 0);
}

TEST_F(MailboxLengths, ForgetWhatAnEndedActorLeftBehind) {
  node();
  auto ended = spawn_at<minter>(scheduler().system(), nullptr, core(), std::size_t{0});
  const auto other = spawn<minter>(core(), std::size_t{1});
  for (int i = 0; i < 3; ++i) tell(ended, sign_next{});
  tell(other, sign_next{});
  EXPECT_EQ(length(actor_kind::minter), 4);
  end(caf::actor_cast<caf::actor>(ended));
  ended = nullptr;
  EXPECT_TRUE(run_one());
  EXPECT_EQ(length(actor_kind::minter), 1) << "the other one's";
}

}  // namespace
}  // namespace filemint::actors::mailbox_lengths_test
