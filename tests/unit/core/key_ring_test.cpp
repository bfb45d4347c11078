#include "core/key_ring.hpp"

#include "tests/unit/core/token_tools.hpp"

#include <gtest/gtest.h>

namespace filemint::key_ring_test {
namespace {

using testing::at;
using testing::make_key;

const auto old_key = make_key(token_algorithm::hs256, "magikarp", "old");
const auto current = make_key(token_algorithm::hs256, "magikarp", "current");
const auto next = make_key(token_algorithm::hs256, "magikarp", "next");

const key_ring ring({{old_key, key_state::retiring, at(1'000)},
                     {next, key_state::prepared, {}},
                     {current, key_state::active, {}}});

TEST(KeyRing, SignsWithTheActiveKeyAlone) {
  EXPECT_EQ(ring.active(), current.get());
  EXPECT_EQ(key_ring({{next, key_state::prepared, {}}}).active(), nullptr);
  EXPECT_EQ(key_ring({{old_key, key_state::retiring, at(1'000)}}).active(), nullptr);
  EXPECT_EQ(key_ring().active(), nullptr);
}

TEST(KeyRing, FindsPreparedAndActiveKeysAtAnyTime) {
  for (const auto time : {at(0), at(999), at(1'000), at(1'000'000)}) {
    EXPECT_EQ(ring.find("current", time), current.get());
    EXPECT_EQ(ring.find("next", time), next.get());
  }
}

TEST(KeyRing, FindsARetiringKeyUntilItsTime) {
  EXPECT_EQ(ring.find("old", at(0)), old_key.get());
  EXPECT_EQ(ring.find("old", at(999)), old_key.get());
  EXPECT_EQ(ring.find("old", at(1'000)), nullptr);
  EXPECT_EQ(ring.find("old", at(1'001)), nullptr);
}

TEST(KeyRing, FindsNothingByAnotherName) {
  for (const auto* kid : {"", "gone", "curren", "current ", "CURRENT"}) {
    EXPECT_EQ(ring.find(kid, at(0)), nullptr) << kid;
  }
}

}  // namespace
}  // namespace filemint::key_ring_test
