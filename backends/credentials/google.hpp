// A token of the account of a machine on Google Cloud, by which signBlob is asked (Google Cloud,
// "About VM metadata", "Create short-lived credentials").
#pragma once

#include "backends/credentials/renewal.hpp"
#include "backends/sign_blob.hpp"

#include <functional>
#include <memory>
#include <string>

namespace filemint::backends {

using sign_blob_backend_maker = std::function<std::shared_ptr<const backend>(blob_signatory)>;

// `sign_as`: the account that signs; empty: the machine's own, which is asked for.
[[nodiscard]] std::unique_ptr<renewal> renew_by_metadata_server(remote_origin metadata,
                                                                std::string sign_as,
                                                                sign_blob_backend_maker make);

}  // namespace filemint::backends
