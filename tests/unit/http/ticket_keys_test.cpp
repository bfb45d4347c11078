#include "http/ticket_keys.hpp"

#include <gtest/gtest.h>

namespace filemint::http::ticket_keys_test {
namespace {

using namespace std::chrono_literals;

class TicketKeys : public ::testing::Test {
protected:
  const mono_time start_ = mono_clock::now();
  ticket_keys keys_{start_};
};

TEST_F(TicketKeys, SealWithOneKeyAPeriod) {
  const auto first = keys_.sealing(start_);
  EXPECT_EQ(keys_.sealing(start_ + ticket_keys::period - 1s).name, first.name);
  const auto second = keys_.sealing(start_ + ticket_keys::period);
  EXPECT_NE(second.name, first.name);
  EXPECT_NE(second.cipher, first.cipher);
  EXPECT_NE(second.mac, first.mac);
}

TEST_F(TicketKeys, OpenForOnePeriodMoreAndThenNoMore) {
  const auto key = keys_.sealing(start_ + ticket_keys::period - 1s);
  EXPECT_TRUE(keys_.find(key.name, start_)->current);
  const auto later = keys_.find(key.name, start_ + 2 * ticket_keys::period - 1s);
  ASSERT_TRUE(later);
  EXPECT_FALSE(later->current);
  EXPECT_EQ(later->key.cipher, key.cipher);
  EXPECT_EQ(later->key.mac, key.mac);
  EXPECT_FALSE(keys_.find(key.name, start_ + 2 * ticket_keys::period));
}

TEST_F(TicketKeys, AreAllNewAfterALongSilence) {
  const auto key = keys_.sealing(start_);
  const auto late = start_ + 100 * ticket_keys::period + 1s;
  EXPECT_FALSE(keys_.find(key.name, late));
  const auto fresh = keys_.sealing(late);
  EXPECT_EQ(keys_.sealing(late + ticket_keys::period - 1s).name, fresh.name);
  const auto later = keys_.find(fresh.name, late + ticket_keys::period);
  ASSERT_TRUE(later);
  EXPECT_FALSE(later->current);
}

TEST_F(TicketKeys, OfOthersOpenNothing) {
  ticket_keys others{start_};
  EXPECT_FALSE(keys_.find(others.sealing(start_).name, start_));
}

}  // namespace
}  // namespace filemint::http::ticket_keys_test
