#include "http/routes/admin.hpp"

#include <gtest/gtest.h>

namespace filemint::http {
namespace {

TEST(Admin, AnswersMetricsAsText) {
  const auto r =
      serve_admin(endpoint::metrics, {[] { return "filemint_up 1\n"; }, [] { return true; }});
  EXPECT_EQ(r.status, 200u);
  EXPECT_EQ(r.content_type, "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_EQ(std::get<std::string>(r.body), "filemint_up 1\n");
}

TEST(Admin, IsLiveEvenWhenItIsNotReady) {
  const admin_hooks hooks{[] { return ""; }, [] { return false; }};
  EXPECT_EQ(serve_admin(endpoint::livez, hooks).status, 200u);
  EXPECT_EQ(serve_admin(endpoint::readyz, hooks).status, 503u);
  EXPECT_EQ(serve_admin(endpoint::readyz, {[] { return ""; }, [] { return true; }}).status, 200u);
}

}  // namespace
}  // namespace filemint::http
