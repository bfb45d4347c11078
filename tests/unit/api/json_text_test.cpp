#include "api/json_text.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace filemint::api::json_text_test {
namespace {

TEST(AppendJsonString, ReplacesEachByteThatIsNotUtf8) {
  const auto written = [](std::string_view text) {
    std::string out;
    append_json_string(out, text);
    return out;
  };
  const std::string one = "\"\ufffd\"", two = "\"\ufffd\ufffd\"", three = "\"\ufffd\ufffd\ufffd\"",
                    four = "\"\ufffd\ufffd\ufffd\ufffd\"";
  EXPECT_EQ(written("\x80"), one);
  EXPECT_EQ(written("\xff"), one);
  EXPECT_EQ(written("\xc3"), one);
  EXPECT_EQ(written("\xc1\xbf"), two);
  EXPECT_EQ(written("\xe0\x9f\xbf"), three);
  EXPECT_EQ(written("\xed\xa0\x80"), three);
  EXPECT_EQ(written("\xf0\x8f\xbf\xbf"), four);
  EXPECT_EQ(written("\xf4\x90\x80\x80"), four);
  EXPECT_EQ(written("\xf5\x80\x80\x80"), four);
  EXPECT_EQ(written("\xe2\x82"), two);
  EXPECT_EQ(written(""), R"("")");
  EXPECT_EQ(written("plain"), R"("plain")");
  EXPECT_EQ(written("a\"b\\c\x80"
                    "d\n"),
            "\"a\\\"b\\\\c\ufffdd\\n\"");
  // The first and the last of each length.
  for (const std::string good :
       {"\x01", "\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80",
        "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"}) {
    EXPECT_EQ(nlohmann::json::parse(written(good)), good);
  }
}

TEST(CutAtCharacter, NeverCutsACharacter) {
  EXPECT_EQ(cut_at_character("abc", 3), "abc");
  EXPECT_EQ(cut_at_character("abc", 2), "ab");
  EXPECT_EQ(cut_at_character("aé", 2), "a");
  EXPECT_EQ(cut_at_character("a😀", 4), "a");
  EXPECT_EQ(cut_at_character("\x80\x80", 1), "");
}

}  // namespace
}  // namespace filemint::api::json_text_test
