// bench_bare: the least that a server can do. Each thread has an epoll and a listener of its own;
// each POST is answered with the same bytes, after as much of the thread's CPU time as is asked
// for. What a call waits for here, no server waits for less that spends as much on it. Loopback.
#include <CLI/CLI.hpp>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <vector>

namespace {

struct settings {
  std::uint16_t port = 0;
  std::size_t length = 0;
  double busy_us = 0;
  unsigned threads = 2;
};

[[noreturn]] void fail(const char* what) {
  std::perror(what);
  std::exit(1);
}

void spend(double us) {
  const auto used = [] {
    timespec t{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return static_cast<double>(t.tv_sec) * 1e6 + static_cast<double>(t.tv_nsec) / 1e3;
  };
  for (const auto end = used() + us; used() < end;) {
  }
}

// The bytes of the first request in `from`; 0: it is not whole yet.
std::size_t whole_request(std::string_view from) {
  const auto end = from.find("\r\n\r\n");
  if (end == std::string_view::npos) return 0;
  constexpr std::string_view field = "Content-Length: ";
  const auto at = from.substr(0, end).find(field);
  std::size_t body = 0;
  if (at != std::string_view::npos)
    std::from_chars(from.data() + at + field.size(), from.data() + end, body);
  return from.size() < end + 4 + body ? 0 : end + 4 + body;
}

class loop {
public:
  loop(const settings& asked, const std::string& answer)
      : asked_(asked), answer_(answer), poll_(epoll_create1(EPOLL_CLOEXEC)) {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const int on = 1;
    setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    setsockopt(listener_, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port = htons(asked.port);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(listener_, reinterpret_cast<sockaddr*>(&at), sizeof at) != 0) fail("bind");
    if (listen(listener_, 1'024) != 0) fail("listen");
    watch(listener_, EPOLLIN);
  }

  [[noreturn]] void run() {
    std::array<epoll_event, 128> ready{};
    for (;;) {
      const int n = epoll_wait(poll_, ready.data(), static_cast<int>(ready.size()), -1);
      for (int i = 0; i < n; ++i) {
        const int at = ready[static_cast<std::size_t>(i)].data.fd;
        at == listener_ ? accept_all() : serve(at);
      }
    }
  }

private:
  struct connection {
    std::string in, out;
  };

  void watch(int descriptor, std::uint32_t events) const {
    epoll_event event{.events = events, .data = {.fd = descriptor}};
    if (epoll_ctl(poll_, EPOLL_CTL_ADD, descriptor, &event) != 0) fail("epoll_ctl");
  }

  void accept_all() {
    for (;;) {
      const int client = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (client < 0) return;
      const int on = 1;
      setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      watch(client, EPOLLIN | EPOLLOUT | EPOLLET);
      connections_.try_emplace(client);
    }
  }

  void serve(int client) {
    auto& c = connections_[client];
    send_rest(client, c);
    for (;;) {
      const auto n = recv(client, block_.data(), block_.size(), 0);
      if (n == 0 || (n < 0 && errno != EAGAIN)) {
        connections_.erase(client);
        close(client);
        return;
      }
      if (n < 0) return;
      c.in.append(block_.data(), static_cast<std::size_t>(n));
      while (const auto request = whole_request(c.in)) {
        c.in.erase(0, request);
        spend(asked_.busy_us);
        answer(client, c);
      }
    }
  }

  void answer(int client, connection& c) const {
    std::size_t sent = 0;
    if (c.out.empty()) {
      const auto n = send(client, answer_.data(), answer_.size(), MSG_NOSIGNAL);
      if (n > 0) sent = static_cast<std::size_t>(n);
    }
    c.out.append(answer_, sent);
  }

  static void send_rest(int client, connection& c) {
    if (c.out.empty()) return;
    const auto n = send(client, c.out.data(), c.out.size(), MSG_NOSIGNAL);
    if (n > 0) c.out.erase(0, static_cast<std::size_t>(n));
  }

  const settings& asked_;
  const std::string& answer_;
  const int poll_;
  int listener_ = -1;
  std::array<char, 256 * 1'024> block_{};
  std::unordered_map<int, connection> connections_;
};

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"A bare server on loopback."};
  settings asked;
  app.add_option("--port", asked.port)->required();
  app.add_option("--length", asked.length, "of the answer's body")->required();
  app.add_option("--busy-us", asked.busy_us, "CPU time a request, beside what the sockets take");
  app.add_option("--threads", asked.threads)->check(CLI::Range(1, 64));
  CLI11_PARSE(app, argc, argv);
  const auto answer = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " +
                      std::to_string(asked.length) + "\r\n\r\n" + std::string(asked.length, 'x');
  std::vector<std::jthread> threads;
  for (unsigned i = 0; i < asked.threads; ++i)
    threads.emplace_back([&] { std::make_unique<loop>(asked, answer)->run(); });
}
