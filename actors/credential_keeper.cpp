#include "actors/credential_keeper.hpp"

#include "actors/guarded.hpp"

#include <caf/send.hpp>

#include <algorithm>
#include <string>
#include <utility>
#include <variant>

namespace filemint::actors {
namespace {

std::string text_of(const backends::remote_origin& origin) {
  const bool v6 = origin.host.contains(':');
  return std::string{origin.secure ? "https://" : "http://"} + (v6 ? "[" : "") + origin.host +
         (v6 ? "]:" : ":") + std::to_string(origin.port);
}

}  // namespace

credential_keeper::behavior_type credential_keeper::make_behavior() {
  look_in({});
  return {
      [this](const credential_tick& tick) {
        if (tick.number != looks_) return;
        if (!guarded(core_, "credential_keeper", [&] { look(); })) look_in(longest_pause);
      },
      [this](const renewal_begun& begun) {
        if (begun.of != renewal_) return;
        guarded(core_, "credential_keeper", [&] {
          if (!*begun.first) return fail(begun.first->error().message);
          ask(std::move(**begun.first));
        });
      },
      [this](const renewal_answered& answered) {
        if (answered.of != renewal_) return;
        if (!guarded(core_, "credential_keeper", [&] { take(answered); })) {
          guarded(core_, "credential_keeper", [&] { fail("an answer could not be read"); });
        }
      },
  };
}

void credential_keeper::look() {
  const auto now = core_.node.now();
  if (renewal_) {
    if (now.mono - begun_ > longest_renewal) return fail("an answer was lost");
  } else if (kept_.life.is_due(now)) {
    begun_ = now.mono;
    begin();
  }
  // The end of one that is under way wakes this up.
  const auto pause = renewal_ ? longest_renewal : kept_.life.until_due(now);
  look_in(std::min<std::chrono::nanoseconds>(longest_pause, pause));
}

void credential_keeper::look_in(std::chrono::nanoseconds pause) {
  delayed_send(this, pause, credential_tick{++looks_});
}

// It may read files.
void credential_keeper::begin() {
  renewal_ = kept_.terms.make();
  core_.node.blocking.run([home = caf::actor_cast<credential_keeper_actor>(this), of = renewal_,
                           now = core_.node.now().wall](bool runs) {
    auto first = runs ? of->begin(now)
                      : filemint::fail(errc::service_unavailable, "the node is too busy to ask");
    caf::anon_send(
        home,
        renewal_begun{of, std::make_shared<result<backends::remote_request>>(std::move(first))});
  });
}

void credential_keeper::ask(backends::remote_request request) {
  auto whom = text_of(request.to);
  kept_.terms.ask.fetch(
      std::move(request), {.within = patience},
      [home = caf::actor_cast<credential_keeper_actor>(this), of = renewal_,
       whom = std::move(whom)](fetch_outcome came) {
        caf::anon_send(
            home, renewal_answered{of, whom, std::make_shared<fetch_outcome>(std::move(came))});
      });
}

void credential_keeper::take(const renewal_answered& answered) {
  auto& came = *answered.outcome;
  if (!came) return fail(answered.whom + " " + std::string{sentence_of(came.error())});
  auto step = renewal_->take(*came, core_.node.now().wall);
  wipe(came->body);
  if (!step) return fail(step.error().message);
  if (auto* const request = std::get_if<backends::remote_request>(&*step)) {
    ask(std::move(*request));
  } else {
    put(std::move(std::get<backends::renewed>(*step)));
  }
}

void credential_keeper::put(backends::renewed came) {
  const auto now = core_.node.now();
  const auto ends = came.ends;
  const bool were_over = kept_.life.is_over(now.wall);
  if (!kept_.life.renewed(now, ends)) return end(renewal_outcome::unchanged);
  kept_.terms.signer.renew(std::move(came));
  kept_.ends = ends;
  kept_.renewed = now.wall;
  kept_.terms.report(false, were_over ? "credentials came, until " + rfc3339(ends)
                                      : "the credentials were renewed, until " + rfc3339(ends));
  end(renewal_outcome::renewed);
}

void credential_keeper::fail(const std::string& why) {
  const auto now = core_.node.now();
  kept_.life.failed(now);
  const auto ends = kept_.life.ends();
  const auto state = ends == wall_time::min()       ? std::string{"there are none yet"}
                     : kept_.life.is_over(now.wall) ? "they ended at " + rfc3339(ends)
                                                    : "they are good until " + rfc3339(ends);
  kept_.terms.report(true, "the credentials were not renewed, " + state + ": " + why);
  end(renewal_outcome::failed);
}

void credential_keeper::end(renewal_outcome how) {
  renewal_ = nullptr;
  kept_.tried = true;
  ++kept_.outcomes[static_cast<std::size_t>(how)];
  look_in({});
}

}  // namespace filemint::actors
