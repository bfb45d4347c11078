#include "core/jose_object.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace filemint::jose_object_test {
namespace {

using namespace std::string_literals;

TEST(JoseObject, GivesItsMembersByTypeAndName) {
  const auto object = jose_object::parse(
      R"( {"text":"a\"\u00e4","int":-5,"big":9223372036854775807,"float":5.0,"exp":5e0,"huge":9223372036854775808,)"
      R"("null":null,"true":true,"deep":{"text":"other","deep":[1,{"x":"y"}]},"list":["z",7],"last":"l"} )");
  ASSERT_TRUE(object);
  EXPECT_EQ(*object->text("text"), "a\"\xc3\xa4");
  EXPECT_EQ(*object->text("last"), "l");
  EXPECT_EQ(object->integer("int"), -5);
  EXPECT_EQ(object->integer("big"), 9223372036854775807);
  for (const auto* name : {"float", "exp", "huge", "null", "true", "deep", "list", "text"}) {
    EXPECT_TRUE(object->has(name)) << name;
    EXPECT_EQ(object->integer(name), std::nullopt) << name;
  }
  for (const auto* name : {"int", "float", "null", "true", "deep", "list"}) {
    EXPECT_EQ(object->text(name), nullptr) << name;
  }
  for (const auto* name : {"x", "", "Text"}) EXPECT_FALSE(object->has(name)) << name;
  EXPECT_TRUE(jose_object::parse("{}"));
}

std::string object_of(std::size_t members) {
  std::string json = "{";
  for (std::size_t i = 0; i < members; ++i) json += (i ? ",\"" : "\"") + std::to_string(i) + "\":1";
  return json + "}";
}

TEST(JoseObject, RefusesWhatIsNotOneObjectWithUniqueNames) {
  const std::vector<std::string> bad{
      "",
      " ",
      "null",
      "true",
      "5",
      "5.5",
      "-5",
      "\"x\"",
      "[]",
      "[{}]",
      "x",
      "{",
      "}",
      "{}}",
      "{}{}",
      "{},",
      "{} x",
      R"({"a":1,})",
      R"({"a"})",
      R"({a:1})",
      R"({'a':1})",
      R"({"a":1 "b":2})",
      R"({"a":01})",
      R"({"a":NaN})",
      R"({"a":1}//)",
      R"({"a":"\x"})",
      "{\"a\":\"\n\"}",
      "\xEF\xBB\xBF{}",  // a byte-order mark
      "{}\0"s,
      "{}\0{}"s,
      "{\"a\":1\0}"s,  // a NUL
      "{\"a\":\"\xff\"}",
      "{\"a\":\"\xc0\xaf\"}",
      "{\"a\":\"\xed\xa0\x80\"}",  // not UTF-8
      R"({"a":"\ud800"})",         // half a surrogate pair
      R"({"a":1,"a":1})",
      R"({"a":1,"b":2,"a":3})",
      R"({"a":1,"\u0061":2})",
      R"({"":1,"":2})",
      object_of(jose_object::max_members + 1),
  };
  for (const auto& text : bad) EXPECT_FALSE(jose_object::parse(text)) << text;
  EXPECT_TRUE(jose_object::parse(object_of(jose_object::max_members)));
}

TEST(JoseObject, IsNotTroubledByDepth) {
  const std::string open(4'000, '['), close(4'000, ']');
  EXPECT_TRUE(jose_object::parse("{\"a\":" + open + close + "}"));
  EXPECT_FALSE(jose_object::parse("{\"a\":" + open + "}"));
  EXPECT_FALSE(jose_object::parse(open + close));
}

}  // namespace
}  // namespace filemint::jose_object_test
