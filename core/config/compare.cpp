#include "core/config/compare.hpp"

#include "core/config/scalar.hpp"
#include "core/config/schema.hpp"

#include <algorithm>
#include <cstddef>

namespace filemint {
namespace {

template <class Owner>
void compare(const std::vector<setting<Owner>>& keys, const std::string& section,
             const Owner& in_force, const Owner& wanted, std::vector<config_change>& out) {
  for (const auto& key : keys) {
    auto from = key.show(in_force);
    auto to = key.show(wanted);
    if (from == to) continue;
    if (key.secret) from = to = {};
    out.push_back({section + key.key, std::move(from), std::move(to), bool{key.keep}});
  }
}

template <class Owner>
void keep_until_restart(const std::vector<setting<Owner>>& keys, const Owner& in_force,
                        Owner& wanted) {
  for (const auto& key : keys) {
    if (key.keep) key.keep(wanted, in_force);
  }
}

void compare_listeners(const config& in_force, const config& wanted,
                       std::vector<config_change>& out) {
  const auto& before = in_force.listeners;
  const auto& after = wanted.listeners;
  for (std::size_t i = 0; i < std::max(before.size(), after.size()); ++i) {
    const auto key = "listeners[" + std::to_string(i) + "]";
    if (i >= after.size()) {
      out.push_back({key, write_endpoint(before[i].listen), {}, true});
    } else if (i >= before.size()) {
      out.push_back({key, {}, write_endpoint(after[i].listen), true});
    } else {
      compare(listener_settings(), key + ".", before[i], after[i], out);
    }
  }
}

std::string names_of(const cluster_config& cluster) {
  std::string all;
  for (const auto& peer : cluster.peers) {
    all += (all.empty() ? "" : ", ") + peer.name + " at " + write_endpoint(peer.address);
  }
  return "[" + all + "]";
}

std::string key_of(const source_config& source) {
  return "sources." + source.name;
}

}  // namespace

std::vector<config_change> changes_between(const config& in_force, const config& wanted) {
  std::vector<config_change> out;
  compare_listeners(in_force, wanted, out);
  compare(config_settings(), "", in_force, wanted, out);
  if (in_force.cluster.peers != wanted.cluster.peers) {
    out.push_back({"cluster.peers", names_of(in_force.cluster), names_of(wanted.cluster), true});
  }
  for (const auto& source : in_force.sources) {
    if (const auto* same = wanted.find_source(source.name)) {
      compare(source_settings(), key_of(source) + ".", source, *same, out);
    } else {
      out.push_back({key_of(source), source.name, {}, true});
    }
  }
  for (const auto& source : wanted.sources) {
    if (in_force.find_source(source.name) == nullptr) {
      out.push_back({key_of(source), {}, source.name, true});
    }
  }
  return out;
}

config changed_while_running(const config& in_force, const config& wanted) {
  auto out = wanted;
  keep_until_restart(config_settings(), in_force, out);
  out.listeners = in_force.listeners;
  out.sources = in_force.sources;
  for (auto& source : out.sources) {
    const auto* same = wanted.find_source(source.name);
    // What is right for one type may not be for another: with another one it stays as it is.
    if (same == nullptr || same->type != source.type) continue;
    auto taken = *same;
    keep_until_restart(source_settings(), source, taken);
    source = std::move(taken);
  }
  return out;
}

}  // namespace filemint
