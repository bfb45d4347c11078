#include "http/router.hpp"

#include "heads.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace filemint::http::router_test {
namespace {

auto route_of(std::string_view method, std::string_view target,
              port_kind port = port_kind::client) {
  const parsed_head head(head_text(method, target));
  auto found = find_route(*head, port);
  if (found) found->rest = {};  // it would outlive the head
  return found;
}

TEST(Router, SendsEachPathToItsRoute) {
  struct row {
    std::string method, target;
    port_kind port;
    endpoint where;
    std::string name;
  };
  for (const auto& r : std::vector<row>{
           {"POST", "/api/v1/file-access", port_kind::client, endpoint::mint, "file-access"},
           {"POST", "/api/v1/file-access?a=b", port_kind::client, endpoint::mint, "file-access"},
           {"POST", "/api/v1/access-tokens", port_kind::client, endpoint::mint, "access-tokens"},
           {"POST", "http://h/api/v1/access-tokens", port_kind::client, endpoint::mint,
            "access-tokens"},
           {"GET", "/files/magikarp/a/b?token=t", port_kind::client, endpoint::files, "files"},
           {"HEAD", "/files/magikarp/a", port_kind::client, endpoint::files, "files"},
           {"GET", "/verify", port_kind::client, endpoint::verify, "verify"},
           {"DELETE", "/verify/files/a", port_kind::client, endpoint::verify, "verify"},
           {"OPTIONS", "/verify/files/a", port_kind::client, endpoint::verify, "verify"},
           {"GET", "/openapi.yaml", port_kind::client, endpoint::openapi, "openapi"},
           {"HEAD", "/docs", port_kind::client, endpoint::docs, "docs"},
           {"GET", "/docs/docs.css", port_kind::client, endpoint::docs, "docs"},
           {"GET", "/.well-known/jwks.json", port_kind::client, endpoint::jwks, "jwks"},
           {"HEAD", "/health", port_kind::client, endpoint::health, "health"},
           {"GET", "/metrics", port_kind::admin, endpoint::metrics, "metrics"},
           {"HEAD", "/livez", port_kind::admin, endpoint::livez, "livez"},
           {"GET", "/readyz", port_kind::admin, endpoint::readyz, "readyz"},
       }) {
    const auto found = route_of(r.method, r.target, r.port);
    ASSERT_TRUE(found) << r.method << r.target;
    EXPECT_EQ(found->where, r.where) << r.target;
    EXPECT_EQ(found->name, r.name) << r.target;
  }
}

TEST(Router, TellsTheScopeThatAKeyNeeds) {
  EXPECT_EQ(route_of("POST", "/api/v1/file-access")->scope, scope_file_access);
  EXPECT_EQ(route_of("POST", "/api/v1/access-tokens")->scope, scope_access_tokens);
  EXPECT_EQ(route_of("GET", "/health")->scope, scope_health);
  EXPECT_EQ(route_of("GET", "/files/a/b")->scope, 0);
}

TEST(Router, TellsWhatLiesBehindTheRoutesPrefix) {
  const parsed_head file(head_text("GET", "/files/magikarp/a%20b/c?token=t"));
  EXPECT_EQ(find_route(*file, port_kind::client)->rest, "magikarp/a%20b/c");
  const parsed_head verify(head_text("GET", "/verify"));
  EXPECT_EQ(find_route(*verify, port_kind::client)->rest, "");
}

TEST(Router, RefusesUnknownPaths) {
  for (const auto* target :
       {"/", "/api", "/api/v1/file-access/", "/api/v1/file-accessx", "/API/v1/file-access",
        "/api/v1/file%2daccess", "//api/v1/file-access", "/api/v1/./file-access", "/files",
        "/filesx/a", "/verifyx", "/metrics", "/livez", "/readyz", "http://h", "http://h?x"}) {
    const auto found = route_of("POST", target);
    ASSERT_FALSE(found) << target;
    EXPECT_EQ(found.error().code, errc::endpoint_not_found) << target;
    EXPECT_EQ(found.error().name, "other");
  }
  EXPECT_EQ(route_of("OPTIONS", "*").error().code, errc::endpoint_not_found);
}

TEST(Router, KeepsTheClientsRoutesOffTheAdminPort) {
  for (const auto* target : {"/api/v1/file-access", "/files/a/b", "/verify"}) {
    EXPECT_EQ(route_of("POST", target, port_kind::admin).error().code, errc::endpoint_not_found)
        << target;
  }
}

TEST(Router, RefusesOtherMethodsAndTellsThoseAllowed) {
  struct row {
    std::string method, target;
    port_kind port;
    std::string allow;
  };
  for (const auto& r : std::vector<row>{
           {"GET", "/api/v1/file-access", port_kind::client, "POST"},
           {"HEAD", "/api/v1/file-access", port_kind::client, "POST"},
           {"OPTIONS", "/api/v1/access-tokens", port_kind::client, "POST"},
           {"post", "/api/v1/file-access", port_kind::client, "POST"},
           {"PUT", "/files/a/b", port_kind::client, "GET, HEAD"},
           {"OPTIONS", "/files/a/b", port_kind::client, "GET, HEAD"},
           {"POST", "/metrics", port_kind::admin, "GET, HEAD"},
       }) {
    const auto found = route_of(r.method, r.target, r.port);
    ASSERT_FALSE(found) << r.method << r.target;
    EXPECT_EQ(found.error().code, errc::method_not_allowed);
    EXPECT_EQ(found.error().allow, r.allow);
  }
}

}  // namespace
}  // namespace filemint::http::router_test
