// When the sockets of one core's connections can be read or written. Each is registered once,
// edge-triggered, with an epoll instance of their own, which asio's reactor watches as one
// descriptor: asio's own waits take a system call each (epoll_ctl), on each request's way.
#pragma once

#include "core/unique_fd.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/intrusive/list.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace filemint::http {

class ready_sockets;

// A stream socket, non-blocking from now on. Belongs to its core's thread. Who reads or writes
// tells it when there was no more to be had: only then is there another edge to wait for. A read
// that stops short at TCP's urgent data looks like that, and what stands behind it waits for more.
class ready_socket : public boost::intrusive::list_base_hook<
                         boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
public:
  using handler = std::move_only_function<void()>;

  // Closes the descriptor at once; what it waited for is dropped a little later, since that may own
  // whoever closes.
  struct closer {
    void operator()(ready_socket* socket) const noexcept;
  };
  using pointer = std::unique_ptr<ready_socket, closer>;

  [[nodiscard]] int fd() const noexcept { return fd_.get(); }

  // `ready` runs once, never from within. One at a time of each.
  void wait_read(handler ready) { wait(read_, std::move(ready)); }
  void wait_write(handler ready) { wait(write_, std::move(ready)); }
  // Whatever the socket is ready for.
  void run_soon(handler ready);
  // All that was there has been read; or no more could be written.
  void was_emptied() noexcept { read_.ready = ended_; }
  void was_filled() noexcept { write_.ready = false; }

private:
  friend class ready_sockets;
  struct direction {
    bool ready = false;
    handler waits = {};
  };

  ready_socket(ready_sockets& all, unique_fd fd) : all_(all), fd_(std::move(fd)) {}
  void wait(direction& which, handler ready);
  void on_events(std::uint32_t events);

  ready_sockets& all_;
  unique_fd fd_;
  bool ended_ = false;  // by the peer or a fault: no further edge tells of it
  direction read_, write_;
};

// Touched on its io_context's thread alone, but for its end. It outlives its sockets; those that
// still wait at its end are dropped with what they wait for.
class ready_sockets {
public:
  explicit ready_sockets(boost::asio::io_context& io);
  ~ready_sockets();
  ready_sockets(const ready_sockets&) = delete;
  ready_sockets& operator=(const ready_sockets&) = delete;

  // Null where the system watches no more, and after stop().
  [[nodiscard]] ready_socket::pointer add(unique_fd socket);
  // Drops what still waits. Before the io_context goes; once all sockets are closed.
  void stop() noexcept;

private:
  friend class ready_socket;

  void await_events();
  void take_events();
  void bury(ready_socket* socket) noexcept;

  boost::asio::io_context& io_;
  std::optional<boost::asio::posix::stream_descriptor> epoll_;  // nothing: stopped
  boost::intrusive::list<ready_socket, boost::intrusive::constant_time_size<false>> open_;
  // Closed, but events of this turn may still name them.
  std::vector<std::unique_ptr<ready_socket>> closed_;
};

}  // namespace filemint::http
