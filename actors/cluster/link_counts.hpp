// What a node counts of its links, for /metrics.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace filemint::actors {

// Why there is no link, or no link any more.
enum class link_failure : std::uint8_t {
  resolve,    // the peer's name could not be looked up
  connect,    // no TCP connection
  deadline,   // connecting or the handshake took too long
  handshake,  // TLS said no: no certificate of our CA, an older TLS, no TLS at all
  name,       // a good certificate for another name
  refused,    // the peer closed before it greeted: it does not know us, or it is not our turn
  protocol,   // it speaks something else
  crowded,    // too many handshakes were under way
  lost,       // the link stood, and was closed by the other side or the system
  silent,     // the link stood, and its peer was not heard any more
  replaced    // the peer has made a newer one
};
inline constexpr std::array<std::string_view, 11> link_failure_names{
    "resolve",  "connect", "deadline", "handshake", "name",    "refused",
    "protocol", "crowded", "lost",     "silent",    "replaced"};

// Thread safe.
struct peer_counts {
  std::atomic<std::uint64_t> links{0};  // that stood
  std::array<std::atomic<std::uint64_t>, link_failure_names.size()> failures{};
  std::atomic<std::uint64_t> bytes_in{0}, bytes_out{0};  // inside TLS

  void count(link_failure why) noexcept {
    failures[static_cast<std::size_t>(why)].fetch_add(1, std::memory_order_relaxed);
  }
  [[nodiscard]] std::uint64_t failed(link_failure why) const noexcept {
    return failures[static_cast<std::size_t>(why)].load(std::memory_order_relaxed);
  }
};
using peer_counts_ptr = std::shared_ptr<peer_counts>;

// Thread safe.
class link_counts {
public:
  static constexpr std::size_t most_peers = 256;   // those beyond are counted together
  static constexpr std::string_view unknown = "";  // whoever told no name yet

  peer_counts_ptr of(std::string_view peer) {
    const std::scoped_lock lock{mutex_};
    auto found = peers_.find(peer);
    if (found == peers_.end() && peers_.size() >= most_peers) found = peers_.find(unknown);
    if (found == peers_.end()) {
      found = peers_.emplace(peer, std::make_shared<peer_counts>()).first;
    }
    return found->second;
  }
  [[nodiscard]] std::map<std::string, peer_counts_ptr, std::less<>> all() const {
    const std::scoped_lock lock{mutex_};
    return peers_;
  }

private:
  mutable std::mutex mutex_;  // guards what follows
  std::map<std::string, peer_counts_ptr, std::less<>> peers_{
      {std::string{unknown}, std::make_shared<peer_counts>()}};
};

}  // namespace filemint::actors
