// A handler catches what it calls: an exception fails its own exchange, which answers 500 as it is
// dropped.
#pragma once

#include "actors/core_context.hpp"

#include <exception>
#include <string>
#include <string_view>

namespace filemint::actors {

template <class Work>
bool guarded(const core_context& core, std::string_view actor, Work&& work) noexcept {
  try {
    work();
    return true;
  } catch (const std::exception& e) {
    core.node.report(std::string{actor} + ": " + e.what());
  } catch (...) {
    core.node.report(std::string{actor} + ": an exception of an unknown type");
  }
  return false;
}

}  // namespace filemint::actors
