#include "http/storage_prober.hpp"

#include <cstddef>
#include <random>
#include <utility>

namespace filemint::http {
namespace {

storage_terms terms_of(const source_config& source) {
  return {.cache = {.entries = source.exists_cache_entries, .life = source.exists_cache_life},
          .missing_as_403 = source.missing_as_403};
}

}  // namespace

storage_prober::storage_prober(actors::fetcher& by, actors::prober& others,
                               std::span<const source_config> sources,
                               std::span<const backends::backend* const> backends,
                               const hooks& around)
    : by_(by), others_(others), now_(around.now) {
  std::random_device chance;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    const auto& source = sources[i];
    if (backends[i]->probes().public_url.empty()) continue;
    const auto tell = [warn = around.warn, name = source.name](std::string_view what) {
      warn(name, what);
    };
    storages_.emplace(source.name,
                      std::make_shared<probed_storage>(
                          *backends[i], terms_of(source),
                          probed_storage::surroundings{
                              .by = by, .now = around.now, .tell = tell, .seed = chance()}));
  }
}

void storage_prober::probe(const actors::probe_question& asked,
                           std::move_only_function<void(actors::probe_outcome)> done) {
  const auto found = storages_.find(asked.source);
  if (found == storages_.end()) return others_.probe(asked, std::move(done));
  by_.run([of = found->second,
           task = probe_task{asked.paths, now_().mono + asked.within, std::move(done)}]() mutable {
    of->look(std::move(task));
  });
}

void storage_prober::put_terms(std::span<const source_config> sources) {
  for (const auto& source : sources) {
    const auto found = storages_.find(source.name);
    if (found == storages_.end()) continue;
    by_.run([of = found->second, terms = terms_of(source)] { of->set_terms(terms); });
  }
}

void storage_prober::end() {
  for (const auto& [source, storage] : storages_) storage->end();
}

circuit_state storage_prober::state_of(std::string_view source) const {
  const auto found = storages_.find(source);
  if (found == storages_.end()) return circuit_state::closed;
  return static_cast<circuit_state>(metrics::circuit_state_of(found->second->cells(), now_().mono));
}

std::vector<metrics::storage_numbers> storage_prober::numbers() const {
  std::vector<metrics::storage_numbers> all;
  for (const auto& [source, storage] : storages_) all.push_back({source, &storage->cells()});
  return all;
}

}  // namespace filemint::http
