// result<T>: a value or an error. `return fail(errc::not_found, "no such company");` makes the
// error side.
#pragma once

#include "core/error.hpp"

#include <expected>
#include <string>
#include <utility>
#include <vector>

namespace filemint {

template <class T>
using result = std::expected<T, error>;

[[nodiscard]] inline std::unexpected<error> fail(errc code, std::string message = {},
                                                 std::vector<error_detail> details = {}) {
  return std::unexpected<error>(std::in_place, code, std::move(message), std::move(details));
}

}  // namespace filemint
