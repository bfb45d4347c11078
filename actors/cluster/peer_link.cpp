#include "actors/cluster/peer_link.hpp"

#include "actors/cluster/link_dialler.hpp"
#include "actors/cluster/link_hub.hpp"
#include "core/watched_files.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <mutex>
#include <thread>
#include <utility>

namespace filemint::actors {

namespace asio = boost::asio;

struct peer_link::parts {
  parts(link_terms asked, std::shared_ptr<streams> between, resolver& names,
        const link_events& events)
      : terms(std::move(asked)),
        files({terms.files.ca, terms.files.certificate, terms.files.key}),
        hub(io, terms, std::move(between), events, counts),
        dialler(io, terms, hub, names, events, counts) {}

  result<void> load() {
    auto fresh = link_tls::load(terms.files, terms.name);
    if (!fresh) return std::unexpected(fresh.error());
    hub.put_tls(std::move(*fresh));
    return {};
  }

  const link_terms terms;
  link_counts counts;
  std::mutex mutex;  // guards files
  watched_files files;
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
  made->files.take();
  if (auto done = made->load(); !done) return std::unexpected(done.error());
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
  const std::scoped_lock lock{parts_->mutex};
  parts_->files.take();
  return parts_->load();
}

std::optional<result<void>> peer_link::look() {
  const std::scoped_lock lock{parts_->mutex};
  if (!parts_->files.take_if_changed()) return std::nullopt;
  return parts_->load();
}

void peer_link::drop(std::uint64_t link, link_failure why) {
  asio::post(parts_->io, [&all = *parts_, link, why] { all.hub.drop(link, why); });
}

}  // namespace filemint::actors
