// What /health looks at.
#include "actors/roll_call.hpp"
#include "src/node.hpp"

#include <caf/send.hpp>

#include <algorithm>
#include <iterator>
#include <memory>
#include <utility>

namespace filemint {

std::vector<http::health_check> node::health_checks() {
  const auto at_once = [](auto is_well) {
    return [is_well](std::move_only_function<void(bool)> done) { done(is_well()); };
  };
  std::vector<http::health_check> checks;
  // The follower looks several times a second; a look that hangs shows in the age of the last.
  checks.push_back({"store", at_once([this] { return store_->is_read(mono_clock::now()); })});
  checks.push_back({"signing_keys", at_once([this] {
                      const auto known = latest_known_.load();
                      const auto signs = [&](const source_config& source) {
                        if (!source.has_our_tokens()) return true;
                        const auto ring = known->signing.find(source.name);
                        return ring != known->signing.end() && ring->second.active() != nullptr;
                      };
                      return std::ranges::all_of(settings_.sources, signs);
                    })});
  checks.push_back({"limiter", [this](std::move_only_function<void(bool)> done) {
                      const auto call =
                          std::make_shared<actors::roll_call>(cores_.size(), std::move(done));
                      for (const auto& each : cores_) {
                        caf::anon_send(each->supervisor, actors::roll_called{call});
                      }
                    }});
  if (settings_.cluster.enabled()) {
    checks.push_back({"cluster", at_once([this] { return cluster_ && cluster_->is_well(); })});
    checks.push_back(
        {"contact", at_once([this] { return !shared_->is_isolated(mono_clock::now()); })});
  }
  for (const auto& source : settings_.sources) {
    if (!source.has_our_tokens()) {
      checks.push_back({"backend." + source.name, at_once([this, name = source.name] {
                          return remote_->prober().state_of(name) != circuit_state::open;
                        })});
    }
    if (!source.is_local()) continue;
    checks.push_back({"backend." + source.name,
                      [this, name = source.name](std::move_only_function<void(bool)> done) {
                        files_->look_at_root(name, std::move(done));
                      }});
  }
  std::ranges::move(signers_->health_checks(), std::back_inserter(checks));
  return checks;
}

}  // namespace filemint
