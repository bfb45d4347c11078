#include "core/authenticate.hpp"

#include "core/api_key.hpp"
#include "core/directory_builder.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>

namespace filemint::authenticate_test {
namespace {

TEST(BearerCredential, IsWhatFollowsTheScheme) {
  const struct {
    std::string_view authorization;
    std::optional<std::string_view> credential;
  } rows[] = {
      {"Bearer abc", "abc"},
      {"bearer abc", "abc"},
      {"BEARER abc", "abc"},
      {"bEaReR   abc", "abc"},
      {"Bearer abc def", "abc def"},
      {"", {}},
      {"Bearer", {}},
      {"Bearer ", {}},
      {"Bearer    ", {}},
      {"Bearer\tabc", {}},
      {" Bearer abc", {}},
      {"Bearerabc", {}},
      {"Basic abc", {}},
      {"Bearex abc", {}},
      {"Beare abc", {}},
      {"fm_abc", {}},
  };
  for (const auto& [authorization, credential] : rows) {
    EXPECT_EQ(bearer_credential(authorization), credential) << authorization;
  }
}

class Authenticate : public ::testing::Test {
protected:
  struct caller {
    bool suspended = false;
    std::uint32_t expires_at = 0;
    route_scope scope = scope_all;
  };
  void know(const caller& it) {
    directory_builder builder;
    builder.put_company({.id = "co_other"});
    api_key_record record{};
    key_.id().copy(record.id, sizeof record.id);
    record.secret_hash = key_.secret_hash();
    record.company = builder.put_company({.id = "co_xyz", .suspended = it.suspended});
    record.expires_at = it.expires_at;
    record.scope = it.scope;
    builder.put_key(record);
    people_ = builder.build();
  }
  [[nodiscard]] std::string text() const { return std::string{key_.text().reveal()}; }
  [[nodiscard]] result<principal> ask(std::optional<std::string_view> authorization,
                                      route_scope route = scope_file_access) const {
    return authenticate(authorization, people_, route, at_);
  }
  [[nodiscard]] std::optional<errc> refusal(std::optional<std::string_view> authorization,
                                            route_scope route = scope_file_access) const {
    const auto answer = ask(authorization, route);
    return answer ? std::nullopt : std::optional{answer.error().code};
  }

  const api_key key_ = api_key::generate();
  directory people_;
  wall_time at_{std::chrono::seconds{1'780'000'000}};
};

TEST_F(Authenticate, FindsTheCallerAndItsKey) {
  know({});
  const auto answer = ask("Bearer " + text());
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->caller->id, "co_xyz");
  EXPECT_EQ(answer->key->id_view(), key_.id());
}

TEST_F(Authenticate, RefusesWhatIsNoBearerCredential) {
  know({});
  EXPECT_EQ(refusal(std::nullopt), errc::unauthorized);
  for (const auto& bad :
       {std::string{}, std::string{"Bearer"}, std::string{"Bearer "}, "Basic " + text(), text()}) {
    EXPECT_EQ(refusal(bad), errc::unauthorized) << bad;
  }
}

TEST_F(Authenticate, RefusesACredentialThatIsNoKey) {
  know({});
  auto mistyped = text();
  mistyped.back() = mistyped.back() == 'a' ? 'b' : 'a';
  for (const auto& bad : {std::string{"x"}, mistyped, text() + "a", text().substr(1), text() + " ",
                          text() + " " + text()}) {
    EXPECT_EQ(refusal("Bearer " + bad), errc::invalid_api_key) << bad;
  }
}

TEST_F(Authenticate, RefusesAKeyThatIsUnknown) {
  know({});
  const auto other = api_key::generate();
  EXPECT_EQ(refusal("Bearer " + std::string{other.text().reveal()}), errc::invalid_api_key);
  people_ = directory{};
  EXPECT_EQ(refusal("Bearer " + text()), errc::invalid_api_key);
}

TEST_F(Authenticate, RefusesAKnownIdWithAnotherSecret) {
  know({});
  const auto other = api_key::generate();
  directory_builder builder;
  api_key_record record{};
  key_.id().copy(record.id, sizeof record.id);
  record.secret_hash = other.secret_hash();
  record.company = builder.put_company({.id = "co_xyz"});
  record.scope = scope_all;
  builder.put_key(record);
  people_ = builder.build();
  EXPECT_EQ(refusal("Bearer " + text()), errc::invalid_api_key);
}

TEST_F(Authenticate, RefusesAKeyFromItsExpiryOn) {
  const auto now = static_cast<std::uint32_t>(unix_seconds(at_));
  know({.expires_at = now});
  EXPECT_EQ(refusal("Bearer " + text()), errc::expired_api_key);
  know({.expires_at = now + 1});
  EXPECT_EQ(refusal("Bearer " + text()), std::nullopt);
  know({.expires_at = 0});
  EXPECT_EQ(refusal("Bearer " + text()), std::nullopt) << "it never expires";
}

TEST_F(Authenticate, LetsAKeyCallTheRoutesOfItsScopeAlone) {
  for (const route_scope route : {scope_file_access, scope_access_tokens, scope_health}) {
    know({.scope = route});
    for (const route_scope called : {scope_file_access, scope_access_tokens, scope_health}) {
      EXPECT_EQ(refusal("Bearer " + text(), called),
                called == route ? std::nullopt : std::optional{errc::endpoint_not_found});
    }
  }
}

// Each caller breaks its rule and all later ones.
TEST_F(Authenticate, TellsTheFirstThatIsWrong) {
  know({.suspended = true, .expires_at = 1, .scope = 0});
  EXPECT_EQ(refusal("Basic " + text()), errc::unauthorized);
  EXPECT_EQ(refusal("Bearer " + text() + "x"), errc::invalid_api_key);
  EXPECT_EQ(refusal("Bearer " + text()), errc::expired_api_key);
  know({.suspended = true, .scope = 0});
  EXPECT_EQ(refusal("Bearer " + text()), errc::forbidden);
  know({.scope = 0});
  EXPECT_EQ(refusal("Bearer " + text()), errc::endpoint_not_found);
}

}  // namespace
}  // namespace filemint::authenticate_test
