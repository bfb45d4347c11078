// Paths for which nothing is minted, and why: what a partial call lists beside its tokens, and what
// another call ends with.
#pragma once

#include "core/error.hpp"

#include <span>
#include <string>
#include <vector>

namespace filemint::api {

struct failed_paths {
  errc code = errc::unprocessable_entity;
  std::vector<std::string> paths = {};
};

// As a whole call's error: details.filePaths.
[[nodiscard]] error to_error(failed_paths failed);

// The value of data.failed: [{"code":"…","filePaths":["…"]}]
[[nodiscard]] std::string write_failed(std::span<const failed_paths> failed);

}  // namespace filemint::api
