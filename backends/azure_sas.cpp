#include "backends/azure_sas.hpp"

#include "api/percent.hpp"
#include "core/put_text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <utility>

namespace filemint::backends {
namespace {

using api::kept_bytes;

// The first with today's string to sign; later ones of up to 2025-01-05 sign the same.
constexpr std::string_view version = "2020-12-06";
constexpr std::string_view permissions = "r";
constexpr std::string_view resource = "b";  // a blob
constexpr std::array<std::string_view, 6> delegation_names{"skoid", "sktid", "skt",
                                                           "ske",   "sks",   "skv"};

// base64 (RFC 4648 §4) of a digest, as a query's value.
constexpr std::size_t digits = (hmac_sha256::size * 8 + 5) / 6;
constexpr std::string_view padding = "%3D";
constexpr std::size_t max_signature = digits * 3 + padding.size();

struct query_digit {
  std::array<char, 4> text{};  // copied whole
  std::uint32_t size = 1;
};

constexpr auto query_digits = [] {
  constexpr std::string_view alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::array<query_digit, 64> table{};
  for (std::size_t i = 0; i < table.size(); ++i) table[i].text[0] = alphabet[i];
  table[62] = {{'%', '2', 'B'}, 3};
  table[63] = {{'%', '2', 'F'}, 3};
  return table;
}();

// Writes at most max_signature bytes: what goes beyond a digit is written over by the next.
char* put_signature(const sha256_digest& digest, char* out) noexcept {
  const auto put = [&](std::uint32_t bits) {
    const auto& digit = query_digits[bits & 63];
    std::memcpy(out, digit.text.data(), digit.text.size());
    out += digit.size;
  };
  const auto byte = [&](std::size_t i) { return std::uint32_t{digest[i]}; };
  constexpr auto whole = hmac_sha256::size / 3 * 3;
  for (std::size_t i = 0; i < whole; i += 3) {
    const auto bits = byte(i) << 16 | byte(i + 1) << 8 | byte(i + 2);
    put(bits >> 18);
    put(bits >> 12);
    put(bits >> 6);
    put(bits);
  }
  static_assert(hmac_sha256::size - whole == 2);
  const auto rest = byte(whole) << 8 | byte(whole + 1);
  put(rest >> 10);
  put(rest >> 4);
  put(rest << 2);
  return put_text(padding, out);
}

// Behind the signature, where Microsoft's own libraries write it.
std::string query_of(std::string_view disposition) {
  return "&rscd=" + api::percent_encode(disposition, kept_bytes::unreserved);
}

}  // namespace

sas_key::sas_key(const azure_delegation& by)
    : hmac_(by.value.reveal()),
      delegation_{by.object_id,           by.tenant_id, rfc3339(by.starts_at),
                  rfc3339(by.expires_at), by.service,   by.api_version} {}

// The parameters in the order of Microsoft's own libraries; Azure takes them in any.
sas_signer::sas_signer(std::shared_ptr<const sas_key> key, const sas_terms& terms)
    : key_(std::move(key)), saved_as_(terms.saved_as) {
  const std::string_view protocol = terms.https_alone ? "https" : "https,http";
  const auto starts = terms.starts_at ? rfc3339(*terms.starts_at) : std::string{};
  const auto expires = rfc3339(terms.expires_at);
  const auto put = [this](std::string_view name, std::string_view value) {
    query_.append(name).append("=").append(api::percent_encode(value, kept_bytes::unreserved));
    query_ += '&';
  };
  put("sv", version);
  put("spr", protocol);
  if (!starts.empty()) put("st", starts);
  put("se", expires);
  const auto delegation = key_->delegation();
  for (std::size_t i = 0; i < delegation.size(); ++i) put(delegation_names[i], delegation[i]);
  put("sr", resource);
  put("sp", permissions);
  query_ += "sig=";

  const auto line = [](std::string& to, std::string_view text) { to.append(text).append("\n"); };
  for (const std::string_view each : {permissions, std::string_view{starts}, {expires}})
    line(before_path_, each);
  before_path_.append("/blob/").append(terms.account).append("/").append(terms.container);
  before_path_ += '/';

  line(behind_path_, "");
  if (delegation.empty()) {
    line(behind_path_, "");  // si: no stored access policy
  } else {
    for (const auto& each : delegation) line(behind_path_, each);
    for (int i = 0; i < 3; ++i) line(behind_path_, "");  // saoid, suoid, scid
  }
  for (const std::string_view each :
       {std::string_view{}, protocol, version, resource})  // first: sip
    line(behind_path_, each);
  // A snapshot's time, an encryption scope, and five headers of the answer, all empty: its
  // Content-Disposition, the fourth, for most paths.
  behind_path_.append(3, '\n');
  disposition_at_ = behind_path_.size();
  behind_path_.append(3, '\n');
}

std::size_t sas_signer::max_token_size(file_path path) const {
  const auto size = query_.size() + max_signature;
  if (saved_as_.none()) return size;
  const auto name = saved_as_.name_of(path);
  return name ? size + query_of(api::content_disposition(*name)).size() : size;
}

void sas_signer::sign(std::span<const file_path> paths, std::span<char*> places) const {
  if (!saved_as_.none()) return sign_with_dispositions(paths, places);
  const auto count = paths.size();
  const auto around = before_path_.size() + behind_path_.size();
  std::size_t size = 0;
  for (const auto path : paths) size += around + path.bytes().size();
  std::string text(size, '\0');
  std::array<std::string_view, at_once> messages;
  char* out = text.data();
  for (std::size_t i = 0; i < count; ++i) {
    const char* const begin = out;
    out = put_text(before_path_, out);
    out = put_text(paths[i].bytes(), out);
    out = put_text(behind_path_, out);
    messages[i] = {begin, out};
  }
  sign_texts(std::span(messages).first(count), places);
}

void sas_signer::sign_with_dispositions(std::span<const file_path> paths,
                                        std::span<char*> places) const {
  std::array<std::string, at_once> texts, queries;
  std::array<std::string_view, at_once> messages;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    texts[i].append(before_path_).append(paths[i].bytes()).append(behind_path_);
    if (const auto name = saved_as_.name_of(paths[i])) {
      const auto disposition = api::content_disposition(*name);
      const auto rest = behind_path_.size() - disposition_at_;
      texts[i].insert(texts[i].size() - rest, disposition);
      queries[i] = query_of(disposition);
    }
    messages[i] = texts[i];
  }
  sign_texts(std::span(messages).first(paths.size()), places);
  for (std::size_t i = 0; i < paths.size(); ++i) places[i] = put_text(queries[i], places[i]);
}

void sas_signer::sign_texts(std::span<const std::string_view> texts,
                            std::span<char*> places) const {
  std::array<sha256_digest, at_once> digests;
  key_->hmac().begin(before_path_).macs(texts, digests);
  for (std::size_t i = 0; i < texts.size(); ++i)
    places[i] = put_signature(digests[i], put_text(query_, places[i]));
}

}  // namespace filemint::backends
