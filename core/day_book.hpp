// The keys' counts of the day, between those who count and the store: what was counted since the
// last writing, and what an earlier process left.
#pragma once

#include "core/day_count.hpp"

#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace filemint {

struct key_day {
  std::string key;  // an API key's id
  day_count count;
  friend bool operator==(const key_day&, const key_day&) = default;
};

// Holds an entry a key that was counted in the last two days or so. Thread safety: all functions
// may be called from any thread; each costs a lock and a look-up.
class day_book {
public:
  // What the store has kept. Entries that are noted already stay.
  void load(std::vector<key_day> kept);

  // The latest that was noted or loaded of that key.
  [[nodiscard]] day_count find(std::string_view key) const;

  void note(std::string_view key, const day_count& count);

  // Told by another node, which writes it itself: the later day counts, and of one day the higher
  // count.
  void raise(std::string_view key, const day_count& count);

  // Another node is gone, and may not have written what it told: all that was told has changed.
  void inherit();

  [[nodiscard]] std::vector<key_day> all() const;

  // What has changed since the last time, by key: who writes the same rows in one order waits for
  // nobody twice.
  [[nodiscard]] std::vector<key_day> take_changed();

  // They could not be written: they have changed still.
  void put_back(const std::vector<key_day>& unwritten);

  // Drops what is written and older than that day.
  void forget_before(std::chrono::sys_days day);

private:
  struct text_hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept {
      return std::hash<std::string_view>{}(text);
    }
  };
  struct entry {
    day_count count;
    bool changed = false;
    bool told = false;  // by another node, and not written here
  };

  mutable std::mutex mutex_;
  std::unordered_map<std::string, entry, text_hash, std::equal_to<>> by_key_;
  std::vector<std::string> changed_;  // keys, each once
};

}  // namespace filemint
