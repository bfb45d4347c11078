#include "api/parse_request.hpp"

#include "tests/unit/api/padded_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <memory>
#include <string>

namespace filemint::api::parse_request_test {
namespace {

using namespace std::string_literals;
using ::testing::ElementsAre;

constexpr std::size_t max_paths = 1'000;

class ParseRequest : public ::testing::Test {
protected:
  result<parsed_request> parse(std::string_view text) {
    text_ = std::make_unique<padded_text>(text);
    return parser_.parse(*text_, text_->capacity, max_paths);
  }
  error error_of(std::string_view text) {
    auto request = parse(text);
    EXPECT_FALSE(request.has_value()) << text;
    return request ? error(errc::internal_server_error) : request.error();
  }

  body_parser parser_;
  std::unique_ptr<padded_text> text_;
};

TEST_F(ParseRequest, ReadsThePublishersExample) {
  const auto request = parse(R"({
    "filePaths": ["uploads/co_xyz/file_abc123/context.pdf", "uploads/co_xyz/file_def456/notes.pptx"],
    "source": "magikarp"
  })");
  ASSERT_TRUE(request);
  EXPECT_THAT(request->paths, ElementsAre("uploads/co_xyz/file_abc123/context.pdf",
                                          "uploads/co_xyz/file_def456/notes.pptx"));
  EXPECT_EQ(request->path_count, 2);
  EXPECT_EQ(request->source, "magikarp");
  EXPECT_EQ(request->expires_in, std::nullopt);
  EXPECT_FALSE(request->urls);
}

TEST_F(ParseRequest, ReadsEveryMember) {
  const auto request = parse(R"({"urls":true,"expiresIn":60,"source":"s","filePaths":["a"]})");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->source, "s");
  EXPECT_EQ(request->expires_in, 60);
  EXPECT_TRUE(request->urls);
}

TEST_F(ParseRequest, ReadsPartial) {
  EXPECT_FALSE(parse(R"({"filePaths":["a"]})")->partial);
  EXPECT_FALSE(parse(R"({"filePaths":["a"],"partial":false})")->partial);
  EXPECT_TRUE(parse(R"({"filePaths":["a"],"partial":true})")->partial);
  for (const auto* other : {"1", "null", R"("true")", "{}", "[true]"}) {
    const auto e = error_of(R"({"filePaths":["a"],"partial":)" + std::string(other) + "}");
    EXPECT_EQ(e.message, "partial must be true or false.") << other;
  }
}

TEST_F(ParseRequest, ReadsWhatIsToBeSaved) {
  const auto download = [&](std::string value) {
    const auto request = parse(R"({"download":)" + value + R"(,"filePaths":["a"]})");
    EXPECT_TRUE(request) << value;
    return request ? request->download : attachments{};
  };
  EXPECT_TRUE(download("false").none());
  EXPECT_TRUE(download("{}").none());
  EXPECT_FALSE(download("true").none());
  const auto named = download(R"({"b":"2","\u0061":"é\u0000","":""})");
  ASSERT_EQ(named.named().size(), 3u);
  EXPECT_EQ(named.named()[0].path, "");
  EXPECT_EQ(named.named()[1].path, "a");
  EXPECT_EQ(named.named()[1].name, "é\0"s);
  EXPECT_EQ(named.named()[2].name, "2");
}

TEST_F(ParseRequest, RefusesADownloadThatIsNotOneOrHasTwoReadings) {
  for (const auto* other : {"1", "null", R"("a")", "[]", R"({"a":1})", R"({"a":null})",
                            R"({"a":{"b":"c"}})", R"({"b":"x","a":true})"}) {
    const auto e = error_of(R"({"filePaths":["a"],"download":)" + std::string(other) + "}");
    EXPECT_EQ(e.code, errc::invalid_payload) << other;
    EXPECT_TRUE(e.message.starts_with("download must be true, false, or an object")) << other;
  }
  for (const auto* twice : {R"({"a":"x","a":"x"})", R"({"a":"x","b":"y","\u0061":"z"})"}) {
    const auto e = error_of(R"({"filePaths":["a"],"download":)" + std::string(twice) + "}");
    EXPECT_EQ(e.code, errc::invalid_payload) << twice;
    EXPECT_EQ(e.message, "download names a path more than once.") << twice;
  }
}

TEST_F(ParseRequest, CountsAllFileNamesButKeepsNoMoreThanPaths) {
  const padded_text text(R"({"filePaths":["a"],"download":{"a":"1","b":"2","c":"3"}})");
  const auto request = parser_.parse(text, text.capacity, 2);
  ASSERT_TRUE(request);
  EXPECT_EQ(request->download.named().size(), 2u);
  EXPECT_EQ(request->download_count, 3u);
}

TEST_F(ParseRequest, TakesNullSourceAndExpiryAsAbsent) {
  const auto request = parse(R"({"filePaths":["a"],"source":null,"expiresIn":null})");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->source, std::nullopt);
  EXPECT_EQ(request->expires_in, std::nullopt);
}

TEST_F(ParseRequest, IgnoresOtherMembersAndWhatStandsInThem) {
  const auto request =
      parse(R"({"a":{"filePaths":1,"filePaths":2},"filepaths":3,"FilePaths":4,"":5,"a":6,)"
            R"("filePaths":["a"],"source ":7,"download":{"a":"b"},"partial":true})");
  ASSERT_TRUE(request);
  EXPECT_THAT(request->paths, ElementsAre("a"));
}

TEST_F(ParseRequest, ReadsEscapedNamesAndPaths) {
  const auto request = parse(R"({"file\u0050aths":["a\/b","\u00e9\ud83d\ude00","a\u0000b"]})");
  ASSERT_TRUE(request);
  EXPECT_THAT(request->paths, ElementsAre("a/b", "é😀", "a\0b"s));
}

TEST_F(ParseRequest, KeepsPathsAsTheyAreSentRepeatsIncluded) {
  const auto request = parse(R"({"filePaths":["b","","a","b"," /../ "]})");
  ASSERT_TRUE(request);
  EXPECT_THAT(request->paths, ElementsAre("b", "", "a", "b", " /../ "));
}

TEST_F(ParseRequest, CountsAllPathsButKeepsNoMoreThanAsked) {
  const padded_text text(R"({"filePaths":["a","b","c"]})");
  const auto request = parser_.parse(text, text.capacity, 2);
  ASSERT_TRUE(request);
  EXPECT_EQ(request->path_count, 3);
  EXPECT_THAT(request->paths, ElementsAre("a", "b"));
  const padded_text bad(R"({"filePaths":["a","b",3]})");
  EXPECT_FALSE(parser_.parse(bad, bad.capacity, 2));
}

TEST_F(ParseRequest, TakesIntegersUpTo64Bits) {
  const auto expiry = [&](std::string number) {
    const auto request = parse(R"({"filePaths":["a"],"expiresIn":)" + number + "}");
    return request ? request->expires_in : std::nullopt;
  };
  using limits = std::numeric_limits<std::int64_t>;
  EXPECT_EQ(expiry("0"), 0);
  EXPECT_EQ(expiry("-0"), 0);
  EXPECT_EQ(expiry("-1"), -1);
  EXPECT_EQ(expiry("9223372036854775807"), limits::max());
  EXPECT_EQ(expiry("9223372036854775808"), limits::max());
  EXPECT_EQ(expiry("18446744073709551615"), limits::max());
  EXPECT_EQ(expiry("-9223372036854775808"), limits::min());
}

TEST_F(ParseRequest, ReadsTheSameWithoutPadding) {
  const std::string text = R"({"filePaths":["a","b"],"expiresIn":7})";
  for (const std::size_t padding : {std::size_t{0}, std::size_t{1}, json_padding - 1}) {
    const padded_text bare(text, padding);
    const auto request = parser_.parse(bare, bare.capacity, max_paths);
    ASSERT_TRUE(request);
    EXPECT_THAT(request->paths, ElementsAre("a", "b"));
    EXPECT_EQ(request->expires_in, 7);
  }
}

TEST_F(ParseRequest, IsNotMisledByWhatStandsInThePadding) {
  const std::string good = R"({"filePaths":["a"],"expiresIn":7})";
  for (const char fill : {'\0', '9', '"', '}', '{', ' ', '\xff', '\\'}) {
    const padded_text whole(good, json_padding, fill);
    const auto request = parser_.parse(whole, whole.capacity, max_paths);
    ASSERT_TRUE(request) << fill;
    EXPECT_EQ(request->expires_in, 7);
    for (std::size_t size = 0; size < good.size(); ++size) {
      const padded_text cut(good.substr(0, size), json_padding, fill);
      EXPECT_FALSE(parser_.parse(cut, cut.capacity, max_paths)) << std::string_view(cut) << fill;
    }
  }
}

TEST_F(ParseRequest, RefusesATextThatIsNowhere) {
  EXPECT_EQ(parser_.parse({}, 0, max_paths).error().code, errc::invalid_payload);
}

TEST_F(ParseRequest, GivesViewsThatOutliveTheText) {
  const auto request = parse(R"({"filePaths":["uploads/a"],"source":"magikarp"})");
  ASSERT_TRUE(request);
  text_.reset();
  EXPECT_THAT(request->paths, ElementsAre("uploads/a"));
  EXPECT_EQ(request->source, "magikarp");
}

TEST_F(ParseRequest, ForgetsTheRequestBefore) {
  ASSERT_TRUE(parse(R"({"filePaths":["a","b"],"source":"s","expiresIn":9,"urls":true,)"
                    R"("partial":true,"download":{"a":"b"}})"));
  ASSERT_FALSE(parse(R"({"filePaths":["c","d"],"urls":true,"source":3})"));
  const auto request = parse(R"({"filePaths":["e"]})");
  ASSERT_TRUE(request);
  EXPECT_THAT(request->paths, ElementsAre("e"));
  EXPECT_EQ(request->source, std::nullopt);
  EXPECT_EQ(request->expires_in, std::nullopt);
  EXPECT_FALSE(request->urls);
  EXPECT_FALSE(request->partial);
  EXPECT_TRUE(request->download.none());
  EXPECT_EQ(error_of("{}").code, errc::missing_required_field);
}

TEST_F(ParseRequest, TellsItsMemory) {
  EXPECT_EQ(parser_.memory_bytes(), 0);
  const std::string large = R"({"filePaths":["a"],"x":")" + std::string(2'000'000, 'x') + "\"}";
  ASSERT_TRUE(parse(large));
  EXPECT_GE(parser_.memory_bytes(), body_parser::memory_for(large.size()));
  EXPECT_NEAR(static_cast<double>(parser_.memory_bytes()), 13.7 * 2e6, 1e6);
  const auto before = parser_.memory_bytes();
  ASSERT_TRUE(parse(R"({"filePaths":["a"]})"));
  EXPECT_EQ(parser_.memory_bytes(), before);
}

TEST_F(ParseRequest, LooksAtDepthIncludingEmptyContainers) {
  const auto nested = [](std::size_t levels, std::string_view open, std::string_view innermost,
                         std::string_view close) {
    std::string text = R"({"filePaths":["a"],"x":)";
    for (std::size_t i = 0; i < levels; ++i) text += open;
    text += innermost;
    for (std::size_t i = 0; i < levels; ++i) text += close;
    return text + "}";
  };
  // The body's own braces are the first level.
  EXPECT_TRUE(parse(nested(63, "[", "", "]")));
  EXPECT_TRUE(parse(nested(63, "[", "1", "]")));
  EXPECT_TRUE(parse(nested(62, R"({"a":)", "{}", "}")));
  for (const auto& text : {nested(64, "[", "", "]"), nested(64, "[", "1", "]"),
                           nested(63, R"({"a":)", "{}", "}"), nested(63, R"({"a":)", "[]", "}"),
                           nested(63, "[1,", "{}", "]"), nested(1'000, "[", "", "]")}) {
    EXPECT_EQ(error_of(text).message, "The body is nested more than 64 levels deep.") << text;
  }
}

}  // namespace
}  // namespace filemint::api::parse_request_test
