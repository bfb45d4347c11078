// One log line a request, off the hot path: each core pushes into a bounded ring of its own, one
// thread drains them all and writes. A full ring drops and counts rather than wait.
#pragma once

#include "http/log.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace filemint::http {

// What a line tells. Never a key, token, query or signature.
struct access_entry {
  std::chrono::system_clock::time_point time;
  std::chrono::nanoseconds duration{};
  std::uint64_t bytes = 0;  // of the answer
  std::uint32_t paths = 0;  // minted
  std::uint16_t status = 0;
  std::string_view method;  // these three: static storage
  std::string_view route;
  std::string_view code;
  std::string_view request_id;  // at most 128 bytes are kept; letters, digits, '.', '_' and '-'
  std::string_view company;     // 64; empty: none was recognised
  std::string_view key_id;      // 16; of a key that is known
  std::string_view client;      // 48; an address
};

// One producer (the core's thread), one consumer (the log's).
class access_ring {
public:
  static constexpr std::size_t capacity = 4096;

  // Under 100 ns while the writer is awake. Copies what `entry` views.
  void push(const access_entry& entry) noexcept;
  // Any thread.
  [[nodiscard]] std::uint64_t dropped() const noexcept {
    return dropped_.load(std::memory_order_relaxed);
  }

private:
  friend class access_log;

  template <std::size_t N>
  struct text {
    std::uint8_t size;
    std::array<char, N> bytes;

    void set(std::string_view from) noexcept {
      size = static_cast<std::uint8_t>(from.copy(bytes.data(), N));
    }
    [[nodiscard]] std::string_view view() const noexcept { return {bytes.data(), size}; }
  };

  // Left uninitialised: a ring takes no memory before it is used.
  struct record {
    std::int64_t time_ns, duration_ns;
    std::uint64_t bytes;
    std::uint32_t paths;
    std::uint16_t status;
    std::array<const char*, 3> names;
    std::array<std::uint8_t, 3> name_sizes;
    text<128> request_id;
    text<64> company;
    text<16> key_id;
    text<48> client;

    void set(const access_entry& from) noexcept;
    [[nodiscard]] access_entry view() const noexcept;
  };

  // Hands over what is there, in order, at most that many.
  template <class Sink>
  std::size_t drain(std::size_t at_most, Sink&& sink) {
    auto at = tail_.load(std::memory_order_relaxed);
    const auto count = std::min(at_most, head_.load(std::memory_order_acquire) - at);
    const auto end = at + count;
    for (; at != end; ++at) {
      sink(records_[at % capacity].view());
      tail_.store(at + 1, std::memory_order_release);
    }
    return count;
  }
  [[nodiscard]] bool empty() const noexcept {
    return head_.load() == tail_.load(std::memory_order_relaxed);
  }

  std::atomic<int>* asleep_ = nullptr;  // null: no log is kept
  std::unique_ptr<record[]> records_;
  alignas(64) std::atomic<std::size_t> head_{0};  // the producer's
  std::size_t known_tail_ = 0;
  std::atomic<std::uint64_t> dropped_{0};
  alignas(64) std::atomic<std::size_t> tail_{0};  // the consumer's
};

// Rings and their writer. The writer sleeps while nothing comes, and looks every 20 ms while
// something does. It writes a few lines at a time: one that wrote for a millisecond would hold up
// the io thread that shares its core.
class access_log {
public:
  // Without a target nothing is kept: a ring's push returns at once. `target` must outlive it.
  access_log(std::size_t cores, log* target);
  ~access_log() { stop(); }
  access_log(const access_log&) = delete;
  access_log& operator=(const access_log&) = delete;

  [[nodiscard]] access_ring& ring(std::size_t core) noexcept { return rings_[core]; }
  [[nodiscard]] std::uint64_t dropped() const noexcept;  // any thread
  // Any thread: the writer sleeps, for it has written all that came.
  [[nodiscard]] bool idle() const noexcept { return asleep_.load() != 0; }
  // Writes what was pushed before, and ends. Not from a core's thread.
  void stop();

private:
  void run();
  std::size_t write_some();

  log* target_;
  std::vector<access_ring> rings_;
  std::atomic<int> asleep_{0};
  std::atomic<bool> stopping_{false};
  std::string lines_;
  std::jthread writer_;
};

// One line without its end.
void append_access_line(std::string& out, const access_entry& entry, log_format format);

}  // namespace filemint::http
