#include "actors/dispatcher.hpp"

#include "actors/guarded.hpp"
#include "api/content_rules.hpp"
#include "core/caller_limits.hpp"

#include <caf/send.hpp>

#include <string>
#include <utility>

namespace filemint::actors {
namespace {

error unknown_source(const config& settings) {
  std::vector<std::string> names;
  for (const auto& source : settings.sources) names.push_back(source.name);
  return error{errc::invalid_payload, "The source is not known.", {{"allowed", std::move(names)}}};
}

// The places of the paths outside what the company is granted on that source.
std::vector<std::size_t> beyond_grants(std::span<const file_path> paths,
                                       const prefix_set* granted) {
  std::vector<std::size_t> beyond;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    if (granted == nullptr || !granted->covers(paths[i])) beyond.push_back(i);
  }
  return beyond;
}

}  // namespace

dispatcher::behavior_type dispatcher::make_behavior() {
  const auto tell = [me = caf::actor_cast<caf::weak_actor_ptr>(this)] {
    if (const auto strong = me.lock()) {
      caf::anon_send(caf::actor_cast<dispatcher_actor>(strong), parse_room_freed{});
    }
  };
  here_.room = std::make_shared<parse_room>(most_parsed_here, tell);
  elsewhere_.room = std::make_shared<parse_room>(most_parsed_elsewhere, tell);
  return {
      [this](const admitted& call) { guarded(core_, "dispatcher", [&] { dispatch(call); }); },
      [this](const body_parsed& parsed) {
        guarded(core_, "dispatcher", [&] { validate_parsed(parsed.call); });
      },
      [this](const parse_room_freed&) {
        guarded(core_, "dispatcher", [&] {
          take_turns(here_);
          take_turns(elsewhere_);
        });
      },
      [this](std::size_t source, const minter_actor& minter) { minters_.at(source) = minter; },
      [this](const limiter_peer& peer) { limiter_ = peer.handle; },
  };
}

void dispatcher::dispatch(const admitted& call) {
  const auto& settings = *core_.settings;
  if (call->answered()) return;  // past its deadline
  if (call->body == body_state::over_limit) {
    call->answer(std::unexpected(api::body_too_large(settings.http.max_body_bytes)));
    return;
  }
  if (auto content = api::check_content(call->head.content_type, call->head.content_encoded);
      !content) {
    call->answer(std::unexpected(std::move(content.error())));
    return;
  }
  if (call->work->body.size() > largest_small_body) return queue(call);
  call->parse_body(settings.mint.max_paths);
  validate_parsed(call);
}

// Larger calls have their turn in the order in which they came, those that are parsed elsewhere
// beside the others.
void dispatcher::queue(const admitted& call) {
  if (!call->company_body_bytes) {
    auto share = core_.bodies.take(call->notes.who.caller->index, call->work->body.size(),
                                   core_.settings->http.body_budget_bytes, core_.node.load.cores());
    if (!share) return call->answer(fail(errc::service_unavailable));
    call->company_body_bytes = std::move(*share);
  }
  auto& turns = call->work->body.size() > largest_body_parsed_here ? elsewhere_ : here_;
  turns.waiting.push_back(call);
  if (turns.waiting.size() == 1) take_turns(turns);
}

void dispatcher::take_turns(line& turns) {
  while (!turns.waiting.empty()) {
    const auto& call = turns.waiting.front();
    if (core_.node.load.nearly_full(load_kind::answer_bytes)) {
      call->answer(fail(errc::service_unavailable));
    } else if (!call->answered() && !begin(call, turns)) {
      return;
    }
    turns.waiting.pop_front();
  }
}

// False: not yet.
bool dispatcher::begin(const admitted& call, line& turns) {
  const auto bytes = api::body_parser::memory_for(call->work->body.size());
  auto turn = turns.room->take(bytes);
  if (!turn) return false;
  auto memory = core_.node.load.take(load_kind::body_bytes, core_.core, bytes);
  if (!memory) {
    call->answer(fail(errc::service_unavailable));
    return true;
  }
  call->turn = std::move(turn);
  call->parse_bytes = std::move(*memory);
  call->large = take_large_workspace();
  if (&turns == &elsewhere_) {
    parse_elsewhere(call);
  } else if (!guarded(core_, "dispatcher", [&] {
               call->parse_body(core_.settings->mint.max_paths);
               validate_parsed(call);
             })) {
    call->answer(fail(errc::internal_server_error));
  }
  return true;
}

void dispatcher::parse_elsewhere(const admitted& call) {
  core_.node.blocking.run([this_core = &core_, call, max_paths = core_.settings->mint.max_paths,
                           home = caf::actor_cast<dispatcher_actor>(this)](bool ran) {
    if (!ran) return call->answer(fail(errc::service_unavailable));
    if (guarded(*this_core, "dispatcher", [&] { call->parse_body(max_paths); })) {
      caf::anon_send(home, body_parsed{call});
    } else {
      call->answer(fail(errc::internal_server_error));
    }
  });
}

void dispatcher::validate_parsed(const admitted& call) {
  const auto refuse = [&](error why) {
    call->mark(metrics::phase::parse, core_.node.now().mono);
    call->answer(std::unexpected(std::move(why)));
  };
  if (!call->parsed) return refuse(std::move(call->parsed.error()));

  const auto& settings = *core_.settings;
  const auto name = call->parsed->source.value_or(settings.default_source);
  const auto* source = settings.find_source(name);
  if (source == nullptr) return refuse(unknown_source(settings));
  const auto index = static_cast<std::size_t>(source - settings.sources.data());

  auto valid = api::validate(*call->parsed,
                             {.source = source->name,
                              .max_paths = settings.mint.max_paths,
                              .default_life = source->default_life,
                              .max_life = source->max_life,
                              .rules = source->rules,
                              .holds = core_.node.backends[index]->holds(),
                              .signs_attachments = core_.node.backends[index]->signs_attachments()},
                             call->parsing().scratch);
  if (!valid) return refuse(std::move(valid.error()));
  call->wanted = std::move(*valid);
  auto& wanted = call->wanted;
  call->notes.source = source->name;
  call->notes.paths = static_cast<std::uint32_t>(wanted.paths.size());

  const auto& caller = *call->notes.who.caller;
  if (token_limit(caller, settings.mint) != 0) {
    send(limiter_, paths_spent{caller.index, wanted.paths.size()});
  }
  const auto* granted = caller.granted.on(source->name);
  if (auto left = api::fail_paths(wanted, errc::forbidden, beyond_grants(wanted.paths, granted),
                                  call->parsing().scratch);
      !left) {
    return refuse(std::move(left.error()));
  }
  call->notes.paths = static_cast<std::uint32_t>(wanted.paths.size());
  call->mark(metrics::phase::parse, core_.node.now().mono);
  send(minters_[index], validated{call});
}

}  // namespace filemint::actors
