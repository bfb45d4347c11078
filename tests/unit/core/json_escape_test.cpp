#include "core/json_escape.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <rapidcheck/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace filemint::json_escape_test {
namespace {

using namespace std::string_literals;

std::string escaped(std::string_view text) {
  std::string out(json_escaped_size(text), '#');
  EXPECT_EQ(json_escape(text, out.data()), out.data() + out.size());
  EXPECT_EQ(json_escaped(text), out);
  return out;
}

TEST(JsonEscape, EscapesWhatJsonDemandsAndNothingElse) {
  const std::vector<std::pair<std::string, std::string>> pairs{
      {"", ""},
      {"uploads/co_xyz/notes.pptx", "uploads/co_xyz/notes.pptx"},
      {"\"", "\\\""},
      {"a\"b", "a\\\"b"},
      {"\\", "\\\\"},
      {"\b\f\n\r\t", "\\b\\f\\n\\r\\t"},
      {"\0\x01\x1f"s, "\\u0000\\u0001\\u001f"},
      {" !#[]^~\x7f/", " !#[]^~\x7f/"},
      {"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"},
  };
  for (const auto& [text, expected] : pairs) EXPECT_EQ(escaped(text), expected);
}

// Wherever the byte stands: texts are looked at in blocks of sixteen.
TEST(JsonEscape, EscapesAsAnotherWriterDoes) {
  for (std::size_t size = 1; size <= 40; ++size) {
    for (std::size_t at = 0; at < size; ++at) {
      for (int byte = 0; byte < 0x80; ++byte) {
        std::string text(size, 'a');
        text[at] = static_cast<char>(byte);
        ASSERT_EQ('"' + escaped(text) + '"', nlohmann::json(text).dump());
      }
    }
  }
}

RC_GTEST_PROP(JsonEscape, IsReadBackByAnIndependentParser, ()) {
  const auto text = *rc::gen::container<std::string>(rc::gen::inRange('\0', '\x7f'));
  const auto read = nlohmann::json::parse("\"" + escaped(text) + "\"", nullptr, false);
  RC_ASSERT(read.is_string());
  RC_ASSERT(read.get<std::string>() == text);
}

}  // namespace
}  // namespace filemint::json_escape_test
