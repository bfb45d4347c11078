#include "backends/sign_blob.hpp"

#include "api/percent.hpp"
#include "backends/credentials/answers.hpp"
#include "core/crypto/base64.hpp"

#include <nlohmann/json.hpp>

#include <utility>

namespace filemint::backends {
namespace {

constexpr std::string_view signer_name = "signBlob";

std::string word_of(const nlohmann::json& object) {
  const auto told = object.find("error");
  if (told == object.end() || !told->is_object()) return {};
  const auto status = told->find("status");
  if (status == told->end() || !status->is_string()) return {};
  return fault_word(status->get_ref<const std::string&>());
}

}  // namespace

remote_request sign_blob_request(const remote_origin& iam, const blob_signatory& by,
                                 std::string_view text) {
  const auto payload = base64_encode(secret{std::string{text}});
  return {.method = "POST",
          .to = iam,
          .target = "/v1/projects/-/serviceAccounts/" +
                    api::percent_encode(by.email, api::kept_bytes::unreserved) + ":signBlob",
          .fields = {{"Authorization", std::string{"Bearer "}.append(by.access_token.reveal())},
                     {"Content-Type", "application/json"}},
          .body = std::string{R"({"payload":")"}.append(payload.reveal()).append("\"}")};
}

result<std::string> read_signed_blob(const remote_answer& answer) {
  auto object = read_json(signer_name, answer);
  if (answer.status == 429) return fail(errc::throttled);
  if (answer.status != 200) {
    return unusable(signer_name, "answered " + std::to_string(answer.status) +
                                     (object ? word_of(*object) : std::string{}));
  }
  if (!object) return std::unexpected(object.error());
  const auto text = take_text(signer_name, *object, "signedBlob");
  if (!text) return std::unexpected(text.error());
  const auto bytes = base64_decode(text->reveal());
  if (!bytes || bytes->empty() || bytes->size() > most_blob_signature) {
    return unusable(signer_name, "answered a signature that is none");
  }
  return std::string{bytes->reveal()};
}

}  // namespace filemint::backends
