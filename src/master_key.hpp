// What a node opens its store's signing keys with.
#pragma once

#include "core/result.hpp"
#include "store/follower.hpp"

#include <string>

namespace filemint {

// `reference`: file:PATH or env:NAME, read here and now. Errors: load_master_key's.
[[nodiscard]] result<store::unseal_function> unsealer(const std::string& reference);

}  // namespace filemint
