#include "core/revocations.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

namespace filemint::revocations_test {
namespace {

wall_time at(std::int64_t seconds) {
  return wall_time(std::chrono::seconds(seconds));
}

token_marks token() {
  return {.jti = "jti-1",
          .key_id = "keykeykey001",
          .company = "co_xyz",
          .source = "magikarp",
          .path = "uploads/co_xyz/a",
          .issued_at = at(100)};
}

bool ended_by(const revocation& one, const token_marks& by = token()) {
  return revocations().with({&one, 1}).end(by);
}

TEST(Revocations, EndNothingWhereThereAreNone) {
  EXPECT_FALSE(revocations().end(token()));
  EXPECT_EQ(revocations().size(), 0u);
  EXPECT_EQ(revocations().with({}).size(), 0u);
  EXPECT_EQ(revocations().without_forgotten(at(1)).size(), 0u);
}

TEST(Revocations, EndATokenByEachOfItsMarks) {
  using enum revocation_kind;
  EXPECT_TRUE(ended_by({jti, "", "jti-1", at(100), at(500)}));
  EXPECT_TRUE(ended_by({key, "", "keykeykey001", at(100), at(500)}));
  EXPECT_TRUE(ended_by({company, "", "co_xyz", at(100), at(500)}));
  EXPECT_TRUE(ended_by({path, "magikarp", "uploads/co_xyz/a", at(100), at(500)}));
  EXPECT_TRUE(ended_by({prefix, "magikarp", "uploads/co_xyz", at(100), at(500)}));
  EXPECT_TRUE(ended_by({prefix, "magikarp", "uploads/co_xyz/a", at(100), at(500)})) << "itself";
  EXPECT_TRUE(ended_by({prefix, "magikarp", "", at(100), at(500)})) << "every path";
}

TEST(Revocations, LeaveOtherTokensAlone) {
  using enum revocation_kind;
  EXPECT_FALSE(ended_by({jti, "", "jti-2", at(100), at(500)}));
  EXPECT_FALSE(ended_by({jti, "", "co_xyz", at(100), at(500)})) << "another kind of mark";
  EXPECT_FALSE(ended_by({key, "", "keykeykey002", at(100), at(500)}));
  EXPECT_FALSE(ended_by({company, "", "co_xy", at(100), at(500)}));
  EXPECT_FALSE(ended_by({path, "betaimages", "uploads/co_xyz/a", at(100), at(500)}));
  EXPECT_FALSE(ended_by({path, "magikarp", "uploads/co_xyz", at(100), at(500)}));
  EXPECT_FALSE(ended_by({prefix, "magikarp", "uploads/co_xy", at(100), at(500)}))
      << "whole segments";
  EXPECT_FALSE(ended_by({prefix, "magikarp", "uploads/co_xyz/a/b", at(100), at(500)}));
  EXPECT_FALSE(ended_by({prefix, "betaimages", "", at(100), at(500)}));
}

TEST(Revocations, EndWhatWasIssuedUpToTheirTimeAlone) {
  using enum revocation_kind;
  for (const auto kind : {key, company, path, prefix}) {
    const auto source = kind == path || kind == prefix ? "magikarp" : "";
    const auto value = kind == key       ? "keykeykey001"
                       : kind == company ? "co_xyz"
                       : kind == path    ? "uploads/co_xyz/a"
                                         : "uploads";
    EXPECT_TRUE(ended_by({kind, source, value, at(100), at(500)}));
    EXPECT_FALSE(ended_by({kind, source, value, at(99), at(500)})) << "issued after it";
  }
  EXPECT_TRUE(ended_by({jti, "", "jti-1", at(1), at(500)})) << "that one token, whenever";
}

TEST(Revocations, KeepTheLaterOfTwoTimes) {
  const std::vector both{revocation{revocation_kind::company, "", "co_xyz", at(100), at(500)},
                         revocation{revocation_kind::company, "", "co_xyz", at(50), at(450)}};
  for (const auto& order : {both, std::vector{both[1], both[0]}}) {
    const auto held = revocations().with(order);
    EXPECT_EQ(held.size(), 1u);
    EXPECT_TRUE(held.end(token()));
    EXPECT_TRUE(held.without_forgotten(at(499)).end(token()));
  }
}

TEST(Revocations, AreForgottenOnceTheirTokensHaveExpired) {
  const revocation one{revocation_kind::prefix, "magikarp", "uploads", at(100), at(500)};
  const auto held = revocations().with({&one, 1});
  EXPECT_EQ(held.without_forgotten(at(499)).size(), 1u);
  EXPECT_EQ(held.without_forgotten(at(500)).size(), 0u);
  EXPECT_EQ(held.size(), 1u) << "the former ones are as they were";
}

// ---- against a list that is looked through from front to back

bool below(std::string_view path, std::string_view prefix) {
  return prefix.empty() || path == prefix ||
         (path.starts_with(prefix) && path[prefix.size()] == '/');
}

bool ends(const revocation& one, const token_marks& token) {
  const bool in_time = token.issued_at <= one.issued_until;
  switch (one.kind) {
    case revocation_kind::jti:
      return token.jti == one.value;
    case revocation_kind::key:
      return in_time && token.key_id == one.value;
    case revocation_kind::company:
      return in_time && token.company == one.value;
    case revocation_kind::path:
      return in_time && token.source == one.source && token.path == one.value;
    case revocation_kind::prefix:
      return in_time && token.source == one.source && below(token.path, one.value);
  }
  return false;
}

TEST(Revocations, AgreeWithAListAboutRandomTokens) {
  std::mt19937 random(20'261'124);
  const auto upto = [&](unsigned most) { return static_cast<unsigned>(random() % (most + 1)); };
  const auto path = [&] {
    std::string made;
    for (unsigned i = 0, n = upto(4); i <= n; ++i) {
      made += (i == 0 ? "" : "/") + std::string(1 + upto(1), static_cast<char>('a' + upto(1)));
    }
    return made;
  };
  const auto source = [&] { return std::string(upto(1) == 0 ? "magikarp" : "betaimages"); };
  const auto name = [&] { return std::to_string(upto(9)); };
  unsigned ended = 0;
  for (int round = 0; round < 300; ++round) {
    std::vector<revocation> list;
    revocations held;
    for (unsigned i = 0, n = upto(6); i < n; ++i) {
      const auto kind = static_cast<revocation_kind>(upto(4));
      const bool on_source = kind == revocation_kind::path || kind == revocation_kind::prefix;
      const bool everything = kind == revocation_kind::prefix && upto(9) == 0;
      list.push_back({kind, on_source ? source() : "",
                      everything  ? ""
                      : on_source ? path()
                                  : name(),
                      at(upto(50)), at(50 + upto(50))});
      held = held.with({&list.back(), 1});
      if (upto(3) != 0) continue;
      const auto now = at(upto(100));
      held = held.without_forgotten(now);
      // The later time of those on the same value counts for all of them.
      const auto all = list;
      std::erase_if(list, [&](const revocation& one) {
        return std::ranges::none_of(all, [&](const revocation& other) {
          return other.kind == one.kind && other.source == one.source && other.value == one.value &&
                 other.forget_at > now;
        });
      });
    }
    for (int i = 0; i < 100; ++i) {
      const auto jti = name(), key = name(), company = name(), on = source(), file = path();
      const token_marks one{jti, key, company, on, file, at(upto(60))};
      const bool expected =
          std::ranges::any_of(list, [&](const revocation& r) { return ends(r, one); });
      EXPECT_EQ(held.end(one), expected) << on << ' ' << file;
      ended += expected ? 1 : 0;
    }
  }
  EXPECT_GT(ended, 3'000u);
}

}  // namespace
}  // namespace filemint::revocations_test
