// A whole node under many clients at once: backends that throw, actors that end.
#include "actors/interfaces.hpp"
#include "backends/local.hpp"
#include "tests/integration/load.hpp"
#include "tests/integration/whole_node.hpp"

#include <caf/actor_cast.hpp>
#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace filemint::faults_test {
namespace {

using testing::load;

constexpr std::size_t clients = 64;

// Signs as the local one does; a path, or a source, may ask for a fault.
class faulty_batch final : public backends::batch {
public:
  explicit faulty_batch(std::unique_ptr<batch> sound) : sound_(std::move(sound)) {}

  [[nodiscard]] std::size_t paths_per_chunk() const noexcept override { return 16; }
  [[nodiscard]] std::uint32_t token_size(file_path path) const override {
    return sound_->token_size(path);
  }
  void sign(std::span<const file_path> paths, std::span<char*> places) const override {
    for (const auto path : paths) {
      if (path.bytes().ends_with("/throw")) throw std::runtime_error("the storage said no");
      if (path.bytes().ends_with("/throw-a-number")) throw 42;
    }
    sound_->sign(paths, places);
  }

private:
  std::unique_ptr<batch> sound_;
};

class faulty final : public backends::backend {
public:
  faulty(std::string source, std::string issuer) : sound_(std::move(source), std::move(issuer)) {}

  [[nodiscard]] std::string_view source() const noexcept override { return sound_.source(); }
  [[nodiscard]] result<std::unique_ptr<backends::batch>> begin(
      const snapshot& known, const backends::mint_terms& terms) const override {
    if (source() == "magikarp") throw std::logic_error("it does not even begin");
    auto sound = sound_.begin(known, terms);
    if (!sound) return std::unexpected(sound.error());
    return std::make_unique<faulty_batch>(std::move(*sound));
  }

private:
  backends::local sound_;
};

// Every core's actors of the kinds that supervisors tell each other of, as they are now.
class acquaintances {
public:
  void meet(const std::string& kind, std::size_t core, std::size_t source, caf::actor who) {
    const std::scoped_lock lock{mutex_};
    known_[{kind, core, source}] = std::move(who);
  }
  [[nodiscard]] std::vector<caf::actor> of(const std::string& kind) const {
    const std::scoped_lock lock{mutex_};
    std::vector<caf::actor> found;
    for (const auto& [what, who] : known_) {
      if (std::get<0>(what) == kind) found.push_back(who);
    }
    return found;
  }

private:
  mutable std::mutex mutex_;
  std::map<std::tuple<std::string, std::size_t, std::size_t>, caf::actor> known_;
};

// Poses as one more core's supervisor, and so hears of each actor that is started.
class guest final : public actors::supervisor_actor::base {
public:
  using base = actors::supervisor_actor::base;
  guest(caf::actor_config& cfg, acquaintances& known) : base(cfg), known_(known) {}

protected:
  behavior_type make_behavior() override {
    return {[this](std::size_t core, const actors::window_limiter_actor& who) {
              known_.meet("limiter", core, 0, caf::actor_cast<caf::actor>(who));
            },
            [this](std::size_t core, const actors::window_owner_actor& who) {
              known_.meet("window_owner", core, 0, caf::actor_cast<caf::actor>(who));
            },
            [this](std::size_t core, std::size_t source, const actors::minter_actor& who) {
              known_.meet("minter", core, source, caf::actor_cast<caf::actor>(who));
            },
            [](std::size_t, const actors::cluster_limiter_actor&) {},
            [](const actors::quota_relay_actor&) {},
            [](const actors::supervisor_list&) {},
            [](actors::introduce_yourselves) {},
            [](const actors::roll_called&) {}};
  }

private:
  acquaintances& known_;
};

class Faults : public testing::whole_node {
protected:
  // Every client of a new load gets 200 and nothing else, and nothing is left behind.
  void expect_recovery() {
    load after{port(), clients, [this](std::size_t turn) {
                 return load::call{"mint", turn % 8 == 0 ? mint(paths(600)) : mint(paths(2))};
               }};
    EXPECT_TRUE(testing::eventually([&] { return after.seen("mint", "OK") > 20 * clients; }));
    for (const auto& [what, times] : after.end()) EXPECT_EQ(what.second, "OK") << times;
    EXPECT_TRUE(testing::eventually([&] { return metric("filemint_requests_in_flight") == 0; }));
  }
};

TEST_F(Faults, ABackendThatThrowsFailsItsOwnCallsAloneUnderLoad) {
  start([](const config& settings, const source_config& source) {
    return std::make_unique<faulty>(source.name, settings.mint.issuer);
  });
  auto large = paths(600);  // in many chunks, of which some may go to the other core
  large.at(300) = "uploads/co_xyz/throw";
  const std::vector<load::call> calls{
      {"sound", mint(paths(2))},
      {"throws", mint({"uploads/co_xyz/a", "uploads/co_xyz/throw"})},
      {"large and sound", mint(paths(600))},
      {"throws a number", mint({"uploads/co_xyz/throw-a-number"})},
      {"large and throws", mint(large)},
      {"throws at the beginning", mint({"uploads/co_xyz/a"}, "magikarp")},
  };
  load during{port(), clients, [&](std::size_t turn) { return calls[turn % calls.size()]; }};
  EXPECT_TRUE(testing::eventually([&] {
    return std::ranges::all_of(calls, [&](const auto& each) {
      return during.seen(each.kind, "OK") + during.seen(each.kind, "INTERNAL_SERVER_ERROR") > 300;
    });
  }));
  for (const auto& [what, times] : during.end()) {
    const auto& [kind, code] = what;
    EXPECT_EQ(code, kind.contains("sound") ? "OK" : "INTERNAL_SERVER_ERROR") << kind << times;
  }
  EXPECT_EQ(metric("filemint_actor_restarts_total"), 0);
  expect_recovery();
}

class EndedActors : public Faults, public ::testing::WithParamInterface<const char*> {
protected:
  void start_and_meet() {
    start(node::make_backend);
    guest_ = node_access::spawn<guest>(*node_, known_);
    node_access::introduce(*node_, {guest_});
    EXPECT_TRUE(testing::eventually([&] { return known_.of("minter").size() == 4; }));
  }
  void TearDown() override {
    node_access::introduce(*node_, {});
    caf::anon_send_exit(guest_, caf::exit_reason::user_shutdown);
    guest_ = nullptr;
    node_.reset();
  }

  [[nodiscard]] std::vector<caf::actor> all_of(const std::string& kind) {
    auto found = known_.of(kind);
    std::mutex one_at_a_time;
    node_access::on_each_core(*node_, [&](auto& entrance) {
      const std::scoped_lock lock{one_at_a_time};
      if (kind == "front_end") found.push_back(caf::actor_cast<caf::actor>(entrance.front_end));
      if (kind == "auth") found.push_back(caf::actor_cast<caf::actor>(entrance.auth));
      if (kind == "dispatcher") found.push_back(caf::actor_cast<caf::actor>(entrance.dispatcher));
    });
    return found;
  }
  // Each core's, before they take up anything else. It takes a moment until those that were started
  // again are known here.
  void end_all(const std::string& kind) {
    std::vector<caf::actor> victims;
    ASSERT_TRUE(testing::eventually([&] {
      victims = all_of(kind);
      return std::ranges::none_of(victims,
                                  [&](const auto& each) { return ended_.contains(each.id()); });
    }));
    for (const auto& each : victims) {
      ended_.insert(each.id());
      caf::anon_send<caf::message_priority::high>(
          each, caf::exit_msg{each.address(), caf::exit_reason::kill});
    }
  }

  std::set<caf::actor_id> ended_;
  acquaintances known_;
  actors::supervisor_actor guest_;
};

// Under sanitizers, without optimisation, one takes seconds.
#ifdef FILEMINT_SANITIZED
constexpr int rounds = 5;
#else
constexpr int rounds = 12;
#endif

TEST_P(EndedActors, AreStartedAgainAndNoCallIsLeftHangingUnderLoad) {
  const std::string kind = GetParam();
  const bool loses_calls = kind != "window_owner";  // its limiters ask the new one again
  start_and_meet();
  load during{port(), clients, [this](std::size_t turn) {
                return load::call{"mint", turn % 4 == 0 ? mint(paths(600)) : mint(paths(2))};
              }};
  const auto lost = [&] { return during.seen("mint", "INTERNAL_SERVER_ERROR") != 0; };
  for (int round = 0; round < rounds || (loses_calls && !lost() && round < 200); ++round) {
    const auto answered = during.seen("mint", "OK");
    const auto restarts = metric("filemint_actor_restarts_total");
    end_all(kind);
    ASSERT_TRUE(testing::eventually([&] {  // each core's
      return metric("filemint_actor_restarts_total") >= restarts + 2;
    })) << "round "
        << round;
    ASSERT_TRUE(
        testing::eventually([&] { return during.seen("mint", "OK") > answered + clients; }));
  }
  const auto answers = during.end();
  for (const auto& [what, times] : answers) {
    EXPECT_TRUE(what.second == "OK" || what.second == "INTERNAL_SERVER_ERROR")
        << what.second << ' ' << times;
  }
  EXPECT_EQ(answers.contains({"mint", "INTERNAL_SERVER_ERROR"}), loses_calls);
  expect_recovery();
}

INSTANTIATE_TEST_SUITE_P(OfAKind, EndedActors,
                         ::testing::Values("front_end", "auth", "limiter", "window_owner",
                                           "dispatcher", "minter"),
                         [](const auto& kind) { return std::string{kind.param}; });

}  // namespace
}  // namespace filemint::faults_test
