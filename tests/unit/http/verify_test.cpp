#include "http/routes/verify.hpp"

#include "heads.hpp"
#include "world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace filemint::http::verify_test {
namespace {

constexpr std::string_view path = "uploads/co_xyz/a";

class Verify : public ::testing::Test {
protected:
  std::string ask(std::string_view method, std::string_view target,
                  std::string_view fields = {}) const {
    const parsed_head head(head_text(method, target, fields));
    return std::string(verify(*head, world_.view()).code);
  }

  // nginx's way.
  std::string ask_nginx(std::string_view uri, std::string_view method = "GET",
                        std::string_view more = {}) const {
    return ask("GET", "/verify",
               "X-Original-URI: " + std::string(uri) +
                   "\r\nX-Original-Method: " + std::string(method) + "\r\n" + std::string(more));
  }

  // Envoy's way.
  std::string ask_envoy(std::string_view uri, std::string_view method = "GET",
                        std::string_view more = {}) const {
    return ask(method, "/verify" + std::string(uri), more);
  }

  std::string good() const {
    return "/files/magikarp/uploads/co_xyz/a?token=" + world_.token("magikarp", path);
  }

  world world_;
};

TEST_F(Verify, OpensWhatTheTokenCoversBothWays) {
  for (const auto* method : {"GET", "HEAD"}) {
    EXPECT_EQ(ask_nginx(good(), method), "OK");
    EXPECT_EQ(ask_envoy(good(), method), "OK");
  }
  EXPECT_EQ(
      ask("DELETE", "/verify", "X-Original-URI: " + good() + "\r\nX-Original-Method: GET\r\n"),
      "OK");
}

TEST_F(Verify, TakesTheTokenFromAuthorizationWhenTheTargetHasNone) {
  const auto credential = "Authorization: bearer " + world_.token("magikarp", path) + "\r\n";
  EXPECT_EQ(ask_nginx("/files/magikarp/uploads/co_xyz/a", "GET", credential), "OK");
  EXPECT_EQ(ask_envoy("/files/magikarp/uploads/co_xyz/a?a=b", "GET", credential), "OK");
  EXPECT_EQ(ask_envoy("/files/magikarp/uploads/co_xyz/a?token=x", "GET", credential),
            "INVALID_ACCESS_TOKEN");
}

TEST_F(Verify, RefusesWithoutAToken) {
  for (const auto* fields : {"", "Authorization: Basic x\r\n", "Authorization: Bearer\r\n"}) {
    EXPECT_EQ(ask_envoy("/files/magikarp/uploads/co_xyz/a", "GET", fields), "UNAUTHORIZED")
        << fields;
    EXPECT_EQ(ask_nginx("/files/magikarp/uploads/co_xyz/a", "GET", fields), "UNAUTHORIZED")
        << fields;
  }
  EXPECT_EQ(ask_envoy(good() + "&token=x"), "INVALID_ACCESS_TOKEN");
}

TEST_F(Verify, RefusesMethodsThatNoTokenCovers) {
  for (const auto* method : {"POST", "PUT", "DELETE", "OPTIONS", "get"}) {
    EXPECT_EQ(ask_nginx(good(), method), "FORBIDDEN") << method;
    EXPECT_EQ(ask_envoy(good(), method), "FORBIDDEN") << method;
  }
}

TEST_F(Verify, NeedsBothHeadersOnceWithoutATargetBehindThePrefix) {
  const auto uri = "X-Original-URI: " + good() + "\r\n";
  const std::string method = "X-Original-Method: GET\r\n";
  EXPECT_EQ(ask("GET", "/verify", uri + method), "OK");
  for (const auto& fields : {std::string{}, uri, method, uri + uri + method, uri + method + method,
                             "X-Original-URI: files/magikarp\r\n" + method}) {
    EXPECT_EQ(ask("GET", "/verify", fields), "FORBIDDEN") << fields;
  }
}

TEST_F(Verify, IgnoresTheHeadersWithATargetBehindThePrefix) {
  const std::string headers = "X-Original-URI: " + good() + "\r\nX-Original-Method: GET\r\n";
  EXPECT_EQ(ask("GET", "/verify/files/magikarp/uploads/co_xyz/a", headers), "UNAUTHORIZED");
  EXPECT_EQ(ask("GET", "/verify/", headers), "UNAUTHORIZED");
  EXPECT_EQ(ask("GET", "/verify" + good(), "X-Original-URI: /x\r\nX-Original-Method: POST\r\n"),
            "OK");
}

TEST_F(Verify, LetsAPreflightPassByEnvoysWayAlone) {
  const std::string preflight = "Origin: https://a\r\nAccess-Control-Request-Method: GET\r\n";
  EXPECT_EQ(ask("OPTIONS", "/verify/files/magikarp/a", preflight), "OK");
  EXPECT_EQ(ask("OPTIONS", "/verify", preflight), "FORBIDDEN");
  EXPECT_EQ(ask("GET", "/verify/files/magikarp/a", preflight), "UNAUTHORIZED");
  EXPECT_EQ(ask("OPTIONS", "/verify/files/magikarp/a", "Origin: https://a\r\n"), "UNAUTHORIZED");
  EXPECT_EQ(ask_nginx("/files/magikarp/a", "OPTIONS", preflight), "UNAUTHORIZED");
}

TEST_F(Verify, AnswersNothingBut200And401And403) {
  EXPECT_EQ(ask_envoy(good()), "OK");
  world_.put_company(true, {"uploads/co_xyz"});
  EXPECT_EQ(ask_envoy(good()), "FORBIDDEN");
  world_.put_company(false, {"uploads/co_other"});
  EXPECT_EQ(ask_envoy(good()), "FORBIDDEN");
  world_.revoke_key();
  EXPECT_EQ(ask_envoy(good()), "INVALID_ACCESS_TOKEN");
  EXPECT_EQ(ask_envoy("/nowhere?token=" + world_.token("magikarp", path)), "INVALID_ACCESS_TOKEN");
}

TEST_F(Verify, IsUnavailableWhileNothingIsLoaded) {
  const auto target = good();
  world_.known.signing.clear();
  EXPECT_EQ(ask_envoy(target), "SERVICE_UNAVAILABLE");
}

TEST_F(Verify, IsUnavailableWhileWhatIsKnownIsTooOld) {
  world_.stale = true;
  EXPECT_EQ(ask_envoy(good()), "SERVICE_UNAVAILABLE");
  EXPECT_EQ(ask_envoy("/nowhere"), "SERVICE_UNAVAILABLE");
  world_.stale = false;
  EXPECT_EQ(ask_envoy(good()), "OK");
}

class Locate : public ::testing::Test {
protected:
  std::string locate_text(std::string_view target) const {
    const auto place = locate(target, settings_);
    return place ? std::string(place->source) + ":" + place->path : "none";
  }

  config settings_;
};

TEST_F(Locate, MapsByTheRouteWhereNoUrlIsConfigured) {
  settings_.sources = {source_config{.name = "magikarp"}, source_config{.name = "betaimages"}};
  EXPECT_EQ(locate_text("/files/magikarp/a/b"), "magikarp:a/b");
  EXPECT_EQ(locate_text("/files/betaimages/a%20b"), "betaimages:a b");
  for (const auto* target :
       {"/files/magikarp", "/files/magikarp/", "/files/magikar/a", "/files/other/a", "/a", "/", "",
        "files/magikarp/a", "/files/magikarpx/a"}) {
    EXPECT_EQ(locate_text(target), "none") << target;
  }
}

TEST_F(Locate, MapsByTheLongestUrl) {
  settings_.sources = {
      source_config{.name = "all", .public_url = "https://cdn.example"},
      source_config{.name = "some", .public_url = "https://cdn.example/some/"},
      source_config{.name = "deep", .public_url = "https://cdn.example/some/deep"}};
  EXPECT_EQ(locate_text("/a"), "all:a");
  EXPECT_EQ(locate_text("/some/a"), "some:a");
  EXPECT_EQ(locate_text("/some/deep/a"), "deep:a");
  EXPECT_EQ(locate_text("/some/deeper/a"), "some:deeper/a");
  EXPECT_EQ(locate_text("/something"), "all:something");
  std::ranges::reverse(settings_.sources);
  EXPECT_EQ(locate_text("/some/a"), "some:a");
  EXPECT_EQ(locate_text("/some/deep/a"), "deep:a");
}

TEST_F(Locate, HoldsTheTargetToThePathRules) {
  settings_.sources = {source_config{.name = "s"}};
  ASSERT_EQ(locate_text("/files/s/a/b"), "s:a/b");
  for (const auto* target :
       {"/files/s/a//b",   "/files/s//a",         "//files/s/a",    "/files/s/./a",
        "/files/s/x/../a", "/files/../files/s/a", "/files/s/a/..",  "/files/s/%2e%2e/a",
        "/files/s/%2E/a",  "/files/s/a%2fb",      "/files/s/a%5Cb", "/files/s/a\\b",
        "/files/s/a%00",   "/files/s/a%252f",     "/files/s/a#b",   "/files/s/a#",
        "/files/s/a%0a",   "/files/s/a%7f",       "/files/s/a%",    "/files/s/a%zz",
        "/files/s/a/"}) {
    EXPECT_EQ(locate_text(target), "none") << target;
  }
}

TEST_F(Verify, AnswersOnlyTheWayThatItsListenerIsFixedTo) {
  const auto asked = [&](verify_way way, std::string_view target, const std::string& fields = {}) {
    const parsed_head head(head_text("GET", target, fields));
    return std::string(verify(*head, world_.view(), way).code);
  };
  const auto by_envoy = "/verify" + good();
  const auto by_nginx = "X-Original-URI: " + good() + "\r\nX-Original-Method: GET\r\n";
  EXPECT_EQ(asked(verify_way::envoy, by_envoy), "OK");
  EXPECT_EQ(asked(verify_way::nginx, by_envoy), "FORBIDDEN");
  EXPECT_EQ(asked(verify_way::nginx, "/verify", by_nginx), "OK");
  EXPECT_EQ(asked(verify_way::envoy, "/verify", by_nginx), "FORBIDDEN");

  const parsed_head preflight(
      head_text("OPTIONS", "/verify/files/magikarp/a",
                "Origin: https://a.example\r\nAccess-Control-Request-Method: GET\r\n"));
  EXPECT_EQ(verify(*preflight, world_.view(), verify_way::envoy).code, "OK");
  EXPECT_NE(verify(*preflight, world_.view(), verify_way::nginx).code, "OK");
}

}  // namespace
}  // namespace filemint::http::verify_test
