#include "http/conditional.hpp"

#include "core/http_date.hpp"
#include "heads.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace filemint::http::conditional_test {
namespace {

constexpr wall_time modified{std::chrono::seconds{784'111'777}};  // Sun, 06 Nov 1994 08:49:37 GMT
constexpr wall_time now{std::chrono::seconds{1'780'000'000}};
const representation file{.size = 1000, .etag = "\"abc\"", .modified = modified};

selection chosen(std::string_view fields, const representation& of = file,
                 std::string_view method = "GET") {
  const parsed_head head(head_text(method, "/files/a/b", fields));
  return select(conditions_of(*head), of, now);
}

TEST(Range, SelectsWhatItNames) {
  struct row {
    std::string range;
    selected what;
    std::uint64_t offset, length;
  };
  for (const auto& r : std::vector<row>{
           {"bytes=0-0", selected::part, 0, 1},
           {"bytes=0-999", selected::part, 0, 1000},
           {"bytes=0-", selected::part, 0, 1000},
           {"bytes=10-19", selected::part, 10, 10},
           {"bytes=990-2000", selected::part, 990, 10},
           {"bytes=999-", selected::part, 999, 1},
           {"bytes=-1", selected::part, 999, 1},
           {"bytes=-1000", selected::part, 0, 1000},
           {"bytes=-5000", selected::part, 0, 1000},
           {"bytes=-99999999999999999999999", selected::part, 0, 1000},
           {"bytes=5-99999999999999999999999", selected::part, 5, 995},
           {"Bytes=0-1", selected::part, 0, 2},
           {"bytes= 0-1 ,", selected::part, 0, 2},
           {"bytes=1000-", selected::unsatisfiable, 0, 0},
           {"bytes=1000-1001", selected::unsatisfiable, 0, 0},
           {"bytes=99999999999999999999999-", selected::unsatisfiable, 0, 0},
           {"bytes=-0", selected::unsatisfiable, 0, 0},
       }) {
    const auto got = chosen("Range: " + r.range + "\r\n");
    EXPECT_EQ(got.what, r.what) << r.range;
    if (r.what != selected::part) continue;
    EXPECT_EQ(got.offset, r.offset) << r.range;
    EXPECT_EQ(got.length, r.length) << r.range;
  }
}

TEST(Range, IsTheWholeFileWhenItIsMalformedOrNotOneRange) {
  for (const auto* range :
       {"", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=1", "bytes=5-4", "bytes=+1-2",
        "bytes=1-+2", "bytes=--1", "bytes=1 - 2", "bytes = 1-2", "bytes=0x1-2", "items=0-1",
        "bytes=0-1,2-3", "bytes=0-1, 5000-", "bytes=,"}) {
    const auto got = chosen("Range: " + std::string(range) + "\r\n");
    EXPECT_EQ(got.what, selected::whole) << range;
    EXPECT_EQ(got.length, 1000u) << range;
  }
  EXPECT_EQ(chosen("Range: bytes=0-1\r\nRange: bytes=0-1\r\n").what, selected::whole);
}

TEST(Range, OfAnEmptyFile) {
  const representation empty{.size = 0, .etag = "\"e\"", .modified = modified};
  EXPECT_EQ(chosen("Range: bytes=0-\r\n", empty).what, selected::unsatisfiable);
  EXPECT_EQ(chosen("Range: bytes=-5\r\n", empty).what, selected::whole);
}

TEST(Range, IsForGetAlone) {
  EXPECT_EQ(chosen("Range: bytes=0-1\r\n", file, "HEAD").what, selected::whole);
  EXPECT_EQ(chosen("Range: bytes=5000-\r\n", file, "HEAD").what, selected::whole);
}

TEST(Conditions, DecideInTheOrderOfTheRfc) {
  struct row {
    std::string fields;
    selected what;
  };
  const std::string same = "Sun, 06 Nov 1994 08:49:37 GMT",
                    before = "Sun, 06 Nov 1994 08:49:36 GMT",
                    later = "Mon, 07 Nov 1994 08:49:37 GMT";
  const std::string range = "Range: bytes=0-1\r\n";
  for (const auto& r : std::vector<row>{
           {"If-None-Match: \"abc\"\r\n", selected::not_modified},
           {"If-None-Match: W/\"abc\"\r\n", selected::not_modified},
           {"If-None-Match: \"x,y\", \"abc\"\r\n", selected::not_modified},
           {"If-None-Match: \"x\"\r\nIf-None-Match: \"abc\"\r\n", selected::not_modified},
           {"If-None-Match: *\r\n", selected::not_modified},
           {"If-None-Match: \"x\"\r\n", selected::whole},
           {"If-None-Match: abc\r\n", selected::whole},
           {"If-None-Match: \"x,\"abc\"\r\n", selected::whole},
           {"If-None-Match:\r\n", selected::whole},
           {"If-Modified-Since: " + same + "\r\n", selected::not_modified},
           {"If-Modified-Since: " + later + "\r\n", selected::not_modified},
           {"If-Modified-Since: " + before + "\r\n", selected::whole},
           {"If-Modified-Since: yesterday\r\n", selected::whole},
           // an entity tag outweighs a date
           {"If-None-Match: \"x\"\r\nIf-Modified-Since: " + same + "\r\n", selected::whole},
           {"If-None-Match: \"abc\"\r\nIf-Modified-Since: " + before + "\r\n",
            selected::not_modified},
           // a condition outweighs a range
           {"If-None-Match: \"abc\"\r\n" + range, selected::not_modified},
           {"If-None-Match: \"abc\"\r\nRange: bytes=5000-\r\n", selected::not_modified},
           {"If-None-Match: \"x\"\r\n" + range, selected::part},
           // If-Range compares strongly
           {"If-Range: \"abc\"\r\n" + range, selected::part},
           {"If-Range: W/\"abc\"\r\n" + range, selected::whole},
           {"If-Range: \"x\"\r\n" + range, selected::whole},
           {"If-Range: \"x\"\r\nRange: bytes=5000-\r\n", selected::whole},
           {"If-Range: " + same + "\r\n" + range, selected::part},
           {"If-Range: " + later + "\r\n" + range, selected::whole},
           {"If-Range: " + before + "\r\n" + range, selected::whole},
           {"If-Range: nonsense\r\n" + range, selected::whole},
           {"If-Range: \"abc\"\r\nIf-Range: \"abc\"\r\n" + range, selected::whole},
           {"If-Range: \"abc\"\r\n", selected::whole},
       }) {
    EXPECT_EQ(chosen(r.fields).what, r.what) << r.fields;
  }
}

TEST(Conditions, HoldForHeadToo) {
  EXPECT_EQ(chosen("If-None-Match: \"abc\"\r\n", file, "HEAD").what, selected::not_modified);
}

TEST(Conditions, DistrustADateOfThisVerySecond) {
  const representation fresh{.size = 10, .etag = "\"f\"", .modified = now};
  EXPECT_EQ(chosen("If-Range: " + format_http_date(now) + "\r\nRange: bytes=0-1\r\n", fresh).what,
            selected::whole);
}

}  // namespace
}  // namespace filemint::http::conditional_test
