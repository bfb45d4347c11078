#include "core/token.hpp"
#include "tests/unit/core/token_tools.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <rapidcheck/gtest.h>

#include <array>
#include <string>
#include <thread>
#include <vector>

namespace filemint::token_signer_test {
namespace {

using testing::at;
using testing::make_key;
using testing::sign;

constexpr auto hs256 = token_algorithm::hs256;
constexpr auto eddsa = token_algorithm::eddsa;
constexpr auto es256 = token_algorithm::es256;

const token_terms terms{.issuer = "filemint",
                        .source = "magikarp",
                        .company = "co_xyz",
                        .key_id = "AbCdEfGhIjKl",
                        .issued_at = at(1'795'476'656),
                        .expires_at = at(1'795'476'956)};

constexpr std::string_view path = "uploads/co_xyz/file_abc123/context.pdf";

result<verified_token> verify(std::string_view token, const signing_key_ptr& key,
                              std::string_view issuer = "filemint") {
  return verify_token(token, issuer, key->source(), key_ring({{key, key_state::active, {}}}),
                      terms.issued_at, std::chrono::seconds(30));
}

std::vector<std::string> parts_of(const std::string& token) {
  const auto first = token.find('.'), last = token.rfind('.');
  return {token.substr(0, first), token.substr(first + 1, last - first - 1),
          token.substr(last + 1)};
}

TEST(TokenSigner, WritesTheHeaderAndTheClaimsInTheirOrder) {
  for (const auto algorithm : {hs256, eddsa, es256}) {
    const auto key = make_key(algorithm);
    const auto parts = parts_of(sign(token_signer(*key, terms), path, 0x0123456789ABCDEF));
    const auto* name = algorithm == hs256 ? "HS256" : algorithm == eddsa ? "EdDSA" : "ES256";
    EXPECT_EQ(base64url_decode(parts[0]),
              std::string(R"({"alg":")") + name + R"(","kid":"2026a","typ":"JWT"})");
    EXPECT_EQ(base64url_decode(parts[1]),
              R"({ "iss":"filemint","aud":"magikarp","cid":"co_xyz","akid":"AbCdEfGhIjKl",)"
              R"("iat":1795476656,"exp":1795476956,"sub":"uploads/co_xyz/file_abc123/context.pdf",)"
              R"("jti":"ASNFZ4mrze8"})");
    EXPECT_EQ(parts[2].size(), algorithm == hs256 ? 43u : 86u);
  }
}

TEST(TokenSigner, MakesTokensThatVerify) {
  for (const auto algorithm : {hs256, eddsa, es256}) {
    const auto key = make_key(algorithm);
    const auto verified = verify(sign(token_signer(*key, terms), path, 42), key);
    ASSERT_TRUE(verified);
    EXPECT_EQ(verified->source(), "magikarp");
    EXPECT_EQ(verified->company(), "co_xyz");
    EXPECT_EQ(verified->key_id(), "AbCdEfGhIjKl");
    EXPECT_EQ(verified->path(), path);
    EXPECT_EQ(verified->jti().size(), 11u);
    EXPECT_EQ(verified->issued_at(), terms.issued_at);
    EXPECT_EQ(verified->expires_at(), terms.expires_at);
    EXPECT_TRUE(verified->allows("GET"));
    EXPECT_TRUE(verified->allows("HEAD"));
    for (const auto* method : {"POST", "OPTIONS", "get", ""}) {
      EXPECT_FALSE(verified->allows(method)) << method;
    }
  }
}

// Each length of the constant claims needs its own number of spaces to end on a group of three
// bytes.
TEST(TokenSigner, PadsConstantClaimsOfAnyLength) {
  const auto key = make_key(hs256);
  for (std::size_t size = 1; size <= 12; ++size) {
    auto longer = terms;
    const std::string company(size, 'c');
    longer.company = company;
    const auto verified = verify(sign(token_signer(*key, longer), path, 42), key);
    ASSERT_TRUE(verified) << size;
    EXPECT_EQ(verified->company(), company);
  }
}

TEST(TokenSigner, EscapesWhatTheTermsHold) {
  const auto key = make_key(hs256);
  auto odd = terms;
  odd.issuer = "https://\"mint\"\\";
  odd.company = "co\n\xc3\xa4";
  const auto verified = verify(sign(token_signer(*key, odd), path, 42), key, odd.issuer);
  ASSERT_TRUE(verified);
  EXPECT_EQ(verified->company(), odd.company);
}

TEST(TokenSigner, WritesExactlyAsMuchAsItSays) {
  for (const auto algorithm : {hs256, eddsa, es256}) {
    const auto key = make_key(algorithm);
    const token_signer signer(*key, terms);
    for (std::size_t size = 1; size <= 1'024; size += algorithm == hs256 ? 1 : 89) {
      const std::string name(size, '"');
      const auto token_size = signer.size_for(name);
      std::string room(token_size + 64, '#');
      EXPECT_EQ(signer.sign(name, 42, room.data() + 32), room.data() + 32 + token_size);
      EXPECT_EQ(room.substr(0, 32), std::string(32, '#'));
      EXPECT_EQ(room.substr(32 + token_size), std::string(32, '#'));
      const auto token = room.substr(32, token_size);
      if (token_size > max_token_bytes) continue;
      const auto verified = verify(token, key);
      ASSERT_TRUE(verified) << size;
      EXPECT_EQ(verified->path(), name);
    }
  }
}

TEST(TokenSigner, AddsTheNameToSaveTheFileUnder) {
  for (const auto algorithm : {hs256, eddsa, es256}) {
    const auto key = make_key(algorithm);
    const token_signer signer(*key, terms);
    EXPECT_EQ(verify(sign(signer, path, 42), key)->file_name(), std::nullopt);
    for (const auto& name :
         {std::string{}, std::string{"a \"b\" \\ \xc3\xa4.pdf"}, std::string(1'024, '"')}) {
      const auto size = signer.size_for(path, name);
      std::string room(size + 1, '#');
      EXPECT_EQ(signer.sign(path, name, 42, room.data()), room.data() + size);
      EXPECT_EQ(room.back(), '#');
      const auto verified = verify(std::string_view{room}.substr(0, size), key);
      ASSERT_TRUE(verified) << name;
      EXPECT_EQ(verified->path(), path);
      EXPECT_EQ(verified->file_name(), name);
    }
  }
}

rc::Gen<std::string> utf8_path() {
  const auto piece = rc::gen::weightedElement<std::string>({{20, "a"},
                                                            {20, "Z"},
                                                            {10, "/"},
                                                            {10, "\""},
                                                            {5, " "},
                                                            {5, "\xc3\xa4"},
                                                            {5, "\xe2\x82\xac"},
                                                            {5, "\xf0\x9f\x98\x80"},
                                                            {3, "\\"},
                                                            {2, "\n"},
                                                            {2, "%"},
                                                            {2, "\x7f"}});
  const auto pieces = rc::gen::nonEmpty(rc::gen::container<std::vector<std::string>>(piece));
  return rc::gen::map(pieces, [](const std::vector<std::string>& all) {
    std::string text;
    for (const auto& each : all) text += each;
    return text;
  });
}

RC_GTEST_PROP(TokenSigner, KeepsThePathsExactBytes, (std::uint64_t jti)) {
  static const auto key = make_key(hs256);
  static const token_signer signer(*key, terms);
  const auto name = *utf8_path();
  const auto token = sign(signer, name, jti);

  const auto verified = verify(token, key);
  RC_ASSERT(verified.has_value());
  RC_ASSERT(verified->path() == name);

  const auto claims = nlohmann::json::parse(base64url_decode(parts_of(token)[1]).value());
  RC_ASSERT(claims["sub"] == name);
  std::uint64_t read = 0;
  const auto bytes = base64url_decode(claims["jti"].get<std::string>()).value();
  for (const char c : bytes) {
    read = read << 8 | static_cast<unsigned char>(c);
  }
  RC_ASSERT(read == jti);
}

TEST(TokenSigner, SignsOnSeveralThreadsAtOnceWhatItSignsOnOne) {
  for (const auto algorithm : {hs256, eddsa}) {
    const auto key = make_key(algorithm);
    const token_signer signer(*key, terms);
    const int count = algorithm == hs256 ? 2'000 : 50;
    const auto sign_all = [&] {
      std::vector<std::string> tokens;
      for (int i = 0; i < count; ++i) {
        tokens.push_back(sign(signer, "uploads/" + std::to_string(i), static_cast<unsigned>(i)));
      }
      return tokens;
    };
    const auto alone = sign_all();
    std::array<std::vector<std::string>, 2> together;
    {
      std::vector<std::jthread> threads;
      for (auto& tokens : together) threads.emplace_back([&] { tokens = sign_all(); });
    }
    for (const auto& tokens : together) EXPECT_EQ(tokens, alone);
  }
}

// ECDSA's nonces differ, so do its tokens.
TEST(TokenSigner, SignsTogetherByEs256TokensThatVerify) {
  const auto key = make_key(es256);
  const token_signer signer(*key, terms);
  const std::vector<file_path> paths{file_path::make("a").value(),
                                     file_path::make("uploads/\"b\"").value()};
  const std::vector<std::uint64_t> jtis{1, 2};
  std::vector<std::string> tokens;
  std::vector<char*> places;
  for (const auto name : paths) tokens.emplace_back(signer.size_for(name), '#');
  for (auto& token : tokens) places.push_back(token.data());
  signer.sign(paths, jtis, places);
  for (std::size_t i = 0; i < paths.size(); ++i) {
    EXPECT_EQ(places[i], tokens[i].data() + tokens[i].size());
    const auto verified = verify(tokens[i], key);
    ASSERT_TRUE(verified) << i;
    EXPECT_EQ(verified->path(), paths[i].bytes());
  }
}

TEST(TokenSigner, SignsTogetherWhatItSignsOneByOne) {
  for (const auto algorithm : {hs256, eddsa}) {
    const auto key = make_key(algorithm);
    const token_signer signer(*key, terms);
    for (std::size_t count = 1; count <= token_signer::at_once; ++count) {
      std::vector<std::string> names, tokens;
      std::vector<file_path> paths;
      std::vector<std::uint64_t> jtis;
      std::vector<char*> places;
      for (std::size_t i = 0; i < count; ++i) {
        names.push_back("uploads/x" + std::string(i * i, i % 2 == 0 ? 'a' : '"'));
      }
      for (const auto& name : names) {
        paths.push_back(file_path::make(name).value());
        jtis.push_back(names.size() + paths.size());
        tokens.emplace_back(signer.size_for(paths.back()), '\0');
      }
      for (auto& token : tokens) places.push_back(token.data());
      signer.sign(paths, jtis, places);
      for (std::size_t i = 0; i < count; ++i) {
        EXPECT_EQ(places[i], tokens[i].data() + tokens[i].size());
        EXPECT_EQ(tokens[i], sign(signer, names[i], jtis[i])) << i << " of " << count;
      }
    }
  }
}

TEST(TokenSigner, KeepsSigningWhereItIsMovedTo) {
  const auto key = make_key(hs256);
  token_signer signer(*key, terms);
  const auto token = sign(signer, path, 42);
  const auto moved = std::move(signer);
  EXPECT_EQ(sign(moved, path, 42), token);
}

}  // namespace
}  // namespace filemint::token_signer_test
