// What no single key can get wrong: values that are each fine and do not go together. Thread safe.
#pragma once

#include "core/config/load.hpp"

#include <map>
#include <string>
#include <vector>

namespace filemint {

struct position {
  int line = 0;  // both from 1; 0: not known
  int column = 0;
};

// What the loader learns about a file beside its values.
struct config_notes {
  std::string file;
  std::map<std::string, position> positions = {};  // of each key's value
  std::vector<config_problem> problems = {};

  // Whether there is a problem with that very key already.
  [[nodiscard]] bool refused(const std::string& key) const;
  void complain(position where, std::string key, std::string message);
  // At the value of `key`; where the file has it not, at `otherwise`.
  void complain_at(const std::string& key, const std::string& otherwise, std::string message);
};

// Adds a problem for each contradiction.
void check_contradictions(const config& values, config_notes& notes);

// The same for values that no file holds as they stand: problems without a place.
[[nodiscard]] std::vector<config_problem> find_contradictions(const config& values,
                                                              const std::string& file);

}  // namespace filemint
