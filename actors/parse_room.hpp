// How much a core parses at once. A parser holds some 13 times its text until its call is answered:
// were all calls parsed as they come, their parsers would fill the memory and push each other out
// of the caches.
#pragma once

#include "actors/load_meter.hpp"

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <utility>

namespace filemint::actors {

class parse_room;

// A part of the room, given back when it goes, on any thread. Move-only.
class parse_permit {
public:
  parse_permit() = default;
  parse_permit(std::shared_ptr<parse_room> room, std::size_t bytes) noexcept
      : room_(std::move(room)), bytes_(bytes) {}
  parse_permit(parse_permit&& other) noexcept
      : room_(std::move(other.room_)), bytes_(std::exchange(other.bytes_, 0)) {}
  parse_permit& operator=(parse_permit&& other) noexcept {
    std::swap(room_, other.room_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  ~parse_permit();

  explicit operator bool() const noexcept { return room_ != nullptr; }

private:
  std::shared_ptr<parse_room> room_;
  std::size_t bytes_ = 0;
};

// Thread safety: take belongs to one thread.
class parse_room : public std::enable_shared_from_this<parse_room> {
public:
  // `freed` is called on the thread that gave something back, once for each take that failed.
  parse_room(std::size_t most_bytes, std::function<void()> freed)
      : most_(most_bytes), freed_(std::move(freed)) {}

  // Empty while others hold too much. One always fits.
  [[nodiscard]] parse_permit take(std::size_t bytes);

private:
  friend class parse_permit;
  [[nodiscard]] bool fits(std::size_t bytes) const noexcept {
    const auto used = used_.load();
    return used == 0 || used + bytes <= most_;
  }
  void give_back(std::size_t bytes) {
    used_.fetch_sub(bytes);
    if (awaited_.exchange(false)) freed_();
  }

  const std::size_t most_;
  const std::function<void()> freed_;
  std::atomic<std::size_t> used_{0};
  std::atomic<bool> awaited_{false};
};

inline parse_permit::~parse_permit() {
  if (room_ != nullptr) room_->give_back(bytes_);
}

inline parse_permit parse_room::take(std::size_t bytes) {
  if (!fits(bytes)) {
    awaited_ = true;
    if (!fits(bytes)) return {};  // what was given back before that was not told
    awaited_ = false;
  }
  used_.fetch_add(bytes);
  return {shared_from_this(), bytes};
}

}  // namespace filemint::actors
