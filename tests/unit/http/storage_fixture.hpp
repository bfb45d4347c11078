// A storage prober before a storage that answers what a test says, when it says so.
#pragma once

#include "http/storage_prober.hpp"
#include "tests/unit/http/storage_fakes.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace filemint::http::testing {

using namespace std::chrono_literals;

class storage_test : public ::testing::Test {
protected:
  // One call: its paths live as long as the test.
  struct asked_call {
    std::vector<std::string> names;
    std::vector<file_path> paths;
    int answers = 0;
    std::optional<actors::probe_outcome> outcome;

    [[nodiscard]] std::optional<errc> code() const {
      if (!outcome || outcome->has_value()) return std::nullopt;
      return outcome->error().code;
    }
    [[nodiscard]] std::int64_t retry_after() const {
      for (const auto& each : outcome->error().details) {
        if (each.name == "retry_after_seconds") return std::get<std::int64_t>(each.value);
      }
      return -1;
    }
    [[nodiscard]] std::vector<std::size_t> missing() const {
      return outcome && outcome->has_value() ? **outcome : std::vector<std::size_t>{999'999};
    }
  };

  void start() {
    prober.emplace(
        fetcher, others, sources, backends,
        storage_prober::hooks{.warn =
                                  [this](std::string_view source, std::string_view what) {
                                    EXPECT_EQ(source, "objects");
                                    warnings.emplace_back(what);
                                  },
                              .now = [this] { return clock; }});
  }

  asked_call& ask(std::vector<std::string> names, std::chrono::milliseconds within = 10s,
                  std::string_view source = "objects") {
    auto& call = calls.emplace_back();
    call.names = std::move(names);
    for (const auto& name : call.names) call.paths.push_back(file_path::make(name).value());
    prober->probe({source, call.paths, within}, [&call](actors::probe_outcome outcome) {
      ++call.answers;
      call.outcome.emplace(std::move(outcome));
    });
    run();
    return call;
  }
  static std::vector<std::string> numbered(std::size_t count, const std::string& before = "f") {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < count; ++i) names.push_back(before + std::to_string(i));
    return names;
  }

  void run() {
    while (fetcher.turn()) {
    }
  }
  // The oldest request under way ends so.
  void end(actors::fetch_outcome outcome) {
    ASSERT_FALSE(fetcher.out.empty());
    auto first = std::move(fetcher.out.front());
    fetcher.out.pop_front();
    first.done(std::move(outcome));
    run();
  }
  void end_all(unsigned status) {
    while (!fetcher.out.empty()) end(answer(status));
  }
  void pass(std::chrono::milliseconds time) {
    clock.mono += time;
    wall_ += time;
    clock.wall = std::chrono::floor<std::chrono::seconds>(wall_);
  }

  [[nodiscard]] const metrics::storage_cells& cells() const { return *prober->numbers()[0].cells; }
  [[nodiscard]] std::uint64_t ended(metrics::probe_end how) const {
    return cells().probes[static_cast<std::size_t>(how)].read();
  }

  instant clock{wall_time{1'800'000'000s}, mono_time{1h}};
  std::deque<asked_call> calls;  // told at the latest when the fetcher goes
  fake_fetcher fetcher;
  other_prober others;
  named_backend store;
  struct local_backend final : backends::backend {
    [[nodiscard]] std::string_view source() const noexcept override { return "files"; }
    [[nodiscard]] result<std::unique_ptr<backends::batch>> begin(
        const snapshot&, const backends::mint_terms&) const override {
      return fail(errc::service_unavailable);
    }
  } disk;
  std::vector<source_config> sources{{.name = "files"},
                                     {.name = "objects", .type = source_type::s3}};
  std::vector<const backends::backend*> backends{&disk, &store};
  std::vector<std::string> warnings;
  std::optional<storage_prober> prober;

private:
  std::chrono::sys_time<std::chrono::milliseconds> wall_{wall_time{1'800'000'000s}};
};

}  // namespace filemint::http::testing
