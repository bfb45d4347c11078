#include "actors/cluster/link_dialler.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <chrono>
#include <exception>
#include <optional>
#include <utility>

namespace filemint::actors {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::chrono::seconds short_life{1};  // a link that ends sooner does not reset the pause
constexpr std::chrono::hours long_rest{24};    // until somebody wakes it

}  // namespace

link_dialler::link_dialler(asio::io_context& io, const link_terms& terms, link_hub& hub,
                           resolver& names, link_events events, link_counts& counts)
    : io_(io),
      terms_(terms),
      hub_(hub),
      names_(names),
      events_(std::move(events)),
      counts_(counts),
      next_look_(io) {
  hub_.ended = [this](const std::string& peer, mono_clock::duration lived) {
    link_ended(peer, lived);
  };
}

void link_dialler::start() {
  for (const auto& each : terms_.peers) {
    if (hub_.is_ours_to_dial(each.name)) add(each.name, each.host, each.port);
  }
  if (!terms_.dns.empty()) asio::co_spawn(io_, discover(), asio::detached);
}

link_dialler::~link_dialler() {
  const std::scoped_lock lock{gate_->mutex};
  gate_->open = false;
}

void link_dialler::stop() {
  stopped_ = true;
  next_look_.cancel();
  for (const auto& each : targets_) {
    each->gone = true;
    each->timer.cancel();
  }
}

void link_dialler::add(std::string name, std::string host, std::uint16_t port) {
  auto made = std::make_shared<target>(io_, std::move(name), std::move(host), port, terms_.pause);
  targets_.push_back(made);
  asio::co_spawn(io_, tend(std::move(made)), asio::detached);
}

asio::awaitable<void> link_dialler::tend(target_ptr to) {
  while (!to->gone) {
    if (to->name == terms_.name) {
      co_await rest(to, long_rest);  // ourselves, by DNS
    } else if (!to->name.empty() && hub_.linked(to->name)) {
      co_await rest(to, long_rest);
      if (std::exchange(to->flaps, false)) co_await rest(to, to->pause.next());
    } else if (!to->name.empty() && !hub_.is_ours_to_dial(to->name)) {
      co_await rest(to, terms_.second_look);
      if (!hub_.linked(to->name)) to->name.clear();  // the address may be another's by now
    } else {
      outcome done;
      try {
        done = co_await dial(to);
      } catch (const std::exception& failed) {  // memory is out: this target is tended further
        done = {false, link_failure::connect, failed.what()};
      }
      if (!done.well && !to->gone) {
        note(*to, done);
        co_await rest(to, to->pause.next());
      }
    }
  }
}

asio::awaitable<void> link_dialler::rest(target_ptr at, std::chrono::milliseconds most) {
  if (at->gone) co_return;
  error_code woken;
  at->timer.expires_after(most);
  co_await at->timer.async_wait(asio::redirect_error(asio::use_awaitable, woken));
}

void link_dialler::link_ended(const std::string& peer, mono_clock::duration lived) {
  for (const auto& each : targets_) {
    if (each->name != peer) continue;
    each->flaps = lived < short_life;
    if (!each->flaps) each->pause.reset();
    each->timer.cancel();
  }
}

asio::awaitable<link_connection::outcome> link_dialler::dial(target_ptr to) {
  const auto found = co_await look_up(to->host);
  if (!found) co_return outcome{false, link_failure::resolve, found.error().message};
  outcome last{false, link_failure::resolve, to->host + " has no address"};
  for (const auto& address : *found) {
    last = co_await dial_address(to, address);
    if (last.well || to->gone) break;
  }
  co_return last;
}

asio::awaitable<link_connection::outcome> link_dialler::dial_address(target_ptr to,
                                                                     std::string address) {
  error_code bad;
  const asio::ip::tcp::endpoint at{asio::ip::make_address(address, bad), to->port};
  if (bad) co_return outcome{false, link_failure::resolve, address + ": " + bad.message()};
  const auto tls = hub_.tls();
  const auto made =
      std::make_shared<link_connection>(asio::ip::tcp::socket{io_}, *tls, hub_.next_id());
  made->begin(terms_.connect_deadline);
  auto done = co_await made->connect(at);
  if (!done.well) co_return done;
  made->begin(terms_.handshake_deadline);
  done = co_await made->shake_hands(link_connection::side::client);
  if (!done.well) co_return done;

  const auto name = hub_.name_of(*made);
  const bool by_dns = to->name.empty();
  if (by_dns) to->name = name;
  if (name.empty() || (name != to->name) || (!by_dns && name == terms_.name)) {
    made->close();
    co_return outcome{false, link_failure::name,
                      "its certificate does not carry the name " + to->name};
  }
  if (!hub_.is_ours_to_dial(name) || hub_.linked(name)) {
    made->close();
    co_return outcome{};  // it dials us, it is us, or another address of it was faster
  }
  link_ticket ticket;
  done = co_await made->await_greeting(ticket);
  if (done.well && to->gone) done = {false, link_failure::lost, "it does not belong here any more"};
  if (done.well) done = hub_.take_up(made, name, ticket);
  if (!done.well) {
    made->close();
  } else if (!std::exchange(to->complaint, {}).empty()) {
    events_.report(false, "linked again", name);
  }
  co_return done;
}

void link_dialler::note(target& of, const outcome& done) {
  counts_.of(of.name)->count(done.why);
  const auto told = "no link to " + of.host + ":" + std::to_string(of.port) + ": " + done.told;
  if (std::exchange(of.complaint, told) != told) events_.report(true, told, of.name);
}

// What the resolver tells later than this waits is dropped.
asio::awaitable<resolver::answer> link_dialler::look_up(std::string host) {
  error_code no_address;
  asio::ip::make_address(host, no_address);
  if (!no_address) co_return resolver::answer{std::vector<std::string>{host}};
  struct call {
    explicit call(asio::io_context& io) : timer(io) {}
    asio::steady_timer timer;
    std::optional<resolver::answer> found;
  };
  const auto made = std::make_shared<call>(io_);
  made->timer.expires_after(terms_.resolve_deadline);
  names_.resolve(host, [weak = std::weak_ptr{made}, &io = io_, open = gate_](auto found) {
    const std::scoped_lock lock{open->mutex};
    if (!open->open) return;
    asio::post(io, [weak, found = std::move(found)]() mutable {
      const auto at = weak.lock();
      if (!at) return;
      at->found = std::move(found);
      at->timer.cancel();
    });
  });
  error_code woken;
  if (!made->found) {
    co_await made->timer.async_wait(asio::redirect_error(asio::use_awaitable, woken));
  }
  if (made->found) co_return *std::move(made->found);
  co_return fail(errc::gateway_timeout, host + ": the look-up takes too long");
}

asio::awaitable<void> link_dialler::discover() {
  bool complained = false;
  while (!stopped_) {
    const auto found = co_await look_up(terms_.dns);
    if (stopped_) co_return;
    if (found) {
      follow(*found);
    } else {
      counts_.of(link_counts::unknown)->count(link_failure::resolve);
      if (!complained) events_.report(true, found.error().message, "");
    }
    complained = !found;
    next_look_.expires_after(terms_.resolve_interval);
    error_code woken;
    co_await next_look_.async_wait(asio::redirect_error(asio::use_awaitable, woken));
  }
}

// A name that does not lead to a peer any more takes no link away that stands: the peer closes it
// when it ends.
void link_dialler::follow(const std::vector<std::string>& addresses) {
  for (const auto& address : addresses) {
    if (std::ranges::find(targets_, address, &target::host) == targets_.end()) {
      add({}, address, terms_.dns_port);
    }
  }
  std::erase_if(targets_, [&](const target_ptr& each) {
    const bool listed = std::ranges::any_of(
        terms_.peers, [&](const link_peer& peer) { return peer.name == each->name; });
    if (listed || std::ranges::find(addresses, each->host) != addresses.end()) return false;
    each->gone = true;
    each->timer.cancel();
    if (!each->name.empty() && each->name != terms_.name) events_.gone(each->name);
    return true;
  });
}

}  // namespace filemint::actors
