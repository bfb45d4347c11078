#include "http/access_log.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <charconv>
#include <utility>

namespace filemint::http {

namespace {

constexpr std::chrono::milliseconds drain_interval{20};
constexpr std::size_t lines_a_turn = 64;  // of each ring: about 50 µs
constexpr std::chrono::microseconds between_turns{250};
constexpr int writer_nice = 10;

void append_number(std::string& out, std::uint64_t value) {
  char digits[20];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
}

std::uint64_t microseconds(std::chrono::nanoseconds t) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(0, t.count() / 1000));
}

// Nothing in an entry needs escaping: ids, names and addresses.
void append_json(std::string& out, const access_entry& entry) {
  const auto text = [&](std::string_view name, std::string_view value) {
    if (!value.empty()) ((((out += ",\"") += name) += "\":\"") += value) += '"';
  };
  const auto number = [&](std::string_view name, std::uint64_t value) {
    ((out += ",\"") += name) += "\":";
    append_number(out, value);
  };
  out += "{\"time\":\"";
  append_log_time(out, entry.time);
  out += "\",\"level\":\"info\",\"message\":\"request\"";
  text("request_id", entry.request_id);
  text("client", entry.client);
  text("method", entry.method);
  text("route", entry.route);
  number("status", entry.status);
  text("code", entry.code);
  number("duration_us", microseconds(entry.duration));
  number("paths", entry.paths);
  number("bytes", entry.bytes);
  text("company", entry.company);
  text("key_id", entry.key_id);
  out += '}';
}

void append_text(std::string& out, const access_entry& entry) {
  const auto word = [&](std::string_view value) { (out += ' ') += value.empty() ? "-" : value; };
  append_log_time(out, entry.time);
  word(entry.client);
  word(entry.method);
  word(entry.route);
  out += ' ';
  append_number(out, entry.status);
  word(entry.code);
  out += ' ';
  append_number(out, microseconds(entry.duration));
  out += "us paths=";
  append_number(out, entry.paths);
  out += " bytes=";
  append_number(out, entry.bytes);
  out += " company=";
  out += entry.company.empty() ? "-" : entry.company;
  out += " key_id=";
  out += entry.key_id.empty() ? "-" : entry.key_id;
  out += " request_id=";
  out += entry.request_id;
}

}  // namespace

void append_access_line(std::string& out, const access_entry& entry, log_format format) {
  format == log_format::json ? append_json(out, entry) : append_text(out, entry);
}

void access_ring::record::set(const access_entry& from) noexcept {
  time_ns =
      std::chrono::duration_cast<std::chrono::nanoseconds>(from.time.time_since_epoch()).count();
  duration_ns = from.duration.count();
  bytes = from.bytes;
  paths = from.paths;
  status = from.status;
  const std::array static_names{from.method, from.route, from.code};
  for (std::size_t i = 0; i < names.size(); ++i) {
    names[i] = static_names[i].data();
    name_sizes[i] = static_cast<std::uint8_t>(static_names[i].size());
  }
  request_id.set(from.request_id);
  company.set(from.company);
  key_id.set(from.key_id);
  client.set(from.client);
}

access_entry access_ring::record::view() const noexcept {
  const auto name = [&](std::size_t i) { return std::string_view(names[i], name_sizes[i]); };
  const std::chrono::nanoseconds since_epoch{time_ns};
  return {.time = std::chrono::system_clock::time_point(
              std::chrono::duration_cast<std::chrono::system_clock::duration>(since_epoch)),
          .duration = std::chrono::nanoseconds{duration_ns},
          .bytes = bytes,
          .paths = paths,
          .status = status,
          .method = name(0),
          .route = name(1),
          .code = name(2),
          .request_id = request_id.view(),
          .company = company.view(),
          .key_id = key_id.view(),
          .client = client.view()};
}

void access_ring::push(const access_entry& entry) noexcept {
  if (!asleep_) return;
  const auto at = head_.load(std::memory_order_relaxed);
  if (at - known_tail_ == capacity) {
    known_tail_ = tail_.load(std::memory_order_acquire);
    if (at - known_tail_ == capacity) {
      dropped_.store(dropped_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
      return;
    }
  }
  records_[at % capacity].set(entry);
  // Either the writer sees this record before it sleeps, or we see that it sleeps: both orders are
  // the sequential one.
  head_.store(at + 1);
  if (asleep_->load() != 0 && asleep_->exchange(0) != 0) asleep_->notify_one();
}

access_log::access_log(std::size_t cores, log* target) : target_(target), rings_(cores) {
  if (!target_) return;
  for (auto& ring : rings_) {
    ring.records_ = std::make_unique_for_overwrite<access_ring::record[]>(access_ring::capacity);
    ring.asleep_ = &asleep_;
  }
  writer_ = std::jthread([this] { run(); });
}

std::uint64_t access_log::dropped() const noexcept {
  std::uint64_t sum = 0;
  for (const auto& ring : rings_) sum += ring.dropped();
  return sum;
}

void access_log::stop() {
  if (!writer_.joinable()) return;
  stopping_.store(true);
  asleep_.store(0);
  asleep_.notify_one();
  writer_.join();
}

void access_log::run() {
  // Requests come first: when a core is short, lines wait, and are dropped rather than hold anybody
  // up.
  setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), writer_nice);
  while (true) {
    if (stopping_.load()) {
      while (write_some() != 0) continue;
      return;
    }
    if (const auto written = write_some(); written != 0) {
      if (written < lines_a_turn) {
        std::this_thread::sleep_for(drain_interval);
      } else {
        std::this_thread::sleep_for(between_turns);
      }
      continue;
    }
    asleep_.store(1);
    const bool idle =
        std::ranges::all_of(rings_, [](const access_ring& ring) { return ring.empty(); });
    if (idle && !stopping_.load()) asleep_.wait(1);
    asleep_.store(0);
  }
}

std::size_t access_log::write_some() {
  std::size_t count = 0;
  for (auto& ring : rings_) {
    count += ring.drain(lines_a_turn, [this](const access_entry& entry) {
      append_access_line(lines_, entry, target_->format());
      lines_ += '\n';
    });
  }
  if (count == 0) return 0;
  lines_.pop_back();
  target_->write_lines(lines_);
  lines_.clear();
  return count;
}

}  // namespace filemint::http
