#include "src/master_key.hpp"

#include "store/rules.hpp"

#include <memory>
#include <utility>

namespace filemint {

result<signing_key_ptr> open_sealed(const master_key& master, const store::signing_key_row& row) {
  if (!row.algorithm) return fail(errc::conflict, store::unknown_algorithm_of(row));
  return unseal(master, *row.algorithm, row.source, row.kid, row.sealed);
}

result<store::unseal_function> unsealer(const std::string& reference) {
  auto master = load_master_key(reference);
  if (!master) return std::unexpected(master.error());
  return [master = std::make_shared<const master_key>(std::move(*master))](
             const store::signing_key_row& row) { return open_sealed(*master, row); };
}

store::store::key_check opened_by(const master_key& master, std::string reference) {
  return [&master,
          reference = std::move(reference)](const store::signing_key_row& row) -> result<void> {
    if (!row.algorithm) return {};
    if (auto key = open_sealed(master, row); !key) {
      return fail(errc::wrong_key, "store.master_key (" + reference + "): " + key.error().message);
    }
    return {};
  };
}

result<void> check_master_key(const master_key& master, std::string_view reference,
                              store::store& kept) {
  const auto keys = kept.list_signing_keys();
  if (!keys) return std::unexpected(keys.error());
  const auto fits = opened_by(master, std::string{reference});
  for (const auto& row : *keys) {
    if (auto fit = fits(row); !fit) return fit;
  }
  return {};
}

}  // namespace filemint
