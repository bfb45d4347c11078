#include "actors/cluster/basp_bridge.hpp"

#include <caf/io/basp_broker.hpp>
#include <caf/io/middleman.hpp>
#include <caf/io/middleman_actor_impl.hpp>
#include <caf/io/network/default_multiplexer.hpp>
#include <caf/io/network/doorman_impl.hpp>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <utility>

namespace filemint::actors::basp_bridge {
namespace {

namespace net = caf::io::network;

net::default_multiplexer& multiplexer_of(caf::actor_system& system) {
  return static_cast<net::default_multiplexer&>(system.middleman().backend());
}

// Any process of the machine can connect to an abstract unix address: only this one may.
class own_process_doorman final : public net::doorman_impl {
public:
  using net::doorman_impl::doorman_impl;

  std::uint16_t port() const override { return basp_bridge::port; }

  bool new_connection() override {
    const auto accepted = acceptor_.accepted_socket();
    ucred who{};
    socklen_t size = sizeof who;
    if (::getsockopt(accepted, SOL_SOCKET, SO_PEERCRED, &who, &size) != 0 || who.pid != getpid()) {
      ::close(accepted);
      return true;  // go on accepting
    }
    return doorman_impl::new_connection();
  }
};

class bridge final : public caf::io::middleman_actor_impl {
public:
  bridge(caf::actor_config& cfg, caf::actor broker, std::shared_ptr<streams> between)
      : middleman_actor_impl(cfg, std::move(broker)), between_(std::move(between)) {}

protected:
  caf::expected<caf::io::scribe_ptr> connect(const std::string& key, std::uint16_t) override {
    auto stream = between_->take(key);
    if (!stream) return caf::make_error(caf::sec::cannot_connect_to_node);
    net::nonblocking(stream.get(), true);
    return multiplexer_of(system()).new_scribe(stream.release());
  }

  caf::expected<caf::io::doorman_ptr> open(std::uint16_t, const char*, bool) override {
    unique_fd door{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    streams::door at;
    at.address.sun_family = AF_UNIX;
    at.size = sizeof at.address;
    auto* const address = reinterpret_cast<sockaddr*>(&at.address);
    // A name of the family's size alone makes the kernel pick a free abstract one (unix(7)).
    if (!door || ::bind(door.get(), address, sizeof(sa_family_t)) != 0 ||
        ::listen(door.get(), SOMAXCONN) != 0 || ::getsockname(door.get(), address, &at.size) != 0) {
      return caf::make_error(caf::sec::cannot_open_port);
    }
    between_->open_door(at);
    return caf::io::doorman_ptr{
        caf::make_counted<own_process_doorman>(multiplexer_of(system()), door.release())};
  }

private:
  std::shared_ptr<streams> between_;
};

}  // namespace

void load_into(caf::actor_system_config& settings) {
  settings.load<caf::io::middleman>();
  settings.set("middleman.enable-automatic-connections", false);
}

caf::io::middleman_actor spawn(caf::actor_system& system, std::shared_ptr<streams> between) {
  auto broker = system.middleman().named_broker<caf::io::basp_broker>(caf::atom("BASP"));
  return system.spawn<bridge, caf::hidden>(std::move(broker), std::move(between));
}

}  // namespace filemint::actors::basp_bridge
