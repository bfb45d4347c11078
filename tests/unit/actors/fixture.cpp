#include "tests/unit/actors/fixture.hpp"

#include "actors/auth.hpp"
#include "actors/front_end.hpp"
#include "actors/limiter.hpp"
#include "actors/window_owner.hpp"
#include "backends/local.hpp"
#include "core/directory_builder.hpp"

#include <algorithm>
#include <map>

namespace filemint::actors::testing {

actor_test::~actor_test() {
  if (!system_) return;
  for (const auto& each : std::exchange(spawned_, {})) end(each);
  files.questions.clear();
  pool.waiting.clear();
  run();
  system_.reset();
}

actor_test::actor_test() {
  settings.sources = {source_config{.name = "magikarp", .public_url = "http://files/magikarp/"},
                      source_config{.name = "betaimages", .public_url = "http://files/beta/"}};
  settings.default_source = "magikarp";
  put_caller({});
}

void actor_test::put_caller(const caller_terms& terms) {
  std::map<std::string, prefix_set, std::less<>> granted;
  granted.emplace("magikarp", prefix_set({terms.granted}));
  directory_builder people{known_.people};
  api_key_record record{};
  key_.id().copy(record.id, sizeof record.id);
  record.company = people.put_company({.id = "co_xyz",
                                       .suspended = terms.suspended,
                                       .window_limit = terms.window_limit,
                                       .token_limit = terms.token_limit,
                                       .granted = grants{std::move(granted)}});
  record.secret_hash = key_.secret_hash();
  record.throttle = terms.throttle;
  record.scope = scope_file_access | scope_access_tokens;
  people.put_key(record);
  known_.people = people.build();
  publish();
}

void actor_test::put_signing_key(std::string_view source, signing_key_ptr key) {
  known_.signing[std::string{source}] = key_ring({{std::move(key), key_state::active, {}}});
  publish();
}

void actor_test::put_signing_keys(token_algorithm algorithm) {
  for (const auto& source : settings.sources) {
    put_signing_key(source.name,
                    *signing_key::generate(algorithm, source.name, source.name + "-1"));
  }
}

node_context& actor_test::node() {
  if (!node_) {
    if (backends.empty()) {
      for (const auto& source : settings.sources) {
        own_backends_.push_back(
            std::make_unique<backends::local>(source.name, settings.mint.issuer));
        backends.push_back(own_backends_.back().get());
      }
    }
    load_.emplace(cores,
                  load_meter::limits{settings.http.max_in_flight, settings.http.body_budget_bytes,
                                     settings.http.answer_budget_bytes});
    node_.reset(new node_context{
        .backends = backends,
        .load = *load_,
        .files = files,
        .blocking = pool,
        .report = [this](std::string_view what) { reports.emplace_back(what); },
        .now = [this] { return clock; },
    });
    actor_settings_.set("scheduler.policy", caf::atom("testing"));
    system_.emplace(actor_settings_);
    for (std::size_t i = 0; i < cores; ++i) {
      counts_.push_back(std::make_unique<metrics::core_metrics>(
          metrics::dimensions{{"file_access"}, {"OK"}, {"magikarp", "betaimages"}}));
      cores_.push_back(std::make_unique<core_context>(
          core_context{*node_, *counts_.back(), i, nullptr, {}, &settings}));
    }
    publish();
  }
  return *node_;
}

core_context& actor_test::core(std::size_t i) {
  node();
  return *cores_[i];
}

void actor_test::end(const caf::actor& victim) {
  caf::anon_send<caf::message_priority::high>(
      victim, caf::exit_msg{victim.address(), caf::exit_reason::kill});
}

void actor_test::connect(auth_actor next) {
  front_end_ = spawn<front_end>(core());
  tell(front_end_, std::move(next));
  run();
}

void actor_test::connect(const limiter_actor& next) {
  const auto second = spawn<auth>(core());
  tell(second, next);
  connect(second);
}

void actor_test::connect(const dispatcher_actor& next) {
  const auto owner = spawn<window_owner>(core());
  const auto third = spawn<limiter>(core());
  tell(third, next);
  tell(third, std::size_t{0}, owner);
  tell(owner, std::size_t{0}, window_limiter_peer{third});
  connect(limiter_actor{third});
}

caf::scheduler::test_coordinator& actor_test::scheduler() {
  node();
  return static_cast<caf::scheduler::test_coordinator&>(system_->scheduler());
}

bool actor_test::run_one() {
  auto& jobs = scheduler().jobs;
  auto* const job = jobs.empty() ? nullptr : jobs.front();
  if (!scheduler().try_run_once()) return false;
  if (!jobs.empty() && jobs.front() == job) std::rotate(jobs.begin(), jobs.begin() + 1, jobs.end());
  return true;
}

void actor_test::run() {
  while (run_one()) {
  }
}

void actor_test::advance(std::chrono::nanoseconds by) {
  for (auto left = by; left > 0ns;) {
    const auto step = std::min<std::chrono::nanoseconds>(left, 10ms);
    left -= step;
    clock.mono += step;
    clock.wall = began_.wall + std::chrono::floor<std::chrono::seconds>(clock.mono - began_.mono);
    scheduler().advance_time(step);
    run();
  }
}

actor_test::sent_call actor_test::make_call(std::string_view body) {
  sent_call made;
  made.out = std::make_shared<exchange>(made.answer, take_workspace());
  made.out->start_clock(clock.mono);
  made.out->head.authorization = authorization();
  made.out->head.content_type = "application/json";
  made.out->work->body.append(body);
  made.under_way = made.out;
  return made;
}

actor_test::sent_call actor_test::post(std::string_view body) {
  auto made = make_call(body);
  send_off(made);
  run();
  return made;
}

void actor_test::publish() {
  for (auto& each : cores_) each->known = std::make_shared<const snapshot>(known_);
}

std::string body_of(const std::vector<std::string>& paths, std::string_view more) {
  std::string text = R"({"filePaths":[)";
  for (const auto& path : paths) text += (text.back() == '[' ? "\"" : ",\"") + path + '"';
  return text + ']' + std::string{more} + '}';
}
std::vector<std::string> paths_numbered(std::size_t count) {
  std::vector<std::string> paths;
  for (std::size_t i = 0; i < count; ++i)
    paths.push_back("uploads/co_xyz/" + std::to_string(i) + ".pdf");
  return paths;
}

}  // namespace filemint::actors::testing
