#include "store/rules.hpp"

#include "core/caller_limits.hpp"
#include "core/file_path.hpp"
#include "core/signing_key.hpp"

#include <algorithm>
#include <limits>

namespace filemint::store {
namespace {

constexpr std::uint64_t max_window_limit = 1'000'000'000;
constexpr std::string_view lower = "abcdefghijklmnopqrstuvwxyz";
constexpr std::string_view upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
constexpr std::string_view digits = "0123456789";

// `signs`: what is allowed beside letters and digits.
bool is_name(std::string_view text, std::size_t most, std::string_view signs,
             std::string_view letters = upper) {
  const auto allowed = [&](char c) {
    return lower.contains(c) || letters.contains(c) || digits.contains(c) || signs.contains(c);
  };
  return !text.empty() && text.size() <= most && std::ranges::all_of(text, allowed);
}

}  // namespace

result<void> check(const company_row& row) {
  if (!is_name(row.id, 64, "_-")) {
    return fail(errc::invalid_argument, "a company's id is 1 to 64 of A-Z a-z 0-9 _ -");
  }
  return check_limits({row.window_limit, row.token_limit, row.throttle});
}

result<void> check_limits(const company_limits& limits) {
  if (auto fit = check_window_limit(limits.calls); !fit) return fit;
  if (limits.tokens > max_window_limit && limits.tokens != tokens_not_limited) {
    return fail(errc::invalid_argument, "a window's limit is at most 1000000000 tokens");
  }
  return check_throttle(limits.throttle);
}

result<void> check_throttle(const throttle_terms& throttle) {
  const auto& [per_day, rate, burst] = throttle;
  if (rate > throttle_terms::most_rate && rate != throttle_terms::no_rate) {
    return fail(errc::invalid_argument, "a throttle's rate is at most 10000 calls a second");
  }
  if (burst > throttle_terms::most_burst) {
    return fail(errc::invalid_argument, "a throttle's burst is at most 10000 calls");
  }
  if (per_day > throttle_terms::most_a_day && per_day != throttle_terms::no_day) {
    return fail(errc::invalid_argument, "a throttle's calls a day are at most 1000000000");
  }
  return {};
}

result<void> check_window_limit(std::uint64_t limit) {
  if (limit > max_window_limit) {
    return fail(errc::invalid_argument, "a window's limit is at most 1000000000 calls");
  }
  return {};
}

result<void> check(const key_row& row) {
  constexpr auto size = api_key_record::id_bytes;
  if (row.id.size() != size || !is_name(row.id, size, "")) {
    return fail(errc::invalid_argument, "an API key's id is 12 of A-Z a-z 0-9");
  }
  if (row.scope == 0 || (row.scope & ~scope_all) != 0) {
    return fail(errc::invalid_argument, "an API key is scoped to one route at least");
  }
  if (auto fit = check_throttle(row.throttle); !fit) return fit;
  if (row.expires_at) {
    const auto at = unix_seconds(*row.expires_at);
    if (at <= 0 || at > std::numeric_limits<std::uint32_t>::max()) {
      return fail(errc::invalid_argument, "an API key expires between 1970 and 2106");
    }
    if (*row.expires_at <= row.created_at) {
      return fail(errc::invalid_argument, "an API key expires after it was made");
    }
  }
  return {};
}

result<void> check(const signing_key_row& row) {
  if (!is_name(row.kid, 64, "._-")) {
    return fail(errc::invalid_argument, "a signing key's kid is 1 to 64 of A-Z a-z 0-9 . _ -");
  }
  if (!row.algorithm) return fail(errc::invalid_argument, "a new signing key's algorithm is known");
  if (row.sealed.empty()) return fail(errc::invalid_argument, "a signing key is kept sealed");
  return check_source(row.source);
}

result<void> check(const revocation_order& asked) {
  using enum revocation_kind;
  switch (asked.kind) {
    case jti:
      if (is_name(asked.value, 64, "_-")) return {};
      return fail(errc::invalid_argument, "a token's jti is 1 to 64 of A-Z a-z 0-9 _ -");
    case path:
      if (!file_path::make(asked.value)) {
        return fail(errc::invalid_argument, "that is no path that a token could have");
      }
      return check_source(asked.source);
    case prefix:
      if (auto fit = checked_prefix(asked.value, path_rules::strict); !fit) {
        return std::unexpected(fit.error());
      }
      return check_source(asked.source);
    case key:
    case company:
      break;
  }
  return {};  // whether there is such a one is the store's to know
}

result<void> check(const node_row& row) {
  if (!is_name(row.name, 64, "._-")) {
    return fail(errc::invalid_argument, "a node's name is 1 to 64 of A-Z a-z 0-9 . _ -");
  }
  if (!is_name(row.version, 64, "._+~-")) {
    return fail(errc::invalid_argument, "a version is 1 to 64 of A-Z a-z 0-9 . _ + ~ -");
  }
  return {};
}

result<void> check_source(std::string_view source) {
  if (!is_name(source, 32, "_-", "")) {
    return fail(errc::invalid_argument, "a source's name is 1 to 32 of a-z 0-9 _ -");
  }
  return {};
}

result<std::string_view> checked_prefix(std::string_view prefix, path_rules rules) {
  if (prefix.empty()) return prefix;
  auto path = prefix;
  if (path.ends_with('/')) path.remove_suffix(1);
  // An empty last segment could be taken for the trailing '/' once more, and cover more.
  if (!file_path::make(path, rules) || path.ends_with('/')) {
    return fail(errc::invalid_argument,
                "a prefix is a path of whole segments, as file paths are written");
  }
  return path;
}

std::string_view name_of(key_state state) noexcept {
  switch (state) {
    case key_state::prepared:
      return "prepared";
    case key_state::active:
      return "active";
    case key_state::retiring:
      return "retiring";
  }
  return {};
}

std::optional<key_state> key_state_from(std::string_view name) noexcept {
  for (const auto state : {key_state::prepared, key_state::active, key_state::retiring}) {
    if (name == name_of(state)) return state;
  }
  return std::nullopt;
}

std::string_view name_of_algorithm(const signing_key_row& row) noexcept {
  return row.algorithm ? jose_name(*row.algorithm) : std::string_view(row.unknown_algorithm);
}

std::string unknown_algorithm_of(const signing_key_row& row) {
  return "the signing key " + row.kid + " of " + row.source + " is of an algorithm" +
         (row.unknown_algorithm.empty() ? "" : ", " + row.unknown_algorithm + ",") +
         " that this version of filemint does not know";
}

std::string_view name_of(revocation_kind kind) noexcept {
  switch (kind) {
    case revocation_kind::jti:
      return "jti";
    case revocation_kind::key:
      return "key";
    case revocation_kind::company:
      return "company";
    case revocation_kind::path:
      return "path";
    case revocation_kind::prefix:
      return "prefix";
  }
  return {};
}

std::optional<revocation_kind> revocation_kind_from(std::string_view name) noexcept {
  using enum revocation_kind;
  for (const auto kind : {jti, key, company, path, prefix}) {
    if (name == name_of(kind)) return kind;
  }
  return std::nullopt;
}

}  // namespace filemint::store
