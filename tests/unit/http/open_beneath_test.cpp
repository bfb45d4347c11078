#include "http/open_beneath.hpp"

#include "http/file_reader.hpp"
#include "temporary_tree.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/fsuid.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <future>
#include <memory>
#include <string>
#include <string_view>

namespace filemint::http::open_beneath_test {
namespace {

namespace fs = std::filesystem;

TEST(OpenError, BlamesThePathForWhatSpeaksOfAPathAlone) {
  for (const int of_the_path :
       {ENOENT, ENOTDIR, EACCES, ENAMETOOLONG, ELOOP, EXDEV, EINVAL, EILSEQ}) {
    EXPECT_EQ(open_error(of_the_path), errc::resource_not_found) << std::strerror(of_the_path);
  }
  for (const int of_the_system :
       {EIO, ENOTCONN, EHOSTDOWN, EHOSTUNREACH, ENODEV, ENXIO, ESTALE, ETIMEDOUT, ESHUTDOWN,
        EREMOTEIO, EMFILE, ENFILE, ENOMEM, EAGAIN, ENOSYS, EUCLEAN, EBADF, 0}) {
    EXPECT_EQ(open_error(of_the_system), errc::service_unavailable) << std::strerror(of_the_system);
  }
}

class LostRoot : public ::testing::Test {
protected:
  LostRoot() {
    tree_.write("magikarp/a.txt", "hello");
    for (const auto& folder : {tree_.root(), root()}) {
      fs::permissions(folder, fs::perms{0755});
    }
    // Threads that may not read everything, though the tests run as root: a thread has the
    // file-system user of the one that started it.
    constexpr uid_t nobody = 65'534;
    const auto before = ::setfsuid(nobody);
    auto started = file_reader::start(std::array{file_reader::root{"magikarp", root()}}, 2);
    ::setfsuid(static_cast<uid_t>(before));
    EXPECT_TRUE(started) << started.error().message;
    reader_ = std::move(*started);
  }
  ~LostRoot() override {
    if (fs::exists(root())) fs::permissions(root(), fs::perms::owner_all);
  }

  fs::path root() const { return tree_.root() / "magikarp"; }

  errc open(std::string path) {
    std::promise<errc> answer;
    reader_->open("magikarp", std::move(path),
                  [&](auto file) { answer.set_value(file.error().code); });
    return answer.get_future().get();
  }

  actors::probe_outcome probe(std::string_view path) {
    const std::array checked{*file_path::make(path)};
    std::promise<actors::probe_outcome> answer;
    reader_->probe({"magikarp", checked, std::chrono::seconds{1}},
                   [&](auto missing) { answer.set_value(missing); });
    return answer.get_future().get();
  }

  void expect_unavailable() {
    for (const std::string path : {"a.txt", "none"}) {
      EXPECT_EQ(open(path), errc::service_unavailable) << path;
      const auto probed = probe(path);
      ASSERT_FALSE(probed) << path;
      EXPECT_EQ(probed.error().code, errc::service_unavailable) << path;
    }
  }

  temporary_tree tree_;
  std::unique_ptr<file_reader> reader_;
};

TEST_F(LostRoot, IsToldFromAFileThatIsMissing) {
  EXPECT_EQ(open("none"), errc::resource_not_found);
  EXPECT_THAT(*probe("none"), ::testing::ElementsAre(0));
}

TEST_F(LostRoot, IsUnavailableWhenItIsRemoved) {
  fs::remove_all(root());
  expect_unavailable();
}

TEST_F(LostRoot, IsUnavailableWhenItCannotBeEntered) {
  fs::permissions(root(), fs::perms::none);
  expect_unavailable();
}

TEST_F(LostRoot, HasFilesThatMayNotBeReadAndAreNotFound) {
  fs::permissions(root() / "a.txt", fs::perms::none);
  EXPECT_EQ(open("a.txt"), errc::resource_not_found);
}

}  // namespace
}  // namespace filemint::http::open_beneath_test
