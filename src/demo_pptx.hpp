// A presentation of one slide with one line of text (ECMA-376, PresentationML).
#pragma once

#include <string>
#include <string_view>

namespace filemint {

[[nodiscard]] std::string make_pptx(std::string_view text);

}  // namespace filemint
