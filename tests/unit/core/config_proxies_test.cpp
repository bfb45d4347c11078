#include "core/config/example.hpp"
#include "core/config/load.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace filemint::config_proxies_test {
namespace {

using ::testing::HasSubstr;

config_or_problems with_http(std::string_view keys) {
  return parse_config("http: {" + std::string{keys} + "}\nsources: [{name: a, root: files}]\n",
                      "f.yaml", {});
}

TEST(TrustedProxies, AreAddressesNetworksAndTheWordUnix) {
  const auto read =
      with_http(R"(trusted_proxies: [10.0.0.0/8, "::1", 2001:db8::/32, 192.0.2.1, unix])");
  ASSERT_TRUE(read) << read.error().at(0).text();
  EXPECT_EQ(read->http.trusted_proxies,
            (std::vector<proxy_place>{ip_network::parse("10.0.0.0/8"), ip_network::parse("::1"),
                                      ip_network::parse("2001:db8::/32"),
                                      ip_network::parse("192.0.2.1"), proxy_place{}}));
  const auto again = parse_config(write_config(*read), "f.yaml", {});
  ASSERT_TRUE(again) << again.error().at(0).text();
  EXPECT_EQ(*again, *read);
}

TEST(TrustedProxies, AreNoneByDefaultAndTheFieldIsTheUsualOne) {
  const auto read = with_http("");
  ASSERT_TRUE(read);
  EXPECT_TRUE(read->http.trusted_proxies.empty());
  EXPECT_EQ(read->http.client_address_header, client_address_field::x_forwarded_for);
}

TEST(TrustedProxies, OfAnotherFormAreRefusedWithTheirPlace) {
  for (const auto* wrong : {"10.0.0.0/8", "[10.0.0.1/8]", "[proxy.example]", "[10.0.0.0/33]",
                            "[Unix]", "['*']", "[[10.0.0.1]]", "{a: b}", ""}) {
    const auto read = with_http("trusted_proxies: " + std::string{wrong});
    ASSERT_FALSE(read) << wrong;
    ASSERT_EQ(read.error().size(), 1U) << wrong;
    EXPECT_THAT(read.error()[0].text(), HasSubstr("http.trusted_proxies: expected a list of"));
    EXPECT_EQ(read.error()[0].line, 1) << wrong;
  }
}

TEST(ClientAddressHeader, IsOneOfTwo) {
  EXPECT_EQ(with_http("client_address_header: forwarded")->http.client_address_header,
            client_address_field::forwarded);
  for (const auto* wrong : {"x-real-ip", "Forwarded", "both", "\"\""}) {
    const auto read = with_http("client_address_header: " + std::string{wrong});
    ASSERT_FALSE(read) << wrong;
    EXPECT_THAT(read.error()[0].text(), HasSubstr("expected one of x-forwarded-for, forwarded"));
  }
}

}  // namespace
}  // namespace filemint::config_proxies_test
