#include "backends/credentials/azure.hpp"

#include "api/percent.hpp"
#include "backends/credentials/answers.hpp"
#include "backends/credentials/xml.hpp"
#include "core/crypto/base64.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <string_view>
#include <utility>

namespace filemint::backends {
namespace {

// The API's, of which keys and what they sign are alike.
constexpr std::string_view service_version = "2020-12-06";
constexpr std::string_view audience = "https://storage.azure.com/";

class by_managed_identity final : public renewal {
public:
  by_managed_identity(const managed_identity_terms& terms, azure_backend_maker make)
      : terms_(terms), make_(std::move(make)) {}

  result<remote_request> begin(wall_time) override {
    const bool machine = terms_.header.empty();
    auto target = terms_.target;
    const auto put = [&](std::string_view name, std::string_view value) {
      target += target.contains('?') ? '&' : '?';
      target.append(name).append("=").append(
          api::percent_encode(value, api::kept_bytes::unreserved));
    };
    put("api-version", machine ? "2018-02-01" : "2019-08-01");
    put("resource", audience);
    if (!terms_.client_id.empty()) put("client_id", terms_.client_id);
    const auto field = machine
                           ? remote_field{"Metadata", "true"}
                           : remote_field{"X-IDENTITY-HEADER", std::string{terms_.header.reveal()}};
    return remote_request{.to = terms_.tokens, .target = std::move(target), .fields = {field}};
  }

  result<renewal_step> take(remote_answer& answer, wall_time now) override {
    if (!std::exchange(has_token_, true)) return take_token(answer, now);
    return take_key(answer, now);
  }

private:
  result<renewal_step> take_token(const remote_answer& answer, wall_time now) {
    constexpr std::string_view who = "the managed identity's endpoint";
    auto object = read_json(who, answer);
    if (answer.status != 200) {
      const auto code = object ? take_text(who, *object, "error") : fail(errc::not_found);
      return unusable(who, "answered " + std::to_string(answer.status) +
                               (code ? fault_word(code->reveal()) : std::string{}));
    }
    if (!object) return std::unexpected(object.error());
    const auto token = take_text(who, *object, "access_token");
    if (!token) return std::unexpected(token.error());
    if (!is_field_text(token->reveal())) return unusable(who, "answered a token that is none");
    return ask_for_key(token->reveal(), now);
  }

  // It starts a little back, by clocks that are not the same.
  [[nodiscard]] remote_request ask_for_key(std::string_view token, wall_time now) const {
    return {.method = "POST",
            .to = terms_.blobs.at,
            .target = terms_.blobs.path + "?restype=service&comp=userdelegationkey",
            .fields = {{"Authorization", std::string{"Bearer "}.append(token)},
                       {"x-ms-version", std::string{service_version}},
                       {"Content-Type", "application/xml"}},
            .body = R"(<?xml version="1.0" encoding="utf-8"?><KeyInfo><Start>)" +
                    rfc3339(now - delegation_backdate) + "</Start><Expiry>" +
                    rfc3339(now + std::min(terms_.life, longest_delegation)) +
                    "</Expiry></KeyInfo>"};
  }

  result<renewal_step> take_key(remote_answer& answer, wall_time now) {
    constexpr std::string_view who = "Azure's blob service";
    const xml_document told{answer.body};
    if (answer.status != 200) {
      return unusable(who, "gave no user delegation key, but " + std::to_string(answer.status) +
                               fault_word(told.text({"Error", "Code"})));
    }
    const auto member = [&told](std::string_view name) {
      return told.text({"UserDelegationKey", name});
    };
    const auto starts = parse_rfc3339(member("SignedStart"));
    const auto ends = parse_rfc3339(member("SignedExpiry"));
    auto value = base64_decode(member("Value"));
    azure_delegation key{.object_id = std::string{member("SignedOid")},
                         .tenant_id = std::string{member("SignedTid")},
                         .starts_at = starts.value_or(wall_time{}),
                         .expires_at = ends.value_or(wall_time{}),
                         .service = std::string{member("SignedService")},
                         .api_version = std::string{member("SignedVersion")},
                         .value = value ? std::move(*value) : secret{}};
    if (!starts || !ends || key.value.empty() ||
        !std::ranges::all_of(
            std::array{&key.object_id, &key.tenant_id, &key.service, &key.api_version},
            [](const std::string* each) { return is_field_text(*each); })) {
      return unusable(who, "gave a user delegation key that lacks something");
    }
    const auto here = end_here(who, answer, *ends, now);
    if (!here) return std::unexpected(here.error());
    return renewed{.by = make_(sas_key{key}), .ends = *here, .tokens_end = *here};
  }

  const managed_identity_terms& terms_;
  azure_backend_maker make_;
  bool has_token_ = false;
};

}  // namespace

result<blob_service> blob_service_of(const bucket_config& bucket) {
  const bool bound = bucket.addressing == bucket_addressing::bucket_bound;
  auto url = bound && bucket.endpoint.empty() ? bucket.public_endpoint : bucket.endpoint;
  if (url.empty()) url = "https://blob.core.windows.net";
  if (bucket.addressing == bucket_addressing::virtual_host)
    url.insert(url.find("://") + 3, bucket.account + '.');
  auto at = read_origin(url);
  if (!at) return std::unexpected(at.error());
  const bool named = bucket.addressing == bucket_addressing::path;
  return blob_service{.at = std::move(*at), .path = named ? "/" + bucket.account + "/" : "/"};
}

std::unique_ptr<renewal> renew_by_managed_identity(const managed_identity_terms& terms,
                                                   azure_backend_maker make) {
  return std::make_unique<by_managed_identity>(terms, std::move(make));
}

}  // namespace filemint::backends
