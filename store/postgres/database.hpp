// A store's database on a PostgreSQL server, in its schema "filemint". Any number of nodes and CLI
// processes may have it open. A connection that is lost is made anew by the next call; what was
// underway has failed.
#pragma once

#include "store/database.hpp"
#include "store/postgres/connection.hpp"
#include "store/postgres/conninfo.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string_view>

namespace filemint::store::postgres {

class database final : public filemint::store::database {
public:
  // Migrates what an older version has left. Errors: invalid_argument (not a connection string),
  // service_unavailable, conflict (the schema is another program's), store_too_new, store_full,
  // store_failed.
  [[nodiscard]] static result<std::unique_ptr<database>> open(std::string_view conninfo_text);
  // Not connected yet, and with whatever schema is there.
  explicit database(conninfo to) : to_(std::move(to)) {}

  [[nodiscard]] result<std::uint64_t> execute(std::string_view sql, std::span<const value> values,
                                              const visitor& visit) override;
  [[nodiscard]] result<void> begin(access what) override;
  [[nodiscard]] result<void> commit() override;
  void roll_back() noexcept override;

  [[nodiscard]] result<void> refresh() override;
  [[nodiscard]] result<sighting> look() override;
  [[nodiscard]] result<void> tell_followers() override;
  void await_change(std::chrono::milliseconds most, int wake_fd) noexcept override;

  [[nodiscard]] std::size_t known_steps() const noexcept override;
  [[nodiscard]] result<bool> is_empty() override;
  [[nodiscard]] result<void> run_script(const char* script) override;

private:
  // A connection that works as far as one can tell without asking the server.
  result<void> connect();

  const conninfo to_;
  std::optional<connection> on_;
  bool listening_ = false;  // on this connection
  bool in_transaction_ = false;
};

}  // namespace filemint::store::postgres
