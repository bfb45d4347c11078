// Google's published vectors, byte for byte: tests/vectors/gcs/README.md tells where they are from.
#include "backends/gcs.hpp"
#include "backends/presigned_requests.hpp"
#include "core/crypto/hmac_sha256.hpp"
#include "core/crypto/sha256.hpp"
#include "core/put_hex.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace filemint::backends::gcs_conformance_test {
namespace {

using nlohmann::json;

const std::filesystem::path vectors =
    std::filesystem::path{FILEMINT_SOURCE_DIR} / "tests/vectors/gcs";

std::string text_of(const std::string& name) {
  std::ifstream in{vectors / name, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

// Ours sign requests for an object without further headers.
std::vector<json> cases_of(std::string_view method) {
  const auto file = json::parse(text_of("v4_signatures.json"));
  std::vector<json> ours;
  for (const auto& each : file.at("signingV4Tests")) {
    if (each.at("method") == method && !each.contains("headers") && each.contains("object"))
      ours.push_back(each);
  }
  return ours;
}

std::vector<json> our_cases() {
  auto ours = cases_of("GET");
  EXPECT_EQ(ours.size(), 18u);
  return ours;
}

wall_time time_of(const json& given) {
  const auto text = given.at("timestamp").get<std::string>();  // 2019-02-01T09:00:00Z
  const auto number = [&](std::size_t at, std::size_t digits) {
    return std::stoi(text.substr(at, digits));
  };
  const std::chrono::year_month_day day{std::chrono::year{number(0, 4)},
                                        std::chrono::month{static_cast<unsigned>(number(5, 2))},
                                        std::chrono::day{static_cast<unsigned>(number(8, 2))}};
  return std::chrono::sys_days{day} + std::chrono::hours{number(11, 2)} +
         std::chrono::minutes{number(14, 2)} + std::chrono::seconds{number(17, 2)};
}

// The client libraries' own order: a host name of the call, the client's endpoint, an emulator's.
std::string endpoint_of(const json& given) {
  const auto scheme = given.value("scheme", "https") + "://";
  const auto url = [&](std::string place) {
    return place.contains("://") ? place : scheme + place;
  };
  for (const auto* key :
       {"bucketBoundHostname", "hostname", "clientEndpoint", "emulatorHostname"}) {
    if (given.contains(key)) return url(given.at(key));
  }
  if (given.contains("universeDomain"))
    return url("storage." + given.at("universeDomain").get<std::string>());
  return {};
}

gcs_place place_of_case(const json& given) {
  bucket_config bucket;
  bucket.name = given.at("bucket");
  bucket.endpoint = endpoint_of(given);
  const auto style = given.value("urlStyle", "PATH_STYLE");
  bucket.addressing = style == "VIRTUAL_HOSTED_STYLE"    ? bucket_addressing::virtual_host
                      : style == "BUCKET_BOUND_HOSTNAME" ? bucket_addressing::bucket_bound
                                                         : bucket_addressing::path;
  return gcs_place_of(bucket);
}

// An object's name that begins with '/' is no path of ours: its first byte goes to what stands
// before, where the signer sees no difference.
struct split_case {
  gcs_place place;
  std::string object;
  std::vector<std::pair<std::string, std::string>> parameters;
  explicit split_case(const json& given) : place(place_of_case(given)), object(given.at("object")) {
    if (object.starts_with('/')) {
      place.url += '/';
      place.uri_prefix += '/';
      object.erase(0, 1);
    }
    if (!given.contains("queryParameters")) return;
    for (const auto& [name, value] : given.at("queryParameters").items())
      parameters.emplace_back(name, value);
  }
};

const service_account& account() {
  static const auto made =
      parse_service_account(secret{text_of("test_service_account.not-a-test.json")}).value();
  return made;
}

const sigv4_scope scope{.region = "auto", .service = "storage"};

struct signed_case {
  std::string string_to_sign, url;
};

// By the signer that the backend takes; further parameters are not a source's to configure.
signed_case sign(const split_case& given, const json& of) {
  std::vector<sigv4_parameter> more;
  for (const auto& [name, value] : given.parameters) more.push_back({name, value});
  const auto at = time_of(of);
  const auto written = write_scope(goog4_rsa, scope, at);
  const presigned_requests requests{
      goog4_rsa,
      {.key_id = account().client_email, .scope = written},
      {.method = of.at("method").get_ref<const std::string&>(),
       .host = given.place.host,
       .uri_prefix = given.place.uri_prefix,
       .at = at,
       .expires_in = std::chrono::seconds{of.at("expiration").get<int>()},
       .more = more}};
  const auto path = file_path::make(given.object).value();
  const auto string = requests.strings_to_sign({&path, 1});
  std::vector<std::uint8_t> signature(account().key->signature_size());
  account().key->sign(string, signature);
  std::string hex(2 * signature.size(), '\0');
  put_hex(signature, hex.data());
  std::string query(requests.query_size(path), '\0');
  requests.put_query(path, query.data());
  return {.string_to_sign = string,
          .url = given.place.url +
                 api::percent_encode(given.object, api::kept_bytes::unreserved_path) + "?" + query +
                 hex};
}

TEST(GcsConformance, SignsEveryCaseThatIsAGetOfAnObject) {
  for (const auto& each : our_cases()) {
    SCOPED_TRACE(each.at("description").get<std::string>());
    const auto ours = sign(split_case{each}, each);
    EXPECT_EQ(ours.string_to_sign, each.at("expectedStringToSign").get<std::string>());
    EXPECT_EQ(ours.url, each.at("expectedUrl").get<std::string>());
  }
}

// None is a HEAD; another method stands for it.
TEST(GcsConformance, SignsOtherMethodsToo) {
  const auto cases = cases_of("PUT");
  ASSERT_EQ(cases.size(), 1u);
  EXPECT_EQ(sign(split_case{cases[0]}, cases[0]).url,
            cases[0].at("expectedUrl").get<std::string>());
}

std::string url_of(const gcs& backend, std::string_view object, wall_time at,
                   std::chrono::seconds life) {
  const snapshot known;
  const auto batch = backend.begin(
      known, {.company = "co", .key_id = "k", .issued_at = at, .expires_at = at + life});
  EXPECT_TRUE(batch);
  const auto path = file_path::make(object).value();
  std::string token((*batch)->token_size(path), '\0');
  char* place = token.data();
  (*batch)->sign({&path, 1}, {&place, 1});
  EXPECT_EQ(place, token.data() + token.size());
  const auto form = backend.urls();
  return std::string{form.public_url} + api::percent_encode(object, form.path) +
         std::string{form.before_token} + token;
}

// Those without further parameters, through the whole backend.
TEST(GcsConformance, ABackendGivesTheirUrls) {
  for (const auto& each : our_cases()) {
    if (each.contains("queryParameters")) continue;
    SCOPED_TRACE(each.at("description").get<std::string>());
    const split_case given{each};
    const gcs backend{"files", given.place, account()};
    EXPECT_EQ(url_of(backend, given.object, time_of(each),
                     std::chrono::seconds{each.at("expiration").get<int>()}),
              each.at("expectedUrl").get<std::string>());
  }
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (auto at = text.find(from); at != text.npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

std::string_view bytes_of(const sha256_digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

std::string hex_of(const sha256_digest& digest) {
  std::string hex(2 * digest.size(), '\0');
  put_hex(digest, hex.data());
  return hex;
}

// None of the vectors is signed by HMAC: their canonical requests, with the algorithm and the
// signatory replaced, signed step by step as Google's page "Signatures" tells it. One is left out:
// its canonical request names the bucket, which neither its URL nor its signed digest does.
TEST(GcsConformance, SignsTheSameRequestsByHmac) {
  const std::string id = "GOOGTS7C7FUP3AIRVJTE2BCD",
                    key = "bGoa+V7g/yqDXvKRqq+JTFn4uQZbPiQJo4pf9RzJ";
  int count = 0;
  for (const auto& each : our_cases()) {
    const auto digest = hex_of(sha256(each.at("expectedCanonicalRequest").get<std::string>()));
    if (each.contains("queryParameters") ||
        !each.at("expectedStringToSign").get<std::string>().ends_with(digest))
      continue;
    ++count;
    SCOPED_TRACE(each.at("description").get<std::string>());
    const auto as_hmac = [&](std::string text) {
      text = replaced(std::move(text), "GOOG4-RSA-SHA256", "GOOG4-HMAC-SHA256");
      return replaced(std::move(text),
                      "test-iam-credentials%40dummy-project-id.iam.gserviceaccount.com", id);
    };
    const auto request = as_hmac(each.at("expectedCanonicalRequest"));
    const auto string = as_hmac(each.at("expectedStringToSign"));
    const auto date = string.substr(string.find('\n') + 1, 8);
    auto mac = hmac_sha256{"GOOG4" + key}.mac(date);
    for (const std::string_view part : {"auto", "storage", "goog4_request"})
      mac = hmac_sha256{bytes_of(mac)}.mac(part);
    const auto to_sign = string.substr(0, string.rfind('\n') + 1) + hex_of(sha256(request));
    const auto url = as_hmac(each.at("expectedUrl"));
    const split_case given{each};
    const gcs backend{"files", given.place,
                      aws_credentials{.access_key_id = id,
                                      .secret_access_key = secret{std::string{key}},
                                      .session_token = {}}};
    EXPECT_EQ(url_of(backend, given.object, time_of(each),
                     std::chrono::seconds{each.at("expiration").get<int>()}),
              url.substr(0, url.rfind('=') + 1) + hex_of(hmac_sha256{bytes_of(mac)}.mac(to_sign)));
  }
  EXPECT_EQ(count, 15);
}

}  // namespace
}  // namespace filemint::backends::gcs_conformance_test
