// What someone may have meant by a key that does not exist. Thread safe.
#pragma once

#include <string>
#include <string_view>

namespace filemint {

// The known key (with its section, where that is another one) that is nearest to `name` written in
// `section`; empty: none is near.
[[nodiscard]] std::string nearest_key(std::string_view section, std::string_view name);
[[nodiscard]] std::string nearest_source_key(std::string_view name);

}  // namespace filemint
