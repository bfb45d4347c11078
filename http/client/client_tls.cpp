#include "http/client/client_tls.hpp"

#include "core/crypto/pem.hpp"

#include <boost/asio/ip/address.hpp>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

namespace filemint::http {
namespace {

// Where a connection finds its origin's session.
int session_index() {
  static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

// 1: it is ours now.
int keep_session(SSL* ssl, SSL_SESSION* fresh) {
  auto* const session = static_cast<tls_session*>(SSL_get_ex_data(ssl, session_index()));
  if (session == nullptr || SSL_SESSION_is_resumable(fresh) != 1) return 0;
  session->put(fresh);
  return 1;
}

bool set_terms(SSL_CTX* context) {
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_options(context,
                      SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CLEANSE_PLAINTEXT);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(context, keep_session);
  return SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1;
}

}  // namespace

void tls_session::deleter::operator()(SSL_SESSION* session) const noexcept {
  SSL_SESSION_free(session);
}

result<std::unique_ptr<client_tls>> client_tls::make(const std::filesystem::path& ca_file) {
  const clean_errors clean;
  std::unique_ptr<client_tls> made{new client_tls};
  auto* const context = made->context_.native_handle();
  if (!set_terms(context)) return fail(errc::io_failed, "this OpenSSL lacks TLS 1.2");
  if (ca_file.empty()) {
    if (SSL_CTX_set_default_verify_paths(context) != 1) {
      return fail(errc::io_failed, "the system's trust store: " + clean_errors::reason());
    }
    return made;
  }
  const auto authorities = read_certificates(ca_file);
  if (!authorities) return std::unexpected(authorities.error());
  auto* const store = SSL_CTX_get_cert_store(context);
  for (const auto& each : authorities->all) X509_STORE_add_cert(store, each.get());
  return made;
}

bool client_tls::prepare(SSL* ssl, const std::string& host, tls_session& session) {
  const clean_errors clean;
  boost::system::error_code is_name;
  boost::asio::ip::make_address(host, is_name);
  auto* const terms = SSL_get0_param(ssl);
  if (!is_name) {
    if (X509_VERIFY_PARAM_set1_ip_asc(terms, host.c_str()) != 1) return false;
  } else {
    // A name's last dot, of the root, stands neither in certificates nor in SNI (RFC 6066 §3).
    const auto name = host.ends_with('.') ? host.substr(0, host.size() - 1) : host;
    X509_VERIFY_PARAM_set_hostflags(
        terms, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
    if (name.empty() || SSL_set1_host(ssl, name.c_str()) != 1 ||
        SSL_set_tlsext_host_name(ssl, name.c_str()) != 1) {
      return false;
    }
  }
  SSL_set_ex_data(ssl, session_index(), &session);
  if (session.get() != nullptr) SSL_set_session(ssl, session.get());
  return true;
}

bool client_tls::was_untrusted(const SSL* ssl) noexcept {
  return SSL_get_verify_result(ssl) != X509_V_OK;
}

void client_tls::end_well(SSL* ssl) noexcept {
  SSL_set_shutdown(ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
}

}  // namespace filemint::http
