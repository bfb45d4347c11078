#include "http/framing.hpp"

#include "core/redact.hpp"
#include "http/syntax.hpp"

#include <arpa/inet.h>

#include <bit>
#include <charconv>
#include <cstring>

namespace filemint::http {

namespace {

constexpr std::uint64_t each(std::uint8_t byte) noexcept {
  return 0x0101010101010101u * byte;
}

// The first control byte other than a tab at `from` or behind it, or the size. Eight bytes a step:
// the lowest flag of a word is exact, those above it may be a borrow's.
std::size_t find_control(std::string_view bytes, std::size_t from) noexcept {
  static_assert(std::endian::native == std::endian::little);
  const auto is_control = [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && byte != '\t') || byte == 0x7f;
  };
  while (from + 8 <= bytes.size()) {
    std::uint64_t word;
    std::memcpy(&word, bytes.data() + from, 8);
    const std::uint64_t low = (word - each(0x20)) & ~word;
    const std::uint64_t del = ((word ^ each(0x7f)) - each(1)) & ~(word ^ each(0x7f));
    const std::uint64_t flags = (low | del) & each(0x80);
    if (flags == 0) {
      from += 8;
      continue;
    }
    from += static_cast<std::size_t>(std::countr_zero(flags)) / 8;
    if (is_control(bytes[from])) return from;
    ++from;  // a tab
  }
  while (from < bytes.size() && !is_control(bytes[from])) ++from;
  return from;
}

bool is_hex(char c) noexcept {
  const char lower = syntax::to_lower(c);
  return (c >= '0' && c <= '9') || (lower >= 'a' && lower <= 'f');
}

// Each '%' begins a percent-encoded byte (RFC 3986 §2.1).
bool percent_is_sound(std::string_view text) noexcept {
  for (auto at = text.find('%'); at != text.npos; at = text.find('%', at + 3)) {
    if (at + 2 >= text.size() || !is_hex(text[at + 1]) || !is_hex(text[at + 2])) return false;
  }
  return true;
}

verb verb_of(std::string_view text) noexcept {
  if (text == "GET") return verb::get;
  if (text == "POST") return verb::post;
  if (text == "HEAD") return verb::head;
  if (text == "OPTIONS") return verb::options;
  return verb::other;
}

bool is_ipv6(std::string_view text) noexcept {
  char address[INET6_ADDRSTRLEN];
  if (text.size() >= sizeof address) return false;
  *std::copy(text.begin(), text.end(), address) = '\0';
  in6_addr parsed;
  return inet_pton(AF_INET6, address, &parsed) == 1;
}

// Of an absolute form, which "://" stands in.
std::string_view authority_of(std::string_view target) noexcept {
  const auto rest = target.substr(target.find("://") + 3);
  return rest.substr(0, rest.find_first_of("/?"));
}

bool is_port(std::string_view text) noexcept {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.begin(), text.end(), port);
  return text.empty() || (error == std::errc{} && end == text.end());
}

}  // namespace

bool is_host(std::string_view text) noexcept {
  if (text.starts_with('[')) {
    const auto close = text.find(']');
    if (close == text.npos || !is_ipv6(text.substr(1, close - 1))) return false;
    const auto rest = text.substr(close + 1);
    return rest.empty() || (rest.front() == ':' && is_port(rest.substr(1)));
  }
  const auto colon = text.find(':');
  const auto name = text.substr(0, colon);
  return !name.empty() && syntax::only(syntax::host_characters, name) && percent_is_sound(name) &&
         (colon == text.npos || is_port(text.substr(colon + 1)));
}

framing_verdict framing::read(std::string_view bytes) noexcept {
  if (!fault_.empty()) return framing_verdict::bad;
  rebase(bytes.data());
  if (scanned_ == 0 && !bytes.empty() && !syntax::holds(syntax::token_characters, bytes[0])) {
    return refuse("no method can begin with this byte");
  }
  const auto head = bytes.substr(0, limits_.max_head_bytes);
  while (true) {
    const auto stop = scanned_ = find_control(head, scanned_);
    if (stop < head.size() && head[stop] != '\r') return refuse("a control byte or a bare LF");
    if (stop + 1 >= head.size()) {
      if (head.size() == limits_.max_head_bytes) return refuse("a head over the limit");
      return framing_verdict::need_more;
    }
    if (head[stop + 1] != '\n') return refuse("a bare CR");
    const auto line = head.substr(line_, stop - line_);
    line_ = scanned_ = stop + 2;
    if (fields_begin_ == 0) {
      if (!read_request_line(line)) return framing_verdict::bad;
      fields_begin_ = line_;
    } else if (line.empty()) {
      return finish(bytes);
    } else if (!read_field(line)) {
      return framing_verdict::bad;
    }
  }
}

void framing::rebase(const char* to) noexcept {
  if (base_ && base_ != to) head_.rebase(base_, to);
  base_ = to;
}

framing_verdict framing::refuse(std::string_view fault) noexcept {
  fault_ = fault;
  return framing_verdict::bad;
}

// method SP request-target SP HTTP-version (RFC 9112 §3)
bool framing::read_request_line(std::string_view line) noexcept {
  const auto fail = [&](std::string_view why) { return refuse(why) == framing_verdict::complete; };
  const auto first = line.find(' ');
  const auto last = line.rfind(' ');
  if (first == line.npos || first == last) return fail("a request line without three parts");
  head_.method_text = line.substr(0, first);
  head_.target = line.substr(first + 1, last - first - 1);
  const auto version = line.substr(last + 1);
  if (!syntax::is_token(head_.method_text)) return fail("a method that is no token");
  head_.method = verb_of(head_.method_text);
  if (version == "HTTP/1.1") {
    head_.minor_version = 1;
  } else if (version == "HTTP/1.0") {
    head_.minor_version = 0;
  } else {
    return fail("a version other than HTTP/1.1 and HTTP/1.0");
  }
  return read_target() || fail("a malformed request target");
}

// Origin form, absolute form, or * for OPTIONS (RFC 9112 §3.2). CONNECT alone has the authority
// form.
bool framing::read_target() noexcept {
  const auto target = head_.target;
  if (target.empty() || head_.method_text == "CONNECT") return false;
  if (target == "*") {
    head_.path = target;
    return head_.method == verb::options;
  }
  auto rest = target;
  if (target.front() != '/') {
    const auto scheme = target.substr(0, target.find(':'));
    if (!syntax::equals(scheme, "http") && !syntax::equals(scheme, "https")) return false;
    if (!target.substr(scheme.size()).starts_with("://")) return false;
    const auto authority = authority_of(target);
    if (!is_host(authority)) return false;
    rest = target.substr(scheme.size() + 3 + authority.size());
  }
  const auto question = rest.find('?');
  head_.path = rest.substr(0, question);
  if (question != rest.npos) head_.query = rest.substr(question + 1);
  return syntax::only(syntax::path_characters, head_.path) &&
         syntax::only(syntax::query_characters, head_.query) && percent_is_sound(rest);
}

bool framing::read_field(std::string_view line) noexcept {
  const auto fail = [&](std::string_view why) { return refuse(why) == framing_verdict::complete; };
  if (line.front() == ' ' || line.front() == '\t') return fail("a folded field line");
  if (++field_count_ > limits_.max_fields) return fail("too many fields");
  std::size_t end = 0;
  while (end < line.size() && syntax::holds(syntax::token_characters, line[end])) ++end;
  if (end == 0 || end == line.size() || line[end] != ':')
    return fail("a field name that is no token");
  return read_known_field(line.substr(0, end), syntax::trim(line.substr(end + 1)));
}

// The lengths part almost all names, so that few are compared.
bool framing::read_known_field(std::string_view name, std::string_view value) noexcept {
  const auto fail = [&](std::string_view why) { return refuse(why) == framing_verdict::complete; };
  const auto once = [&](std::optional<std::string_view>& field) {
    if (field) return fail("a repeated Host, Authorization or Content-Type");
    field = value;
    return true;
  };
  const auto is = [&](std::string_view lower) { return syntax::equals(name, lower); };
  switch (name.size()) {
    case 4:
      if (!is("host")) break;
      return once(head_.host) && (is_host(value) || fail("a malformed Host"));
    case 6:
      if (!is("expect")) break;
      says_continue_ = true;
      return syntax::equals(value, "100-continue") ||
             fail("an expectation other than 100-continue");
    case 10:
      if (!is("connection")) break;
      while (const auto option = syntax::next_element(value)) {
        says_close_ |= syntax::equals(*option, "close");
        says_keep_alive_ |= syntax::equals(*option, "keep-alive");
      }
      break;
    case 12:
      if (is("content-type")) return once(head_.content_type);
      if (!is("x-request-id")) break;
      if (!has_request_id_ && value.size() <= 128 &&
          syntax::only(syntax::request_id_characters, value) && !holds_secret(value)) {
        head_.request_id = value;
      } else {
        head_.request_id = {};  // of two, neither
      }
      has_request_id_ = true;
      break;
    case 13:
      if (is("authorization")) return once(head_.authorization);
      break;
    case 14: {
      if (!is("content-length")) break;
      if (has_length_) return fail("a repeated Content-Length");
      has_length_ = true;
      const auto [end, error] = std::from_chars(value.begin(), value.end(), head_.content_length);
      if (value.empty() || error != std::errc{} || end != value.end()) {
        return fail("a Content-Length that is no number");
      }
      break;
    }
    case 16:
      if (!is("content-encoding")) break;
      while (const auto coding = syntax::next_element(value)) {
        head_.content_encoded |= !syntax::equals(*coding, "identity");
      }
      break;
    case 17:
      if (!is("transfer-encoding")) break;
      if (has_coding_) return fail("a repeated Transfer-Encoding");
      has_coding_ = true;
      return syntax::equals(value, "chunked") || fail("a Transfer-Encoding other than chunked");
    default:
      break;
  }
  return true;
}

framing_verdict framing::finish(std::string_view bytes) noexcept {
  const bool modern = head_.minor_version == 1;
  if (modern && !head_.host) return refuse("no Host");
  if (has_coding_ && !modern) return refuse("a Transfer-Encoding on HTTP/1.0");
  if (has_coding_ && has_length_) return refuse("a Content-Length beside a Transfer-Encoding");
  const bool absolute = head_.target.front() != '/' && head_.target != "*";
  if (absolute) head_.host = authority_of(head_.target);  // whatever Host says (RFC 9112 §3.2.2)
  head_.chunked = has_coding_;
  head_.fields = bytes.substr(fields_begin_, line_ - 2 - fields_begin_);
  head_.head_size = line_;
  head_.keep_alive = !says_close_ && (modern || says_keep_alive_);
  head_.expect_continue = says_continue_ && modern;
  return framing_verdict::complete;
}

}  // namespace filemint::http
