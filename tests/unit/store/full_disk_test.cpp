#include "tests/unit/store/fixture.hpp"

#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <vector>

namespace filemint::store::full_disk_test {
namespace {

// Adds keys until one does not fit; gives the error.
error fill(store& into, std::uint64_t first) {
  for (auto next = first;; next += 100) {
    std::vector<key_row> some;
    for (std::uint64_t i = 0; i < 100; ++i) some.push_back(key_numbered(next + i, "co_x"));
    if (auto done = into.insert_keys(some); !done) return done.error();
  }
}

class FullDisk : public sqlite_test {};

TEST_F(FullDisk, RefusesChangesInClearWordsAndKeepsWhatItHas) {
  open().reset();
  const auto small = good(open_sqlite(file(), {.max_pages = 40}));
  const auto node = open(role::node);
  good(small->add_company(company_named("co_x")));
  const auto refused = fill(*small, 1);
  EXPECT_EQ(refused.code, errc::store_full);
  EXPECT_NE(refused.message.find("no room is left"), std::string::npos);

  const auto kept = good(small->list_keys({})).size();
  EXPECT_GT(kept, 0u);
  EXPECT_EQ(kept % 100, 0u) << "all or none of a hundred";
  const auto all = good(node->load({}));
  EXPECT_EQ(all.people.key_count(), kept);
  good(open()->add_key(key_numbered(1'000'000, "co_x")));  // there is room again
  EXPECT_EQ(good(node->changes_since(all.at))->keys.size(), 1u);
}

// Runs in a process of its own, whose root sees a disk of 512 KiB. Gives what failed; nothing: all
// is well.
const char* try_on_a_real_disk(const std::filesystem::path& disk) {
  const auto file = disk / "filemint.db";
  const auto ballast = disk / "ballast";
  const auto cli = good(open_sqlite(file, {.create = true}));
  const auto node = good(open_sqlite(file, {.as_node = true}));
  good(cli->add_company(company_named("co_x")));
  const auto before = good(node->load({}));
  std::ofstream(ballast) << std::string(64 * 1024, 'x');
  if (fill(*cli, 1).code != errc::store_full) return "a full disk is not told as such";
  const auto kept = good(cli->list_keys({})).size();
  const auto seen = node->changes_since(before.at);
  if (!seen || !*seen || (*seen)->keys.size() != kept) return "a node can't read on a full disk";
  std::filesystem::remove(ballast);
  if (!cli->set_suspended("co_x", true)) return "a disk that has room again is still full";
  return nullptr;
}

TEST_F(FullDisk, IsToldApartOnARealOneToo) {
  constexpr int cannot_mount = 77;
  const auto disk = directory_.path() / "disk";
  std::filesystem::create_directory(disk);
  const auto child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const int spaces = CLONE_NEWNS | (::geteuid() == 0 ? 0 : CLONE_NEWUSER);
    if (::unshare(spaces) != 0 ||
        ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount("tmpfs", disk.c_str(), "tmpfs", 0, "size=512k") != 0) {
      ::_exit(cannot_mount);
    }
    const char* failure = nullptr;
    try {
      failure = try_on_a_real_disk(disk);
    } catch (const std::exception& e) {
      std::fprintf(stderr, "%s\n", e.what());
      failure = "an operation failed";
    }
    if (failure != nullptr) std::fprintf(stderr, "%s\n", failure);
    ::_exit(failure == nullptr ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status));
  if (WEXITSTATUS(status) == cannot_mount) GTEST_SKIP() << "this system allows no mounts here";
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

}  // namespace
}  // namespace filemint::store::full_disk_test
