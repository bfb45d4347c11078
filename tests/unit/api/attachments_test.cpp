#include "api/attachments.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>
#include <string>

namespace filemint::api::attachments_test {
namespace {

using namespace std::string_literals;

file_path path_of(std::string_view text) {
  return file_path::make(text, path_rules::opaque).value();
}

TEST(Attachments, OfNoneHaveNoNames) {
  const attachments none;
  EXPECT_TRUE(none.none());
  EXPECT_EQ(none.name_of(path_of("a/b")), std::nullopt);
}

TEST(Attachments, OfAllAreNamedByTheLastSegment) {
  const auto all = attachments::of_all();
  EXPECT_FALSE(all.none());
  EXPECT_EQ(all.name_of(path_of("uploads/co_xyz/a b.pdf")), "a b.pdf");
  EXPECT_EQ(all.name_of(path_of("a.pdf")), "a.pdf");
  EXPECT_EQ(all.name_of(path_of("uploads/folder/")), "");
}

TEST(Attachments, ThatAreNamedAreTheseAlone) {
  const std::array named{file_name{"a", "1"}, file_name{"a/b", "2"}, file_name{"b", "3"}};
  const attachments some{named};
  EXPECT_FALSE(some.none());
  EXPECT_EQ(some.name_of(path_of("a")), "1");
  EXPECT_EQ(some.name_of(path_of("a/b")), "2");
  EXPECT_EQ(some.name_of(path_of("b")), "3");
  for (const auto* other : {"a/", "a/a", "c", "0", "A"})
    EXPECT_EQ(some.name_of(path_of(other)), std::nullopt) << other;
  EXPECT_TRUE(attachments{std::span<const file_name>{}}.none());
}

TEST(FileName, IsWhatAFileSystemCanHold) {
  for (const auto& good : {"a"s, "a b.pdf"s, "..."s, ".hidden"s, R"(it's "this" (1)*&;=%.txt)"s,
                           "größe 日本語 😀.pdf"s, std::string(1'024, 'x')})
    EXPECT_TRUE(is_file_name(good)) << good;
  for (const auto& bad : {""s, "."s, ".."s, "a/b"s, "/"s, "a\\b"s, "a\nb"s, "a\r\nX: y"s, "a\0b"s,
                          "\x1f"s, "\x7f"s, std::string(1'025, 'x')})
    EXPECT_FALSE(is_file_name(bad)) << bad;
}

TEST(ContentDisposition, HoldsAPlainNameOnce) {
  EXPECT_EQ(content_disposition("report (1) it's & co;=*.pdf"),
            R"(attachment; filename="report (1) it's & co;=*.pdf")");
  EXPECT_EQ(content_disposition(""), "attachment");
}

TEST(ContentDisposition, HoldsAnotherNameInFullBesideOneForOldClients) {
  EXPECT_EQ(content_disposition("größe 日本.pdf"),
            "attachment; filename=\"gr__e __.pdf\"; "
            "filename*=UTF-8''gr%C3%B6%C3%9Fe%20%E6%97%A5%E6%9C%AC.pdf");
  EXPECT_EQ(content_disposition(R"(a"b\c%41'()*&!.txt)"),
            R"(attachment; filename="a_b_c_41'()*&!.txt"; )"
            R"(filename*=UTF-8''a%22b%5Cc%2541%27%28%29%2A%26%21.txt)");
}

RC_GTEST_PROP(ContentDispositionProperty, IsOneFieldValueWhateverTheNameHolds, ()) {
  const auto name = *rc::gen::container<std::string>(rc::gen::arbitrary<char>());
  const auto value = content_disposition(name);
  RC_ASSERT(std::ranges::all_of(value, [](char c) { return c >= 0x20 && c < 0x7f; }));
  const auto quotes = std::ranges::count(value, '"');
  RC_ASSERT(quotes == (name.empty() ? 0 : 2));
  RC_ASSERT(!value.contains('\\'));
}

}  // namespace
}  // namespace filemint::api::attachments_test
