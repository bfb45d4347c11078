// What a source on OpenStack Swift needs, and what it does not have.
#include "tests/unit/core/config_texts.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace filemint::config_swift_test {
namespace {

using ::testing::ElementsAre;
using testing::problems_of;

std::string on_swift(std::string_view keys) {
  return "sources: [{name: a, type: swift, " + std::string{keys} + "}]";
}

TEST(ConfigOfSwift, NeedsAPlaceAndAKey) {
  constexpr std::string_view needed[]{"endpoint: https://s", "account: AUTH_a", "container: c",
                                      "temp_url_key: env:K"};
  for (const auto missing : needed) {
    std::string keys{"digest: sha512"};
    for (const auto key : needed) {
      if (key != missing) keys.append(", ").append(key);
    }
    const std::string name{missing.substr(0, missing.find(':'))};
    EXPECT_THAT(problems_of(on_swift(keys)), ElementsAre("f.yaml:1:11: sources[0]." + name +
                                                         ": a source of type swift needs " + name));
  }
}

TEST(ConfigOfSwift, TakesNoKeysOfOthers) {
  const std::string whole =
      "endpoint: https://s, account: AUTH_a, container: c, temp_url_key: env:K, ";
  EXPECT_THAT(problems_of(on_swift(whole + "digest: sha512")), ElementsAre());
  EXPECT_THAT(
      problems_of(on_swift(whole + "digest: sha1")),
      ElementsAre("f.yaml:1:115: sources[0].digest: expected one of sha256, sha512, found `sha1`"));
  EXPECT_THAT(problems_of(on_swift(whole + "region: x")),
              ElementsAre("f.yaml:1:115: sources[0].region: not for a source of type swift"));
}

}  // namespace
}  // namespace filemint::config_swift_test
