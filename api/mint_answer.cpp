#include "api/mint_answer.hpp"

#include "core/json_escape.hpp"
#include "core/put_text.hpp"

#include <algorithm>
#include <cstring>
#include <exception>

namespace filemint::api {
namespace {

constexpr std::string_view head = R"({"success":true,"data":{"access_tokens":{)";
constexpr std::string_view urls_head = R"(,"urls":{)";
constexpr std::string_view tail = "}}";

// What stands between the tokens and the urls, or the end.
std::string middle(const answer_terms& terms) {
  std::string out = R"(},"message":"Tokens minted.","expires_at":")";
  out += rfc3339(terms.expires_at);
  out += R"(","expires_in":)";
  out += std::to_string(terms.expires_in.count());
  out += R"(,"source":")";
  out += json_escaped(terms.source);
  out += '"';
  if (terms.failed != nullptr) out.append(R"(,"failed":)").append(write_failed(*terms.failed));
  return out;
}

// The first entry of an object has no comma.
constexpr std::size_t entry_extra = std::string_view(R"(,"":"")").size();

}  // namespace

mint_answer::mint_answer(const answer_terms& terms, std::span<const file_path> paths,
                         std::size_t chunk_paths)
    : paths_(paths), urls_(terms.urls), kept_(terms.path) {
  chunks_.reserve(paths.size() / chunk_paths + 1);
  for (std::size_t first = 0; first < paths.size(); first += chunk_paths) {
    chunks_.push_back({first, std::min(chunk_paths, paths.size() - first)});
  }
  if (!urls_) return;
  url_head_ = json_escaped(terms.public_url);
  if (!url_head_.ends_with('/')) url_head_ += '/';
  url_joint_ = json_escaped(terms.before_token);
}

void mint_answer::add_entry(chunk& at, file_path path, std::size_t token_size) const noexcept {
  const auto name = json_content{path}.escaped_size();
  at.token_bytes += name + token_size + entry_extra;
  if (!urls_) return;
  const auto url = url_head_.size() + percent_encoded_size(path.bytes(), kept_) + url_joint_.size();
  at.url_bytes += name + url + token_size + entry_extra;
}

void mint_answer::lay_out(const answer_terms& terms) {
  const auto between = middle(terms);
  auto at = head.size();
  const auto place = [&](std::size_t chunk::* where, std::size_t chunk::* bytes) {
    if (!chunks_.empty()) chunks_.front().*bytes -= 1;
    for (auto& each : chunks_) {
      each.*where = at;
      at += each.*bytes;
    }
  };
  place(&chunk::tokens_at, &chunk::token_bytes);
  between_at_ = at;
  between_size_ = between.size() + (urls_ ? urls_head.size() : 0);
  at += between_size_;
  if (urls_) {
    place(&chunk::urls_at, &chunk::url_bytes);
    at += 1;
  }
  size_ = at + tail.size();

  data_ = std::make_unique_for_overwrite<char[]>(size_);
  put_text(head, data_.get());
  char* out = put_text(between, data_.get() + between_at_);
  if (urls_) {
    put_text(urls_head, out);
    data_[at - 1] = '}';
  }
  put_text(tail, data_.get() + at);
}

char* mint_answer::begin_entry(file_path path, bool first, char* out) noexcept {
  out = put_text(first ? "\"" : ",\"", out);
  out = json_content{path}.write(out);
  return put_text(R"(":")", out);
}

char* mint_answer::write_url(file_path path, std::string_view token, char* out) const noexcept {
  out = begin_entry(path, out == first_url(), out);
  out = put_text(url_head_, out);
  out = percent_encode(path.bytes(), out, kept_);
  out = put_text(url_joint_, out);
  out = put_text(token, out);
  return put_text("\"", out);
}

std::string_view mint_answer::end_entry(const char* entry, std::string_view room, char* end,
                                        char*& out) noexcept {
  if (end > room.data() + room.size()) std::terminate();
  *end = '"';
  const auto size = static_cast<std::size_t>(end + 1 - entry);
  const auto token_at = room.data() - entry;
  const char* const moved = out;
  if (entry != out) std::memmove(out, entry, size);
  out += size;
  return {moved + token_at, static_cast<std::size_t>(end - room.data())};
}

void mint_answer::end_chunk(chunk& at, const char* out, const char* url) const noexcept {
  const auto token_bytes = static_cast<std::size_t>(out - data_.get()) - at.tokens_at;
  const auto url_bytes = static_cast<std::size_t>(url - data_.get()) - at.urls_at;
  if (token_bytes > at.token_bytes || url_bytes > at.url_bytes) std::terminate();
  at.token_bytes = token_bytes;
  at.url_bytes = url_bytes;
}

// Chunks that took less than their room leave gaps, which go.
answer_bytes mint_answer::take() noexcept {
  if (data_ == nullptr) return {};
  const auto tail_size = tail.size() + (urls_ ? 1 : 0);
  const auto tail_at = size_ - tail_size;
  auto end = head.size();
  const auto append = [&](std::size_t at, std::size_t size) {
    if (at != end) std::memmove(data_.get() + end, data_.get() + at, size);
    end += size;
  };
  for (const auto& each : chunks_) append(each.tokens_at, each.token_bytes);
  append(between_at_, between_size_);
  for (const auto& each : chunks_) append(each.urls_at, each.url_bytes);
  append(tail_at, tail_size);
  size_ = 0;
  return {std::move(data_), end};
}

}  // namespace filemint::api
