// What a shared access signature of Azure costs, of many paths together, and whether a blob can
// have a path's name. Beside sign_together, which is our own token's.

#include "backends/azure.hpp"

#include <benchmark/benchmark.h>

#include <string>
#include <vector>

namespace {

using namespace filemint;

constexpr wall_time at{std::chrono::seconds{1'795'476'656}};

void per_path(benchmark::State& state, std::size_t count) {
  state.counters["token"] =
      benchmark::Counter(static_cast<double>(count), benchmark::Counter::kIsIterationInvariantRate |
                                                         benchmark::Counter::kInvert);
}

void sign_sas(benchmark::State& state, backends::sas_key key) {
  bucket_config bucket;
  bucket.name = "stored-files";
  bucket.account = "filemintaccount";
  const backends::azure backend{"objects", backends::place_of_container(bucket), std::move(key)};
  const snapshot known;
  const auto batch = backend.begin(known, {.company = "co_xyz",
                                           .key_id = "AbCdEfGhIjKl",
                                           .issued_at = at,
                                           .expires_at = at + std::chrono::seconds{300}});
  const auto count = static_cast<std::size_t>(state.range(0));
  const auto path = file_path::make("uploads/co_xyz/file_abc123000001/context1.pdf").value();
  const std::vector<file_path> paths(count, path);
  const std::size_t size = (*batch)->token_size(path);
  std::string tokens(count * size, '\0');
  std::vector<char*> places(count);
  for (auto _ : state) {
    for (std::size_t i = 0; i < count; ++i) places[i] = tokens.data() + i * size;
    (*batch)->sign(paths, places);
    benchmark::DoNotOptimize(tokens.data());
    benchmark::ClobberMemory();
  }
  per_path(state, count);
}

void sas_together(benchmark::State& state) {
  sign_sas(state, backends::sas_key{secret{std::string(64, 'k')}});
}
BENCHMARK(sas_together)->Arg(1)->Arg(2)->Arg(8)->Arg(32);

void delegated_sas_together(benchmark::State& state) {
  sign_sas(state, backends::sas_key{backends::azure_delegation{
                      .object_id = "00000000-1111-2222-3333-444444444444",
                      .tenant_id = "55555555-6666-7777-8888-999999999999",
                      .starts_at = at,
                      .expires_at = at + std::chrono::hours{24},
                      .service = "b",
                      .api_version = "2020-12-06",
                      .value = secret{std::string(32, 'k')}}});
}
BENCHMARK(delegated_sas_together)->Arg(1)->Arg(32);

void blob_name(benchmark::State& state) {
  const auto path = file_path::make("uploads/co_xyz/file_abc123000001/context1.pdf").value();
  for (auto _ : state) benchmark::DoNotOptimize(backends::is_blob_name(path));
}
BENCHMARK(blob_name);

}  // namespace
