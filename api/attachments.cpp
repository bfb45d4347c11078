#include "api/attachments.hpp"

#include "api/percent.hpp"

#include <algorithm>

namespace filemint::api {
namespace {

bool is_control(char c) noexcept {
  return static_cast<unsigned char>(c) < 0x20 || c == '\x7f';
}

// Within quotes, to all clients the same (RFC 6266, Appendix D).
bool passes_in_quotes(char c) noexcept {
  return c >= 0x20 && c < 0x7f && c != '"' && c != '\\' && c != '%';
}

bool continues_character(char c) noexcept {
  return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

}  // namespace

attachments attachments::of_all() noexcept {
  attachments all;
  all.all_ = true;
  return all;
}

std::optional<std::string_view> attachments::name_of(file_path path) const noexcept {
  const auto bytes = path.bytes();
  if (all_) return bytes.substr(bytes.rfind('/') + 1);
  const auto found = std::ranges::lower_bound(named_, bytes, {}, &file_name::path);
  if (found == named_.end() || found->path != bytes) return std::nullopt;
  return found->name;
}

bool is_file_name(std::string_view name) noexcept {
  return !name.empty() && name.size() <= file_path::max_bytes && name != "." && name != ".." &&
         std::ranges::none_of(name, [](char c) { return is_control(c) || c == '/' || c == '\\'; });
}

std::string content_disposition(std::string_view name) {
  std::string out{"attachment"};
  if (name.empty()) return out;
  out += "; filename=\"";
  for (const char c : name) {
    if (passes_in_quotes(c)) {
      out += c;
    } else if (!continues_character(c)) {
      out += '_';
    }
  }
  out += '"';
  if (std::ranges::all_of(name, passes_in_quotes)) return out;
  return out + "; filename*=UTF-8''" + percent_encode(name, kept_bytes::unreserved);
}

}  // namespace filemint::api
