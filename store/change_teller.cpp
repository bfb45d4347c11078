#include "store/change_teller.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace filemint::store {
namespace {

// About what a row takes on the wire.
std::size_t bytes_of(const company& row) {
  std::size_t bytes = 64 + row.id.size();
  for (const auto& [source, prefixes] : row.granted.by_source()) {
    bytes += 8 + source.size();
    for (const auto& prefix : prefixes.prefixes()) bytes += 2 + prefix.size();
  }
  return bytes;
}
std::size_t bytes_of(const key_row& row) {
  return 80 + row.company.size();
}
std::size_t bytes_of(const std::string& revoked_key) {
  return 2 + revoked_key.size();
}
std::size_t bytes_of(const signing_key_row& row) {
  return 64 + row.kid.size() + row.source.size() + row.sealed.size();
}
std::size_t bytes_of(const revocation& row) {
  return 32 + row.source.size() + row.value.size();
}

key_row row_of(const api_key_record& key, const directory& people) {
  key_row row{.id = std::string(key.id_view()),
              .company = people.company_at(key.company).id,
              .secret_hash = key.secret_hash,
              .scope = key.scope,
              .throttle = key.throttle};
  if (key.expires_at != 0) row.expires_at = wall_time{std::chrono::seconds{key.expires_at}};
  return row;
}

template <class Row>
void append(std::vector<Row>& to, const std::vector<Row>& some) {
  to.insert(to.end(), some.begin(), some.end());
}

void append(delta& to, const delta& step) {
  append(to.companies, step.companies);
  append(to.keys, step.keys);
  append(to.revoked_keys, step.revoked_keys);
  append(to.revoked, step.revoked);
  if (step.signing_keys) to.signing_keys = step.signing_keys;
}

// Moves rows over while there is room, from that one on. True: all are over. `row` counts through
// the lists of a delta, of which this is one.
template <class Row>
bool move_some(std::vector<Row>& from, std::vector<Row>& to, std::size_t& row, std::size_t& bytes) {
  if (from.empty()) return true;
  while (row < from.size()) {
    if (bytes >= part_bytes) return false;
    bytes += bytes_of(from[row]);
    to.push_back(std::move(from[row++]));
  }
  from = {};
  row = 0;
  return true;
}

}  // namespace

result<change_part> change_teller::tell(const std::string& who, const change_question& asked,
                                        mono_time now) {
  std::erase_if(answers_, [&](const auto& each) { return now - each.second.asked > kept; });
  if (asked.part == 0) {
    auto begun = begin(asked.known, now);
    if (!begun) return std::unexpected(std::move(begun.error()));
    answers_.insert_or_assign(who, std::move(*begun));
  }
  const auto found = answers_.find(who);
  if (found == answers_.end() || found->second.part != asked.part) {
    return fail(errc::service_unavailable, "that part is not the next one");
  }
  found->second.asked = now;
  auto part = next(found->second);
  if (part.last) answers_.erase(found);
  return part;
}

result<change_teller::answer> change_teller::begin(const position& known, mono_time now) const {
  auto found = from_.changes_since(known, now);
  if (!found) return std::unexpected(std::move(found.error()));
  answer made{.what = std::move(found->what), .age = found->age, .asked = now};
  for (const auto& step : made.what.steps) append(made.rows, *step);
  if (made.what.whole) {
    made.rows.signing_keys = std::move(made.what.signing_keys);
    made.rows.revoked = made.what.revoked.all();
  }
  return made;
}

change_part change_teller::next(answer& of) {
  change_part part{.whole = of.what.whole, .age = of.age};
  part.rows.at = of.what.at;
  ++of.part;
  std::size_t bytes = 0;
  const auto& people = of.what.people;
  for (; of.what.whole && of.company < people.company_count(); ++of.company) {
    if (bytes >= part_bytes) return part;
    bytes += bytes_of(people.company_at(of.company));
    part.rows.companies.push_back(people.company_at(of.company));
  }
  for (; of.what.whole && of.shard < directory::shard_count; ++of.shard) {
    if (bytes >= part_bytes) return part;
    people.each_key_of_shard(of.shard, [&](const api_key_record& key) {
      part.rows.keys.push_back(row_of(key, people));
      bytes += bytes_of(part.rows.keys.back());
    });
  }
  auto& rows = of.rows;
  if (!move_some(rows.companies, part.rows.companies, of.row, bytes) ||
      !move_some(rows.keys, part.rows.keys, of.row, bytes) ||
      !move_some(rows.revoked_keys, part.rows.revoked_keys, of.row, bytes) ||
      !move_some(rows.revoked, part.rows.revoked, of.row, bytes)) {
    return part;
  }
  if (rows.signing_keys) {
    part.rows.signing_keys.emplace();
    if (!move_some(*rows.signing_keys, *part.rows.signing_keys, of.row, bytes)) return part;
  }
  part.last = true;
  return part;
}

}  // namespace filemint::store
