// A store's database as one SQLite file (WAL, foreign keys on, synchronous=FULL). A node and any
// number of CLI processes may have it open at once; two nodes may not. The file is made for its
// owner's eyes only.
#pragma once

#include "store/database.hpp"
#include "store/sqlite/connection.hpp"
#include "store/sqlite/node_lock.hpp"

#include <sys/stat.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>

namespace filemint::store::sqlite {

struct options {
  bool create = false;  // when there is none yet
  bool as_node = false;
  std::chrono::milliseconds busy{5'000};  // how long to wait for another process's write
  std::uint32_t max_pages = 0;            // of 4 KiB; 0: as many as the disk holds
};

class database final : public filemint::store::database {
public:
  // Migrates what an older version has left. Errors, each a sentence that names the path: not_found
  // (there is none), conflict (another node has it, or it is another program's), store_too_new,
  // store_full, store_failed, io_failed.
  [[nodiscard]] static result<std::unique_ptr<database>> open(const std::filesystem::path& path,
                                                              const options& asked);
  // As it is, with whatever schema. Whether another file takes its place is not looked at.
  explicit database(connection db) : db_(std::move(db)) {}

  [[nodiscard]] result<std::uint64_t> execute(std::string_view sql, std::span<const value> values,
                                              const visitor& visit) override;
  [[nodiscard]] result<void> begin(access what) override;
  [[nodiscard]] result<void> commit() override;
  void roll_back() noexcept override;

  [[nodiscard]] result<void> refresh() override;
  [[nodiscard]] result<sighting> look() override;
  [[nodiscard]] result<void> tell_followers() override { return {}; }
  void await_change(std::chrono::milliseconds most, int wake_fd) noexcept override;

  [[nodiscard]] std::size_t known_steps() const noexcept override;
  [[nodiscard]] result<bool> is_empty() override;
  [[nodiscard]] result<void> run_script(const char* script) override;

  [[nodiscard]] result<void> expect_many_rows() override;
  void end_many_rows() noexcept override;

private:
  struct file_id {
    dev_t device;
    ino_t inode;
    friend bool operator==(const file_id&, const file_id&) = default;
  };
  static result<connection> connect(const std::filesystem::path& path, const options& asked);
  static result<file_id> identify(const std::filesystem::path& path);
  result<statement*> prepared(std::string_view sql);

  connection db_;
  // The last statement is kept prepared: a poll runs the same several times a second, a million
  // keys come by the hundreds.
  std::string last_sql_;
  std::optional<statement> last_;

  std::filesystem::path path_;
  options asked_;
  std::optional<node_lock> lock_;
  file_id file_{};
  std::uint64_t life_ = 1;  // another one for each file that was opened
};

}  // namespace filemint::store::sqlite
