#include "http/client/client_origin.hpp"

#include <algorithm>
#include <utility>

namespace filemint::http {

using actors::fetch_fault;

void client_origin::take(job_ptr job) {
  job->owner = this;
  ground_.wheel.set(*job, job->latest);
  stand_in(waiting_, job);
  pump();
  if (job->line != nullptr && in_line() > opening_ + ground_.terms.max_waiting) {
    leave(*job->line, job->place);
    tell_waiting();
    job->end(ground_.counts, std::unexpected(fetch_fault::busy));
  }
}

void client_origin::pump() {
  while (!waiting_.empty()) {
    auto* const free = take_rested();
    if (free == nullptr) break;
    give(*free, waiting_);
  }
  if (in_line() > opening_ && open_.size() < ground_.terms.max_connections) open_more();
  tell_waiting();
}

void client_origin::open_more() {
  const auto* const addresses = ground_.book.find(to_.host, mono_clock::now());
  if (addresses == nullptr) return;
  if (addresses->empty()) {
    fail_all(second_tries_, fetch_fault::unreachable);
    // Where some connections stand, they serve who waits.
    if (open_.empty()) fail_all(waiting_, fetch_fault::unreachable);
    return;
  }
  while (in_line() > opening_ && open_.size() < ground_.terms.max_connections) {
    open_.push_back(std::make_shared<client_connection>(
        ground_.io, ground_.wheel, *this, to_.secure ? &ground_.tls : nullptr, session_));
    ++opening_;
    pool_counts::add(ground_.counts.connections_opened);
    ground_.counts.open.fetch_add(1, std::memory_order_relaxed);
    open_.back()->open(to_, *addresses, ground_.terms.opening);
  }
}

// ---- what connections tell

void client_origin::on_open(client_connection& which) {
  --opening_;
  ground_.book.prefer(to_.host, which.reached());
  if (to_.secure) {
    pool_counts::add(ground_.counts.connections_tls);
    if (which.resumed()) pool_counts::add(ground_.counts.connections_resumed);
  }
  if (!second_tries_.empty()) {
    give(which, second_tries_);
  } else if (!waiting_.empty()) {
    give(which, waiting_);
  } else {
    rest(which);
  }
  tell_waiting();
}

void client_origin::on_fault(client_connection& which, fetch_fault fault) {
  const auto gone = remove(which);
  const bool begun = gone->answer_begun();
  auto job = std::exchange(gone->job, nullptr);
  if (job) {
    job->on = nullptr;
  } else {
    --opening_;
    auto& line = waiting_.empty() ? second_tries_ : waiting_;
    if (!line.empty()) job = leave(line, line.begin());
  }
  if (job && job->idempotent && !job->retried && !begun && fault != fetch_fault::untrusted) {
    job->retried = true;
    pool_counts::add(ground_.counts.retried);
    stand_in(second_tries_, std::exchange(job, nullptr));
  }
  pump();
  if (job) job->end(ground_.counts, std::unexpected(fault));
}

void client_origin::on_answer(client_connection& which, backends::remote_answer answer,
                              bool reusable) {
  const auto job = std::exchange(which.job, nullptr);
  job->on = nullptr;
  if (reusable) {
    rest(which);
  } else {
    remove(which);
  }
  pump();
  job->end(ground_.counts, std::move(answer));
}

void client_origin::on_rested(client_connection& which) {
  remove(which);
}

void client_origin::on_late(fetch_job& job) {
  job_ptr kept;
  if (job.line != nullptr) {
    kept = leave(*job.line, job.place);
  } else {
    const auto gone = remove(*job.on);
    kept = std::exchange(gone->job, nullptr);
    kept->on = nullptr;
  }
  pump();
  kept->end(ground_.counts, std::unexpected(fetch_fault::timed_out));
}

void client_origin::end() {
  std::vector<job_ptr> left;
  while (!open_.empty()) {
    const auto gone = remove(*open_.back());
    if (gone->job) left.push_back(std::exchange(gone->job, nullptr));
  }
  for (const auto& job : left) job->end(ground_.counts, std::unexpected(fetch_fault::busy));
  fail_all(waiting_, fetch_fault::busy);
  fail_all(second_tries_, fetch_fault::busy);
  tell_waiting();
}

// ---- connections

void client_origin::give(client_connection& to, job_line& from) {
  const auto job = leave(from, from.begin());
  job->on = &to;
  to.ask(job);
}

void client_origin::rest(client_connection& which) {
  resting_.push_back(&which);
  which.rest(ground_.terms.idle_for);
}

client_connection* client_origin::take_rested() {
  while (!resting_.empty()) {
    auto* const last = resting_.back();
    if (!last->is_stale()) {
      resting_.pop_back();
      return last;
    }
    remove(*last);
  }
  return nullptr;
}

client_origin::connection_ptr client_origin::remove(client_connection& which) {
  std::erase(resting_, &which);
  const auto at =
      std::ranges::find_if(open_, [&](const auto& each) { return each.get() == &which; });
  auto gone = std::move(*at);
  open_.erase(at);
  gone->close();
  ground_.counts.open.fetch_sub(1, std::memory_order_relaxed);
  return gone;
}

// ---- jobs

void client_origin::stand_in(job_line& line, job_ptr job) {
  auto& its = *job;
  its.line = &line;
  its.place = line.insert(line.end(), std::move(job));
}

job_ptr client_origin::leave(job_line& line, job_line::iterator place) {
  auto job = std::move(*place);
  line.erase(place);
  job->line = nullptr;
  return job;
}

void client_origin::fail_all(job_line& line, fetch_fault fault) {
  while (!line.empty()) leave(line, line.begin())->end(ground_.counts, std::unexpected(fault));
}

void client_origin::tell_waiting() {
  const auto now = static_cast<std::int64_t>(in_line());
  ground_.counts.waiting.fetch_add(now - std::exchange(told_waiting_, now),
                                   std::memory_order_relaxed);
}

}  // namespace filemint::http
