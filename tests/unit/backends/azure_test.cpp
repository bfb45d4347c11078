#include "backends/azure.hpp"

#include "core/crypto/base64.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace filemint::backends::azure_test {
namespace {

using namespace std::chrono_literals;

constexpr wall_time new_year{1'767'225'600s};  // 2026-01-01T00:00:00Z

bucket_config container(bucket_addressing addressing, std::string endpoint = {}) {
  bucket_config made;
  made.name = "stored-files";
  made.account = "account1";
  made.endpoint = std::move(endpoint);
  made.addressing = addressing;
  return made;
}

azure backend_of(azure_place place) {
  constexpr std::string_view emulator_key =
      "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";
  return {"files", std::move(place), sas_key{base64_decode(emulator_key).value()}};
}

std::string token_of(const azure& backend, std::string_view path) {
  const snapshot known;
  const auto batch = backend.begin(
      known,
      {.company = "co", .key_id = "k", .issued_at = new_year, .expires_at = new_year + 5min});
  EXPECT_TRUE(batch);
  const auto checked = file_path::make(path).value();
  std::string token((*batch)->token_size(checked), '\0');
  char* place = token.data();
  (*batch)->sign({&checked, 1}, {&place, 1});
  token.resize(static_cast<std::size_t>(place - token.data()));
  return token;
}

bool held(std::string_view path) {
  return is_blob_name(file_path::make(path).value());
}

std::string segments(std::size_t count) {
  std::string path = "a";
  for (std::size_t i = 1; i < count; ++i) path += "/a";
  return path;
}

TEST(Azure, PlacesAContainerByItsAddressing) {
  EXPECT_EQ(place_of_container(container(bucket_addressing::virtual_host)).url,
            "https://account1.blob.core.windows.net/stored-files/");
  EXPECT_EQ(place_of_container(container(bucket_addressing::path, "http://127.0.0.1:10000")).url,
            "http://127.0.0.1:10000/account1/stored-files/");
  const auto bound =
      place_of_container(container(bucket_addressing::bucket_bound, "https://files.example"));
  EXPECT_EQ(bound.url, "https://files.example/stored-files/");
  EXPECT_EQ(bound.account, "account1");
  EXPECT_EQ(bound.container, "stored-files");
}

TEST(Azure, PlacesItAtThePublicEndpoint) {
  auto hidden = container(bucket_addressing::path, "http://10.0.0.7:10000");
  hidden.public_endpoint = "https://objects.example";
  EXPECT_EQ(place_of_container(hidden).url, "https://objects.example/account1/stored-files/");
  EXPECT_TRUE(place_of_container(hidden).https);
}

TEST(Azure, SignsWhatTheSignerSigns) {
  const auto backend = backend_of(place_of_container(container(bucket_addressing::virtual_host)));
  EXPECT_EQ(token_of(backend, "uploads/co_xyz/report.pdf"),
            "sv=2020-12-06&spr=https&se=2026-01-01T00%3A05%3A00Z&sr=b&sp=r"
            "&sig=7noqncXIyrFWk2bJIAy7IajpMDBY7UjcMhlP8sI5MRE%3D");
}

// Emulators speak http.
TEST(Azure, LetsHttpBeWhereTheEndpointIs) {
  const auto spoken = [](std::string endpoint) {
    const auto token = token_of(
        backend_of(place_of_container(container(bucket_addressing::path, std::move(endpoint)))),
        "a");
    return token.substr(0, token.find("&se="));
  };
  EXPECT_EQ(spoken("http://127.0.0.1:10000"), "sv=2020-12-06&spr=https%2Chttp");
  EXPECT_EQ(spoken("https://127.0.0.1:10000"), "sv=2020-12-06&spr=https");
}

TEST(Azure, TellsHowUrlsAreMade) {
  const auto backend =
      backend_of(place_of_container(container(bucket_addressing::path, "http://azure.test")));
  EXPECT_EQ(backend.urls().public_url, "http://azure.test/account1/stored-files/");
  EXPECT_EQ(backend.urls().before_token, "?");
  EXPECT_EQ(backend.urls().path, api::kept_bytes::unreserved_path);
}

TEST(Azure, NoSegmentOfABlobsNameEndsWithADot) {
  EXPECT_EQ(backend_of(place_of_container(container(bucket_addressing::virtual_host))).holds(),
            is_blob_name);
  for (const auto* path : {"a.b", ".a", "a/.b", "a/..b/c", "a..b", "x", "uploads/v1.2/report.pdf"})
    EXPECT_TRUE(held(path)) << path;
  for (const auto* path : {"a.", "a./b", "a/b.", "a/b../c", "...", "uploads/co_xyz/file_abc/name.",
                           "uploads/co_xyz/file_abc./a/name.pdf", "é./a"})
    EXPECT_FALSE(held(path)) << path;
}

// Whatever of a name is looked at together.
TEST(Azure, FindsADotWhereverItStands) {
  for (std::size_t size = 2; size < 70; ++size) {
    for (std::size_t dot = 1; dot < size; ++dot) {
      std::string path(size, 'a');
      path[dot] = '.';
      EXPECT_EQ(held(path), dot != size - 1) << path;
      if (dot + 2 >= size) continue;
      path[dot + 1] = '/';
      EXPECT_FALSE(held(path)) << path;
    }
  }
}

TEST(Azure, ABlobsNameHasAtMost254Segments) {
  EXPECT_TRUE(held(segments(254)));
  EXPECT_FALSE(held(segments(255)));
  EXPECT_TRUE(held(segments(253) + "/" + std::string(400, 'b')));
  EXPECT_FALSE(held(segments(254) + "/" + std::string(400, 'b')));
}

TEST(Azure, ABlobsNameHasNoControlCharactersAndNoNoncharacters) {
  for (const auto* path : {"\u007e", "\u00a0", "é", "\ud7ff", "\ue000", "\uf8ff", "\ufdcf",
                           "\ufdf0", "\ufffd", "\U00010000", "\U0001fffd", "\U0010fffd", "中文/😀"})
    EXPECT_TRUE(held(path)) << path;
  for (const auto* path : {"\u0080", "\u0081", "\u009f", "\ufdd0", "\ufdef", "\ufffe", "\uffff",
                           "\U0001fffe", "\U0001ffff", "\U0010ffff"})
    EXPECT_FALSE(held(std::string{"uploads/é"} + path + "/a")) << path;
}

// A signature for reading is good for HEAD too.
TEST(Azure, ProbesTheEndpointByTheSameSignature) {
  auto hidden = container(bucket_addressing::path, "http://10.0.0.7:10000");
  const auto plain = backend_of(place_of_container(hidden));
  hidden.public_endpoint = "https://objects.example";
  const auto backend = backend_of(place_of_container(hidden));
  EXPECT_EQ(backend.urls().public_url, "https://objects.example/account1/stored-files/");
  EXPECT_EQ(backend.probes().public_url, "http://10.0.0.7:10000/account1/stored-files/");
  const auto path = file_path::make("a").value();
  const auto token = [&](const azure& from, token_use use) {
    const auto batch = from.begin(snapshot{}, {.company = "co",
                                               .key_id = "k",
                                               .issued_at = new_year,
                                               .expires_at = new_year + 5min,
                                               .use = use});
    std::string text((*batch)->token_size(path), '\0');
    char* place = text.data();
    (*batch)->sign({&path, 1}, {&place, 1});
    text.resize(static_cast<std::size_t>(place - text.data()));
    return text;
  };
  EXPECT_TRUE(token(backend, token_use::download).contains("spr=https&"));
  EXPECT_TRUE(token(backend, token_use::probe).contains("spr=https%2Chttp&"));
  EXPECT_EQ(token(backend, token_use::probe), token(plain, token_use::download));
}

}  // namespace
}  // namespace filemint::backends::azure_test
