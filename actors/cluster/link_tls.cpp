#include "actors/cluster/link_tls.hpp"

#include "actors/cluster/peer_names.hpp"
#include "core/crypto/pem.hpp"

#include <openssl/ssl.h>

#include <algorithm>

namespace filemint::actors {
namespace {

constexpr auto ciphers =
    "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";
constexpr auto groups = "X25519:P-256:P-384";

bool set_terms(SSL_CTX* context) {
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context, 0);
  SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  return SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) == 1 &&
         SSL_CTX_set_ciphersuites(context, ciphers) == 1 &&
         SSL_CTX_set1_groups_list(context, groups) == 1;
}

}  // namespace

result<std::shared_ptr<const link_tls>> link_tls::load(const link_files& files,
                                                       const std::string& name) {
  const clean_errors clean;
  auto made = std::make_shared<link_tls>();
  auto* const context = made->context.native_handle();
  if (!set_terms(context)) return fail(errc::io_failed, "this OpenSSL lacks TLS 1.3");

  auto authorities = read_certificates(files.ca);
  if (!authorities) return std::unexpected(authorities.error());
  auto* const store = SSL_CTX_get_cert_store(context);
  for (const auto& each : authorities->all) X509_STORE_add_cert(store, each.get());

  auto chain = read_certificates(files.certificate);
  if (!chain) return std::unexpected(chain.error());
  auto key = read_private_key(files.key);
  if (!key) return std::unexpected(key.error());
  auto* const own = chain->all.front().get();
  if (X509_check_private_key(own, key->get()) != 1) {
    return fail(errc::invalid_argument, files.key.string() +
                                            ": the key does not belong to the certificate in " +
                                            files.certificate.string());
  }
  if (!peer_names::carries(own, name)) {
    return fail(errc::invalid_argument, files.certificate.string() +
                                            ": the certificate is not for the name " + name +
                                            ", which its subjectAltName has to carry");
  }
  if (SSL_CTX_use_certificate(context, own) != 1 ||
      SSL_CTX_use_PrivateKey(context, key->get()) != 1) {
    return fail(errc::invalid_argument, files.certificate.string() + ": " + clean_errors::reason());
  }
  made->expires = wall_time::max();
  for (const auto& each : chain->all) {
    made->expires = std::min(made->expires, expiry_of(*each));
    if (each.get() != own) SSL_CTX_add1_chain_cert(context, each.get());
  }
  return std::shared_ptr<const link_tls>{std::move(made)};
}

}  // namespace filemint::actors
