// Nodes that a node hears but that don't hear each other can't all share one view. Whoever hears
// both ends of a broken link drops the one with the greater name and says so, and that one drops it
// in turn: so a link that is cut leaves groups that agree, as if one node had been cut off.
#pragma once

#include "core/clock.hpp"

#include <chrono>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace filemint {

// What one node sees of it. Times passed in never go back. Thread safety: none, one owner.
class disagreements {
public:
  // A node that is gone is dropped by some a little before others: that is no disagreement yet.
  static constexpr std::chrono::milliseconds patience{1'500};

  struct peer {
    std::string name;
    const std::vector<std::string>* hears;  // sorted
  };

  // Whom to drop of the live peers, all of which stand there, by name. O(peers²) look-ups.
  [[nodiscard]] std::vector<std::string> to_drop(mono_time now, const std::vector<peer>& live);

private:
  std::map<std::pair<std::string, std::string>, mono_time> broken_;  // both ends, since
};

}  // namespace filemint
