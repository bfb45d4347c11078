#include "src/demo_data.hpp"

#include "core/api_key.hpp"
#include "core/sealed_key.hpp"
#include "src/cli/write_file.hpp"
#include "src/demo_files.hpp"
#include "store/open.hpp"

#include <cstdlib>
#include <cstring>
#include <string>
#include <system_error>

namespace filemint {
namespace {

constexpr std::string_view own_company = "co_xyz";
constexpr std::string_view other_company = "co_other";

result<std::filesystem::path> fresh_folder() {
  std::error_code error;
  auto pattern = (std::filesystem::temp_directory_path(error) / "filemint-demo-XXXXXX").string();
  if (error || mkdtemp(pattern.data()) == nullptr) {
    return fail(errc::io_failed,
                "cannot make a temporary folder: " + std::string{std::strerror(errno)});
  }
  return pattern;
}

// What is there already is as it should be.
result<void> unless_there(result<void> done) {
  if (!done && done.error().code == errc::conflict) return {};
  return done;
}

result<void> add_company(store::store& kept, std::string_view id) {
  auto done = unless_there(kept.add_company({.id = std::string{id}, .created_at = wall_now()}));
  for (const auto* source : {"magikarp", "betaimages"}) {
    if (!done) return done;
    done = unless_there(kept.add_grant({.company = std::string{id},
                                        .source = source,
                                        .prefix = "uploads/" + std::string{id},
                                        .created_at = wall_now()}));
  }
  return done;
}

}  // namespace

result<demo_data> demo_data::make(const std::filesystem::path& folder) {
  std::error_code error;
  auto where = folder.empty() ? fresh_folder() : std::filesystem::absolute(folder, error);
  if (!where) return std::unexpected(where.error());
  std::filesystem::create_directories(*where, error);
  if (error)
    return fail(errc::io_failed, "cannot make " + where->string() + ": " + error.message());
  demo_data made{std::move(*where), folder.empty()};
  if (auto done = made.fill(); !done) return std::unexpected(done.error());
  return made;
}

demo_data::~demo_data() {
  if (folder_.empty() || !temporary_) return;
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

result<void> demo_data::fill() {
  auto done =
      unless_there(cli::write_new_secret(folder_ / "master.key", master_key::generate().text()));
  for (const auto& source : settings().sources) {
    if (done) done = write_demo_files(source.root);
  }
  if (!done) return done;

  auto kept = store::open_store(settings().store, store::role::cli, store::when_missing::create);
  if (!kept) return std::unexpected(kept.error());
  done = add_company(**kept, own_company);
  if (done) done = add_company(**kept, other_company);
  if (!done) return done;
  const auto key = api_key::generate();
  key_ = key.text().clone();
  return (*kept)->add_key({.id = std::string{key.id()},
                           .company = std::string{own_company},
                           .secret_hash = key.secret_hash(),
                           .created_at = wall_now()});
}

config demo_data::settings() const {
  config made;
  // Ctrl-C ends it within a second, whatever its clients do.
  made.http.drain_timeout = std::chrono::milliseconds{300};
  made.http.drain_last_words = std::chrono::milliseconds{200};
  made.http.drain_idle = std::chrono::milliseconds{0};
  made.mint.calls_per_minute = 100'000'000;  // a load test of the demo measures minting
  made.store.path = folder_ / "filemint.db";
  made.store.master_key = "file:" + (folder_ / "master.key").string();
  made.log.file = folder_ / "filemint.log";
  source_config checked;
  checked.name = "magikarp";
  checked.root = folder_ / "files" / "magikarp";
  checked.check_exists = true;
  source_config unchecked;
  unchecked.name = "betaimages";
  unchecked.root = folder_ / "files" / "betaimages";
  made.sources = {checked, unchecked};
  made.default_source = checked.name;
  return made;
}

}  // namespace filemint
