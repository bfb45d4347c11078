#include "core/cluster/disagreements.hpp"

#include <algorithm>

namespace filemint {
namespace {

bool hears(const disagreements::peer& p, const std::string& name) {
  return std::ranges::binary_search(*p.hears, name);
}

}  // namespace

std::vector<std::string> disagreements::to_drop(mono_time now, const std::vector<peer>& live) {
  std::map<std::pair<std::string, std::string>, mono_time> broken;
  std::vector<std::string> drop;
  const auto dropped = [&](const std::string& name) {
    return std::ranges::find(drop, name) != drop.end();
  };
  for (auto x = live.begin(); x != live.end(); ++x) {
    for (auto y = x + 1; y != live.end(); ++y) {
      if (hears(*x, y->name) && hears(*y, x->name)) continue;
      const std::pair ends{x->name, y->name};
      const auto known = broken_.find(ends);
      const auto since = known == broken_.end() ? now : known->second;
      broken.emplace(ends, since);
      if (now >= since + patience && !dropped(x->name) && !dropped(y->name)) {
        drop.push_back(y->name);
      }
    }
  }
  broken_ = std::move(broken);
  return drop;
}

}  // namespace filemint
