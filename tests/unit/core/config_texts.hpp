// Configurations as texts, and what is wrong with them.
#pragma once

#include "core/config/load.hpp"

#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace filemint::testing {

constexpr std::string_view one_source = "sources: [{name: a, root: files}]\n";

inline std::vector<std::string> problems_of(std::string_view text) {
  std::vector<std::string> out;
  if (const auto read = parse_config(text, "f.yaml", {}); !read) {
    for (const auto& p : read.error()) out.push_back(p.text());
  }
  return out;
}

struct bad_text {
  std::string text;
  std::string problem;  // the only one, whole

  friend void PrintTo(const bad_text& bad, std::ostream* out) { *out << bad.text; }
};

}  // namespace filemint::testing
