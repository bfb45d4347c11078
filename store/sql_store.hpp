// The store on a database: its statements and its rules of conduct (what is checked, what is
// logged, in which order), the same for SQLite and PostgreSQL.
#pragma once

#include "store/database.hpp"
#include "store/store.hpp"
#include "store/wake_event.hpp"

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace filemint::store {

class sql_store final : public store {
public:
  // The database's schema is up to date.
  explicit sql_store(std::unique_ptr<database> db) : db_(std::move(db)) {}

  [[nodiscard]] result<void> add_company(const company_row& added) override;
  [[nodiscard]] result<std::vector<company_row>> list_companies() override;
  [[nodiscard]] result<void> set_suspended(std::string_view company, bool suspended) override;
  [[nodiscard]] result<void> set_window_limit(std::string_view company,
                                              std::uint64_t limit) override;
  [[nodiscard]] result<void> set_company_limits(std::string_view company,
                                                const company_limits& limits) override;
  [[nodiscard]] result<void> set_key_throttle(std::string_view key_id,
                                              const throttle_terms& throttle) override;

  [[nodiscard]] result<void> insert_keys(std::span<const key_row> added) override;
  [[nodiscard]] result<std::vector<key_row>> list_keys(
      std::optional<std::string_view> company) override;
  [[nodiscard]] result<void> revoke_key(std::string_view key_id, wall_time at) override;

  [[nodiscard]] result<void> add_grant(const grant_row& added) override;
  [[nodiscard]] result<std::vector<grant_row>> list_grants(
      std::optional<std::string_view> company) override;
  [[nodiscard]] result<void> remove_grant(std::string_view company, std::string_view source,
                                          std::string_view prefix) override;

  [[nodiscard]] result<void> insert_signing_key_beside(const signing_key_row& added,
                                                       const key_check& fits) override;
  [[nodiscard]] result<std::vector<signing_key_row>> list_signing_keys() override;
  [[nodiscard]] result<void> activate_signing_key(const activation& asked) override;
  [[nodiscard]] result<void> retire_signing_key(std::string_view kid, wall_time at,
                                                bool force) override;
  [[nodiscard]] result<std::size_t> reseal_signing_keys(const reseal_function& reseal) override;

  [[nodiscard]] result<revocation> revoke_tokens(const revocation_order& asked) override;
  [[nodiscard]] result<std::vector<revocation>> list_revocations() override;
  [[nodiscard]] result<void> note_token_life(std::string_view source,
                                             std::chrono::seconds longest) override;

  [[nodiscard]] result<contents> load(const directory& base) override;
  [[nodiscard]] result<std::optional<delta>> changes_since(const position& known) override;
  [[nodiscard]] result<void> put_key_days(std::span<const key_day> counts) override;
  [[nodiscard]] result<std::vector<key_day>> load_key_days(std::chrono::sys_days from) override;
  [[nodiscard]] result<void> announce_node(const node_row& node) override;
  [[nodiscard]] result<void> node_said_goodbye(std::string_view name, wall_time at) override;
  [[nodiscard]] result<std::vector<node_row>> list_nodes() override;
  [[nodiscard]] result<std::uint64_t> change_number() override;
  void await_change(std::chrono::milliseconds most) override;
  void wake() noexcept override { wake_.set(); }

private:
  // What the connection saw when it was last read for a node.
  struct reading {
    sighting saw;
    position at;
  };
  struct log_state {
    position at;
    std::uint64_t floor;  // the log does not reach further back
  };

  // Runs `change`, a function of result<void>, in one transaction.
  template <class Change>
  result<void> write(access what, Change&& change);
  template <class Change>
  result<void> write(Change&& change) {
    return write(access::change, std::forward<Change>(change));
  }
  // Each change tells the log, in its own transaction, what it was about.
  result<void> log(std::string_view kind, std::string_view id);
  result<void> log_each(std::string_view kind, std::span<const std::string_view> ids);
  result<void> log_everything();

  result<company_row> find_company(std::string_view id);
  result<void> insert_sorted_keys(std::span<const key_row* const> sorted);
  result<signing_key_row> find_signing_key(std::string_view kid);
  result<void> purge_signing_keys(wall_time at);
  result<void> check_order(const revocation_order& asked);
  result<std::chrono::seconds> longest_life(const revocation_order& asked);

  result<log_state> read_log_state();
  result<delta> read_changes(const log_state& state, std::uint64_t since);
  result<void> read_changed_companies(std::uint64_t since, delta& changes);
  result<void> read_changed_keys(std::uint64_t since, delta& changes);

  const std::unique_ptr<database> db_;
  std::optional<reading> seen_;  // none: the next reader must load
  wake_event wake_;
};

template <class Change>
result<void> sql_store::write(access what, Change&& change) {
  auto open = transaction::begin(*db_, what);
  if (!open) return std::unexpected(std::move(open.error()));
  if (auto done = change(); !done) return done;
  return open->commit();
}

}  // namespace filemint::store
