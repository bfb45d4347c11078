#include "store/migration.hpp"

#include <string>

namespace filemint::store {
namespace {

// How many steps the store has taken; 0: it is empty.
result<std::size_t> steps_taken(database& db, std::size_t known) {
  const auto empty = db.is_empty();
  if (!empty) return std::unexpected(empty.error());
  if (*empty) return 0;
  std::int64_t version = 0;
  std::int64_t min_reader = 0;
  auto read = db.each("SELECT schema_version, min_reader FROM meta", [&](const row& meta) {
    version = meta.integer(0);
    min_reader = meta.integer(1);
  });
  if (!read) return std::unexpected(std::move(read.error()));
  if (auto fit = check_min_reader(min_reader, known); !fit) {
    return std::unexpected(std::move(fit.error()));
  }
  return static_cast<std::size_t>(version);
}

// True: a step was taken. Another process may have taken it meanwhile.
result<bool> take_next(database& db, std::span<const migration> known) {
  auto change = transaction::begin(db, access::schema);
  if (!change) return std::unexpected(std::move(change.error()));
  const auto taken = steps_taken(db, known.size());
  if (!taken) return std::unexpected(taken.error());
  if (*taken >= known.size()) return false;
  const auto& step = known[*taken];
  if (auto done = db.run_script(step.script); !done) return std::unexpected(done.error());
  auto noted =
      db.run("UPDATE meta SET schema_version = $1, min_reader = $2", *taken + 1, step.min_reader);
  if (!noted) return std::unexpected(std::move(noted.error()));
  if (auto done = change->commit(); !done) return std::unexpected(std::move(done.error()));
  return true;
}

}  // namespace

result<void> migrate(database& db, std::span<const migration> known) {
  const auto taken = steps_taken(db, known.size());
  if (!taken) return std::unexpected(taken.error());
  if (*taken >= known.size()) return {};  // without a lock: a reader needs no room on the disk
  for (;;) {
    const auto more = take_next(db, known);
    if (!more) return std::unexpected(more.error());
    if (!*more) return {};
  }
}

result<void> check_min_reader(std::int64_t min_reader, std::size_t known) {
  if (min_reader <= static_cast<std::int64_t>(known)) return {};
  return fail(errc::store_too_new,
              "the store was upgraded by a newer filemint (it asks for schema " +
                  std::to_string(min_reader) + ", this one knows " + std::to_string(known) +
                  "): install that version here too");
}

}  // namespace filemint::store
