#include "core/config/scalar.hpp"
#include "core/config/secret_reference.hpp"
#include "tests/unit/core/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace filemint::config_values_test {
namespace {

using namespace std::chrono_literals;
using testing::temporary_folder;

TEST(ReadSecret, TakesAFileWithoutItsLineEnd) {
  const temporary_folder folder;
  const auto read = read_secret("file:" + folder.write("key", "hush\n").string());
  ASSERT_TRUE(read);
  EXPECT_EQ(read->reveal(), "hush");
}

TEST(ReadSecret, TakesAVariable) {
  ::setenv("FILEMINT_TEST_SECRET", "hush", 1);
  const auto read = read_secret("env:FILEMINT_TEST_SECRET");
  ::unsetenv("FILEMINT_TEST_SECRET");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->reveal(), "hush");
}

TEST(ReadSecret, SaysWhatIsMissingAndNeverTheSecret) {
  const temporary_folder folder;
  const auto path = folder.path().string();
  const auto empty = folder.write("empty", "\n").string();
  const auto large = folder.write("large", std::string(max_secret_bytes + 1, 'x')).string();
  const struct {
    std::string reference, message;
    errc code;
  } table[] = {
      {"hush", "a secret is given as file:PATH or env:NAME, never as itself",
       errc::invalid_argument},
      {"env:FILEMINT_TEST_NONE", "the environment variable FILEMINT_TEST_NONE is not set",
       errc::not_found},
      {"file:" + path + "/none", path + "/none: No such file or directory", errc::not_found},
      {"file:" + path, path + ": Is a directory", errc::io_failed},
      {"file:" + empty, "file:" + empty + " is empty", errc::invalid_argument},
      {"file:" + large, "file:" + large + " is over 64 KiB", errc::invalid_argument},
  };
  for (const auto& row : table) {
    const auto read = read_secret(row.reference);
    ASSERT_FALSE(read) << row.reference;
    EXPECT_EQ(read.error().message, row.message);
    EXPECT_EQ(read.error().code, row.code) << row.reference;
  }
}

TEST(ReadDuration, KnowsItsUnits) {
  const struct {
    std::string_view text;
    std::optional<std::chrono::milliseconds> value;
  } table[] = {{"250ms", 250ms}, {"10s", 10s},
               {"5m", 5min},     {"2h", 2h},
               {"7", 7s},        {"0", 0ms},
               {"", {}},         {"s", {}},
               {"1.5s", {}},     {"-1s", {}},
               {"+1s", {}},      {"1 s", {}},
               {"1S", {}},       {"7d", 168h},
               {"1w", {}},       {"99999999999999999999", {}},
               {"0x10", {}},     {"9223372036854775807h", {}}};
  for (const auto& row : table) EXPECT_EQ(read_duration(row.text), row.value) << row.text;
}

TEST(ReadSize, KnowsItsUnits) {
  const struct {
    std::string_view text;
    std::optional<std::uint64_t> value;
  } table[] = {{"512B", 512},
               {"32KiB", 32768},
               {"8MiB", 8U << 20},
               {"1GiB", 1U << 30},
               {"7", 7},
               {"8M", {}},
               {"8MB", {}},
               {"8mib", {}},
               {"-8MiB", {}},
               {"", {}},
               {"18446744073709551615KiB", {}}};
  for (const auto& row : table) EXPECT_EQ(read_size(row.text), row.value) << row.text;
}

}  // namespace
}  // namespace filemint::config_values_test
