#include "src/renewals.hpp"

#include "backends/azure.hpp"
#include "backends/credentials/aws.hpp"
#include "backends/credentials/azure.hpp"
#include "backends/credentials/google.hpp"
#include "backends/gcs.hpp"
#include "backends/s3.hpp"
#include "core/config/secret_reference.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <string_view>
#include <utility>

namespace filemint {
namespace {

// The metadata service of a machine, at Amazon and at Microsoft.
constexpr std::string_view link_local = "http://169.254.169.254";

std::unexpected<error> wrong(const source_config& source, const std::string& why) {
  return fail(errc::wrong_key, "sources." + source.name + ".credentials: " + why);
}

struct place {
  backends::remote_origin at;
  std::string target;
};

// A URL of the environment's.
result<place> place_of(std::string_view url) {
  const auto host = url.find("://");
  const auto end = std::min(url.find('/', host == url.npos ? 0 : host + 3), url.size());
  auto at = backends::read_origin(url.substr(0, end));
  if (!at) return std::unexpected(at.error());
  auto target = std::string{url.substr(end)};
  const bool plain =
      std::ranges::all_of(target, [](char c) { return c > 0x20 && c < 0x7f && c != '#'; });
  if (!plain) return fail(errc::invalid_argument, "not a URL");
  if (target.empty()) target = "/";
  return place{std::move(*at), std::move(target)};
}

// To whom AWS's own clients send a container's token over http.
bool is_of_the_host(const backends::remote_origin& at) {
  constexpr std::array near{"localhost", "::1", "169.254.170.2", "169.254.170.23", "fd00:ec2::23"};
  const bool is_loopback =
      at.host.starts_with("127.") && at.host.find_first_not_of("0123456789.") == at.host.npos;
  return is_loopback || std::ranges::find(near, at.host) != near.end();
}

backends::aws_backend_maker s3_maker(const source_config& source) {
  return
      [name = source.name, at = backends::place_of(source.bucket)](backends::aws_credentials who) {
        return std::make_shared<const backends::s3>(name, at, std::move(who));
      };
}

result<renewals_of_source> by_instance(const source_config& source) {
  const auto& said = source.bucket.credentials_endpoint;
  const auto at = backends::read_origin(said.empty() ? link_local : std::string_view{said});
  if (!at) return wrong(source, at.error().message);
  return renewals_of_source{.make = [at = *at, make = s3_maker(source)] {
    return backends::renew_by_instance(at, make);
  }};
}

result<renewals_of_source> by_container(const source_config& source, const environment& variable) {
  const auto relative = variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
  const auto full = relative.empty() ? variable("AWS_CONTAINER_CREDENTIALS_FULL_URI")
                                     : "http://169.254.170.2" + relative;
  if (full.empty()) {
    return wrong(source,
                 "neither AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor "
                 "AWS_CONTAINER_CREDENTIALS_FULL_URI is set: this is no container of ECS or EKS "
                 "with a role");
  }
  auto where = place_of(full);
  if (!where) return wrong(source, "the container's URI: " + where.error().message);
  if (!where->at.secure && !is_of_the_host(where->at)) {
    return wrong(source, "AWS_CONTAINER_CREDENTIALS_FULL_URI leads over http to " + where->at.host +
                             ", which is neither loopback nor ECS nor EKS");
  }
  std::string reference;
  if (const auto file = variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"); !file.empty()) {
    reference = "file:" + file;
  } else if (!variable("AWS_CONTAINER_AUTHORIZATION_TOKEN").empty()) {
    reference = "env:AWS_CONTAINER_AUTHORIZATION_TOKEN";
  }
  backends::container_terms terms{.at = std::move(where->at), .target = std::move(where->target)};
  if (!reference.empty()) terms.authorization = [reference] { return read_secret(reference); };
  return renewals_of_source{.make = [terms = std::move(terms), make = s3_maker(source)] {
    return backends::renew_by_container(terms, make);
  }};
}

result<renewals_of_source> by_web_identity(const source_config& source,
                                           const environment& variable) {
  const auto& bucket = source.bucket;
  auto url = bucket.credentials_endpoint;
  if (url.empty()) {
    url = "https://sts." + bucket.region + ".amazonaws.com";
    if (bucket.region.starts_with("cn-")) url += ".cn";
  }
  auto sts = backends::read_origin(url);
  if (!sts) return wrong(source, sts.error().message);
  auto role = bucket.role_arn.empty() ? variable("AWS_ROLE_ARN") : bucket.role_arn;
  if (role.empty()) return wrong(source, "neither role_arn nor AWS_ROLE_ARN is set");
  auto reference = bucket.web_identity_token;
  if (reference.empty()) {
    const auto file = variable("AWS_WEB_IDENTITY_TOKEN_FILE");
    if (file.empty()) {
      return wrong(source, "neither web_identity_token nor AWS_WEB_IDENTITY_TOKEN_FILE is set");
    }
    reference = "file:" + file;
  }
  const backends::web_identity_terms terms{.sts = std::move(*sts),
                                           .role_arn = std::move(role),
                                           .session_name = "filemint",
                                           .token = [reference] { return read_secret(reference); }};
  return renewals_of_source{.make = [terms, make = s3_maker(source)] {
    return backends::renew_by_web_identity(terms, make);
  }};
}

result<renewals_of_source> by_managed_identity(const source_config& source,
                                               const environment& variable) {
  using namespace std::chrono_literals;
  const auto& bucket = source.bucket;
  auto blobs = backends::blob_service_of(bucket);
  if (!blobs) return wrong(source, blobs.error().message);
  auto url = bucket.credentials_endpoint;
  auto header = variable("IDENTITY_HEADER");
  const auto app_service = header.empty() ? std::string{} : variable("IDENTITY_ENDPOINT");
  if (app_service.empty() || !url.empty()) wipe(header);
  if (url.empty()) {
    url = app_service.empty() ? std::string{link_local} + "/metadata/identity/oauth2/token"
                              : app_service;
  } else {
    url += "/metadata/identity/oauth2/token";
  }
  auto where = place_of(url);
  if (!where) return wrong(source, where.error().message);
  // When the next one comes, a quarter of it is left: as much as the longest token needs.
  const auto life = std::max<std::chrono::seconds>(4 * source.max_life, 4h);
  const auto terms = std::make_shared<const backends::managed_identity_terms>(
      backends::managed_identity_terms{.tokens = std::move(where->at),
                                       .target = std::move(where->target),
                                       .header = secret{std::move(header)},
                                       .client_id = bucket.client_id,
                                       .blobs = std::move(*blobs),
                                       .life = life});
  const auto make = [name = source.name,
                     at = backends::place_of_container(bucket)](backends::sas_key key) {
    return std::make_shared<const backends::azure>(name, at, std::move(key));
  };
  return renewals_of_source{
      .make = [terms, make] { return backends::renew_by_managed_identity(*terms, make); }};
}

result<renewals_of_source> by_metadata_server(const source_config& source,
                                              const environment& variable) {
  const auto& bucket = source.bucket;
  const auto host = variable("GCE_METADATA_HOST");
  const auto of_machine = "http://" + (host.empty() ? "metadata.google.internal" : host);
  const auto& said = bucket.credentials_endpoint;
  const auto metadata = backends::read_origin(said.empty() ? of_machine : said);
  if (!metadata) return wrong(source, metadata.error().message);
  const auto& iam_said = bucket.sign_blob_endpoint;
  const auto iam = backends::read_origin(iam_said.empty() ? "https://iamcredentials.googleapis.com"
                                                          : std::string_view{iam_said});
  if (!iam) return wrong(source, iam.error().message);
  const auto make = [name = source.name, at = backends::gcs_place_of(bucket),
                     iam = *iam](backends::blob_signatory who) {
    return std::make_shared<const backends::gcs>(
        name, at, backends::remote_account{.iam = iam, .who = std::move(who)});
  };
  return renewals_of_source{.make = [at = *metadata, as = bucket.sign_as, make] {
    return backends::renew_by_metadata_server(at, as, make);
  }};
}

result<renewals_of_source> open(const source_config& source, const environment& variable) {
  if (source.type == source_type::gcs) return by_metadata_server(source, variable);
  switch (source.bucket.credentials) {
    case credential_kind::instance:
      return by_instance(source);
    case credential_kind::container:
      return by_container(source, variable);
    case credential_kind::web_identity:
      return by_web_identity(source, variable);
    case credential_kind::managed_identity:
      return by_managed_identity(source, variable);
    case credential_kind::given:
      break;
  }
  return wrong(source, "no cloud gives them out");
}

}  // namespace

std::string environment_variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? std::string{} : value;
}

result<renewals_of_source> open_renewals(const source_config& source, const environment& variable) {
  auto opened = open(source, variable);
  if (!opened) return opened;
  if (source.type == source_type::azure) {
    opened->first = std::make_unique<backends::azure>(
        source.name, backends::place_of_container(source.bucket), backends::sas_key{secret{}});
  } else if (source.type == source_type::gcs) {
    opened->first = std::make_unique<backends::gcs>(
        source.name, backends::gcs_place_of(source.bucket), backends::remote_account{});
  } else {
    opened->first = std::make_unique<backends::s3>(source.name, backends::place_of(source.bucket),
                                                   backends::aws_credentials{});
  }
  return opened;
}

}  // namespace filemint
