// A header field, as a line of its own (RFC 9112 §5).
//
// Any thread. Neither name nor value is looked at: both are ours, without CR or LF.
#pragma once

#include <string>
#include <string_view>

namespace filemint::http {

inline void append_field(std::string& fields, std::string_view name, std::string_view value) {
  ((fields += name) += ": ") += value;
  fields += "\r\n";
}

}  // namespace filemint::http
