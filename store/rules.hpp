// What a row must be before it may enter a store, whatever the store. Each failure is an
// invalid_argument with a sentence that does not repeat the value.
#pragma once

#include "core/file_path.hpp"
#include "store/store.hpp"

namespace filemint::store {

[[nodiscard]] result<void> check(const company_row& row);
[[nodiscard]] result<void> check(const key_row& row);
[[nodiscard]] result<void> check(const signing_key_row& row);
[[nodiscard]] result<void> check(const revocation_order& asked);
[[nodiscard]] result<void> check(const node_row& row);
[[nodiscard]] result<void> check_window_limit(std::uint64_t limit);
[[nodiscard]] result<void> check_limits(const company_limits& limits);
[[nodiscard]] result<void> check_throttle(const throttle_terms& throttle);
[[nodiscard]] result<void> check_source(std::string_view source);

// As it is kept: without a trailing '/'. The last segment is never empty.
[[nodiscard]] result<std::string_view> checked_prefix(std::string_view prefix, path_rules rules);

// As they are written in a store.
[[nodiscard]] std::string_view name_of(key_state state) noexcept;
[[nodiscard]] std::optional<key_state> key_state_from(std::string_view name) noexcept;
// Empty: neither known here nor told.
[[nodiscard]] std::string_view name_of_algorithm(const signing_key_row& row) noexcept;
// Why such a key of an unknown algorithm can't be used, as a sentence for an operator.
[[nodiscard]] std::string unknown_algorithm_of(const signing_key_row& row);
[[nodiscard]] std::string_view name_of(revocation_kind kind) noexcept;
[[nodiscard]] std::optional<revocation_kind> revocation_kind_from(std::string_view name) noexcept;

}  // namespace filemint::store
