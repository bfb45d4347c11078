// What lists and new rows look like: a table for people, JSON for programs.
#pragma once

#include "core/clock.hpp"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace filemint::cli {

using json = nlohmann::ordered_json;

// RFC 3339, or `otherwise`.
[[nodiscard]] std::string show_time(std::optional<wall_time> time, std::string_view otherwise);
// RFC 3339, or null.
[[nodiscard]] json time_json(std::optional<wall_time> time);

// Indented, with a line end; bytes that are not UTF-8 are replaced.
void print_json(const json& value);

// "2026-01-01T00:05:00Z", or Unix seconds.
[[nodiscard]] std::optional<wall_time> read_time(std::string_view text);

}  // namespace filemint::cli
