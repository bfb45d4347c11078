// Temporary credentials of AWS: of an EC2 instance's role (AWS, "Use IMDSv2"), of an ECS task's or
// an EKS pod's (AWS SDKs and Tools, "Container credential provider"), and of a role that STS gives
// for a token of another's (AWS STS, "AssumeRoleWithWebIdentity").
#pragma once

#include "backends/credentials/renewal.hpp"
#include "backends/sigv4.hpp"
#include "core/secret.hpp"

#include <functional>
#include <memory>
#include <string>

namespace filemint::backends {

// The backend that signs by them.
using aws_backend_maker = std::function<std::shared_ptr<const backend>(aws_credentials)>;
// Reads a secret as it stands now. Errors: any.
using secret_reader = std::function<result<secret>()>;

// Asks for a session token, then for the role's name, then for its credentials.
[[nodiscard]] std::unique_ptr<renewal> renew_by_instance(remote_origin metadata,
                                                         aws_backend_maker make);

struct container_terms {
  remote_origin at;
  std::string target;                // its path, and query if there is one
  secret_reader authorization = {};  // what stands in that field; empty: none is sent
};
[[nodiscard]] std::unique_ptr<renewal> renew_by_container(container_terms terms,
                                                          aws_backend_maker make);

struct web_identity_terms {
  remote_origin sts;
  std::string role_arn;
  std::string session_name;  // 2 to 64 of [A-Za-z0-9_+=,.@-]: what CloudTrail shows
  secret_reader token;
};
[[nodiscard]] std::unique_ptr<renewal> renew_by_web_identity(web_identity_terms terms,
                                                             aws_backend_maker make);

}  // namespace filemint::backends
