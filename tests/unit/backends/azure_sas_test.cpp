#include "backends/azure_sas.hpp"

#include "core/crypto/base64.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace filemint::backends::azure_sas_test {
namespace {

using namespace std::chrono_literals;

// Microsoft publishes no signature with its key: what is expected here was made with
// @azure/storage-blob 12.26.0, by tests/peers/azure_sas.mjs. The key is the well-known one of its
// emulators.
constexpr std::string_view emulator_key =
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";
constexpr wall_time new_year{1'767'225'600s};  // 2026-01-01T00:00:00Z

sas_key account_key() {
  return sas_key{base64_decode(emulator_key).value()};
}

sas_key delegated_key() {
  return sas_key{azure_delegation{
      .object_id = "00000000-1111-2222-3333-444444444444",
      .tenant_id = "55555555-6666-7777-8888-999999999999",
      .starts_at = new_year,
      .expires_at = new_year + 24h,
      .service = "b",
      .api_version = "2020-12-06",
      .value = base64_decode("q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=").value()}};
}

sas_terms terms() {
  return {.account = "account1", .container = "stored-files", .expires_at = new_year + 5min};
}

sas_signer signer_of(sas_key key, const sas_terms& on = terms()) {
  return {std::make_shared<const sas_key>(std::move(key)), on};
}

std::vector<std::string> sign_all(const sas_signer& by, const std::vector<std::string>& names) {
  std::vector<file_path> paths;
  for (const auto& name : names) paths.push_back(file_path::make(name).value());
  std::vector<std::string> tokens;
  for (const auto path : paths) tokens.emplace_back(by.max_token_size(path), '#');
  std::vector<char*> places;
  for (auto& token : tokens) places.push_back(token.data());
  by.sign(paths, places);
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto size = static_cast<std::size_t>(places[i] - tokens[i].data());
    EXPECT_LE(size, tokens[i].size());
    tokens[i].resize(size);
  }
  return tokens;
}

std::string sign(const sas_signer& by, const std::string& name) {
  return sign_all(by, {name}).front();
}

TEST(AzureSas, SignsByAnAccountsKey) {
  EXPECT_EQ(sign(signer_of(account_key()), "uploads/co_xyz/report.pdf"),
            "sv=2020-12-06&spr=https&se=2026-01-01T00%3A05%3A00Z&sr=b&sp=r"
            "&sig=7noqncXIyrFWk2bJIAy7IajpMDBY7UjcMhlP8sI5MRE%3D");
}

TEST(AzureSas, SignsAStartAndHttpWhereAsked) {
  auto on = terms();
  on.starts_at = new_year + 30s;
  on.https_alone = false;
  EXPECT_EQ(sign(signer_of(account_key(), on), "uploads/co_xyz/report.pdf"),
            "sv=2020-12-06&spr=https%2Chttp&st=2026-01-01T00%3A00%3A30Z"
            "&se=2026-01-01T00%3A05%3A00Z&sr=b&sp=r"
            "&sig=Dx9dV%2F%2FrNauanHOOflFjegqY2vlWOm65vvtQLEx2pTc%3D");
}

TEST(AzureSas, SignsThePathAsItIs) {
  EXPECT_EQ(sign(signer_of(account_key()), "uploads/C++ é%41 notes.txt"),
            "sv=2020-12-06&spr=https&se=2026-01-01T00%3A05%3A00Z&sr=b&sp=r"
            "&sig=Qe%2FQGKkm8bkf8CV%2Br%2Fotxteqi9Dg5gqVSIGh0OrH3lk%3D");
}

TEST(AzureSas, SignsByAUserDelegationKey) {
  constexpr std::string_view by =
      "&skoid=00000000-1111-2222-3333-444444444444&sktid=55555555-6666-7777-8888-999999999999"
      "&skt=2026-01-01T00%3A00%3A00Z&ske=2026-01-02T00%3A00%3A00Z&sks=b&skv=2020-12-06&sr=b&sp=r";
  EXPECT_EQ(sign(signer_of(delegated_key()), "uploads/co_xyz/report.pdf"),
            "sv=2020-12-06&spr=https&se=2026-01-01T00%3A05%3A00Z" + std::string{by} +
                "&sig=adtmficDevUWnpSUme4tm2IEPna5rxbiM9vcMpUoYuQ%3D");
  auto on = terms();
  on.starts_at = new_year + 30s;
  EXPECT_EQ(sign(signer_of(delegated_key(), on), "uploads/C++ é%41 notes.txt"),
            "sv=2020-12-06&spr=https&st=2026-01-01T00%3A00%3A30Z&se=2026-01-01T00%3A05%3A00Z" +
                std::string{by} + "&sig=dgMLORsaJI%2BuFKR48BW%2FEoyqNuFG3GsVfVp2ZZSK04k%3D");
}

// The most and the fewest escapes among those of f0 to f29999.
TEST(AzureSas, SignaturesDifferInLength) {
  const auto signer = signer_of(account_key());
  const auto tokens = sign_all(signer, {"f6", "f3123"});
  EXPECT_TRUE(tokens[0].ends_with("&sig=QNXyk8o3j4NASyZC9leUL824QA8dc2GfpHh4YKjetDE%3D"));
  EXPECT_TRUE(
      tokens[1].ends_with("&sig=zfl%2FfnmNV%2BDOVBU8xUVza8i3sw%2BP1%2BUY2sH%2Fp%2FSoa%2Bc%3D"));
  EXPECT_EQ(signer.max_token_size(file_path::make("f6").value()), tokens[0].size() + 43 * 2);
}

// What Microsoft's own library gives.
TEST(AzureSas, SignsTheNameToSaveAFileUnder) {
  const std::vector<api::file_name> names{{"b", "größe.pdf"}};
  auto on = terms();
  on.saved_as = api::attachments{names};
  const auto tokens = sign_all(signer_of(account_key(), on), {"a", "b"});
  EXPECT_EQ(tokens[0], sign(signer_of(account_key()), "a"));
  EXPECT_TRUE(tokens[1].ends_with(
      "%3D&rscd=attachment%3B%20filename%3D%22gr__e.pdf%22%3B%20filename%2A%3DUTF-8%27%27"
      "gr%25C3%25B6%25C3%259Fe.pdf"))
      << tokens[1];
  EXPECT_NE(tokens[1].substr(0, tokens[1].find("&rscd")), sign(signer_of(account_key()), "b"));
}

TEST(AzureSas, SignsEachOfManyAsItWouldAlone) {
  for (const auto& key : {account_key(), delegated_key()}) {
    const auto signer = signer_of(key);
    std::vector<std::string> names;
    for (std::size_t i = 0; i < sas_signer::at_once; ++i) names.emplace_back(1 + i * 7, 'a');
    const auto together = sign_all(signer, names);
    for (std::size_t i = 0; i < names.size(); ++i) EXPECT_EQ(together[i], sign(signer, names[i]));
  }
}

TEST(AzureSas, EachTermIsSigned) {
  const auto signature = [](const sas_terms& on) {
    const auto token = sign(signer_of(account_key(), on), "a");
    return token.substr(token.find("sig="));
  };
  const auto first = signature(terms());
  auto other = terms();
  other.account = "account2";
  EXPECT_NE(signature(other), first);
  other = terms();
  other.container = "stored";
  EXPECT_NE(signature(other), first);
  other = terms();
  other.expires_at += 1s;
  EXPECT_NE(signature(other), first);
  other = terms();
  other.https_alone = false;
  EXPECT_NE(signature(other), first);
}

}  // namespace
}  // namespace filemint::backends::azure_sas_test
