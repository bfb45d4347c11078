// Whether stored files exist, asked by minters, answered by what can look: http/file_reader for
// local files.
#pragma once

#include "core/file_path.hpp"
#include "core/result.hpp"

#include <cstddef>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

namespace filemint::actors {

// Indices of the paths that do not exist, ascending; or why that could not be told
// (service_unavailable).
using probe_outcome = result<std::vector<std::size_t>>;

class prober {
public:
  virtual ~prober() = default;

  // Never blocks. The paths' bytes must live until `done` was called, once, on any thread.
  virtual void probe(std::string_view source, std::span<const file_path> paths,
                     std::move_only_function<void(probe_outcome)> done) = 0;
};

}  // namespace filemint::actors
