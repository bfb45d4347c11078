// Opens the store that a configuration names.
#pragma once

#include "store/store.hpp"

#include <cstdint>
#include <memory>

namespace filemint::store {

enum class role : std::uint8_t {
  node,  // serves
  cli,   // may work beside a node
};

enum class when_missing : std::uint8_t { refuse, create };

// Migrates what an older version has left. Errors: those of the database that it is in.
[[nodiscard]] result<std::unique_ptr<store>> open_store(const store_config& where, role as,
                                                        when_missing missing);

}  // namespace filemint::store
