#include "src/quota_share.hpp"

#include "actors/cluster/peer_quota_v1.hpp"
#include "core/clock.hpp"

#include <boost/asio/post.hpp>
#include <caf/send.hpp>

#include <atomic>
#include <cstddef>
#include <memory>
#include <utility>

namespace filemint {

quota_share::quota_share(const config& settings, std::uint64_t incarnation, day_book& days,
                         const std::vector<std::unique_ptr<node_core>>& cores)
    : cores_(cores) {
  for (std::size_t i = 0; i < cores.size(); ++i) {
    cores[i]->context.asker.emplace(static_cast<std::uint16_t>(i));
  }
  auto& first = cores.front()->context;
  first.seat = std::make_unique<actors::quota_seat>(node_id{settings.cluster.name, incarnation},
                                                    mono_clock::now(), days);
  seat_ = first.seat.get();
}

void quota_share::connect(const actors::peers_actor& peers) {
  boost::asio::post(cores_.front()->services.io, [seat = seat_, peers] {
    seat->send = [peers](peer_letter letter) {
      caf::anon_send(peers, actors::peer_send{.peer = std::move(letter.to),
                                              .message = actors::peer_v1::to_wire(letter.what)});
    };
  });
}

// The relay's handle is its core's: it changes when one is started again.
void quota_share::tell_relay(auto message) const {
  boost::asio::post(cores_.front()->services.io,
                    [&to = cores_.front()->entrance, message = std::move(message)]() mutable {
                      caf::anon_send(to.relay, std::move(message));
                    });
}

void quota_share::receive(peer_message letter) const {
  caf::anon_send(cores_.front()->entrance.relay, actors::peer_wrote{std::move(letter)});
}

void quota_share::tell_members(std::vector<std::string> names) const {
  tell_relay(actors::members_told{std::move(names)});
}

bool quota_share::routed() const noexcept {
  return seat_->routed.load();
}

void quota_share::leave(std::function<void()> done) const {
  tell_relay(actors::leave_quotas{std::move(done)});
}

void quota_share::end(std::function<void()> done) const {
  // Leases go back first: the last core to have sent its own ends it.
  const auto left = std::make_shared<std::atomic<std::size_t>>(cores_.size());
  for (const auto& core : cores_) {
    boost::asio::post(core->services.io, [this, left, done, &asker = core->context.asker] {
      asker->give_back_all(mono_clock::now());
      tell_relay(actors::letters_posted{asker->take_letters()});
      if (left->fetch_sub(1) == 1) tell_relay(actors::end_quotas{done});
    });
  }
}

}  // namespace filemint
