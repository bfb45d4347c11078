// Whether stored files exist, asked by minters, answered by what can look: http/file_reader for
// local files, http/storage_prober for those of object stores.
#pragma once

#include "core/file_path.hpp"
#include "core/result.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

namespace filemint::actors {

// Indices of the paths that do not exist, ascending; or why that could not be told:
// service_unavailable, throttled (the storage said so), gateway_timeout.
using probe_outcome = result<std::vector<std::size_t>>;

struct probe_question {
  std::string_view source;
  std::span<const file_path> paths;
  std::chrono::milliseconds within;  // later the answer is of no use
};

class prober {
public:
  virtual ~prober() = default;

  // Never blocks; any thread. The paths and their bytes must live until `done` was called, once, on
  // any thread.
  virtual void probe(const probe_question& asked,
                     std::move_only_function<void(probe_outcome)> done) = 0;
};

}  // namespace filemint::actors
