#include "core/config/source_keys.hpp"

#include "core/config/kinds.hpp"
#include "core/config/secret_reference.hpp"
#include "core/config/special_keys.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <concepts>
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

// Of what stands in requests to a cloud as it is.
bool is_printable(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
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

constexpr auto endpoint_form =
    "http(s)://HOST[:PORT] in lower case, without the scheme's own port, or \"\"";

// Where an object store is, and what of it.
void add_place_keys(keys<source_config>& k) {
  const auto bucket = [](auto member) { return at(&source_config::bucket, member); };
  k.text("bucket", "a bucket's name, or \"\"", bucket(&bucket_config::name),
         "The bucket that holds the objects.", bucket_name);
  k.text("account", "an account's name, or \"\"", bucket(&bucket_config::account),
         "azure: the storage account. swift: what stands behind /v1/ in URLs, AUTH_...",
         bucket_name);
  k.text("container", "a container's name, or \"\"", bucket(&bucket_config::name),
         "The container that holds the objects.", bucket_name);
  k.text("endpoint", endpoint_form, bucket(&bucket_config::endpoint),
         "Where the storage is asked. Empty: the vendor's own (swift has none).", endpoint_url);
  k.all.back().withheld = true;
  k.text("public_endpoint", endpoint_form, bucket(&bucket_config::public_endpoint),
         "Where clients reach it, which is what tokens are signed for and what `urls` hold.\n"
         "Empty: the endpoint.",
         endpoint_url);
  k.all.back().withheld = true;
  k.text("region", "a region's name", bucket(&bucket_config::region),
         "The bucket's region; what another vendor asks to be written in its place.", region_name);
  k.word<bucket_addressing>(
      "addressing",
      {{"path", bucket_addressing::path},
       {"virtual", bucket_addressing::virtual_host},
       {"bucket_bound", bucket_addressing::bucket_bound}},
      bucket(&bucket_config::addressing),
      "Where the bucket's name (azure: the account's) stands: before the host (virtual), at the\n"
      "front of the path (path), or nowhere, the host being its own (bucket_bound).");
}

// What a cloud gives out, and renews.
void add_renewed_keys(keys<source_config>& k) {
  const auto bucket = [](auto member) { return at(&source_config::bucket, member); };
  k.word<credential_kind>(
      "credentials",
      {{"static", credential_kind::given},
       {"instance", credential_kind::instance},
       {"container", credential_kind::container},
       {"web_identity", credential_kind::web_identity},
       {"managed_identity", credential_kind::managed_identity}},
      bucket(&bucket_config::credentials),
      "By what it signs. static: what stands below. s3: the role of an EC2 "
      "instance (instance), of\n"
      "an ECS task or an EKS pod (container), or one that STS gives for a token "
      "(web_identity).\n"
      "azure: managed_identity. All but static are renewed ahead of their end.");
  k.text("credentials_endpoint", endpoint_form, bucket(&bucket_config::credentials_endpoint),
         "Where they are asked for. Empty: where the vendor has it.", endpoint_url);
  k.all.back().withheld = true;
  k.text("role_arn", "a role's ARN, or \"\"", bucket(&bucket_config::role_arn),
         "The role of web_identity. Empty: the environment's AWS_ROLE_ARN.", is_printable);
  add_reference(
      k, "web_identity_token", bucket(&bucket_config::web_identity_token),
      "Its token, by reference, read anew each time. Empty: the file that the environment's\n"
      "AWS_WEB_IDENTITY_TOKEN_FILE names.");
  k.text("client_id", "an identity's client id, or \"\"", bucket(&bucket_config::client_id),
         "Which identity, where the machine has several. Empty: the one that is the system's.",
         is_printable);
  k.text("sign_as", "a service account's e-mail address, or \"\"", bucket(&bucket_config::sign_as),
         "The account whose key signs by sign_blob. Empty: the machine's own.", is_printable);
  k.text("sign_blob_endpoint", endpoint_form, bucket(&bucket_config::sign_blob_endpoint),
         "Where sign_blob is asked. Empty: https://iamcredentials.googleapis.com.", endpoint_url);
  k.all.back().withheld = true;
}

// By what it signs.
void add_credential_keys(keys<source_config>& k) {
  const auto bucket = [](auto member) { return at(&source_config::bucket, member); };
  k.word<gcs_signer>(
      "signer",
      {{"service_account", gcs_signer::service_account},
       {"hmac", gcs_signer::hmac},
       {"sign_blob", gcs_signer::sign_blob}},
      bucket(&bucket_config::signer),
      "Whose key signs: a service account's (RSA), an interoperability key (hmac), or Google's "
      "own\n"
      "of an account, asked for each path (sign_blob), which the machine's account may use.");
  add_reference(k, "service_account", bucket(&bucket_config::service_account),
                "The service account's JSON key, by reference, file:PATH or env:NAME.");
  add_reference(k, "access_key_id", bucket(&bucket_config::access_key_id),
                "The key id that signs, by reference, file:PATH or env:NAME.");
  add_reference(k, "secret_access_key", bucket(&bucket_config::secret_access_key),
                "Its secret, by reference.");
  add_reference(k, "session_token", bucket(&bucket_config::session_token),
                "The session token of temporary credentials, by reference. Empty: they are lasting "
                "ones.");
  add_reference(k, "account_key", bucket(&bucket_config::account_key),
                "The account's key, in base64, by reference, file:PATH or env:NAME.");
  add_reference(k, "temp_url_key", bucket(&bucket_config::temp_url_key),
                "The account's or the container's Temp-URL-Key, by reference, file:PATH or "
                "env:NAME.");
  k.word<temp_url_digest>(
      "digest", {{"sha256", temp_url_digest::sha256}, {"sha512", temp_url_digest::sha512}},
      bucket(&bucket_config::digest), "What signatures are made with: sha256 or sha512.");
}

std::vector<setting<source_config>> make_source_settings() {
  keys<source_config> k;
  k.text("name", "1 to 32 of a-z, 0-9, _ and -", at(&source_config::name),
         "What requests, grants and URLs call it: 1 to 32 of a-z, 0-9, _ and -.", is_source_name);
  std::vector<std::pair<std::string, source_type>> types;
  for (const auto type : {source_type::local, source_type::edge, source_type::s3,
                          source_type::azure, source_type::gcs, source_type::swift}) {
    types.emplace_back(name_of(type), type);
  }
  k.word<source_type>(
      "type", types, at(&source_config::type),
      "The storage driver. local: files below a folder, served at /files. edge: files that a\n"
      "proxy of one's own serves. s3, azure, gcs, swift: an object store that serves them itself.");
  until_restart(k, at(&source_config::type));
  k.text("root", "a path", at(&source_config::root), "The folder; nothing outside is ever served.",
         [](std::string_view text) { return !text.empty(); });
  k.flag("check_exists", at(&source_config::check_exists),
         "Whether a path whose file is not there is refused with 404. An object store is asked by\n"
         "HEAD, at its endpoint.");
  k.flag(
      "missing_as_403", at(&source_config::missing_as_403),
      "Whether the storage's 403 stands for a file that is missing: S3 says so to who may read,\n"
      "but not list. Without it such a call is 503.");
  k.number("exists_cache_entries", 0, 10'000'000, at(&source_config::exists_cache_entries),
           "How many files the node remembers to exist, or for a second not to; about 250 bytes "
           "each.");
  k.duration("exists_cache_life", 0s, 1h, at(&source_config::exists_cache_life),
             "For how long it remembers a file that exists; 0s asks the storage each time.");
  k.word<path_rules>(
      "path_rules", {{"strict", path_rules::strict}, {"opaque", path_rules::opaque}},
      at(&source_config::rules),
      "Which paths are legal. opaque: also a leading '/', empty segments and %2e %2f %5c %00 %25,\n"
      "as they stand, for a store that holds such keys.");
  k.word<token_algorithm>(
      "algorithm",
      {{"hs256", token_algorithm::hs256},
       {"eddsa", token_algorithm::eddsa},
       {"es256", token_algorithm::es256}},
      at(&source_config::algorithm),
      "How tokens are signed: hs256; to verify offline eddsa, or es256 where that is not known.");
  k.text("public_url", "http:// or https:// with a host, without query and fragment, or \"\"",
         at(&source_config::public_url),
         "What `urls` begins with. Empty, of a local source: the listener's address and "
         "/files/NAME/.",
         public_url);
  k.all.back().withheld = true;
  const auto of_files = std::ssize(k.all);
  add_place_keys(k);
  add_renewed_keys(k);
  add_credential_keys(k);
  std::for_each(k.all.begin() + of_files, k.all.end(), [](setting<source_config>& each) {
    each.keep = [](source_config& to, const source_config& from) { to.bucket = from.bucket; };
  });
  k.duration("default_life", 1s, longest_token_life, at(&source_config::default_life),
             "A token's life when a request does not say.");
  k.duration("max_life", 1s, longest_token_life, at(&source_config::max_life),
             "The longest life that a request can ask for.");
  k.duration("backdate", 0s, longest_backdate, at(&source_config::backdate),
             "How far signatures are dated back, for storages or verifiers whose clocks are behind "
             "this\nnode's; tokens end when they would anyway.");
  return std::move(k.all);
}

// A set of types, a bit each.
template <std::same_as<source_type>... Types>
constexpr unsigned set_of(Types... types) noexcept {
  return (... | (1U << std::to_underlying(types)));
}

struct key_of_types {
  std::string_view key;
  unsigned types;
};

constexpr auto local = source_type::local, edge = source_type::edge, s3 = source_type::s3,
               azure = source_type::azure, gcs = source_type::gcs, swift = source_type::swift;

// What is not here, every type has.
constexpr std::array keys_of_types{
    key_of_types{"root", set_of(local)},
    key_of_types{"check_exists", set_of(local, s3, azure, gcs, swift)},
    key_of_types{"path_rules", set_of(s3, azure, gcs, swift)},
    key_of_types{"backdate", set_of(edge, s3, gcs)},
    key_of_types{"missing_as_403", set_of(s3, gcs)},
    key_of_types{"exists_cache_entries", set_of(s3, azure, gcs, swift)},
    key_of_types{"exists_cache_life", set_of(s3, azure, gcs, swift)},
    key_of_types{"algorithm", set_of(local, edge)},
    key_of_types{"public_url", set_of(local, edge)},
    key_of_types{"bucket", set_of(s3, gcs)},
    key_of_types{"account", set_of(azure, swift)},
    key_of_types{"container", set_of(azure, swift)},
    key_of_types{"endpoint", set_of(s3, azure, gcs, swift)},
    key_of_types{"public_endpoint", set_of(s3, azure, gcs, swift)},
    key_of_types{"region", set_of(s3)},
    key_of_types{"addressing", set_of(s3, azure, gcs)},
    key_of_types{"credentials", set_of(s3, azure)},
    key_of_types{"credentials_endpoint", set_of(s3, azure, gcs)},
    key_of_types{"role_arn", set_of(s3)},
    key_of_types{"web_identity_token", set_of(s3)},
    key_of_types{"client_id", set_of(azure)},
    key_of_types{"sign_as", set_of(gcs)},
    key_of_types{"sign_blob_endpoint", set_of(gcs)},
    key_of_types{"signer", set_of(gcs)},
    key_of_types{"service_account", set_of(gcs)},
    key_of_types{"access_key_id", set_of(s3, gcs)},
    key_of_types{"secret_access_key", set_of(s3, gcs)},
    key_of_types{"session_token", set_of(s3)},
    key_of_types{"account_key", set_of(azure)},
    key_of_types{"temp_url_key", set_of(swift)},
    key_of_types{"digest", set_of(swift)}};

}  // namespace

bool is_source_name(std::string_view name) noexcept {
  return !name.empty() && name.size() <= 32 &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-") == std::string_view::npos;
}

bool is_of_type(std::string_view key, source_type type) noexcept {
  const auto found = std::ranges::find(keys_of_types, key, &key_of_types::key);
  return found == keys_of_types.end() || (found->types & set_of(type)) != 0;
}

const std::vector<setting<source_config>>& source_settings() {
  static const auto all = make_source_settings();
  return all;
}

}  // namespace filemint
