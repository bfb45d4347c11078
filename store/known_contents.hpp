// What a node knows of its store: takes up what was read, makes the snapshot of it, and keeps the
// last changes for those who can't read the store themselves.
#pragma once

#include "core/clock.hpp"
#include "core/directory_builder.hpp"
#include "core/snapshot.hpp"
#include "store/store.hpp"

#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace filemint::store {

// Opens a sealed signing key, with the master key that the function holds.
using unseal_function = std::function<result<signing_key_ptr>(const signing_key_row&)>;

// What has changed since a position, or all there is; cheap to copy.
struct excerpt {
  position at;
  bool whole = false;
  std::vector<std::shared_ptr<const delta>> steps = {};  // not whole: one after the other
  directory people = {};                                 // whole, and what follows
  std::vector<signing_key_row> signing_keys = {};
  revocations revoked = {};
};

// Not thread safe.
class known_contents {
public:
  // Steps are kept as long as they hold no more rows than that.
  explicit known_contents(std::size_t most_kept_rows) : most_kept_rows_(most_kept_rows) {}

  [[nodiscard]] const position& at() const noexcept { return at_; }
  [[nodiscard]] const directory& people() const noexcept { return people_; }

  void take(contents all);
  void take(delta changes);
  // All that there is, as rows, in the place of what is known; but revocations stay.
  void take_whole(delta rows);
  // True: some revocations were forgotten. It looks once a minute.
  bool forget_revocations(wall_time now);

  // All of them, or none on an error: wrong_key, with the key's name. Those of unknown algorithms
  // are passed over, here and below.
  [[nodiscard]] result<void> unseal_all(const unseal_function& unseal);
  // Those that are new. One that can't be unsealed goes on as it was before, if it was; the error
  // tells of it.
  [[nodiscard]] std::optional<error> unseal_changed(const unseal_function& unseal);
  // Which were passed over, and why: conflict.
  [[nodiscard]] std::optional<error> passed_over() const;
  // Another node has told of a key whose algorithm it does not know itself: the store may say more.
  [[nodiscard]] bool is_half_told() const;
  [[nodiscard]] snapshot_ptr make_snapshot() const;

  // conflict: of another store. service_unavailable: it is ahead of what is known here.
  [[nodiscard]] result<excerpt> since(const position& known) const;

private:
  struct unsealed_key {
    std::string sealed;  // what it was made of
    signing_key_ptr key;
  };
  struct step {
    std::uint64_t from;  // number; all are of the life that `at_` is of
    std::shared_ptr<const delta> changes;
  };
  void apply(directory_builder& people, delta& changes);
  void keep(const delta& changes);
  void forget_steps();

  const std::size_t most_kept_rows_;
  position at_;
  directory people_;
  std::vector<signing_key_row> rows_;
  std::map<std::string, unsealed_key, std::less<>> keys_;  // by kid
  revocations revoked_;
  wall_time next_forgetting_{};
  std::deque<step> steps_;
  std::size_t kept_rows_ = 0;
};

}  // namespace filemint::store
