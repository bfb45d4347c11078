#include "core/crypto/p256.hpp"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/params.h>

#include <memory>

namespace filemint {
namespace {

struct deleter {
  void operator()(BIGNUM* number) const noexcept { BN_clear_free(number); }
  void operator()(EC_GROUP* group) const noexcept { EC_GROUP_free(group); }
  void operator()(EC_POINT* point) const noexcept { EC_POINT_free(point); }
  void operator()(ECDSA_SIG* signature) const noexcept { ECDSA_SIG_free(signature); }
  void operator()(OSSL_PARAM_BLD* builder) const noexcept { OSSL_PARAM_BLD_free(builder); }
  void operator()(OSSL_PARAM* parameters) const noexcept { OSSL_PARAM_free(parameters); }
  void operator()(EVP_PKEY_CTX* context) const noexcept { EVP_PKEY_CTX_free(context); }
};
template <class T>
using owned = std::unique_ptr<T, deleter>;

template <class T>
owned<T> own(T* made) noexcept {
  evp::must(made != nullptr);
  return owned<T>(made);
}

constexpr std::size_t point_size = 1 + 2 * p256_key::scalar_size;  // 4, x, y
constexpr std::size_t most_der = 72;

owned<BIGNUM> number_of(std::string_view bytes) noexcept {
  return own(BN_bin2bn(evp::bytes_of(bytes), static_cast<int>(bytes.size()), nullptr));
}

evp::pkey key_of(const BIGNUM& scalar, const std::string& point) {
  const auto builder = own(OSSL_PARAM_BLD_new());
  evp::must(OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0));
  evp::must(OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, &scalar));
  evp::must(OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                             point.size()));
  const auto parameters = own(OSSL_PARAM_BLD_to_param(builder.get()));
  const auto context = own(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
  evp::must(EVP_PKEY_fromdata_init(context.get()));
  EVP_PKEY* key = nullptr;
  evp::must(EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_KEYPAIR, parameters.get()));
  // Freeing them does not wipe it.
  const auto* const held = OSSL_PARAM_locate(parameters.get(), OSSL_PKEY_PARAM_PRIV_KEY);
  OPENSSL_cleanse(held->data, held->data_size);
  return evp::pkey(key);
}

}  // namespace

std::optional<p256_key> p256_key::from_scalar(std::string_view scalar) {
  if (scalar.size() != scalar_size) return std::nullopt;
  const auto number = number_of(scalar);
  BN_set_flags(number.get(), BN_FLG_CONSTTIME);
  const auto group = own(EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1));
  if (BN_is_zero(number.get()) || BN_cmp(number.get(), EC_GROUP_get0_order(group.get())) >= 0) {
    return std::nullopt;
  }
  const auto point = own(EC_POINT_new(group.get()));
  evp::must(EC_POINT_mul(group.get(), point.get(), number.get(), nullptr, nullptr, nullptr));
  std::string encoded(point_size, '\0');
  const auto written =
      EC_POINT_point2oct(group.get(), point.get(), POINT_CONVERSION_UNCOMPRESSED,
                         reinterpret_cast<unsigned char*>(encoded.data()), encoded.size(), nullptr);
  evp::must(written == point_size);
  auto key = key_of(*number, encoded);
  return p256_key(std::move(key), encoded.substr(1));
}

p256_signature p256_key::sign(std::string_view message) const {
  const auto context = evp::new_md_context();
  std::array<unsigned char, most_der> der;
  auto size = der.size();
  evp::must(EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()));
  evp::must(
      EVP_DigestSign(context.get(), der.data(), &size, evp::bytes_of(message), message.size()));
  const auto* begin = der.data();
  const auto parsed = own(d2i_ECDSA_SIG(nullptr, &begin, static_cast<long>(size)));
  p256_signature signature;
  constexpr int half = scalar_size;
  evp::must(BN_bn2binpad(ECDSA_SIG_get0_r(parsed.get()), signature.data(), half) == half);
  evp::must(BN_bn2binpad(ECDSA_SIG_get0_s(parsed.get()), signature.data() + half, half) == half);
  return signature;
}

bool p256_key::verify(std::string_view message, std::string_view signature) const {
  if (signature.size() != std::tuple_size_v<p256_signature>) return false;
  const auto parsed = own(ECDSA_SIG_new());
  evp::must(ECDSA_SIG_set0(parsed.get(), number_of(signature.substr(0, scalar_size)).release(),
                           number_of(signature.substr(scalar_size)).release()));
  std::array<unsigned char, most_der> der;
  auto* end = der.data();
  const int size = i2d_ECDSA_SIG(parsed.get(), &end);
  evp::must(size > 0);
  const auto context = evp::new_md_context();
  evp::must(EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()));
  ERR_set_mark();  // a signature that is none leaves an error, which the thread's next TLS call
                   // would find
  const bool good = EVP_DigestVerify(context.get(), der.data(), static_cast<std::size_t>(size),
                                     evp::bytes_of(message), message.size()) == 1;
  ERR_pop_to_mark();
  return good;
}

secret p256_key::scalar() const {
  BIGNUM* number = nullptr;
  evp::must(EVP_PKEY_get_bn_param(key_.get(), OSSL_PKEY_PARAM_PRIV_KEY, &number));
  const auto held = own(number);
  std::string bytes(scalar_size, '\0');
  evp::must(BN_bn2binpad(held.get(), reinterpret_cast<unsigned char*>(bytes.data()),
                         static_cast<int>(scalar_size)) == static_cast<int>(scalar_size));
  return secret(std::move(bytes));
}

}  // namespace filemint
