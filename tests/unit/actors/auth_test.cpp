#include "tests/unit/actors/fixture.hpp"

namespace filemint::actors::auth_test {
namespace {

class Auth : public testing::actor_test {
protected:
  void start() { connect(spawn<testing::recording_limiter>(passed)); }
  std::optional<errc> answer_to(std::optional<std::string> credentials,
                                route_scope route = scope_file_access) {
    auto call = make_call();
    call.out->head.authorization = std::move(credentials);
    call.out->head.route = route;
    send_off(call);
    run();
    return call->code();
  }
  std::vector<authenticated> passed;
};

TEST_F(Auth, PassesTheCallersCallOn) {
  start();
  const auto call = post();
  ASSERT_EQ(passed.size(), 1u);
  EXPECT_FALSE(call->came());
  const auto& who = passed.front()->notes.who;
  EXPECT_EQ(who.caller->id, "co_xyz");
  EXPECT_EQ(who.caller, &core().known->people.company_of(*who.key));
}

TEST_F(Auth, TellsWhatIsWrongWithTheCredentialsFirst) {
  start();
  EXPECT_EQ(answer_to(std::nullopt), errc::unauthorized);
  EXPECT_EQ(answer_to("Basic abc"), errc::unauthorized);
  EXPECT_EQ(answer_to("Bearer abc"), errc::invalid_api_key);
  EXPECT_EQ(answer_to("Bearer " + std::string{api_key::generate().text().reveal()}),
            errc::invalid_api_key);
  EXPECT_TRUE(passed.empty());
  EXPECT_EQ(in_flight(), 0u);
}

TEST_F(Auth, TellsASuspendedCompanyBeforeTheRoute) {
  start();
  EXPECT_EQ(answer_to(authorization(), scope_health), errc::endpoint_not_found);
  put_caller({.suspended = true});
  EXPECT_EQ(answer_to(authorization(), scope_health), errc::forbidden);
  EXPECT_TRUE(passed.empty());
}

TEST_F(Auth, LooksTheCallerUpInWhatItsCoreKnowsNow) {
  start();
  const auto first = post();
  const auto before = core().known;
  put_caller({.suspended = true});
  EXPECT_EQ(answer_to(authorization()), errc::forbidden);
  ASSERT_EQ(passed.size(), 1u);
  EXPECT_EQ(passed.front()->known, before);
  EXPECT_FALSE(passed.front()->notes.who.caller->suspended);
}

}  // namespace
}  // namespace filemint::actors::auth_test
