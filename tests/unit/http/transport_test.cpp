#include "http/transport.hpp"

#include "certificate.hpp"
#include "http/tls_server.hpp"
#include "temporary_tree.hpp"
#include "tls_peer.hpp"

#include <gtest/gtest.h>
#include <openssl/err.h>

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace filemint::http::transport_test {
namespace {

std::string letters(std::size_t count) {
  std::string text(count, '\0');
  for (std::size_t i = 0; i < count; ++i) text[i] = static_cast<char>('a' + i % 26);
  return text;
}

// ---- plaintext

TEST(PlainTransport, ReadsWhatIsThereAndNothingMore) {
  two_ends ends;
  std::array<char, 8> into{};
  EXPECT_EQ(ends.server->read(into).step, io_step::would_block);
  ends.give("abc");
  const auto got = ends.server->read(into);
  EXPECT_EQ(got.step, io_step::done);
  EXPECT_EQ(std::string_view(into.data(), got.bytes), "abc");
  ends.client = unique_fd{};
  EXPECT_EQ(ends.server->read(into).step, io_step::ended);
}

TEST(PlainTransport, WritesHeadAndBodyAsOneAndTheRestOnceThereIsRoom) {
  two_ends ends;
  const std::string head = "head ", body = letters(100'000);
  std::string sent = head + body, received;
  std::size_t at = 0;
  bool blocked = false;
  while (at < sent.size()) {
    const auto of_head = std::string_view{head}.substr(std::min(at, head.size()));
    const auto of_body = std::string_view{body}.substr(at < head.size() ? 0 : at - head.size());
    const auto wrote = ends.server->write(of_head, of_body);
    ASSERT_NE(wrote.step, io_step::ended);
    EXPECT_TRUE(at != 0 || wrote.bytes > head.size());
    at += wrote.bytes;
    if (wrote.step == io_step::done) continue;
    blocked = true;
    received += ends.take();
  }
  EXPECT_TRUE(blocked);
  while (received.size() < sent.size()) received += ends.take();
  EXPECT_EQ(received, sent);
}

TEST(PlainTransport, TellsBeyondAClosedPeerThatItHasEnded) {
  two_ends ends;
  ends.client = unique_fd{};
  EXPECT_EQ(ends.server->write("a", "b").step, io_step::ended);
}

// ---- TLS

class TlsTransport : public ::testing::TestWithParam<int> {
protected:
  void SetUp() override {
    const certificate made;
    auto opened = tls_server::open({.certificate = tree_.write("c.pem", made.pem),
                                    .key = tree_.write("k.pem", made.key),
                                    .client_ca = {}},
                                   "a", mono_clock::now());
    ASSERT_TRUE(opened);
    server_ = std::move(*opened);
    ends_.emplace(server_->new_connection());
    client_.emplace(ends_->client.get(), GetParam());
  }

  void shake_hands() {
    bool ours = false, theirs = false;
    for (int turn = 0; turn < 10 && !(ours && theirs); ++turn) {
      theirs = theirs || client_->shake_hands();
      if (!ours) ours = ends_->server->handshake().step == io_step::done;
    }
    ASSERT_TRUE(ours && theirs);
  }
  // Whether a wait would be over without the socket's becoming readable.
  bool wait_is_over_at_once() {
    bool over = false;
    ends_->server->wait_read([&] { over = true; });
    ends_->io.restart();
    ends_->io.poll();
    return over;
  }

  temporary_tree tree_;
  std::unique_ptr<tls_server> server_;
  std::optional<two_ends> ends_;
  std::optional<tls_client> client_;
  std::array<char, 65'536> block_{};
};

INSTANTIATE_TEST_SUITE_P(Versions, TlsTransport, ::testing::Values(TLS1_2_VERSION, TLS1_3_VERSION),
                         [](const auto& each) {
                           return each.param == TLS1_2_VERSION ? "Tls12" : "Tls13";
                         });

TEST_P(TlsTransport, ReadsAllRecordsThatAreThereAtOnce) {
  shake_hands();
  EXPECT_EQ(ends_->server->read(block_).step, io_step::would_block);
  for (const auto* each : {"one ", "two ", "three"}) client_->write(each);
  const auto got = ends_->server->read(block_);
  EXPECT_EQ(std::string_view(block_.data(), got.bytes), "one two three");
  EXPECT_FALSE(wait_is_over_at_once());
}

// A read of its own that finds nothing would cost each request a record's buffer.
TEST_P(TlsTransport, WaitsForTheSocketOnceAShortReadHasEmptiedIt) {
  shake_hands();
  client_->write("abc");
  EXPECT_TRUE(wait_is_over_at_once());
  EXPECT_EQ(ends_->server->read(block_).bytes, 3U);
  EXPECT_FALSE(wait_is_over_at_once());
}

TEST_P(TlsTransport, NeverWaitsForTheSocketWhileItHoldsInput) {
  shake_hands();
  EXPECT_FALSE(wait_is_over_at_once());
  ends_.emplace(server_->new_connection());
  client_.emplace(ends_->client.get(), GetParam());
  shake_hands();
  client_->write("abcdef");
  client_->write("ghi");
  EXPECT_EQ(ends_->server->read(std::span{block_}.first(4)).bytes, 4U);
  EXPECT_TRUE(wait_is_over_at_once());
  EXPECT_EQ(ends_->server->read(block_).bytes, 5U);
}

TEST_P(TlsTransport, PutsHeadAndBodyIntoOneRecord) {
  shake_hands();
  client_->read();  // tickets
  const auto wrote = ends_->server->write("head ", "body");
  EXPECT_EQ(wrote.bytes, 9U);
  EXPECT_EQ(client_->read(), "head body");
}

TEST_P(TlsTransport, WritesALargeAnswerThroughASmallSocketByteForByte) {
  shake_hands();
  const std::string head = "head ", body = letters(300'000);
  const auto sent = head + body;
  std::string received;
  std::size_t at = 0;
  bool blocked = false;
  while (received.size() < sent.size()) {
    if (at < sent.size()) {
      const auto of_head = std::string_view{head}.substr(std::min(at, head.size()));
      const auto of_body = std::string_view{body}.substr(at < head.size() ? 0 : at - head.size());
      const auto wrote = ends_->server->write(of_head, of_body);
      ASSERT_NE(wrote.step, io_step::ended);
      blocked = blocked || wrote.step == io_step::would_block;
      at += wrote.bytes;
      if (wrote.step == io_step::done) continue;
    }
    received += client_->read();
  }
  EXPECT_TRUE(blocked);
  EXPECT_EQ(received, sent);
}

TEST_P(TlsTransport, TellsThePeerThatItsHalfIsOverAndReadsOn) {
  shake_hands();
  ends_->server->shutdown_send();
  client_->read();
  EXPECT_TRUE(client_->told_the_end());
  client_->write("late");
  EXPECT_EQ(ends_->server->read(block_).bytes, 4U);
}

TEST_P(TlsTransport, TellsThePeerThatItCloses) {
  shake_hands();
  ends_->server->close();
  client_->read();
  EXPECT_TRUE(client_->told_the_end());
}

TEST_P(TlsTransport, EndsWithThePeersCloseNotifyAlsoBehindData) {
  shake_hands();
  client_->write("last words");
  SSL_shutdown(client_->get());
  EXPECT_EQ(ends_->server->read(block_).bytes, 10U);
  EXPECT_TRUE(wait_is_over_at_once()) << "the end is known already";
  EXPECT_EQ(ends_->server->read(block_).step, io_step::ended);
}

TEST_P(TlsTransport, RefusesWhatIsNoHandshake) {
  ends_->give("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(ends_->server->handshake().step, io_step::ended);
}

TEST_P(TlsTransport, IsNotMisledByWhatOthersLeftInOpenSslsQueue) {
  shake_hands();
  ERR_raise(ERR_LIB_USER, ERR_R_FATAL);
  EXPECT_EQ(ends_->server->read(block_).step, io_step::would_block);
}

}  // namespace
}  // namespace filemint::http::transport_test
