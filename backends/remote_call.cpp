#include "backends/remote_call.hpp"

#include <charconv>
#include <system_error>
#include <utility>

namespace filemint::backends {
namespace {

constexpr std::string_view name_characters = "abcdefghijklmnopqrstuvwxyz0123456789.-_";
constexpr std::string_view ipv6_characters = "abcdef0123456789:.";

bool only(std::string_view text, std::string_view of) {
  return !text.empty() && text.find_first_not_of(of) == text.npos;
}

// Takes HOST, or [HOST], off the front.
std::string_view take_host(std::string_view& place) {
  const bool brackets = place.starts_with('[');
  const auto end = std::min(place.find(brackets ? ']' : ':'), place.size());
  const auto host = place.substr(brackets ? 1 : 0, end - (brackets ? 1 : 0));
  if (brackets && end == place.size()) return {};
  place.remove_prefix(end + (brackets ? 1 : 0));
  return only(host, brackets ? ipv6_characters : name_characters) ? host : std::string_view{};
}

// :PORT, or nothing; zero for what is no port.
std::uint16_t port_of(std::string_view text, std::uint16_t usual) {
  if (text.empty()) return usual;
  std::uint16_t number = 0;
  const auto* const end = text.data() + text.size();
  const auto [read, error] = std::from_chars(text.data() + 1, end, number);
  return text.front() == ':' && error == std::errc{} && read == end ? number : std::uint16_t{0};
}

}  // namespace

result<remote_origin> read_origin(std::string_view url) {
  remote_origin made;
  made.secure = url.starts_with("https://");
  if (made.secure || url.starts_with("http://")) {
    auto place = url.substr(made.secure ? 8 : 7);
    made.host = take_host(place);
    made.port = port_of(place, made.secure ? 443 : 80);
    if (!made.host.empty() && made.port != 0) return made;
  }
  return fail(errc::invalid_argument, "not http(s)://HOST[:PORT]: " + std::string{url});
}

}  // namespace filemint::backends
