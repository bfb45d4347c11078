// What opens a store's signing keys.
#pragma once

#include "core/result.hpp"
#include "core/sealed_key.hpp"
#include "store/follower.hpp"
#include "store/store.hpp"

#include <string>
#include <string_view>

namespace filemint {

// Errors: wrong_key; conflict: its algorithm is unknown to this version.
[[nodiscard]] result<signing_key_ptr> open_sealed(const master_key& master,
                                                  const store::signing_key_row& row);

// `reference`: file:PATH or env:NAME, read here and now. Errors: load_master_key's.
[[nodiscard]] result<store::unseal_function> unsealer(const std::string& reference);

// What the keys of a store are held to when one that was sealed under `master` is to join them: one
// that is sealed otherwise than the rest would stop the node at its next start, under either master
// key. Those of unknown algorithms are passed over. `reference`: where it was read from. Its error:
// wrong_key. `master` must outlive it.
[[nodiscard]] store::store::key_check opened_by(const master_key& master, std::string reference);

// The same of all keys of a store, where none is to join them. Errors: wrong_key, the store's.
[[nodiscard]] result<void> check_master_key(const master_key& master, std::string_view reference,
                                            store::store& kept);

}  // namespace filemint
