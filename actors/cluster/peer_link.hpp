// The link between nodes: TLS 1.3 over TCP with names checked on both sides, one link a pair, kept
// up by whoever of the two sorts first. A thread of its own carries it: what cores do does not
// delay heartbeats, and handshakes do not delay requests.
#pragma once

#include "actors/cluster/link_counts.hpp"
#include "actors/cluster/link_terms.hpp"
#include "actors/cluster/resolver.hpp"
#include "actors/cluster/streams.hpp"
#include "core/clock.hpp"
#include "core/result.hpp"

#include <cstdint>
#include <memory>
#include <optional>

namespace filemint::actors {

// Thread safety: open, start, stop and the end belong to one thread, the rest may be called on any.
class peer_link {
public:
  // Listens, but accepts and dials only after start(). Errors: link_tls::load's; io_failed: the
  // address can't be listened at. `names` must outlive it, the events' thread is its own.
  [[nodiscard]] static result<std::unique_ptr<peer_link>> open(link_terms terms,
                                                               std::shared_ptr<streams> between,
                                                               resolver& names,
                                                               const link_events& events);
  peer_link(const peer_link&) = delete;
  peer_link& operator=(const peer_link&) = delete;
  ~peer_link();

  void start();
  // Closes all; no event comes after it.
  void stop();

  [[nodiscard]] std::uint16_t port() const noexcept;
  [[nodiscard]] const link_counts& counts() const noexcept;
  [[nodiscard]] wall_time expires() const;  // of the certificate

  // Reads the files anew, for links that are made from now on; those that stand go on. On an error
  // all stays as it is. It reads files: not on an io thread.
  result<void> reload();
  // Reloads when the files have changed and stand still again. Nothing: there is nothing new.
  std::optional<result<void>> look();
  // Ends a link, if it still stands.
  void drop(std::uint64_t link, link_failure why);

private:
  struct parts;
  explicit peer_link(std::unique_ptr<parts> made);
  std::unique_ptr<parts> parts_;
};

}  // namespace filemint::actors
