#include "store/known_contents.hpp"

#include "store/rules.hpp"

#include <malloc.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <utility>

namespace filemint::store {
namespace {

api_key_record record_of(const key_row& row, std::uint32_t company) {
  api_key_record key{};
  std::memcpy(key.id, row.id.data(), std::min(row.id.size(), sizeof key.id));
  key.company = company;
  key.secret_hash = row.secret_hash;
  if (row.expires_at) key.expires_at = static_cast<std::uint32_t>(unix_seconds(*row.expires_at));
  key.throttle = row.throttle;
  key.scope = row.scope;
  return key;
}

error cannot_unseal(const signing_key_row& row, error why) {
  why.message = "can't unseal the signing key " + row.kid + " of " + row.source +
                (why.message.empty() ? "" : ": " + why.message);
  return why;
}

std::size_t rows_of(const delta& changes) {
  return changes.companies.size() + changes.keys.size() + changes.revoked_keys.size() +
         (changes.signing_keys ? changes.signing_keys->size() : 0) + changes.revoked.size();
}

}  // namespace

void known_contents::take(contents all) {
  forget_steps();
  at_ = std::move(all.at);
  people_ = std::move(all.people);
  rows_ = std::move(all.signing_keys);
  revoked_ = revoked_.with(all.revoked);  // an older copy of the store brings no token back
  ::malloc_trim(0);  // building the tables has taken as much again as they hold
}

void known_contents::take(delta changes) {
  keep(changes);
  directory_builder people(std::move(people_));
  apply(people, changes);
}

void known_contents::take_whole(delta rows) {
  forget_steps();
  directory_builder people(std::move(people_));
  people.clear();
  people.expect_keys(rows.keys.size());
  if (!rows.signing_keys) rows.signing_keys.emplace();
  apply(people, rows);
  rows = {};
  ::malloc_trim(0);
}

void known_contents::apply(directory_builder& people, delta& changes) {
  for (auto& changed : changes.companies) people.put_company(std::move(changed));
  for (const auto& row : changes.keys) {
    if (const auto company = people.company_index(row.company)) {
      people.put_key(record_of(row, *company));
    }
  }
  for (const auto& id : changes.revoked_keys) people.remove_key(id);
  people_ = people.build();
  revoked_ = revoked_.with(changes.revoked);
  if (changes.signing_keys) rows_ = std::move(*changes.signing_keys);
  at_ = std::move(changes.at);
}

bool known_contents::forget_revocations(wall_time now) {
  constexpr std::chrono::seconds interval{60};
  if (now < next_forgetting_ && next_forgetting_ - now <= interval) return false;
  next_forgetting_ = now + interval;
  const auto former = revoked_.size();
  revoked_ = revoked_.without_forgotten(now);
  return revoked_.size() != former;
}

result<void> known_contents::unseal_all(const unseal_function& unseal) {
  decltype(keys_) keys;
  for (const auto& row : rows_) {
    if (!row.algorithm) {
      if (const auto former = keys_.find(row.kid); former != keys_.end()) keys.insert(*former);
      continue;
    }
    auto key = unseal(row);
    if (!key) return std::unexpected(cannot_unseal(row, std::move(key.error())));
    keys.emplace(row.kid, unsealed_key{row.sealed, std::move(*key)});
  }
  keys_ = std::move(keys);
  return {};
}

std::optional<error> known_contents::unseal_changed(const unseal_function& unseal) {
  decltype(keys_) keys;
  std::optional<error> failure;
  for (const auto& row : rows_) {
    const auto former = keys_.find(row.kid);
    if (former != keys_.end() && former->second.sealed == row.sealed) {
      keys.insert(*former);
      continue;
    }
    if (row.algorithm) {
      if (auto key = unseal(row)) {
        keys.emplace(row.kid, unsealed_key{row.sealed, std::move(*key)});
        continue;
      } else {
        failure = cannot_unseal(row, std::move(key.error()));
      }
    }
    // Sealed anew under a master key that is not here yet, or told by a node that does not know its
    // algorithm: a kid names the same key for ever.
    if (former != keys_.end()) keys.insert(*former);
  }
  keys_ = std::move(keys);
  return failure;
}

std::optional<error> known_contents::passed_over() const {
  std::string all;
  for (const auto& row : rows_) {
    if (row.algorithm || keys_.contains(row.kid)) continue;
    all.append(all.empty() ? "" : "; ").append(unknown_algorithm_of(row));
  }
  if (all.empty()) return std::nullopt;
  return error(errc::conflict, all + ": here it neither signs nor verifies tokens");
}

bool known_contents::is_half_told() const {
  return std::ranges::any_of(rows_, [](const signing_key_row& row) {
    return !row.algorithm && row.unknown_algorithm.empty();
  });
}

snapshot_ptr known_contents::make_snapshot() const {
  std::map<std::string, std::vector<ring_entry>, std::less<>> rings;
  for (const auto& row : rows_) {
    const auto key = keys_.find(row.kid);
    if (key == keys_.end()) continue;
    rings[row.source].push_back({key->second.key, row.state, row.retire_at.value_or(wall_time{})});
  }
  auto made = std::make_shared<snapshot>();
  made->people = people_;
  made->revoked = revoked_;
  made->change = at_.number;
  for (auto& [source, entries] : rings) made->signing.emplace(source, key_ring(std::move(entries)));
  return made;
}

// Rows tell how they stand now, not what was done to them: a step that begins before `known` brings
// nothing back.
result<excerpt> known_contents::since(const position& known) const {
  if (known.store_id != at_.store_id) return fail(errc::conflict, "of another store");
  excerpt out{.at = at_};
  if (known == at_) return out;
  const bool same_life = known.life == at_.life;
  if (same_life && known.number > at_.number) {
    return fail(errc::service_unavailable, "ahead of what is known here");
  }
  if (same_life && !steps_.empty() && steps_.front().from <= known.number) {
    const auto first = std::ranges::find_if(
        steps_, [&](const step& each) { return each.changes->at.number > known.number; });
    for (auto at = first; at != steps_.end(); ++at) out.steps.push_back(at->changes);
    return out;
  }
  out.whole = true;
  out.people = people_;
  out.signing_keys = rows_;
  out.revoked = revoked_;
  return out;
}

void known_contents::keep(const delta& changes) {
  if (changes.at.life != at_.life || changes.at.store_id != at_.store_id) forget_steps();
  const auto rows = rows_of(changes);
  if (rows > most_kept_rows_) return forget_steps();
  steps_.push_back({at_.number, std::make_shared<const delta>(changes)});
  kept_rows_ += rows;
  while (kept_rows_ > most_kept_rows_ || steps_.size() > most_kept_rows_) {
    kept_rows_ -= rows_of(*steps_.front().changes);
    steps_.pop_front();
  }
}

void known_contents::forget_steps() {
  steps_.clear();
  kept_rows_ = 0;
}

}  // namespace filemint::store
