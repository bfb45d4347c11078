#include "core/secret.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <memory>
#include <ostream>
#include <string>
#include <type_traits>

namespace filemint::secret_test {
namespace {

template <class T>
concept printable = requires(std::ostream& out, const T& value) { out << value; };

static_assert(printable<std::string>);
static_assert(!printable<secret>);
static_assert(!std::is_convertible_v<secret, std::string>);
static_assert(!std::is_convertible_v<secret, std::string_view>);
static_assert(!std::is_copy_constructible_v<secret> && !std::is_copy_assignable_v<secret>);
static_assert(std::is_nothrow_move_constructible_v<secret>);
// A copy that the caller keeps could not be wiped.
static_assert(!std::is_constructible_v<secret, std::string&>);
static_assert(!std::is_constructible_v<secret, const std::string&>);

constexpr std::string_view short_text = "hunter2 hunter2";  // fits into a string object
const std::string long_text(100, 'x');

bool all_zero(const char* bytes, std::size_t size) {
  return std::all_of(bytes, bytes + size, [](char c) { return c == 0; });
}

TEST(Secret, KeepsItsBytes) {
  for (const auto& text : {std::string(), std::string(short_text), long_text}) {
    EXPECT_EQ(secret(std::string(text)).reveal(), text);
    EXPECT_EQ(secret(std::string(text)).size(), text.size());
    EXPECT_EQ(secret(std::string(text)).empty(), text.empty());
  }
}

TEST(Secret, ClonesOnlyWhenAsked) {
  const secret original(std::string{long_text});
  const auto copy = original.clone();
  EXPECT_EQ(copy.reveal(), original.reveal());
  EXPECT_NE(copy.reveal().data(), original.reveal().data());
}

TEST(Secret, WipesTheStringThatItWasMadeFrom) {
  std::string text(short_text);
  const char* const bytes = text.data();
  const secret kept(std::move(text));
  EXPECT_TRUE(all_zero(bytes, short_text.size()));
  EXPECT_EQ(kept.reveal(), short_text);
}

TEST(Secret, LeavesNothingBehindWhenItIsMoved) {
  secret from{std::string(short_text)};
  const char* const bytes = from.reveal().data();
  const secret to(std::move(from));
  EXPECT_TRUE(all_zero(bytes, short_text.size()));
  EXPECT_TRUE(from.empty());  // NOLINT(bugprone-use-after-move)
  EXPECT_EQ(to.reveal(), short_text);
}

TEST(Secret, LeavesNothingBehindWhenItIsAssigned) {
  secret from{std::string(short_text)};
  const char* const bytes = from.reveal().data();
  secret to{std::string(long_text)};
  to = std::move(from);
  EXPECT_TRUE(all_zero(bytes, short_text.size()));
  EXPECT_EQ(to.reveal(), short_text);
}

TEST(Secret, SurvivesAssignmentToItself) {
  secret kept{std::string(long_text)};
  auto& alias = kept;
  kept = std::move(alias);
  EXPECT_EQ(kept.reveal(), long_text);
}

TEST(Secret, WipesItsBytesWhenItGoes) {
  alignas(secret) std::array<char, sizeof(secret)> storage{};
  auto* const held = new (storage.data()) secret{std::string(short_text)};
  const auto holds_it = [&] {
    return std::string_view(storage.data(), storage.size()).contains("hunter2");
  };
  ASSERT_TRUE(holds_it());
  std::destroy_at(held);
  EXPECT_FALSE(holds_it());
}

TEST(Secret, WipesAllThatAStringHasRoomFor) {
  std::string text = long_text;
  text.resize(10);
  const char* const bytes = text.data();
  const auto room = text.capacity();
  wipe(text);
  EXPECT_TRUE(text.empty());
  ASSERT_EQ(text.data(), bytes);
  EXPECT_TRUE(all_zero(bytes, room));
}

TEST(EqualSecrets, TellsEqualFromDifferent) {
  EXPECT_TRUE(equal_secrets("", ""));
  EXPECT_TRUE(equal_secrets("abc", "abc"));
  EXPECT_FALSE(equal_secrets("abc", "abd"));
  EXPECT_FALSE(equal_secrets("abc", "ab"));
  EXPECT_FALSE(equal_secrets("", "a"));
  using namespace std::string_view_literals;
  EXPECT_FALSE(equal_secrets("a\0b"sv, "a\0c"sv));

  const std::array<std::uint8_t, 3> bytes{1, 2, 3}, same{1, 2, 3}, other{1, 2, 4};
  EXPECT_TRUE(equal_secrets(bytes, same));
  EXPECT_FALSE(equal_secrets(bytes, other));
}

}  // namespace
}  // namespace filemint::secret_test
