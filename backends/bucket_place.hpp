// Where a bucket's objects are, as clients are to reach them.
#pragma once

#include "core/config/source_config.hpp"

#include <string>

namespace filemint::backends {

struct bucket_place {
  std::string url;         // what URLs begin with, up to and with the '/' before the object's key
  std::string host;        // the Host field of such a request
  std::string uri_prefix;  // its path, encoded, up to and with the '/' before the key
};

// By the bucket's name and addressing; `endpoint` is a URL without a path. Pure.
[[nodiscard]] bucket_place place_at(const std::string& endpoint, const bucket_config& bucket);

}  // namespace filemint::backends
