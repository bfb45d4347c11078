#include "api/validate.hpp"

#include "api/json_text.hpp"
#include "core/hash.hpp"

#include <algorithm>
#include <bit>
#include <functional>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

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

// Each once.
failed_paths illegal_among(std::span<const std::string_view> paths, const source_limits& limits) {
  failed_paths illegal{errc::unprocessable_entity};
  std::unordered_set<std::string_view> seen;
  for (const auto path : paths) {
    const auto legal = file_path::make(path, limits.rules);
    if (legal && (limits.holds == nullptr || limits.holds(*legal))) continue;
    const auto shown = cut_at_character(path, file_path::max_bytes);
    if (seen.insert(shown).second) illegal.paths.emplace_back(shown);
  }
  return illegal;
}

std::unexpected<error> bad_download(std::string message, std::vector<std::string> paths) {
  return fail(errc::unprocessable_entity, std::move(message),
              {{"field", "download"}, {"filePaths", std::move(paths)}});
}

result<void> check_download(const parsed_request& request, const source_limits& limits) {
  if (request.download.none()) return {};
  if (!limits.signs_attachments) {
    return fail(errc::unprocessable_entity, "The source cannot sign how a file is to be saved.",
                {{"field", "download"}});
  }
  std::vector<std::string> badly_named, unknown;
  const std::unordered_set<std::string_view> asked(request.paths.begin(), request.paths.end());
  for (const auto& [path, name] : request.download.named()) {
    const auto shown = cut_at_character(path, file_path::max_bytes);
    if (!asked.contains(path)) unknown.emplace_back(shown);
    if (!is_file_name(name)) badly_named.emplace_back(shown);
  }
  if (!unknown.empty() || request.download_count > request.download.named().size()) {
    return bad_download("download names paths that filePaths does not hold.", std::move(unknown));
  }
  if (!badly_named.empty())
    return bad_download("download holds names that no file can have.", std::move(badly_named));
  return {};
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

  if (auto fit = check_download(request, limits); !fit) return std::unexpected(fit.error());

  scratch.prepare(request.paths.size());
  bool all_legal = true;
  for (const auto raw : request.paths) {
    if (const auto path = file_path::make(raw, limits.rules)) {
      scratch.add_once(*path);
    } else {
      all_legal = false;
    }
  }
  if (limits.holds != nullptr && !std::ranges::all_of(scratch.paths_, limits.holds)) {
    all_legal = false;
    std::erase_if(scratch.paths_, std::not_fn(limits.holds));
  }
  mint_request valid{.source = limits.source,
                     .paths = scratch.paths_,
                     .expires_in = std::chrono::seconds{life},
                     .urls = request.urls,
                     .saved_as = request.download,
                     .partial = request.partial};
  if (all_legal) return valid;
  auto illegal = illegal_among(request.paths, limits);
  if (!request.partial || valid.paths.empty()) return std::unexpected(to_error(std::move(illegal)));
  valid.failed.push_back(std::move(illegal));
  return valid;
}

result<void> fail_paths(mint_request& request, errc code, std::span<const std::size_t> which,
                        validate_scratch& scratch) {
  if (which.empty()) return {};
  failed_paths failed{code};
  for (const auto i : which) failed.paths.emplace_back(request.paths[i].bytes());
  if (!request.partial) return std::unexpected(to_error(std::move(failed)));
  request.failed.push_back(std::move(failed));
  auto next = which.begin();
  std::size_t at = 0;
  std::erase_if(scratch.paths_, [&](file_path) {
    const bool gone = next != which.end() && *next == at;
    next += gone ? 1 : 0;
    ++at;
    return gone;
  });
  request.paths = scratch.paths_;
  if (request.paths.empty()) return std::unexpected(to_error(std::move(request.failed.front())));
  return {};
}

}  // namespace filemint::api
