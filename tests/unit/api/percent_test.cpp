#include "api/percent.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace filemint::api::percent_test {
namespace {

using namespace std::string_literals;

TEST(PercentEncode, KeepsWhatAPathMayHold) {
  const std::string kept = "AZaz09-._~!$&'()*+,;=:@/";
  EXPECT_EQ(percent_encode(kept), kept);
}

TEST(PercentEncode, EncodesEverythingElse) {
  EXPECT_EQ(percent_encode("a b"), "a%20b");
  EXPECT_EQ(percent_encode("100%"), "100%25");
  EXPECT_EQ(percent_encode("a?b#c"), "a%3Fb%23c");
  EXPECT_EQ(percent_encode("é"), "%C3%A9");
  EXPECT_EQ(percent_encode(R"("<>[]{}|\^`)"), "%22%3C%3E%5B%5D%7B%7D%7C%5C%5E%60");
  EXPECT_EQ(percent_encode("\0\x7f\xff"s), "%00%7F%FF");
}

TEST(PercentDecode, DecodesExactlyOnce) {
  EXPECT_EQ(percent_decode("a%20b"), "a b");
  EXPECT_EQ(percent_decode("%252e"), "%2e");
  EXPECT_EQ(percent_decode("%c3%A9"), "é");
  EXPECT_EQ(percent_decode("a+b"), "a+b");
  EXPECT_EQ(percent_decode("%00"), "\0"s);
  EXPECT_EQ(percent_decode(""), "");
}

TEST(PercentDecode, RefusesBadEscapes) {
  for (const auto* bad : {"%", "a%", "%2", "%zz", "%2g", "%g2", "%%20", "% 2", "%+2", "a%2"}) {
    EXPECT_EQ(percent_decode(bad), std::nullopt) << bad;
  }
}

RC_GTEST_PROP(PercentEncode, IsUndoneByDecoding, ()) {
  const auto text = *rc::gen::container<std::string>(rc::gen::arbitrary<char>());
  const auto encoded = percent_encode(text);
  RC_ASSERT(encoded.size() == percent_encoded_size(text));
  RC_ASSERT(percent_decode(encoded) == text);
}

struct query_case {
  const char* query;
  parameter_count count;
  const char* value;
};

class FindQueryParameter : public ::testing::TestWithParam<query_case> {};

TEST_P(FindQueryParameter, CountsAndDecodes) {
  const auto found = find_query_parameter(GetParam().query, "token");
  EXPECT_EQ(found.count, GetParam().count) << GetParam().query;
  EXPECT_EQ(found.value, GetParam().value) << GetParam().query;
}

INSTANTIATE_TEST_SUITE_P(
    Queries, FindQueryParameter,
    ::testing::Values(query_case{"", parameter_count::none, ""},
                      query_case{"a=b", parameter_count::none, ""},
                      query_case{"Token=b", parameter_count::none, ""},
                      query_case{"xtoken=b&tokenx=c", parameter_count::none, ""},
                      query_case{"a=token=b", parameter_count::none, ""},
                      query_case{"%zztoken=b", parameter_count::none, ""},
                      query_case{"token=abc", parameter_count::one, "abc"},
                      query_case{"a=b&token=abc", parameter_count::one, "abc"},
                      query_case{"token=abc&a=b", parameter_count::one, "abc"},
                      query_case{"&&token=abc&", parameter_count::one, "abc"},
                      query_case{"token=a=b", parameter_count::one, "a=b"},
                      query_case{"token=a%2Eb", parameter_count::one, "a.b"},
                      query_case{"token=a+b", parameter_count::one, "a+b"},
                      query_case{"%74oken=abc", parameter_count::one, "abc"},
                      query_case{"token=", parameter_count::one, ""},
                      query_case{"token", parameter_count::one, ""},
                      query_case{"token=a&token=a", parameter_count::repeated, ""},
                      query_case{"token=a&b=c&token", parameter_count::repeated, ""},
                      query_case{"token=a&%74o%6ben=b", parameter_count::repeated, ""},
                      query_case{"token=%zz&token=b", parameter_count::repeated, ""},
                      query_case{"token=%zz", parameter_count::malformed, ""},
                      query_case{"token=abc%2", parameter_count::malformed, ""}));

}  // namespace
}  // namespace filemint::api::percent_test
