// The credentials by which a source on an object store signs: read from files, and anew when these
// change.
#pragma once

#include "backends/renewable.hpp"
#include "core/config/config.hpp"
#include "core/result.hpp"
#include "core/watched_files.hpp"
#include "http/log.hpp"
#include "src/file_watch.hpp"

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace filemint {

// Thread safe, once it is open. Must outlive whoever watches it, and its backend must outlive it.
class source_credentials {
public:
  // Makes the source's backend from the credentials as they stand now.
  using maker = std::function<result<std::unique_ptr<backends::backend>>()>;

  source_credentials(const source_config& source, maker make);

  // The backend, by the credentials as they stand now. Once, before all else.
  [[nodiscard]] result<std::unique_ptr<backends::backend>> open();
  // What was read stays in use when it can't be read anew.
  [[nodiscard]] result<void> reload();
  [[nodiscard]] std::optional<result<void>> look();

  [[nodiscard]] read_from_files watched(http::log& log);

private:
  result<void> renew();

  std::string name_;
  maker make_;
  backends::renewable* made_ = nullptr;
  std::mutex mutex_;
  watched_files files_;
};

}  // namespace filemint
