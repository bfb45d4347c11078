#include "src/master_key.hpp"

#include "core/sealed_key.hpp"

#include <memory>
#include <utility>

namespace filemint {

result<store::unseal_function> unsealer(const std::string& reference) {
  auto master = load_master_key(reference);
  if (!master) return std::unexpected(master.error());
  return [master = std::make_shared<const master_key>(std::move(*master))](
             const store::signing_key_row& row) {
    return unseal(*master, row.algorithm, row.source, row.kid, row.sealed);
  };
}

}  // namespace filemint
