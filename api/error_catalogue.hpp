// What a client is told for each errc: the one table of codes, statuses and messages.
#pragma once

#include "core/error.hpp"

#include <string_view>

namespace filemint::api {

struct catalogue_entry {
  std::string_view code;     // static storage
  unsigned status;           // the HTTP status
  std::string_view message;  // the publisher's where it gives one
};

// An operator's errc is INTERNAL_SERVER_ERROR to a client. Thread safe.
[[nodiscard]] const catalogue_entry& catalogue(errc code) noexcept;

}  // namespace filemint::api
