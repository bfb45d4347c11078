#include "src/node.hpp"

#include "http/labels.hpp"
#include "http/session.hpp"
#include "src/file_limit.hpp"
#include "src/release.hpp"

#include <boost/asio/post.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <chrono>
#include <latch>
#include <thread>
#include <utility>

namespace filemint {
namespace {

// Each core counts references of its own: the cores' requests share no cache line.
snapshot_ptr core_own(const snapshot_ptr& shared) {
  return {shared.get(), [keep = shared](const snapshot*) {}};
}

}  // namespace

node::node(config settings, std::size_t most_connections)
    : asked_(std::move(settings)), most_connections_(most_connections), settings_(asked_) {
  latest_known_ = std::make_shared<snapshot>();
  cap_connections(settings_);
}

result<std::unique_ptr<node>> node::start(config settings, const backend_maker& backend_of,
                                          const std::function<bool()>& interrupted) {
  const auto most_connections = room_for_connections();
  if (!most_connections) return std::unexpected(most_connections.error());
  std::unique_ptr<node> made{new node{std::move(settings), *most_connections}};
  if (auto done = made->open_log(); !done) return std::unexpected(done.error());
  made->store_.emplace(made->settings_, *made->log_,
                       [node = made.get()](const auto& fresh) { node->publish(fresh); });
  auto found = made->store_->follow();
  const bool away = !found && found.error().code == errc::service_unavailable;
  if (!found && !away) return std::unexpected(found.error());
  if (auto done = made->open_sources(backend_of); !done) return std::unexpected(done.error());
  made->start_cores();
  // Before anybody can ask about it.
  if (auto done = made->join_cluster(); !done) return std::unexpected(done.error());
  if (away) {
    if (auto done = made->open_admin_port(); !done) return std::unexpected(done.error());
    made->start_ports();
    made->log_->warn("waiting for the store", {{"problem", found.error().message}});
  }
  const auto there = made->store_->await(made->shared_->days, interrupted);
  if (!there) return std::unexpected(there.error());
  if (!*there) return nullptr;
  if (auto done = made->open_client_ports(); !done) return std::unexpected(done.error());
  if (!away) {
    if (auto done = made->open_admin_port(); !done) return std::unexpected(done.error());
  }
  made->start_ports();
  made->watch_files();
  made->ready_ = true;
  made->log_->info("serving", {{"url", made->url_}, {"admin_url", made->admin_url_}});
  return made;
}

result<void> node::open_log() {
  auto opened = http::log::open(settings_.log);
  if (!opened) return std::unexpected(opened.error());
  log_ = std::move(*opened);
  return {};
}

result<void> node::open_sources(const backend_maker& backend_of) {
  std::vector<http::file_reader::root> roots;
  signers_.emplace(*log_, settings_.sources.size());
  for (const auto& source : settings_.sources) {
    const auto make = [this, &source, backend_of] { return backend_of(settings_, source); };
    auto made = source.has_our_tokens() ? make() : signers_->open(source, make);
    if (!made) return std::unexpected(made.error());
    backends_.push_back(std::move(*made));
    if (source.is_local()) roots.push_back({source.name, source.root});
  }
  auto reader = http::file_reader::start(roots, settings_.file_threads);
  if (!reader) return std::unexpected(reader.error());
  files_ = std::move(*reader);
  auto remote = remote_storages::start(settings_.sources, backends_, *files_, *log_);
  if (!remote) return std::unexpected(remote.error());
  remote_ = std::move(*remote);
  return {};
}

void node::start_cores() {
  const auto workers = settings_.workers != 0
                           ? settings_.workers
                           : std::max<std::size_t>(1, std::thread::hardware_concurrency());
  metrics_ =
      std::make_unique<metrics::exposition>(http::metric_labels(settings_), workers, this_release);
  access_log_ = std::make_unique<http::access_log>(workers, log_.get());
  admin_ = {.metrics = [this] { return metrics_->text(); },
            .ready =
                [this] {
                  return ready_ && signers_->all_tried() && (!quotas_ || quotas_->routed()) &&
                         !shared_->is_isolated(mono_clock::now());
                },
            .token = [this] { return admin_token_.get(); }};
  if (settings_.cluster.enabled()) {
    admin_.cluster = [this] { return cluster_ ? cluster_->json() : "{}"; };
  }
  load_.emplace(workers, load_limits(settings_));
  std::vector<const backends::backend*> drivers;
  for (const auto& each : backends_) drivers.push_back(each.get());
  // NOLINTNEXTLINE(modernize-make-unique): it can't name an aggregate's members
  shared_.reset(new actors::node_context{
      .backends = std::move(drivers),
      .load = *load_,
      .files = remote_ ? static_cast<actors::prober&>(remote_->prober()) : *files_,
      .blocking = *files_,
      .report = [this](std::string_view what) { log_->error(what); },
      .store_read = [this] { return store_->last_read(); },
      .peer_heard = [this] { return cluster_ ? cluster_->heard() : mono_time::max(); },
      .signers = signers_->remote()});

  pool_ = std::make_unique<actors::worker_pool>(workers);
  pool_->start();
  actors::asio_scheduler::load_into(actor_settings_, *pool_);
  if (settings_.cluster.enabled()) actors::member::load_into(actor_settings_);
  actors_.emplace(actor_settings_);

  health_ = std::make_unique<http::health_monitor>(health_checks());
  const auto known = latest_known_.load();
  for (std::size_t i = 0; i < workers; ++i) {
    cores_.push_back(std::make_unique<core>(*shared_, metrics_->core(i), (*pool_)[i],
                                            core_own(known), settings_, *files_,
                                            access_log_->ring(i), admin_, *health_));
  }
  if (settings_.cluster.enabled()) {
    quotas_ = std::make_unique<quota_share>(settings_, incarnation_, shared_->days, cores_);
  }
  signers_->keep_at(cores_.front()->context);
  std::vector<actors::supervisor_actor> all;
  for (auto& each : cores_) {
    each->supervisor = actors::spawn_at<actors::supervisor>(*actors_, each->context.home,
                                                            each->context, each->entrance);
    all.push_back(each->supervisor);
  }
  for (const auto& each : all) caf::anon_send(each, actors::supervisor_list{all});
  watch();
}

void node::watch() {
  clock_watch_ = std::make_unique<clock_watch>(cores_.front()->services.io, [this](auto moved) {
    log_->warn("the wall clock has stepped", {{"milliseconds", std::int64_t{moved.count()}}});
  });
  boost::asio::post(cores_.front()->services.io, [this] { clock_watch_->start(); });
  auto& http = settings_.http;
  clients_.emplace(http.max_connections, http.max_connections_per_address);
  metrics_->watch_budget(
      "connections", [this] { return static_cast<double>(clients_->total()); },
      [this] { return static_cast<double>(clients_->most()); });
  admins_.emplace(http.max_connections, http.max_connections_per_address);
  metrics_->watch_store_age([this] {
    return std::chrono::duration<double>(mono_clock::now() - store_->last_read()).count();
  });
  for (auto& each : cores_) {
    metrics_->watch_run_queue(
        [home = each->context.home] { return static_cast<double>(home->queued()); });
    for (std::size_t k = 0; k < actors::actor_kind_names.size(); ++k) {
      metrics_->watch_mailbox(actors::actor_kind_names[k], [lengths = each->context.mailboxes, k] {
        return static_cast<double>(lengths->of(static_cast<actors::actor_kind>(k)));
      });
    }
  }
  for (std::size_t k = 0; k < actors::load_kind_names.size(); ++k) {
    const auto kind = static_cast<actors::load_kind>(k);
    metrics_->watch_budget(
        actors::load_kind_names[k],
        [this, kind] { return static_cast<double>(load_->total(kind)); },
        [this, kind] { return static_cast<double>(load_->limit(kind)); });
  }
  metrics_->watch_credentials([this] { return signers_->numbers(); });
  metrics_->watch_dropped_log_lines(
      [this] { return static_cast<double>(access_log_->dropped() + log_->lost()); });
  metrics_->watch_wall_clock_steps([this] { return static_cast<double>(clock_watch_->steps()); });
  if (remote_) metrics_->watch_storages([this] { return remote_->prober().numbers(); });
  for (std::size_t k = 0; k < reload_outcome_names.size(); ++k) {
    metrics_->watch_config_reloads(reload_outcome_names[k],
                                   [this, k] { return static_cast<double>(reloads_[k].load()); });
  }
}

actors::load_meter::limits node::load_limits(const config& settings) {
  const auto& http = settings.http;
  return {http.max_in_flight, http.body_budget_bytes, http.answer_budget_bytes};
}

config node::as_it_runs(config asked) const {
  cap_connections(asked);
  asked.listeners = settings_.listeners;
  asked.admin = settings_.admin;
  fill_public_urls(asked);
  return asked;
}

void node::cap_connections(config& settings) const {
  auto& most = settings.http.max_connections;
  most = std::min(most, most_connections_);
}

void node::fill_public_urls(config& settings) const {
  for (auto& source : settings.sources) {
    if (source.public_url.empty()) source.public_url = url_ + "/files/" + source.name + "/";
  }
}

void node::publish(const snapshot_ptr& fresh) {
  latest_known_ = fresh;
  for (auto& each : cores_) {
    boost::asio::post(each->services.io,
                      [&known = each->context.known, own = core_own(fresh)] { known = own; });
  }
}

void node::on_each_core(const std::function<void(core&)>& work) {
  std::latch done{static_cast<std::ptrdiff_t>(cores_.size())};
  for (auto& each : cores_) {
    boost::asio::post(each->services.io, [&] {
      work(*each);
      done.count_down();
    });
  }
  done.wait();
}

node::~node() {
  ready_ = false;
  for (auto& each : listeners_) each->close();
  if (pool_) {
    on_each_core([](core& each) {
      each.services.wheel.stop();
      for (auto at = each.services.sessions.begin(); at != each.services.sessions.end();) {
        static_cast<http::session&>(*at++).close();
      }
      each.services.sockets.stop();
    });
  }
  if (health_) health_->stop();
  file_watch_.reset();
  if (signers_) signers_->stop();
  if (store_) store_->stop_asking();
  if (cluster_) cluster_->stop();
  if (store_) store_->stop_following();
  if (files_) files_->stop();
  if (remote_) remote_->stop();
  for (auto& each : cores_) {
    caf::anon_send_exit(each->supervisor, caf::exit_reason::user_shutdown);
    each->supervisor = nullptr;
  }
  // The supervisors end their sets, and the system awaits all actors: the entrances are empty then.
  actors_.reset();
  if (pool_) pool_->stop();
  if (metrics_) metrics_->forget_watched();
  listeners_.clear();
  clock_watch_.reset();
  contact_watch_.reset();
  // What still waits there may hold sessions, which need their cores.
  pool_.reset();
  if (store_) store_->stop_counting();
  if (access_log_) access_log_->stop();
  if (log_) log_->info("ended");
}

}  // namespace filemint
