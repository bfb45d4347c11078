#include "core/watched_files.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace filemint::watched_files_test {
namespace {

namespace fs = std::filesystem;

class WatchedFiles : public ::testing::Test {
protected:
  WatchedFiles() {
    fs::create_directories(folder_);
    write("one");
    tried_.take();
  }
  ~WatchedFiles() override { fs::remove_all(folder_); }
  WatchedFiles(const WatchedFiles&) = delete;
  WatchedFiles& operator=(const WatchedFiles&) = delete;

  void write(const char* text) const { std::ofstream{file_} << text; }
  // At the first look they may still be moving.
  bool changed() { return !tried_.take_if_changed() && tried_.take_if_changed(); }

  const fs::path folder_ =
      fs::path{::testing::TempDir()} /
      ("watched-" + std::string{::testing::UnitTest::GetInstance()->current_test_info()->name()});
  const fs::path file_ = folder_ / "file";
  watched_files tried_{{file_, folder_ / "never there", {}}};
};

TEST_F(WatchedFiles, AreTheSameUntilSomethingChanges) {
  EXPECT_FALSE(changed());
  EXPECT_FALSE(changed());
}

TEST_F(WatchedFiles, ChangeWithTheirContentOnce) {
  write("another");
  EXPECT_TRUE(changed());
  EXPECT_FALSE(changed());
}

TEST_F(WatchedFiles, ChangeWhenTheyAreReplacedOrGone) {
  std::ofstream{folder_ / "next"} << "two";
  fs::rename(folder_ / "next", file_);
  EXPECT_TRUE(changed());
  fs::remove(file_);
  EXPECT_TRUE(changed());
}

// Who could not read one is to try again.
TEST_F(WatchedFiles, ChangeWithTheirMode) {
  fs::permissions(file_, fs::perms::owner_read);
  EXPECT_TRUE(changed());
}

}  // namespace
}  // namespace filemint::watched_files_test
