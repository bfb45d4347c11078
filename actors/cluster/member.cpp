#include "actors/cluster/member.hpp"

#include "actors/cluster/basp_bridge.hpp"
#include "actors/cluster/peer_v1.hpp"
#include "actors/homed.hpp"

#include <caf/actor_cast.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <chrono>
#include <future>
#include <set>
#include <utility>

namespace filemint::actors {
namespace {

using std::chrono::seconds;

// CAF accepts links from now on, and leads who comes to `whom`.
bool publish(caf::actor_system& system, const caf::io::middleman_actor& bridge,
             const peers_actor& whom) {
  caf::scoped_actor self{system};
  bool done = false;
  self->request(bridge, seconds{5}, caf::publish_atom::value, basp_bridge::port,
                caf::actor_cast<caf::strong_actor_ptr>(whom), std::set<std::string>{},
                std::string{}, false)
      .receive([&](std::uint16_t) { done = true; }, [](const caf::error&) {});
  return done;
}

}  // namespace

void member::load_into(caf::actor_system_config& settings) {
  basp_bridge::load_into(settings);
  peer_v1::add_types(settings);
}

result<std::unique_ptr<member>> member::start(caf::actor_system& system, worker* home,
                                              member_terms terms, resolver& names,
                                              member_hooks hooks) {
  std::unique_ptr<member> made{new member};
  // The link's events are for an actor that needs the link.
  const auto tell = [later = made->later_](auto message) {
    caf::anon_send(*later, std::move(message));
  };
  const link_events events{.opened = tell,
                           .closed = tell,
                           .gone = [tell](const std::string& peer) { tell(peer_gone{peer}); },
                           .report = hooks.report};
  peers_terms known{
      .name = terms.link.name,
      .incarnation = terms.incarnation,
      .release = std::move(terms.release),
      .version = terms.version,
      .oldest = terms.oldest,
      .expected = {},
      .table = terms.peers,
      .drop = {},
      .changed = std::move(hooks.changed),
      .complain = [report = std::move(hooks.report)](
                      std::string_view what, std::string_view peer) { report(true, what, peer); },
      .quota = std::move(hooks.quota),
      .tell_changes = std::move(hooks.tell_changes),
      .board = made->board_};
  for (const auto& each : terms.link.peers) known.expected.push_back(each.name);

  auto opened = peer_link::open(std::move(terms.link), made->between_, names, events);
  if (!opened) return std::unexpected(opened.error());
  made->link_ = std::move(*opened);
  known.drop = [link = made->link_.get()](std::uint64_t which, link_failure why) {
    link->drop(which, why);
  };
  made->bridge_ = basp_bridge::spawn(system, made->between_);
  made->peers_ = spawn_at<actors::peers>(system, home, std::move(known), made->bridge_);
  *made->later_ = made->peers_;
  if (!publish(system, made->bridge_, made->peers_)) {
    return fail(errc::io_failed, "CAF takes no links: no unix socket can be opened");
  }
  made->link_->start();
  return made;
}

void member::leave() {
  if (!peers_) return;
  const auto heard = std::make_shared<std::promise<void>>();
  auto done = heard->get_future();
  caf::anon_send(peers_, leave_cluster{[heard] { heard->set_value(); }});
  done.wait_for(seconds{1});
}

void member::stop() {
  if (!link_) return;
  if (peers_) caf::anon_send_exit(peers_, caf::exit_reason::user_shutdown);
  if (bridge_) caf::anon_send_exit(bridge_, caf::exit_reason::kill);
  link_->stop();
  *later_ = nullptr;
  peers_ = nullptr;
  bridge_ = nullptr;
}

}  // namespace filemint::actors
