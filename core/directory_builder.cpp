#include "core/directory_builder.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace filemint {

directory_builder::directory_builder(directory from)
    : built_(std::move(from)), next_index_(static_cast<std::uint32_t>(built_.company_count_)) {}

std::uint32_t directory_builder::put_company(company changed) {
  const auto known = company_index(changed.id);
  const auto index = known ? *known : next_index_++;
  changed.index = index;
  auto id = changed.id;
  company_changes_.insert_or_assign(std::move(id),
                                    std::make_shared<const company>(std::move(changed)));
  return index;
}

std::optional<std::uint32_t> directory_builder::company_index(std::string_view id) const {
  if (const auto changed = company_changes_.find(id); changed != company_changes_.end()) {
    return changed->second->index;
  }
  if (const auto* known = built_.find_company(id)) return known->index;
  return std::nullopt;
}

void directory_builder::expect_keys(std::size_t count) {
  const auto even = count / directory::shard_count;
  if (even == 0) return;
  key_changes_.resize(directory::shard_count);
  for (auto& changes : key_changes_) changes.reserve(even + even / 4);
}

void directory_builder::put_key(const api_key_record& key) {
  if (key_changes_.empty()) key_changes_.resize(directory::shard_count);
  const auto shard = directory::shard_of(directory::hash_of(key.id_view()));
  key_changes_[shard].push_back({key, false});
}

void directory_builder::remove_key(std::string_view id) {
  if (id.size() != api_key_record::id_bytes) return;
  api_key_record named{};
  std::memcpy(named.id, id.data(), id.size());
  put_key(named);
  key_changes_[directory::shard_of(directory::hash_of(id))].back().removed = true;
}

void directory_builder::clear() {
  key_changes_.clear();
  built_.shards_.clear();
  built_.key_count_ = 0;
  const auto empty = [](const company& former) {
    return company{.id = former.id, .index = former.index, .suspended = true};
  };
  for (std::uint32_t index = 0; index < built_.company_count_; ++index) {
    put_company(empty(built_.company_at(index)));
  }
  for (auto& [id, changed] : company_changes_) {
    changed = std::make_shared<const company>(empty(*changed));
  }
}

directory directory_builder::build() {
  apply_companies();
  if (!key_changes_.empty()) {
    built_.shards_.resize(directory::shard_count);
    for (std::size_t i = 0; i < directory::shard_count; ++i) {
      if (!key_changes_[i].empty()) apply_keys(built_.shards_[i], key_changes_[i]);
    }
    key_changes_.clear();
  }
  return built_;
}

void directory_builder::apply_companies() {
  if (company_changes_.empty()) return;
  const auto former_count = built_.company_count_;
  built_.company_count_ = next_index_;
  built_.pages_.resize((next_index_ + directory::companies_a_page - 1) /
                       directory::companies_a_page);
  built_.names_.resize(directory::name_shard_count,
                       std::make_shared<const directory::name_shard>());

  std::map<std::size_t, std::shared_ptr<directory::company_page>> pages;
  std::map<std::size_t, std::shared_ptr<directory::name_shard>> names;
  for (const auto& [id, changed] : company_changes_) {
    const auto page_number = changed->index / directory::companies_a_page;
    auto& page = pages[page_number];
    if (!page) {
      const auto& former = built_.pages_[page_number];
      page = former ? std::make_shared<directory::company_page>(*former)
                    : std::make_shared<directory::company_page>();
    }
    (*page)[changed->index % directory::companies_a_page] = changed;
    if (changed->index < former_count) continue;
    auto& name = names[directory::name_shard_of(id)];
    if (!name) {
      name = std::make_shared<directory::name_shard>(*built_.names_[directory::name_shard_of(id)]);
    }
    name->push_back(changed->index);
  }
  for (auto& [number, page] : pages) built_.pages_[number] = std::move(page);
  for (auto& [number, name] : names) {
    std::ranges::sort(*name, {}, [this](std::uint32_t index) -> std::string_view {
      return built_.company_at(index).id;
    });
    built_.names_[number] = std::move(name);
  }
  company_changes_.clear();
}

void directory_builder::apply_keys(directory::shard& shard, std::vector<key_change>& changes) {
  // The last word on each id, sorted by id.
  const auto id_of = [](const key_change& change) { return change.key.id_view(); };
  std::ranges::stable_sort(changes, {}, id_of);
  std::vector<key_change> last;
  last.reserve(changes.size());
  for (const auto& change : changes) {
    if (!last.empty() && id_of(last.back()) == id_of(change)) {
      last.back() = change;
    } else {
      last.push_back(change);
    }
  }
  changes = {};

  const auto added =
      static_cast<std::uint32_t>(std::ranges::count(last, false, &key_change::removed));
  const auto most = shard.used + added;
  directory::shard fresh;
  fresh.capacity = most + most / 3 + 1;
  auto slots = std::make_shared<api_key_record[]>(fresh.capacity);
  const auto insert = [&](const api_key_record& key) {
    auto slot = directory::slot_of(directory::hash_of(key.id_view()), fresh.capacity);
    while (slots[slot].id[0] != '\0') slot = slot + 1 == fresh.capacity ? 0 : slot + 1;
    slots[slot] = key;
    ++fresh.used;
  };
  for (std::uint32_t i = 0; i < shard.capacity; ++i) {
    const auto& key = shard.slots[i];
    if (key.id[0] != '\0' && !std::ranges::binary_search(last, key.id_view(), {}, id_of)) {
      insert(key);
    }
  }
  for (const auto& change : last) {
    if (!change.removed) insert(change.key);
  }
  fresh.slots = std::move(slots);
  built_.key_count_ += fresh.used;
  built_.key_count_ -= shard.used;
  shard = fresh.used == 0 ? directory::shard{} : std::move(fresh);
}

}  // namespace filemint
