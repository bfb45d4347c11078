#include "backends/local.hpp"

#include "core/signing_key.hpp"
#include "core/token.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace filemint::backends::local_test {
namespace {

using namespace std::chrono_literals;

constexpr wall_time now{1'780'000'000s};
constexpr std::string_view issuer = "https://mint.example";

signing_key_ptr make_key(token_algorithm algorithm, std::string kid,
                         std::string source = "magikarp") {
  return signing_key::generate(algorithm, std::move(source), std::move(kid)).value();
}

snapshot knowing(std::vector<ring_entry> entries) {
  snapshot known;
  known.signing.emplace("magikarp", key_ring{std::move(entries)});
  return known;
}

mint_terms terms() {
  return {.company = "co_xyz", .key_id = "keykeykey001", .issued_at = now, .expires_at = now + 60s};
}

std::string sign(const batch& from, std::string_view path) {
  const auto checked = file_path::make(path).value();
  std::string token(from.token_size(checked), '\0');
  char* place = token.data();
  from.sign({&checked, 1}, {&place, 1});
  EXPECT_EQ(place, token.data() + token.size());
  return token;
}

class Local : public ::testing::TestWithParam<token_algorithm> {
protected:
  const local backend{"magikarp", std::string{issuer}};
};
INSTANTIATE_TEST_SUITE_P(Algorithms, Local,
                         ::testing::Values(token_algorithm::hs256, token_algorithm::eddsa,
                                           token_algorithm::es256),
                         [](const auto& of) { return std::string{jose_name(of.param)}; });

TEST_P(Local, SignsTokensThatVerifyAndSayWhoMayReadWhat) {
  const auto known = knowing({{make_key(GetParam(), "one"), key_state::active, {}}});
  const auto batch = backend.begin(known, terms());
  ASSERT_TRUE(batch);
  for (const std::string_view path :
       {"a", "uploads/co_xyz/file_abc123/context.pdf", "uploads/co_xyz/\xc3\xa9 \"q\".pdf"}) {
    const auto token = verify_token(sign(**batch, path), issuer, "magikarp",
                                    known.signing.at("magikarp"), now, 0s);
    ASSERT_TRUE(token) << path;
    EXPECT_EQ(token->path(), path);
    EXPECT_EQ(token->source(), "magikarp");
    EXPECT_EQ(token->company(), "co_xyz");
    EXPECT_EQ(token->key_id(), "keykeykey001");
    EXPECT_EQ(token->issued_at(), now);
    EXPECT_EQ(token->expires_at(), now + 60s);
  }
}

TEST_P(Local, SignsTheNameToSaveAFileUnder) {
  const auto known = knowing({{make_key(GetParam(), "one"), key_state::active, {}}});
  const auto name_in = [&](const api::attachments& saved_as, std::string_view path) {
    auto named = terms();
    named.saved_as = saved_as;
    const auto batch = backend.begin(known, named).value();
    const auto token =
        verify_token(sign(*batch, path), issuer, "magikarp", known.signing.at("magikarp"), now, 0s);
    EXPECT_TRUE(token) << path;
    EXPECT_EQ(token->path(), path);
    return token->file_name();
  };
  EXPECT_EQ(name_in({}, "a/b.pdf"), std::nullopt);
  EXPECT_EQ(name_in(api::attachments::of_all(), "a/\xc3\xa9 \"q\".pdf"), "\xc3\xa9 \"q\".pdf");
  const std::vector<api::file_name> names{{"a", "report.pdf"}, {"b", ""}};
  EXPECT_EQ(name_in(api::attachments{names}, "a"), "report.pdf");
  EXPECT_EQ(name_in(api::attachments{names}, "c"), std::nullopt);
}

TEST_P(Local, NamesEachTokenDifferently) {
  const auto known = knowing({{make_key(GetParam(), "one"), key_state::active, {}}});
  const auto batch = backend.begin(known, terms());
  ASSERT_TRUE(batch);
  std::set<std::string> names;
  for (int i = 0; i < 600; ++i) {
    const auto token =
        verify_token(sign(**batch, "a"), issuer, "magikarp", known.signing.at("magikarp"), now, 0s);
    ASSERT_TRUE(token);
    names.insert(token->jti());
  }
  EXPECT_EQ(names.size(), 600u);
}

TEST_P(Local, SignsOnSeveralThreadsAtOnce) {
  const auto known = knowing({{make_key(GetParam(), "one"), key_state::active, {}}});
  const auto batch = backend.begin(known, terms());
  ASSERT_TRUE(batch);
  std::vector<std::vector<std::string>> tokens(3);
  {
    std::vector<std::jthread> threads;
    for (auto& mine : tokens) {
      threads.emplace_back([&mine, &batch] {
        for (int i = 0; i < 100; ++i) mine.push_back(sign(**batch, "a"));
      });
    }
  }
  std::set<std::string> names;
  for (const auto& mine : tokens) {
    for (const auto& token : mine) {
      const auto good =
          verify_token(token, issuer, "magikarp", known.signing.at("magikarp"), now, 0s);
      ASSERT_TRUE(good);
      names.insert(good->jti());
    }
  }
  EXPECT_EQ(names.size(), 300u);
}

TEST_P(Local, SignsWithTheActiveKeyAlone) {
  const auto active = make_key(GetParam(), "active");
  const auto known = knowing({{make_key(GetParam(), "old"), key_state::retiring, now + 60s},
                              {make_key(GetParam(), "next"), key_state::prepared, {}},
                              {active, key_state::active, {}}});
  const auto batch = backend.begin(known, terms());
  ASSERT_TRUE(batch);
  const key_ring only{{{active, key_state::active, {}}}};
  EXPECT_TRUE(verify_token(sign(**batch, "a"), issuer, "magikarp", only, now, 0s));
}

TEST_P(Local, SignsNothingWithoutAnActiveKey) {
  const auto key = make_key(GetParam(), "one");
  snapshot elsewhere;
  elsewhere.signing.emplace(
      "betaimages", key_ring{{{make_key(GetParam(), "one", "betaimages"), key_state::active, {}}}});
  for (const auto& known :
       {snapshot{}, elsewhere, knowing({}), knowing({{key, key_state::prepared, {}}}),
        knowing({{key, key_state::retiring, now + 60s}})}) {
    const auto batch = backend.begin(known, terms());
    ASSERT_FALSE(batch);
    EXPECT_EQ(batch.error().code, errc::service_unavailable);
  }
}

TEST(LocalOfAnEdge, SignsNoNames) {
  EXPECT_TRUE((local{"magikarp", std::string{issuer}}.signs_attachments()));
  const local edge{"parcels", std::string{issuer}, local::server::edge};
  EXPECT_FALSE(edge.signs_attachments());
}

TEST(LocalChunks, AreAsLongAsTheAlgorithmIsSlow) {
  const local backend{"magikarp", std::string{issuer}};
  const auto chunk = [&](token_algorithm algorithm) {
    const auto known = knowing({{make_key(algorithm, "one"), key_state::active, {}}});
    return backend.begin(known, terms()).value()->paths_per_chunk();
  };
  EXPECT_EQ(chunk(token_algorithm::hs256), 1024u);
  EXPECT_EQ(chunk(token_algorithm::eddsa), 4u);
  EXPECT_EQ(chunk(token_algorithm::es256), 4u);
}

}  // namespace
}  // namespace filemint::backends::local_test
