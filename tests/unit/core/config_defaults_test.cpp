// The defaults that the contract and the README promise, as they stand in a configuration that sets
// nothing but a source. Literals: a default that is changed is changed here too, on purpose.
#include "tests/unit/core/config_texts.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <string_view>

namespace filemint::config_defaults_test {
namespace {

using namespace std::chrono_literals;
using testing::one_source;

constexpr std::size_t kib = 1024;
constexpr std::size_t mib = 1024 * kib;

class ConfigDefaults : public ::testing::TestWithParam<std::string_view> {
protected:
  void SetUp() override {
    const auto read = parse_config(GetParam(), "f.yaml", {});
    ASSERT_TRUE(read) << read.error().front().text();
    settings = *read;
  }

  config settings;
};

TEST_P(ConfigDefaults, OfRequests) {
  const auto& http = settings.http;
  EXPECT_EQ(http.request_deadline, 10s);
  EXPECT_EQ(http.header_timeout, 10s);
  EXPECT_EQ(http.body_timeout, 30s);
  EXPECT_EQ(http.min_rate_bytes_per_second, 1 * kib);
  EXPECT_EQ(http.idle_timeout, 75s);
  EXPECT_EQ(http.max_header_bytes, 32 * kib);
  EXPECT_EQ(http.max_header_fields, 100);
  EXPECT_EQ(http.max_body_bytes, 8 * mib);
}

TEST_P(ConfigDefaults, OfWhatANodeTakesOn) {
  const auto& http = settings.http;
  EXPECT_EQ(http.max_connections, 20'000);
  EXPECT_EQ(http.max_connections_per_address, 1'000);
  EXPECT_EQ(http.max_in_flight, 2'048);
  EXPECT_EQ(http.body_budget_bytes, 256 * mib);
  EXPECT_EQ(http.answer_budget_bytes, 256 * mib);
}

TEST_P(ConfigDefaults, OfTheDrain) {
  EXPECT_EQ(settings.http.lame_duck, 0s);
  EXPECT_EQ(settings.http.drain_timeout, 10s);
  EXPECT_EQ(settings.http.drain_idle, 1s);
}

TEST_P(ConfigDefaults, OfMinting) {
  const auto& mint = settings.mint;
  EXPECT_EQ(mint.max_paths, 1'000);
  EXPECT_EQ(mint.calls_per_minute, 600);
  EXPECT_EQ(mint.tokens_per_minute, 0) << "no second window";
  EXPECT_FALSE(mint.throttle.any());
  EXPECT_EQ(mint.clock_skew, 30s);
  EXPECT_EQ(settings.sources.front().default_life, 300s);
  EXPECT_EQ(settings.sources.front().max_life, 3'600s);
  EXPECT_FALSE(settings.sources.front().check_exists);
}

TEST_P(ConfigDefaults, OpenNothing) {
  EXPECT_TRUE(settings.cors.origins.empty());
  EXPECT_TRUE(settings.http.trusted_proxies.empty());
  EXPECT_FALSE(settings.allow_core_dumps);
  EXPECT_EQ(settings.admin.listen.host, "127.0.0.1");
  EXPECT_EQ(settings.listeners.front().listen.host, "127.0.0.1");
}

INSTANTIATE_TEST_SUITE_P(OfTexts, ConfigDefaults,
                         ::testing::Values(one_source,
                                           "http:\nmint:\ncors:\nadmin:\nlog:\nstore:\n"
                                           "sources: [{name: a, root: files}]\n"),
                         [](const auto& each) {
                           return each.index == 0 ? "WithoutSections" : "WithEmptySections";
                         });

}  // namespace
}  // namespace filemint::config_defaults_test
