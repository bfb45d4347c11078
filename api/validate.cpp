#include "api/validate.hpp"

#include "api/json_text.hpp"
#include "core/hash.hpp"

#include <algorithm>
#include <bit>
#include <string>
#include <unordered_set>

namespace filemint::api {
namespace {

std::unexpected<error> too_many(std::size_t max_paths) {
  return fail(errc::unprocessable_entity,
              "filePaths holds more than " + std::to_string(max_paths) + " paths.",
              {{"max", static_cast<std::int64_t>(max_paths)}});
}

std::unexpected<error> life_out_of_range(std::chrono::seconds max_life) {
  return fail(errc::unprocessable_entity,
              "expiresIn must be from 1 to " + std::to_string(max_life.count()) + " seconds.",
              {{"field", "expiresIn"}, {"min", 1}, {"max", max_life.count()}});
}

std::unexpected<error> illegal_paths(std::span<const std::string_view> paths, path_rule holds) {
  std::vector<std::string> offenders;
  std::unordered_set<std::string_view> seen;
  for (const auto path : paths) {
    const auto legal = file_path::make(path);
    if (legal && (holds == nullptr || holds(*legal))) continue;
    const auto shown = cut_at_character(path, file_path::max_bytes);
    if (seen.insert(shown).second) offenders.emplace_back(shown);
  }
  return fail(errc::unprocessable_entity, "filePaths holds paths that are not legal.",
              {{"filePaths", std::move(offenders)}});
}

}  // namespace

void validate_scratch::prepare(std::size_t paths) {
  paths_.clear();
  paths_.reserve(paths);
  slots_.assign(std::bit_ceil(paths * 2), 0);
}

void validate_scratch::add_once(file_path path) {
  constexpr std::uint64_t index_bits = 0xffff'ffff;
  const auto hash = hash_bytes(path.bytes(), process_hash_seed());
  const auto mask = slots_.size() - 1;
  for (auto at = hash & mask;; at = (at + 1) & mask) {
    const auto slot = slots_[at];
    if (slot == 0) {
      paths_.push_back(path);
      slots_[at] = (hash & ~index_bits) | paths_.size();
      return;
    }
    if (((slot ^ hash) & ~index_bits) == 0 && paths_[(slot & index_bits) - 1] == path) return;
  }
}

result<mint_request> validate(const parsed_request& request, const source_limits& limits,
                              validate_scratch& scratch) {
  if (request.path_count > limits.max_paths || request.path_count > request.paths.size()) {
    return too_many(limits.max_paths);
  }
  const auto max_life = limits.max_life.count();
  const auto life = request.expires_in.value_or(limits.default_life.count());
  if (life < 1 || life > max_life) return life_out_of_range(limits.max_life);

  scratch.prepare(request.paths.size());
  for (const auto raw : request.paths) {
    const auto path = file_path::make(raw);
    if (!path) return illegal_paths(request.paths, limits.holds);
    scratch.add_once(*path);
  }
  if (limits.holds != nullptr && !std::ranges::all_of(scratch.paths_, limits.holds)) {
    return illegal_paths(request.paths, limits.holds);
  }
  return mint_request{limits.source, scratch.paths_, std::chrono::seconds{life}, request.urls};
}

}  // namespace filemint::api
