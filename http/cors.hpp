// The CORS protocol (the Fetch standard, §3.3) for the origins that the configuration allows: pages
// of others read no answer of ours. No credentials mode: API keys are sent by hand.
#pragma once

#include "core/config/config.hpp"
#include "http/reply.hpp"
#include "http/request.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace filemint::http {

// What every answer to that request carries: Vary, and for an allowed origin what its page may
// read. Empty where no origin is configured. Thread safe.
[[nodiscard]] std::string cors_fields(const request& head, const cors_config& allowed);

// The answer to a preflight of an allowed origin for a route that takes `methods`; it wants
// cors_fields too. Nothing: it is no such request. Thread safe.
[[nodiscard]] std::optional<reply> answer_preflight(const request& head, std::string_view methods,
                                                    const cors_config& allowed);

}  // namespace filemint::http
