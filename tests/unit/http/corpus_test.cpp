// Every message of tests/http_corpus through framing and body intake.
#include "corpus.hpp"

#include "connection_reader.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace filemint::http::corpus_test {
namespace {

void expect_as_told(const corpus_message& message, const connection_reader& r,
                    std::string_view how) {
  SCOPED_TRACE(message.name + ", " + std::string{how});
  EXPECT_EQ(r.malformed(), message.malformed);
  EXPECT_EQ(r.requests().size() + (r.malformed() ? 1 : 0), message.answers);
  EXPECT_TRUE(message.malformed || r.between_requests());
}

TEST(HttpCorpus, IsReadAsEachMessageMustBe) {
  const auto all = read_corpus();
  ASSERT_GE(all.size(), 200u);
  for (const auto& message : all) {
    connection_reader r;
    r.take(message.raw);
    expect_as_told(message, r, "whole");
  }
}

TEST(HttpCorpus, IsReadTheSameByteByByte) {
  for (const auto& message : read_corpus()) {
    connection_reader r;
    for (const char byte : message.raw) {
      if (!r.take({&byte, 1})) break;
    }
    expect_as_told(message, r, "byte by byte");
  }
}

TEST(HttpCorpus, IsReadTheSameCutAnywhere) {
  for (const auto& message : read_corpus()) {
    const std::string_view raw = message.raw;
    const std::size_t step = raw.size() < 1'000 ? 1 : raw.size() / 50;
    for (std::size_t cut = 1; cut < raw.size(); cut += step) {
      connection_reader r;
      if (r.take(raw.substr(0, cut))) r.take(raw.substr(cut));
      expect_as_told(message, r, "cut at " + std::to_string(cut));
    }
  }
}

}  // namespace
}  // namespace filemint::http::corpus_test
