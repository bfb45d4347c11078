#include "core/cluster/disagreements.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace filemint::disagreements_test {
namespace {

using names = std::vector<std::string>;

// "a" hears all others.
class Disagreements : public ::testing::Test {
protected:
  names drop_at(std::chrono::nanoseconds when) {
    return of_a_.to_drop(mono_time{when}, {{"b", &b_}, {"c", &c_}, {"d", &d_}});
  }
  disagreements of_a_;
  names b_{"a", "c", "d"}, c_{"a", "b", "d"}, d_{"a", "b", "c"};
};

TEST_F(Disagreements, DropNobodyWhileAllHearEachOther) {
  EXPECT_EQ(drop_at(std::chrono::hours{1}), names{});
}

TEST_F(Disagreements, DropTheGreaterNameOfABrokenLinkInTime) {
  b_ = {"a", "d"};  // one way is enough
  EXPECT_EQ(drop_at(std::chrono::seconds{1}), names{});
  EXPECT_EQ(drop_at(std::chrono::milliseconds{2'400}), names{});
  EXPECT_EQ(drop_at(std::chrono::milliseconds{2'500}), names{"c"});
  EXPECT_EQ(drop_at(std::chrono::seconds{9}), names{"c"});
  b_ = {"a", "c", "d"};
  EXPECT_EQ(drop_at(std::chrono::seconds{10}), names{});
  b_ = {"a", "d"};
  EXPECT_EQ(drop_at(std::chrono::seconds{11}), names{});
}

TEST_F(Disagreements, DropNoMoreThanNeeded) {
  b_ = {"a"};
  c_ = {"a"};
  d_ = {"a"};
  (void)drop_at(std::chrono::seconds{1});
  EXPECT_EQ(drop_at(std::chrono::seconds{3}), (names{"c", "d"}));
  c_ = {"a", "d"};
  d_ = {"a", "c"};
  EXPECT_EQ(drop_at(std::chrono::seconds{4}), (names{"c", "d"}));
  b_ = {"a", "d"};
  d_ = {"a", "b"};
  c_ = {"a"};
  (void)drop_at(std::chrono::seconds{5});
  EXPECT_EQ(drop_at(std::chrono::seconds{7}), names{"c"});
}

}  // namespace
}  // namespace filemint::disagreements_test
