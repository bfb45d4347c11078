#include "core/config/source_keys.hpp"

#include "core/config/kinds.hpp"
#include "core/config/secret_reference.hpp"
#include "core/config/special_keys.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <iterator>
#include <string>
#include <system_error>
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

// Of what vendors allow, all; a '/' would stand in the path.
bool bucket_name(std::string_view name) {
  return name.size() <= 255 && name != "." && name != ".." && std::ranges::all_of(name, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  std::string_view{"-._"}.contains(c);
         });
}

bool region_name(std::string_view name) {
  return !name.empty() && bucket_name(name);
}

template <class At>
void add_reference(keys<source_config>& k, const std::string& key, At at,
                   const std::string& comment) {
  k.text(key, "file:PATH or env:NAME, and never the value itself; or \"\"", at, comment,
         [](std::string_view text) { return text.empty() || is_secret_reference(text); });
  k.all.back().secret = true;
}

// http(s)://HOST[:PORT] as clients write it into the Host field, which is signed: in lower case,
// without a port that is the scheme's own. Or nothing.
bool endpoint_url(std::string_view url) {
  if (url.empty()) return true;
  const bool secure = url.starts_with("https://");
  if (!secure && !url.starts_with("http://")) return false;
  const auto place = url.substr(secure ? 8 : 7);
  const auto brackets = place.starts_with('[') ? place.find(']') : 0;
  if (brackets == place.npos) return false;
  const auto colon = std::min(place.find(':', brackets), place.size());
  const auto host = place.substr(0, colon);
  const auto port = place.substr(std::min(colon + 1, place.size()));
  std::uint16_t number = 0;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
  const bool good_port = colon == place.size() ||
                         (error == std::errc{} && end == port.data() + port.size() &&
                          number != (secure ? 443 : 80) && number != 0 && port.front() != '0');
  return good_port && !host.empty() &&
         host.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.-[]:") == host.npos;
}

void add_bucket_keys(keys<source_config>& k) {
  const auto bucket = [](auto member) { return at(&source_config::bucket, member); };
  const auto former = std::ssize(k.all);
  k.text("bucket", "a bucket's name, or \"\"", bucket(&bucket_config::name),
         "s3: the bucket that holds the objects.", bucket_name);
  k.text("endpoint", "http(s)://HOST[:PORT] in lower case, without the scheme's own port, or \"\"",
         bucket(&bucket_config::endpoint),
         "s3: where the storage is asked. Empty: Amazon's own of the region.", endpoint_url);
  k.all.back().withheld = true;
  k.text("public_endpoint",
         "http(s)://HOST[:PORT] in lower case, without the scheme's own port, or \"\"",
         bucket(&bucket_config::public_endpoint),
         "s3: where clients reach it, which is what tokens are signed for and what `urls` hold.\n"
         "Empty: the endpoint.",
         endpoint_url);
  k.all.back().withheld = true;
  k.text("region", "a region's name", bucket(&bucket_config::region),
         "s3: the bucket's region; what another vendor asks to be written in its place.",
         region_name);
  k.word<bucket_addressing>(
      "addressing",
      {{"path", bucket_addressing::path},
       {"virtual", bucket_addressing::virtual_host},
       {"bucket_bound", bucket_addressing::bucket_bound}},
      bucket(&bucket_config::addressing),
      "s3: where the bucket's name stands: before the host (virtual), at the front of the path\n"
      "(path), or nowhere, the host being the bucket's own (bucket_bound).");
  add_reference(k, "access_key_id", bucket(&bucket_config::access_key_id),
                "s3: the key id that signs, by reference, file:PATH or env:NAME.");
  add_reference(k, "secret_access_key", bucket(&bucket_config::secret_access_key),
                "s3: its secret, by reference.");
  add_reference(k, "session_token", bucket(&bucket_config::session_token),
                "s3: the session token of temporary credentials, by reference. Empty: they are "
                "lasting ones.");
  std::for_each(k.all.begin() + former, k.all.end(), [](setting<source_config>& each) {
    each.keep = [](source_config& to, const source_config& from) { to.bucket = from.bucket; };
  });
}

std::vector<setting<source_config>> make_source_settings() {
  keys<source_config> k;
  k.text("name", "1 to 32 of a-z, 0-9, _ and -", at(&source_config::name),
         "What requests, grants and URLs call it: 1 to 32 of a-z, 0-9, _ and -.", is_source_name);
  k.word<std::string>(
      "type", {{"local", "local"}, {"s3", "s3"}}, at(&source_config::type),
      "The storage driver. local: files below a folder, served at /files. s3: objects of a\n"
      "bucket of Amazon S3, or of what speaks as it does.");
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
  add_bucket_keys(k);
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

bool is_of_type(std::string_view key, std::string_view type) noexcept {
  constexpr std::array<std::string_view, 4> local{"root", "check_exists", "algorithm",
                                                  "public_url"};
  constexpr std::array<std::string_view, 8> s3{
      "bucket",     "endpoint",      "public_endpoint",   "region",
      "addressing", "access_key_id", "secret_access_key", "session_token"};
  if (std::ranges::find(local, key) != local.end()) return type == "local";
  if (std::ranges::find(s3, key) != s3.end()) return type == "s3";
  return true;
}

const std::vector<setting<source_config>>& source_settings() {
  static const auto all = make_source_settings();
  return all;
}

}  // namespace filemint
