// A thin layer over libpq: a connection, whose statements have a deadline and clean up after
// themselves. Errors: service_unavailable, the server can't be reached or does not answer;
// store_full, SQLSTATE class 53; invalid_argument, text that is not UTF-8; else store_failed, with
// the server's own words.
#pragma once

#include "core/result.hpp"
#include "store/database.hpp"
#include "store/postgres/conninfo.hpp"

#include <libpq-fe.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace filemint::store::postgres {

// Thread safety: one thread at a time.
class connection {
public:
  // How long a statement may go without a byte from the server.
  static constexpr std::chrono::milliseconds most_silence{10'000};

  // Within conninfo's connect_timeout, for each of its hosts.
  [[nodiscard]] static result<connection> open(const conninfo& to);

  // Runs one statement; gives how many rows it changed. Rows are visited as they come.
  [[nodiscard]] result<std::uint64_t> execute(std::string_view sql, std::span<const value> values,
                                              const database::visitor& visit);
  // Any number of statements without parameters; rows are not looked at. The command tag of the
  // last: "COMMIT".
  [[nodiscard]] result<std::string> run_script(const char* script);

  // False: it is lost, which a statement that failed has found out, or which the socket tells.
  [[nodiscard]] bool is_open() noexcept;
  void set_silence(std::chrono::milliseconds most) noexcept { silence_ = most; }

  // True: a notice has come, or came before. False: that time has passed, `wake_fd` can be read, or
  // the connection is lost.
  [[nodiscard]] bool await_notice(std::chrono::milliseconds most, int wake_fd) noexcept;

private:
  struct finish {
    void operator()(PGconn* handle) const noexcept { PQfinish(handle); }
  };
  struct clear {
    void operator()(PGresult* result) const noexcept { PQclear(result); }
  };
  using result_ptr = std::unique_ptr<PGresult, clear>;

  connection(PGconn* handle, const conninfo& to) : handle_(handle), to_(&to) {}
  result<std::uint64_t> take_results(const database::visitor& visit);
  result<void> flush();
  // Nothing: there is no further one.
  result<result_ptr> next_result();
  result<void> await_socket(short events);
  std::unexpected<error> lose(std::string_view why);
  [[nodiscard]] std::unexpected<error> lost_error() const;
  std::unexpected<error> failure(const PGresult* failed);
  bool take_notices() noexcept;

  std::unique_ptr<PGconn, finish> handle_;  // none: it is lost
  const conninfo* to_;
  std::chrono::milliseconds silence_ = most_silence;
};

}  // namespace filemint::store::postgres
