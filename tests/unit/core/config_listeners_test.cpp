// The keys of `listeners` and `admin`: what is refused, and where it is told.
#include "tests/unit/core/config_texts.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace filemint::config_listeners_test {
namespace {

using testing::bad_text;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::one_source;
using testing::problems_of;

config_or_problems parse(const std::string& text) {
  return parse_config(text + "\n" + std::string{one_source}, "f.yaml", "/etc");
}

// Of a file that has a source too.
std::vector<std::string> problems_with(const std::string& text) {
  return problems_of(text + "\n" + std::string{one_source});
}

class ListenersRefuse : public ::testing::TestWithParam<bad_text> {};

TEST_P(ListenersRefuse, WithLineAndColumn) {
  EXPECT_THAT(problems_with(GetParam().text), ElementsAre(GetParam().problem)) << GetParam().text;
}

bad_text bad_place(const std::string& written) {
  return {"listeners: [{listen: " + written + "}]",
          "f.yaml:1:22: listeners[0].listen: expected ADDRESS:PORT, [ADDRESS]:PORT or unix:PATH"};
}

INSTANTIATE_TEST_SUITE_P(Places, ListenersRefuse,
                         ::testing::Values(bad_place("8080"), bad_place("\"::1:80\""),
                                           bad_place("127.0.0.1:65536"), bad_place("localhost:80"),
                                           bad_place("\"[127.0.0.1]:80\""),
                                           bad_place("\"[::g]:80\""), bad_place("\"unix:\""),
                                           bad_place("unix:/" + std::string(107, 'a')),
                                           bad_place("x:a-password")));

INSTANTIATE_TEST_SUITE_P(
    Keys, ListenersRefuse,
    ::testing::Values(
        bad_text{"listeners: 8080",
                 "f.yaml:1:12: listeners: expected a list, each entry beginning with `- listen: "
                 "...`"},
        bad_text{"listeners: [8080]", "f.yaml:1:13: listeners[0]: expected the keys of a listener"},
        bad_text{"listeners: []", "f.yaml:1:12: listeners: at least one listener is needed"},
        bad_text{"listeners: [{tls: {cert: x}}]",
                 "f.yaml:1:20: listeners[0].tls.cert: unknown key"},
        bad_text{"listeners: [{tls: {certficate: x}}]",
                 "f.yaml:1:20: listeners[0].tls.certficate: unknown key, did you mean "
                 "certificate?"},
        bad_text{"listeners: [{key: x}]",
                 "f.yaml:1:14: listeners[0].key: unknown key, did you mean tls.key?"},
        bad_text{"listeners: [{tls: x}]",
                 "f.yaml:1:19: listeners[0].tls: expected keys of this section"},
        bad_text{"listeners: [{tls: {min_version: 1.1}}]",
                 "f.yaml:1:33: listeners[0].tls.min_version: expected one of 1.2, 1.3, found "
                 "`1.1`"},
        bad_text{"listeners: [{verify: apache}]",
                 "f.yaml:1:22: listeners[0].verify: expected one of both, nginx, envoy, found "
                 "`apache`"},
        bad_text{"listeners: [{socket_mode: 0888}]",
                 "f.yaml:1:27: listeners[0].socket_mode: expected permissions in octal from 0000 "
                 "to 0777, found `0888`"},
        bad_text{"listeners: [{socket_mode: \"1777\"}]",
                 "f.yaml:1:27: listeners[0].socket_mode: expected permissions in octal from 0000 "
                 "to 0777, found \"1777\""},
        bad_text{"http: {listen: \"127.0.0.1:80\"}",
                 "f.yaml:1:8: http.listen: unknown key, did you mean listeners.listen?"}));

INSTANTIATE_TEST_SUITE_P(
    Contradictions, ListenersRefuse,
    ::testing::Values(
        bad_text{"listeners: [{listen: 127.0.0.1:9}]\nadmin: {listen: 0.0.0.0:9}",
                 "f.yaml:2:17: admin.listen: listeners[0].listen and admin.listen have the same "
                 "port 9"},
        bad_text{"listeners: [{listen: 127.0.0.1:8081}]",
                 "f.yaml:1:22: admin.listen: listeners[0].listen and admin.listen have the same "
                 "port 8081"},
        bad_text{"listeners: [{listen: \"[::]:9\"}, {listen: 127.0.0.1:9}]",
                 "f.yaml:1:42: listeners[1].listen: listeners[0].listen and listeners[1].listen "
                 "have the same port 9"},
        bad_text{"listeners: [{listen: unix:/a}, {listen: unix:/a}]",
                 "f.yaml:1:41: listeners[1].listen: listeners[0].listen and listeners[1].listen "
                 "have the same socket /a"},
        bad_text{"listeners: [{tls: {certificate: c}}]",
                 "f.yaml:1:33: listeners[0].tls.certificate: a certificate needs its key"},
        bad_text{"admin: {tls: {key: k}}",
                 "f.yaml:1:20: admin.tls.key: a key without a certificate"},
        bad_text{"listeners: [{tls: {certificate: c, key: k, client_certificates: required}}]",
                 "f.yaml:1:65: listeners[0].tls.client_certificates: without client_ca no client's "
                 "certificate is good"},
        bad_text{"listeners: [{tls: {certificate: c, key: k, client_ca: a}}]",
                 "f.yaml:1:55: listeners[0].tls.client_ca: with client_certificates none nobody is "
                 "asked for one"},
        bad_text{"listeners: [{tls: {client_ca: a, client_certificates: optional}}]",
                 "f.yaml:1:55: listeners[0].tls.client_certificates: without a certificate there "
                 "is no TLS: clients can't be asked for one"}));

TEST(Listeners, OfOnePortDifferByTheirAddresses) {
  for (const auto* text :
       {"listeners: [{listen: 127.0.0.1:9}, {listen: 127.0.0.2:9}, {listen: \"[::1]:9\"}]",
        "listeners: [{listen: 0.0.0.0:9}, {listen: \"[::1]:9\"}]",
        "listeners: [{listen: 127.0.0.1:0}, {listen: 127.0.0.1:0}]"}) {
    EXPECT_THAT(problems_with(text), ElementsAre()) << text;
  }
}

TEST(Listeners, AreOneInPlaintextWhereTheFileNamesNone) {
  for (const auto* text : {"", "listeners:"}) {
    const auto read = parse(text);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->listeners, std::vector{listener_config{}});
    EXPECT_FALSE(read->listeners.front().tls.enabled());
  }
}

TEST(Listeners, TakeAModeWithAndWithoutQuotes) {
  for (const auto* mode : {"0600", "\"600\""}) {
    const auto read =
        parse("listeners: [{listen: unix:/a, socket_mode: " + std::string{mode} + "}]");
    ASSERT_TRUE(read);
    EXPECT_EQ(read->listeners.front().socket_mode, 0600U);
  }
}

TEST(AdminToken, WrittenAsItselfIsRefusedAndNeverToldBack) {
  const auto problems = problems_with("admin: {token: c2VjcmV0}");
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_THAT(problems.front(), HasSubstr("f.yaml:1:16: admin.token: expected file:PATH"));
  EXPECT_THAT(problems.front(), Not(HasSubstr("c2VjcmV0")));
}

}  // namespace
}  // namespace filemint::config_listeners_test
