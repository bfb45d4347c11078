// How a subcommand ends: done, or with one line for stderr and an exit code.
#pragma once

#include "core/result.hpp"
#include "src/cli/exit_code.hpp"

#include <expected>
#include <string>
#include <utility>

namespace filemint::cli {

struct failure {
  exit_code code;
  std::string message;
};

template <class T>
using outcome = std::expected<T, failure>;

[[nodiscard]] exit_code exit_code_of(errc code) noexcept;

[[nodiscard]] inline std::unexpected<failure> stop(exit_code code, std::string message) {
  return std::unexpected<failure>(std::in_place, code, std::move(message));
}

// Ends with an error of a floor below, and the exit code that goes with it.
[[nodiscard]] inline std::unexpected<failure> stop(const error& why) {
  return stop(exit_code_of(why.code), why.message);
}

}  // namespace filemint::cli
