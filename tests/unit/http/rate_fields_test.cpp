#include "http/rate_fields.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>

namespace filemint::http::rate_fields_test {
namespace {

using namespace std::chrono_literals;

constexpr instant now{wall_time{1'780'000'000s}, mono_time{1h}};

std::string fields(quota_admission rate) {
  std::string text = "X-Request-Id: 1\r\n";
  append_rate_fields(text, rate, now);
  return text;
}

TEST(RateFields, TellTheWindowInBothForms) {
  EXPECT_EQ(fields({600, 599, now.mono + 60s}),
            "X-Request-Id: 1\r\n"
            "X-RateLimit-Limit: 600\r\n"
            "X-RateLimit-Remaining: 599\r\n"
            "X-RateLimit-Reset: 1780000061\r\n"
            "RateLimit-Policy: \"auto_generator\";q=600;w=60\r\n"
            "RateLimit: \"auto_generator\";r=599;t=60\r\n");
}

TEST(RateFields, NameTheWindowThatRefused) {
  const auto text = fields({5'000, 0, now.mono + 60s, quota_category::tokens});
  EXPECT_NE(text.find("X-RateLimit-Limit: 5000\r\n"), std::string::npos);
  EXPECT_NE(text.find("RateLimit-Policy: \"tokens\";q=5000;w=60\r\n"), std::string::npos);
  EXPECT_NE(text.find("RateLimit: \"tokens\";r=0;t=60\r\n"), std::string::npos);
}

TEST(RateFields, RoundAResetUp) {
  const struct {
    std::chrono::nanoseconds until;
    std::string_view reset, seconds;
  } rows[] = {
      {59s + 1ns, "1780000061", "60"}, {59s, "1780000060", "59"}, {1ns, "1780000002", "1"},
      {1s, "1780000002", "1"},         {0s, "1780000001", "0"},   {-5s, "1780000001", "0"},
  };
  for (const auto& [until, reset, seconds] : rows) {
    const auto text = fields({600, 0, now.mono + until});
    EXPECT_NE(text.find("X-RateLimit-Reset: " + std::string{reset} + "\r\n"), std::string::npos)
        << text;
    EXPECT_NE(text.find("\"auto_generator\";r=0;t=" + std::string{seconds} + "\r\n"),
              std::string::npos)
        << text;
  }
}

TEST(RateFields, HoldTheLargestFigures) {
  constexpr auto most = std::numeric_limits<std::uint64_t>::max();
  const auto text = fields({most, most - 1, now.mono + 60s});
  EXPECT_NE(text.find("X-RateLimit-Limit: 18446744073709551615\r\n"), std::string::npos);
  EXPECT_NE(text.find("X-RateLimit-Remaining: 18446744073709551614\r\n"), std::string::npos);
}

}  // namespace
}  // namespace filemint::http::rate_fields_test
