// For tests against other implementations: signs or verifies one token by this project's code.
//   token_tool sign   <
//   {"alg","key","kid","source","issuer","company","key_id","iat","exp","path","jti"}  > the token
//   token_tool verify < {"alg","key","kid","source","issuer","at","skew","token"}  > {"path",…}, or
//   {"error": errc}
// `key` is base64url: the HS256 secret, or the Ed25519 or P-256 private key. Exit code 2: it was
// not asked properly.

#include "core/crypto/base64url.hpp"
#include "core/signing_key.hpp"
#include "core/token.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <cstdint>
#include <exception>
#include <iostream>
#include <string>

namespace {

using namespace filemint;
using nlohmann::json;

signing_key_ptr key_of(const json& request) {
  const secret raw(base64url_decode(request.at("key").get<std::string>()).value());
  const auto algorithm = algorithm_from_jose_name(request.at("alg").get<std::string>()).value();
  return signing_key::from_raw(algorithm, request.at("source"), request.at("kid"), raw).value();
}

wall_time time_of(const json& request, const char* name) {
  return wall_time(std::chrono::seconds(request.at(name).get<std::int64_t>()));
}

void sign(const json& request) {
  const auto key = key_of(request);
  const auto issuer = request.at("issuer").get<std::string>();
  const auto company = request.at("company").get<std::string>();
  const auto key_id = request.at("key_id").get<std::string>();
  const auto path = request.at("path").get<std::string>();
  const token_signer signer(*key, {.issuer = issuer,
                                   .source = key->source(),
                                   .company = company,
                                   .key_id = key_id,
                                   .issued_at = time_of(request, "iat"),
                                   .expires_at = time_of(request, "exp")});
  std::string token(signer.size_for(path), '\0');
  signer.sign(path, request.at("jti"), token.data());
  std::cout << token << '\n';
}

void verify(const json& request) {
  const auto key = key_of(request);
  const auto verified =
      verify_token(request.at("token").get<std::string>(), request.at("issuer").get<std::string>(),
                   key->source(), key_ring({{key, key_state::active, {}}}), time_of(request, "at"),
                   std::chrono::seconds(request.at("skew").get<int>()));
  if (!verified) {
    const bool expired = verified.error().code == errc::expired_access_token;
    std::cout << json{{"error", expired ? "expired_access_token" : "invalid_access_token"}} << '\n';
    return;
  }
  std::cout << json{{"path", verified->path()},
                    {"company", verified->company()},
                    {"key_id", verified->key_id()},
                    {"jti", verified->jti()},
                    {"iat", unix_seconds(verified->issued_at())},
                    {"exp", unix_seconds(verified->expires_at())}}
            << '\n';
}

}  // namespace

int main(int argc, char** argv) try {
  const std::string command = argc == 2 ? argv[1] : "";
  if (command != "sign" && command != "verify") {
    std::cerr << "usage: token_tool sign|verify, with one JSON object on stdin\n";
    return 2;
  }
  const auto request = json::parse(std::cin);
  command == "sign" ? sign(request) : verify(request);
  return 0;
} catch (const std::exception& e) {
  std::cerr << "token_tool: " << e.what() << '\n';
  return 2;
}
