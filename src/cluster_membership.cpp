#include "src/cluster_membership.hpp"

#include "actors/cluster/peer_changes_v1.hpp"
#include "src/release.hpp"
#include "store/change_asker.hpp"

#include <caf/send.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <map>
#include <utility>

namespace filemint {
namespace {

actors::member_terms terms_of(const cluster_config& cluster, std::uint64_t incarnation) {
  actors::member_terms terms;
  terms.link.name = cluster.name;
  terms.link.host = cluster.listen.host;
  terms.link.port = cluster.listen.port;
  terms.link.dns = cluster.dns.host;
  terms.link.dns_port = cluster.dns.port;
  terms.link.files = {cluster.ca, cluster.certificate, cluster.key};
  for (const auto& each : cluster.peers) {
    if (each.name == cluster.name) continue;
    terms.link.peers.push_back({each.name, each.address.host, each.address.port});
  }
  terms.incarnation = incarnation;
  terms.release = std::string{this_release};
  return terms;
}

std::string text_of(peer_state state) {
  return std::string{peer_state_names[static_cast<std::size_t>(state)]};
}

actors::member_hooks hooks_for(http::log& log, cluster_membership::quota_hook quota,
                               cluster_membership::changes_hook tell_changes) {
  return {.report =
              [&log](bool wrong, std::string_view what, std::string_view peer) {
                if (wrong) return log.warn(what, {{"peer", peer}});
                log.info(what, {{"peer", peer}});
              },
          .changed =
              [&log](const peer_change& change) {
                const auto from = text_of(change.from);
                const auto to = text_of(change.to);
                const auto level =
                    change.to == peer_state::up ? http::log_level::info : http::log_level::warn;
                log.write(level, "a peer is " + to, {{"peer", change.name}, {"was", from}});
              },
          .tell_changes = std::move(tell_changes),
          .quota = std::move(quota)};
}

}  // namespace

std::uint64_t cluster_membership::new_incarnation() {
  return static_cast<std::uint64_t>(std::chrono::system_clock::now().time_since_epoch() /
                                    std::chrono::microseconds{1});
}

result<std::unique_ptr<cluster_membership>> cluster_membership::join(
    caf::actor_system& system, actors::worker& home, const config& settings,
    std::uint64_t incarnation, http::log& log, quota_hook quota, changes_hook tell_changes) {
  std::unique_ptr<cluster_membership> made{new cluster_membership};
  made->name_ = settings.cluster.name;
  auto started =
      actors::member::start(system, &home, terms_of(settings.cluster, incarnation), made->names_,
                            hooks_for(log, std::move(quota), std::move(tell_changes)));
  if (!started) return std::unexpected(started.error());
  made->member_ = std::move(*started);
  log.info("listening for peers",
           {{"name", settings.cluster.name}, {"port", std::int64_t{made->member_->link().port()}}});
  return made;
}

std::vector<std::string> cluster_membership::up() const {
  std::vector<std::string> names;
  for (const auto& each : *member_->board()) {
    if (each.state == peer_state::up) names.push_back(each.name);
  }
  return names;
}

void cluster_membership::ask(const std::string& peer, const store::change_question& asked,
                             std::function<void(result<store::change_part>)> done) const {
  const auto take = [done = std::move(done)](const result<caf::message>& answer) {
    if (!answer) return done(std::unexpected(answer.error()));
    if (!answer->match_elements<actors::peer_v1::changes_part>()) {
      return done(fail(errc::service_unavailable, "it can't tell"));
    }
    done(from_wire(answer->get_as<actors::peer_v1::changes_part>(0)));
  };
  caf::anon_send(
      member_->peers(),
      actors::peer_call{.peer = peer,
                        .timeout = store::change_asker::patience,
                        .make =
                            [asked](std::uint64_t call) {
                              return caf::make_message(actors::peer_v1::to_wire(call, asked));
                            },
                        .done = take});
}

bool cluster_membership::is_well() const {
  return std::ranges::all_of(*member_->board(), [](const peer_view& each) {
    return each.state != peer_state::down || each.said_goodbye;
  });
}

std::string cluster_membership::json() const {
  using nlohmann::ordered_json;
  const auto now = mono_clock::now();
  const auto ms = [](auto duration) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
  };
  auto peers = ordered_json::array();
  for (const auto& each : *member_->board()) {
    const bool met = each.greeting.incarnation != 0;
    peers.push_back(
        {{"name", each.name},
         {"state", text_of(each.state)},
         {"said_goodbye", each.said_goodbye},
         {"state_age_ms", ms(now - each.since)},
         {"heard_ms_ago", each.heard ? ordered_json(ms(now - *each.heard)) : ordered_json()},
         {"round_trip_us",
          each.round_trip ? ordered_json(each.round_trip->count()) : ordered_json()},
         {"peer_version", met ? ordered_json(each.greeting.version) : ordered_json()},
         {"release", met ? ordered_json(each.greeting.release) : ordered_json()}});
  }
  const ordered_json told{
      {"name", name_}, {"members", *members_.load()}, {"peers", std::move(peers)}};
  return told.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

std::vector<metrics::peer_numbers> cluster_membership::numbers() const {
  std::map<std::string, metrics::peer_numbers> all;
  for (const auto& [peer, counts] : member_->link().counts().all()) {
    auto& of = all[peer];
    of.links = counts->links;
    of.bytes_in = counts->bytes_in;
    of.bytes_out = counts->bytes_out;
    for (std::size_t i = 0; i < actors::link_failure_names.size(); ++i) {
      of.failures.emplace_back(actors::link_failure_names[i],
                               counts->failed(static_cast<actors::link_failure>(i)));
    }
  }
  for (const auto& each : *member_->board()) {
    auto& of = all[each.name];
    const bool left = each.state == peer_state::down && each.said_goodbye;
    of.state = left ? "left" : text_of(each.state);
    if (each.round_trip) {
      of.round_trip_seconds = std::chrono::duration<double>(*each.round_trip).count();
    }
  }
  std::vector<metrics::peer_numbers> out;
  for (auto& [peer, of] : all) {
    of.peer = peer.empty() ? "(unknown)" : peer;
    out.push_back(std::move(of));
  }
  return out;
}

watched_certificate cluster_membership::certificate() const {
  auto* const link = &member_->link();
  return {.name = "cluster",
          .look = [link] { return link->look(); },
          .reload = [link] { return link->reload(); },
          .expires = [link] { return link->expires(); }};
}

}  // namespace filemint
