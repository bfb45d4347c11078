#include "http/body_intake.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace filemint::http::body_intake_test {
namespace {

request with_length(std::uint64_t bytes) {
  request head;
  head.content_length = bytes;
  return head;
}
request chunked() {
  request head;
  head.chunked = true;
  return head;
}

// Feeds the pieces one after the other, as a connection does: what was not consumed comes again.
struct reader {
  explicit reader(const request& head) : intake(head) {}

  intake_verdict feed(std::string_view piece) {
    held += piece;
    const auto step = intake.feed(held, [this](std::string_view bytes) {
      EXPECT_FALSE(bytes.empty());
      body += bytes;
    });
    held.erase(0, step.consumed);
    return step.verdict;
  }

  body_intake intake;
  std::string held;
  std::string body;
};

constexpr std::string_view next_request = "POST / HTTP/1.1\r\n";

TEST(BodyIntake, IsDoneAtOnceWithoutABody) {
  reader r{with_length(0)};
  EXPECT_TRUE(r.intake.done());
  EXPECT_EQ(r.intake.left(), 0u);
  EXPECT_EQ(r.feed(next_request), intake_verdict::complete);
  EXPECT_EQ(r.held, next_request);
  EXPECT_TRUE(body_intake{}.done());
}

TEST(BodyIntake, TakesALengthAndLeavesTheNextRequest) {
  const std::string text = "{\"a\":1}" + std::string{next_request};
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    reader r{with_length(7)};
    const auto first = r.feed(std::string_view{text}.substr(0, cut));
    EXPECT_EQ(first, cut < 7 ? intake_verdict::need_more : intake_verdict::complete) << cut;
    EXPECT_EQ(r.intake.left(), cut < 7 ? 7 - cut : 0) << cut;
    EXPECT_EQ(r.intake.done(), cut >= 7) << cut;
    if (cut < 7) {
      EXPECT_EQ(r.feed(text.substr(cut)), intake_verdict::complete) << cut;
    }
    EXPECT_EQ(r.body, "{\"a\":1}") << cut;
    EXPECT_TRUE(next_request.starts_with(r.held)) << cut;
  }
}

TEST(BodyIntake, TakesTheChunkedCodingOffWhereverItIsCut) {
  const std::string coded = "3;x=y\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n";
  const auto text = coded + std::string{next_request};
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    reader r{chunked()};
    EXPECT_FALSE(r.intake.done());
    EXPECT_EQ(r.intake.left(), std::nullopt);
    auto verdict = r.feed(std::string_view{text}.substr(0, cut));
    EXPECT_EQ(verdict, cut < coded.size() ? intake_verdict::need_more : intake_verdict::complete)
        << cut;
    if (cut < coded.size()) {
      EXPECT_FALSE(r.intake.done()) << cut;
      EXPECT_EQ(r.feed(text.substr(cut)), intake_verdict::complete) << cut;
    }
    EXPECT_EQ(r.body, "abc0123456789") << cut;
    EXPECT_TRUE(r.intake.done()) << cut;
    EXPECT_EQ(r.intake.left(), 0u) << cut;
    EXPECT_TRUE(next_request.starts_with(r.held)) << cut;
  }
}

TEST(BodyIntake, TakesAChunkedBodyByteByByte) {
  const std::string coded = "3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n";
  reader r{chunked()};
  for (std::size_t i = 0; i < coded.size(); ++i) {
    EXPECT_EQ(r.feed(coded.substr(i, 1)),
              i + 1 < coded.size() ? intake_verdict::need_more : intake_verdict::complete)
        << i;
  }
  EXPECT_EQ(r.body, "abc0123456789");
  EXPECT_TRUE(r.held.empty());
}

TEST(BodyIntake, HandsOnWhatCameBeforeABadChunk) {
  for (const std::string_view bad : {"x", "-1\r\n", "0x1\r\n", "1\n", "0\r\nTrailer: 1\r\n\r\n"}) {
    reader r{chunked()};
    EXPECT_EQ(r.feed("3\r\nabc\r\n" + std::string{bad}), intake_verdict::bad) << bad;
    EXPECT_EQ(r.body, "abc") << bad;
  }
}

}  // namespace
}  // namespace filemint::http::body_intake_test
