#include "core/config/compare.hpp"
#include "core/config/contradictions.hpp"
#include "core/config/schema.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace filemint {

void PrintTo(const config_change& change, std::ostream* out) {
  *out << change.key << ": " << change.from << " -> " << change.to
       << (change.at_restart ? " at a restart" : "");
}

namespace config_compare_test {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

config two_sources() {
  config made;
  made.sources = {source_config{.name = "a", .root = "/files/a"},
                  source_config{.name = "b", .root = "/files/b"}};
  made.default_source = "a";
  return made;
}

std::vector<std::string> keys_at_restart() {
  std::vector<std::string> keys;
  for (const auto& key : config_settings()) {
    if (key.keep) keys.push_back(key.key);
  }
  return keys;
}

TEST(ConfigChanges, AreNoneBetweenTheSame) {
  EXPECT_THAT(changes_between(two_sources(), two_sources()), IsEmpty());
}

TEST(ConfigChanges, TellEachKeyThatDiffersAsAFileSaysIt) {
  auto wanted = two_sources();
  wanted.mint.calls_per_minute = 1'200;
  wanted.http.idle_timeout = 5s;
  wanted.http.max_body_bytes = 1024 * 1024;
  wanted.cors.origins = {"https://app.example.com"};
  wanted.http.trusted_proxies = {ip_network::parse("10.0.0.0/8"), proxy_place{}};
  wanted.log.access = false;
  wanted.default_source = "b";
  wanted.sources[1].check_exists = true;
  wanted.sources[1].max_life = 2h;
  EXPECT_THAT(changes_between(two_sources(), wanted),
              ElementsAre(config_change{"default_source", "a", "b"},
                          config_change{"http.idle_timeout", "75s", "5s"},
                          config_change{"http.max_body_bytes", "8MiB", "1MiB"},
                          config_change{"http.trusted_proxies", "[]", "[10.0.0.0/8, unix]"},
                          config_change{"cors.origins", "[]", "[https://app.example.com]"},
                          config_change{"mint.calls_per_minute", "600", "1200"},
                          config_change{"log.access", "true", "false"},
                          config_change{"sources.b.check_exists", "false", "true"},
                          config_change{"sources.b.max_life", "1h", "2h"}));
}

TEST(ConfigChanges, NeverTellASecretsPlace) {
  auto wanted = two_sources();
  wanted.store.master_key = "file:/etc/other";
  EXPECT_THAT(changes_between(two_sources(), wanted),
              ElementsAre(config_change{"store.master_key"}));
  wanted = two_sources();
  wanted.store.postgres = "env:ELSEWHERE";
  EXPECT_THAT(changes_between(two_sources(), wanted),
              ElementsAre(config_change{"store.postgres", "", "", true}));
}

TEST(ConfigChanges, NameWhatNeedsARestart) {
  EXPECT_THAT(keys_at_restart(),
              ElementsAre("workers", "file_threads", "allow_core_dumps", "admin.listen",
                          "admin.socket_mode", "admin.token", "admin.tls.certificate",
                          "admin.tls.key", "admin.tls.client_ca", "admin.tls.client_certificates",
                          "admin.tls.min_version", "mint.issuer", "store.path", "store.postgres",
                          "store.poll_interval", "cluster.name", "cluster.listen", "cluster.dns",
                          "cluster.ca", "cluster.certificate", "cluster.key"));
  auto wanted = two_sources();
  wanted.workers = 7;
  wanted.store.path = "/elsewhere";
  wanted.sources = {wanted.sources[1], source_config{.name = "c", .root = "/files/c"}};
  EXPECT_THAT(changes_between(two_sources(), wanted),
              ElementsAre(config_change{"workers", "0", "7", true},
                          config_change{"store.path", "filemint.db", "/elsewhere", true},
                          config_change{"sources.a", "a", "", true},
                          config_change{"sources.c", "", "c", true}));
}

TEST(ConfigChanges, TellPeersForARestart) {
  auto wanted = two_sources();
  wanted.cluster.peers = {
      {.name = "n2", .address = {.host = "n2.test", .port = 9, .socket_path = {}}}};
  EXPECT_THAT(changes_between(two_sources(), wanted),
              ElementsAre(config_change{"cluster.peers", "[]", "[n2 at n2.test:9]", true}));
  EXPECT_EQ(changed_while_running(two_sources(), wanted), two_sources());
}

TEST(ConfigChanges, TellListenersApartByTheirPlaces) {
  auto wanted = two_sources();
  wanted.listeners.front().tls.certificate = "/c.pem";
  wanted.listeners.emplace_back().listen = {.host = "::1", .port = 9, .socket_path = {}};
  wanted.admin.listen.port = 7;
  EXPECT_THAT(changes_between(two_sources(), wanted),
              ElementsAre(config_change{"listeners[0].tls.certificate", "\"\"", "/c.pem", true},
                          config_change{"listeners[1]", "", "[::1]:9", true},
                          config_change{"admin.listen", "127.0.0.1:8081", "127.0.0.1:7", true}));
  EXPECT_THAT(changes_between(wanted, two_sources()),
              ::testing::Contains(config_change{"listeners[1]", "[::1]:9", "", true}));
}

TEST(ChangedWhileRunning, TakesWhatItCanAndKeepsTheRest) {
  const auto in_force = two_sources();
  auto wanted = in_force;
  wanted.workers = 7;
  wanted.listeners.front().listen.port = 1;
  wanted.listeners.emplace_back();
  wanted.admin.token = "env:TOKEN";
  wanted.http.max_in_flight = 9;
  wanted.mint.issuer = "other";
  wanted.mint.throttle.per_day = 10;
  wanted.log.file = "/var/log/other";
  std::ranges::reverse(wanted.sources);
  wanted.sources.pop_back();
  wanted.sources[0].root = "/elsewhere/b";
  wanted.sources.push_back(source_config{.name = "c", .root = "/files/c"});

  auto expected = in_force;
  expected.http.max_in_flight = 9;
  expected.mint.throttle.per_day = 10;
  expected.log.file = "/var/log/other";
  expected.sources[1].root = "/elsewhere/b";
  EXPECT_EQ(changed_while_running(in_force, wanted), expected);
}

TEST(ChangedWhileRunning, IsTheWantedOneWhereNothingNeedsARestart) {
  auto wanted = two_sources();
  wanted.mint.calls_per_minute = 1;
  wanted.sources[0].check_exists = true;
  EXPECT_EQ(changed_while_running(two_sources(), wanted), wanted);
}

TEST(ChangedWhileRunning, LeavesASourceWholeThatIsToHaveAnotherType) {
  auto wanted = two_sources();
  wanted.sources[0].type = source_type::s3;
  wanted.sources[0].root.clear();
  wanted.sources[0].max_life = std::chrono::seconds{60};
  EXPECT_EQ(changed_while_running(two_sources(), wanted), two_sources());
  EXPECT_EQ(changed_while_running(wanted, two_sources()), wanted);
}

// A source that is to come, as the default of one that has not come yet.
TEST(ChangedWhileRunning, CanContradictItself) {
  auto wanted = two_sources();
  wanted.sources.push_back(source_config{.name = "c", .root = "/files/c"});
  wanted.default_source = "c";
  EXPECT_THAT(find_contradictions(wanted, "f.yaml"), IsEmpty());
  const auto problems = find_contradictions(changed_while_running(two_sources(), wanted), "f.yaml");
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].text(), "f.yaml: default_source: no source is named c; there are: a, b");
}

}  // namespace
}  // namespace config_compare_test
}  // namespace filemint
