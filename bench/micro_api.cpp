// What a minting call costs in api: parse, path check, validate, layout and writing. Times are for
// a whole call; `path` is the time for each of its paths.
#include "api/mint_answer.hpp"
#include "api/parse_request.hpp"
#include "api/validate.hpp"
#include "core/file_path.hpp"

#include <benchmark/benchmark.h>

#include <cstring>
#include <string>
#include <vector>

namespace {

using namespace filemint;

constexpr std::size_t token_bytes = 328;
constexpr std::size_t chunk_paths = 256;

std::vector<std::string> some_paths(std::size_t count) {
  std::vector<std::string> paths;
  for (std::size_t i = 0; i < count; ++i) {
    paths.push_back("uploads/co_xyz/file_" + std::to_string(100'000 + i * 7919 % 900'000) +
                    "/context_of_case.pdf");
  }
  return paths;
}

// With room for the padding behind it.
std::string body_of(const std::vector<std::string>& paths) {
  std::string body = R"({"filePaths":[)";
  for (const auto& path : paths) (body += body.ends_with('[') ? "\"" : ",\"") += path + '"';
  body += R"(],"source":"magikarp"})";
  body.reserve(body.size() + api::json_padding);
  return body;
}

std::size_t count_of(const benchmark::State& state) {
  return static_cast<std::size_t>(state.range(0));
}

void report(benchmark::State& state) {
  state.counters["path"] = benchmark::Counter(
      static_cast<double>(state.range(0)),
      benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

// One call's way through api, up to the point where its last argument says.
struct call {
  explicit call(std::size_t paths) : body(body_of(some_paths(paths))) {}

  api::parsed_request parse() { return parser.parse(body, body.capacity(), 1'000).value(); }
  api::mint_request validate() {
    return api::validate(parse(), {.source = "magikarp"}, scratch).value();
  }
  static api::mint_answer lay_out(const api::mint_request& request) {
    return {{.source = request.source,
             .expires_at = {},
             .expires_in = request.expires_in,
             .urls = request.urls,
             .public_url = "https://files.example.com/magikarp/"},
            request.paths,
            chunk_paths,
            [](file_path) { return token_bytes; }};
  }
  static void write(api::mint_answer& answer) {
    static const std::string token(token_bytes, 't');
    for (std::size_t k = 0; k < answer.chunks(); ++k) {
      answer.write_chunk(
          k, [](file_path) { return token_bytes; },
          [](auto, auto places) {
            for (auto& place : places) {
              std::memcpy(place, token.data(), token_bytes);
              place += token_bytes;
            }
          });
    }
  }

  std::string body;
  api::body_parser parser;
  api::validate_scratch scratch;
};

void check_paths(benchmark::State& state) {
  const auto paths = some_paths(count_of(state));
  for (auto _ : state) {
    for (const auto& path : paths) benchmark::DoNotOptimize(file_path::make(path));
  }
  report(state);
}
BENCHMARK(check_paths)->Arg(1'000);

void parse(benchmark::State& state) {
  call it(count_of(state));
  for (auto _ : state) benchmark::DoNotOptimize(it.parse());
  report(state);
}
BENCHMARK(parse)->Arg(2)->Arg(100)->Arg(1'000);

void validate(benchmark::State& state) {
  call it(count_of(state));
  const auto parsed = it.parse();
  for (auto _ : state) {
    benchmark::DoNotOptimize(api::validate(parsed, {.source = "magikarp"}, it.scratch));
  }
  report(state);
}
BENCHMARK(validate)->Arg(2)->Arg(100)->Arg(1'000);

void parse_validate_lay_out(benchmark::State& state) {
  call it(count_of(state));
  for (auto _ : state) benchmark::DoNotOptimize(call::lay_out(it.validate()));
  report(state);
}
BENCHMARK(parse_validate_lay_out)->Arg(2)->Arg(100)->Arg(1'000);

void lay_out(benchmark::State& state) {
  call it(count_of(state));
  const auto request = it.validate();
  for (auto _ : state) benchmark::DoNotOptimize(call::lay_out(request));
  report(state);
}
BENCHMARK(lay_out)->Arg(2)->Arg(100)->Arg(1'000);

void lay_out_and_write(benchmark::State& state) {
  call it(count_of(state));
  auto request = it.validate();
  request.urls = state.range(1) != 0;
  for (auto _ : state) {
    auto answer = call::lay_out(request);
    call::write(answer);
    benchmark::DoNotOptimize(answer.take());
  }
  report(state);
}
BENCHMARK(lay_out_and_write)->ArgsProduct({{2, 100, 1'000}, {0, 1}})->ArgNames({"", "urls"});

}  // namespace
