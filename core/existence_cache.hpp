// What a storage has told of its files, for a while: which exist, and, for a second at most, which
// do not. When it is full, what was not asked for the longest goes. The missing have room of their
// own, so that invented names never push out files that exist.
#pragma once

#include "core/clock.hpp"
#include "core/hash.hpp"

#include <chrono>
#include <cstddef>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace filemint {

struct existence_terms {
  std::size_t entries = 0;            // that exist, at most; 0: nothing is kept
  std::chrono::milliseconds life{0};  // of a file that exists; one that does not: a second at most
  friend bool operator==(const existence_terms&, const existence_terms&) = default;
};

// An entry takes its path and about 150 bytes. Functions are O(1), set_terms O(entries that go).
// Times passed in never go back. Thread safety: none, one owner.
class existence_cache {
public:
  static constexpr std::chrono::milliseconds longest_of_missing{1'000};
  static constexpr std::size_t most_missing = 4'096;  // and no more than may exist

  explicit existence_cache(const existence_terms& terms) : terms_(terms) {}
  existence_cache(const existence_cache&) = delete;
  existence_cache& operator=(const existence_cache&) = delete;

  // Whether the file exists; or nothing: that is not known.
  [[nodiscard]] std::optional<bool> find(std::string_view path, mono_time now);
  void put(std::string_view path, bool exists, mono_time now);

  // A shorter life is in force at once.
  void set_terms(const existence_terms& terms);
  [[nodiscard]] std::size_t size() const noexcept { return by_path_.size(); }

private:
  struct entry {
    std::string path;
    mono_time told;
    bool exists = false;
  };
  struct path_hash {
    std::size_t operator()(std::string_view path) const noexcept {
      return hash_bytes(path, process_hash_seed());
    }
  };
  [[nodiscard]] std::chrono::milliseconds life_of(bool exists) const noexcept;
  using entries = std::list<entry>;  // the latest asked for first
  [[nodiscard]] entries& those(bool exist) noexcept { return exist ? existing_ : missing_; }
  void make_room(bool exists, std::size_t for_more);

  existence_terms terms_;
  entries existing_, missing_;
  std::unordered_map<std::string_view, entries::iterator, path_hash> by_path_;
};

}  // namespace filemint
