#include "http/access_log.hpp"

#include "temporary_tree.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

namespace filemint::http::access_log_test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::vector<std::string> lines_of(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

access_entry entry_of(std::string_view request_id) {
  return {
      .time = std::chrono::sys_days{std::chrono::year{2026} / 1 / 2} + std::chrono::milliseconds{7},
      .duration = std::chrono::microseconds{123},
      .bytes = 900,
      .paths = 2,
      .status = 200,
      .method = "POST",
      .route = "file-access",
      .code = "OK",
      .request_id = request_id,
      .company = "co_xyz",
      .key_id = "keykeykey001",
      .client = "127.0.0.1"};
}

class AccessLog : public ::testing::Test {
protected:
  std::filesystem::path file() const { return tree_.root() / "log"; }

  temporary_tree tree_;
  std::unique_ptr<log> target_ = *log::open({.format = log_format::text, .file = file()});
};

TEST(AccessLine, TellsTheRequestAsJson) {
  std::string line;
  append_access_line(line, entry_of("id-1"), log_format::json);
  EXPECT_EQ(
      nlohmann::json::parse(line),
      nlohmann::json::parse(
          R"({"time":"2026-01-02T00:00:00.007Z","level":"info","message":"request","request_id":"id-1",
                    "client":"127.0.0.1","method":"POST","route":"file-access","status":200,"code":"OK",
                    "duration_us":123,"paths":2,"bytes":900,"company":"co_xyz","key_id":"keykeykey001"})"));
}

TEST(AccessLine, TellsTheRequestAsText) {
  std::string line;
  auto entry = entry_of("id-1");
  entry.key_id = {};
  append_access_line(line, entry, log_format::text);
  EXPECT_EQ(line,
            "2026-01-02T00:00:00.007Z 127.0.0.1 POST file-access 200 OK 123us paths=2 bytes=900 "
            "company=co_xyz "
            "key_id=- request_id=id-1");
}

TEST_F(AccessLog, WritesEveryRequestOfACoreInOrder) {
  access_log log(2, target_.get());
  for (int i = 0; i < 1000; ++i) log.ring(1).push(entry_of(std::to_string(i)));
  log.stop();
  const auto lines = lines_of(file());
  ASSERT_EQ(lines.size(), 1000u);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    EXPECT_THAT(lines[i], ::testing::EndsWith("request_id=" + std::to_string(i)));
  }
  EXPECT_EQ(log.dropped(), 0u);
}

TEST_F(AccessLog, WakesItsWriterFromIdleness) {
  access_log log(1, target_.get());
  for (int i = 0; i < 3; ++i) {
    while (!log.idle()) std::this_thread::yield();
    log.ring(0).push(entry_of(std::to_string(i)));
    while (lines_of(file()).size() < static_cast<std::size_t>(i + 1)) std::this_thread::yield();
  }
}

TEST_F(AccessLog, DropsAndCountsWhatDoesNotFit) {
  access_log log(1, target_.get());
  const std::size_t pushed = access_ring::capacity * 20;
  for (std::size_t i = 0; i < pushed; ++i) log.ring(0).push(entry_of("x"));
  log.stop();
  const auto kept = lines_of(file()).size();
  EXPECT_GE(kept, access_ring::capacity);
  EXPECT_EQ(kept + log.dropped(), pushed);
}

TEST_F(AccessLog, DropsExactlyWhatComesAfterTheRingIsFull) {
  access_log log(1, target_.get());
  log.stop();  // nobody drains any more
  for (std::size_t i = 0; i < access_ring::capacity + 5; ++i) log.ring(0).push(entry_of("x"));
  EXPECT_EQ(log.dropped(), 5u);
}

TEST_F(AccessLog, LosesNothingOfSeveralCoresAtOnce) {
  access_log log(4, target_.get());
  {
    std::vector<std::jthread> cores;
    for (std::size_t core = 0; core < 4; ++core) {
      cores.emplace_back([&log, core] {
        for (int i = 0; i < 2000; ++i) log.ring(core).push(entry_of(std::to_string(core)));
      });
    }
  }
  log.stop();
  EXPECT_EQ(lines_of(file()).size() + log.dropped(), 8000u);
  EXPECT_EQ(log.dropped(), 0u);
}

TEST_F(AccessLog, CutsWhatIsTooLong) {
  access_log log(1, target_.get());
  log.ring(0).push(entry_of(std::string(500, 'i')));
  log.stop();
  EXPECT_THAT(lines_of(file()).at(0), ::testing::EndsWith("request_id=" + std::string(128, 'i')));
}

TEST(AccessLogOff, KeepsNothing) {
  access_log log(1, nullptr);
  for (std::size_t i = 0; i < access_ring::capacity * 2; ++i) log.ring(0).push(entry_of("x"));
  EXPECT_EQ(log.dropped(), 0u);
}

TEST_F(AccessLog, GoesOnInANewFileAfterReopening) {
  target_->info("first");
  std::filesystem::rename(file(), tree_.root() / "old");
  target_->info("second");
  ASSERT_TRUE(target_->reopen());
  target_->info("third");
  EXPECT_EQ(lines_of(tree_.root() / "old").size(), 2u);
  EXPECT_THAT(lines_of(file()), ::testing::ElementsAre(HasSubstr("third")));
}

TEST(Log, WritesJsonThatHoldsWhateverItIsTold) {
  const temporary_tree tree;
  const auto file = tree.root() / "log";
  {
    const auto out = *log::open({.format = log_format::json, .file = file});
    out->warn("a \"quoted\"\nline \xff", {{"path", "x\ty"}, {"count", 7}});
    out->debug("not at this level");
    out->write_lines("as it stands");
  }
  const auto lines = lines_of(file);
  ASSERT_EQ(lines.size(), 2u);
  const auto line = nlohmann::json::parse(lines[0]);
  EXPECT_EQ(line["level"], "warn");
  EXPECT_EQ(line["message"], "a \"quoted\"\nline \xef\xbf\xbd");
  EXPECT_EQ(line["path"], "x\ty");
  EXPECT_EQ(line["count"], 7);
  EXPECT_EQ(lines[1], "as it stands");
}

TEST(Log, KeepsATextEventOnOneLine) {
  const temporary_tree tree;
  const auto file = tree.root() / "log";
  (*log::open({.format = log_format::text, .file = file}))->error("two\nlines", {{"why", "a\nb"}});
  EXPECT_THAT(lines_of(file), ::testing::ElementsAre(HasSubstr("error two lines why=\"a\\nb\"")));
}

TEST(Log, GoesOnByOtherSettings) {
  const temporary_tree tree;
  const auto first = tree.root() / "first", second = tree.root() / "second";
  const auto out = *log::open({.level = "info", .format = log_format::json, .file = first});
  out->debug("unheard");
  ASSERT_TRUE(out->change({.level = "debug", .format = log_format::text, .file = second}));
  out->debug("heard");
  ASSERT_TRUE(out->change({.level = "error", .format = log_format::text, .file = second}));
  out->warn("unheard too");
  EXPECT_TRUE(lines_of(first).empty());
  EXPECT_THAT(lines_of(second), ::testing::ElementsAre(HasSubstr(" debug heard")));

  ASSERT_TRUE(out->reopen());
  const auto refused =
      out->change({.level = "trace", .format = log_format::json, .file = "/nowhere/at/all.log"});
  EXPECT_EQ(refused.error().code, errc::io_failed);
  out->error("still there");
  out->warn("still unheard");
  EXPECT_THAT(lines_of(second),
              ::testing::ElementsAre(HasSubstr(" debug heard"), HasSubstr(" error still there")));
}

TEST(Log, TellsWhyItCannotOpen) {
  const auto missing = log::open({.file = "/nowhere/at/all.log"});
  ASSERT_FALSE(missing);
  EXPECT_THAT(missing.error().message, HasSubstr("/nowhere/at/all.log: No such file"));
  EXPECT_EQ(log::open({.level = "loud", .file = {}}).error().code, errc::invalid_argument);
}

}  // namespace
}  // namespace filemint::http::access_log_test
