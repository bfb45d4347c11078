#include "core/http_date.hpp"

#include <gtest/gtest.h>

namespace filemint::http_date_test {
namespace {

using std::chrono::seconds;

constexpr wall_time moment{seconds{784'111'777}};  // RFC 9110's own example
constexpr wall_time in_2026{seconds{1'780'000'000}};

TEST(HttpDate, IsWrittenAsAFixdate) {
  EXPECT_EQ(format_http_date(moment), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(format_http_date(wall_time{}), "Thu, 01 Jan 1970 00:00:00 GMT");
}

TEST(HttpDate, IsReadInAllThreeForms) {
  for (const auto* text : {"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT",
                           "Sun Nov  6 08:49:37 1994"}) {
    EXPECT_EQ(parse_http_date(text, in_2026), moment) << text;
  }
}

TEST(HttpDate, PutsATwoDigitYearFarAheadIntoThePast) {
  const auto year = [](const char* text) {
    const auto date = std::chrono::floor<std::chrono::days>(*parse_http_date(text, in_2026));
    return static_cast<int>(std::chrono::year_month_day(date).year());
  };
  EXPECT_EQ(year("Friday, 01-Jan-76 00:00:00 GMT"), 2076);
  EXPECT_EQ(year("Friday, 01-Jan-77 00:00:00 GMT"), 1977);
}

TEST(HttpDate, RefusesWhatIsNone) {
  for (const auto* text :
       {"", "0", "yesterday", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 CET",
        "Sun, 6 Nov 1994 08:49:37 GMT", "Sun, 31 Feb 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 24:49:37 GMT", "Sun, 06 Nov 1994 08:60:37 GMT",
        "Sun, 06 nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT "}) {
    EXPECT_EQ(parse_http_date(text, in_2026), std::nullopt) << text;
  }
}

TEST(DateCache, FollowsTheClock) {
  date_cache cache;
  EXPECT_EQ(cache.at(wall_time{}), "Thu, 01 Jan 1970 00:00:00 GMT");
  EXPECT_EQ(cache.at(wall_time{seconds{1}}), "Thu, 01 Jan 1970 00:00:01 GMT");
}

}  // namespace
}  // namespace filemint::http_date_test
