// The window's state in an answer's fields: X-RateLimit-* and, with the same figures,
// RateLimit-Policy and RateLimit (draft-ietf-httpapi-ratelimit-headers-10).
#pragma once

#include "core/clock.hpp"
#include "core/quota.hpp"

#include <string>

namespace filemint::http {

// Appends ready field lines, about the window that the call was refused by or else its calls' one.
// Reset is rounded up to a whole second.
void append_rate_fields(std::string& fields, const quota_admission& rate, instant now);

}  // namespace filemint::http
