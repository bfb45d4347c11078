// How a node ends with grace.
#include "core/quota_ledger.hpp"
#include "http/session.hpp"
#include "src/node.hpp"

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <thread>

namespace filemint {
namespace {

// A lease that is out comes back, or is over; peers confirm a change within three heartbeats.
constexpr auto hand_over_time = quota_ledger::lease_life + std::chrono::seconds{2};
constexpr std::chrono::milliseconds last_letters{200};

}  // namespace

bool node::wait(mono_time until, const std::function<bool()>& over,
                const std::function<bool()>& interrupted) {
  constexpr std::chrono::milliseconds look_interval{5};
  while (mono_clock::now() < until && !over()) {
    if (interrupted()) return false;
    std::this_thread::sleep_for(look_interval);
  }
  return true;
}

bool node::drain(const std::function<bool()>& interrupted) {
  ready_ = false;
  log_->info("draining");
  if (!cluster_) return drain_clients(interrupted);

  // Others take over what it owns while its own calls go on.
  const auto handed_over = std::make_shared<std::atomic<bool>>(false);
  quotas_->leave([handed_over] { *handed_over = true; });
  const auto by = mono_clock::now() + hand_over_time;
  const bool clean = drain_clients(interrupted);
  if (!wait(by, [&] { return handed_over->load(); }, interrupted)) return false;
  const auto said = std::make_shared<std::promise<void>>();
  quotas_->end([said] { said->set_value(); });
  said->get_future().wait_for(last_letters);
  cluster_->leave();
  store_->leave();
  return clean;
}

bool node::drain_clients(const std::function<bool()>& interrupted) {
  const auto& http = settings().http;
  if (!wait(mono_clock::now() + http.lame_duck, [] { return false; }, interrupted)) return false;
  close_client_ports();
  on_each_core([&](core& each) {
    each.services.draining = true;
    for (auto at = each.services.sessions.begin(); at != each.services.sessions.end();) {
      static_cast<http::session&>(*at++).drain(http.drain_idle);  // it may leave the list
    }
  });
  const auto idle = [&] { return clients_->total() == 0; };
  if (!wait(mono_clock::now() + http.drain_timeout, idle, interrupted)) return false;
  shared_->refusing = true;
  on_each_core([](core& each) {
    for (auto at = each.services.sessions.begin(); at != each.services.sessions.end();) {
      static_cast<http::session&>(*at++).refuse();  // it may leave the list
    }
  });
  return wait(mono_clock::now() + http.drain_last_words, idle, interrupted) && idle();
}

}  // namespace filemint
