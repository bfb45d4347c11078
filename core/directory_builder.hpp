// Makes a directory out of another and what changed. What did not change is shared, not copied.
#pragma once

#include "core/directory.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace filemint {

// Thread safety: one thread at a time.
class directory_builder {
public:
  directory_builder() : directory_builder(directory{}) {}
  explicit directory_builder(directory from);

  // The index that the company with this id has had, or else the next; `changed.index` is not
  // looked at.
  std::uint32_t put_company(company changed);
  [[nodiscard]] std::optional<std::uint32_t> company_index(std::string_view id) const;

  // How many keys are about to be put: saves time and memory where they are many.
  void expect_keys(std::size_t count);
  // Replaces the record with the same id. `key.company` is an index of this builder's.
  void put_key(const api_key_record& key);
  // An unknown id is ignored.
  void remove_key(std::string_view id);

  // Before everything is put anew: no key is left, and companies keep nothing but their index
  // (suspended, without grants) until they are put again.
  void clear();

  // The builder goes on from what it has built.
  [[nodiscard]] directory build();

private:
  struct key_change {
    api_key_record key;
    bool removed;
  };

  void apply_companies();
  void apply_keys(directory::shard& shard, std::vector<key_change>& changes);

  directory built_;
  std::vector<std::vector<key_change>> key_changes_;  // by shard; none until there is one
  std::map<std::string, std::shared_ptr<const company>, std::less<>> company_changes_;
  std::uint32_t next_index_;
};

}  // namespace filemint
