// A service account of Google Cloud, by the JSON key file that Google gives out for it (Google
// Cloud, "Create and delete service account keys").
#pragma once

#include "core/crypto/rsa.hpp"
#include "core/result.hpp"
#include "core/secret.hpp"

#include <memory>
#include <string>

namespace filemint::backends {

// Immutable, thread safe.
struct service_account {
  std::string client_email;
  std::shared_ptr<const rsa_key> key;
};

// Error: invalid_argument, a sentence on what is wrong with it that tells nothing of what it holds.
[[nodiscard]] result<service_account> parse_service_account(const secret& json);

}  // namespace filemint::backends
