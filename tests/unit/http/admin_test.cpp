#include "http/routes/admin.hpp"

#include "heads.hpp"

#include <gtest/gtest.h>

#include <memory>

namespace filemint::http::admin_test {
namespace {

using token_ptr = std::shared_ptr<const secret>;

admin_hooks hooks_of(bool ready, token_ptr token = nullptr) {
  return {[] { return "filemint_up 1\n"; }, [=] { return ready; }, [=] { return token; }};
}

reply ask(endpoint where, const admin_hooks& hooks, std::string_view fields = {}) {
  const parsed_head head(head_text("GET", "/", fields));
  return serve_admin(where, *head, hooks);
}

TEST(Admin, AnswersMetricsAsText) {
  const auto r = ask(endpoint::metrics, hooks_of(true));
  EXPECT_EQ(r.status, 200u);
  EXPECT_EQ(r.content_type, "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_EQ(std::get<std::string>(r.body), "filemint_up 1\n");
}

TEST(Admin, IsLiveEvenWhenItIsNotReady) {
  const auto hooks = hooks_of(false);
  EXPECT_EQ(ask(endpoint::livez, hooks).status, 200u);
  EXPECT_EQ(ask(endpoint::readyz, hooks).status, 503u);
  EXPECT_EQ(ask(endpoint::readyz, hooks_of(true)).status, 200u);
}

TEST(Admin, ShowsMetricsToTheTokenAlone) {
  const auto hooks = hooks_of(true, std::make_shared<const secret>(std::string{"open-sesame"}));
  EXPECT_EQ(ask(endpoint::metrics, hooks, "Authorization: Bearer open-sesame\r\n").status, 200u);
  for (const auto* fields :
       {"", "Authorization: Bearer open-sesam\r\n", "Authorization: Bearer open-sesame1\r\n",
        "Authorization: Basic open-sesame\r\n", "Authorization: Bearer \r\n"}) {
    const auto r = ask(endpoint::metrics, hooks, fields);
    EXPECT_EQ(r.status, 401u) << fields;
    EXPECT_TRUE(r.fields.contains("WWW-Authenticate: Bearer")) << fields;
  }
  EXPECT_EQ(ask(endpoint::livez, hooks).status, 200u);
  EXPECT_EQ(ask(endpoint::readyz, hooks).status, 200u);
}

}  // namespace
}  // namespace filemint::http::admin_test
