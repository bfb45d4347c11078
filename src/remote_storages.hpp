// How a node asks object stores whether their files exist: an HTTP client, and what asks by it.
#pragma once

#include "backends/backend.hpp"
#include "core/config/config.hpp"
#include "core/result.hpp"
#include "http/client_pool.hpp"
#include "http/file_reader.hpp"
#include "http/log.hpp"
#include "http/storage_prober.hpp"

#include <memory>
#include <span>
#include <utility>

namespace filemint {

// Thread safety: the prober's; stop() once, by the node's thread.
class remote_storages {
public:
  // `by` are the sources' backends, in their order; local files are looked for by `files`. Null:
  // no source is on an object store. Errors: the client's.
  [[nodiscard]] static result<std::unique_ptr<remote_storages>> start(
      std::span<const source_config> sources,
      std::span<const std::unique_ptr<backends::backend>> by, http::file_reader& files,
      http::log& log);

  [[nodiscard]] http::storage_prober& prober() noexcept { return prober_; }
  // What is under way, or waits, is answered.
  void stop() {
    client_->stop();
    prober_.end();
  }

private:
  remote_storages(std::unique_ptr<http::client_pool> client, std::span<const source_config> sources,
                  std::span<const backends::backend* const> by, http::file_reader& files,
                  http::log& log);

  std::unique_ptr<http::client_pool> client_;
  http::storage_prober prober_;
};

}  // namespace filemint
