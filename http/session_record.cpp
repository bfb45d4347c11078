// What an answer leaves behind: its counts, and its line in the access log.
#include "http/labels.hpp"
#include "http/session.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <numeric>
#include <utility>

namespace filemint::http {
namespace {

std::string_view name_of(verb method) noexcept {
  switch (method) {
    case verb::get:
      return "GET";
    case verb::head:
      return "HEAD";
    case verb::post:
      return "POST";
    case verb::options:
      return "OPTIONS";
    case verb::other:
      break;
  }
  return "OTHER";
}

metrics::outcome outcome_of(unsigned status) noexcept {
  if (status == 200) return metrics::outcome::ok;
  if (status == 504) return metrics::outcome::late;
  return status < 500 ? metrics::outcome::refused : metrics::outcome::failed;
}

std::uint64_t nanoseconds(std::chrono::nanoseconds t) noexcept {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(0, t.count()));
}

// The time that a call took here; how fast its client reads is not in it.
std::chrono::nanoseconds time_to_answer(const actors::trail& call) noexcept {
  constexpr auto write = static_cast<std::ptrdiff_t>(metrics::phase::write);
  return std::accumulate(call.phases.begin(), call.phases.begin() + write,
                         std::chrono::nanoseconds{0});
}

}  // namespace

void session::record() {
  const auto now = mono_clock::now();
  auto& counts = services_.core.counts;
  counts.count_request(route_label(route_.name), code_label(reply_.code));

  if (route_.where == endpoint::mint) {
    trail_.phases[static_cast<std::size_t>(metrics::phase::write)] = now - answered_;
    for (std::size_t p = 0; p < trail_.phases.size(); ++p) {
      if (trail_.phases[p].count() == 0) continue;  // it did not get that far
      counts.observe_phase(static_cast<metrics::phase>(p), nanoseconds(trail_.phases[p]));
    }
    if (trail_.rate) counts.observe_window(trail_.rate->remaining, trail_.rate->limit);
    if (!trail_.source.empty()) {
      const auto backend = static_cast<std::size_t>(
          services_.settings().find_source(trail_.source) - services_.settings().sources.data());
      counts.observe_mint(
          backend, outcome_of(reply_.status),
          nanoseconds(trail_.phases[static_cast<std::size_t>(metrics::phase::mint)]));
      if (reply_.status == 200) {
        counts.observe_call(backend, nanoseconds(time_to_answer(trail_)));
        counts.count_tokens(backend, trail_.paths);
        counts.observe_batch(trail_.paths);
      }
    }
  }

  if (!services_.settings().log.access) return;
  const auto& who = trail_.who;
  services_.log.push({.time = std::chrono::system_clock::now(),
                      .duration = now - began_,
                      .bytes = written_,
                      .paths = reply_.status == 200 ? trail_.paths : 0,
                      .status = static_cast<std::uint16_t>(reply_.status),
                      .method = name_of(method_),
                      .route = route_.name,
                      .code = reply_.code,
                      .request_id = id_,
                      .company = who.caller == nullptr ? std::string_view{} : who.caller->id,
                      .key_id = who.key == nullptr ? std::string_view{} : who.key->id_view(),
                      .client = client_.empty() ? address_ : client_});
}

// Of the request in flight, if there is one: it was answered, or its connection has ended.
void session::count_end() noexcept {
  if (std::exchange(counted_, false)) services_.core.counts.request_ends();
}

}  // namespace filemint::http
