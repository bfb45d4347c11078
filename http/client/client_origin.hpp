// One origin's connections and those who wait for one.
#pragma once

#include "http/client/address_book.hpp"
#include "http/client/client_connection.hpp"
#include "http/client/client_tls.hpp"
#include "http/client/fetch_job.hpp"
#include "http/client/pool_counts.hpp"

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace filemint::http {

// What all origins of a pool have in common.
struct origin_ground {
  struct bounds {
    std::size_t max_connections;  // an origin
    std::size_t max_waiting;      // an origin, beyond those that have a connection being opened
    std::chrono::milliseconds idle_for;
    client_connection::terms opening;
  };

  boost::asio::io_context& io;
  deadline_wheel& wheel;
  address_book& book;
  client_tls& tls;
  pool_counts& counts;
  bounds terms;
};

// On the pool's thread. A fetch takes a connection that rests, the one used last; else one is
// opened, within the bound, and it takes what is free first. So opening counts for who waits
// longest, whoever it was begun for.
class client_origin final : public connection_owner, public job_owner {
public:
  client_origin(const origin_ground& ground, backends::remote_origin to)
      : ground_(ground), to_(std::move(to)) {}

  void take(job_ptr job);
  // The look-up of its host is over.
  void on_addresses() { pump(); }
  [[nodiscard]] const backends::remote_origin& to() const noexcept { return to_; }
  [[nodiscard]] bool unused() const noexcept {
    return open_.empty() && waiting_.empty() && second_tries_.empty();
  }
  // Closes all and answers `busy`.
  void end();

private:
  using connection_ptr = std::shared_ptr<client_connection>;

  void on_open(client_connection& which) override;
  void on_fault(client_connection& which, actors::fetch_fault fault) override;
  void on_answer(client_connection& which, backends::remote_answer answer, bool reusable) override;
  void on_rested(client_connection& which) override;
  void on_late(fetch_job& job) override;

  void pump();
  void open_more();
  void give(client_connection& to, job_line& from);
  void rest(client_connection& which);
  connection_ptr remove(client_connection& which);
  [[nodiscard]] client_connection* take_rested();
  void stand_in(job_line& line, job_ptr job);
  static job_ptr leave(job_line& line, job_line::iterator place);
  void fail_all(job_line& line, actors::fetch_fault fault);
  void tell_waiting();
  [[nodiscard]] std::size_t in_line() const noexcept {
    return waiting_.size() + second_tries_.size();
  }

  const origin_ground& ground_;
  const backends::remote_origin to_;
  const std::shared_ptr<tls_session> session_ = std::make_shared<tls_session>();
  std::vector<connection_ptr> open_;         // all, with those that are being opened
  std::vector<client_connection*> resting_;  // of them; the last was used last
  std::size_t opening_ = 0;                  // of them
  job_line waiting_;
  job_line second_tries_;  // which want a new connection, and have the first of these
  std::int64_t told_waiting_ = 0;
};

}  // namespace filemint::http
