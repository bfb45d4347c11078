// What a TLS listener's connections are made from: certificate, key, versions, ciphers, tickets.
// TLS 1.2 and 1.3 with ECDHE and AEAD ciphers alone; no compression, no renegotiation, no state
// kept of sessions; ALPN http/1.1.
#pragma once

#include "core/clock.hpp"
#include "core/config/listener_config.hpp"
#include "core/result.hpp"
#include "http/ticket_keys.hpp"
#include "http/transport.hpp"

#include <openssl/types.h>

#include <memory>
#include <string>

namespace filemint::http {

// Immutable, thread safe. Connections hold what they need of it: it may go before they do, but not
// its ticket keys.
class tls_context {
public:
  // Reads the files. Errors: io_failed or invalid_argument, a sentence that names the file: it
  // can't be read, holds no certificate, the key does not belong to the certificate, …
  [[nodiscard]] static result<std::shared_ptr<const tls_context>> make(const tls_config& settings,
                                                                       ticket_keys& tickets);
  tls_context(const tls_context&) = delete;
  tls_context& operator=(const tls_context&) = delete;

  // The server's side of a new connection; null when memory is out.
  [[nodiscard]] ssl_ptr new_connection() const;

  // When the first of the certificate and those behind it expires. It is served all the same.
  [[nodiscard]] wall_time expires() const noexcept { return expires_; }

private:
  struct deleter {
    void operator()(SSL_CTX* context) const noexcept;
  };
  using context_ptr = std::unique_ptr<SSL_CTX, deleter>;
  tls_context(context_ptr context, wall_time expires)
      : context_(std::move(context)), expires_(expires) {}

  context_ptr context_;
  wall_time expires_;
};

}  // namespace filemint::http
