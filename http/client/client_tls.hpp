// The TLS of connections to storages and clouds: 1.2 and 1.3, the certificate checked against the
// system's trust store or a file's CAs, and for the host (RFC 9110 §4.3.4): a name against the
// certificate's DNS names, an address against its IP addresses, never against its subject.
#pragma once

#include "core/result.hpp"

#include <boost/asio/ssl/context.hpp>
#include <openssl/types.h>

#include <filesystem>
#include <memory>
#include <string>

namespace filemint::http {

// The newest session of an origin, which its next connection begins with (RFC 8446 §2.2).
class tls_session {
public:
  [[nodiscard]] SSL_SESSION* get() const noexcept { return kept_.get(); }
  void put(SSL_SESSION* fresh) noexcept { kept_.reset(fresh); }

private:
  struct deleter {
    void operator()(SSL_SESSION* session) const noexcept;
  };
  std::unique_ptr<SSL_SESSION, deleter> kept_;
};

// One thread at a time.
class client_tls {
public:
  // `ca_file`: PEM; empty: the system's trust store. Errors: io_failed or invalid_argument, a
  // sentence that names the file.
  [[nodiscard]] static result<std::unique_ptr<client_tls>> make(
      const std::filesystem::path& ca_file);

  [[nodiscard]] boost::asio::ssl::context& context() noexcept { return context_; }

  // Before the handshake: whom the certificate must be for, and the session to begin with.
  // `session` must outlive the connection. False: no certificate can be for that host.
  [[nodiscard]] static bool prepare(SSL* ssl, const std::string& host, tls_session& session);
  // After a handshake that failed.
  [[nodiscard]] static bool was_untrusted(const SSL* ssl) noexcept;
  // Before an end that is no fault: the session stays good without a close_notify.
  static void end_well(SSL* ssl) noexcept;

private:
  client_tls() = default;
  boost::asio::ssl::context context_{boost::asio::ssl::context::tls_client};
};

}  // namespace filemint::http
