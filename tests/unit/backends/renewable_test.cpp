#include "backends/renewable.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <utility>

namespace filemint::backends::renewable_test {
namespace {

// Signs every path with its own name, and tells when it is gone.
class named final : public backend {
public:
  named(std::string name, bool& lives)
      : name_(std::move(name)), url_("https://" + name_ + "/"), lives_(lives) {
    lives_ = true;
  }
  named(const named&) = delete;
  named& operator=(const named&) = delete;
  ~named() override { lives_ = false; }

  [[nodiscard]] std::string_view source() const noexcept override { return "objects"; }
  [[nodiscard]] url_form urls() const noexcept override {
    return {.public_url = url_, .before_token = "?", .path = api::kept_bytes::unreserved_path};
  }
  [[nodiscard]] url_form probes() const noexcept override {
    return {.public_url = url_, .before_token = "??", .path = api::kept_bytes::unreserved_path};
  }
  [[nodiscard]] api::path_rule holds() const noexcept override {
    return [](file_path path) noexcept { return path.bytes() != "no"; };
  }
  [[nodiscard]] result<std::unique_ptr<batch>> begin(const snapshot&,
                                                     const mint_terms&) const override {
    if (name_.empty()) return fail(errc::service_unavailable);
    return std::make_unique<signing>(name_);
  }

private:
  class signing final : public batch {
  public:
    explicit signing(const std::string& name) : name_(name) {}
    [[nodiscard]] std::size_t paths_per_chunk() const noexcept override { return 7; }
    [[nodiscard]] std::uint32_t token_size(file_path path) const override {
      return static_cast<std::uint32_t>(name_.size() + path.bytes().size());
    }
    void sign(std::span<const file_path> paths, std::span<char*> places) const override {
      for (std::size_t i = 0; i < paths.size(); ++i) {
        places[i] = std::ranges::copy(name_, places[i]).out;
        places[i] = std::ranges::copy(paths[i].bytes(), places[i]).out;
      }
    }

  private:
    const std::string& name_;  // its backend's
  };

  std::string name_, url_;
  bool& lives_;
};

std::string token_of(const batch& by, std::string_view text) {
  const auto path = file_path::make(text);
  std::string token(by.token_size(*path), '\0');
  std::array places{token.data()};
  by.sign(std::span{&*path, 1}, places);
  EXPECT_EQ(places[0], token.data() + token.size());
  return token;
}

TEST(Renewable, SignsByTheLatestWhatBeginsFromThenOn) {
  bool old_lives = false, new_lives = false;
  renewable tried{std::make_shared<named>("old", old_lives)};
  const snapshot known;
  auto before = tried.begin(known, {});
  ASSERT_TRUE(before);
  tried.renew(std::make_shared<named>("new", new_lives));
  const auto after = tried.begin(known, {});
  ASSERT_TRUE(after);
  EXPECT_EQ(token_of(**before, "a"), "olda");
  EXPECT_EQ(token_of(**after, "a"), "newa");
  EXPECT_EQ((*after)->paths_per_chunk(), 7u);
  EXPECT_TRUE(old_lives) << "who has begun needs it";
  before->reset();
  EXPECT_FALSE(old_lives) << "its secrets are in memory no longer than needed";
}

TEST(Renewable, IsTheSameSourceAtTheSamePlaceWhoeverSigns) {
  bool old_lives = false, new_lives = false;
  renewable tried{std::make_shared<named>("old", old_lives)};
  const auto source = tried.source();
  const auto urls = tried.urls(), probes = tried.probes();
  tried.renew(std::make_shared<named>("new", new_lives));
  EXPECT_FALSE(old_lives);
  EXPECT_EQ(source, "objects");
  EXPECT_EQ(urls.public_url, "https://old/");
  EXPECT_EQ(urls.before_token, "?");
  EXPECT_EQ(urls.path, api::kept_bytes::unreserved_path);
  EXPECT_EQ(probes.public_url, "https://old/");
  EXPECT_EQ(probes.before_token, "??");
  EXPECT_EQ(probes.path, api::kept_bytes::unreserved_path);
  EXPECT_TRUE(tried.holds()(*file_path::make("yes")));
  EXPECT_FALSE(tried.holds()(*file_path::make("no")));
}

TEST(Renewable, TellsWhyNothingCanBegin) {
  bool lives = false;
  const renewable tried{std::make_shared<named>("", lives)};
  const auto begun = tried.begin(snapshot{}, {});
  ASSERT_FALSE(begun);
  EXPECT_EQ(begun.error().code, errc::service_unavailable);
}

// Tells with which end it was asked to sign.
class noting final : public backend {
public:
  explicit noting(wall_time& asked) : asked_(asked) {}
  [[nodiscard]] std::string_view source() const noexcept override { return "objects"; }
  [[nodiscard]] result<std::unique_ptr<batch>> begin(const snapshot&,
                                                     const mint_terms& terms) const override {
    asked_ = terms.expires_at;
    return std::make_unique<idle>();
  }

private:
  struct idle final : batch {
    [[nodiscard]] std::size_t paths_per_chunk() const noexcept override { return 1; }
    [[nodiscard]] std::uint32_t token_size(file_path) const noexcept override { return 0; }
    void sign(std::span<const file_path>, std::span<char*>) const override {}
  };

  wall_time& asked_;
};

TEST(Renewable, TokensEndWithTheCredentialsThatSign) {
  using namespace std::chrono_literals;
  const wall_time now{1'780'000'000s};
  wall_time asked{};
  const auto signer = std::make_shared<noting>(asked);
  renewable tried{signer, wall_time::min()};
  const auto from_on = [](wall_time issued) {
    return mint_terms{
        .company = "co", .key_id = "k", .issued_at = issued, .expires_at = issued + 300s};
  };
  const auto terms = from_on(now);
  const auto none = tried.begin({}, terms);
  ASSERT_FALSE(none) << "there are none yet";
  EXPECT_EQ(none.error().code, errc::service_unavailable);

  tried.renew(signer, now + 100s);
  auto begun = tried.begin({}, terms);
  ASSERT_TRUE(begun);
  EXPECT_EQ(asked, now + 100s);
  EXPECT_EQ((*begun)->ends(), now + 100s);
  EXPECT_FALSE(tried.begin({}, from_on(now + 100s)));

  tried.renew(signer, now + 1h);
  ASSERT_TRUE(tried.begin({}, terms));
  EXPECT_EQ(asked, now + 300s);
  EXPECT_EQ((*begun)->ends(), now + 100s) << "of those that signed it";

  tried.renew({.by = signer, .ends = now + 200s, .tokens_end = wall_time::max()});
  begun = tried.begin({}, terms);
  ASSERT_TRUE(begun);
  EXPECT_EQ((*begun)->ends(), wall_time::max()) << "it outlives them";
  EXPECT_EQ(asked, now + 300s);
  EXPECT_FALSE(tried.begin({}, from_on(now + 200s)));

  tried.renew(signer);
  begun = tried.begin({}, terms);
  ASSERT_TRUE(begun);
  EXPECT_EQ((*begun)->ends(), wall_time::max());
}

}  // namespace
}  // namespace filemint::backends::renewable_test
