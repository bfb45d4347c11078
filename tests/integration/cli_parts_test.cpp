#include "src/cli/download_folder.hpp"
#include "src/cli/outcome.hpp"
#include "src/cli/progress_bar.hpp"
#include "src/cli/show.hpp"
#include "src/cli/table.hpp"
#include "src/cli/url.hpp"
#include "src/cli/write_file.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace filemint::cli::cli_parts_test {
namespace {

namespace fs = std::filesystem;

class CliFiles : public ::testing::Test {
protected:
  CliFiles() {
    auto name = ::testing::TempDir() + "filemint_cli_XXXXXX";
    folder_ = ::mkdtemp(name.data());
  }
  ~CliFiles() override { fs::remove_all(folder_); }

  static std::string read(const fs::path& path) {
    std::ostringstream text;
    text << std::ifstream{path}.rdbuf();
    return text.str();
  }

  // What is in the folder, without what lies deeper.
  static std::size_t entries(const fs::path& path) {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator{path}, fs::directory_iterator{}));
  }

  result<void> put(const fs::path& root, std::string_view path, std::string_view bytes) {
    const auto opened = download_folder::open(root);
    if (!opened) return std::unexpected{opened.error()};
    auto file = opened->begin(*file_path::make(path));
    if (!file) return std::unexpected{file.error()};
    if (auto done = file->write(bytes); !done) return done;
    return file->commit();
  }

  fs::path folder_;
};

TEST_F(CliFiles, ADownloadMakesItsFoldersAndReplacesAFormerFile) {
  ASSERT_TRUE(put(folder_ / "new" / "root", "a/b/c.pdf", "one"));
  ASSERT_TRUE(put(folder_ / "new" / "root", "a/b/c.pdf", "two"));
  EXPECT_EQ(read(folder_ / "new/root/a/b/c.pdf"), "two");
  EXPECT_EQ(entries(folder_ / "new/root/a/b"), 1U);
}

TEST_F(CliFiles, ADownloadThatIsNotCommittedLeavesNoFile) {
  {
    const auto opened = download_folder::open(folder_);
    auto file = opened->begin(*file_path::make("c.pdf"));
    ASSERT_TRUE(file);
    ASSERT_TRUE(file->write("half"));
  }
  EXPECT_EQ(entries(folder_), 0U);
}

TEST_F(CliFiles, ADownloadNeverFollowsALinkOutOfItsFolder) {
  const auto root = folder_ / "root", outside = folder_ / "outside";
  fs::create_directories(root / "deep");
  fs::create_directory(outside);
  fs::create_symlink(outside, root / "absolute");
  fs::create_symlink("../outside", root / "relative");
  fs::create_symlink("../../outside", root / "deep/link");
  for (const auto* path : {"absolute/f", "relative/f", "deep/link/f", "relative/x/f"}) {
    const auto done = put(root, path, "x");
    ASSERT_FALSE(done) << path;
    EXPECT_TRUE(done.error().message.contains("leads out of the folder")) << done.error().message;
  }
  EXPECT_EQ(entries(outside), 0U);
}

TEST_F(CliFiles, ADownloadReplacesALinkInsteadOfWritingThroughIt) {
  std::ofstream{folder_ / "target"} << "kept";
  fs::create_directory(folder_ / "root");
  fs::create_symlink(folder_ / "target", folder_ / "root/f");
  ASSERT_TRUE(put(folder_ / "root", "f", "new"));
  EXPECT_EQ(read(folder_ / "target"), "kept");
  EXPECT_EQ(read(folder_ / "root/f"), "new");
}

TEST_F(CliFiles, ADownloadKeepsToLinksThatStayInside) {
  fs::create_directories(folder_ / "a");
  fs::create_symlink("a", folder_ / "b");
  ASSERT_TRUE(put(folder_, "b/f", "x"));
  EXPECT_EQ(read(folder_ / "a/f"), "x");
}

TEST_F(CliFiles, ASecretFileIsItsOwnersAloneAndNeverReplacesOne) {
  const auto path = folder_ / "key";
  ASSERT_TRUE(write_new_secret(path, secret{"hush"}));
  EXPECT_EQ(read(path), "hush\n");
  EXPECT_EQ(fs::status(path).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  const auto again = write_new_secret(path, secret{"other"});
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, errc::conflict);
  EXPECT_EQ(read(path), "hush\n");
}

TEST(Url, IsTakenApart) {
  const struct {
    std::string_view text;
    url parts;
    std::string_view authority;
  } table[] = {
      {"http://h", {false, "h", "80", "/"}, "h"},
      {"http://h:8080/a/b?c=d", {false, "h", "8080", "/a/b?c=d"}, "h:8080"},
      {"https://h/", {true, "h", "443", "/"}, "h"},
      {"https://h:80/", {true, "h", "80", "/"}, "h:80"},
      {"http://h?x", {false, "h", "80", "/?x"}, "h"},
      {"http://[::1]:81/x", {false, "::1", "81", "/x"}, "[::1]:81"},
      {"http://[::1]", {false, "::1", "80", "/"}, "[::1]"},
      {"http://h/a:b@c", {false, "h", "80", "/a:b@c"}, "h"},
  };
  for (const auto& row : table) {
    const auto parsed = url::parse(row.text);
    ASSERT_TRUE(parsed) << row.text;
    EXPECT_EQ(parsed->tls, row.parts.tls) << row.text;
    EXPECT_EQ(parsed->host, row.parts.host) << row.text;
    EXPECT_EQ(parsed->port, row.parts.port) << row.text;
    EXPECT_EQ(parsed->target, row.parts.target) << row.text;
    EXPECT_EQ(parsed->authority(), row.authority) << row.text;
  }
}

TEST(Url, IsRefusedWhenAnythingIsStrange) {
  for (const auto* text :
       {"", "h", "ftp://h", "http://", "http://:80", "http://h:", "http://h:x", "http://h:0",
        "http://h:65536", "http://u@h/", "http://u:p@h/", "http://h/a b", "http://h/a\r\nX: y",
        "http://h/#f", "http://h/\xc3\xa9", "http://[::1/", "http://::1/", "HTTP://h/"}) {
    EXPECT_FALSE(url::parse(text)) << text;
  }
}

TEST(Table, HasColumnsAsWideAsTheirWidestCell) {
  table shown{{"A", "LONG HEAD"}};
  shown.add({"wide cell", "x"});
  shown.add({"ü", "y"});
  EXPECT_EQ(shown.text(), "A          LONG HEAD\nwide cell  x\nü          y\n");
}

TEST(Table, ShowsNoControlBytes) {
  table shown{{"A"}};
  shown.add({"\033[31mred\n"});
  EXPECT_EQ(shown.text(), "A\n?[31mred?\n");
}

TEST(ProgressLine, ShowsHowFarItIs) {
  EXPECT_EQ(progress_line("f", 1 << 20, 4 << 20, 80),
            "f [######                  ]  25% 1.0 MiB of 4.0 MiB");
  EXPECT_EQ(progress_line("f", 1 << 20, {}, 80), "f 1.0 MiB");
  EXPECT_EQ(progress_line("f", 0, 0, 80), "f 0.0 MiB");
  EXPECT_EQ(progress_line("f", 9, 4, 80).substr(0, 33), "f [########################] 100%");
}

TEST(ProgressLine, IsNoWiderThanTheTerminal) {
  for (std::size_t width = 0; width < 90; ++width) {
    EXPECT_LE(progress_line(std::string(200, 'p'), 1, 2, width).size(), width);
  }
}

TEST(ReadTime, TakesRfc3339AndUnixSeconds) {
  const auto expected = wall_time{std::chrono::seconds{1'767'225'900}};
  EXPECT_EQ(read_time("2026-01-01T00:05:00Z"), expected);
  EXPECT_EQ(read_time("1767225900"), expected);
  for (const auto* text :
       {"", "2026-01-01", "2026-01-01T00:05:00", "2026-01-01T00:05:00z", "2026-02-30T00:00:00Z",
        "2026-1-01T00:05:00Z", "2026-01-01T24:00:00Z", "2026-01-01T00:05:00Zx",
        "2026-01-01T00:05:00+00:00", "-1", "253402300800", "tomorrow"}) {
    EXPECT_FALSE(read_time(text)) << text;
  }
}

TEST(ExitCode, TellsTheKindsOfTroubleApart) {
  EXPECT_EQ(exit_code_of(errc::invalid_argument), exit_code::usage);
  EXPECT_EQ(exit_code_of(errc::wrong_key), exit_code::configuration);
  EXPECT_EQ(exit_code_of(errc::store_full), exit_code::store);
  EXPECT_EQ(exit_code_of(errc::not_found), exit_code::not_found);
  EXPECT_EQ(exit_code_of(errc::conflict), exit_code::conflict);
  EXPECT_EQ(exit_code_of(errc::io_failed), exit_code::failed);
}

}  // namespace
}  // namespace filemint::cli::cli_parts_test
