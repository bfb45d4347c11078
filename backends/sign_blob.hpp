// Signatures by an account's key that Google holds: asked for one by one (IAM Service Account
// Credentials API, projects.serviceAccounts.signBlob).
#pragma once

#include "backends/remote_call.hpp"
#include "core/result.hpp"
#include "core/secret.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace filemint::backends {

// Immutable, thread safe.
struct blob_signatory {
  std::string email;    // the account whose key signs
  secret access_token;  // of an account that may ask for it (iam.serviceAccounts.signBlob)
};

// Keys that Google holds are RSA keys of 2,048 bits; there is room for twice as many.
inline constexpr std::size_t most_blob_signature = 512;

[[nodiscard]] remote_request sign_blob_request(const remote_origin& iam, const blob_signatory& who,
                                               std::string_view text);

// The signature's bytes. Errors: throttled; service_unavailable for all else, with a sentence that
// holds nothing of a credential.
[[nodiscard]] result<std::string> read_signed_blob(const remote_answer& answer);

}  // namespace filemint::backends
