// Tries a source as its clients would use it: signs a token with what the configuration names, and
// downloads a file's first byte with it. Blocks. Findings hold no token and no secret.
#pragma once

#include "backends/backend.hpp"
#include "core/config/config.hpp"
#include "src/cli/storage_answer.hpp"
#include "store/store.hpp"

#include <functional>
#include <string>
#include <vector>

namespace filemint::cli {

// Sends a request, and waits for what becomes of it.
using asker = std::function<actors::fetch_outcome(backends::remote_request)>;

struct trial_terms {
  const config& settings;
  const source_config& source;
  std::string path = {};  // of a file that should be there; empty: what can be told without one
  const asker& ask;
  wall_time now{};
};

// A source on an object store: its credentials, the endpoint of clients and, where it is another
// one, the node's.
[[nodiscard]] std::vector<finding> try_storage(const trial_terms& trial);

// A local or an edge source: its signing key, whose company may read the path, and the file, or the
// edge that serves it. `rows`: the store.
[[nodiscard]] std::vector<finding> try_own(const trial_terms& trial, store::store& rows);

// The URL of a path with a token of 60 s at most; `ask`: where a cloud signs. Errors:
// invalid_argument (no path that a client could ask for, or none that the storage can hold), the
// backend's.
[[nodiscard]] result<std::string> signed_url(const backends::backend& signer,
                                             const source_config& source, std::string_view path,
                                             const snapshot& known,
                                             const backends::mint_terms& terms,
                                             const asker* ask = nullptr);

// A GET of the first byte there. The URL is one that signed_url has made, or a configured one.
[[nodiscard]] backends::remote_request first_byte_of(const std::string& url);

}  // namespace filemint::cli
