// A server on loopback that answers as a test says: in plaintext or under TLS, whole, by drips, not
// at all, or by closing.
#pragma once

#include "tests/unit/cluster/authority.hpp"

#include <boost/asio.hpp>
#include <boost/asio/ssl.hpp>

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace filemint::http {

class http_peer {
public:
  struct asked {
    std::string head, body;
    int connection;  // from 0 on
    int nth;         // on its connection, from 0 on
  };
  enum class ending { keep, close, reset, hang };
  struct reply {
    std::string bytes;
    ending then = ending::keep;
    bool drip = false;  // a byte at a time
  };
  // On the server's thread.
  using script = std::function<reply(const asked&)>;

  static std::string ok(const std::string& body, const std::string& fields = {}) {
    return "HTTP/1.1 200 OK\r\n" + fields + "Content-Length: " + std::to_string(body.size()) +
           "\r\n\r\n" + body;
  }

  explicit http_peer(script how, std::optional<testing::authority::files> tls = {},
                     int max_tls_version = TLS1_3_VERSION, std::string at = "127.0.0.1");
  ~http_peer();

  [[nodiscard]] std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

  [[nodiscard]] int accepted() const { return told(&numbers::accepted); }
  [[nodiscard]] int most_at_once() const { return told(&numbers::most); }
  [[nodiscard]] int resumed() const { return told(&numbers::resumed); }
  [[nodiscard]] std::vector<asked> requests() const {
    const std::scoped_lock lock{mutex_};
    return requests_;
  }
  // Whether there are so many connections, or have been so many requests, before long.
  [[nodiscard]] bool awaits_standing(int count) {
    return awaits([&] { return numbers_.standing == count; });
  }
  [[nodiscard]] bool awaits_requests(std::size_t count) {
    return awaits([&] { return requests_.size() >= count; });
  }
  // Closes the connections that stand; they are closed once it returns.
  void close_all();

private:
  using tcp = boost::asio::ip::tcp;
  struct connection {
    explicit connection(tcp::socket from) : socket(std::move(from)) {}
    tcp::socket socket;
    std::optional<boost::asio::ssl::stream<tcp::socket&>> tls;
    int number = 0;
  };
  using connection_ptr = std::shared_ptr<connection>;
  struct numbers {
    int accepted = 0, standing = 0, most = 0, resumed = 0;
  };

  boost::asio::awaitable<void> listen();
  boost::asio::awaitable<void> greet(connection_ptr with);
  template <class Stream>
  boost::asio::awaitable<void> serve(connection_ptr with, Stream& stream);
  template <class Stream>
  boost::asio::awaitable<bool> send(reply what, Stream& stream);

  int told(int numbers::* which) const {
    const std::scoped_lock lock{mutex_};
    return numbers_.*which;
  }
  bool awaits(auto condition) {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, std::chrono::seconds{10}, condition);
  }
  void change(auto act) {
    {
      const std::scoped_lock lock{mutex_};
      act();
    }
    changed_.notify_all();
  }

  script how_;
  boost::asio::io_context io_{1};
  boost::asio::ssl::context context_{boost::asio::ssl::context::tls_server};
  bool secure_ = false;
  tcp::acceptor acceptor_;
  std::vector<std::weak_ptr<connection>> all_;  // the thread's own
  mutable std::mutex mutex_;                    // guards what follows
  std::condition_variable changed_;
  numbers numbers_;
  std::vector<asked> requests_;
  std::thread thread_;
};

}  // namespace filemint::http
