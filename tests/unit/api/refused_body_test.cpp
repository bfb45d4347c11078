#include "api/parse_request.hpp"
#include "tests/unit/api/padded_text.hpp"

#include <gtest/gtest.h>

#include <string>

namespace filemint::api::refused_body_test {
namespace {

using namespace std::string_literals;

constexpr std::size_t max_paths = 1'000;

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

class RefusedBody : public ::testing::TestWithParam<refusal> {};

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
    ::testing::Values(
        refusal{"empty", "", errc::invalid_payload, "The body is empty."},
        not_json("white space", " \r\n\t "), not_json("word", "hello"),
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
    ::testing::Values(not_object("[]"), not_object(R"(["a"])"), not_object("1"), not_object("null"),
                      not_object(R"("filePaths")"), bad_paths("\"a\""), bad_paths("{}"),
                      bad_paths("1"), bad_paths("true"), bad_paths("[1]"),
                      bad_paths(R"(["a",null])"), bad_paths(R"(["a",["b"]])"),
                      bad_paths(R"([{"a":"b"}])"),
                      refusal{"no path", R"({"filePaths":[]})", errc::invalid_payload,
                              "filePaths must not be empty.", "filePaths"},
                      bad_source("1"), bad_source("[\"a\"]"), bad_source("{}"), bad_source("false"),
                      bad_expiry("60.0"), bad_expiry("6e1"), bad_expiry("60E0"), bad_expiry("-0.0"),
                      bad_expiry("\"60\""), bad_expiry("true"), bad_expiry("[60]"),
                      bad_expiry("{}"), bad_urls("null"), bad_urls("1"), bad_urls("\"true\""),
                      bad_urls("[]")));

INSTANTIATE_TEST_SUITE_P(
    Repeats, RefusedBody,
    ::testing::Values(
        repeated("filePaths", R"({"filePaths":["a"],"filePaths":["a"]})"),
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
                         ::testing::Values(missing("no member", "{}"),
                                           missing("null", R"({"filePaths":null})"),
                                           missing("another case", R"({"filepaths":["a"]})"),
                                           missing("deeper", R"({"x":{"filePaths":["a"]}})")));

// JSON syntax, types and repeats come before the missing field.
INSTANTIATE_TEST_SUITE_P(
    Order, RefusedBody,
    ::testing::Values(refusal{"missing, and a wrong type", R"({"filePaths":null,"source":1})",
                              errc::invalid_payload, "source must be a string.", "source"},
                      refusal{"missing, and a repeat", R"({"source":"s","source":"s"})",
                              errc::invalid_payload, "source appears more than once.", "source"},
                      refusal{"missing, and too deep",
                              "{\"x\":" + std::string(64, '[') + std::string(64, ']') + "}",
                              errc::invalid_payload,
                              "The body is nested more than 64 levels deep."},
                      not_json("missing, and not JSON", R"({"filePaths":null)")));

}  // namespace
}  // namespace filemint::api::refused_body_test
