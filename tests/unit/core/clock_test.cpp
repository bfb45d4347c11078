#include "core/clock.hpp"

#include <gtest/gtest.h>

#include <ctime>

namespace filemint::clock_test {
namespace {

using std::chrono::seconds;

TEST(Rfc3339, WritesUtcInWholeSeconds) {
  EXPECT_EQ(rfc3339(wall_time{seconds{0}}), "1970-01-01T00:00:00Z");
  EXPECT_EQ(rfc3339(wall_time{seconds{1'767'225'900}}), "2026-01-01T00:05:00Z");
  EXPECT_EQ(rfc3339(wall_time{seconds{951'782'399}}), "2000-02-28T23:59:59Z");
  EXPECT_EQ(rfc3339(wall_time{seconds{951'782'400}}), "2000-02-29T00:00:00Z");
  EXPECT_EQ(rfc3339(wall_time{seconds{-1}}), "1969-12-31T23:59:59Z");
  EXPECT_EQ(rfc3339(wall_time{seconds{253'402'300'799}}), "9999-12-31T23:59:59Z");
}

TEST(Rfc3339, AgreesWithTheCLibrary) {
  for (std::int64_t t = 0; t < 4'000'000'000; t += 12'345'677) {
    const std::time_t when = t;
    std::tm parts{};
    ::gmtime_r(&when, &parts);
    char text[32];
    std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
    ASSERT_EQ(rfc3339(wall_time{seconds{t}}), text);
  }
}

TEST(Rfc3339, IsReadAsItIsWritten) {
  for (const std::int64_t t : {-1LL, 0LL, 951'782'400LL, 1'767'225'900LL, 253'402'300'799LL}) {
    const wall_time when{seconds{t}};
    EXPECT_EQ(parse_rfc3339(rfc3339(when)), when);
  }
  const wall_time when{seconds{1'767'225'900}};
  EXPECT_EQ(parse_rfc3339("2026-01-01T00:05:00.5Z"), when);
  EXPECT_EQ(parse_rfc3339("2026-01-01T00:05:00.9999999Z"), when);
}

TEST(Rfc3339, NothingElseIsRead) {
  for (const auto* text :
       {"", "Z", "2026-01-01T00:05:00", "2026-01-01T00:05:00+00:00", "2026-01-01 00:05:00Z",
        "2026-01-01T00:05Z", "2026-1-1T00:05:00Z", "2026-01-01T00:05:00.Z",
        "2026-01-01T00:05:00,5Z", "2026-01-01T00:05:00.5x5Z", "2026-02-30T00:05:00Z",
        "2026-00-01T00:05:00Z", "2026-01-01T24:05:00Z", "2026-01-01T00:60:00Z",
        "2026-01-01T00:05:61Z", "2026-01-01t00:05:00z", "-026-01-01T00:05:00Z", "1767225900"}) {
    EXPECT_EQ(parse_rfc3339(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace filemint::clock_test
