#include "http/probed_storage.hpp"

#include "core/token.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>
#include <vector>

namespace filemint::http {
namespace {

using metrics::probe_end;
using namespace std::chrono_literals;

// What a request is signed for, before and after now: clocks differ.
constexpr std::chrono::seconds signed_around{60};

// Object stores' signatures ask for nothing that is known of companies and keys.
const snapshot& nothing_known() {
  static const snapshot nothing;
  return nothing;
}

std::int64_t whole_seconds(mono_time until, mono_time now) {
  return std::max<std::int64_t>(1, std::chrono::ceil<std::chrono::seconds>(until - now).count());
}

// http(s)://HOST[:PORT], as the configuration takes it.
backends::remote_origin origin_of(std::string_view url) {
  const bool secure = url.starts_with("https://");
  url.remove_prefix(secure ? 8 : 7);
  url = url.substr(0, url.find('/'));
  const auto address = url.starts_with('[') ? url.find(']') : 0;
  const auto colon = std::min(url.find(':', address), url.size());
  std::uint16_t port = secure ? 443 : 80;
  if (colon < url.size()) std::from_chars(url.data() + colon + 1, url.data() + url.size(), port);
  auto host = url.substr(0, colon);
  if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
  return {.secure = secure, .host = std::string{host}, .port = port};
}

std::string path_of(std::string_view url) {
  return std::string{url.substr(url.find('/', url.find("://") + 3))};
}

error error_of(const probe_answer& answer) {
  switch (answer.how) {
    case probe_end::throttled:
      return error{errc::throttled, {}, {{"retry_after_seconds", answer.retry_after.count()}}};
    case probe_end::late:
      return error{errc::gateway_timeout};
    default:
      return error{errc::service_unavailable};
  }
}

}  // namespace

// The paths of a task that the cache does not know, and how far they have come.
class probed_storage::call {
public:
  call(probe_task task, std::shared_ptr<std::size_t> open_calls)
      : task_(std::move(task)), open_calls_(std::move(open_calls)) {
    ++*open_calls_;
  }
  call(const call&) = delete;
  call& operator=(const call&) = delete;
  ~call() {
    if (!over()) --*open_calls_;
  }

  void answer(actors::probe_outcome outcome) {
    if (over()) return;
    --*open_calls_;
    task_.answer(std::move(outcome));
  }
  [[nodiscard]] bool over() const noexcept { return task_.answered(); }
  [[nodiscard]] const probe_task& task() const noexcept { return task_; }

  void found(std::size_t path, bool exists) {
    if (!exists) missing_.push_back(path);
    if (--left_ == 0) answer_found();
  }
  void answer_found() {
    std::ranges::sort(missing_);
    answer(std::move(missing_));
  }

  // Those to ask for, by their places.
  [[nodiscard]] std::size_t unasked() const noexcept { return unknown.size() - next_; }
  [[nodiscard]] std::size_t take_next() noexcept { return unknown[next_++]; }

  // Before it sets out.
  void known_missing(std::size_t path) { missing_.push_back(path); }
  void set_out() noexcept { left_ = unknown.size(); }

  std::vector<std::size_t> unknown;
  std::unique_ptr<backends::batch> signs;
  std::chrono::nanoseconds allowed{};  // what time it had when it came
  std::size_t in_flight = 0;
  bool waits = false;  // in the storage's queue

private:
  probe_task task_;
  std::shared_ptr<std::size_t> open_calls_;
  std::vector<std::size_t> missing_;
  std::size_t next_ = 0;
  std::size_t left_ = 0;
};

struct probed_storage::probe {
  std::size_t place = 0;  // among its call's paths
  std::string path = {};  // which may go before the answer comes
  circuit::call begun = {};
  bool in_time = false;  // it had the time that a storage needs at most
};

probed_storage::probed_storage(const backends::backend& signs, const storage_terms& terms,
                               surroundings around)
    : signs_(signs),
      around_(std::move(around)),
      origin_(origin_of(signs.probes().public_url)),
      uri_prefix_(path_of(signs.probes().public_url)),
      terms_(terms),
      cache_(terms.cache),
      circuit_(around_.seed),
      warnings_(around_.tell),
      open_calls_(std::make_shared<std::size_t>(0)) {}

void probed_storage::set_terms(const storage_terms& terms) {
  terms_ = terms;
  cache_.set_terms(terms.cache);
}

void probed_storage::look(probe_task task) {
  const auto now = around_.now();
  const auto of = std::make_shared<call>(std::move(task), open_calls_);
  const auto paths = of->task().paths();
  for (std::size_t i = 0; i < paths.size(); ++i) {
    const auto known = cache_.find(paths[i].bytes(), now.mono);
    (known ? cells_.cache_hits : cells_.cache_misses).add(1);
    if (!known) of->unknown.push_back(i);
    if (known && !*known) of->known_missing(i);
  }
  if (of->unknown.empty()) return of->answer_found();
  if (*open_calls_ > most_calls) return hold_back(*of, now.mono);
  of->allowed = std::max<std::chrono::nanoseconds>(0ns, of->task().until() - now.mono);
  const auto time_left = std::chrono::ceil<std::chrono::seconds>(of->allowed);
  auto batch = signs_.begin(nothing_known(), {.company = {},
                                              .key_id = {},
                                              .issued_at = now.wall - signed_around,
                                              .expires_at = now.wall + signed_around + time_left,
                                              .use = backends::token_use::probe,
                                              .at = now.wall});
  if (!batch) return of->answer(std::unexpected(std::move(batch.error())));
  of->signs = std::move(*batch);
  of->set_out();
  enqueue(of);
  pump();
}

void probed_storage::end() {
  for (const auto& each : std::exchange(waiting_, {}))
    each->answer(fail(errc::service_unavailable));
}

void probed_storage::enqueue(const call_ptr& again) {
  if (std::exchange(again->waits, true)) return;
  waiting_.push_back(again);
}

// Calls take turns, and so do signing and the fetcher's other work where signatures are slow. A
// fetcher may call back at once: then the loop goes on with what that has changed.
void probed_storage::pump() {
  if (std::exchange(pumping_, true)) return;
  std::size_t asked = 0, turn = at_once;
  while (!waiting_.empty() && in_flight_ < at_once && asked < turn) {
    const auto of = std::move(waiting_.front());
    waiting_.pop_front();
    of->waits = false;
    if (of->over()) continue;
    turn = std::min(turn, of->signs->paths_per_chunk());
    const auto some = ask_some(of);
    asked += some;
    // One that got none waits for its own probes.
    if (some != 0 && of->unasked() != 0 && !of->over()) enqueue(of);
  }
  pumping_ = false;
  if (!waiting_.empty() && in_flight_ < at_once) post_pump();
}

void probed_storage::post_pump() {
  if (std::exchange(pump_posted_, true)) return;
  around_.by.run([self = shared_from_this()] {
    self->pump_posted_ = false;
    self->pump();
  });
}

// How many it has asked for.
std::size_t probed_storage::ask_some(const call_ptr& of) {
  const auto now = around_.now();
  if (of->task().until() - now.mono < shortest_probe) {
    of->answer(fail(errc::gateway_timeout));
    return 0;
  }
  const auto most = std::min(
      {token_signer::at_once, of->signs->paths_per_chunk(), of->unasked(), at_once - in_flight_});
  std::vector<probe> probes;
  while (probes.size() < most) {
    const auto begun = circuit_.begin(now.mono);
    if (!begun) break;
    const auto place = of->take_next();
    probes.push_back({place, std::string{of->task().paths()[place].bytes()}, *begun});
  }
  note_circuit();
  // A call whose own trials are under way goes on when they went well.
  if (probes.empty() && of->in_flight == 0) hold_back(*of, now.mono);
  if (!probes.empty()) send(of, probes, now);
  return probes.size();
}

void probed_storage::send(const call_ptr& of, std::span<const probe> probes, instant now) {
  const auto form = signs_.probes();
  std::vector<file_path> paths;
  std::array<std::string, token_signer::at_once> tokens;
  std::array<char*, token_signer::at_once> ends{};
  for (std::size_t i = 0; i < probes.size(); ++i) {
    paths.push_back(of->task().paths()[probes[i].place]);
    tokens[i].resize(of->signs->token_size(paths[i]));
    ends[i] = tokens[i].data();
  }
  of->signs->sign(paths, std::span(ends).first(probes.size()));
  const auto left = std::chrono::floor<std::chrono::milliseconds>(of->task().until() - now.mono);
  const auto within = std::min(left, longest_probe);
  const bool in_time = within >= std::min<std::chrono::nanoseconds>(longest_probe, of->allowed / 2);
  in_flight_ += probes.size();
  of->in_flight += probes.size();
  for (std::size_t i = 0; i < probes.size(); ++i) {
    auto sent = probes[i];
    sent.in_time = in_time;
    tokens[i].resize(static_cast<std::size_t>(ends[i] - tokens[i].data()));
    around_.by.fetch({.method = "HEAD",
                      .to = origin_,
                      .target = uri_prefix_ + api::percent_encode(sent.path, form.path) +
                                std::string{form.before_token} + tokens[i]},
                     {.within = within},
                     [self = shared_from_this(), of, sent](const actors::fetch_outcome& answered) {
                       self->take(of, sent, answered);
                     });
  }
}

void probed_storage::take(const call_ptr& of, const probe& sent,
                          const actors::fetch_outcome& answered) {
  const auto now = around_.now();
  --in_flight_;
  --of->in_flight;
  auto answer = read_probe_answer(answered, now.wall);
  cells_.probes[static_cast<std::size_t>(answer.how)].add(1);
  const std::chrono::nanoseconds took = now.mono - sent.begun.began;
  cells_.durations.observe(static_cast<std::uint64_t>(std::max<std::int64_t>(0, took.count())));
  if (answer.clock_skew) {
    cells_.clock_skew.store(static_cast<double>(answer.clock_skew->count()),
                            std::memory_order_relaxed);
  }
  // What was cut off by its own call's deadline tells nothing of the storage.
  const bool cut_off = answer.how == probe_end::late && !sent.in_time;
  circuit_.end(sent.begun, now.mono, cut_off ? call_end::unknown : end_of_call(answer.how));
  note_circuit();
  if (answer.how == probe_end::forbidden && terms_.missing_as_403) answer.how = probe_end::missing;
  warnings_.note(answer, answered, now.mono);
  const bool exists = answer.how == probe_end::exists;
  if (exists || answer.how == probe_end::missing) {
    cache_.put(sent.path, exists, now.mono);
    if (!of->over()) of->found(sent.place, exists);
  } else {
    of->answer(std::unexpected(error_of(answer)));
  }
  if (!of->over() && of->unasked() != 0) enqueue(of);
  pump();
}

void probed_storage::hold_back(call& held, mono_time now) {
  cells_.held_back.add(1);
  held.answer(fail(errc::service_unavailable, {},
                   {{"retry_after_seconds", whole_seconds(circuit_.retry_at(), now)}}));
}

void probed_storage::note_circuit() {
  cells_.open_until.store(circuit_.retry_at());
  cells_.circuit_state.store(static_cast<std::size_t>(circuit_.state()));
  warnings_.note(circuit_.state());
}

}  // namespace filemint::http
