// What a token costs: signing, verifying, and the API key that comes before.

#include "core/api_key.hpp"
#include "core/clock.hpp"
#include "core/crypto/random.hpp"
#include "core/signing_key.hpp"
#include "core/token.hpp"

#include <benchmark/benchmark.h>

#include <array>
#include <string>
#include <vector>

namespace {

using namespace filemint;

constexpr std::string_view path = "uploads/co_xyz/file_abc123000001/context1.pdf";
static_assert(path.size() == 45);

const token_terms terms{
    .issuer = "filemint",
    .source = "magikarp",
    .company = "co_xyz",
    .key_id = "AbCdEfGhIjKl",
    .issued_at = wall_time(std::chrono::seconds(1'795'476'656)),
    .expires_at = wall_time(std::chrono::seconds(1'795'476'956)),
};

signing_key_ptr new_key(token_algorithm algorithm) {
  return signing_key::generate(algorithm, "magikarp", "2026a").value();
}

void sign(benchmark::State& state, token_algorithm algorithm) {
  const auto key = new_key(algorithm);
  const token_signer signer(*key, terms);
  std::string token(signer.size_for(path), '\0');
  std::uint64_t jti = 0;
  for (auto _ : state) {
    signer.sign(path, jti += 0x9E3779B97F4A7C15, token.data());
    benchmark::DoNotOptimize(token.data());
    benchmark::ClobberMemory();
  }
}
BENCHMARK_CAPTURE(sign, hs256, token_algorithm::hs256);
BENCHMARK_CAPTURE(sign, eddsa, token_algorithm::eddsa);
BENCHMARK_CAPTURE(sign, es256, token_algorithm::es256);

// As a batch of that many paths is signed; the time is that of all.
void sign_together(benchmark::State& state) {
  const auto key = new_key(token_algorithm::hs256);
  const token_signer signer(*key, terms);
  const auto count = static_cast<std::size_t>(state.range(0));
  const std::vector<file_path> paths(count, file_path::make(path).value());
  const auto size = signer.size_for(path);
  std::string tokens(count * size, '\0');
  std::vector<std::uint64_t> jtis(count);
  std::vector<char*> places(count);
  for (auto _ : state) {
    for (std::size_t i = 0; i < count; ++i) {
      places[i] = tokens.data() + i * size;
      jtis[i] += 0x9E3779B97F4A7C15;
    }
    signer.sign(paths, jtis, places);
    benchmark::DoNotOptimize(tokens.data());
    benchmark::ClobberMemory();
  }
  state.counters["token"] =
      benchmark::Counter(static_cast<double>(count), benchmark::Counter::kIsIterationInvariantRate |
                                                         benchmark::Counter::kInvert);
}
BENCHMARK(sign_together)->DenseRange(1, 16)->DenseRange(20, 32, 4);

void make_signer(benchmark::State& state) {
  const auto key = new_key(token_algorithm::hs256);
  for (auto _ : state) benchmark::DoNotOptimize(token_signer(*key, terms));
}
BENCHMARK(make_signer);

void verify(benchmark::State& state, token_algorithm algorithm) {
  const auto key = new_key(algorithm);
  const key_ring keys({{key, key_state::active, {}}});
  const token_signer signer(*key, terms);
  std::string token(signer.size_for(path), '\0');
  signer.sign(path, 42, token.data());
  for (auto _ : state) {
    const auto verified = verify_token(token, terms.issuer, terms.source, keys, terms.issued_at,
                                       std::chrono::seconds(30));
    if (!verified) state.SkipWithError("the token does not verify");
    benchmark::DoNotOptimize(verified);
  }
}
BENCHMARK_CAPTURE(verify, hs256, token_algorithm::hs256);
BENCHMARK_CAPTURE(verify, eddsa, token_algorithm::eddsa);
BENCHMARK_CAPTURE(verify, es256, token_algorithm::es256);

void parse_api_key(benchmark::State& state) {
  const auto key = api_key::generate();
  for (auto _ : state) benchmark::DoNotOptimize(api_key::parse(key.text().reveal()));
}
BENCHMARK(parse_api_key);

void hash_api_key_secret(benchmark::State& state) {
  const auto key = api_key::generate();
  const auto parsed = api_key::parse(key.text().reveal()).value();
  for (auto _ : state) benchmark::DoNotOptimize(api_key::hash_secret(parsed.secret));
}
BENCHMARK(hash_api_key_secret);

void draw_1000_jtis(benchmark::State& state) {
  std::array<std::uint64_t, 1000> jtis;
  for (auto _ : state) {
    random_numbers(jtis);
    benchmark::DoNotOptimize(jtis.data());
  }
}
BENCHMARK(draw_1000_jtis);

}  // namespace
