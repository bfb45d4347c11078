#include "backends/swift.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace filemint::backends::swift_test {
namespace {

using namespace std::chrono_literals;

bucket_config container(std::string endpoint) {
  bucket_config made;
  made.account = "AUTH_account";
  made.name = "container";
  made.endpoint = std::move(endpoint);
  return made;
}

swift backend_of(temp_url_digest digest) {
  return {"files", swift_place_of(container("https://swift-cluster.example.com")), secret{"mykey"},
          digest};
}

std::string token_of(const swift& backend, std::string_view path, wall_time at,
                     std::chrono::seconds life) {
  const snapshot known;
  const auto batch = backend.begin(
      known, {.company = "co", .key_id = "k", .issued_at = at, .expires_at = at + life});
  EXPECT_TRUE(batch);
  const auto checked = file_path::make(path).value();
  std::string token((*batch)->token_size(checked), '\0');
  char* place = token.data();
  (*batch)->sign({&checked, 1}, {&place, 1});
  EXPECT_EQ(place, token.data() + token.size());
  return token;
}

TEST(Swift, PlacesAContainerBehindItsAccount) {
  const auto place = swift_place_of(container("http://127.0.0.1:8080"));
  EXPECT_EQ(place.url, "http://127.0.0.1:8080/v1/AUTH_account/container/");
  EXPECT_EQ(place.container, "/v1/AUTH_account/container/");
}

TEST(Swift, GivesUrlsOfThePublicEndpoint) {
  auto hidden = container("http://10.0.0.7:8080");
  hidden.public_endpoint = "https://objects.example";
  EXPECT_EQ(swift_place_of(hidden).url, "https://objects.example/v1/AUTH_account/container/");
}

// The published examples, whose URLs end 60 seconds after they were made.
TEST(Swift, SignsUntilTheTokensEnd) {
  EXPECT_EQ(token_of(backend_of(temp_url_digest::sha256), "object", wall_time{1'512'508'503s}, 60s),
            "temp_url_sig=732fcac368abb10c78a4cbe95c3fab7f311584532bf779abd5074e13cbe8b88b"
            "&temp_url_expires=1512508563");
  EXPECT_TRUE(
      token_of(backend_of(temp_url_digest::sha512), "object", wall_time{1'516'741'174s}, 60s)
          .ends_with("yueeXg&temp_url_expires=1516741234"));
}

TEST(Swift, SignsInLongerChunksWhereItIsFast) {
  const auto chunk = [](temp_url_digest digest) {
    return backend_of(digest)
        .begin(snapshot{}, {.company = "co", .key_id = "k", .issued_at = {}, .expires_at = {}})
        .value()
        ->paths_per_chunk();
  };
  EXPECT_EQ(chunk(temp_url_digest::sha256), 1024u);
  EXPECT_EQ(chunk(temp_url_digest::sha512), 256u);
}

TEST(Swift, TellsHowUrlsAreMade) {
  const auto backend = backend_of(temp_url_digest::sha256);
  EXPECT_EQ(backend.source(), "files");
  EXPECT_EQ(backend.urls().public_url,
            "https://swift-cluster.example.com/v1/AUTH_account/container/");
  EXPECT_EQ(backend.urls().before_token, "?");
  EXPECT_EQ(backend.urls().path, api::kept_bytes::unreserved_path);
}

// A signature for GET is good for HEAD too, and none holds a host.
TEST(Swift, ProbesTheEndpoint) {
  auto hidden = container("http://10.0.0.7:8080");
  hidden.public_endpoint = "https://objects.example";
  const swift backend{"files", swift_place_of(hidden), secret{"mykey"}, temp_url_digest::sha256};
  EXPECT_EQ(backend.probes().public_url, "http://10.0.0.7:8080/v1/AUTH_account/container/");
  EXPECT_EQ(backend.probes().before_token, "?");
  hidden.endpoint = "";
  EXPECT_EQ(swift_place_of(hidden).url_of_node,
            "https://objects.example/v1/AUTH_account/container/");
}

}  // namespace
}  // namespace filemint::backends::swift_test
