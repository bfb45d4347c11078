// Whether files of object stores exist: a store a source, asked by signed HEAD requests. What it is
// asked of other sources, another prober answers.
#pragma once

#include "actors/fetcher.hpp"
#include "actors/prober.hpp"
#include "backends/backend.hpp"
#include "core/clock.hpp"
#include "core/config/config.hpp"
#include "http/probed_storage.hpp"
#include "metrics/storage_numbers.hpp"

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace filemint::http {

// Thread safe: what it keeps of a store is touched on the fetcher's one thread alone. The fetcher
// has ended when this goes.
class storage_prober final : public actors::prober {
public:
  struct hooks {
    std::function<void(std::string_view source, std::string_view what)> warn;
    std::function<instant()> now = filemint::now;
  };

  // Of the sources those that are on object stores; `backends` stand in the sources' order.
  storage_prober(actors::fetcher& by, actors::prober& others,
                 std::span<const source_config> sources,
                 std::span<const backends::backend* const> backends, const hooks& around);

  void probe(const actors::probe_question& asked,
             std::move_only_function<void(actors::probe_outcome)> done) override;

  // What a reload has changed of them.
  void put_terms(std::span<const source_config> sources);

  // Once the fetcher has ended: calls that still wait are answered service_unavailable.
  void end();

  // Where the store's circuit stands; closed for a source that is on none. One that can be tried is
  // half open, whether somebody has asked since or not.
  [[nodiscard]] circuit_state state_of(std::string_view source) const;
  [[nodiscard]] std::vector<metrics::storage_numbers> numbers() const;

private:
  actors::fetcher& by_;
  actors::prober& others_;
  std::function<instant()> now_;
  std::map<std::string, std::shared_ptr<probed_storage>, std::less<>> storages_;  // fixed
};

}  // namespace filemint::http
