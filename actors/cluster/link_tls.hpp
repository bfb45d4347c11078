// The TLS of links: 1.3 alone, both sides with certificates of one CA, no sessions resumed.
#pragma once

#include "core/clock.hpp"
#include "core/result.hpp"

#include <boost/asio/ssl/context.hpp>

#include <filesystem>
#include <memory>
#include <string>

namespace filemint::actors {

struct link_files {
  std::filesystem::path ca, certificate, key;  // PEM
};

// Immutable, thread safe.
struct link_tls {
  // For both ends of links. Connections hold what they need of it.
  mutable boost::asio::ssl::context context{boost::asio::ssl::context::tls};
  wall_time expires{};  // the first of the certificate and those behind it

  // Reads the files. Errors: io_failed or invalid_argument, a sentence that names the file: it
  // can't be read, holds no certificate, the key is another's, the certificate does not carry
  // `name`, …
  [[nodiscard]] static result<std::shared_ptr<const link_tls>> load(const link_files& files,
                                                                    const std::string& name);
};

}  // namespace filemint::actors
