#include "src/admin_token.hpp"

#include "core/config/secret_reference.hpp"

#include <utility>

namespace filemint {

result<admin_token::value> admin_token::read(const std::string& reference) {
  if (reference.empty()) return nullptr;
  auto found = read_secret(reference);
  if (!found) return fail(errc::wrong_key, "admin.token: " + found.error().message);
  return std::make_shared<const secret>(std::move(*found));
}

bool admin_token::put(value fresh) {
  const auto bytes = [](const value& of) { return of ? of->reveal() : std::string_view{}; };
  const auto former = value_.exchange(fresh);
  return !equal_secrets(bytes(former), bytes(fresh));
}

}  // namespace filemint
