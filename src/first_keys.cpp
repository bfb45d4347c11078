#include "src/first_keys.hpp"

#include "core/signing_key.hpp"
#include "src/master_key.hpp"

#include <algorithm>

namespace filemint {

result<void> make_first_keys(store::store& kept, const config& settings, const master_key& master,
                             wall_time at) {
  const auto keys = kept.list_signing_keys();
  if (!keys) return std::unexpected(keys.error());
  for (const auto& source : settings.sources) {
    if (!source.has_our_tokens()) continue;
    const auto is_its = [&](const store::signing_key_row& row) {
      return row.source == source.name;
    };
    if (std::ranges::any_of(*keys, is_its)) continue;
    const auto key = signing_key::generate(source.algorithm, source.name, signing_key::new_kid());
    if (!key) return std::unexpected(key.error());
    auto made = kept.insert_signing_key_beside({.kid = (*key)->kid(),
                                                .source = source.name,
                                                .algorithm = source.algorithm,
                                                .state = key_state::active,
                                                .sealed = seal(master, **key),
                                                .created_at = at,
                                                .activated_at = at,
                                                .retire_at = {}},
                                               opened_by(master, settings.store.master_key));
    // Another node that starts on the same store has just made one.
    if (!made && made.error().code != errc::conflict) return made;
  }
  return {};
}

}  // namespace filemint
