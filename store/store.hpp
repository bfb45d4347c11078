// What lasts: companies, their API keys, grants and limits, the keys' counts of the day, the sealed
// signing keys, and revocations of tokens. The CLI changes it; a node loads it and then follows its
// changes. Of API keys' secrets it holds SHA-256 digests, of signing keys sealed bytes: a stolen
// copy opens nothing.
#pragma once

#include "core/clock.hpp"
#include "core/day_book.hpp"
#include "core/directory.hpp"
#include "core/result.hpp"
#include "core/route_scope.hpp"
#include "store/revocation_order.hpp"
#include "store/rows.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace filemint::store {

// A place in one store's history.
struct position {
  std::string store_id;  // random, made with the store
  std::uint64_t number = 0;
  std::uint64_t life = 0;  // another one: another history, whatever the number says
  friend bool operator==(const position&, const position&) = default;
};

// All that a node needs, as it stood at one moment.
struct contents {
  position at;
  directory people;
  std::vector<signing_key_row> signing_keys;
  std::vector<revocation> revoked;
};

// What has changed since a position, as it stands now.
struct delta {
  position at;
  std::vector<company> companies = {};  // with their grants; the index is not set
  std::vector<key_row> keys = {};
  std::vector<std::string> revoked_keys = {};
  // All of them, when one has changed.
  std::optional<std::vector<signing_key_row>> signing_keys = {};
  std::vector<revocation> revoked = {};  // those that came, or reach further
};

// A change is in the store, for good, when its function returns. Errors of all functions:
// store_failed, store_full, store_too_new, service_unavailable (it is away); of changes also
// invalid_argument (a value breaks its rule, above), not_found (no such company, key or grant),
// conflict (as told below). Thread safety: one thread at a time, and never an io thread: each call
// may block.
class store {
public:
  virtual ~store() = default;

  // conflict: it exists already.
  [[nodiscard]] virtual result<void> add_company(const company_row& added) = 0;
  [[nodiscard]] virtual result<std::vector<company_row>> list_companies() = 0;
  // These five leave alone what already is as asked.
  [[nodiscard]] virtual result<void> set_suspended(std::string_view company, bool suspended) = 0;
  [[nodiscard]] virtual result<void> set_window_limit(std::string_view company,
                                                      std::uint64_t limit) = 0;
  [[nodiscard]] virtual result<void> set_company_limits(std::string_view company,
                                                        const company_limits& limits) = 0;
  [[nodiscard]] virtual result<void> set_key_throttle(std::string_view key_id,
                                                      const throttle_terms& throttle) = 0;
  [[nodiscard]] virtual result<void> revoke_key(std::string_view key_id, wall_time at) = 0;

  // All or none; a million take seconds. conflict: a key with one of the ids exists already.
  [[nodiscard]] virtual result<void> insert_keys(std::span<const key_row> added) = 0;
  [[nodiscard]] result<void> add_key(const key_row& added) { return insert_keys({&added, 1}); }
  // Of one company (not_found: there is none) or of all; revoked ones too. By company, oldest
  // first.
  [[nodiscard]] virtual result<std::vector<key_row>> list_keys(
      std::optional<std::string_view> company) = 0;

  // conflict: it is granted already, word for word.
  [[nodiscard]] virtual result<void> add_grant(const grant_row& added) = 0;
  [[nodiscard]] virtual result<std::vector<grant_row>> list_grants(
      std::optional<std::string_view> company) = 0;
  [[nodiscard]] virtual result<void> remove_grant(std::string_view company, std::string_view source,
                                                  std::string_view prefix) = 0;

  // A prepared key, or a source's first active one. conflict: the kid is taken, or another key is
  // active. `fits` is asked of each key that is there, in the same transaction: nobody reseals them
  // meanwhile. Its error is this one's, and nothing is inserted.
  using key_check = std::function<result<void>(const signing_key_row&)>;
  [[nodiscard]] virtual result<void> insert_signing_key_beside(const signing_key_row& added,
                                                               const key_check& fits) = 0;
  // Whatever those that are there are sealed under.
  [[nodiscard]] result<void> insert_signing_key(const signing_key_row& added) {
    return insert_signing_key_beside(added, [](const signing_key_row&) { return result<void>{}; });
  }
  [[nodiscard]] virtual result<std::vector<signing_key_row>> list_signing_keys() = 0;
  // prepared → active; the source's former key becomes retiring. conflict: not prepared, or younger
  // than min_age.
  [[nodiscard]] virtual result<void> activate_signing_key(const activation& asked) = 0;
  // Removes a key. conflict: it is active, or retiring with tokens that may still live (unless
  // forced).
  [[nodiscard]] virtual result<void> retire_signing_key(std::string_view kid, wall_time at,
                                                        bool force) = 0;
  // Replaces all sealed bytes by what `reseal` makes of them, or none if it fails once. Gives their
  // number.
  using reseal_function = std::function<result<std::string>(const signing_key_row&)>;
  [[nodiscard]] virtual result<std::size_t> reseal_signing_keys(const reseal_function& reseal) = 0;

  // Gives what is kept until those tokens have expired. not_found: no such company or key.
  [[nodiscard]] virtual result<revocation> revoke_tokens(const revocation_order& asked) = 0;
  [[nodiscard]] virtual result<std::vector<revocation>> list_revocations() = 0;
  // A node is about to give a source's tokens that life at most; a shorter one is not noted.
  [[nodiscard]] virtual result<void> note_token_life(std::string_view source,
                                                     std::chrono::seconds longest) = 0;

  // Companies keep the index that they have in `base`; one that is gone stays, suspended and
  // without grants.
  [[nodiscard]] virtual result<contents> load(const directory& base) = 0;
  // Costs microseconds when nothing has changed (at == known), otherwise what the changes cost.
  // Nothing: the store can't tell any more, or is another one: load it again.
  [[nodiscard]] virtual result<std::optional<delta>> changes_since(const position& known) = 0;
  // The keys' counts of the day: they are no change, and nobody follows them. Of one day the higher
  // count of a key is kept, of two days the later one; but one that is more than a day ahead gives
  // way, as in a day_count. Keys that are gone are ignored. Each key once.
  [[nodiscard]] virtual result<void> put_key_days(std::span<const key_day> counts) = 0;
  // Those of that day and later; older ones are removed.
  [[nodiscard]] virtual result<std::vector<key_day>> load_key_days(std::chrono::sys_days from) = 0;

  // The nodes that share the store: no change either. A node's row is replaced by what it tells
  // anew, its goodbye too.
  [[nodiscard]] virtual result<void> announce_node(const node_row& node) = 0;
  // not_found: it has never announced itself.
  [[nodiscard]] virtual result<void> node_said_goodbye(std::string_view name, wall_time at) = 0;
  // By name.
  [[nodiscard]] virtual result<std::vector<node_row>> list_nodes() = 0;

  // The number of the last change.
  [[nodiscard]] virtual result<std::uint64_t> change_number() = 0;

  // Returns when there may be a change, or after that time at the latest. Not every store is told
  // of changes, and a notice may be lost.
  virtual void await_change(std::chrono::milliseconds most) = 0;
  // Ends await_change, or else the next one. May be called from any thread.
  virtual void wake() noexcept = 0;
};

}  // namespace filemint::store
