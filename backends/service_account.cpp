#include "backends/service_account.hpp"

#include <nlohmann/json.hpp>

#include <utility>

namespace filemint::backends {
namespace {

std::unexpected<error> refused(const std::string& why) {
  return fail(errc::invalid_argument, "not a service account's JSON key file: " + why);
}

// Nothing: an empty one.
std::string taken_from(nlohmann::json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_string()) return {};
  return std::move(found->get_ref<std::string&>());
}

}  // namespace

result<service_account> parse_service_account(const secret& json) {
  auto file = nlohmann::json::parse(json.reveal(), nullptr, false);
  if (!file.is_object()) return refused("it is not a JSON object");
  const secret pem{taken_from(file, "private_key")};
  if (taken_from(file, "type") != "service_account") {
    return refused("its `type` is not service_account");
  }
  auto email = taken_from(file, "client_email");
  if (email.empty()) return refused("it has no client_email");
  if (pem.empty()) return refused("it has no private_key");
  auto key = rsa_key::from_pem(pem.reveal());
  if (!key) return refused("its private_key: " + key.error().message);
  return service_account{.client_email = std::move(email),
                         .key = std::make_shared<const rsa_key>(std::move(*key))};
}

}  // namespace filemint::backends
