#include "store/open.hpp"

#include "store/sqlite/open.hpp"

namespace filemint::store {

result<std::unique_ptr<store>> open_store(const store_config& where, role as,
                                          when_missing missing) {
  return open_sqlite(where.path,
                     {.create = missing == when_missing::create, .as_node = as == role::node});
}

}  // namespace filemint::store
