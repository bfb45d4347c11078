#include "backends/presigned_requests.hpp"

#include "api/percent.hpp"
#include "core/crypto/sha256.hpp"
#include "core/put_hex.hpp"

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

using parameter = std::pair<std::string, std::string>;
constexpr std::string_view disposition = "response-content-disposition";

// Encoded, in the order of the names' bytes.
void sort_encoded(std::vector<parameter>& parameters) {
  for (auto& [name, value] : parameters) {
    name = api::percent_encode(name, kept_bytes::unreserved);
    value = api::percent_encode(value, kept_bytes::unreserved);
  }
  std::ranges::sort(parameters);
}

std::string write_query(std::span<const parameter> parameters) {
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
                                       const presign_terms& terms)
    : saved_as_(terms.saved_as) {
  const auto time = basic_time(terms.at);
  const auto named = [&](std::string_view name) {
    return std::string{dialect.parameters}.append(name);
  };
  std::vector<parameter> parameters{
      {named("Algorithm"), std::string{dialect.algorithm}},
      {named("Credential"), std::string{who.key_id}.append("/").append(who.scope)},
      {named("Date"), time},
      {named("Expires"), std::to_string(terms.expires_in.count())},
      {named("SignedHeaders"), "host"}};
  if (!who.session_token.empty())
    parameters.emplace_back(named("Security-Token"), who.session_token);
  for (const auto& [name, value] : terms.more) parameters.emplace_back(name, value);
  sort_encoded(parameters);
  const auto query = write_query(parameters);
  signature_name_.append("&").append(named("Signature")).append("=");
  before_signature_.append(query).append(signature_name_);
  before_path_.append(terms.method).append("\n").append(terms.uri_prefix);
  behind_query_.append("\nhost:").append(terms.host).append("\n\nhost\nUNSIGNED-PAYLOAD");
  behind_path_.append("\n").append(query).append(behind_query_);
  if (!saved_as_.none()) {
    const auto at = std::ranges::lower_bound(parameters, disposition, {}, &parameter::first);
    before_disposition_ = write_query({parameters.begin(), at});
    before_disposition_.append("&").append(disposition).append("=");
    if (at != parameters.end()) behind_disposition_ = '&' + write_query({at, parameters.end()});
  }
  beginning_.append(dialect.algorithm).append("\n").append(time).append("\n");
  beginning_.append(who.scope).append("\n");
}

std::optional<std::string> presigned_requests::disposition_of(file_path path) const {
  const auto name = saved_as_.name_of(path);
  if (!name) return std::nullopt;
  return api::percent_encode(api::content_disposition(*name), kept_bytes::unreserved);
}

std::size_t presigned_requests::size_with_disposition(file_path path) const {
  const auto value = disposition_of(path);
  if (!value) return before_signature_.size();
  return before_disposition_.size() + value->size() + behind_disposition_.size() +
         signature_name_.size();
}

char* presigned_requests::put_with_disposition(file_path path, char* out) const {
  const auto value = disposition_of(path);
  if (!value) return put_text(before_signature_, out);
  out = put_text(*value, put_text(before_disposition_, out));
  return put_text(signature_name_, put_text(behind_disposition_, out));
}

std::size_t presigned_requests::string_size() const noexcept {
  return beginning_.size() + hex_digest_size;
}

// One behind the other, and the size of each.
std::string presigned_requests::canonical_requests(std::span<const file_path> paths,
                                                   std::span<std::size_t> sizes) const {
  if (!saved_as_.none()) return with_dispositions(paths, sizes);
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
  return text;
}

std::string presigned_requests::with_dispositions(std::span<const file_path> paths,
                                                  std::span<std::size_t> sizes) const {
  std::string text;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    const auto begin = text.size();
    text += before_path_;
    text += api::percent_encode(paths[i].bytes(), kept_bytes::unreserved_path);
    if (const auto value = disposition_of(paths[i])) {
      text.append("\n").append(before_disposition_).append(*value);
      text.append(behind_disposition_).append(behind_query_);
    } else {
      text += behind_path_;
    }
    sizes[i] = text.size() - begin;
  }
  return text;
}

// Step by step for all of them: the digests of many take little longer than those of a few.
std::string presigned_requests::strings_to_sign(std::span<const file_path> paths) const {
  std::array<std::size_t, at_once> sizes;
  auto text = canonical_requests(paths, sizes);
  std::array<std::string_view, at_once> requests;
  std::string_view rest = text;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    requests[i] = rest.substr(0, sizes[i]);
    rest.remove_prefix(sizes[i]);
  }
  std::array<sha256_digest, at_once> digests;
  sha256_each(std::span(requests).first(paths.size()), digests);

  text.resize(paths.size() * string_size());
  char* out = text.data();
  for (std::size_t i = 0; i < paths.size(); ++i)
    out = put_hex(digests[i], put_text(beginning_, out));
  return text;
}

}  // namespace filemint::backends
