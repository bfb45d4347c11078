// The media type of a stored file, told by its name.
#pragma once

#include <string_view>

namespace filemint::http {

// By the extension of the path's last segment, in any case; application/octet-stream when it is not
// known. Static storage.
[[nodiscard]] std::string_view content_type_of(std::string_view path) noexcept;

}  // namespace filemint::http
