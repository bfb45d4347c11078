// Every key of the configuration file in one table: its name, what it sets, what it takes, and what
// it is for. The loader reads by it and the example is written from it, so the two can't drift.
#pragma once

#include "core/config/config.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace filemint {

// One key of an Owner (config, source_config or listener_config). Immutable, thread safe.
template <class Owner>
struct setting {
  std::string key;        // sections and name, http.header_timeout
  std::string comment;    // what it is for, in lines of at most 96
  std::string takes;      // "a duration from 1ms to 5m": what is told to who writes something else
  bool text = false;      // a string: may stand in quotes
  bool secret = false;    // its value is never told back
  bool withheld = false;  // a value that is wrong is not: a password may stand in it
  std::function<bool(Owner&, const std::string&)> set;  // false: the text is not what it takes
  std::function<std::string(const Owner&)> show;        // as a YAML scalar or list
  // In place of `set`: a list, whose entries it takes.
  std::function<bool(Owner&, const std::vector<std::string>&)> set_list = {};
  // Of a key that a running node cannot change: puts the value of `from` into `to`.
  std::function<void(Owner& to, const Owner& from)> keep = {};
};

// In the order of the example; the keys of one section stand together.
[[nodiscard]] const std::vector<setting<config>>& config_settings();
// The keys of one entry of `sources`; `name` is the first.
[[nodiscard]] const std::vector<setting<source_config>>& source_settings();
// The keys of one entry of `cluster.peers`; `name` is the first.
[[nodiscard]] const std::vector<setting<cluster_peer_config>>& cluster_peer_settings();
// The keys of one entry of `listeners`; `listen` is the first.
[[nodiscard]] const std::vector<setting<listener_config>>& listener_settings();

}  // namespace filemint
