#include "backends/presigned_requests.hpp"

#include "api/percent.hpp"
#include "core/crypto/sha256.hpp"
#include "core/put_hex.hpp"
#include "core/put_text.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace filemint::backends {
namespace {

using api::kept_bytes;

constexpr std::size_t hex_digest_size = 2 * sizeof(sha256_digest);

// ISO 8601's basic form, 20130524T000000Z.
std::string basic_time(wall_time at) {
  auto text = rfc3339(at);
  std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
  return text;
}

// By their encoded names, in the order of bytes.
std::string write_query(std::vector<std::pair<std::string, std::string>> parameters) {
  for (auto& [name, value] : parameters) {
    name = api::percent_encode(name, kept_bytes::unreserved);
    value = api::percent_encode(value, kept_bytes::unreserved);
  }
  std::ranges::sort(parameters);
  std::string query;
  for (const auto& [name, value] : parameters) {
    if (!query.empty()) query += '&';
    query.append(name).append("=").append(value);
  }
  return query;
}

}  // namespace

std::string sigv4_date(wall_time at) {
  return basic_time(at).substr(0, 8);
}

std::string write_scope(const sigv4_dialect& dialect, const sigv4_scope& scope, wall_time at) {
  return sigv4_date(at) + '/' + scope.region + '/' + scope.service + '/' +
         std::string{dialect.scope_end};
}

presigned_requests::presigned_requests(const sigv4_dialect& dialect, const sigv4_signatory& who,
                                       const presign_terms& terms) {
  const auto time = basic_time(terms.at);
  const auto named = [&](std::string_view name) {
    return std::string{dialect.parameters}.append(name);
  };
  std::vector<std::pair<std::string, std::string>> parameters{
      {named("Algorithm"), std::string{dialect.algorithm}},
      {named("Credential"), std::string{who.key_id}.append("/").append(who.scope)},
      {named("Date"), time},
      {named("Expires"), std::to_string(terms.expires_in.count())},
      {named("SignedHeaders"), "host"}};
  if (!who.session_token.empty())
    parameters.emplace_back(named("Security-Token"), who.session_token);
  for (const auto& [name, value] : terms.more) parameters.emplace_back(name, value);
  const auto query = write_query(std::move(parameters));
  before_signature_.append(query).append("&").append(named("Signature")).append("=");
  before_path_.append("GET\n").append(terms.uri_prefix);
  behind_path_.append("\n").append(query).append("\nhost:").append(terms.host);
  behind_path_.append("\n\nhost\nUNSIGNED-PAYLOAD");
  beginning_.append(dialect.algorithm).append("\n").append(time).append("\n");
  beginning_.append(who.scope).append("\n");
}

std::size_t presigned_requests::string_size() const noexcept {
  return beginning_.size() + hex_digest_size;
}

// Step by step for all of them: the digests of many take little longer than those of a few.
std::string presigned_requests::strings_to_sign(std::span<const file_path> paths) const {
  std::array<std::size_t, at_once> sizes;
  std::size_t size = 0;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    sizes[i] = before_path_.size() + behind_path_.size() +
               api::percent_encoded_size(paths[i].bytes(), kept_bytes::unreserved_path);
    size += sizes[i];
  }
  std::string text(size, '\0');
  char* out = text.data();
  for (const auto path : paths) {
    out = put_text(before_path_, out);
    out = api::percent_encode(path.bytes(), out, kept_bytes::unreserved_path);
    out = put_text(behind_path_, out);
  }
  std::array<std::string_view, at_once> requests;
  std::string_view rest = text;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    requests[i] = rest.substr(0, sizes[i]);
    rest.remove_prefix(sizes[i]);
  }
  std::array<sha256_digest, at_once> digests;
  sha256_each(std::span(requests).first(paths.size()), digests);

  text.resize(paths.size() * string_size());
  out = text.data();
  for (std::size_t i = 0; i < paths.size(); ++i)
    out = put_hex(digests[i], put_text(beginning_, out));
  return text;
}

}  // namespace filemint::backends
