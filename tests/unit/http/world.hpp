// A small node's knowledge for route tests: two sources with a signing key each, company co_xyz
// granted uploads/co_xyz on both, its API key, and tokens by hand.
#pragma once

#include "core/directory_builder.hpp"
#include "core/signing_key.hpp"
#include "core/snapshot.hpp"
#include "core/token.hpp"
#include "http/core_view.hpp"

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace filemint::http {

struct world {
  static constexpr std::string_view key_id = "keykeykey001";

  config settings;
  snapshot known;
  bool stale = false;
  instant at{wall_time{std::chrono::seconds{1'780'000'000}}, {}};

  world() {
    settings.sources = {source_config{.name = "magikarp"}, source_config{.name = "betaimages"}};
    for (const auto& source : settings.sources) {
      const secret raw{std::string(32, source.name[0])};
      const auto key =
          signing_key::from_raw(token_algorithm::hs256, source.name, source.name + "-1", raw);
      known.signing.emplace(source.name, key_ring({{*key, key_state::active, {}}}));
    }
    put_company(false, {"uploads/co_xyz"});
  }

  [[nodiscard]] core_view view() const { return {settings, known, at, stale}; }

  void put_company(bool suspended, std::vector<std::string> prefixes) {
    std::map<std::string, prefix_set, std::less<>> by_source;
    for (const auto& source : settings.sources)
      by_source.emplace(source.name, prefix_set(prefixes));
    directory_builder builder;
    const auto index = builder.put_company(
        {.id = "co_xyz", .suspended = suspended, .granted = grants(std::move(by_source))});
    api_key_record key{};
    key_id.copy(key.id, sizeof key.id);
    key.company = index;
    key.scope = scope_all;
    builder.put_key(key);
    known.people = builder.build();
  }

  void revoke_key() {
    directory_builder builder(known.people);
    builder.remove_key(key_id);
    known.people = builder.build();
  }

  // Valid from `at` for `life`.
  [[nodiscard]] std::string token(std::string_view source, std::string_view path,
                                  std::chrono::seconds life = std::chrono::seconds{300},
                                  std::string_view company = "co_xyz",
                                  std::optional<std::string_view> saved_as = {}) const {
    const auto& ring = known.signing.find(source)->second;
    const token_signer signer(*ring.active(), {.issuer = settings.mint.issuer,
                                               .source = source,
                                               .company = company,
                                               .key_id = key_id,
                                               .issued_at = at.wall,
                                               .expires_at = at.wall + life});
    if (saved_as) {
      std::string out(signer.size_for(path, *saved_as), '\0');
      signer.sign(path, *saved_as, 1, out.data());
      return out;
    }
    std::string out(signer.size_for(path), '\0');
    signer.sign(path, 1, out.data());
    return out;
  }
};

}  // namespace filemint::http
