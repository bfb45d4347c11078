// core/file_path: what is accepted is byte for byte what was given, and is what a naive reading of
// the contract's rules accepts, the strict and the opaque ones, neither more nor less. A `plain`
// path has nothing to escape.
#include "core/file_path.hpp"
#include "targets.hpp"

#include <algorithm>
#include <string>

namespace filemint::fuzz {

namespace {

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == '\x7f';
}

bool naive_rules_allow(const std::string& path, path_rules rules) {
  if (path.empty() || path.size() > 1024) return false;
  if (std::ranges::any_of(path, [](char c) { return is_control(c) || c == '\\'; })) return false;
  const auto framed = "/" + path + "/";
  if (framed.contains("/./") || framed.contains("/../")) return false;
  if (rules == path_rules::opaque) return true;
  if (framed.contains("//")) return false;
  std::string lower = path;
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  for (const auto* escape : {"%2e", "%2f", "%5c", "%00", "%25"}) {
    if (lower.find(escape) != lower.npos) return false;
  }
  return true;
}

void try_rules(const exact_copy& bytes, path_rules rules) {
  const auto given = bytes.view();
  const auto path = file_path::make(given, rules);
  must(path.has_value() == naive_rules_allow(std::string{given}, rules), "the contract's rules");
  if (!path) return;
  must(path->bytes().data() == given.data() && path->bytes().size() == given.size(),
       "an accepted path is the bytes that were given");
  must(!path->plain() || std::ranges::none_of(
                             given, [](char c) { return is_control(c) || c == '"' || c == '\\'; }),
       "a plain path needs no escape");
}

}  // namespace

void try_path(std::string_view input) {
  const exact_copy bytes{input};
  try_rules(bytes, path_rules::strict);
  try_rules(bytes, path_rules::opaque);
}

}  // namespace filemint::fuzz
