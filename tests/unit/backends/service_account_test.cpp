#include "backends/service_account.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <string>

namespace filemint::backends::service_account_test {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

json good_file() {
  std::ifstream in{std::filesystem::path{FILEMINT_SOURCE_DIR} /
                   "tests/vectors/gcs/test_service_account.not-a-test.json"};
  return json::parse(in);
}

std::string refusal_of(std::string text) {
  const auto account = parse_service_account(secret{std::move(text)});
  if (account) return "";
  EXPECT_EQ(account.error().code, errc::invalid_argument);
  EXPECT_THAT(account.error().message, HasSubstr("not a service account's JSON key file: "));
  return account.error().message;
}

std::string refusal_with(const char* key, const json& value) {
  auto file = good_file();
  if (value.is_null()) {
    file.erase(key);
  } else {
    file[key] = value;
  }
  return refusal_of(file.dump());
}

TEST(ServiceAccount, IsReadFromGooglesFile) {
  const auto account = parse_service_account(secret{good_file().dump()});
  ASSERT_TRUE(account);
  EXPECT_EQ(account->client_email, "test-iam-credentials@dummy-project-id.iam.gserviceaccount.com");
  EXPECT_EQ(account->key->signature_size(), 256u);
}

TEST(ServiceAccount, SaysWhatIsMissing) {
  for (const auto* text : {"no json", "[]", "\"text\"", "{", "{\"type\": \"service_account\""})
    EXPECT_THAT(refusal_of(text), HasSubstr("it is not a JSON object"));
  for (const json& type : {json{}, json{"authorized_user"}, json("authorized_user"), json(1)})
    EXPECT_THAT(refusal_with("type", type), HasSubstr("its `type` is not service_account"));
  for (const json& none : {json{}, json(""), json(7), json::array()}) {
    EXPECT_THAT(refusal_with("client_email", none), HasSubstr("it has no client_email"));
    EXPECT_THAT(refusal_with("private_key", none), HasSubstr("it has no private_key"));
  }
}

TEST(ServiceAccount, TellsNothingOfAKeyThatItRefuses) {
  auto file = good_file();
  auto pem = file["private_key"].get<std::string>();
  pem.erase(pem.size() / 2, 100);
  file["private_key"] = pem;
  const auto broken = file.dump();
  const auto refused = refusal_of(broken);
  EXPECT_THAT(refused, HasSubstr("its private_key: there is no PEM private key in it"));
  EXPECT_THAT(refused, Not(HasSubstr(pem.substr(40, 20))));
  EXPECT_THAT(refusal_of(broken.substr(0, broken.size() - 1)), Not(HasSubstr(pem.substr(40, 20))));
}

}  // namespace
}  // namespace filemint::backends::service_account_test
