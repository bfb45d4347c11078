// HTTP/1.1 towards storages and clouds: connections are kept open and used again, TLS is verified,
// names are looked up off the thread, and nothing takes longer than its deadline. Redirects are not
// followed: who signs a request signs it for one origin.
#pragma once

#include "actors/cluster/resolver.hpp"
#include "actors/fetcher.hpp"
#include "actors/inbox.hpp"
#include "core/result.hpp"
#include "http/client/fetch_job.hpp"
#include "http/client/pool_counts.hpp"

#include <boost/asio/io_context.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <thread>

namespace filemint::http {

struct client_pool_terms {
  std::size_t max_connections = 64;  // an origin
  // An origin, beyond those that have a connection being opened; more are answered `busy`.
  std::size_t max_waiting = 4'096;
  std::filesystem::path ca_file = {};  // PEM; empty: the system's trust store
  // Below what servers commonly give an idle connection: 20 s and more.
  std::chrono::milliseconds idle_for{15'000};
  // Each address; a lost packet is sent again after one second.
  std::chrono::milliseconds connect_within{2'000};
  std::chrono::milliseconds handshake_within{5'000};
  // Outlives the pool. Null: getaddrinfo(3), a thread a look-up.
  actors::resolver* names = nullptr;
};

// As fetcher says. A request whose parts would break its framing (control bytes, a Host or
// Connection field) is `broken` and never sent. After stop(), `done` is called on the caller's
// thread. It may not throw.
class client_pool final : public actors::fetcher {
public:
  // Errors: what ca_file's reading says, io_failed.
  [[nodiscard]] static result<std::unique_ptr<client_pool>> start(client_pool_terms terms = {});
  ~client_pool() override;
  client_pool(const client_pool&) = delete;
  client_pool& operator=(const client_pool&) = delete;

  void fetch(backends::remote_request request, actors::fetch_terms terms,
             std::move_only_function<void(actors::fetch_outcome)> done) override;
  void run(std::move_only_function<void()> work) override;

  // Closes all connections; what waits or is under way is answered `busy`. One thread at a time,
  // and not the pool's own; the destructor does it too.
  void stop();

  [[nodiscard]] const pool_counts& counts() const noexcept { return counts_; }

private:
  class loop;  // all that is the thread's own
  struct posting {
    job_ptr job;  // null: work
    std::move_only_function<void()> work;
  };

  client_pool();
  void post(posting what);
  void take_posted();
  void refuse_posted();
  void end();

  pool_counts counts_;
  actors::inbox<posting> posted_;
  std::atomic<bool> stopped_{false};
  std::atomic<std::size_t> posters_{0};  // at work in post()
  const std::shared_ptr<boost::asio::io_context> io_;
  std::unique_ptr<loop> loop_;
  std::thread thread_;
};

}  // namespace filemint::http
