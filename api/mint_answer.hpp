// The 200 answer of a minting call, laid out before it is written: each chunk of paths has a place
// of its own in one buffer that is never zeroed, so chunks can be written in any order and by
// several threads.
#pragma once

#include "api/failed_paths.hpp"
#include "api/percent.hpp"
#include "core/clock.hpp"
#include "core/file_path.hpp"
#include "core/token.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace filemint::api {

struct answer_terms {
  std::string_view source;
  wall_time expires_at;
  std::chrono::seconds expires_in;
  // With data.urls: public_url, path, before_token and token. One '/' stands between public_url and
  // the path, whether it ends with one or not.
  bool urls = false;
  std::string_view public_url = {};
  std::string_view before_token = "?token=";
  kept_bytes path = kept_bytes::path;
  // What a partial call could not mint, for data.failed; null: of another call.
  const std::vector<failed_paths>* failed = nullptr;
};

struct answer_bytes {
  std::unique_ptr<char[]> data;
  std::size_t size = 0;
};

// Thread safety: write_chunk may run for different chunks on several threads at once, each chunk
// once. take() comes after all of them; ordering the threads before it is the caller's. Movable
// while no chunk is being written.
class mint_answer {
public:
  // `paths` are distinct and outlive the last write_chunk; `terms` is not kept.
  // `token_size(file_path)` is the most that the token takes. Tokens are JSON-safe and URL-safe as
  // they stand. One chunk holds chunk_paths (at least 1) paths.
  template <class TokenSize>
  mint_answer(const answer_terms& terms, std::span<const file_path> paths, std::size_t chunk_paths,
              TokenSize&& token_size)
      : mint_answer(terms, paths, chunk_paths) {
    for (auto& each : chunks_) {
      for (const auto path : paths_of(each)) add_entry(each, path, token_size(path));
    }
    lay_out(terms);
  }

  [[nodiscard]] std::size_t chunks() const noexcept { return chunks_.size(); }
  [[nodiscard]] std::span<const file_path> chunk_paths(std::size_t k) const noexcept {
    return paths_of(chunks_[k]);
  }
  // The most that the body takes, and what is held for it.
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

  // `sign(std::span<const file_path> paths, std::span<char*> places)` writes the token of paths[i],
  // at most token_size(paths[i]) bytes, at places[i], which then is its end. When it throws, the
  // chunk can be written again. It is a broken invariant, and ends the process, when a token is
  // longer.
  template <class TokenSize, class Sign>
  void write_chunk(std::size_t k, TokenSize&& token_size, Sign&& sign) {
    chunk& at = chunks_[k];
    char* out = data_.get() + at.tokens_at;
    char* url = data_.get() + at.urls_at;
    std::array<std::string_view, token_signer::at_once> tokens;
    std::array<char*, token_signer::at_once> entries, places;
    for (auto left = paths_of(at); !left.empty();) {
      const auto paths = left.first(std::min(left.size(), tokens.size()));
      left = left.subspan(paths.size());
      char* room = out;
      for (std::size_t i = 0; i < paths.size(); ++i) {
        entries[i] = room;
        places[i] = begin_entry(paths[i], room == first_token(), room);
        tokens[i] = {places[i], token_size(paths[i])};
        room = places[i] + tokens[i].size() + 1;
      }
      sign(paths, std::span(places).first(paths.size()));
      for (std::size_t i = 0; i < paths.size(); ++i) {
        const auto token = end_entry(entries[i], tokens[i], places[i], out);
        if (urls_) url = write_url(paths[i], token, url);
      }
    }
    end_chunk(at, out, url);
  }

  // The whole body; the answer is empty from then on.
  [[nodiscard]] answer_bytes take() noexcept;

private:
  struct chunk {
    std::size_t first, count;  // in paths_
    std::size_t tokens_at = 0, urls_at = 0;
    std::size_t token_bytes = 0, url_bytes = 0;  // the most; once it is written, what it takes
  };

  mint_answer(const answer_terms& terms, std::span<const file_path> paths, std::size_t chunk_paths);
  [[nodiscard]] std::span<const file_path> paths_of(const chunk& at) const noexcept {
    return paths_.subspan(at.first, at.count);
  }
  void add_entry(chunk& at, file_path path, std::size_t token_size) const noexcept;
  void lay_out(const answer_terms& terms);
  [[nodiscard]] const char* first_token() const noexcept {
    return data_.get() + chunks_[0].tokens_at;
  }
  [[nodiscard]] const char* first_url() const noexcept { return data_.get() + chunks_[0].urls_at; }
  static char* begin_entry(file_path path, bool first, char* out) noexcept;
  char* write_url(file_path path, std::string_view token, char* out) const noexcept;
  // Moves an entry whose token ends there to `out`, which then is its end: behind tokens that are
  // shorter than their room. The token, where it is now.
  static std::string_view end_entry(const char* entry, std::string_view room, char* end,
                                    char*& out) noexcept;
  void end_chunk(chunk& at, const char* out, const char* url) const noexcept;

  std::span<const file_path> paths_;
  std::vector<chunk> chunks_;
  bool urls_;
  kept_bytes kept_;
  std::string url_head_;  // public_url and '/', escaped
  std::string url_joint_;
  std::size_t between_at_ = 0, between_size_ = 0;  // what stands behind the tokens
  std::unique_ptr<char[]> data_;
  std::size_t size_ = 0;
};

}  // namespace filemint::api
