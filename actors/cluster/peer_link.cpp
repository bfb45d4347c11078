#include "actors/cluster/peer_link.hpp"

#include "actors/cluster/link_dialler.hpp"
#include "actors/cluster/link_hub.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <thread>
#include <utility>

namespace filemint::actors {

namespace asio = boost::asio;

struct peer_link::parts {
  parts(link_terms asked, std::shared_ptr<streams> between, resolver& names,
        const link_events& events)
      : terms(std::move(asked)),
        hub(io, terms, std::move(between), events, counts),
        dialler(io, terms, hub, names, events, counts) {}

  const link_terms terms;
  link_counts counts;
  asio::io_context io{1};
  asio::executor_work_guard<asio::io_context::executor_type> guard{io.get_executor()};
  link_hub hub;
  link_dialler dialler;
  std::thread thread;
};

peer_link::peer_link(std::unique_ptr<parts> made) : parts_(std::move(made)) {}

peer_link::~peer_link() {
  stop();
}

result<std::unique_ptr<peer_link>> peer_link::open(link_terms terms,
                                                   std::shared_ptr<streams> between,
                                                   resolver& names, const link_events& events) {
  auto made = std::make_unique<parts>(std::move(terms), std::move(between), names, events);
  auto tls = link_tls::load(made->terms.files, made->terms.name);
  if (!tls) return std::unexpected(tls.error());
  made->hub.put_tls(std::move(*tls));
  if (auto done = made->hub.listen(); !done) return std::unexpected(done.error());
  return std::unique_ptr<peer_link>{new peer_link{std::move(made)}};
}

void peer_link::start() {
  parts_->thread = std::thread{[&all = *parts_] { all.io.run(); }};
  asio::post(parts_->io, [&all = *parts_] {
    all.hub.accept();
    all.dialler.start();
  });
}

void peer_link::stop() {
  if (!parts_->thread.joinable()) return;
  asio::post(parts_->io, [&all = *parts_] {
    all.dialler.stop();
    all.hub.close_all();
    all.io.stop();
  });
  parts_->thread.join();
}

std::uint16_t peer_link::port() const noexcept {
  return parts_->hub.port();
}

const link_counts& peer_link::counts() const noexcept {
  return parts_->counts;
}

wall_time peer_link::expires() const {
  return parts_->hub.tls()->expires;
}

result<void> peer_link::reload() {
  auto fresh = link_tls::load(parts_->terms.files, parts_->terms.name);
  if (!fresh) return std::unexpected(fresh.error());
  parts_->hub.put_tls(std::move(*fresh));
  return {};
}

void peer_link::drop(std::uint64_t link, link_failure why) {
  asio::post(parts_->io, [&all = *parts_, link, why] { all.hub.drop(link, why); });
}

}  // namespace filemint::actors
