// The rules of a minting call that need no look-up: how many paths, which life, which paths (422).
// It comes after the source is known, since the source sets the lives.
#pragma once

#include "api/attachments.hpp"
#include "api/failed_paths.hpp"
#include "api/parse_request.hpp"
#include "core/file_path.hpp"
#include "core/result.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace filemint::api {

// Whether a storage can hold a file of that path, by its own rules of naming.
using path_rule = bool (*)(file_path path) noexcept;

struct source_limits {
  std::string_view source;  // its name
  std::size_t max_paths = 1'000;
  std::chrono::seconds default_life{300};
  std::chrono::seconds max_life{3'600};
  path_rules rules = path_rules::strict;
  path_rule holds = nullptr;       // null: any path that is legal
  bool signs_attachments = false;  // else `download` is refused
};

// What can be minted, if the grants and the backend agree. Views: `paths`, `saved_as` and their
// bytes hold as long as the scratch and the body_parser are left alone, `source` as
// source_limits::source.
struct mint_request {
  std::string_view source;
  std::span<const file_path> paths;  // distinct, in the order of the first occurrences
  std::chrono::seconds expires_in;   // in effect: 1 to the source's maximum
  bool urls = false;
  attachments saved_as = {};
  bool partial = false;
  std::vector<failed_paths> failed = {};  // of a partial call, by the order of the checks
};

// Room that validate works in. Pool it: it allocates no more after its largest request. Not thread
// safe.
class validate_scratch {
public:
  [[nodiscard]] std::size_t memory_bytes() const noexcept {
    return paths_.capacity() * sizeof(file_path) + slots_.capacity() * sizeof(std::uint64_t);
  }

private:
  friend result<mint_request> validate(const parsed_request&, const source_limits&,
                                       validate_scratch&);
  friend result<void> fail_paths(mint_request&, errc, std::span<const std::size_t>,
                                 validate_scratch&);
  void prepare(std::size_t paths);
  void add_once(file_path path);

  std::vector<file_path> paths_;
  std::vector<std::uint64_t>
      slots_;  // open addressing: half of a hash, and an index in paths_ plus one; 0 is free
};

// `request` was parsed with max_paths of at least limits.max_paths.
// Errors, the first of: unprocessable_entity for too many paths as sent (details.max), expiresIn
// out of range (details.field, min, max), a download that the source cannot sign (details.field) or
// that has paths which are not among filePaths, or bad file names (details.field, filePaths), paths
// that are illegal or that the storage cannot hold (details.filePaths: each once, in order, cut
// within file_path::max_bytes). The last fail a partial call only when no path is left.
[[nodiscard]] result<mint_request> validate(const parsed_request& request,
                                            const source_limits& limits, validate_scratch& scratch);

// The paths at these places, ascending, cannot be minted: the error that ends the call. Of a
// partial call they are taken out and listed in `failed`, and the error is that of the first check
// that failed, when no path is left. `scratch` is the one that `request` was validated in.
[[nodiscard]] result<void> fail_paths(mint_request& request, errc code,
                                      std::span<const std::size_t> which,
                                      validate_scratch& scratch);

}  // namespace filemint::api
