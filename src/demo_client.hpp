// What a client of the demo does: mints the demo's two files over HTTP, and downloads one.
#pragma once

#include "core/result.hpp"
#include "core/secret.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace filemint {

struct demo_mint {
  std::string answer;  // as it came
  std::vector<std::pair<std::string, std::string>>
      urls;  // path and download URL, in the request's order
};

// The body of the page's example.
[[nodiscard]] std::string demo_request();

// Errors: io_failed, with what went wrong.
[[nodiscard]] result<demo_mint> mint_demo_files(const std::string& base, const secret& key);
[[nodiscard]] result<std::uint64_t> download_size(const std::string& url);

}  // namespace filemint
