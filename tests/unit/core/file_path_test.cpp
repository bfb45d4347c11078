#include "core/file_path.hpp"

#include "core/json_escape.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <rapidcheck/gtest.h>

#include <cctype>
#include <string>
#include <string_view>
#include <vector>

namespace filemint::file_path_test {
namespace {

using namespace std::string_literals;

bool legal(std::string_view path) {
  return file_path::make(path).has_value();
}

struct named_path {
  const char* why;
  std::string path;
};

void PrintTo(const named_path& it, std::ostream* out) {
  *out << it.why;
}

class LegalPath : public ::testing::TestWithParam<named_path> {};

TEST_P(LegalPath, IsKeptByteForByte) {
  const auto& path = GetParam().path;
  const auto made = file_path::make(path);
  ASSERT_TRUE(made);
  EXPECT_EQ(made->bytes(), path);
  EXPECT_EQ(made->bytes().data(), path.data());
}

INSTANTIATE_TEST_SUITE_P(
    FilePath, LegalPath,
    ::testing::Values(
        named_path{"the publisher's example", "uploads/co_xyz/file_abc123/context.pdf"},
        named_path{"one byte", "a"}, named_path{"two bytes", "ab"}, named_path{"spaces", " a / b "},
        named_path{"quotes", R"(a"b'c)"}, named_path{"UTF-8", "uploads/Übersicht/日本語.pdf"},
        named_path{"bytes from 80 on", "a\x80\xff\xc0"}, named_path{"hidden file", "a/.hidden"},
        named_path{"leading dot", ".hidden/a"}, named_path{"three dots", "..."},
        named_path{"three dots within", "a/.../b"},
        named_path{"dots at a segment's end", "a./b../c"}, named_path{"dot, then letter", ".a/..b"},
        named_path{"percent alone", "100%"}, named_path{"percent first", "%"},
        named_path{"percent before the end", "a%2"}, named_path{"harmless escape", "a%20b%41"},
        named_path{"not hex", "a%zz"}, named_path{"two percents", "a%%b"},
        named_path{"what a URL separates", "a?b#c&d=e;f:g@h"},
        named_path{"1,024 bytes", std::string(1024, 'x')}));

class IllegalPath : public ::testing::TestWithParam<named_path> {};

TEST_P(IllegalPath, IsRefused) {
  EXPECT_FALSE(legal(GetParam().path));
}

INSTANTIATE_TEST_SUITE_P(
    FilePath, IllegalPath,
    ::testing::Values(
        named_path{"empty", ""}, named_path{"1,025 bytes", std::string(1025, 'x')},
        named_path{"leading slash", "/a"}, named_path{"slash alone", "/"},
        named_path{"trailing slash", "a/"},
        named_path{"long, trailing slash", "uploads/co_xyz/file/"},
        named_path{"empty segment", "a//b"}, named_path{"dot", "."}, named_path{"dot dot", ".."},
        named_path{"leading dot segment", "./a"}, named_path{"leading dot dot", "../a"},
        named_path{"dot segment within", "a/./b"}, named_path{"dot dot within", "a/../b"},
        named_path{"trailing dot segment", "a/."}, named_path{"trailing dot dot", "a/.."},
        named_path{"hidden file, then dot dot", ".a/b/.."}, named_path{"backslash", "a\\b"},
        named_path{"backslash alone", "\\"}, named_path{"NUL", "a\0b"s},
        named_path{"NUL alone", "\0"s}, named_path{"newline", "a\nb"},
        named_path{"unit separator", "a\x1f"}, named_path{"delete", "a\x7f"},
        named_path{"delete alone", "\x7f"}, named_path{"%2e", "a/%2e%2e/b"},
        named_path{"%2E", "a%2Eb"}, named_path{"%2f", "a%2fb"}, named_path{"%2F", "a%2Fb"},
        named_path{"%5c", "a%5cb"}, named_path{"%5C", "a%5Cb"}, named_path{"%00", "a%00"},
        named_path{"%25", "a%252e"}, named_path{"%25 at the end", "ab%25"},
        named_path{"%25 alone", "%25"}, named_path{"behind a harmless one", "a%20%2f"},
        named_path{"behind a percent", "a%%2f"}));

class OpaquePath : public ::testing::TestWithParam<named_path> {};

TEST_P(OpaquePath, IsKeptByteForByteByTheOpaqueRulesAlone) {
  const auto& path = GetParam().path;
  EXPECT_FALSE(legal(path));
  const auto made = file_path::make(path, path_rules::opaque);
  ASSERT_TRUE(made);
  EXPECT_EQ(made->bytes(), path);
  EXPECT_EQ(made->bytes().data(), path.data());
}

INSTANTIATE_TEST_SUITE_P(
    FilePath, OpaquePath,
    ::testing::Values(named_path{"leading slash", "/a"}, named_path{"slash alone", "/"},
                      named_path{"slashes alone", "///"}, named_path{"trailing slash", "a/"},
                      named_path{"empty segment", "a//b"}, named_path{"%2e", "a/%2e%2e/b"},
                      named_path{"%2F", "a%2Fb"}, named_path{"%5c", "a%5cb"},
                      named_path{"%00", "a%00"}, named_path{"%25", "100%25"},
                      named_path{"all of it", "/a//%2e%2f%5C%00%25/"},
                      named_path{"a quote too", "/\"a\""},
                      named_path{"1,024 bytes", "/" + std::string(1023, 'x')}));

class NeverLegal : public ::testing::TestWithParam<named_path> {};

TEST_P(NeverLegal, IsRefusedByBothRules) {
  for (const auto rules : {path_rules::strict, path_rules::opaque})
    EXPECT_FALSE(file_path::make(GetParam().path, rules));
}

INSTANTIATE_TEST_SUITE_P(
    FilePath, NeverLegal,
    ::testing::Values(named_path{"empty", ""},
                      named_path{"1,025 bytes", "/" + std::string(1024, 'x')},
                      named_path{"dot", "."}, named_path{"dot dot", ".."},
                      named_path{"behind a leading slash", "/../a"},
                      named_path{"behind an empty segment", "a//../b"},
                      named_path{"before an empty segment", "a/.//b"},
                      named_path{"before the end", "a/../"}, named_path{"at the end", "a//.."},
                      named_path{"of a grant", "/uploads/co_x/.."},
                      named_path{"backslash", "/a\\b"}, named_path{"NUL", "/a\0b"s},
                      named_path{"newline", "a//\n"}, named_path{"delete", "/\x7f"}));

// Each rule must hold wherever the bytes stand: the check looks at sixteen bytes together.
TEST(FilePath, IsRefusedWhereverTheBadBytesStand) {
  const std::vector<std::string> bad{"\\",  "\x01", "\x1f", "\x7f", "\0"s,
                                     "%2e", "%5C",  "//",   "/./",  "/../"};
  for (std::size_t size = 1; size <= 70; ++size) {
    const std::string good(size, 'a');
    ASSERT_TRUE(legal(good));
    for (std::size_t at = 0; at <= size; ++at) {
      for (const auto& each : bad) {
        auto path = good;
        path.insert(at, each);
        ASSERT_FALSE(legal(path)) << path << " of " << path.size() << " bytes";
      }
      for (const auto* each : {"\x80", " ", "%", "~", ".", "a/.a", "%2"}) {
        auto path = good;
        path.insert(at, each);
        ASSERT_TRUE(legal(path)) << path;
      }
    }
  }
}

// The contract's sentence once more, as plainly as it can be said.
bool legal_by_the_contract(const std::string& path, path_rules rules = path_rules::strict) {
  if (path.empty() || path.size() > 1024) return false;
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x1f || byte == 0x7f || c == '\\') return false;
  }
  const auto framed = "/" + path + "/";
  if (framed.find("/./") != std::string::npos || framed.find("/../") != std::string::npos)
    return false;
  if (rules == path_rules::opaque) return true;
  std::string lowered;
  for (const char c : path) {
    lowered += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  for (const auto* escape : {"%2e", "%2f", "%5c", "%00", "%25"}) {
    if (lowered.find(escape) != std::string::npos) return false;
  }
  return framed.find("//") == std::string::npos;
}

void agrees_with_the_contract(const std::string& path) {
  for (const auto rules : {path_rules::strict, path_rules::opaque})
    RC_ASSERT(file_path::make(path, rules).has_value() == legal_by_the_contract(path, rules));
}

RC_GTEST_PROP(FilePath, AgreesWithTheContractsSentence, ()) {
  const auto bytes = rc::gen::element<std::string>("a", "b", "/", "/", ".", ".", "%", "2", "e", "F",
                                                   "5", "C", "0", "\\", "\x7f", "\x1f", " ", "é");
  const auto pieces = *rc::gen::container<std::vector<std::string>>(bytes);
  std::string path;
  for (const auto& piece : pieces) path += piece;
  agrees_with_the_contract(path);
}

RC_GTEST_PROP(FilePath, AgreesWithTheContractsSentenceOnMostlyGoodPaths, ()) {
  const auto bytes = rc::gen::weightedElement<std::string>({{60, "abc"},
                                                            {8, "/"},
                                                            {8, "x.y"},
                                                            {1, "."},
                                                            {1, "//"},
                                                            {1, "%"},
                                                            {1, "%2"},
                                                            {1, "e"},
                                                            {1, "\\"},
                                                            {1, "\n"}});
  const auto pieces = *rc::gen::container<std::vector<std::string>>(bytes);
  std::string path = "a";
  for (const auto& piece : pieces) path += piece;
  agrees_with_the_contract(path);
}

TEST(FilePath, IsPlainOnlyIfJsonEscapesNothingWhereverAQuoteStands) {
  for (std::size_t size = 2; size <= 70; ++size) {
    std::string path(size, 'a');
    ASSERT_TRUE(file_path::make(path)->plain());
    for (std::size_t at = 0; at < size; ++at) {
      path[at] = '"';
      ASSERT_FALSE(file_path::make(path)->plain()) << path;
      path[at] = 'a';
    }
  }
  EXPECT_FALSE(file_path::make("\"")->plain());
  EXPECT_TRUE(file_path::make("uploads/co_xyz/größe.pdf")->plain());
}

RC_GTEST_PROP(FilePath, ThatIsPlainIsAsLongInJson, ()) {
  const auto pieces =
      *rc::gen::container<std::vector<std::string>>(rc::gen::weightedElement<std::string>(
          {{30, "abc"}, {4, "/d"}, {2, "é"}, {1, "\""}, {1, "%"}, {1, "/"}}));
  std::string path = "a";
  for (const auto& piece : pieces) path += piece;
  const auto made = file_path::make(path, path_rules::opaque);
  RC_PRE(made.has_value());
  RC_CLASSIFY(made->plain(), "plain");
  const auto in_json = nlohmann::json(path).dump().size() - 2;
  RC_ASSERT(json_escaped_size(path) == in_json);
  RC_ASSERT(json_content(*made).escaped_size() == in_json);
  if (made->plain()) RC_ASSERT(in_json == path.size());
}

}  // namespace
}  // namespace filemint::file_path_test
