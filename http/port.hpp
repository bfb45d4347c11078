// What the connections of one listener have in common. Immutable once it serves; thread safe then.
#pragma once

#include "core/config/listener_config.hpp"
#include "http/router.hpp"
#include "http/tls_server.hpp"

#include <memory>

namespace filemint::http {

struct port {
  port_kind kind = port_kind::client;
  bool is_unix = false;  // a socket in the file system, whose clients have no address
  verify_way verify = verify_way::both;
  std::unique_ptr<tls_server> tls = {};  // null: plaintext
};

}  // namespace filemint::http
