// One fetch on its way through the pool.
#pragma once

#include "actors/fetcher.hpp"
#include "core/clock.hpp"
#include "core/secret.hpp"
#include "http/client/pool_counts.hpp"
#include "http/deadline_wheel.hpp"

#include <functional>
#include <list>
#include <memory>
#include <string>
#include <utility>

namespace filemint::http {

class client_connection;
struct fetch_job;
using job_ptr = std::shared_ptr<fetch_job>;
using job_line = std::list<job_ptr>;

class job_owner {
public:
  virtual void on_late(fetch_job& job) = 0;

protected:
  ~job_owner() = default;
};

// Made on the caller's thread, the pool's own from then on. It waits in a line, or is on a
// connection, which keeps it as long as it may still send of its bytes.
struct fetch_job final : timed {
  backends::remote_request request;
  std::string head;  // of the request, as it is sent
  actors::fetch_terms terms{};
  mono_time latest{};
  std::move_only_function<void(actors::fetch_outcome)> done;

  job_owner* owner = nullptr;  // null: not taken up yet, or done
  job_line* line = nullptr;
  job_line::iterator place;
  client_connection* on = nullptr;
  bool idempotent = false;
  bool retried = false;

  // Wipes what may hold credentials. `done` may do as it likes: what it asks of the pool comes
  // later.
  void end(pool_counts& counts, actors::fetch_outcome outcome) {
    deadline_wheel::clear(*this);
    owner = nullptr;
    wipe(head);
    wipe(request.body);
    for (auto& each : request.fields) wipe(each.value);
    counts.count(outcome);
    std::exchange(done, nullptr)(std::move(outcome));
  }

private:
  void on_deadline() override { owner->on_late(*this); }
};

}  // namespace filemint::http
