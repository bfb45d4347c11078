#include "http/client_address.hpp"

#include "http/syntax.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace filemint::http {
namespace {

constexpr syntax::alphabet obfuscated_characters = syntax::alphanumeric_and("._-");

// Whether an odd number of backslashes stands before it.
bool is_escaped(std::string_view text, std::size_t at) noexcept {
  auto first = at;
  while (first > 0 && text[first - 1] == '\\') --first;
  return (at - first) % 2 != 0;
}

// Takes the last element off a list. Quotes are paired from the right, where the trusted proxy
// wrote: one that a client left open further left hides nothing.
std::string_view take_last(std::string_view& list) noexcept {
  auto begin = list.size();
  for (bool quoted = false; begin > 0 && (quoted || list[begin - 1] != ','); --begin) {
    if (list[begin - 1] == '"' && !is_escaped(list, begin - 1)) quoted = !quoted;
  }
  const auto element = list.substr(begin);
  list = list.substr(0, begin == 0 ? 0 : begin - 1);
  return syntax::trim(element);
}

// The value of a token or of a quoted string (RFC 9110 §5.6.4).
std::optional<std::string> value_of(std::string_view text) {
  if (!text.starts_with('"')) return std::string{text};
  if (text.size() < 2 || !text.ends_with('"')) return std::nullopt;
  text = text.substr(1, text.size() - 2);
  std::string value;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') return std::nullopt;
    if (text[i] == '\\' && ++i == text.size()) return std::nullopt;
    value += text[i];
  }
  return value;
}

// Takes what stands before the next ';' that is in no quotes.
std::string_view take_pair(std::string_view& element) noexcept {
  std::size_t end = 0;
  for (bool quoted = false; end < element.size() && (quoted || element[end] != ';'); ++end) {
    if (element[end] == '"' && !(quoted && is_escaped(element, end))) quoted = !quoted;
  }
  const auto pair = element.substr(0, end);
  element.remove_prefix(std::min(end + 1, element.size()));
  return syntax::trim(pair);
}

// `for` of a forwarded-element (RFC 7239 §4). Nothing: none, two, or any parameter is malformed.
std::optional<std::string> for_parameter(std::string_view element) {
  std::optional<std::string> found;
  while (!element.empty()) {
    const auto pair = take_pair(element);
    if (pair.empty()) continue;
    const auto equals = std::min(pair.find('='), pair.size() - 1);
    const auto name = pair.substr(0, equals), text = pair.substr(equals + 1);
    auto value = value_of(text);
    if (!syntax::is_token(name) || !value) return std::nullopt;
    if (!text.starts_with('"') && !syntax::is_token(text)) return std::nullopt;
    if (!syntax::equals(name, "for")) continue;
    if (found) return std::nullopt;
    found = std::move(value);
  }
  return found;
}

// A number, or an obfuscated one (RFC 7239 §6.2).
bool is_port(std::string_view text) noexcept {
  if (text.starts_with('_')) {
    return text.size() > 1 && syntax::only(obfuscated_characters, text.substr(1));
  }
  return !text.empty() && text.size() <= 5 &&
         std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// 192.0.2.1, 192.0.2.1:80, [2001:db8::1], [2001:db8::1]:80, and 2001:db8::1 as X-Forwarded-For has
// it.
std::optional<ip_address> read_node(std::string_view node) noexcept {
  auto address = node;
  std::string_view behind;
  if (node.starts_with('[')) {
    const auto end = node.find(']');
    if (end == node.npos) return std::nullopt;
    address = node.substr(1, end - 1);
    behind = node.substr(end + 1);
    if (!address.contains(':')) return std::nullopt;
  } else if (std::ranges::count(node, ':') == 1) {
    address = node.substr(0, node.find(':'));
    behind = node.substr(address.size());
  }
  if (!behind.empty() && (behind.front() != ':' || !is_port(behind.substr(1)))) return std::nullopt;
  return ip_address::parse(address);
}

std::string_view name_of(client_address_field field) noexcept {
  return field == client_address_field::forwarded ? "forwarded" : "x-forwarded-for";
}

}  // namespace

bool is_trusted(const peer_address& peer, const http_config& settings) noexcept {
  return std::ranges::any_of(settings.trusted_proxies, [&](const proxy_place& place) {
    return place ? peer && place->contains(*peer) : !peer;
  });
}

std::optional<ip_address> address_in(std::string_view element, client_address_field field) {
  const auto node =
      field == client_address_field::forwarded ? for_parameter(element) : value_of(element);
  return node ? read_node(*node) : std::nullopt;
}

std::optional<ip_address> forwarded_client(const request& head, const http_config& settings) {
  const auto field = settings.client_address_header;
  const auto told = head.joined_field(name_of(field));
  std::string_view list = told ? std::string_view{*told} : std::string_view{};
  std::optional<ip_address> reached;
  while (!list.empty()) {
    const auto next = address_in(take_last(list), field);
    if (!next) break;
    reached = next;
    if (!is_trusted(reached, settings)) break;
  }
  return reached;
}

}  // namespace filemint::http
