#include "core/config/example.hpp"

#include "core/config/schema.hpp"

#include <ranges>
#include <string_view>

namespace filemint {
namespace {

constexpr std::string_view opening =
    "# filemint's configuration. Every key stands here; what is left out has its default, which "
    "is\n"
    "# what stands here but for the throttle: off.\n"
    "# Durations are 250ms, 10s, 5m, 1h, 7d or plain seconds; sizes are 32KiB, 8MiB, 1GiB or plain "
    "bytes.\n"
    "# Relative paths begin at this file's folder.\n";

template <class Owner>
void write_setting(std::string& out, const setting<Owner>& key, const Owner& values,
                   std::string_view name, std::string_view comment_indent,
                   std::string_view indent) {
  for (const auto line : std::views::split(key.comment, '\n')) {
    out.append(comment_indent).append("# ").append(std::string_view{line}).append("\n");
  }
  out.append(indent).append(name).append(": ").append(key.show(values)).append("\n");
}

}  // namespace

std::string write_config(const config& values) {
  std::string out{opening};
  std::string section;
  for (const auto& key : config_settings()) {
    if (key.key == "default_source" && values.default_source.empty()) continue;
    const auto dot = key.key.find('.');
    const auto in = dot == std::string::npos ? std::string{} : key.key.substr(0, dot);
    if (in != section) {
      section = in;
      out.append("\n").append(section).append(":\n");
    } else if (section.empty()) {
      out.append("\n");
    }
    const auto name = std::string_view{key.key}.substr(in.empty() ? 0 : dot + 1);
    const auto* indent = in.empty() ? "" : "  ";
    write_setting(out, key, values, name, indent, indent);
  }
  out.append(
      "\n# Where files lie. A signing key, a grant and a token belong to one source.\nsources:\n");
  for (const auto& source : values.sources) {
    const bool first_source = &source == &values.sources.front();
    for (const auto& key : source_settings()) {
      const auto* indent = &key == &source_settings().front() ? "  - " : "    ";
      if (key.key == "root" && source.root.empty()) continue;
      if (first_source) {
        write_setting(out, key, source, key.key, "    ", indent);
      } else {
        out.append(indent).append(key.key).append(": ").append(key.show(source)).append("\n");
      }
    }
  }
  return out;
}

std::string config_example() {
  config values;
  values.default_source = "magikarp";
  values.mint.throttle = {.per_day = 1'000, .rate = 10, .burst = 5};
  values.sources = {
      source_config{.name = "magikarp", .root = "files/magikarp", .check_exists = true},
      source_config{.name = "betaimages", .root = "files/betaimages"}};
  return write_config(values);
}

}  // namespace filemint
