// bench_seed: fills the store of a configuration with companies and API keys, and writes the keys
// to a file, a line each. Every company is granted uploads/co_xyz on every source, so that each key
// can mint the benchmark's paths. Key i belongs to company i modulo their number. No node may have
// the store open.
#include "core/api_key.hpp"
#include "core/config/load.hpp"
#include "store/open.hpp"

#include <CLI/CLI.hpp>

#include <cstddef>
#include <cstdio>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace filemint;

std::string company_name(std::size_t i) {
  return "co_bench_" + std::to_string(i);
}

template <class T>
T must(result<T> done) {
  if (!done) throw std::runtime_error(done.error().message);
  if constexpr (!std::is_void_v<T>) return std::move(*done);
}

void add_companies(store::store& into, const config& settings, std::size_t count, wall_time at) {
  for (std::size_t i = 0; i < count; ++i) {
    must(into.add_company({.id = company_name(i), .created_at = at}));
    for (const auto& source : settings.sources) {
      must(into.add_grant({company_name(i), source.name, "uploads/co_xyz", at}));
    }
  }
}

void add_keys(store::store& into, std::size_t count, std::size_t companies, wall_time at,
              std::ostream& out) {
  constexpr std::size_t batch = 50'000;
  std::vector<store::key_row> rows;
  for (std::size_t i = 0; i < count; ++i) {
    const auto key = api_key::generate();
    out << key.text().reveal() << '\n';
    rows.push_back({.id = std::string{key.id()},
                    .company = company_name(i % companies),
                    .secret_hash = key.secret_hash(),
                    .created_at = at});
    if (rows.size() < batch && i + 1 < count) continue;
    must(into.insert_keys(rows));
    rows.clear();
  }
}

}  // namespace

int main(int argc, char** argv) try {
  std::string config_file, out_file;
  std::size_t keys = 1, companies = 1;
  CLI::App app{"Companies and API keys for a benchmark"};
  app.add_option("--config", config_file)->required();
  app.add_option("--keys", keys)->check(CLI::Range(1, 10'000'000));
  app.add_option("--companies", companies)->check(CLI::Range(1, 1'000));
  app.add_option("--out", out_file, "the keys, a line each")->required();
  CLI11_PARSE(app, argc, argv);

  const auto settings = load_config(config_file);
  if (!settings) throw std::runtime_error(settings.error().front().text());
  const auto store =
      must(store::open_store(settings->store, store::role::cli, store::when_missing::create));
  std::ofstream out(out_file);
  add_companies(*store, *settings, companies, wall_now());
  add_keys(*store, keys, companies, wall_now(), out);
  if (!out.flush()) throw std::runtime_error("cannot write " + out_file);
  return 0;
} catch (const std::exception& problem) {
  std::fprintf(stderr, "bench_seed: %s\n", problem.what());
  return 1;
}
