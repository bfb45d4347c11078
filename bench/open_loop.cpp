// bench_load: sends one request at a fixed rate over kept connections and prints what the latencies
// were, as JSON.
//
// Open loop: request i is due at start + i / rate, whether or not earlier ones were answered. When
// no connection is free it waits for one, and its latency counts from when it was due, so a slow
// server cannot hide behind a waiting client. Whole answers are counted by status, the others by
// what ended them. One thread. Bounded: 10,000,000 requests, 600 s, 10,000 connections; loopback.
#include <CLI/CLI.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <deque>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using clock_type = std::chrono::steady_clock;
using executor_type = asio::io_context::executor_type;
using socket_type = asio::basic_stream_socket<asio::ip::tcp, executor_type>;
using timer_type =
    asio::basic_waitable_timer<clock_type, asio::wait_traits<clock_type>, executor_type>;

struct settings {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;
  double rate = 1'000;
  double seconds = 4;
  std::size_t connections = 64;
  std::string request_file;
};

struct tally {
  std::vector<std::uint32_t> latencies_us;        // of the good answers
  std::uint64_t in_time = 0;                      // of them, before the last request was due
  std::uint64_t errors = 0;                       // all that are not good
  std::uint64_t refused = 0;                      // of them, 429 and 503 with Retry-After
  std::map<std::string, std::uint64_t> statuses;  // whole answers, good and not
  std::map<std::string, std::uint64_t> lost;      // no whole answer: where it ended, and why
};

// Finds the end of one HTTP/1.1 answer that has a Content-Length.
class answer_reader {
public:
  // True once the answer is complete. A malformed one sets `bad`.
  bool take(std::string_view bytes) {
    if (!in_body_) {
      head_.append(bytes);
      const auto end = head_.find("\r\n\r\n");
      if (end == std::string::npos) return false;
      in_body_ = true;
      missing_ = content_length(end);
      bytes = std::string_view(head_).substr(end + 4);
    }
    if (bytes.size() > missing_) bad = true;
    missing_ -= std::min(missing_, bytes.size());
    return missing_ == 0;
  }

  [[nodiscard]] bool good() const { return !bad && head_.starts_with("HTTP/1.1 200 "); }

  [[nodiscard]] bool refusal() const {
    return !bad && (head_.starts_with("HTTP/1.1 429 ") || head_.starts_with("HTTP/1.1 503 ")) &&
           head_.find("\r\nRetry-After: ") != std::string::npos;
  }

  [[nodiscard]] std::string status() const {
    return head_.substr(std::min(head_.size(), std::size_t{9}), 3);
  }

  void reset() {
    head_.clear();
    in_body_ = false;
  }

  bool bad = false;

private:
  std::size_t content_length(std::size_t head_end) {
    static constexpr std::string_view name = "\r\ncontent-length:";
    const auto same = [](char a, char b) {
      return a == b || (a >= 'A' && a <= 'Z' && a + 32 == b);
    };
    const auto stop = head_.begin() + static_cast<std::ptrdiff_t>(head_end);
    const auto found = std::search(head_.begin(), stop, name.begin(), name.end(), same);
    if (found == stop) {
      bad = true;
      return 0;
    }
    const char* digits = std::to_address(found) + name.size();
    while (*digits == ' ') ++digits;
    std::size_t length = 0;
    std::from_chars(digits, head_.data() + head_end, length);
    return length;
  }

  std::string head_;
  std::size_t missing_ = 0;
  bool in_body_ = false;
};

class generator {
public:
  generator(asio::io_context& io, const settings& wanted, std::string request)
      : io_(io),
        timer_(io),
        request_(std::move(request)),
        period_(std::chrono::duration_cast<clock_type::duration>(
            std::chrono::duration<double>(1 / wanted.rate))),
        count_(static_cast<std::uint64_t>(wanted.rate * wanted.seconds)),
        server_(asio::ip::make_address(wanted.host), wanted.port) {
    result.latencies_us.reserve(count_);
    for (std::size_t i = 0; i < wanted.connections; ++i) {
      open(*peers_.emplace_back(std::make_unique<connection>(io)));
      idle_.push_back(peers_.back().get());
    }
  }

  void run(std::chrono::seconds grace) {
    start_ = clock_type::now();
    wait_for_due();
    io_.run_until(start_ + period_ * count_ + grace);
    if (finished_ == count_) return;
    result.errors += result.lost["never answered"] = count_ - finished_;
  }

  [[nodiscard]] std::uint64_t sent() const { return count_; }

  tally result;

private:
  struct connection {
    explicit connection(asio::io_context& io) : socket(io) {}
    socket_type socket;
    answer_reader answer;
    clock_type::time_point due{};
    clock_type::time_point silent_since{};  // opened, or answered
  };

  // Servers end a connection that is silent for long, a new one within 10 s. The last used is taken
  // first, so some are silent for a whole run.
  static constexpr std::chrono::seconds longest_silence{5};

  void open(connection& peer) {
    peer.socket.close();
    peer.socket.connect(server_);
    peer.socket.set_option(asio::ip::tcp::no_delay(true));
    peer.silent_since = clock_type::now();
  }

  void wait_for_due() {
    if (next_ == count_) return;
    timer_.expires_at(start_ + period_ * next_);
    timer_.async_wait([this](error_code) {
      const auto now = clock_type::now();
      for (; next_ < count_ && start_ + period_ * next_ <= now; ++next_)
        waiting_.push_back(start_ + period_ * next_);
      hand_out();
      wait_for_due();
    });
  }

  void hand_out() {
    while (!waiting_.empty() && !idle_.empty()) {
      auto& peer = *idle_.back();
      idle_.pop_back();
      peer.due = waiting_.front();
      waiting_.pop_front();
      if (clock_type::now() - peer.silent_since > longest_silence) open(peer);
      asio::async_write(peer.socket, asio::buffer(request_),
                        [this, &peer](error_code failed, std::size_t) {
                          if (failed) return lose(peer, "writing: " + failed.message());
                          read(peer);
                        });
    }
  }

  void read(connection& peer) {
    peer.socket.async_wait(socket_type::wait_read, [this, &peer](error_code failed) {
      if (failed) return lose(peer, "reading: " + failed.message());
      const auto size = peer.socket.read_some(asio::buffer(block_), failed);
      if (failed) return lose(peer, "reading: " + failed.message());
      if (!peer.answer.take({block_.data(), size})) return read(peer);
      if (peer.answer.bad) return lose(peer, "malformed");
      finish(peer);
    });
  }

  void finish(connection& peer) {
    peer.silent_since = clock_type::now();
    const auto took =
        std::chrono::duration_cast<std::chrono::microseconds>(peer.silent_since - peer.due);
    if (peer.answer.good()) {
      if (next_ < count_) ++result.in_time;
      result.latencies_us.push_back(static_cast<std::uint32_t>(took.count()));
    } else {
      ++result.errors;
      if (peer.answer.refusal()) ++result.refused;
    }
    ++result.statuses[peer.answer.status()];
    peer.answer.reset();
    idle_.push_back(&peer);
    if (++finished_ == count_) return io_.stop();
    hand_out();
  }

  // The request failed and the connection is not used again.
  void lose(connection& peer, const std::string& why) {
    ++result.lost[why];
    ++result.errors;
    error_code ignored;
    peer.socket.close(ignored);
    if (++finished_ == count_) io_.stop();
  }

  asio::io_context& io_;
  std::array<char, 64 * 1024> block_{};
  timer_type timer_;
  std::string request_;
  clock_type::duration period_;
  std::uint64_t count_;
  asio::ip::tcp::endpoint server_;
  std::uint64_t next_ = 0, finished_ = 0;
  clock_type::time_point start_{};
  std::vector<std::unique_ptr<connection>> peers_;
  std::vector<connection*> idle_;
  std::deque<clock_type::time_point> waiting_;  // due, no connection free yet
};

std::string json_of(const std::map<std::string, std::uint64_t>& counts) {
  std::string text;
  for (const auto& [name, count] : counts)
    text += (text.empty() ? "\"" : ",\"") + name + "\":" + std::to_string(count);
  return "{" + text + "}";
}

void print(const generator& load) {
  auto sorted = load.result.latencies_us;
  std::ranges::sort(sorted);
  const auto at = [&](double share) {
    if (sorted.empty()) return std::uint32_t{0};
    return sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))];
  };
  std::printf(
      "{\"sent\":%llu,\"ok\":%zu,\"in_time\":%llu,\"errors\":%llu,\"refused\":%llu,"
      "\"p50_us\":%u,\"p90_us\":%u,\"p99_us\":%u,\"max_us\":%u,\"statuses\":%s,\"lost\":%s}\n",
      static_cast<unsigned long long>(load.sent()), sorted.size(),
      static_cast<unsigned long long>(load.result.in_time),
      static_cast<unsigned long long>(load.result.errors),
      static_cast<unsigned long long>(load.result.refused), at(0.5), at(0.9), at(0.99), at(1),
      json_of(load.result.statuses).c_str(), json_of(load.result.lost).c_str());
}

}  // namespace

int main(int argc, char** argv) try {
  settings wanted;
  CLI::App app{"One request at a fixed rate, latency counted from when it was due; JSON on stdout"};
  app.add_option("--host", wanted.host, "a loopback address")->capture_default_str();
  app.add_option("--port", wanted.port)->required();
  app.add_option("--rate", wanted.rate, "requests a second")->check(CLI::Range(1.0, 1e6));
  app.add_option("--seconds", wanted.seconds)->check(CLI::Range(0.1, 600.0));
  app.add_option("--connections", wanted.connections)->check(CLI::Range(1, 10'000));
  app.add_option("--request", wanted.request_file, "a file with the whole request")
      ->required()
      ->check(CLI::ExistingFile);
  CLI11_PARSE(app, argc, argv);

  if (!asio::ip::make_address(wanted.host).is_loopback())
    throw std::invalid_argument("loopback alone");
  if (wanted.rate * wanted.seconds > 1e7)
    throw std::invalid_argument("at most 10,000,000 requests");
  std::ifstream file(wanted.request_file, std::ios::binary);
  std::string request{std::istreambuf_iterator<char>(file), {}};

  asio::io_context io(1);
  generator load(io, wanted, std::move(request));
  load.run(std::chrono::seconds(5));
  print(load);
  return 0;
} catch (const std::exception& problem) {
  std::fprintf(stderr, "bench_load: %s\n", problem.what());
  return 1;
}
