// Signatures that a remote makes, a call a path: asked for by minters, before they lay out an
// answer. http/remote_signatures implements it, src/node hands it in.
#pragma once

#include "backends/remote_signing.hpp"
#include "core/file_path.hpp"
#include "core/result.hpp"

#include <chrono>
#include <functional>
#include <span>
#include <string_view>

namespace filemint::actors {

struct signing_question {
  std::string_view source;
  backends::remote_signing& by;  // outlives `done`, as the paths do
  std::span<const file_path> paths;
  std::chrono::milliseconds within;
};

class remote_signer {
public:
  virtual ~remote_signer() = default;

  // Never blocks. `done` is called once, on any thread: by.take() was for all paths, or why not
  // (throttled, gateway_timeout, service_unavailable).
  virtual void sign(const signing_question& asked,
                    std::move_only_function<void(result<void>)> done) = 0;
};

}  // namespace filemint::actors
