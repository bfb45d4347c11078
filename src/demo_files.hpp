// The demo's stored files, made at its start: real ones that a viewer opens.
#pragma once

#include "core/result.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace filemint {

struct demo_file {
  std::string_view path;
  std::string_view title;
};

// Of the demo's own company, co_xyz: a PDF and a PPTX.
[[nodiscard]] const std::vector<demo_file>& demo_files();

// Writes them, and some of another company, beneath `root`. Error: io_failed.
[[nodiscard]] result<void> write_demo_files(const std::filesystem::path& root);

// One page with one line of text (ISO 32000-1).
[[nodiscard]] std::string make_pdf(std::string_view text);

}  // namespace filemint
