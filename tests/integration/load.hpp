// Clients over real sockets, a thread and a connection each, against a node in this process.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/tcp.h>
#include <nlohmann/json.hpp>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace filemint::testing {

// Asked again and again. False: it did not happen within a time that is ample.
inline bool eventually(const std::function<bool()>& happened) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{30};
  while (!happened()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds{2});
  }
  return true;
}

struct http_answer {
  int status = 0;  // 0: none came, the connection ended or was silent for 20 s
  std::string body;
  std::string head;  // with its status line and the empty one

  // "OK", or the envelope's code; "no answer"; "no envelope".
  [[nodiscard]] std::string code() const {
    if (status == 0) return "no answer";
    const auto json = nlohmann::json::parse(body, nullptr, false);
    if (!json.is_object() || !json.contains("success")) return "no envelope";
    if (json["success"] == true) return status == 200 ? "OK" : "no envelope";
    return json["data"].is_null() ? json["error"]["code"].get<std::string>() : "no envelope";
  }
};

class connection {
public:
  explicit connection(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    constexpr timeval patience{20, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    constexpr int on = 1;
    ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    sockaddr_in to{.sin_family = AF_INET,
                   .sin_port = htons(port),
                   .sin_addr = {htonl(INADDR_LOOPBACK)},
                   .sin_zero = {}};
    EXPECT_EQ(::connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to), 0);
  }
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;
  ~connection() { ::close(fd_); }

  http_answer ask(std::string_view raw) {
    while (!raw.empty()) {
      const auto sent = ::send(fd_, raw.data(), raw.size(), MSG_NOSIGNAL);
      if (sent <= 0) return {};
      raw.remove_prefix(static_cast<std::size_t>(sent));
    }
    std::string received;
    const auto more = [&] {
      char block[16 * 1024];
      const auto n = ::recv(fd_, block, sizeof block, 0);
      if (n > 0) received.append(block, static_cast<std::size_t>(n));
      return n > 0;
    };
    while (!received.contains("\r\n\r\n")) {
      if (!more()) return {};
    }
    constexpr std::string_view length_field = "Content-Length: ";
    const auto head_end = received.find("\r\n\r\n") + 4;
    const auto field = received.find(length_field) + length_field.size();
    std::size_t length = 0;
    std::from_chars(received.data() + field, received.data() + head_end, length);
    while (received.size() < head_end + length) {
      if (!more()) return {};
    }
    http_answer answer{0, received.substr(head_end), received.substr(0, head_end)};
    constexpr std::string_view version = "HTTP/1.1 ";
    std::from_chars(received.data() + version.size(), received.data() + version.size() + 3,
                    answer.status);
    return answer;
  }

private:
  int fd_;
};

// Asks on all connections at once, again and again, until it is ended. What comes back is counted
// by what was asked and what code was answered.
class load {
public:
  struct call {
    std::string kind;
    std::string raw;
  };
  using counts = std::map<std::pair<std::string, std::string>, std::uint64_t>;

  load(std::uint16_t port, std::size_t clients, std::function<call(std::size_t turn)> next)
      : next_(std::move(next)) {
    for (std::size_t i = 0; i < clients; ++i) {
      threads_.emplace_back([this, port, i] { run(port, i); });
    }
  }
  ~load() { (void)end(); }

  // All that was answered.
  [[nodiscard]] counts end() {
    ended_ = true;
    threads_.clear();
    return counts_;
  }
  [[nodiscard]] std::uint64_t seen(const std::string& kind, const std::string& code) const {
    const std::scoped_lock lock{mutex_};
    const auto at = counts_.find({kind, code});
    return at == counts_.end() ? 0 : at->second;
  }

private:
  void run(std::uint16_t port, std::size_t turn) {
    connection to_node{port};
    while (!ended_) {
      const auto asked = next_(turn++);
      const auto code = to_node.ask(asked.raw).code();
      const std::scoped_lock lock{mutex_};
      ++counts_[{asked.kind, code}];
      if (code == "no answer") return;
    }
  }

  std::function<call(std::size_t)> next_;
  std::atomic<bool> ended_{false};
  mutable std::mutex mutex_;
  counts counts_;
  std::vector<std::jthread> threads_;
};

}  // namespace filemint::testing
