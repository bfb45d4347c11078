#include "core/crypto/rsa.hpp"

#include "core/crypto/pem.hpp"

#include <gtest/gtest.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/pem.h>

#include <string>
#include <thread>
#include <vector>

namespace filemint::rsa_test {
namespace {

// In PKCS #8; a password where one is given.
std::string pem_of(EVP_PKEY* key, const char* password = nullptr) {
  BIO* out = BIO_new(BIO_s_mem());
  const auto* cipher = password == nullptr ? nullptr : EVP_aes_256_cbc();
  EXPECT_EQ(PEM_write_bio_PKCS8PrivateKey(out, key, cipher, password, password == nullptr ? 0 : 3,
                                          nullptr, nullptr),
            1);
  char* text = nullptr;
  const auto size = BIO_get_mem_data(out, &text);
  std::string pem(text, static_cast<std::size_t>(size));
  BIO_free(out);
  return pem;
}

const evp::pkey& good_key() {
  static const evp::pkey key{EVP_RSA_gen(2048)};
  return key;
}

bool verifies(const std::string& message, const std::vector<std::uint8_t>& signature) {
  const auto context = evp::new_md_context();
  evp::must(EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, good_key().get()));
  return EVP_DigestVerify(context.get(), signature.data(), signature.size(), evp::bytes_of(message),
                          message.size()) == 1;
}

std::string refusal_of(const std::string& pem) {
  const auto key = rsa_key::from_pem(pem);
  return key ? "" : key.error().message;
}

// Which no RSA key has.
evp::pkey with_even_modulus(const EVP_PKEY& good) {
  OSSL_PARAM* parts = nullptr;
  EXPECT_EQ(EVP_PKEY_todata(&good, EVP_PKEY_KEYPAIR, &parts), 1);
  OSSL_PARAM* const modulus = OSSL_PARAM_locate(parts, OSSL_PKEY_PARAM_RSA_N);
  static_cast<unsigned char*>(modulus->data)[0] &= 0xfe;  // the lowest byte, little-endian
  EVP_PKEY_CTX* const context = EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr);
  EVP_PKEY* made = nullptr;
  EXPECT_EQ(EVP_PKEY_fromdata_init(context), 1);
  EXPECT_EQ(EVP_PKEY_fromdata(context, &made, EVP_PKEY_KEYPAIR, parts), 1);
  EVP_PKEY_CTX_free(context);
  OSSL_PARAM_free(parts);
  return evp::pkey{made};
}

TEST(Rsa, SignaturesVerify) {
  const auto key = rsa_key::from_pem(pem_of(good_key().get())).value();
  ASSERT_EQ(key.signature_size(), 256u);
  for (const std::string message : {"", "a", "GOOG4-RSA-SHA256\n20190201T090000Z\n"}) {
    std::vector<std::uint8_t> signature(key.signature_size());
    key.sign(message, signature);
    EXPECT_TRUE(verifies(message, signature));
    EXPECT_FALSE(verifies(message + '.', signature));
    auto again = signature;
    key.sign(message, again);
    EXPECT_EQ(again, signature);
  }
}

TEST(Rsa, SignsOnSeveralThreadsAtOnce) {
  const auto key = rsa_key::from_pem(pem_of(good_key().get())).value();
  std::vector<std::vector<std::uint8_t>> signatures(3);
  {
    std::vector<std::jthread> threads;
    for (auto& mine : signatures) {
      threads.emplace_back([&mine, &key] {
        mine.resize(key.signature_size());
        for (int i = 0; i < 50; ++i) key.sign("message", mine);
      });
    }
  }
  for (const auto& each : signatures) EXPECT_TRUE(verifies("message", each));
}

TEST(Rsa, RefusesWhatIsNoFitKey) {
  const auto pem = pem_of(good_key().get());
  EXPECT_EQ(refusal_of(""), "there is no PEM private key in it");
  EXPECT_EQ(refusal_of(pem.substr(0, pem.size() / 2)), "there is no PEM private key in it");
  EXPECT_EQ(refusal_of(pem_of(good_key().get(), "abc")),
            "the key has a password, and a node has nobody to ask for it");
  const evp::pkey small{EVP_RSA_gen(1024)};
  EXPECT_EQ(refusal_of(pem_of(small.get())), "the key in it has fewer than 2048 bits");
  const evp::pkey other{EVP_EC_gen("P-256")};
  EXPECT_EQ(refusal_of(pem_of(other.get())), "the key in it is not one of RSA");
  EXPECT_EQ(refusal_of(pem_of(with_even_modulus(*good_key()).get())), "the key in it can't sign");
}

}  // namespace
}  // namespace filemint::rsa_test
