#include "backends/credentials/aws.hpp"

#include "api/percent.hpp"
#include "backends/credentials/answers.hpp"
#include "backends/credentials/xml.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string_view>
#include <utility>

namespace filemint::backends {
namespace {

struct session {
  aws_credentials who;
  wall_time ends;
};

result<session> checked(std::string_view who, aws_credentials given, std::string_view expiration,
                        const remote_answer& answer, wall_time now) {
  const auto ends = parse_rfc3339(expiration);
  if (!ends) return unusable(who, "answered without an Expiration in RFC 3339");
  if (given.access_key_id.size() > 128 || !is_field_text(given.access_key_id) ||
      given.access_key_id.contains('/')) {
    return unusable(who, "answered an access key id that is none");
  }
  const auto here = end_here(who, answer, *ends, now);
  if (!here) return std::unexpected(here.error());
  return session{std::move(given), *here};
}

// The document that EC2, ECS and EKS share.
result<session> read_session(std::string_view who, const remote_answer& answer, wall_time now) {
  auto object = read_json(who, answer);
  if (!object) return std::unexpected(object.error());
  const auto code = object->find("Code");  // EC2's, with status 200
  if (code != object->end() && *code != "Success") {
    return unusable(
        who, "has no credentials" +
                 fault_word(code->is_string() ? code->get_ref<std::string&>() : std::string{}));
  }
  auto id = take_text(who, *object, "AccessKeyId");
  auto key = take_text(who, *object, "SecretAccessKey");
  auto token = take_text(who, *object, "Token");
  auto ends = take_text(who, *object, "Expiration");
  for (const auto* each : {&id, &key, &token, &ends}) {
    if (!*each) return std::unexpected(each->error());
  }
  return checked(who,
                 {.access_key_id = std::string{id->reveal()},
                  .secret_access_key = std::move(*key),
                  .session_token = std::move(*token)},
                 ends->reveal(), answer, now);
}

result<renewal_step> made_by(const aws_backend_maker& make, result<session> came) {
  if (!came) return std::unexpected(came.error());
  return renewed{.by = make(std::move(came->who)), .ends = came->ends, .tokens_end = came->ends};
}

class by_instance final : public renewal {
public:
  by_instance(remote_origin metadata, aws_backend_maker make)
      : metadata_(std::move(metadata)), make_(std::move(make)) {}

  result<remote_request> begin(wall_time) override {
    return remote_request{.method = "PUT",
                          .to = metadata_,
                          .target = "/latest/api/token",
                          .fields = {{"X-aws-ec2-metadata-token-ttl-seconds", "60"}}};
  }

  result<renewal_step> take(remote_answer& answer, wall_time now) override {
    switch (std::exchange(at_, static_cast<stage>(std::to_underlying(at_) + 1))) {
      case stage::token:
        return take_token(answer);
      case stage::role:
        return take_role(answer);
      case stage::credentials:
        if (answer.status != 200) return refused(answer);
        return made_by(make_, read_session(who, answer, now));
    }
    return unusable(who, "was asked for nothing more");
  }

private:
  static constexpr std::string_view who = "the instance's metadata service";
  static constexpr std::string_view roles = "/latest/meta-data/iam/security-credentials/";
  enum class stage : std::uint8_t { token, role, credentials };

  static std::unexpected<error> refused(const remote_answer& answer) {
    return unusable(who, "answered " + std::to_string(answer.status));
  }
  [[nodiscard]] remote_request ask(std::string target) const {
    return {.to = metadata_,
            .target = std::move(target),
            .fields = {{"X-aws-ec2-metadata-token", std::string{token_.reveal()}}}};
  }
  result<renewal_step> take_token(remote_answer& answer) {
    if (answer.status != 200) return refused(answer);
    if (!is_field_text(answer.body)) return unusable(who, "answered a session token that is none");
    token_ = secret{std::move(answer.body)};
    return ask(std::string{roles});
  }
  result<renewal_step> take_role(const remote_answer& answer) {
    if (answer.status == 404) return unusable(who, "knows no role: the instance has no profile");
    if (answer.status != 200) return refused(answer);
    const auto role = std::string_view{answer.body}.substr(0, answer.body.find_first_of("\r\n"));
    if (!is_field_text(role) || role.size() > 64) {
      return unusable(who, "answered a role's name that is none");
    }
    return ask(std::string{roles} + api::percent_encode(role, api::kept_bytes::unreserved));
  }

  remote_origin metadata_;
  aws_backend_maker make_;
  stage at_ = stage::token;
  secret token_;
};

class by_container final : public renewal {
public:
  by_container(container_terms terms, aws_backend_maker make)
      : terms_(std::move(terms)), make_(std::move(make)) {}

  result<remote_request> begin(wall_time) override {
    remote_request asked{.to = terms_.at, .target = terms_.target};
    if (terms_.authorization) {
      const auto text = terms_.authorization();
      if (!text) return unusable("the authorization token cannot be read:", text.error().message);
      for (const char c : text->reveal()) {
        if (c < 0x20 || c >= 0x7f)
          return unusable("the authorization token", "is no field's value");
      }
      asked.fields.push_back({"Authorization", std::string{text->reveal()}});
    }
    return asked;
  }

  result<renewal_step> take(remote_answer& answer, wall_time now) override {
    constexpr std::string_view who = "the container's credential endpoint";
    if (answer.status == 200) return made_by(make_, read_session(who, answer, now));
    const auto object = nlohmann::json::parse(answer.body, nullptr, false);
    const auto code = object.is_object() ? object.find("code") : object.end();
    const bool told = code != object.end() && code->is_string();
    return unusable(who,
                    "answered " + std::to_string(answer.status) +
                        (told ? fault_word(code->get_ref<const std::string&>()) : std::string{}));
  }

private:
  container_terms terms_;
  aws_backend_maker make_;
};

class by_web_identity final : public renewal {
public:
  by_web_identity(web_identity_terms terms, aws_backend_maker make)
      : terms_(std::move(terms)), make_(std::move(make)) {}

  result<remote_request> begin(wall_time) override {
    const auto token = terms_.token();
    if (!token) return unusable("the web identity token cannot be read:", token.error().message);
    remote_request asked{
        .method = "POST",
        .to = terms_.sts,
        .fields = {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"},
                   {"Accept", "text/xml"}},
        .body = "Action=AssumeRoleWithWebIdentity&Version=2011-06-15"};
    const auto put = [&](std::string_view name, std::string_view value) {
      asked.body.append("&").append(name).append("=").append(
          api::percent_encode(value, api::kept_bytes::unreserved));
    };
    put("RoleArn", terms_.role_arn);
    put("RoleSessionName", terms_.session_name);
    put("WebIdentityToken", token->reveal());
    return asked;
  }

  result<renewal_step> take(remote_answer& answer, wall_time now) override {
    constexpr std::string_view who = "STS";
    xml_document told{answer.body};
    if (answer.status != 200) {
      return unusable(who, "answered " + std::to_string(answer.status) +
                               fault_word(told.text({"ErrorResponse", "Error", "Code"})));
    }
    const auto given = [&told](std::string_view name) {
      return told.text({"AssumeRoleWithWebIdentityResponse", "AssumeRoleWithWebIdentityResult",
                        "Credentials", name});
    };
    aws_credentials credentials{.access_key_id = std::string{given("AccessKeyId")},
                                .secret_access_key = secret{std::string{given("SecretAccessKey")}},
                                .session_token = secret{std::string{given("SessionToken")}}};
    if (credentials.access_key_id.empty() || credentials.secret_access_key.empty() ||
        credentials.session_token.empty()) {
      return unusable(who, "answered without credentials");
    }
    return made_by(make_, checked(who, std::move(credentials), given("Expiration"), answer, now));
  }

private:
  web_identity_terms terms_;
  aws_backend_maker make_;
};

}  // namespace

std::unique_ptr<renewal> renew_by_instance(remote_origin metadata, aws_backend_maker make) {
  return std::make_unique<by_instance>(std::move(metadata), std::move(make));
}

std::unique_ptr<renewal> renew_by_container(container_terms terms, aws_backend_maker make) {
  return std::make_unique<by_container>(std::move(terms), std::move(make));
}

std::unique_ptr<renewal> renew_by_web_identity(web_identity_terms terms, aws_backend_maker make) {
  return std::make_unique<by_web_identity>(std::move(terms), std::move(make));
}

}  // namespace filemint::backends
