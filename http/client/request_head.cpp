#include "http/client/request_head.hpp"

#include "http/syntax.hpp"

#include <boost/asio/ip/address_v6.hpp>

#include <algorithm>
#include <array>

namespace filemint::http {
namespace {

bool is_target(std::string_view text) {
  return text.starts_with('/') &&
         std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
}

// Bytes over 0x7f are allowed: RFC 9110 §5.5, obs-text.
bool is_field_value(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte == '\t' || (byte >= 0x20 && byte != 0x7f);
  });
}

bool is_ours(std::string_view name) {
  constexpr std::array<std::string_view, 6> ours{
      "host", "connection", "content-length", "transfer-encoding", "upgrade", "expect"};
  return std::ranges::any_of(ours, [&](auto each) { return syntax::equals(name, each); });
}

bool is_ipv6(const std::string& host) {
  boost::system::error_code not_one;
  boost::asio::ip::make_address_v6(host, not_one);
  return !not_one;
}

}  // namespace

bool is_idempotent(std::string_view method) noexcept {
  constexpr std::array<std::string_view, 6> all{"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"};
  return std::ranges::find(all, method) != all.end();
}

std::optional<std::string> write_request_head(const backends::remote_request& request) {
  const auto& [secure, host, port] = request.to;
  const bool brackets = is_ipv6(host);
  if (!syntax::is_token(request.method) || request.method == "CONNECT") return std::nullopt;
  if (!is_target(request.target)) return std::nullopt;
  if (host.empty() || !(brackets || syntax::only(syntax::host_characters, host))) {
    return std::nullopt;
  }
  std::string head;
  head.reserve(1024);
  head.append(request.method).append(" ").append(request.target).append(" HTTP/1.1\r\nHost: ");
  head.append(brackets ? "[" : "").append(host).append(brackets ? "]" : "");
  if (port != (secure ? 443 : 80)) head.append(":").append(std::to_string(port));
  head.append("\r\n");
  for (const auto& [name, value] : request.fields) {
    if (!syntax::is_token(name) || !is_field_value(value) || is_ours(name)) return std::nullopt;
    head.append(name).append(": ").append(value).append("\r\n");
  }
  if (!request.body.empty() || request.method == "POST" || request.method == "PUT") {
    head.append("Content-Length: ").append(std::to_string(request.body.size())).append("\r\n");
  }
  head.append("\r\n");
  return head;
}

}  // namespace filemint::http
