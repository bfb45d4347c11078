#include "http/health_monitor.hpp"

#include "core/api_key.hpp"
#include "heads.hpp"
#include "http/routes/health.hpp"
#include "world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <optional>
#include <string>
#include <vector>

namespace filemint::http::health_monitor_test {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

using answer = std::move_only_function<void(bool)>;

health_check fixed(std::string name, bool up) {
  return {std::move(name), [up](answer done) { done(up); }};
}

health_report_ptr ask(health_monitor& monitor) {
  std::promise<health_report_ptr> told;
  monitor.ask([&](health_report_ptr report) { told.set_value(std::move(report)); });
  return told.get_future().get();
}

TEST(HealthMonitor, TellsEachComponentInOrder) {
  health_monitor monitor({fixed("a", true), fixed("b", false)});
  const auto report = ask(monitor);
  ASSERT_EQ(report->components.size(), 2u);
  EXPECT_EQ(report->components[0].name, "a");
  EXPECT_TRUE(report->components[0].up);
  EXPECT_EQ(report->components[1].name, "b");
  EXPECT_FALSE(report->components[1].up);
  EXPECT_FALSE(report->all_up());
}

TEST(HealthMonitor, LooksOnceHoweverManyAsk) {
  std::atomic<int> looks = 0;
  std::atomic<mono_time::rep> seconds = 1'000;
  health_terms terms;
  terms.now = [&] { return instant{{}, mono_time(std::chrono::seconds(seconds.load()))}; };
  health_monitor monitor({{"a",
                           [&](answer done) {
                             ++looks;
                             done(true);
                           }}},
                         terms);
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(ask(monitor)->all_up());
  EXPECT_EQ(looks, 1);
  ++seconds;
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(ask(monitor)->all_up());
  EXPECT_EQ(looks, 2);
}

TEST(HealthMonitor, CountsALookThatTakesTooLongAsDownAndBeginsNoOther) {
  std::mutex mutex;
  std::vector<answer> begun;
  health_terms terms{.deadline = 1ms, .kept = 0ms};
  health_monitor monitor({fixed("quick", true),
                          {"slow",
                           [&](answer done) {
                             const std::scoped_lock lock(mutex);
                             begun.push_back(std::move(done));
                           }}},
                         terms);
  for (int i = 0; i < 3; ++i) {
    const auto report = ask(monitor);
    EXPECT_TRUE(report->components[0].up);
    EXPECT_FALSE(report->components[1].up);
  }
  {
    const std::scoped_lock lock(mutex);
    ASSERT_EQ(begun.size(), 1u);
    begun.front()(true);
  }
  ask(monitor);
  const std::scoped_lock lock(mutex);
  EXPECT_EQ(begun.size(), 2u) << "it has ended: the next is begun";
}

TEST(HealthMonitor, MayBeGoneBeforeALookEnds) {
  std::optional<answer> begun;
  {
    health_monitor monitor({{"slow", [&](answer done) { begun = std::move(done); }}},
                           {.deadline = 1ms, .kept = 0ms});
    EXPECT_FALSE(ask(monitor)->all_up());
  }
  (*begun)(true);
}

TEST(HealthMonitor, AnswersWhoeverAsksAfterItsEnd) {
  health_monitor monitor({fixed("a", true)});
  monitor.stop();
  EXPECT_EQ(ask(monitor), nullptr);
}

class Health : public ::testing::Test {
protected:
  reply get(std::vector<health_check> checks, std::string_view fields) {
    health_monitor monitor(std::move(checks));
    const parsed_head head(head_text("GET", "/health", fields));
    std::promise<reply> told;
    serve_health(*head, world_.view(), throttle_, monitor,
                 [&](reply r) { told.set_value(std::move(r)); });
    return told.get_future().get();
  }
  // Lets the company's key in whose text is returned.
  std::string authorization(route_scope scope) {
    const auto key = api_key::generate();
    directory_builder people(world_.known.people);
    api_key_record record{};
    key.id().copy(record.id, sizeof record.id);
    record.secret_hash = key.secret_hash();
    record.company = *people.company_index("co_xyz");
    record.scope = scope;
    people.put_key(record);
    world_.known.people = people.build();
    return "Authorization: Bearer " + std::string(key.text().reveal()) + "\r\n";
  }

  world world_;
  std::optional<mono_time> next_pass_;  // what the throttle tells
  throttle_check throttle_ = [this](const principal&, auto told) { told(next_pass_); };
};

TEST_F(Health, NamesEveryComponentThatIsUp) {
  const auto r = get({fixed("store", true), fixed("limiter", true)}, authorization(scope_health));
  EXPECT_EQ(r.status, 200u);
  const auto& body = std::get<std::string>(r.body);
  EXPECT_THAT(body, HasSubstr(R"("category":"health","services":[{"name":"store","status":"up"},)"
                              R"({"name":"limiter","status":"up"}],"timestamp":")"));
  EXPECT_THAT(r.fields, HasSubstr("Cache-Control: no-store"));
}

TEST_F(Health, NamesTheComponentsThatAreDown) {
  const auto r = get({fixed("store", false), fixed("limiter", true), fixed("backend.a", false)},
                     authorization(scope_all));
  EXPECT_EQ(r.status, 503u);
  EXPECT_THAT(std::get<std::string>(r.body), HasSubstr(R"("services":["store","backend.a"])"));
  EXPECT_THAT(r.fields, HasSubstr("Retry-After: 1\r\n"));
}

TEST_F(Health, LooksAtNothingForWhoMayNotAsk) {
  const auto unexpected = [] {
    return std::vector<health_check>{{"a", [](answer done) {
                                        ADD_FAILURE() << "it looked";
                                        done(true);
                                      }}};
  };
  EXPECT_EQ(get(unexpected(), "").code, "UNAUTHORIZED");
  EXPECT_EQ(get(unexpected(), "Authorization: Bearer x\r\n").code, "INVALID_API_KEY");
  EXPECT_EQ(get(unexpected(), authorization(scope_file_access)).code, "ENDPOINT_NOT_FOUND");
  const auto suspended = authorization(scope_all);
  directory_builder people(world_.known.people);
  people.put_company({.id = "co_xyz", .suspended = true});
  world_.known.people = people.build();
  EXPECT_EQ(get(unexpected(), suspended).code, "FORBIDDEN");
}

TEST_F(Health, TellsAThrottledKeyWhenToComeBackAndLooksAtNothing) {
  next_pass_ = world_.view().at.mono + 1'500ms;
  const auto r =
      get({{"a", [](answer) { ADD_FAILURE() << "it looked"; }}}, authorization(scope_all));
  EXPECT_EQ(r.code, "THROTTLED");
  EXPECT_THAT(std::get<std::string>(r.body), HasSubstr(R"("retry_after_seconds":2)"));
  EXPECT_THAT(r.fields, HasSubstr("Retry-After: 2\r\n"));
}

}  // namespace
}  // namespace filemint::http::health_monitor_test
