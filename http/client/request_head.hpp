// The head of a request to a storage or a cloud, as it is sent (RFC 9112 §3, §5).
#pragma once

#include "backends/remote_call.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace filemint::http {

// With Host, and Content-Length where there is a body or the method foresees one. Nothing where it
// would not be read as it was meant: control bytes, a space in the target, a field that is written
// here, a method that changes what an answer is (CONNECT).
[[nodiscard]] std::optional<std::string> write_request_head(
    const backends::remote_request& request);

// Asking twice is as asking once (RFC 9110 §9.2.2).
[[nodiscard]] bool is_idempotent(std::string_view method) noexcept;

}  // namespace filemint::http
