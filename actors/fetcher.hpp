// Asks storages and clouds over HTTP, for probers and for those who renew credentials:
// http/client_pool implements it, src/node hands it in.
#pragma once

#include "backends/remote_call.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <string_view>

namespace filemint::actors {

enum class fetch_fault : std::uint8_t {
  unreachable,  // no such host, no connection
  untrusted,    // a certificate that does not hold for the host
  broken,       // closed early, not HTTP, or larger than was allowed
  timed_out,
  busy,  // too many wait for that host already, or the end has come
};

// Behind the name of who was asked.
[[nodiscard]] constexpr std::string_view sentence_of(fetch_fault fault) {
  switch (fault) {
    case fetch_fault::unreachable:
      return "cannot be reached";
    case fetch_fault::untrusted:
      return "shows a certificate that does not hold for its host";
    case fetch_fault::broken:
      return "answered something that is not HTTP, or not to its end";
    case fetch_fault::timed_out:
      return "did not answer in time";
    case fetch_fault::busy:
      return "was not asked: the node asks too much already";
  }
  return {};
}

using fetch_outcome = std::expected<backends::remote_answer, fetch_fault>;

struct fetch_terms {
  std::chrono::milliseconds within;  // from the call to the answer's last byte
  std::size_t max_body_bytes = 64 * 1024;
};

class fetcher {
public:
  virtual ~fetcher() = default;

  // Never blocks; any thread. `done` is called once, on the fetcher's one thread. What fails before
  // an answer has begun is tried once more, on a new connection, where the method is idempotent.
  virtual void fetch(backends::remote_request request, fetch_terms terms,
                     std::move_only_function<void(fetch_outcome)> done) = 0;

  // Calls `work` once, soon, on the fetcher's one thread, or drops it at the end; any thread.
  virtual void run(std::move_only_function<void()> work) = 0;
};

}  // namespace filemint::actors
