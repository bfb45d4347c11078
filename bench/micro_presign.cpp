// What a presigned request costs: AWS Signature Version 4, of many paths together. Beside
// sign_together, which is our own token's.

#include "backends/s3.hpp"

#include <benchmark/benchmark.h>

#include <string>
#include <vector>

namespace {

using namespace filemint;

void presign_together(benchmark::State& state) {
  bucket_config bucket;
  bucket.name = "stored-files";
  const backends::s3 backend{
      "objects", backends::place_of(bucket),
      backends::aws_credentials{
          .access_key_id = "AKIAIOSFODNN7EXAMPLE",
          .secret_access_key = secret{"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"},
          .session_token = {}}};
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
BENCHMARK(presign_together)->Arg(1)->Arg(2)->Arg(8)->Arg(32);

}  // namespace
