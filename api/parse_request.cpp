#include "api/parse_request.hpp"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <bit>
#include <limits>
#include <string>
#include <vector>

namespace filemint::api {
namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;

static_assert(json_padding == simdjson::SIMDJSON_PADDING);

// Members that two parsers must never see differently.
enum member : unsigned { file_paths, source, expires_in, urls, download, partial };
constexpr std::array<std::string_view, 6> member_names{"filePaths", "source",   "expiresIn",
                                                       "urls",      "download", "partial"};

unsigned find_member(std::string_view key) noexcept {
  const auto at = std::ranges::find(member_names, key);
  return static_cast<unsigned>(at - member_names.begin());
}

std::unexpected<error> bad_member(member which, std::string_view what) {
  const std::string name{member_names[which]};
  return fail(errc::invalid_payload, name + std::string(what), {{"field", name}});
}

std::unexpected<error> too_deep() {
  return fail(errc::invalid_payload, "The body is nested more than " +
                                         std::to_string(body_parser::max_depth) + " levels deep.");
}

// simdjson does not count an empty container, so one can stand a level too deep.
bool deeper_than_allowed(element value, std::size_t level) {
  if (simdjson::dom::array array; value.get(array) == simdjson::SUCCESS) {
    return level > body_parser::max_depth || std::ranges::any_of(array, [&](element each) {
             return deeper_than_allowed(each, level + 1);
           });
  }
  if (simdjson::dom::object object; value.get(object) == simdjson::SUCCESS) {
    return level > body_parser::max_depth || std::ranges::any_of(object, [&](const auto& each) {
             return deeper_than_allowed(each.value, level + 1);
           });
  }
  return false;
}

// A new size for a parser: powers of two up to 1 MiB, so that a pooled one soon stops growing.
std::size_t parser_capacity(std::size_t text_bytes) noexcept {
  constexpr std::size_t least = 4096;
  constexpr std::size_t rounded_up_to = 1024 * 1024;
  if (text_bytes > rounded_up_to) return text_bytes;
  return std::bit_ceil(std::max(text_bytes, least));
}

}  // namespace

struct body_parser::state {
  simdjson::dom::parser parser;
  std::vector<std::string_view> paths;
  std::vector<file_name> names;  // of download
  std::size_t copied = 0;        // the largest text that had no padding

  simdjson::error_code reserve(std::size_t text_bytes) {
    // One level more than simdjson's own count allows, see deeper_than_allowed.
    constexpr std::size_t depth = max_depth + 1;
    const auto capacity = parser_capacity(text_bytes);
    if (capacity <= parser.capacity() && capacity <= parser.doc.capacity()) {
      return simdjson::SUCCESS;
    }
    if (const auto e = parser.allocate(capacity, depth)) return e;
    return parser.doc.allocate(capacity);
  }

  result<void> read(member which, element value, std::size_t max_paths, parsed_request& out);
  result<void> read_paths(element value, std::size_t max_paths, parsed_request& out);
  static result<void> read_expiry(element value, parsed_request& out);
  result<void> read_download(element value, std::size_t max_names, parsed_request& out);
};

body_parser::body_parser() : state_(std::make_unique<state>()) {}
body_parser::body_parser(body_parser&&) noexcept = default;
body_parser& body_parser::operator=(body_parser&&) noexcept = default;
body_parser::~body_parser() = default;

result<parsed_request> body_parser::parse(std::string_view text, std::size_t capacity,
                                          std::size_t max_paths) {
  if (text.starts_with("\xef\xbb\xbf")) {
    return fail(errc::invalid_payload, "The body begins with a byte-order mark.");
  }
  if (text.empty()) return fail(errc::invalid_payload, "The body is empty.");
  if (state_->reserve(text.size()) != simdjson::SUCCESS) return fail(errc::internal_server_error);
  const bool copy = capacity - text.size() < json_padding;
  if (copy) state_->copied = std::max(state_->copied, text.size());

  element root;
  switch (state_->parser.parse(text.data(), text.size(), copy).get(root)) {
    case simdjson::SUCCESS:
      break;
    case simdjson::MEMALLOC:
    case simdjson::CAPACITY:
      return fail(errc::internal_server_error);
    case simdjson::DEPTH_ERROR:
      return too_deep();
    case simdjson::UTF8_ERROR:
      return fail(errc::invalid_payload, "The body is not valid UTF-8.");
    case simdjson::NUMBER_ERROR:
      return fail(errc::invalid_payload,
                  "The body holds a number that is not valid JSON or out of range.");
    default:
      return fail(errc::invalid_payload, "The body is not valid JSON.");
  }
  simdjson::dom::object object;
  if (root.get(object) != simdjson::SUCCESS) {
    return fail(errc::invalid_payload, "The body must be a JSON object.");
  }

  parsed_request request;
  state_->paths.clear();
  unsigned seen = 0;
  for (const auto& [key, value] : object) {
    const auto which = static_cast<member>(find_member(key));
    if (which < member_names.size()) {
      if ((seen & 1U << which) != 0) return bad_member(which, " appears more than once.");
      seen |= 1U << which;
    }
    if (auto ok = state_->read(which, value, max_paths, request); !ok) {
      return std::unexpected(std::move(ok).error());
    }
  }
  if (request.path_count == 0) {
    return fail(errc::missing_required_field, "filePaths is required.", {{"field", "filePaths"}});
  }
  request.paths = state_->paths;
  return request;
}

result<void> body_parser::state::read(member which, element value, std::size_t max_paths,
                                      parsed_request& out) {
  switch (which) {
    case file_paths:
      return value.is_null() ? result<void>{} : read_paths(value, max_paths, out);
    case expires_in:
      return value.is_null() ? result<void>{} : read_expiry(value, out);
    case source:
      if (std::string_view name; value.get(name) == simdjson::SUCCESS) {
        out.source = name;
      } else if (!value.is_null()) {
        return bad_member(source, " must be a string.");
      }
      return {};
    case urls:
      if (value.get(out.urls) == simdjson::SUCCESS) return {};
      return bad_member(urls, " must be true or false.");
    case partial:
      if (value.get(out.partial) == simdjson::SUCCESS) return {};
      return bad_member(partial, " must be true or false.");
    case download:
      return read_download(value, max_paths, out);
    default:
      if (deeper_than_allowed(value, 2)) return too_deep();
      return {};
  }
}

result<void> body_parser::state::read_paths(element value, std::size_t max_paths,
                                            parsed_request& out) {
  simdjson::dom::array array;
  if (value.get(array) != simdjson::SUCCESS) {
    return bad_member(file_paths, " must be an array of strings.");
  }
  std::size_t count = 0;
  for (const element each : array) {
    std::string_view path;
    if (each.get(path) != simdjson::SUCCESS) {
      return bad_member(file_paths, " must be an array of strings.");
    }
    if (count < max_paths) paths.push_back(path);
    ++count;
  }
  if (count == 0) return bad_member(file_paths, " must not be empty.");
  out.path_count = count;
  return {};
}

result<void> body_parser::state::read_expiry(element value, parsed_request& out) {
  switch (value.type()) {
    case element_type::INT64:
      out.expires_in = value.get_int64().value_unsafe();
      return {};
    case element_type::UINT64:
      out.expires_in = std::numeric_limits<std::int64_t>::max();
      return {};
    default:
      return bad_member(expires_in, " must be an integer, without fraction or exponent.");
  }
}

result<void> body_parser::state::read_download(element value, std::size_t max_names,
                                               parsed_request& out) {
  if (bool all = false; value.get(all) == simdjson::SUCCESS) {
    if (all) out.download = attachments::of_all();
    return {};
  }
  const auto wrong_type = [] {
    return bad_member(download,
                      " must be true, false, or an object of paths and their file names.");
  };
  simdjson::dom::object object;
  if (value.get(object) != simdjson::SUCCESS) return wrong_type();
  names.clear();
  for (const auto& [path, each] : object) {
    std::string_view name;
    if (each.get(name) != simdjson::SUCCESS) return wrong_type();
    if (names.size() < max_names) names.push_back({path, name});
    ++out.download_count;
  }
  std::ranges::sort(names, {}, &file_name::path);
  if (std::ranges::adjacent_find(names, {}, &file_name::path) != names.end()) {
    return bad_member(download, " names a path more than once.");
  }
  out.download = attachments{names};
  return {};
}

std::size_t body_parser::memory_for(std::size_t text_bytes) noexcept {
  const auto capacity = parser_capacity(text_bytes);
  // The tape's words and the strings (document::allocate), and the places of the structural
  // characters.
  return capacity * sizeof(std::uint64_t) + capacity * 5 / 3 + capacity * sizeof(std::uint32_t) +
         4096;
}

std::size_t body_parser::memory_bytes() const noexcept {
  const auto capacity = state_->parser.capacity();
  const auto views = state_->paths.capacity() * sizeof(std::string_view) +
                     state_->names.capacity() * sizeof(file_name);
  return (capacity == 0 ? 0 : memory_for(capacity)) + state_->copied + views;
}

}  // namespace filemint::api
