// A user delegation key of Azure for a managed identity (Microsoft, "How managed identities for
// Azure resources work with Azure virtual machines", "How to use managed identities for App
// Service", "Get User Delegation Key"): a token of Entra first, then the key.
#pragma once

#include "backends/azure_sas.hpp"
#include "backends/credentials/renewal.hpp"
#include "core/config/source_config.hpp"
#include "core/secret.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace filemint::backends {

// The account's blob service, as the node asks it.
struct blob_service {
  remote_origin at;
  std::string path;  // up to and with the '/' that ends it
};
// By the source's account, addressing and endpoint. Error: of read_origin.
[[nodiscard]] result<blob_service> blob_service_of(const bucket_config& bucket);

struct managed_identity_terms {
  remote_origin tokens;
  std::string target;  // of the token's request, up to the query
  secret header;       // App Service's IDENTITY_HEADER; empty: it is a machine's metadata service
  std::string client_id;  // of one identity among several; empty: the one that is the system's
  blob_service blobs;
  std::chrono::seconds life;  // of the key, at most longest_delegation
};

// What Azure allows, less the quarter of an hour by which its start lies back.
inline constexpr std::chrono::seconds delegation_backdate = std::chrono::minutes{15};
inline constexpr std::chrono::seconds longest_delegation =
    std::chrono::days{7} - delegation_backdate;

using azure_backend_maker = std::function<std::shared_ptr<const backend>(sas_key)>;

// `terms` outlives it.
[[nodiscard]] std::unique_ptr<renewal> renew_by_managed_identity(
    const managed_identity_terms& terms, azure_backend_maker make);

}  // namespace filemint::backends
