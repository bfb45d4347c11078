// A certificate authority of a test's own.
#pragma once

#include "tests/unit/core/temporary_folder.hpp"

#include <gtest/gtest.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <filesystem>
#include <memory>
#include <string>

namespace filemint::testing {

class authority {
public:
  struct files {
    std::filesystem::path ca, certificate, key;
  };

  authority() : key_(EVP_EC_gen("P-256"), EVP_PKEY_free), own_(make("an authority", "")) {
    ca_ = folder_.write("ca.pem", text(own_.get()));
  }

  // A certificate for that name (with `names`: for these, "DNS:a,DNS:b"), as files.
  files issue(const std::string& name, std::string names = {}) {
    const key_ptr key{EVP_EC_gen("P-256"), EVP_PKEY_free};
    if (names.empty()) names = "DNS:" + name;
    const auto made = make(name, names, key.get());
    return {ca_, folder_.write(name + ".pem", text(made.get())),
            folder_.write(name + ".key", text(key.get()))};
  }
  // One that signed itself.
  files self_signed(const std::string& name) {
    authority other;
    return {ca_,
            folder_.write("self." + name + ".pem", text(other.make(name, "DNS:" + name).get())),
            folder_.write("self." + name + ".key", text(other.key_.get()))};
  }

private:
  using key_ptr = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
  using x509_ptr = std::unique_ptr<X509, decltype(&X509_free)>;

  // Signed by this authority, or for it without a key of its own.
  x509_ptr make(const std::string& common_name, const std::string& names, EVP_PKEY* key = nullptr) {
    x509_ptr made{X509_new(), X509_free};
    X509_set_version(made.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(made.get()), ++serial_);
    X509_gmtime_adj(X509_getm_notBefore(made.get()), -86'400);
    X509_gmtime_adj(X509_getm_notAfter(made.get()), 86'400);
    auto* subject = X509_get_subject_name(made.get());
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(common_name.c_str()), -1, -1,
                               0);
    X509_set_issuer_name(made.get(), key == nullptr ? subject : X509_get_subject_name(own_.get()));
    X509_set_pubkey(made.get(), key == nullptr ? key_.get() : key);
    if (!names.empty()) {
      add(made.get(), NID_subject_alt_name, names);
    } else {
      add(made.get(), NID_basic_constraints, "critical,CA:TRUE");
    }
    EXPECT_NE(X509_sign(made.get(), key_.get(), EVP_sha256()), 0);
    return made;
  }

  static void add(X509* to, int kind, const std::string& value) {
    auto* extension = X509V3_EXT_conf_nid(nullptr, nullptr, kind, value.c_str());
    EXPECT_EQ(X509_add_ext(to, extension, -1), 1);
    X509_EXTENSION_free(extension);
  }
  static std::string text(X509* certificate) {
    return written([&](BIO* to) { return PEM_write_bio_X509(to, certificate); });
  }
  static std::string text(EVP_PKEY* key) {
    return written([&](BIO* to) {
      return PEM_write_bio_PrivateKey(to, key, nullptr, nullptr, 0, nullptr, nullptr);
    });
  }
  static std::string written(auto write) {
    const std::unique_ptr<BIO, decltype(&BIO_free)> to{BIO_new(BIO_s_mem()), BIO_free};
    EXPECT_EQ(write(to.get()), 1);
    char* bytes = nullptr;
    const auto size = BIO_get_mem_data(to.get(), &bytes);
    return {bytes, static_cast<std::size_t>(size)};
  }

  temporary_folder folder_;
  key_ptr key_;
  long serial_ = 0;
  x509_ptr own_;
  std::filesystem::path ca_;
};

}  // namespace filemint::testing
