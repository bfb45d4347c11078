// A TCP gate between two nodes: lets bytes through, swallows them, or closes.
#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <thread>
#include <utility>

namespace filemint::actors::testing {

class gate {
public:
  explicit gate(std::uint16_t to)
      : to_(boost::asio::ip::address_v4::loopback(), to),
        acceptor_(io_, {boost::asio::ip::address_v4::loopback(), 0}) {
    accept();
    thread_ = std::thread{[this] { io_.run(); }};
  }
  ~gate() {
    io_.stop();
    thread_.join();
  }

  [[nodiscard]] std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

  // There: to the node behind the gate; back: from it.
  void swallow(bool there, bool back) {
    swallows_[0] = there;
    swallows_[1] = back;
  }
  // Closes the connections that stand; new ones are let through.
  void close() {
    boost::asio::post(io_, [this] {
      for (const auto& each : passages_) each->close();
      passages_.clear();
    });
  }

private:
  using tcp = boost::asio::ip::tcp;
  using error_code = boost::system::error_code;

  struct passage {
    explicit passage(boost::asio::io_context& io) : ends{tcp::socket{io}, tcp::socket{io}} {}
    void close() {
      error_code ignored;
      for (auto& each : ends) each.close(ignored);
    }
    std::array<tcp::socket, 2> ends;  // who came, whom they want
    std::array<std::array<char, 16'384>, 2> bytes{};
  };
  using passage_ptr = std::shared_ptr<passage>;

  void accept() {
    auto made = std::make_shared<passage>(io_);
    acceptor_.async_accept(made->ends[0], [this, made](error_code failed) {
      if (failed) return;
      made->ends[1].async_connect(to_, [this, made](error_code refused) {
        if (refused) return made->close();
        passages_.push_back(made);
        carry(made, 0);
        carry(made, 1);
      });
      accept();
    });
  }
  void carry(const passage_ptr& at, std::size_t from) {
    at->ends[from].async_read_some(
        boost::asio::buffer(at->bytes[from]), [this, at, from](error_code failed, std::size_t n) {
          if (failed) return at->close();
          if (swallows_[from]) return carry(at, from);
          boost::asio::async_write(at->ends[1 - from], boost::asio::buffer(at->bytes[from], n),
                                   [this, at, from](error_code lost, std::size_t) {
                                     if (lost) return at->close();
                                     carry(at, from);
                                   });
        });
  }

  boost::asio::io_context io_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard_{
      io_.get_executor()};
  tcp::endpoint to_;
  tcp::acceptor acceptor_;
  std::array<std::atomic<bool>, 2> swallows_{};
  std::list<passage_ptr> passages_;
  std::thread thread_;
};

}  // namespace filemint::actors::testing
