#include "backends/s3.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace filemint::backends::s3_test {
namespace {

using namespace std::chrono_literals;

constexpr wall_time example_time{1'369'353'600s};  // 2013-05-24T00:00:00Z

bucket_config bucket(bucket_addressing addressing, std::string endpoint = {}) {
  bucket_config made;
  made.name = "examplebucket";
  made.endpoint = std::move(endpoint);
  made.addressing = addressing;
  return made;
}

s3 backend_of(s3_place place) {
  return {"files", std::move(place),
          aws_credentials{.access_key_id = "AKIAIOSFODNN7EXAMPLE",
                          .secret_access_key = secret{"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"},
                          .session_token = {}}};
}

std::string token_of(const s3& backend, std::string_view path, wall_time at,
                     std::chrono::seconds life, token_use use = token_use::download) {
  const snapshot known;
  const auto batch = backend.begin(
      known,
      {.company = "co", .key_id = "k", .issued_at = at, .expires_at = at + life, .use = use});
  EXPECT_TRUE(batch);
  const auto checked = file_path::make(path).value();
  std::string token((*batch)->token_size(checked), '\0');
  char* place = token.data();
  (*batch)->sign({&checked, 1}, {&place, 1});
  EXPECT_EQ(place, token.data() + token.size());
  return token;
}

TEST(S3, PlacesABucketByItsAddressing) {
  const auto virtual_host = place_of(bucket(bucket_addressing::virtual_host));
  EXPECT_EQ(virtual_host.url, "https://examplebucket.s3.us-east-1.amazonaws.com/");
  EXPECT_EQ(virtual_host.host, "examplebucket.s3.us-east-1.amazonaws.com");
  EXPECT_EQ(virtual_host.uri_prefix, "/");

  const auto path = place_of(bucket(bucket_addressing::path, "http://127.0.0.1:9000"));
  EXPECT_EQ(path.url, "http://127.0.0.1:9000/examplebucket/");
  EXPECT_EQ(path.host, "127.0.0.1:9000");
  EXPECT_EQ(path.uri_prefix, "/examplebucket/");

  const auto bound = place_of(bucket(bucket_addressing::bucket_bound, "https://files.example"));
  EXPECT_EQ(bound.url, "https://files.example/");
  EXPECT_EQ(bound.host, "files.example");
  EXPECT_EQ(bound.uri_prefix, "/");
}

TEST(S3, KnowsAmazonsOwnEndpoints) {
  auto abroad = bucket(bucket_addressing::path);
  abroad.region = "eu-west-3";
  EXPECT_EQ(place_of(abroad).host, "s3.eu-west-3.amazonaws.com");
  abroad.region = "cn-north-1";
  EXPECT_EQ(place_of(abroad).host, "s3.cn-north-1.amazonaws.com.cn");
}

TEST(S3, SignsForThePublicEndpoint) {
  auto hidden = bucket(bucket_addressing::path, "http://10.0.0.7:9000");
  hidden.public_endpoint = "https://objects.example";
  EXPECT_EQ(place_of(hidden).host, "objects.example");
  EXPECT_EQ(place_of(hidden).url, "https://objects.example/examplebucket/");
}

// The published example's host is not the region's.
TEST(S3, GivesThePublishedExample) {
  const auto backend =
      backend_of(place_of(bucket(bucket_addressing::virtual_host, "https://s3.amazonaws.com")));
  EXPECT_TRUE(token_of(backend, "test.txt", example_time, 86'400s)
                  .ends_with("&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature="
                             "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"));
}

// Its signature is botocore's of a HEAD of that object.
TEST(S3, ProbesTheEndpointByHead) {
  auto hidden = bucket(bucket_addressing::virtual_host, "https://s3.amazonaws.com");
  hidden.public_endpoint = "https://objects.example";
  const auto backend = backend_of(place_of(hidden));
  EXPECT_EQ(backend.urls().public_url, "https://examplebucket.objects.example/");
  EXPECT_EQ(backend.probes().public_url, "https://examplebucket.s3.amazonaws.com/");
  EXPECT_EQ(backend.probes().before_token, "?");
  EXPECT_EQ(backend.probes().path, api::kept_bytes::unreserved_path);
  EXPECT_TRUE(token_of(backend, "test.txt", example_time, 86'400s, token_use::probe)
                  .ends_with("&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature="
                             "f9c58dec0c3cada1e6f133547c7b6b2ef9d7df87447a785ad1b23079005271e5"));
}

TEST(S3, ProbesAmazonsOwnEndpointWithoutOne) {
  auto fronted = bucket(bucket_addressing::virtual_host);
  fronted.public_endpoint = "https://objects.example";
  EXPECT_EQ(place_of(fronted).of_node.url, "https://examplebucket.s3.us-east-1.amazonaws.com/");
  fronted.addressing = bucket_addressing::bucket_bound;
  EXPECT_EQ(place_of(fronted).of_node.url, "https://objects.example/") << "the bucket's own host";
}

TEST(S3, TakesANewKeyEachDay) {
  const auto backend = backend_of(place_of(bucket(bucket_addressing::virtual_host)));
  const auto first = token_of(backend, "a", example_time + 24h - 1s, 60s);
  const auto second = token_of(backend, "a", example_time + 24h, 60s);
  EXPECT_TRUE(first.contains("%2F20130524%2F"));
  EXPECT_TRUE(second.contains("%2F20130525%2F"));
  EXPECT_EQ(token_of(backend, "a", example_time + 24h - 1s, 60s), first);
}

// Dated back by a minute, it ends when it would anyway, and is of the day that it says.
TEST(S3, SignsFromItsOwnDateOn) {
  const auto backend = backend_of(place_of(bucket(bucket_addressing::virtual_host)));
  const auto token = token_of(backend, "a", example_time - 60s, 300s + 60s);
  EXPECT_TRUE(token.contains("%2F20130523%2F")) << token;
  EXPECT_TRUE(token.contains("&X-Amz-Date=20130523T235900Z&X-Amz-Expires=360&")) << token;
}

TEST(S3, TellsHowUrlsAreMade) {
  const auto backend = backend_of(place_of(bucket(bucket_addressing::path, "http://s3.test")));
  EXPECT_EQ(backend.urls().public_url, "http://s3.test/examplebucket/");
  EXPECT_EQ(backend.urls().before_token, "?");
  EXPECT_EQ(backend.urls().path, api::kept_bytes::unreserved_path);
}

}  // namespace
}  // namespace filemint::backends::s3_test
