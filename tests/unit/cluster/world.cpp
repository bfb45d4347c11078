#include "tests/unit/cluster/world.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <caf/send.hpp>

#include <utility>

namespace filemint::actors::testing {

test_member::test_member(member_terms terms, resolver* names) {
  static std::uint64_t starts = 0;
  terms.incarnation = ++starts;
  pool_.start();
  asio_scheduler::load_into(settings_, pool_);
  member::load_into(settings_);
  system_.emplace(settings_);
  member_hooks hooks;
  hooks.changed = [this](const peer_change& change) {
    const std::scoped_lock lock{mutex_};
    changes_.push_back(change);
  };
  hooks.report = [this](bool wrong, std::string_view what, std::string_view of) {
    const std::scoped_lock lock{mutex_};
    if (wrong) complaints_.emplace_back(of, what);
  };
  hooks.tell_changes = [this](const std::string& peer, const store::change_question& asked) {
    return tell_changes(peer, asked);
  };
  hooks.quota = [this](peer_message message) {
    const std::scoped_lock lock{mutex_};
    said_.push_back(std::move(message));
  };
  auto started = member::start(*system_, &pool_[0], std::move(terms),
                               names == nullptr ? own_names_ : *names, std::move(hooks));
  EXPECT_TRUE(started) << (started ? "" : started.error().message);
  if (started) member_ = std::move(*started);
}

test_member::~test_member() {
  if (member_) member_->stop();
  system_.reset();
  member_.reset();
  pool_.stop();
}

std::optional<peer_view> test_member::peer(const std::string& name) const {
  for (const auto& each : *member_->board()) {
    if (each.name == name) return each;
  }
  return {};
}

bool test_member::sees(const std::string& name, peer_state state) const {
  const auto found = peer(name);
  return found && found->state == state;
}

std::uint64_t test_member::failures(link_failure why) const {
  std::uint64_t sum = 0;
  for (const auto& [name, counts] : member_->link().counts().all()) sum += counts->failed(why);
  return sum;
}

std::uint64_t test_member::links() const {
  std::uint64_t sum = 0;
  for (const auto& [name, counts] : member_->link().counts().all()) sum += counts->links;
  return sum;
}

std::vector<peer_change> test_member::changes() const {
  const std::scoped_lock lock{mutex_};
  return changes_;
}

std::vector<std::string> test_member::complaints(const std::string& peer) const {
  const std::scoped_lock lock{mutex_};
  std::vector<std::string> all;
  for (const auto& [of, what] : complaints_) {
    if (of == peer) all.push_back(what);
  }
  return all;
}

std::vector<peer_message> test_member::said() const {
  const std::scoped_lock lock{mutex_};
  return said_;
}

void test_member::say(const std::string& peer, caf::message message) {
  caf::anon_send(member_->peers(), peer_send{.peer = peer, .message = std::move(message)});
}

std::uint16_t free_port() {
  using boost::asio::ip::tcp;
  static boost::asio::io_context io;
  static std::vector<tcp::socket> held;
  auto& port = held.emplace_back(io, tcp::v4());
  port.set_option(tcp::socket::reuse_address{true});
  port.bind({boost::asio::ip::address_v4::loopback(), 0});
  return port.local_endpoint().port();
}

}  // namespace filemint::actors::testing
