#include "http/tls_context.hpp"

#include "core/crypto/pem.hpp"
#include "core/crypto/random.hpp"
#include "core/crypto/sha256.hpp"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <span>
#include <string_view>
#include <utility>

namespace filemint::http {

namespace {

constexpr auto ciphers_1_2 =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
    "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
constexpr auto ciphers_1_3 =
    "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";
constexpr auto groups = "X25519:P-256:P-384";
constexpr auto ticket_life = 2 * ticket_keys::period;  // the keys end it sooner

// Where a context finds its ticket keys.
int tickets_index() {
  static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

// Encrypt-then-MAC with AES-256-CBC and HMAC-SHA-256, as RFC 5077 §4 recommends.
int crypt_ticket(SSL* ssl, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher,
                 EVP_MAC_CTX* mac, int sealing) {
  auto& keys =
      *static_cast<ticket_keys*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), tickets_index()));
  const auto prepare = [&](ticket_key key) {
    std::array<OSSL_PARAM, 3> terms{
        OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, key.mac.data(), key.mac.size()),
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, const_cast<char*>("SHA256"), 0),
        OSSL_PARAM_construct_end()};
    return EVP_MAC_CTX_set_params(mac, terms.data()) == 1 &&
           EVP_CipherInit_ex(cipher, EVP_aes_256_cbc(), nullptr, key.cipher.data(), iv, sealing) ==
               1;
  };
  constexpr int failed = -1, unknown = 0, good = 1, good_but_old = 2;
  const auto now = mono_clock::now();
  if (sealing != 0) {
    const auto key = keys.sealing(now);
    std::ranges::copy(key.name, name);
    random_bytes({iv, static_cast<std::size_t>(EVP_CIPHER_get_iv_length(EVP_aes_256_cbc()))});
    return prepare(key) ? good : failed;
  }
  const auto found = keys.find(std::span<const std::uint8_t, 16>{name, 16}, now);
  if (!found) return unknown;
  if (!prepare(found->key)) return failed;
  return found->current ? good : good_but_old;
}

// A client that offers protocols and not ours is refused (RFC 7301 §3.2).
int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* size,
                    const unsigned char* offered, unsigned offered_size, void*) {
  constexpr std::string_view ours = "http/1.1";
  for (std::string_view rest{reinterpret_cast<const char*>(offered), offered_size};
       !rest.empty();) {
    const auto name = rest.substr(1, static_cast<unsigned char>(rest.front()));
    if (name == ours) {
      *chosen = reinterpret_cast<const unsigned char*>(name.data());
      *size = static_cast<unsigned char>(name.size());
      return SSL_TLSEXT_ERR_OK;
    }
    rest.remove_prefix(1 + name.size());
  }
  return SSL_TLSEXT_ERR_ALERT_FATAL;
}

void set_terms(SSL_CTX* context, const tls_config& settings) {
  SSL_CTX_set_min_proto_version(
      context, settings.min_version == tls_version::v1_3 ? TLS1_3_VERSION : TLS1_2_VERSION);
  SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
                                   SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_read_ahead(context, 1);  // a record is one system call and not two
  SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
}

void set_tickets(SSL_CTX* context, ticket_keys& tickets, std::string_view clients) {
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context, 1);
  SSL_CTX_set_timeout(context, std::chrono::seconds{ticket_life}.count());
  SSL_CTX_set_ex_data(context, tickets_index(), &tickets);
  SSL_CTX_set_tlsext_ticket_key_evp_cb(context, crypt_ticket);
  // A ticket tells who its client was: it is worth nothing once others are asked for.
  const auto terms = sha256(clients);
  SSL_CTX_set_session_id_context(context, terms.data(), terms.size());
}

result<std::string> set_clients(SSL_CTX* context, const tls_config& settings) {
  if (settings.clients == client_certificates::none) return std::string{"none"};
  auto authorities = read_certificates(settings.client_ca);
  if (!authorities) return std::unexpected(authorities.error());
  auto* store = SSL_CTX_get_cert_store(context);
  for (const auto& each : authorities->all) {
    X509_STORE_add_cert(store, each.get());
    SSL_CTX_add_client_CA(context, each.get());
  }
  const bool required = settings.clients == client_certificates::required;
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | (required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0),
                     nullptr);
  return (required ? "required " : "optional ") + authorities->text;
}

}  // namespace

void tls_context::deleter::operator()(SSL_CTX* context) const noexcept {
  SSL_CTX_free(context);
}

result<std::shared_ptr<const tls_context>> tls_context::make(const tls_config& settings,
                                                             ticket_keys& tickets) {
  const clean_errors clean;
  context_ptr context{SSL_CTX_new(TLS_server_method())};
  if (context == nullptr) return fail(errc::io_failed, "OpenSSL gives no context");
  auto* made = context.get();
  if (SSL_CTX_set_cipher_list(made, ciphers_1_2) != 1 ||
      SSL_CTX_set_ciphersuites(made, ciphers_1_3) != 1 ||
      SSL_CTX_set1_groups_list(made, groups) != 1) {
    return fail(errc::io_failed, "this OpenSSL lacks the ciphers of TLS 1.2 and 1.3");
  }
  set_terms(made, settings);

  auto chain = read_certificates(settings.certificate);
  if (!chain) return std::unexpected(chain.error());
  auto key = read_private_key(settings.key);
  if (!key) return std::unexpected(key.error());
  if (X509_check_private_key(chain->all.front().get(), key->get()) != 1) {
    return fail(errc::invalid_argument, settings.key.string() +
                                            ": the key does not belong to the "
                                            "certificate in " +
                                            settings.certificate.string());
  }
  if (SSL_CTX_use_certificate(made, chain->all.front().get()) != 1 ||
      SSL_CTX_use_PrivateKey(made, key->get()) != 1) {
    return fail(errc::invalid_argument,
                settings.certificate.string() + ": " + clean_errors::reason());
  }
  auto expires = wall_time::max();
  for (const auto& each : chain->all) {
    expires = std::min(expires, expiry_of(*each));
    if (&each != &chain->all.front()) SSL_CTX_add1_chain_cert(made, each.get());
  }

  const auto clients = set_clients(made, settings);
  if (!clients) return std::unexpected(clients.error());
  set_tickets(made, tickets, *clients);
  return std::shared_ptr<const tls_context>{new tls_context{std::move(context), expires}};
}

ssl_ptr tls_context::new_connection() const {
  ssl_ptr made{SSL_new(context_.get())};
  if (made != nullptr) SSL_set_accept_state(made.get());
  return made;
}

}  // namespace filemint::http
