#include "api/write_error.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <rapidcheck/gtest.h>

namespace filemint::api::write_error_test {
namespace {

using json = nlohmann::json;

TEST(WriteError, WritesTheEnvelopeByteForByte) {
  EXPECT_EQ(write_error(error(errc::gateway_timeout)),
            R"({"success":false,"data":null,"error":{"code":"GATEWAY_TIMEOUT",)"
            R"("message":"Gateway timeout.","details":{}}})");
}

TEST(WriteError, WritesEachKindOfDetailInOrder) {
  const error e(
      errc::unprocessable_entity, "No.",
      {{"max", -5}, {"field", "expiresIn"}, {"filePaths", std::vector<std::string>{"a", "b"}}});
  EXPECT_EQ(
      write_error(e),
      R"({"success":false,"data":null,"error":{"code":"UNPROCESSABLE_ENTITY","message":"No.",)"
      R"("details":{"max":-5,"field":"expiresIn","filePaths":["a","b"]}}})");
}

TEST(WriteError, EscapesWhatJsonMustEscape) {
  const error e(errc::invalid_payload, "a\"b\\c\n\x01\x1f\x7f/");
  EXPECT_NE(write_error(e).find("\"message\":\"a\\\"b\\\\c\\n\\u0001\\u001f\x7f/\""),
            std::string::npos)
      << write_error(e);
}

TEST(WriteError, ReplacesWhatIsNotUtf8) {
  const error e(errc::invalid_payload,
                "\xff"
                "a\xc3\xa9\xed\xa0\x80\xf0\x9f\x98");
  const auto parsed = json::parse(write_error(e));
  EXPECT_EQ(parsed["error"]["message"],
            "\ufffd"
            "a\u00e9\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd");
}

TEST(WriteError, CutsLongOffendersAtACharacter) {
  const auto text_of = [](std::string path) {
    const error e(errc::forbidden, {}, {{"filePaths", std::vector{std::move(path)}}});
    return json::parse(write_error(e))["error"]["details"]["filePaths"][0].get<std::string>();
  };
  EXPECT_EQ(text_of(std::string(1024, 'a')), std::string(1024, 'a'));
  EXPECT_EQ(text_of(std::string(1025, 'a')), std::string(1024, 'a'));
  EXPECT_EQ(text_of(std::string(1023, 'a') + "éb"), std::string(1023, 'a'));
  EXPECT_EQ(text_of(std::string(1021, 'a') + "😀b"), std::string(1021, 'a'));
  EXPECT_EQ(text_of(std::string(1020, 'a') + "😀b"), std::string(1020, 'a') + "😀");
}

TEST(WriteError, TellsNothingOfWhatWentWrongInside) {
  for (const auto code : {errc::internal_server_error, errc::store_failed, errc::wrong_key}) {
    EXPECT_EQ(write_error(error(code, "/var/lib/filemint.db is locked", {{"pid", 7}})),
              R"({"success":false,"data":null,"error":{"code":"INTERNAL_SERVER_ERROR",)"
              R"("message":"An unexpected server error occurred.","details":{}}})");
  }
}

RC_GTEST_PROP(WriteError, IsJsonWhateverBytesTheErrorHolds, ()) {
  const auto message = *rc::gen::container<std::string>(rc::gen::arbitrary<char>());
  const auto texts = *rc::gen::arbitrary<std::vector<std::string>>();
  const auto parsed = json::parse(
      write_error(error(errc::bad_request, "m" + message, {{message, 1}, {"filePaths", texts}})));
  RC_ASSERT(parsed["error"]["details"]["filePaths"].size() == texts.size());
}

RC_GTEST_PROP(WriteError, KeepsTextThatIsUtf8, ()) {
  const auto points = *rc::gen::container<std::u32string>(
      rc::gen::suchThat(rc::gen::inRange<char32_t>(1, 0x110000),
                        [](char32_t c) { return c < 0xd800 || c > 0xdfff; }));
  std::string text = "m";
  for (const auto point : points) {
    // nlohmann encodes it for us.
    const auto high = 0xd7c0 + (point >> 10), low = 0xdc00 + (point & 0x3ff);
    char escape[16];
    std::snprintf(escape, sizeof escape, point > 0xffff ? "\"\\u%04x\\u%04x\"" : "\"\\u%04x\"",
                  static_cast<unsigned>(point > 0xffff ? high : point), static_cast<unsigned>(low));
    text += json::parse(escape).get<std::string>();
  }
  const auto parsed = json::parse(write_error(error(errc::bad_request, text)));
  RC_ASSERT(parsed["error"]["message"] == text);
}

}  // namespace
}  // namespace filemint::api::write_error_test
