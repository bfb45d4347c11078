#include "http/client_pool.hpp"

#include "http/client/address_book.hpp"
#include "http/client/client_origin.hpp"
#include "http/client/client_tls.hpp"
#include "http/client/request_head.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace filemint::http {

using actors::fetch_fault;
using namespace std::chrono_literals;

namespace {

constexpr auto longest_fetch = 1h;

// Of those, the ones without connections are forgotten, with their TLS sessions.
constexpr std::size_t many_origins = 256;

}  // namespace

class client_pool::loop {
public:
  loop(const client_pool_terms& terms, std::shared_ptr<boost::asio::io_context> io,
       std::unique_ptr<client_tls> tls, pool_counts& counts)
      : guard_(io->get_executor()),
        wheel_(*io),
        tls_(std::move(tls)),
        book_(std::make_shared<address_book>(io, terms.names == nullptr ? own_names_ : *terms.names,
                                             [this](const auto& host) { on_addresses(host); })),
        ground_{.io = *io,
                .wheel = wheel_,
                .book = *book_,
                .tls = *tls_,
                .counts = counts,
                .terms = {.max_connections = std::max<std::size_t>(terms.max_connections, 1),
                          .max_waiting = terms.max_waiting,
                          .idle_for = terms.idle_for,
                          .opening = {.connect_within = terms.connect_within,
                                      .handshake_within = terms.handshake_within}}} {}

  void begin(const job_ptr& job) {
    auto head = write_request_head(job->request);
    if (!head) return refuse(job, fetch_fault::broken);
    if (job->latest <= mono_clock::now()) return refuse(job, fetch_fault::timed_out);
    job->head = std::move(*head);
    job->idempotent = is_idempotent(job->request.method);
    origin_of(job->request.to).take(job);
  }

  void refuse(const job_ptr& job, fetch_fault fault) {
    job->end(ground_.counts, std::unexpected(fault));
  }

  // What is left are handlers of closed sockets; the io_context runs out of work.
  void end() {
    for (auto& [to, each] : origins_) each->end();
    wheel_.stop();
    guard_.reset();
  }

private:
  client_origin& origin_of(const backends::remote_origin& to) {
    auto at = origins_.find(to);
    if (at == origins_.end()) {
      if (origins_.size() >= many_origins) {
        std::erase_if(origins_, [](const auto& each) { return each.second->unused(); });
      }
      at = origins_.emplace(to, std::make_unique<client_origin>(ground_, to)).first;
    }
    return *at->second;
  }

  void on_addresses(const std::string& host) {
    for (auto& [to, each] : origins_) {
      if (to.host == host) each->on_addresses();
    }
  }

  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard_;
  deadline_wheel wheel_;
  std::unique_ptr<client_tls> tls_;
  actors::system_resolver own_names_;
  std::shared_ptr<address_book> book_;
  origin_ground ground_;
  std::map<backends::remote_origin, std::unique_ptr<client_origin>> origins_;
};

client_pool::client_pool() : io_(std::make_shared<boost::asio::io_context>(1)) {}

result<std::unique_ptr<client_pool>> client_pool::start(client_pool_terms terms) {
  auto tls = client_tls::make(terms.ca_file);
  if (!tls) return std::unexpected(tls.error());
  std::unique_ptr<client_pool> made{new client_pool};
  made->loop_ = std::make_unique<loop>(terms, made->io_, std::move(*tls), made->counts_);
  made->thread_ = std::thread{[io = made->io_] { io->run(); }};
  return made;
}

client_pool::~client_pool() {
  stop();
}

void client_pool::fetch(backends::remote_request request, actors::fetch_terms terms,
                        std::move_only_function<void(actors::fetch_outcome)> done) {
  auto job = std::make_shared<fetch_job>();
  job->request = std::move(request);
  job->terms = terms;
  job->latest =
      mono_clock::now() + std::clamp<std::chrono::milliseconds>(terms.within, 0ms, longest_fetch);
  job->done = std::move(done);
  post({std::move(job), nullptr});
}

void client_pool::run(std::move_only_function<void()> work) {
  post({nullptr, std::move(work)});
}

void client_pool::post(posting what) {
  // Either we see that it stops, or the stopper sees that we post: both orders are the sequential
  // one. What others have posted is theirs, or the pool's thread's, to refuse.
  posters_.fetch_add(1);
  if (stopped_.load()) {
    posters_.fetch_sub(1);
    if (what.job) loop_->refuse(what.job, fetch_fault::busy);
    return;
  }
  if (posted_.push(std::move(what))) boost::asio::post(*io_, [this] { take_posted(); });
  posters_.fetch_sub(1);
}

void client_pool::take_posted() {
  if (stopped_.load()) return refuse_posted();
  std::vector<posting> taken;
  posted_.take_all(taken);
  for (auto& [job, work] : taken) {
    if (job) {
      loop_->begin(job);
    } else {
      work();
    }
  }
}

void client_pool::refuse_posted() {
  std::vector<posting> taken;
  posted_.take_all(taken);
  for (auto& [job, work] : taken) {
    if (job) loop_->refuse(job, fetch_fault::busy);
  }
}

void client_pool::end() {
  refuse_posted();
  loop_->end();
}

void client_pool::stop() {
  if (!stopped_.exchange(true)) boost::asio::post(*io_, [this] { end(); });
  if (thread_.joinable()) thread_.join();
  while (posters_.load() != 0) std::this_thread::yield();
  refuse_posted();
}

}  // namespace filemint::http
