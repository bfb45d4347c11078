#include "textbook_ecdsa.hpp"

#include "core/crypto/sha256.hpp"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/obj_mac.h>

#include <memory>

namespace filemint::fuzz {
namespace {

struct deleter {
  void operator()(BIGNUM* number) const noexcept { BN_free(number); }
  void operator()(BN_CTX* context) const noexcept { BN_CTX_free(context); }
  void operator()(EC_GROUP* group) const noexcept { EC_GROUP_free(group); }
  void operator()(EC_POINT* point) const noexcept { EC_POINT_free(point); }
};
template <class T>
using owned = std::unique_ptr<T, deleter>;

constexpr std::size_t size = 32;

const EC_GROUP* group() {
  static const owned<EC_GROUP> p256(EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1));
  return p256.get();
}

owned<BIGNUM> number_of(std::string_view bytes) {
  return owned<BIGNUM>(BN_bin2bn(reinterpret_cast<const unsigned char*>(bytes.data()),
                                 static_cast<int>(bytes.size()), nullptr));
}

}  // namespace

bool textbook_ecdsa_verify(std::string_view point, std::string_view message,
                           std::string_view signature) {
  if (point.size() != 2 * size || signature.size() != 2 * size) return false;
  const owned<BN_CTX> context(BN_CTX_new());
  const auto* n = EC_GROUP_get0_order(group());
  const auto r = number_of(signature.substr(0, size)), s = number_of(signature.substr(size));
  for (const auto* number : {r.get(), s.get()}) {
    if (BN_is_zero(number) || BN_cmp(number, n) >= 0) return false;
  }
  const auto digest = sha256(message);
  const auto e = number_of({reinterpret_cast<const char*>(digest.data()), digest.size()});
  const owned<BIGNUM> inverse(BN_mod_inverse(nullptr, s.get(), n, context.get()));
  const owned<BIGNUM> u(BN_new()), v(BN_new()), x(BN_new());
  BN_mod_mul(u.get(), e.get(), inverse.get(), n, context.get());
  BN_mod_mul(v.get(), r.get(), inverse.get(), n, context.get());

  const owned<EC_POINT> key(EC_POINT_new(group())), sum(EC_POINT_new(group()));
  const auto px = number_of(point.substr(0, size)), py = number_of(point.substr(size));
  if (EC_POINT_set_affine_coordinates(group(), key.get(), px.get(), py.get(), context.get()) != 1)
    return false;
  EC_POINT_mul(group(), sum.get(), u.get(), key.get(), v.get(), context.get());
  if (EC_POINT_get_affine_coordinates(group(), sum.get(), x.get(), nullptr, context.get()) != 1)
    return false;  // the point at infinity
  BN_nnmod(x.get(), x.get(), n, context.get());
  return BN_cmp(x.get(), r.get()) == 0;
}

std::string p256_order() {
  std::string bytes(size, '\0');
  BN_bn2binpad(EC_GROUP_get0_order(group()), reinterpret_cast<unsigned char*>(bytes.data()),
               static_cast<int>(size));
  return bytes;
}

}  // namespace filemint::fuzz
