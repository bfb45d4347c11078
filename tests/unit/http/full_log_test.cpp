// A log whose disk is full loses lines, counts them, and goes on with whole ones.
#include "http/access_log.hpp"
#include "temporary_tree.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>

namespace filemint::http::full_log_test {
namespace {

constexpr const char* full = "/dev/full";

// The largest file that this process may write, while it stands: a write is cut off there, as on a
// full disk.
class size_limit {
public:
  explicit size_limit(rlim_t bytes) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit wanted{bytes, before_.rlim_max};
    EXPECT_EQ(::setrlimit(RLIMIT_FSIZE, &wanted), 0);
  }
  ~size_limit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_before_);
  }
  size_limit(const size_limit&) = delete;
  size_limit& operator=(const size_limit&) = delete;

private:
  void (*handler_before_)(int) = std::signal(SIGXFSZ, SIG_IGN);
  rlimit before_{};
};

class FullLog : public ::testing::Test {
protected:
  std::string text(const std::string& name = "log") const {
    std::ifstream file(tree_.root() / name);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  temporary_tree tree_;
  std::unique_ptr<log> log_ = *log::open({.file = tree_.root() / "log"});
};

TEST_F(FullLog, CountsEveryLineThatItLoses) {
  const auto out = *log::open({.file = full});
  EXPECT_EQ(out->lost(), 0u);
  out->info("an event");
  EXPECT_EQ(out->lost(), 1u);
  out->write_lines("one\ntwo\nthree");
  EXPECT_EQ(out->lost(), 4u);
}

TEST_F(FullLog, EndsTheLineThatWasCutOffBeforeTheNextOne) {
  {
    const size_limit limit(10);
    log_->write_lines("first\nsecond\nthird");
    EXPECT_EQ(log_->lost(), 2u);
    log_->write_lines("fourth\nfifth");
    EXPECT_EQ(log_->lost(), 4u) << "nothing of these was written";
  }
  log_->write_lines("sixth");
  log_->write_lines("seventh");
  EXPECT_EQ(text(), "first\nseco\nsixth\nseventh\n");
  EXPECT_EQ(log_->lost(), 4u);
}

TEST_F(FullLog, KeepsALineOfWhichOnlyTheEndIsMissing) {
  {
    const size_limit limit(5);
    log_->write_lines("first\nsecond");
    EXPECT_EQ(log_->lost(), 1u);
  }
  log_->write_lines("third");
  EXPECT_EQ(text(), "first\nthird\n");
}

TEST_F(FullLog, HasNothingToEndWhereItStoppedBetweenLines) {
  {
    const size_limit limit(6);
    log_->write_lines("first\nsecond");
  }
  log_->write_lines("third");
  EXPECT_EQ(text(), "first\nthird\n");
  EXPECT_EQ(log_->lost(), 1u);
}

TEST_F(FullLog, BeginsANewFileWithAWholeLine) {
  {
    const size_limit limit(3);
    log_->write_lines("first");
  }
  ASSERT_TRUE(log_->reopen());
  log_->write_lines("second");
  EXPECT_EQ(text(), "fir\nsecond\n") << "the same file: it is still cut off";
  {
    const size_limit limit(14);
    log_->write_lines("third");
  }
  std::filesystem::rename(tree_.root() / "log", tree_.root() / "old");
  ASSERT_TRUE(log_->reopen());
  log_->write_lines("fourth");
  EXPECT_EQ(text("old"), "fir\nsecond\nthi");
  EXPECT_EQ(text(), "fourth\n");
}

TEST_F(FullLog, LosesNoRequestsLineUncounted) {
  const auto out = *log::open({.file = full});
  access_log requests(1, out.get());
  access_entry entry{};
  entry.method = "GET";
  entry.route = "health";
  for (int i = 0; i < 1'000; ++i) requests.ring(0).push(entry);
  requests.stop();
  EXPECT_EQ(requests.dropped(), 0u);
  EXPECT_EQ(out->lost(), 1'000u);
}

}  // namespace
}  // namespace filemint::http::full_log_test
