#include "actors/minter.hpp"

#include "actors/guarded.hpp"
#include "core/unicode_twins.hpp"

#include <boost/asio/post.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <string>
#include <utility>
#include <variant>

namespace filemint::actors {
namespace {

// Of missing paths, in their order, whose twins are looked for: half a millisecond of the core.
constexpr std::size_t most_bytes_for_twins = 8 * 1024;
// The answer without twins is made already: it is not to be late for their sake.
constexpr std::chrono::milliseconds kept_for_the_answer{200};

// The error, with those that exist; without, where that could not be told.
error answer_with_twins(twin_search& search, const probe_outcome& missing) {
  std::vector<std::string> there;
  for (std::size_t i = 0; missing && i < search.names.size(); ++i) {
    if (!std::ranges::binary_search(*missing, i)) there.push_back(search.names[i]);
  }
  if (!there.empty()) search.answer.details.push_back({"twins", std::move(there)});
  return std::move(search.answer);
}

}  // namespace

minter::minter(caf::actor_config& cfg, core_context& core, std::size_t source)
    : homed(cfg, core.mailboxes, actor_kind::minter),
      core_(core),
      backend_(*core.node.backends.at(source)),
      source_(source),
      peers_(core.node.load.cores()) {}

minter::behavior_type minter::make_behavior() {
  return {
      [this](const validated& call) { guarded(core_, "minter", [&] { mint(call); }); },
      [this](const files_probed& probed) {
        guarded(core_, "minter", [&] { continue_probed(probed); });
      },
      [this](const remotely_signed& signed_job) {
        guarded(core_, "minter", [&] {
          if (signed_job.done) return lay_out(signed_job.job);
          finish(*signed_job.job, std::unexpected(signed_job.done.error()));
        });
      },
      [this](const sign_next&) {
        next_scheduled_ = false;
        sign_next_chunk();
      },
      [this](const sign_chunk& task) {
        if (!guarded(core_, "minter", [&] { task.job->sign(task.chunk); })) task.job->fail();
        // Not the peer of that core: it may not be introduced yet.
        send(caf::actor_cast<minter_actor>(current_sender()), chunk_signed{task.job, core_.core});
      },
      [this](const chunk_signed& signed_chunk) {
        if (signed_chunk.job->has_next() && !signed_chunk.job->failed())
          give_chunk(signed_chunk.job, signed_chunk.by);
        finish_chunk(signed_chunk.job);
      },
      [this](std::size_t core, const minter_peer& peer) { peers_.at(core) = peer.handle; },
  };
}

void minter::on_exit() {
  peers_.clear();
  queue_.clear();
}

void minter::mint(const validated& call) {
  const auto job = std::make_shared<mint_job>(call);
  if (source().check_exists) {
    probe(job);
  } else {
    start(job);
  }
}

// A call that waits for a disk or a storage gives its turn away.
void minter::probe(const mint_job_ptr& job) {
  job->call().turn = {};
  job->look_until = core_.node.now().mono + core_.settings->http.request_deadline;
  look(job, job->call().wanted.paths);
}

void minter::look(const mint_job_ptr& job, std::span<const file_path> paths) {
  const auto left =
      std::chrono::floor<std::chrono::milliseconds>(job->look_until - core_.node.now().mono);
  core_.node.files.probe({.source = source().name, .paths = paths, .within = left},
                         [job, home = caf::actor_cast<minter_actor>(this)](probe_outcome missing) {
                           caf::anon_send(home, files_probed{job, std::move(missing)});
                         });
}

void minter::continue_probed(const files_probed& probed) {
  auto& job = *probed.job;
  if (job.call().answered()) return;  // past its deadline
  if (job.twins) return finish(job, std::unexpected(answer_with_twins(*job.twins, probed.missing)));
  if (!probed.missing) return finish(job, std::unexpected(probed.missing.error()));
  auto& call = job.call();
  if (auto left = api::fail_paths(call.wanted, errc::resource_not_found, *probed.missing,
                                  call.parsing().scratch);
      !left) {
    if (left.error().code != errc::resource_not_found) {
      return finish(job, std::unexpected(std::move(left.error())));
    }
    return look_for_twins(probed.job, std::move(left.error()));
  }
  call.notes.paths = static_cast<std::uint32_t>(call.wanted.paths.size());
  start(probed.job);
}

// A path that is missing may be there in another form of Unicode: it is named, where the caller may
// read it.
void minter::look_for_twins(const mint_job_ptr& job, error missing) {
  const auto* granted = job->call().notes.who.caller->granted.on(source().name);
  twin_search search{std::move(missing), {}, {}};
  std::size_t looked_at = 0;
  for (const auto& name : std::get<std::vector<std::string>>(search.answer.details.front().value)) {
    looked_at += name.size();
    if (looked_at > most_bytes_for_twins) break;
    std::ranges::move(unicode_twins(name), std::back_inserter(search.names));
  }
  std::ranges::sort(search.names);
  search.names.erase(std::ranges::unique(search.names).begin(), search.names.end());
  const auto may_stand = [&](const std::string& name) {
    const auto path = file_path::make(name, source().rules);
    const auto holds = backend_.holds();
    return path && granted != nullptr && granted->covers(*path) && (!holds || holds(*path));
  };
  std::erase_if(search.names, [&](const std::string& name) { return !may_stand(name); });
  job->look_until -= kept_for_the_answer;
  if (search.names.empty() || job->look_until <= core_.node.now().mono) {
    return finish(*job, std::unexpected(std::move(search.answer)));
  }
  for (const auto& name : search.names)
    search.paths.push_back(*file_path::make(name, source().rules));
  job->twins = std::move(search);
  look(job, job->twins->paths);
}

void minter::start(const mint_job_ptr& job) {
  auto& call = job->call();
  if (call.answered()) return;  // past its deadline
  const auto& who = call.notes.who;
  const auto now = core_.node.now().wall;
  const auto expires = now + call.wanted.expires_in;
  auto batch = backend_.begin(*call.known, {.company = who.caller->id,
                                            .key_id = who.key->id_view(),
                                            .issued_at = now - source().backdate,
                                            .expires_at = expires,
                                            .saved_as = call.wanted.saved_as,
                                            .at = now});
  if (!batch) return finish(*job, std::unexpected(std::move(batch.error())));
  const auto ends = std::min(expires, (*batch)->ends());
  if (ends <= now) return finish(*job, fail(errc::service_unavailable));
  job->begin(std::move(*batch), now, ends);
  if (auto* const remote = job->batch().remote()) return sign_remotely(job, *remote);
  lay_out(job);
}

// A call that waits for a remote gives its turn away.
void minter::sign_remotely(const mint_job_ptr& job, backends::remote_signing& by) {
  if (core_.node.signers == nullptr) return finish(*job, fail(errc::service_unavailable));
  job->call().turn = {};
  core_.node.signers->sign(
      {.source = source().name,
       .by = by,
       .paths = job->call().wanted.paths,
       .within = core_.settings->http.request_deadline},
      [job, home = caf::actor_cast<minter_actor>(this)](result<void> signed_all) {
        caf::anon_send(home, remotely_signed{job, std::move(signed_all)});
      });
}

void minter::lay_out(const mint_job_ptr& job) {
  auto& call = job->call();
  if (call.answered()) return;  // past its deadline
  auto& batch = job->batch();
  const auto token_size = [&](file_path path) { return std::size_t{batch.token_size(path)}; };
  const auto form = backend_.urls();
  api::mint_answer answer{
      {.source = source().name,
       .expires_at = job->ends(),
       .expires_in = job->life(),
       .urls = call.wanted.urls,
       .public_url = form.public_url.empty() ? source().public_url : form.public_url,
       .before_token = form.before_token,
       .path = form.path,
       .failed = call.wanted.partial ? &call.wanted.failed : nullptr},
      call.wanted.paths,
      batch.paths_per_chunk(),
      token_size};
  auto room = core_.node.load.take(load_kind::answer_bytes, core_.core, answer.size());
  if (!room) return finish(*job, fail(errc::service_unavailable));
  call.notes.answer_bytes = std::move(*room);

  job->start(std::move(answer));
  if (job->chunks_left() == 1) return sign_here(job, job->take_next());
  share_with_idle_cores(job);
  // The shortest first: a call of a few chunks does not wait for one of hundreds.
  queue_.insert(std::ranges::upper_bound(queue_, job->chunks_left(), {}, &mint_job::chunks_left),
                job);
  schedule_next();
}

// One chunk a turn: a long job holds up neither sockets nor short ones. Of those as long as each
// other one comes after the other, since half-written answers would push each other out of the
// caches.
void minter::sign_next_chunk() {
  while (!queue_.empty()) {
    const auto job = queue_.front();
    if (!job->has_next() || job->failed() || job->call().answered()) {
      queue_.pop_front();
      continue;
    }
    const auto chunk = job->take_next();
    if (!job->has_next()) queue_.pop_front();
    sign_here(job, chunk);
    break;
  }
  if (!queue_.empty()) schedule_next();
}

void minter::sign_here(const mint_job_ptr& job, std::size_t chunk) {
  if (!guarded(core_, "minter", [&] { job->sign(chunk); })) job->fail();
  finish_chunk(job);
}

void minter::finish_chunk(const mint_job_ptr& job) {
  const bool last = job->chunk_done();
  if (job->failed()) {
    finish(*job, fail(errc::internal_server_error));
  } else if (last) {
    finish(*job, job->take_answer());
  }
}

void minter::finish(mint_job& job, outcome result) {
  auto& call = job.call();
  call.mark(metrics::phase::mint, core_.node.now().mono);
  call.answer(std::move(result));
}

void minter::share_with_idle_cores(const mint_job_ptr& job) {
  const auto& load = core_.node.load;
  for (std::size_t core = 0; core < load.cores(); ++core) {
    if (core == core_.core || load.on_core(load_kind::in_flight, core) != 0) continue;
    // Two, so that it has the next one while the first one's end is on its way here.
    for (int i = 0; i < 2 && job->chunks_left() > 1; ++i) give_chunk(job, core);
  }
}

void minter::give_chunk(const mint_job_ptr& job, std::size_t core) {
  const auto& peer = peers_.at(core);
  if (!peer) return;
  send(peer, sign_chunk{job, job->take_next()});
}

void minter::schedule_next() {
  if (std::exchange(next_scheduled_, true)) return;
  if (core_.home == nullptr) {
    send(this, sign_next{});
    return;
  }
  // Behind the sockets that are ready now.
  boost::asio::post(core_.home->io(), [self = caf::actor_cast<minter_actor>(this)] {
    caf::anon_send(self, sign_next{});
  });
}

}  // namespace filemint::actors
