// The envelope of every error, from any route:
//   {"success":false,"data":null,"error":{"code":"…","message":"…","details":{…}}}
#pragma once

#include "core/error.hpp"

#include <string>

namespace filemint::api {

// Correct JSON whatever bytes the error holds: what is not UTF-8 is replaced, and each text of a
// list is cut at a character within file_path::max_bytes. INTERNAL_SERVER_ERROR tells the
// catalogue's message and no details: what went wrong inside is for the log. Thread safe.
[[nodiscard]] std::string write_error(const error& e);

}  // namespace filemint::api
