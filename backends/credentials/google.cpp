#include "backends/credentials/google.hpp"

#include "backends/credentials/answers.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <cstdint>
#include <string_view>
#include <utility>

namespace filemint::backends {
namespace {

class by_metadata_server final : public renewal {
public:
  by_metadata_server(remote_origin metadata, std::string sign_as, sign_blob_backend_maker make)
      : metadata_(std::move(metadata)), email_(std::move(sign_as)), make_(std::move(make)) {}

  result<remote_request> begin(wall_time) override {
    return email_.empty() ? ask("email") : ask("token");
  }

  result<renewal_step> take(remote_answer& answer, wall_time now) override {
    if (answer.status == 404) return unusable(who, "knows no account: the machine has none");
    if (answer.status != 200) return unusable(who, "answered " + std::to_string(answer.status));
    // Whatever else answers at that name is not asked by a machine of Google's.
    if (answer.field("Metadata-Flavor") != "Google") return unusable(who, "is not Google's");
    return email_.empty() ? take_email(answer) : take_token(answer, now);
  }

private:
  static constexpr std::string_view who = "the metadata server";
  // No token of Google's lasts longer than half a day.
  static constexpr std::int64_t longest_life = 12 * 3'600;

  [[nodiscard]] remote_request ask(std::string_view what) const {
    return {.to = metadata_,
            .target =
                std::string{"/computeMetadata/v1/instance/service-accounts/default/"}.append(what),
            .fields = {{"Metadata-Flavor", "Google"}}};
  }

  result<renewal_step> take_email(const remote_answer& answer) {
    std::string_view email = answer.body;
    while (email.ends_with('\n') || email.ends_with('\r')) email.remove_suffix(1);
    if (!is_field_text(email) || !email.contains('@') || email.size() > 320) {
      return unusable(who, "answered an account's address that is none");
    }
    email_ = email;
    return ask("token");
  }

  result<renewal_step> take_token(const remote_answer& answer, wall_time now) {
    auto object = read_json(who, answer);
    if (!object) return std::unexpected(object.error());
    auto token = take_text(who, *object, "access_token");
    if (!token) return std::unexpected(token.error());
    if (!is_field_text(token->reveal())) return unusable(who, "answered a token that is none");
    const auto life = object->find("expires_in");
    if (life == object->end() || !life->is_number_integer() || *life < 1 || *life > longest_life) {
      return unusable(who, "answered without an expires_in in seconds");
    }
    return renewed{.by = make_({.email = email_, .access_token = std::move(*token)}),
                   .ends = now + std::chrono::seconds{life->get<std::int64_t>()},
                   // The key that signs is Google's, and does not end with what asks for it.
                   .tokens_end = wall_time::max()};
  }

  remote_origin metadata_;
  std::string email_;
  sign_blob_backend_maker make_;
};

}  // namespace

std::unique_ptr<renewal> renew_by_metadata_server(remote_origin metadata, std::string sign_as,
                                                  sign_blob_backend_maker make) {
  return std::make_unique<by_metadata_server>(std::move(metadata), std::move(sign_as),
                                              std::move(make));
}

}  // namespace filemint::backends
