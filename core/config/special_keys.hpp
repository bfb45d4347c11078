// Keys that are more than a scalar of a kind: lists, and what a running node cannot change.
#pragma once

#include "core/config/kinds.hpp"

#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace filemint {

// A list in place of a scalar: `read` reads an entry (an optional), `write` gives it as text.
template <class Owner, class At, class Read, class Write>
void add_list(keys<Owner>& k, const std::string& key, const std::string& takes, At at,
              const std::string& comment, Read read, Write write) {
  k.add(key, takes, comment, {}, [=](const Owner& owner) {
    std::string shown;
    for (const auto& each : at(owner))
      shown += (shown.empty() ? "" : ", ") + write_text(write(each));
    return "[" + shown + "]";
  });
  k.all.back().set_list = [=](Owner& owner, const std::vector<std::string>& entries) {
    std::remove_cvref_t<decltype(at(owner))> values;
    for (const auto& entry : entries) {
      auto value = read(entry);
      if (!value) return false;
      values.push_back(std::move(*value));
    }
    at(owner) = std::move(values);
    return true;
  };
}

// The latest key is in force from a start to the end: a reload leaves it as it is.
template <class Owner, class At>
void until_restart(keys<Owner>& k, At at) {
  k.all.back().keep = [=](Owner& to, const Owner& from) { at(to) = at(from); };
}

}  // namespace filemint
