#include "http/ready_sockets.hpp"

#include <boost/asio/post.hpp>
#include <fcntl.h>
#include <sys/epoll.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

namespace filemint::http {

namespace asio = boost::asio;

namespace {

constexpr std::uint32_t ends = EPOLLRDHUP | EPOLLHUP | EPOLLERR;
constexpr std::size_t events_a_turn = 64;

int make_epoll() {
  const int fd = ::epoll_create1(EPOLL_CLOEXEC);
  if (fd < 0) throw std::system_error(errno, std::generic_category(), "epoll_create1");
  return fd;
}

}  // namespace

void ready_socket::closer::operator()(ready_socket* socket) const noexcept {
  socket->fd_ = unique_fd{};
  if (socket->is_linked()) socket->unlink();
  socket->all_.bury(socket);
}

void ready_socket::run_soon(handler ready) {
  asio::post(all_.io_, std::move(ready));
}

void ready_socket::wait(direction& which, handler ready) {
  if (which.ready) return run_soon(std::move(ready));
  which.waits = std::move(ready);
}

void ready_socket::on_events(std::uint32_t events) {
  if ((events & ends) != 0) ended_ = true;
  const auto tell = [&](direction& which, std::uint32_t of_it) {
    if ((events & (of_it | ends)) == 0) return;
    which.ready = true;
    if (which.waits) std::exchange(which.waits, nullptr)();
  };
  tell(read_, EPOLLIN);
  tell(write_, EPOLLOUT);
}

ready_sockets::ready_sockets(asio::io_context& io)
    : io_(io), epoll_(std::in_place, io, make_epoll()) {
  await_events();
}

ready_sockets::~ready_sockets() {
  stop();
}

void ready_sockets::stop() noexcept {
  epoll_.reset();
  while (!open_.empty()) {
    auto& socket = open_.front();
    socket.unlink();
    // With them goes whoever owns the socket, and closes it.
    const auto reads = std::move(socket.read_.waits), writes = std::move(socket.write_.waits);
  }
  while (!closed_.empty()) std::exchange(closed_, {}).clear();
}

ready_socket::pointer ready_sockets::add(unique_fd socket) {
  if (!epoll_) return nullptr;
  const int fd = socket.get();
  ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
  ready_socket::pointer made{new ready_socket{*this, std::move(socket)}};
  open_.push_back(*made);
  epoll_event wanted{.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
                     .data = {.ptr = made.get()}};
  if (::epoll_ctl(epoll_->native_handle(), EPOLL_CTL_ADD, fd, &wanted) != 0) made.reset();
  return made;
}

void ready_sockets::await_events() {
  epoll_->async_wait(asio::posix::stream_descriptor::wait_read,
                     [this](boost::system::error_code error) {
                       if (!error) take_events();
                     });
}

void ready_sockets::take_events() {
  std::array<epoll_event, events_a_turn>
      events;  // NOLINT(*-member-init): filled as far as it is read
  const int count = ::epoll_wait(epoll_->native_handle(), events.data(), int{events.size()}, 0);
  for (int i = 0; i < count; ++i) {
    auto& socket = *static_cast<ready_socket*>(events[static_cast<std::size_t>(i)].data.ptr);
    if (socket.fd_) socket.on_events(events[static_cast<std::size_t>(i)].events);
  }
  if (epoll_) await_events();
}

void ready_sockets::bury(ready_socket* socket) noexcept {
  closed_.emplace_back(socket);
  if (!epoll_ || closed_.size() > 1) return;
  asio::post(io_, [this] { std::exchange(closed_, {}).clear(); });
}

}  // namespace filemint::http
