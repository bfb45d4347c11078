// What a storage's answer to a HEAD says of the file.
#pragma once

#include "actors/fetcher.hpp"
#include "core/circuit.hpp"
#include "core/clock.hpp"
#include "metrics/storage_numbers.hpp"

#include <chrono>
#include <optional>

namespace filemint::http {

struct probe_answer {
  metrics::probe_end how;
  std::chrono::seconds retry_after{1};  // throttled: what the storage asks for, 1 s to a day
  // How far its clock is ahead, by its Date; to a second or two.
  std::optional<std::chrono::seconds> clock_skew = {};
};

// 2xx: the file exists; 404: it does not. 429, 503 and Swift's 498 are a slow-down (AWS, "Error
// responses", SlowDown; Microsoft, "Blob service error codes", ServerBusy; Google Cloud, "HTTP
// status and error codes"; Swift, "Rate Limiting"). Pure.
[[nodiscard]] probe_answer read_probe_answer(const actors::fetch_outcome& answered, wall_time now);

// What it says of the storage itself: one that answers at all works, and one that is asked to go
// slow is not broken.
[[nodiscard]] call_end end_of_call(metrics::probe_end how) noexcept;

}  // namespace filemint::http
