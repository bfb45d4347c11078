// How many YAML documents a text holds. yaml-cpp's LoadAll takes some texts, such as ", a: b}", for
// endlessly many empty ones.
#pragma once

#include "core/config/contradictions.hpp"

#include <optional>
#include <string>

namespace filemint {

// Where a second document begins. Throws YAML::Exception where the text is no YAML up to its end.
[[nodiscard]] std::optional<position> second_document(const std::string& text);

}  // namespace filemint
