// How far a download is, on stderr, where that is a terminal; elsewhere nothing is written.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace filemint::cli {

class progress_bar {
public:
  explicit progress_bar(std::string_view label);
  ~progress_bar();  // wipes its line
  progress_bar(const progress_bar&) = delete;
  progress_bar& operator=(const progress_bar&) = delete;

  // Bytes so far, and of how many. Draws ten times a second at most.
  void show(std::uint64_t done, std::optional<std::uint64_t> all);

private:
  std::string label_;
  bool terminal_;
  std::chrono::steady_clock::time_point drawn_{};
};

// The line itself, `width` columns at most.
[[nodiscard]] std::string progress_line(const std::string& label, std::uint64_t done,
                                        std::optional<std::uint64_t> all, std::size_t width);

}  // namespace filemint::cli
