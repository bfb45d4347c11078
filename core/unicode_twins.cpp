#include "core/unicode_twins.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <memory>
#include <utility>

namespace filemint {
namespace {

struct freed {
  void operator()(utf8proc_uint8_t* text) const noexcept { std::free(text); }
};

// Empty: the text cannot be normalised.
std::string normalised(std::string_view text, utf8proc_option_t form) {
  utf8proc_uint8_t* made = nullptr;
  const auto size = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                 static_cast<utf8proc_ssize_t>(text.size()), &made,
                                 static_cast<utf8proc_option_t>(UTF8PROC_STABLE | form));
  const std::unique_ptr<utf8proc_uint8_t, freed> owner{made};
  if (size < 0) return {};
  return {reinterpret_cast<const char*>(made), static_cast<std::size_t>(size)};
}

// Runs of combining marks are sorted in the square of their length: those of people's languages are
// short (UAX #15 §13).
bool has_long_runs(std::string_view text) {
  std::size_t marks = 0;
  while (!text.empty()) {
    utf8proc_int32_t character = 0;
    const auto size = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                       static_cast<utf8proc_ssize_t>(text.size()), &character);
    if (size <= 0) return true;
    marks = utf8proc_get_property(character)->combining_class != 0 ? marks + 1 : 0;
    if (marks > longest_run_of_marks) return true;
    text.remove_prefix(static_cast<std::size_t>(size));
  }
  return false;
}

}  // namespace

std::vector<std::string> unicode_twins(std::string_view path) {
  std::vector<std::string> twins;
  if (std::ranges::none_of(path, [](char c) { return static_cast<unsigned char>(c) >= 0x80; })) {
    return twins;
  }
  if (has_long_runs(path)) return twins;
  for (const auto form : {UTF8PROC_COMPOSE, UTF8PROC_DECOMPOSE}) {
    auto twin = normalised(path, form);
    if (!twin.empty() && twin != path) twins.push_back(std::move(twin));
  }
  return twins;
}

}  // namespace filemint
