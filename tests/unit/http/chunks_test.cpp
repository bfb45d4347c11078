#include "http/chunks.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace filemint::http::chunks_test {
namespace {

struct decoded {
  chunk_verdict verdict = chunk_verdict::need_more;
  std::string body;
  std::size_t consumed = 0;
};

// The bytes come `piece` at a time.
decoded decode(std::string_view bytes, std::size_t piece) {
  chunk_decoder decoder;
  decoded out;
  std::size_t received = 0;
  while (true) {
    const auto step = decoder.next(bytes.substr(out.consumed, received - out.consumed));
    out.verdict = step.verdict;
    out.consumed += step.consumed;
    out.body += step.data;
    if (step.verdict == chunk_verdict::bad || step.verdict == chunk_verdict::end) return out;
    if (step.verdict == chunk_verdict::data) continue;
    if (received == bytes.size()) return out;
    received = std::min(bytes.size(), received + piece);
  }
}

TEST(ChunkDecoder, TakesTheCodingOffHoweverItComes) {
  const std::string coded =
      "4\r\nWiki\r\n6;a=b;c=\"d\"\r\npedia \r\nE\r\nin \r\n\r\nchunks.\r\n000\r\n\r\nGET /";
  for (const std::size_t piece : {1u, 2u, 3u, 7u, 1000u}) {
    const auto out = decode(coded, piece);
    EXPECT_EQ(out.verdict, chunk_verdict::end) << piece;
    EXPECT_EQ(out.body, "Wikipedia in \r\n\r\nchunks.") << piece;
    EXPECT_EQ(coded.substr(out.consumed), "GET /") << piece;
  }
}

TEST(ChunkDecoder, RefusesWhatIsNotExactlyChunked) {
  using namespace std::string_literals;
  for (const auto& coded : std::vector<std::string>{"+1\r\na\r\n",
                                                    "-1\r\na\r\n",
                                                    "0x1\r\na\r\n",
                                                    " 1\r\na\r\n",
                                                    "1 \r\na\r\n",
                                                    "1 ;a\r\na\r\n",
                                                    "\r\n",
                                                    ";a\r\n",
                                                    "g\r\n",
                                                    "1g\r\na",
                                                    "1\na\r\n",
                                                    "1\r\na\n",
                                                    "1\r\naX",
                                                    "1\r\nab\r\n",
                                                    "1\rX",
                                                    "1;a\nb\r\n",
                                                    "1;a\rb\r\n",
                                                    "1;a\0\r\n"s,
                                                    "1;\x7f\r\na",
                                                    "10000000000000000\r\n",
                                                    "00000000000000001\r\na",
                                                    "0\r\nX: y\r\n\r\n",
                                                    "0\r\n\n",
                                                    "0\r\n\rX",
                                                    "1a=b\r\n",
                                                    "1;" + std::string(256, 'x') + "\r\na"}) {
    for (const std::size_t piece : {1u, 1000u}) {
      EXPECT_EQ(decode(coded, piece).verdict, chunk_verdict::bad) << coded << " by " << piece;
    }
  }
}

TEST(ChunkDecoder, IgnoresExtensionsUpToTheirLimit) {
  const auto out = decode("1;" + std::string(255, 'x') + "\r\na\r\n0\r\n\r\n", 10);
  EXPECT_EQ(out.verdict, chunk_verdict::end);
  EXPECT_EQ(out.body, "a");
}

TEST(ChunkDecoder, RefusesAnEndlessExtensionBeforeItsLineEnds) {
  EXPECT_EQ(decode("1;" + std::string(300, 'x'), 10).verdict, chunk_verdict::bad);
}

TEST(ChunkDecoder, AwaitsWhatIsMissing) {
  for (const auto* coded :
       {"", "1", "1\r", "1\r\n", "2\r\na", "1\r\na", "1\r\na\r", "0", "0\r\n", "0\r\n\r", "1;x"}) {
    EXPECT_EQ(decode(coded, 1000).verdict, chunk_verdict::need_more) << coded;
    EXPECT_EQ(decode(coded, 1).verdict, chunk_verdict::need_more) << coded;
  }
}

TEST(ChunkDecoder, TellsTheLargestSizeItself) {
  EXPECT_EQ(decode("ffffffffffffffff\r\nabc", 1000).body, "abc");
}

}  // namespace
}  // namespace filemint::http::chunks_test
