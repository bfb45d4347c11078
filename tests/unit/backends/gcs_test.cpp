#include "backends/gcs.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace filemint::backends::gcs_test {
namespace {

using namespace std::chrono_literals;

constexpr wall_time noon{1'549'022'400s};  // 2019-02-01T12:00:00Z

bucket_config bucket(bucket_addressing addressing, std::string endpoint = {}) {
  bucket_config made;
  made.name = "stored-files";
  made.endpoint = std::move(endpoint);
  made.addressing = addressing;
  return made;
}

gcs by_hmac() {
  return {"files", gcs_place_of(bucket(bucket_addressing::path)),
          aws_credentials{.access_key_id = "GOOGEXAMPLE",
                          .secret_access_key = secret{"bGoa+V7g/yqDXvKRqq+JTFn4uQZbPiQJo4pf9RzJ"},
                          .session_token = {}}};
}

gcs by_service_account() {
  std::ifstream in{std::filesystem::path{FILEMINT_SOURCE_DIR} /
                   "tests/vectors/gcs/test_service_account.not-a-test.json"};
  std::string json{std::istreambuf_iterator<char>{in}, {}};
  return {"files", gcs_place_of(bucket(bucket_addressing::path)),
          parse_service_account(secret{std::move(json)}).value()};
}

std::unique_ptr<batch> begin(const gcs& backend, wall_time at, std::chrono::seconds life = 300s) {
  const snapshot known;
  return backend
      .begin(known, {.company = "co", .key_id = "k", .issued_at = at, .expires_at = at + life})
      .value();
}

std::string token_of(const gcs& backend, token_use use) {
  const auto from = backend.begin(
      snapshot{},
      {.company = "co", .key_id = "k", .issued_at = noon, .expires_at = noon + 300s, .use = use});
  const auto path = file_path::make("a b").value();
  std::string token((*from)->token_size(path), '#');
  char* place = token.data();
  (*from)->sign({&path, 1}, {&place, 1});
  return token;
}

std::vector<std::string> tokens_of(const batch& from, const std::vector<std::string>& names) {
  std::vector<file_path> paths;
  for (const auto& name : names) paths.push_back(file_path::make(name).value());
  std::vector<std::string> tokens;
  std::vector<char*> places;
  for (const auto path : paths) tokens.emplace_back(from.token_size(path), '#');
  for (auto& token : tokens) places.push_back(token.data());
  from.sign(paths, places);
  for (std::size_t i = 0; i < tokens.size(); ++i)
    EXPECT_EQ(places[i], tokens[i].data() + tokens[i].size());
  return tokens;
}

TEST(Gcs, PlacesABucketByItsAddressing) {
  const auto virtual_host = gcs_place_of(bucket(bucket_addressing::virtual_host));
  EXPECT_EQ(virtual_host.url, "https://stored-files.storage.googleapis.com/");
  EXPECT_EQ(virtual_host.host, "stored-files.storage.googleapis.com");
  EXPECT_EQ(virtual_host.uri_prefix, "/");

  const auto path = gcs_place_of(bucket(bucket_addressing::path));
  EXPECT_EQ(path.url, "https://storage.googleapis.com/stored-files/");
  EXPECT_EQ(path.host, "storage.googleapis.com");
  EXPECT_EQ(path.uri_prefix, "/stored-files/");

  const auto bound = gcs_place_of(bucket(bucket_addressing::bucket_bound, "https://files.example"));
  EXPECT_EQ(bound.url, "https://files.example/");
  EXPECT_EQ(bound.host, "files.example");
  EXPECT_EQ(bound.uri_prefix, "/");
}

TEST(Gcs, SignsForThePublicEndpointsNameWithoutItsPort) {
  auto hidden = bucket(bucket_addressing::path, "http://10.0.0.7:9000");
  EXPECT_EQ(gcs_place_of(hidden).host, "10.0.0.7");
  hidden.public_endpoint = "https://objects.example:8443";
  EXPECT_EQ(gcs_place_of(hidden).host, "objects.example");
  EXPECT_EQ(gcs_place_of(hidden).url, "https://objects.example:8443/stored-files/");
  hidden.public_endpoint = "http://[::1]:8080";
  EXPECT_EQ(gcs_place_of(hidden).host, "[::1]");
  EXPECT_EQ(gcs_place_of(hidden).url, "http://[::1]:8080/stored-files/");
}

TEST(Gcs, NamesTheSignatoryAndTheScope) {
  EXPECT_TRUE(tokens_of(*begin(by_hmac(), noon), {"a"})
                  .front()
                  .starts_with("X-Goog-Algorithm=GOOG4-HMAC-SHA256&X-Goog-Credential="
                               "GOOGEXAMPLE%2F20190201%2Fauto%2Fstorage%2Fgoog4_request"
                               "&X-Goog-Date=20190201T120000Z&X-Goog-Expires=300"
                               "&X-Goog-SignedHeaders=host&X-Goog-Signature="));
  EXPECT_TRUE(tokens_of(*begin(by_service_account(), noon, 7 * 24h), {"a"})
                  .front()
                  .starts_with("X-Goog-Algorithm=GOOG4-RSA-SHA256&X-Goog-Credential="
                               "test-iam-credentials%40dummy-project-id.iam.gserviceaccount.com"
                               "%2F20190201%2Fauto%2Fstorage%2Fgoog4_request"
                               "&X-Goog-Date=20190201T120000Z&X-Goog-Expires=604800"
                               "&X-Goog-SignedHeaders=host&X-Goog-Signature="));
}

TEST(Gcs, TakesANewKeyEachDay) {
  const auto backend = by_hmac();
  const auto first = tokens_of(*begin(backend, noon + 12h - 1s), {"a"});
  const auto second = tokens_of(*begin(backend, noon + 12h), {"a"});
  EXPECT_TRUE(first.front().contains("%2F20190201%2F"));
  EXPECT_TRUE(second.front().contains("%2F20190202%2F"));
  EXPECT_EQ(tokens_of(*begin(backend, noon + 12h - 1s), {"a"}), first);
}

TEST(Gcs, SignsEachOfManyAsItWouldAlone) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < presigned_requests::at_once; ++i)
    names.push_back(std::string(1 + i * 7, 'a'));
  for (const auto& backend : {&by_hmac, &by_service_account}) {
    const auto made = backend();
    const auto batch = begin(made, noon);
    const auto together = tokens_of(*batch, names);
    EXPECT_EQ(std::set(together.begin(), together.end()).size(), names.size());
    for (std::size_t i = 0; i < names.size(); ++i)
      EXPECT_EQ(together[i], tokens_of(*batch, {names[i]}).front());
  }
}

TEST(Gcs, SignsOnSeveralThreadsAtOnce) {
  const auto backend = by_service_account();
  const auto batch = begin(backend, noon);
  const auto expected = tokens_of(*batch, {"a", "b"});
  std::vector<std::vector<std::string>> tokens(3);
  {
    std::vector<std::jthread> threads;
    for (auto& mine : tokens) {
      threads.emplace_back([&mine, &batch] {
        for (int i = 0; i < 20; ++i) mine = tokens_of(*batch, {"a", "b"});
      });
    }
  }
  for (const auto& mine : tokens) EXPECT_EQ(mine, expected);
}

// A signature by RSA takes as long as a chunk may: each goes to whatever core is idle.
TEST(Gcs, ChunksAreAsLongAsTheSignerIsSlow) {
  EXPECT_EQ(begin(by_service_account(), noon)->paths_per_chunk(), 1u);
  EXPECT_EQ(begin(by_hmac(), noon)->paths_per_chunk(), 256u);
}

TEST(Gcs, HoldsNoAnswersToCertificateAuthorities) {
  EXPECT_FALSE(is_gcs_object_name(*file_path::make(".well-known/acme-challenge/x")));
  for (const auto* legal :
       {".well-known/acme-challenge", ".well-known/x", "a/.well-known/acme-challenge/x"}) {
    EXPECT_TRUE(is_gcs_object_name(*file_path::make(legal))) << legal;
  }
}

TEST(Gcs, TellsHowUrlsAreMade) {
  const auto backend = by_hmac();
  EXPECT_EQ(backend.source(), "files");
  EXPECT_EQ(backend.holds(), &is_gcs_object_name);
  EXPECT_EQ(backend.urls().public_url, "https://storage.googleapis.com/stored-files/");
  EXPECT_EQ(backend.urls().before_token, "?");
  EXPECT_EQ(backend.urls().path, api::kept_bytes::unreserved_path);
}

// That another method is signed right, the conformance vectors show.
TEST(Gcs, ProbesTheEndpointByHead) {
  auto hidden = bucket(bucket_addressing::path, "http://10.0.0.7:4443");
  hidden.public_endpoint = "https://objects.example";
  const auto place = gcs_place_of(hidden);
  EXPECT_EQ(place.of_node.url, "http://10.0.0.7:4443/stored-files/");
  EXPECT_EQ(place.of_node.host, "10.0.0.7");
  for (const auto& backend : {by_hmac(), by_service_account()}) {
    EXPECT_EQ(backend.probes().public_url, backend.urls().public_url);
    EXPECT_NE(token_of(backend, token_use::probe), token_of(backend, token_use::download));
  }
}

}  // namespace
}  // namespace filemint::backends::gcs_test
