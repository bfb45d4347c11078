#include "core/config/source_keys.hpp"

#include "core/config/kinds.hpp"
#include "core/config/special_keys.hpp"

#include <string>
#include <utility>
#include <vector>

namespace filemint {
namespace {

using namespace std::chrono_literals;

// http(s)://HOST[:PORT]/PATH, ASCII, with nothing that a path would end at.
bool public_url(std::string_view url) {
  if (url.empty()) return true;
  const auto scheme = url.starts_with("https://") ? 8U : url.starts_with("http://") ? 7U : 0U;
  if (scheme == 0) return false;
  for (const char c : url) {
    if (c <= 0x20 || c >= 0x7f || std::string_view{"?#@\\\"<>"}.contains(c)) return false;
  }
  return scheme < url.size() && url[scheme] != '/' && url[scheme] != ':';
}

std::vector<setting<source_config>> make_source_settings() {
  keys<source_config> k;
  k.text("name", "1 to 32 of a-z, 0-9, _ and -", at(&source_config::name),
         "What requests, grants and URLs call it: 1 to 32 of a-z, 0-9, _ and -.", is_source_name);
  k.word<std::string>("type", {{"local", "local"}}, at(&source_config::type),
                      "The storage driver. local: files below a folder, served at /files.");
  until_restart(k, at(&source_config::type));
  k.text("root", "a path", at(&source_config::root),
         "local: the folder; nothing outside is ever served.",
         [](std::string_view text) { return !text.empty(); });
  k.flag("check_exists", at(&source_config::check_exists),
         "Whether a path whose file is not there is refused with 404.");
  k.word<token_algorithm>(
      "algorithm", {{"hs256", token_algorithm::hs256}, {"eddsa", token_algorithm::eddsa}},
      at(&source_config::algorithm), "How tokens are signed: hs256, or eddsa to verify offline.");
  k.text("public_url", "http:// or https:// with a host, without query and fragment, or \"\"",
         at(&source_config::public_url),
         "What `urls` begins with. Empty: the listener's address and /files/NAME/.", public_url);
  k.all.back().withheld = true;
  k.duration("default_life", 1s, longest_token_life, at(&source_config::default_life),
             "A token's life when a request does not say.");
  k.duration("max_life", 1s, longest_token_life, at(&source_config::max_life),
             "The longest life that a request can ask for.");
  return std::move(k.all);
}

}  // namespace

bool is_source_name(std::string_view name) noexcept {
  return !name.empty() && name.size() <= 32 &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-") == std::string_view::npos;
}

const std::vector<setting<source_config>>& source_settings() {
  static const auto all = make_source_settings();
  return all;
}

}  // namespace filemint
