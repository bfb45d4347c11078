// What a source on an object store says of looking for its files.
#include "core/config/compare.hpp"
#include "tests/unit/core/config_texts.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <string_view>

namespace filemint::config_existence_test {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::problems_of;

constexpr std::string_view on_s3 =
    "type: s3, bucket: b, access_key_id: env:A, secret_access_key: env:B";
constexpr std::string_view on_azure =
    "type: azure, account: acc, container: con, account_key: env:K, addressing: path";
constexpr std::string_view on_gcs = "type: gcs, bucket: b, service_account: env:S";
constexpr std::string_view on_swift =
    "type: swift, endpoint: https://s, account: AUTH_a, container: c, temp_url_key: env:K";

auto parse(const std::string& text) {
  return parse_config(text, "f.yaml", {});
}

std::string source(std::string_view of, std::string_view more = "") {
  return "sources: [{name: a, " + std::string{of} + std::string{more} + "}]";
}

TEST(ConfigOfExistence, IsForEveryObjectStore) {
  for (const auto of : {on_s3, on_azure, on_gcs, on_swift}) {
    EXPECT_THAT(problems_of(source(of,
                                   ", check_exists: true, exists_cache_entries: 5, "
                                   "exists_cache_life: 1500ms")),
                IsEmpty())
        << of;
  }
}

TEST(ConfigOfExistence, HasDefaults) {
  const auto settings = parse(source(on_s3));
  ASSERT_TRUE(settings);
  const auto& made = settings->sources.front();
  EXPECT_FALSE(made.check_exists);
  EXPECT_FALSE(made.missing_as_403);
  EXPECT_EQ(made.exists_cache_entries, 100'000u);
  EXPECT_EQ(made.exists_cache_life, 30s);
}

TEST(ConfigOfExistence, TakesA403ForAMissingFileWhereVendorsSayIt) {
  constexpr std::string_view key = ", missing_as_403: true";
  for (const auto of : {on_s3, on_gcs}) EXPECT_THAT(problems_of(source(of, key)), IsEmpty()) << of;
  EXPECT_THAT(problems_of(source(on_swift, key)),
              ElementsAre("f.yaml:1:123: sources[0].missing_as_403: not for a source of type "
                          "swift"));
  EXPECT_THAT(problems_of("sources: [{name: a, root: x, exists_cache_life: 1s}]"),
              ElementsAre("f.yaml:1:49: sources[0].exists_cache_life: not for a source of type "
                          "local"));
}

TEST(ConfigOfExistence, NeedsAHostThatANameCanStandBefore) {
  constexpr std::string_view hidden =
      ", endpoint: http://10.0.0.7:9000, public_endpoint: https://objects.example";
  EXPECT_THAT(problems_of(source(on_s3, hidden)), IsEmpty()) << "nobody asks there";
  EXPECT_THAT(problems_of(source(on_s3, std::string{hidden} + ", check_exists: true")),
              ElementsAre("f.yaml:1:11: sources[0].addressing: addressing virtual puts the "
                          "bucket's name before the host, and an IP address has nothing before "
                          "it: set addressing: path"));
}

TEST(ConfigOfExistence, ChangesWhileTheNodeRuns) {
  const auto before = parse(source(on_s3)).value();
  const auto after = parse(source(on_s3,
                                  ", check_exists: true, missing_as_403: true, "
                                  "exists_cache_entries: 5, exists_cache_life: 1s"))
                         .value();
  EXPECT_EQ(changed_while_running(before, after), after);
  EXPECT_THAT(changes_between(before, after),
              ElementsAre(config_change{"sources.a.check_exists", "false", "true"},
                          config_change{"sources.a.missing_as_403", "false", "true"},
                          config_change{"sources.a.exists_cache_entries", "100000", "5"},
                          config_change{"sources.a.exists_cache_life", "30s", "1s"}));
}

TEST(ConfigOfExistence, TheNodeAsksTheEndpointOrTheVendors) {
  bucket_config bucket;
  bucket.public_endpoint = "https://p";
  EXPECT_EQ(bucket.endpoint_of_node(source_type::s3), "") << "the vendor's own";
  EXPECT_EQ(bucket.endpoint_of_node(source_type::swift), "https://p") << "which has none";
  bucket.addressing = bucket_addressing::bucket_bound;
  EXPECT_EQ(bucket.endpoint_of_node(source_type::s3), "https://p") << "the bucket's own host";
  bucket.endpoint = "https://e";
  for (const auto type : {source_type::s3, source_type::gcs, source_type::swift}) {
    EXPECT_EQ(bucket.endpoint_of_node(type), "https://e");
  }
}

}  // namespace
}  // namespace filemint::config_existence_test
