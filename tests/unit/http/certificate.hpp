// A self-signed certificate for tests, in PEM.
#pragma once

#include <gtest/gtest.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <memory>
#include <string>

namespace filemint::http {

struct certificate {
  std::string pem;
  std::string key;

  // Valid from a day ago until `seconds` from now.
  explicit certificate(long seconds = 86'400) {
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> pair{EVP_EC_gen("P-256"),
                                                                   EVP_PKEY_free};
    const std::unique_ptr<X509, decltype(&X509_free)> made{X509_new(), X509_free};
    X509_set_version(made.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(made.get()), 1);
    X509_gmtime_adj(X509_getm_notBefore(made.get()), -86'400);
    X509_gmtime_adj(X509_getm_notAfter(made.get()), seconds);
    auto* name = X509_get_subject_name(made.get());
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>("localhost"), -1, -1, 0);
    X509_set_issuer_name(made.get(), name);
    X509_set_pubkey(made.get(), pair.get());
    EXPECT_NE(X509_sign(made.get(), pair.get(), EVP_sha256()), 0);
    pem = text([&](BIO* to) { return PEM_write_bio_X509(to, made.get()); });
    key = text([&](BIO* to) {
      return PEM_write_bio_PrivateKey(to, pair.get(), nullptr, nullptr, 0, nullptr, nullptr);
    });
  }

private:
  static std::string text(auto write) {
    const std::unique_ptr<BIO, decltype(&BIO_free)> to{BIO_new(BIO_s_mem()), BIO_free};
    EXPECT_EQ(write(to.get()), 1);
    char* bytes = nullptr;
    const auto size = BIO_get_mem_data(to.get(), &bytes);
    return {bytes, static_cast<std::size_t>(size)};
  }
};

}  // namespace filemint::http
