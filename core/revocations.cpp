#include "core/revocations.hpp"

#include "core/hash.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <unordered_map>
#include <utility>

namespace filemint {
namespace {

struct term {
  wall_time issued_until;
  wall_time forget_at;
};

struct text_hash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const noexcept {
    return hash_bytes(text, process_hash_seed());
  }
};
using terms = std::unordered_map<std::string, term, text_hash, std::equal_to<>>;

void put(terms& held, const revocation& added) {
  const auto [at, is_new] =
      held.try_emplace(added.value, term{added.issued_until, added.forget_at});
  if (is_new) return;
  at->second.issued_until = std::max(at->second.issued_until, added.issued_until);
  at->second.forget_at = std::max(at->second.forget_at, added.forget_at);
}

bool end(const terms& held, std::string_view value, wall_time issued_at) noexcept {
  if (held.empty()) return false;
  const auto found = held.find(value);
  return found != held.end() && issued_at <= found->second.issued_until;
}

struct source_terms {
  terms paths;
  terms prefixes;
};

// The path itself, each of its prefixes of whole segments, and the empty one.
bool end_by_prefix(const terms& prefixes, std::string_view path, wall_time issued_at) noexcept {
  if (prefixes.empty()) return false;
  for (;;) {
    if (end(prefixes, path, issued_at)) return true;
    if (path.empty()) return false;
    const auto slash = path.rfind('/');
    path = path.substr(0, slash == path.npos ? 0 : slash);
  }
}

}  // namespace

struct revocations::tables {
  terms jtis;
  terms keys;
  terms companies;
  std::map<std::string, source_terms, std::less<>> sources;

  terms& of(const revocation& one) {
    switch (one.kind) {
      case revocation_kind::jti:
        return jtis;
      case revocation_kind::key:
        return keys;
      case revocation_kind::company:
        return companies;
      case revocation_kind::path:
        return sources[one.source].paths;
      case revocation_kind::prefix:
        break;
    }
    return sources[one.source].prefixes;
  }

  template <class Visit>
  static void each(auto& held, Visit visit) {
    visit(held.jtis);
    visit(held.keys);
    visit(held.companies);
    for (auto& [name, of_source] : held.sources) {
      visit(of_source.paths);
      visit(of_source.prefixes);
    }
  }
};

bool revocations::end(const token_marks& token) const noexcept {
  if (held_ == nullptr) return false;
  if (held_->jtis.contains(token.jti)) return true;
  if (filemint::end(held_->keys, token.key_id, token.issued_at) ||
      filemint::end(held_->companies, token.company, token.issued_at)) {
    return true;
  }
  const auto on = held_->sources.find(token.source);
  return on != held_->sources.end() &&
         (filemint::end(on->second.paths, token.path, token.issued_at) ||
          end_by_prefix(on->second.prefixes, token.path, token.issued_at));
}

std::size_t revocations::size() const noexcept {
  std::size_t count = 0;
  if (held_ != nullptr) tables::each(*held_, [&](const terms& some) { count += some.size(); });
  return count;
}

std::vector<revocation> revocations::all() const {
  std::vector<revocation> out;
  if (held_ == nullptr) return out;
  const auto add = [&](revocation_kind kind, const std::string& source, const terms& some) {
    for (const auto& [value, of] : some) {
      out.push_back({kind, source, value, of.issued_until, of.forget_at});
    }
  };
  add(revocation_kind::jti, {}, held_->jtis);
  add(revocation_kind::key, {}, held_->keys);
  add(revocation_kind::company, {}, held_->companies);
  for (const auto& [source, of] : held_->sources) {
    add(revocation_kind::path, source, of.paths);
    add(revocation_kind::prefix, source, of.prefixes);
  }
  return out;
}

revocations revocations::with(std::span<const revocation> added) const {
  if (added.empty()) return *this;
  const auto made =
      held_ == nullptr ? std::make_shared<tables>() : std::make_shared<tables>(*held_);
  for (const auto& one : added) put(made->of(one), one);
  return revocations(made);
}

revocations revocations::without_forgotten(wall_time at) const {
  if (held_ == nullptr) return *this;
  const auto left = std::make_shared<tables>(*held_);
  tables::each(*left, [&](terms& some) {
    std::erase_if(some, [&](const auto& one) { return one.second.forget_at <= at; });
  });
  std::erase_if(left->sources, [](const auto& one) {
    return one.second.paths.empty() && one.second.prefixes.empty();
  });
  return revocations(left);
}

}  // namespace filemint
