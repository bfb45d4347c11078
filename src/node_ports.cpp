// Where a node listens.
#include "core/config/scalar.hpp"
#include "core/config/warnings.hpp"
#include "src/node.hpp"

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

void node::watch_certificates() {
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
  if (!all.empty()) certificate_watch_.emplace(std::move(all), *log_);
}

result<void> node::join_cluster() {
  if (!settings_.cluster.enabled()) return {};
  auto joined = cluster_membership::join(
      *actors_, *cores_.front()->context.home, settings_, incarnation_, *log_,
      [share = quotas_.get()](peer_message letter) { share->receive(std::move(letter)); });
  if (!joined) return fail(errc::wrong_key, joined.error().message);
  cluster_ = std::move(*joined);
  quotas_->connect(cluster_->peers());
  std::vector<std::string> names{settings_.cluster.name};
  for (const auto& each : settings_.cluster.peers) names.push_back(each.name);
  quotas_->tell_members(std::move(names));
  metrics_->watch_cluster([this] { return cluster_->numbers(); });
  return {};
}

void node::close_client_ports() {
  for (std::size_t i = 0; i < listeners_.size(); ++i) {
    if (ports_[i]->kind == http::port_kind::client) listeners_[i]->close();
  }
}

}  // namespace filemint
