// The store in one SQLite file (WAL, foreign keys on, synchronous=FULL): the embedded default. A
// node and any number of CLI processes may have it open at once; two nodes may not. The file is
// made for its owner's eyes only.
#pragma once

#include "store/node_lock.hpp"
#include "store/sqlite.hpp"
#include "store/store.hpp"

#include <sys/stat.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>

namespace filemint::store {

enum class role : std::uint8_t {
  node,  // serves: one at a time
  cli,   // may work beside a node
};

struct sqlite_options {
  bool create = false;  // when there is none yet
  role as = role::cli;
  std::chrono::milliseconds busy{5'000};  // how long to wait for another process's write
  std::uint32_t max_pages = 0;            // of 4 KiB; 0: as many as the disk holds
};

class sqlite_store final : public store {
public:
  // Migrates what an older version has left. Errors, each a sentence that names the path: not_found
  // (there is none), conflict (another node has it, or it is another program's), store_too_new,
  // store_full, store_failed, io_failed.
  [[nodiscard]] static result<std::unique_ptr<sqlite_store>> open(const std::filesystem::path& path,
                                                                  const sqlite_options& options);

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
  [[nodiscard]] result<std::uint64_t> change_number() override;

private:
  struct file_id {
    dev_t device;
    ino_t inode;
    friend bool operator==(const file_id&, const file_id&) = default;
  };
  // What the connection saw when it was last read for a node.
  struct sighting {
    std::int64_t data_version;  // SQLite's, of this connection
    position at;
  };
  struct log_state {
    position at;
    std::uint64_t floor;  // the log does not reach further back
  };

  sqlite_store(std::filesystem::path path, const sqlite_options& options,
               std::optional<node_lock> lock, sqlite::connection db);
  static result<sqlite::connection> connect(const std::filesystem::path& path,
                                            const sqlite_options& options);
  static result<file_id> identify(const std::filesystem::path& path);

  // Runs `change`, a function of result<void>, in one transaction.
  template <class Change>
  result<void> write(Change&& change);
  // Each change tells the log, in its own transaction, what it was about.
  result<void> log(std::string_view kind, std::string_view id);
  result<void> log_everything();

  result<company_row> find_company(std::string_view id);
  result<signing_key_row> find_signing_key(std::string_view kid);
  result<void> purge_signing_keys(wall_time at);
  result<void> check_order(const revocation_order& asked);
  result<std::chrono::seconds> longest_life(const revocation_order& asked);

  result<void> reopen_if_replaced();
  result<std::int64_t> data_version();
  result<log_state> read_log_state();
  result<delta> read_changes(const log_state& state, std::uint64_t since);
  result<company> read_company(const company_row& row);

  std::filesystem::path path_;
  sqlite_options options_;
  std::optional<node_lock> lock_;
  sqlite::connection db_;
  std::optional<sqlite::statement> poll_;  // prepared once: it runs several times a second
  file_id file_{};
  std::optional<sighting> seen_;  // none: the next reader must load
};

template <class Change>
result<void> sqlite_store::write(Change&& change) {
  auto transaction = sqlite::transaction::begin(db_, sqlite::transaction::kind::write);
  if (!transaction) return std::unexpected(std::move(transaction.error()));
  if (auto done = change(); !done) return done;
  return transaction->commit();
}

}  // namespace filemint::store
