// What it costs to tell whether a company may read a path: by the number of its own prefixes, and
// by the number of other companies, which must not count.

#include "core/directory_builder.hpp"
#include "core/file_path.hpp"
#include "core/grants.hpp"

#include <benchmark/benchmark.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace filemint;

prefix_set prefixes_of(const std::string& company, std::int64_t count) {
  std::vector<std::string> prefixes;
  for (std::int64_t i = 0; i < count; ++i) {
    prefixes.push_back("uploads/" + company + "/folder_" + std::to_string(100'000 + i));
  }
  return prefix_set{std::move(prefixes)};
}

grants grants_of(const std::string& company, std::int64_t count) {
  std::map<std::string, prefix_set, std::less<>> by_source;
  by_source.emplace("magikarp", prefixes_of(company, count));
  by_source.emplace("betaimages", prefixes_of(company, count));
  return grants{std::move(by_source)};
}

// Below the prefix in the middle.
std::string path_below(const std::string& company, std::int64_t count) {
  return "uploads/" + company + "/folder_" + std::to_string(100'000 + count / 2) + "/context1.pdf";
}

void covers(benchmark::State& state) {
  const auto granted = prefixes_of("co_xyz", state.range(0));
  const auto text = path_below("co_xyz", state.range(0));
  const auto path = file_path::make(text).value();
  if (!granted.covers(path)) state.SkipWithError("it is not covered");
  for (auto _ : state) benchmark::DoNotOptimize(granted.covers(path));
}
BENCHMARK(covers)->Arg(1)->Arg(100)->Arg(10'000);

void grants_on_and_covers(benchmark::State& state) {
  const auto granted = grants_of("co_xyz", state.range(0));
  const auto text = path_below("co_xyz", state.range(0));
  const auto path = file_path::make(text).value();
  for (auto _ : state) {
    const auto* on = granted.on("magikarp");
    if (on == nullptr || !on->covers(path)) state.SkipWithError("it is not covered");
    benchmark::DoNotOptimize(on);
  }
}
BENCHMARK(grants_on_and_covers)->Arg(1)->Arg(100)->Arg(10'000);

// One company's look among so many, each with 100 prefixes a source.
void covers_among_companies(benchmark::State& state) {
  directory_builder builder;
  for (std::int64_t i = 0; i < state.range(0); ++i) {
    const auto id = "co_" + std::to_string(100'000 + i);
    builder.put_company({.id = id, .granted = grants_of(id, 100)});
  }
  const auto people = builder.build();
  const auto id = "co_" + std::to_string(100'000 + state.range(0) / 2);
  const auto* caller = people.find_company(id);
  const auto text = path_below(id, 100);
  const auto path = file_path::make(text).value();
  for (auto _ : state) {
    const auto* on = caller->granted.on("magikarp");
    if (on == nullptr || !on->covers(path)) state.SkipWithError("it is not covered");
    benchmark::DoNotOptimize(on);
  }
}
BENCHMARK(covers_among_companies)->Arg(1)->Arg(1'000);

}  // namespace
