#include "http/file_reader.hpp"

#include "temporary_tree.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <array>
#include <chrono>
#include <future>
#include <latch>
#include <string>
#include <vector>

namespace filemint::http::file_reader_test {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

class FileReader : public ::testing::Test {
protected:
  FileReader() {
    tree_.write("magikarp/a/b.txt", "hello");
    tree_.write("outside.txt", "not yours");
    auto started =
        file_reader::start(std::array{file_reader::root{"magikarp", tree_.root() / "magikarp"}}, 3);
    EXPECT_TRUE(started) << started.error().message;
    reader_ = std::move(*started);
  }

  result<opened_file> open(std::string path, std::string_view source = "magikarp") {
    std::promise<result<opened_file>> answer;
    reader_->open(source, std::move(path), [&](auto file) { answer.set_value(std::move(file)); });
    return answer.get_future().get();
  }

  result<std::string> read(opened_file& file, std::uint64_t offset, std::uint64_t size) {
    if (file.file) shared_ = std::make_shared<const unique_fd>(std::move(file.file));
    std::promise<result<std::string>> answer;
    reader_->read({shared_, offset, size, file.readers},
                  [&](auto block) { answer.set_value(std::move(block)); });
    return answer.get_future().get();
  }

  actors::probe_outcome probe(const std::vector<std::string>& paths,
                              std::string_view source = "magikarp") {
    std::vector<file_path> checked;
    for (const auto& path : paths) checked.push_back(*file_path::make(path));
    std::promise<actors::probe_outcome> answer;
    reader_->probe({source, checked, 1s},
                   [&](auto missing) { answer.set_value(std::move(missing)); });
    return answer.get_future().get();
  }

  fs::path beneath(const fs::path& path) const { return tree_.root() / "magikarp" / path; }

  temporary_tree tree_;
  std::unique_ptr<file_reader> reader_;
  std::shared_ptr<const unique_fd> shared_;
};

TEST_F(FileReader, OpensAFileAndTellsWhatItIs) {
  const auto file = open("a/b.txt");
  ASSERT_TRUE(file);
  struct stat about{};
  ASSERT_EQ(::stat(beneath("a/b.txt").c_str(), &about), 0);
  EXPECT_EQ(file->size, 5u);
  EXPECT_EQ(file->inode, about.st_ino);
  EXPECT_EQ(file->modified_seconds, about.st_mtim.tv_sec);
  EXPECT_EQ(file->modified_nanoseconds, about.st_mtim.tv_nsec);
}

TEST_F(FileReader, ReadsAtAnyOffset) {
  auto file = open("a/b.txt");
  ASSERT_TRUE(file);
  EXPECT_EQ(read(*file, 0, 5), "hello");
  EXPECT_EQ(read(*file, 1, 3), "ell");
  EXPECT_EQ(read(*file, 3, 100), "lo");
  EXPECT_EQ(read(*file, 5, 1), "");
}

TEST_F(FileReader, ReadsALargeFileBlockByBlock) {
  tree_.write("magikarp/large", std::string(file_reader::max_block_bytes + 10, 'x'));
  auto file = open("large");
  ASSERT_TRUE(file);
  EXPECT_EQ(read(*file, 0, file->size)->size(), file_reader::max_block_bytes);
  EXPECT_EQ(read(*file, file_reader::max_block_bytes, 10)->size(), 10u);
}

TEST_F(FileReader, RunsOtherWorkUntilItStops) {
  const auto runs = [&] {
    std::promise<bool> answer;
    reader_->run([&](bool ran) { answer.set_value(ran); });
    return answer.get_future().get();
  };
  EXPECT_TRUE(runs());
  reader_->stop();
  EXPECT_FALSE(runs());
}

TEST_F(FileReader, TellsThatAFileHasShrunk) {
  auto file = open("a/b.txt");
  ASSERT_TRUE(file);
  fs::resize_file(beneath("a/b.txt"), 2);
  EXPECT_EQ(read(*file, 0, 5), "he");
  EXPECT_EQ(read(*file, 3, 2), "");
}

TEST_F(FileReader, FollowsSymlinksThatStayBeneathTheRoot) {
  fs::create_symlink("b.txt", beneath("a/link"));
  fs::create_symlink("../a", beneath("a/up"));
  EXPECT_TRUE(open("a/link"));
  EXPECT_TRUE(open("a/up/b.txt"));
  EXPECT_THAT(*probe({"a/link", "a/up/b.txt"}), ::testing::IsEmpty());
}

TEST_F(FileReader, FindsNothingThatIsNoRegularFileBeneathTheRoot) {
  fs::create_symlink("../outside.txt", beneath("leaves"));
  fs::create_symlink(tree_.root() / "outside.txt", beneath("absolute"));
  fs::create_symlink(beneath("a/b.txt"), beneath("absolute_within"));
  fs::create_symlink("..", beneath("parent"));
  fs::create_symlink("/proc/self/exe", beneath("magic"));
  fs::create_symlink("loop", beneath("loop"));
  fs::create_symlink("nowhere", beneath("dangling"));
  ASSERT_EQ(::mkfifo(beneath("fifo").c_str(), 0600), 0);
  const int listener = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  beneath("socket").string().copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);

  const std::vector<std::string> absent{"leaves",
                                        "absolute",
                                        "absolute_within",
                                        "parent/outside.txt",
                                        "magic",
                                        "loop",
                                        "dangling",
                                        "fifo",
                                        "socket",
                                        "a",
                                        "none",
                                        "a/b.txt/c",
                                        std::string(256, 'x'),
                                        "a/" + std::string(300, 'y') + "/z"};
  for (const auto& path : absent) {
    const auto file = open(path);
    ASSERT_FALSE(file) << path;
    EXPECT_EQ(file.error().code, errc::resource_not_found) << path;
    EXPECT_THAT(*probe({path}), ::testing::ElementsAre(0)) << path;
  }
  ::close(listener);
}

TEST_F(FileReader, OpensNothingOfASourceThatItDoesNotKnow) {
  EXPECT_EQ(open("a/b.txt", "betaimages").error().code, errc::resource_not_found);
  EXPECT_EQ(probe({"a/b.txt"}, "betaimages").error().code, errc::service_unavailable);
}

TEST_F(FileReader, NamesEveryMissingPathOfALargeProbeInOrder) {
  std::vector<std::string> paths;
  std::vector<std::size_t> missing;
  for (std::size_t i = 0; i < 1000; ++i) {
    paths.push_back("many/" + std::to_string(i));
    if (i % 7 == 0) {
      missing.push_back(i);
    } else {
      tree_.write("magikarp/" + paths.back(), "");
    }
  }
  EXPECT_EQ(*probe(paths), missing);
  EXPECT_THAT(*probe({}), ::testing::IsEmpty());
}

TEST_F(FileReader, AnswersWhatComesAfterItStopped) {
  reader_->stop();
  EXPECT_EQ(open("a/b.txt").error().code, errc::service_unavailable);
  EXPECT_EQ(probe({"a/b.txt"}).error().code, errc::service_unavailable);
}

TEST(FileReaderStart, NamesTheSourceWhoseRootIsMissing) {
  const auto started =
      file_reader::start(std::array{file_reader::root{"magikarp", "/nowhere/at/all"}}, 1);
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code, errc::io_failed);
  EXPECT_THAT(started.error().message,
              ::testing::AllOf(::testing::HasSubstr("magikarp"), ::testing::HasSubstr("/nowhere")));
}

// A callback that waits stands for a system call that does not come back.
TEST(FileReaderSources, HoldUpNeitherOneAnotherNorParsingWhileADiskHangs) {
  const temporary_tree tree;
  tree.write("slow/a", "");
  tree.write("well/b", "");
  constexpr std::size_t threads = 2;
  const std::array path_of_slow{*file_path::make("a")}, path_of_well{*file_path::make("b")};
  std::latch all_hang{threads}, go{1};
  std::promise<bool> parsed;
  std::promise<actors::probe_outcome> probed;
  const auto reader =
      *file_reader::start(std::array{file_reader::root{"slow", tree.root() / "slow"},
                                     file_reader::root{"well", tree.root() / "well"}},
                          threads);
  for (std::size_t i = 0; i < threads * 2; ++i) {
    reader->probe({"slow", path_of_slow, 1s}, [&](auto) {
      if (!all_hang.try_wait()) all_hang.count_down();
      go.wait();
    });
  }
  all_hang.wait();
  reader->run([&](bool run) { parsed.set_value(run); });
  reader->probe({"well", path_of_well, 1s},
                [&](auto missing) { probed.set_value(std::move(missing)); });
  EXPECT_EQ(parsed.get_future().wait_for(10s), std::future_status::ready);
  EXPECT_EQ(probed.get_future().wait_for(10s), std::future_status::ready);
  go.count_down();
}

TEST_F(FileReader, LooksForFilesWhileABodyIsParsed) {
  std::latch all_parse{1}, go{1};
  std::promise<actors::probe_outcome> probed;
  const std::array path{*file_path::make("a/b.txt")};
  for (int i = 0; i < 5; ++i) {
    reader_->run([&](bool) {
      if (!all_parse.try_wait()) all_parse.count_down();
      go.wait();
    });
  }
  all_parse.wait();
  reader_->probe({"magikarp", path, 1s},
                 [&](auto missing) { probed.set_value(std::move(missing)); });
  EXPECT_EQ(probed.get_future().wait_for(10s), std::future_status::ready);
  go.count_down();
  reader_->stop();
}

TEST_F(FileReader, LooksBeneathAnotherRootOnceItIsPut) {
  tree_.write("other/c.txt", "elsewhere");
  tree_.write("beta/d.txt", "of a source that there is not");
  auto kept = open("a/b.txt");
  ASSERT_TRUE(kept);
  const auto put = [&](const std::string& source, const std::string& folder) {
    auto roots =
        file_reader::open_roots(std::array{file_reader::root{source, tree_.root() / folder}});
    ASSERT_TRUE(roots);
    reader_->put_roots(std::move(*roots));
  };
  put("beta", "beta");
  EXPECT_FALSE(open("d.txt", "beta")) << "sources come at the start alone";
  EXPECT_TRUE(open("a/b.txt")) << "the others stay";
  put("magikarp", "other");
  EXPECT_TRUE(open("c.txt"));
  EXPECT_EQ(open("a/b.txt").error().code, errc::resource_not_found);
  EXPECT_EQ(probe({"a/b.txt", "c.txt"}).value(), std::vector<std::size_t>{0});
  EXPECT_EQ(read(*kept, 0, 5).value(), "hello") << "what was open stays open";
}

TEST_F(FileReader, OpensAllOfTheRootsThatAReloadWantsOrNone) {
  const auto roots =
      file_reader::open_roots(std::array{file_reader::root{"magikarp", tree_.root()},
                                         file_reader::root{"beta", tree_.root() / "nowhere"}});
  EXPECT_TRUE(roots.error().message.contains("source beta")) << roots.error().message;
}

TEST_F(FileReader, TellsWhetherARootStillStands) {
  const auto stands = [this](std::string_view source) {
    std::promise<bool> answer;
    reader_->look_at_root(source, [&](bool well) { answer.set_value(well); });
    return answer.get_future().get();
  };
  EXPECT_TRUE(stands("magikarp"));
  EXPECT_FALSE(stands("unknown"));
  fs::remove_all(tree_.root() / "magikarp");
  EXPECT_FALSE(stands("magikarp"));
  reader_->stop();
  EXPECT_FALSE(stands("magikarp"));
}

}  // namespace
}  // namespace filemint::http::file_reader_test
