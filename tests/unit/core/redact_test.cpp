#include "core/redact.hpp"

#include "core/api_key.hpp"
#include "core/sealed_key.hpp"

#include <gtest/gtest.h>

namespace filemint::redact_test {
namespace {

const std::string token = "eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJmaWxlbWludCJ9.c2lnbmF0dXJl-_";

TEST(Redact, HidesAnApiKeyButItsId) {
  const auto key = api_key::generate();
  const std::string text{key.text().reveal()};
  const auto hidden = "fm_" + std::string{key.id()} + "_...";
  EXPECT_EQ(redacted(text), hidden);
  EXPECT_EQ(redacted("no such file: /tmp/" + text + ".txt"),
            "no such file: /tmp/" + hidden + ".txt");
  EXPECT_EQ(redacted(text + " " + text), hidden + " " + hidden);
}

TEST(Redact, HidesAnApiKeyThatIsMistypedOrCut) {
  const auto key = api_key::generate();
  const std::string text{key.text().reveal()};
  const auto hidden = "fm_" + std::string{key.id()} + "_...";
  EXPECT_EQ(redacted(text.substr(0, text.size() - 1)), hidden);
  EXPECT_EQ(redacted(text + "x"), hidden);
  EXPECT_EQ(redacted(text.substr(0, 16 + 8)), hidden);
  EXPECT_EQ(redacted(text.substr(0, 16 + 7)), text.substr(0, 16 + 7))
      << "a few characters are none";
}

TEST(Redact, HidesATokenWholeOrWithoutItsSignature) {
  EXPECT_EQ(redacted(token), "eyJ...");
  EXPECT_EQ(redacted("?token=" + token + "&a=b"), "?token=eyJ...&a=b");
  EXPECT_EQ(redacted(token.substr(0, token.rfind('.'))), "eyJ...");
}

TEST(Redact, HidesAMasterKeyWhereverItStands) {
  for (int i = 0; i < 100; ++i) {
    const auto key = master_key::generate().text();
    const std::string text{key.reveal()};
    EXPECT_EQ(redacted(text), "...");
    EXPECT_EQ(redacted("file:/etc/" + text + ": not found"), "file:/etc/...: not found");
    EXPECT_EQ(redacted("a=b " + text + " c=d"), "a=b ... c=d");
  }
}

TEST(Redact, HidesWhoLogsInByAUrl) {
  EXPECT_EQ(redacted("https://u:pass@h/x"), "https://...@h/x");
  EXPECT_EQ(redacted("at https://u:p/a?s#s@w@h:80, or \"ftp://pass@h\" too"),
            "at https://...@h:80, or \"ftp://...@h\" too");
  EXPECT_EQ(redacted("http://" + token + ":pass@h http://" + token), "http://...@h http://eyJ...");
  EXPECT_EQ(redacted(redacted("https://u:pass@h")), "https://...@h");
  EXPECT_EQ(redacted("https://h/x a@b"), "https://h/x a@b");
}

TEST(Redact, HidesAPrivateKeyInPem) {
  EXPECT_EQ(redacted("no -----BEGIN PRIVATE KEY-----?MIGHAgEA?-----END PRIVATE KEY-----?"),
            "no -----BEGIN PRIVATE KEY-----...");
  EXPECT_EQ(redacted("{\"at\":\"-----BEGIN EC PRIVATE KEY-----\\nMHcC\",\"b\":1}"),
            "{\"at\":\"-----BEGIN EC PRIVATE KEY-----...\",\"b\":1}");
  EXPECT_EQ(redacted(redacted("PRIVATE KEY-----x")), "PRIVATE KEY-----...");
}

TEST(Redact, HidesSeveralKindsInTheirOrder) {
  const auto key = api_key::generate();
  const auto master = master_key::generate().text();
  const auto text = token + "," + std::string{master.reveal()} + "," +
                    std::string{key.text().reveal()} + "," + token;
  EXPECT_EQ(redacted(text), "eyJ...,...,fm_" + std::string{key.id()} + "_...,eyJ...");
}

TEST(Redact, LeavesOtherTextAlone) {
  for (const std::string_view text :
       {"", "fm_", "fm_t1IBHGUOXEbR", "fm_t1IBHGUOXEbR_", "eyJ", "a.b.c", "=", "a=b",
        "files/magikarp/uploads/co_xyz/file_abc123/context.pdf?a=b", "3943e6127bd6c85a",
        "0f8fad5b-d9cb-469f-a165-70867728950e", "the signing key eyJhbGci of source magikarp"}) {
    EXPECT_EQ(redacted(text), text);
    EXPECT_FALSE(holds_secret(text)) << text;
  }
  EXPECT_TRUE(holds_secret(token));
}

}  // namespace
}  // namespace filemint::redact_test
