// What someone may have meant by a key that does not exist. Thread safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace filemint {

// Of `keys` (sections and name, http.header_timeout), the one that is nearest to `name` written in
// `section`: its name, or where that stands in another section the whole key; empty: none is near.
[[nodiscard]] std::string nearest_key(const std::vector<std::string>& keys,
                                      std::string_view section, std::string_view name);

}  // namespace filemint
