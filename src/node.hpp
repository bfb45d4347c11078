// A whole node: the composition root. Starts its parts in order, drains them in order.
#pragma once

#include "actors/asio_scheduler.hpp"
#include "actors/core_context.hpp"
#include "backends/backend.hpp"
#include "core/config/compare.hpp"
#include "core/config/config.hpp"
#include "core/config/load.hpp"
#include "core/sealed_key.hpp"
#include "http/access_log.hpp"
#include "http/file_reader.hpp"
#include "http/health_monitor.hpp"
#include "http/listener.hpp"
#include "http/log.hpp"
#include "metrics/exposition.hpp"
#include "src/admin_token.hpp"
#include "src/clock_watch.hpp"
#include "src/cluster_membership.hpp"
#include "src/contact_watch.hpp"
#include "src/file_watch.hpp"
#include "src/node_core.hpp"
#include "src/node_store.hpp"
#include "src/quota_share.hpp"
#include "src/remote_storages.hpp"
#include "src/storage_signers.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace filemint {

// Thread safety: made, reloaded, drained and destroyed by one thread, which must be none of its
// own.
class node {
public:
  // Makes the backend of a source. Error: wrong_key, for a secret that can't be read.
  using made_backend = result<std::unique_ptr<backends::backend>>;
  using backend_maker = std::function<made_backend(const config&, const source_config&)>;
  [[nodiscard]] static made_backend make_backend(const config& settings,
                                                 const source_config& source);

  // Waits for a store that is away, with nothing but the admin port open. `interrupted` is asked
  // every few milliseconds; true ends the waiting, and gives no node. Errors: the store's,
  // wrong_key, io_failed (a port in use, a root that is no folder, a file limit that leaves no room
  // for connections): each a sentence.
  [[nodiscard]] static result<std::unique_ptr<node>> start(
      config settings, const backend_maker& backend_of = make_backend,
      const std::function<bool()>& interrupted = [] { return false; });
  // Ends at once; drain() first, to end with grace.
  ~node();

  // http://HOST:PORT, https where it is TLS; of the first listener.
  [[nodiscard]] const std::string& url() const noexcept { return url_; }
  [[nodiscard]] const std::string& admin_url() const noexcept { return admin_url_; }

  // In force now, with the ports as they were bound.
  [[nodiscard]] const config& settings() const noexcept { return *in_force_; }

  // SIGHUP (node_reload.cpp): the log file is opened anew, certificates and the master key are read
  // anew; what a running node can change is as `read` says when this returns, and the log tells it,
  // and what needs a restart. Where anything is wrong the former configuration stays, whole.
  void reload(const config_or_problems& read);
  // Not ready; after the lame-duck delay no new connections, what is in flight is answered: with
  // 503 when http.drain_timeout is over, for http.drain_last_words at most.
  // `interrupted` is asked every few milliseconds; true ends the waiting. True: everything was
  // answered in time.
  bool drain(const std::function<bool()>& interrupted);  // node_drain.cpp

private:
  friend struct node_access;  // of the tests that end actors
  using core = node_core;
  node(config settings, std::size_t most_connections);
  result<void> open_log();
  result<void> open_sources(const backend_maker& backend_of);
  result<void> open_client_ports();  // node_ports.cpp, and the next five
  result<void> open_admin_port();
  void start_ports();
  result<void> open_port(http::port terms, auto& where, http::connection_count& count);
  void watch_files();
  result<void> join_cluster();
  void close_client_ports();
  [[nodiscard]] static bool wait(mono_time until, const std::function<bool()>& over,
                                 const std::function<bool()>& interrupted);
  bool drain_clients(const std::function<bool()>& interrupted);
  void start_cores();
  void watch();
  [[nodiscard]] std::vector<http::health_check> health_checks();  // node_health.cpp
  void publish(const snapshot_ptr& fresh);
  void on_each_core(const std::function<void(core&)>& work);
  [[nodiscard]] static actors::load_meter::limits load_limits(const config& settings);

  // What a file does not know: the system's limits, the ports as bound.
  [[nodiscard]] config as_it_runs(config asked) const;
  void cap_connections(config& settings) const;
  void fill_public_urls(config& settings) const;

  // ---- node_reload.cpp
  enum class reload_outcome : std::uint8_t { applied, unchanged, refused };
  static constexpr std::array<std::string_view, 3> reload_outcome_names{"applied", "unchanged",
                                                                        "refused"};
  [[nodiscard]] reload_outcome read_anew(const config_or_problems& read);
  result<void> take_up(config asked);
  void put_in_force(config settings);
  void tell(const std::vector<config_change>& changes);

  config asked_;  // as its file says, but for what needs a restart
  std::size_t most_connections_;
  config settings_;                      // in force since the start; what needs a restart stays so
  std::list<config> later_;              // what reloads have put in force
  const config* in_force_ = &settings_;  // or one of the later ones
  std::array<std::atomic<std::uint64_t>, reload_outcome_names.size()> reloads_{};
  std::string url_;
  std::string admin_url_;
  std::atomic<bool> ready_{false};

  std::unique_ptr<http::log> log_;
  std::optional<node_store> store_;
  std::atomic<snapshot_ptr> latest_known_;
  std::unique_ptr<http::file_reader> files_;
  std::vector<std::unique_ptr<backends::backend>> backends_;
  std::optional<storage_signers> signers_;   // of those on object stores
  std::unique_ptr<remote_storages> remote_;  // null: none is
  std::unique_ptr<metrics::exposition> metrics_;
  std::unique_ptr<http::access_log> access_log_;
  admin_token admin_token_;
  http::admin_hooks admin_;
  std::unique_ptr<http::health_monitor> health_;
  std::optional<actors::load_meter> load_;
  std::unique_ptr<actors::node_context> shared_;

  std::vector<std::unique_ptr<http::port>> ports_;  // their connections end with the pool
  std::unique_ptr<actors::worker_pool> pool_;
  caf::actor_system_config actor_settings_;
  std::optional<caf::actor_system> actors_;
  std::vector<std::unique_ptr<core>> cores_;
  const std::uint64_t incarnation_ = cluster_membership::new_incarnation();
  std::unique_ptr<quota_share> quotas_;          // null: no cluster is configured
  std::unique_ptr<cluster_membership> cluster_;  // the same
  std::unique_ptr<clock_watch> clock_watch_;
  std::unique_ptr<contact_watch> contact_watch_;  // null: no cluster
  std::optional<http::connection_count> clients_, admins_;
  std::vector<std::unique_ptr<http::listener>> listeners_;  // each with its port of ports_
  std::size_t started_ports_ = 0;                           // of them
  std::optional<file_watch> file_watch_;
};

}  // namespace filemint
