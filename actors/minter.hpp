// The last stage, one a backend: mints a call's tokens and answers it. A large call is signed in
// chunks, one a turn, and a core with nothing to do is given some of them.
#pragma once

#include "actors/core_context.hpp"
#include "actors/homed.hpp"
#include "actors/interfaces.hpp"
#include "actors/mint_job.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <deque>
#include <span>
#include <vector>

namespace filemint::actors {

class minter final : public homed<minter_actor::base> {
public:
  minter(caf::actor_config& cfg, core_context& core, std::size_t source);

protected:
  behavior_type make_behavior() override;
  void on_exit() override;

private:
  [[nodiscard]] const source_config& source() const { return core_.settings->sources.at(source_); }
  void mint(const validated& call);
  void probe(const mint_job_ptr& job);
  void continue_probed(const files_probed& probed);
  void look_for_twins(const mint_job_ptr& job, error missing);
  void look(const mint_job_ptr& job, std::span<const file_path> paths);
  void start(const mint_job_ptr& job);
  void sign_remotely(const mint_job_ptr& job, backends::remote_signing& by);
  void lay_out(const mint_job_ptr& job);
  void sign_next_chunk();
  void sign_here(const mint_job_ptr& job, std::size_t chunk);
  void finish_chunk(const mint_job_ptr& job);
  void finish(mint_job& job, outcome result);
  void share_with_idle_cores(const mint_job_ptr& job);
  void give_chunk(const mint_job_ptr& job, std::size_t core);
  void schedule_next();

  core_context& core_;
  const backends::backend& backend_;
  const std::size_t source_;         // its place among the sources
  std::vector<minter_actor> peers_;  // this backend's, by core
  std::deque<mint_job_ptr> queue_;   // jobs with chunks that nobody has taken
  bool next_scheduled_ = false;
};

}  // namespace filemint::actors
