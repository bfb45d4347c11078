#include "api/parse_request.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>

#include <cstring>
#include <limits>
#include <memory>
#include <string>

namespace filemint::api {
namespace {

using namespace std::string_literals;
using testing::ElementsAre;

constexpr std::size_t max_paths = 1'000;

// A text and its padding, which must not matter, right before a page that nobody may read.
class padded_text {
public:
  explicit padded_text(std::string_view text, std::size_t padding = json_padding, char fill = '9')
      : capacity(text.size() + padding), mapped_((capacity / page + 2) * page) {
    void* const pages =
        ::mmap(nullptr, mapped_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    pages_ = static_cast<char*>(pages);
    char* const end = pages_ + mapped_ - page;
    ::mprotect(end, page, PROT_NONE);
    std::memset(end - padding, fill, padding);
    text_ = {end - capacity, text.size()};
    std::memcpy(end - capacity, text.data(), text.size());
  }
  padded_text(const padded_text&) = delete;
  padded_text& operator=(const padded_text&) = delete;
  ~padded_text() { ::munmap(pages_, mapped_); }
  operator std::string_view() const { return text_; }

  const std::size_t capacity;

private:
  static constexpr std::size_t page = 4096;
  std::size_t mapped_;
  char* pages_;
  std::string_view text_;
};

class ParseRequest : public testing::Test {
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

TEST_F(ParseRequest, GivesViewsThatOutliveTheText) {
  const auto request = parse(R"({"filePaths":["uploads/a"],"source":"magikarp"})");
  ASSERT_TRUE(request);
  text_.reset();
  EXPECT_THAT(request->paths, ElementsAre("uploads/a"));
  EXPECT_EQ(request->source, "magikarp");
}

TEST_F(ParseRequest, ForgetsTheRequestBefore) {
  ASSERT_TRUE(parse(R"({"filePaths":["a","b"],"source":"s","expiresIn":9,"urls":true})"));
  ASSERT_FALSE(parse(R"({"filePaths":["c","d"],"urls":true,"source":3})"));
  const auto request = parse(R"({"filePaths":["e"]})");
  ASSERT_TRUE(request);
  EXPECT_THAT(request->paths, ElementsAre("e"));
  EXPECT_EQ(request->source, std::nullopt);
  EXPECT_EQ(request->expires_in, std::nullopt);
  EXPECT_FALSE(request->urls);
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

struct refusal {
  const char* why;
  std::string text;
  errc code;
  const char* message;
  const char* field = nullptr;
};

void PrintTo(const refusal& it, std::ostream* out) {
  *out << it.why;
}

class RefusedBody : public testing::TestWithParam<refusal> {};

TEST_P(RefusedBody, TellsWhatIsWrong) {
  const auto& expected = GetParam();
  body_parser parser;
  const padded_text text(expected.text);
  const auto request = parser.parse(text, text.capacity, max_paths);
  ASSERT_FALSE(request);
  EXPECT_EQ(request.error().code, expected.code);
  EXPECT_EQ(request.error().message, expected.message);
  if (expected.field == nullptr) {
    EXPECT_TRUE(request.error().details.empty());
  } else {
    ASSERT_EQ(request.error().details.size(), 1);
    EXPECT_EQ(request.error().details[0].name, "field");
    EXPECT_EQ(std::get<std::string>(request.error().details[0].value), expected.field);
  }
}

refusal not_json(const char* why, std::string text) {
  return {why, std::move(text), errc::invalid_payload, "The body is not valid JSON."};
}
refusal bad_number(const char* why, std::string text) {
  return {why, std::move(text), errc::invalid_payload,
          "The body holds a number that is not valid JSON or out of range."};
}
refusal not_utf8(const char* why, std::string text) {
  return {why, std::move(text), errc::invalid_payload, "The body is not valid UTF-8."};
}
refusal not_object(std::string text) {
  return {"not an object", std::move(text), errc::invalid_payload,
          "The body must be a JSON object."};
}
refusal bad_paths(std::string value) {
  return {"filePaths of a wrong type", R"({"filePaths":)" + value + "}", errc::invalid_payload,
          "filePaths must be an array of strings.", "filePaths"};
}
refusal bad_source(std::string value) {
  return {"source of a wrong type", R"({"filePaths":["a"],"source":)" + value + "}",
          errc::invalid_payload, "source must be a string.", "source"};
}
refusal bad_expiry(std::string value) {
  return {"expiresIn of a wrong type", R"({"filePaths":["a"],"expiresIn":)" + value + "}",
          errc::invalid_payload, "expiresIn must be an integer, without fraction or exponent.",
          "expiresIn"};
}
refusal bad_urls(std::string value) {
  return {"urls of a wrong type", R"({"filePaths":["a"],"urls":)" + value + "}",
          errc::invalid_payload, "urls must be true or false.", "urls"};
}
refusal repeated(const char* field, std::string text) {
  static const std::string messages[] = {
      "filePaths appears more than once.", "source appears more than once.",
      "expiresIn appears more than once.", "urls appears more than once.",
      "download appears more than once.",  "partial appears more than once."};
  for (const auto& message : messages) {
    if (message.starts_with(field)) {
      return {"repeated", std::move(text), errc::invalid_payload, message.c_str(), field};
    }
  }
  return {};
}
refusal missing(const char* why, std::string text) {
  return {why, std::move(text), errc::missing_required_field, "filePaths is required.",
          "filePaths"};
}

INSTANTIATE_TEST_SUITE_P(
    NotJson, RefusedBody,
    testing::Values(
        not_json("empty", ""), not_json("white space", " \r\n\t "), not_json("word", "hello"),
        not_json("cut", R"({"filePaths":["a"])"), not_json("two texts", R"({"filePaths":["a"]}{})"),
        not_json("something behind", R"({"filePaths":["a"]} x)"),
        not_json("NUL behind", "{\"filePaths\":[\"a\"]}\0"s), not_json("NUL alone", "\0"s),
        not_json("trailing comma", R"({"filePaths":["a"],})"),
        not_json("trailing comma in array", R"({"filePaths":["a",]})"),
        not_json("missing comma", R"({"filePaths":["a" "b"]})"),
        not_json("missing colon", R"({"filePaths" ["a"]})"),
        not_json("single quotes", R"({'filePaths':['a']})"),
        not_json("bare name", R"({filePaths:["a"]})"),
        not_json("comment", R"(/**/{"filePaths":["a"]})"),
        not_json("form feed", "\f{\"filePaths\":[\"a\"]}"),
        not_json("raw newline in a string", "{\"filePaths\":[\"a\n\"]}"),
        not_json("raw NUL in a string", "{\"filePaths\":[\"a\0\"]}"s),
        not_json("bad escape", R"({"filePaths":["\x41"]})"),
        not_json("short escape", R"({"filePaths":["\u00"]})"),
        not_json("lone high surrogate", R"({"filePaths":["\ud800"]})"),
        not_json("lone low surrogate", R"({"filePaths":["\udc00"]})"),
        not_json("high surrogate twice", R"({"filePaths":["\ud800\ud800"]})"),
        not_json("high surrogate, then a letter", R"({"filePaths":["\ud800\u0041"]})"),
        not_json("lone surrogate in a name", R"({"filePaths":["a"],"\udfff":1})"),
        not_json("lone surrogate in an ignored member", R"({"filePaths":["a"],"x":["\ud800"]})"),
        not_json("open string", R"({"filePaths":["a)"),
        not_json("bad atom", R"({"filePaths":nul})"),
        not_json("NaN", R"({"filePaths":["a"],"x":NaN})"),
        not_json("plus sign", R"({"filePaths":["a"],"x":+1})"),
        refusal{"byte-order mark", "\xef\xbb\xbf{\"filePaths\":[\"a\"]}", errc::invalid_payload,
                "The body begins with a byte-order mark."},
        bad_number("leading zero", R"({"filePaths":["a"],"x":01})"),
        bad_number("no digit behind the point", R"({"filePaths":["a"],"x":1.})"),
        bad_number("no exponent", R"({"filePaths":["a"],"x":1e})"),
        bad_number("65 bits, expiresIn", R"({"filePaths":["a"],"expiresIn":18446744073709551616})"),
        bad_number("65 bits, ignored member", R"({"filePaths":["a"],"x":[18446744073709551616]})"),
        bad_number("below 64 bits", R"({"filePaths":["a"],"x":-9223372036854775809})"),
        bad_number("beyond a double", R"({"filePaths":["a"],"x":1e309})"),
        bad_number("beyond a double, negative", R"({"filePaths":["a"],"x":-1e400})"),
        not_utf8("byte FF", "{\"filePaths\":[\"a\xff\"]}"),
        not_utf8("overlong", "{\"filePaths\":[\"\xc0\xaf\"]}"),
        not_utf8("surrogate in UTF-8", "{\"filePaths\":[\"\xed\xa0\x80\"]}"),
        not_utf8("cut character", "{\"filePaths\":[\"\xc3\"]}"),
        not_utf8("beyond Unicode", "{\"filePaths\":[\"\xf4\x90\x80\x80\"]}"),
        not_utf8("in an ignored member", "{\"filePaths\":[\"a\"],\"x\":\"\x80\"}"),
        not_utf8("UTF-16", "\xff\xfe{\0"s)));

INSTANTIATE_TEST_SUITE_P(
    WrongTypes, RefusedBody,
    testing::Values(not_object("[]"), not_object(R"(["a"])"), not_object("1"), not_object("null"),
                    not_object(R"("filePaths")"), bad_paths("\"a\""), bad_paths("{}"),
                    bad_paths("1"), bad_paths("true"), bad_paths("[1]"), bad_paths(R"(["a",null])"),
                    bad_paths(R"(["a",["b"]])"), bad_paths(R"([{"a":"b"}])"),
                    refusal{"no path", R"({"filePaths":[]})", errc::invalid_payload,
                            "filePaths must not be empty.", "filePaths"},
                    bad_source("1"), bad_source("[\"a\"]"), bad_source("{}"), bad_source("false"),
                    bad_expiry("60.0"), bad_expiry("6e1"), bad_expiry("60E0"), bad_expiry("-0.0"),
                    bad_expiry("\"60\""), bad_expiry("true"), bad_expiry("[60]"), bad_expiry("{}"),
                    bad_urls("null"), bad_urls("1"), bad_urls("\"true\""), bad_urls("[]")));

INSTANTIATE_TEST_SUITE_P(
    Repeats, RefusedBody,
    testing::Values(repeated("filePaths", R"({"filePaths":["a"],"filePaths":["a"]})"),
                    repeated("filePaths", R"({"filePaths":null,"filePaths":["a"]})"),
                    repeated("filePaths", R"({"filePaths":null,"x":1,"filePaths":null})"),
                    repeated("filePaths", R"({"filePaths":["a"],"file\u0050aths":["b"]})"),
                    repeated("filePaths", R"({"\u0066ilePaths":["a"],"filePaths":["b"]})"),
                    repeated("source", R"({"filePaths":["a"],"source":"s","source":"s"})"),
                    repeated("source", R"({"filePaths":["a"],"source":null,"source":null})"),
                    repeated("expiresIn", R"({"filePaths":["a"],"expiresIn":1,"expiresIn":1})"),
                    repeated("urls", R"({"filePaths":["a"],"urls":true,"\u0075rls":true})"),
                    repeated("download", R"({"filePaths":["a"],"download":true,"download":true})"),
                    repeated("partial", R"({"filePaths":["a"],"partial":true,"partial":false})")));

INSTANTIATE_TEST_SUITE_P(Missing, RefusedBody,
                         testing::Values(missing("no member", "{}"),
                                         missing("null", R"({"filePaths":null})"),
                                         missing("another case", R"({"filepaths":["a"]})"),
                                         missing("deeper", R"({"x":{"filePaths":["a"]}})")));

// JSON syntax, types and repeats come before the missing field.
INSTANTIATE_TEST_SUITE_P(
    Order, RefusedBody,
    testing::Values(refusal{"missing, and a wrong type", R"({"filePaths":null,"source":1})",
                            errc::invalid_payload, "source must be a string.", "source"},
                    refusal{"missing, and a repeat", R"({"source":"s","source":"s"})",
                            errc::invalid_payload, "source appears more than once.", "source"},
                    refusal{"missing, and too deep",
                            "{\"x\":" + std::string(64, '[') + std::string(64, ']') + "}",
                            errc::invalid_payload, "The body is nested more than 64 levels deep."},
                    not_json("missing, and not JSON", R"({"filePaths":null)")));

}  // namespace
}  // namespace filemint::api
