// Where a node listens.
#include "core/config/scalar.hpp"
#include "core/config/warnings.hpp"
#include "src/node.hpp"
#include "src/watched_certificate.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

namespace filemint {
namespace {

// What a URL begins with that leads there; a unix socket's clients name any host.
std::string url_of(const endpoint_config& where, bool tls) {
  return (tls ? "https://" : "http://") + (where.is_unix() ? "localhost" : write_endpoint(where));
}

}  // namespace

// Of a listener_config or the admin_config, whose port becomes the one that was bound.
result<void> node::open_port(http::port terms, auto& where, http::connection_count& count) {
  terms.is_unix = where.listen.is_unix();
  auto& kept = *ports_.emplace_back(std::make_unique<http::port>(std::move(terms)));
  std::vector<http::core_services*> services;
  for (auto& each : cores_) services.push_back(&each->services);
  auto& made =
      *listeners_.emplace_back(std::make_unique<http::listener>(std::move(services), kept, count));
  const auto bound = made.open(where.listen, where.socket_mode);
  if (!bound) return std::unexpected(bound.error());
  where.listen.port = *bound;

  const auto name = write_endpoint(where.listen);
  if (where.tls.enabled()) {
    auto tls = http::tls_server::open(where.tls, name, mono_clock::now());
    if (!tls) return fail(errc::wrong_key, tls.error().message);
    kept.tls = std::move(*tls);
  }
  log_->info("listening", {{"listen", name}, {"tls", where.tls.enabled() ? "yes" : "no"}});
  return {};
}

result<void> node::open_client_ports() {
  for (auto& each : settings_.listeners) {
    http::port terms{.kind = http::port_kind::client, .verify = each.verify};
    if (auto done = open_port(std::move(terms), each, *clients_); !done) return done;
  }
  const auto& first = settings_.listeners.front();
  url_ = url_of(first.listen, first.tls.enabled());
  fill_public_urls(settings_);
  return {};
}

result<void> node::open_admin_port() {
  auto token = admin_token::read(settings_.admin.token);
  if (!token) return std::unexpected(token.error());
  admin_token_.put(std::move(*token));
  http::port terms{.kind = http::port_kind::admin};
  if (auto done = open_port(std::move(terms), settings_.admin, *admins_); !done) return done;
  admin_url_ = url_of(settings_.admin.listen, settings_.admin.tls.enabled());
  for (const auto& each : config_warnings(settings_)) log_->warn(each);
  return {};
}

// Those that have not started yet.
void node::start_ports() {
  for (; started_ports_ < listeners_.size(); ++started_ports_) listeners_[started_ports_]->start();
}

void node::watch_files() {
  std::vector<watched_certificate> all;
  for (const auto& each : ports_) {
    if (each->tls == nullptr) continue;
    auto* tls = each->tls.get();
    all.push_back({.name = tls->name(),
                   .look = [tls] { return tls->look(); },
                   .reload = [tls] { return tls->reload(); },
                   .expires = [tls] { return tls->expires(); }});
  }
  if (cluster_) all.push_back(cluster_->certificate());
  for (const auto& each : all) {
    metrics_->watch_certificate(each.name, [expires = each.expires] {
      return static_cast<double>(unix_seconds(expires()));
    });
    if (each.expires() < wall_now()) {
      log_->warn("the certificate has expired",
                 {{"listener", each.name}, {"expires", rfc3339(each.expires())}});
    }
  }
  std::vector<read_from_files> read;
  for (const auto& each : all) read.push_back(as_read(each, *log_));
  std::ranges::move(signers_->watched(), std::back_inserter(read));
  if (!read.empty()) file_watch_.emplace(std::move(read));
}

result<void> node::join_cluster() {
  if (!settings_.cluster.enabled()) return {};
  auto joined = cluster_membership::join(
      *actors_, *cores_.front()->context.home, settings_, incarnation_, *log_,
      [share = quotas_.get()](peer_message letter) { share->receive(std::move(letter)); },
      [this](const std::string& peer, const auto& asked) { return store_->tell(peer, asked); });
  if (!joined) return fail(errc::wrong_key, joined.error().message);
  cluster_ = std::move(*joined);
  quotas_->connect(cluster_->peers());
  const auto isolated = [this](mono_time now) { return shared_->is_isolated(now); };
  auto& io = cores_.front()->services.io;
  contact_watch_ = std::make_unique<contact_watch>(io, isolated, [this](bool is) {
    if (!is) return log_->info("the store or a peer is there again");
    log_->error("cut off from the store and from every peer: minting and accepting nothing");
  });
  boost::asio::post(io, [this] { contact_watch_->start(); });
  store_->join({.members =
                    [this](const auto& names) {
                      cluster_->set_members(names);
                      quotas_->tell_members(names);
                    },
                .asks = {.peers = [this] { return cluster_->up(); },
                         .ask = [this](const auto& peer, const auto& asked,
                                       auto done) { cluster_->ask(peer, asked, std::move(done)); },
                         .told_by =
                             [this](const auto& peer) {
                               log_->warn("the store can't be read here, a peer tells what changes",
                                          {{"peer", peer}});
                             }}});
  metrics_->watch_cluster([this] { return cluster_->numbers(); });
  return {};
}

void node::close_client_ports() {
  for (std::size_t i = 0; i < listeners_.size(); ++i) {
    if (ports_[i]->kind == http::port_kind::client) listeners_[i]->close();
  }
}

}  // namespace filemint
