#include "src/cli/progress_bar.hpp"

#include "src/cli/console.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace filemint::cli {
namespace {

constexpr std::chrono::milliseconds pause{100};
constexpr std::size_t bar_width = 24;

std::string mebibytes(std::uint64_t bytes) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f MiB", static_cast<double>(bytes) / (1024.0 * 1024.0));
  return text;
}

std::size_t terminal_width() {
  winsize size{};
  const bool known = ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : 80U;
}

}  // namespace

std::string progress_line(const std::string& label, std::uint64_t done,
                          std::optional<std::uint64_t> all, std::size_t width) {
  std::string tail = " " + mebibytes(done);
  if (all && *all > 0) {
    const auto share = static_cast<double>(std::min(done, *all)) / static_cast<double>(*all);
    const auto filled = static_cast<std::size_t>(share * static_cast<double>(bar_width));
    char percent[8];
    std::snprintf(percent, sizeof percent, " %3d%%", static_cast<int>(share * 100.0));
    tail = " [" + std::string(filled, '#') + std::string(bar_width - filled, ' ') + "]" + percent +
           tail + " of " + mebibytes(*all);
  }
  if (tail.size() >= width) return tail.substr(0, width);
  const auto room = width - tail.size();
  const auto shown = label.size() <= room ? label : label.substr(label.size() - room);
  return shown + tail;
}

progress_bar::progress_bar(std::string_view label)
    : label_(printable(label)), terminal_(::isatty(STDERR_FILENO) == 1) {}

progress_bar::~progress_bar() {
  if (terminal_) std::fputs("\r\033[K", stderr);
}

void progress_bar::show(std::uint64_t done, std::optional<std::uint64_t> all) {
  const auto now = std::chrono::steady_clock::now();
  if (!terminal_ || now - drawn_ < pause) return;
  drawn_ = now;
  const auto line = "\r\033[K" + progress_line(label_, done, all, terminal_width() - 1);
  std::fputs(line.c_str(), stderr);
}

}  // namespace filemint::cli
