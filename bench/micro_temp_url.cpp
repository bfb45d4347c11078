// What a temporary URL of Swift costs, of many paths together. Beside presign_together and
// sign_together.

#include "backends/swift.hpp"

#include <benchmark/benchmark.h>

#include <string>
#include <vector>

namespace {

using namespace filemint;

void temp_url_together(benchmark::State& state, temp_url_digest digest) {
  bucket_config container;
  container.account = "AUTH_example";
  container.name = "stored-files";
  container.endpoint = "https://swift.example";
  const backends::swift backend{"objects", backends::swift_place_of(container),
                                secret{"wJalrXUtnFEMI/K7MDENG+bPxRfiCY=EXAMPLEKEY"}, digest};
  const wall_time at{std::chrono::seconds{1'795'476'656}};
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
  state.counters["token"] =
      benchmark::Counter(static_cast<double>(count), benchmark::Counter::kIsIterationInvariantRate |
                                                         benchmark::Counter::kInvert);
}
BENCHMARK_CAPTURE(temp_url_together, sha256, temp_url_digest::sha256)->Arg(1)->Arg(2)->Arg(32);
BENCHMARK_CAPTURE(temp_url_together, sha512, temp_url_digest::sha512)->Arg(1)->Arg(32);

}  // namespace
