// Who is not let in: each names what was wrong, and none holds up who belongs here.
#include "tests/unit/cluster/stranger.hpp"
#include "tests/unit/cluster/world.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <caf/scoped_actor.hpp>

#include <string_view>
#include <vector>

namespace filemint::actors::testing::strangers_test {
namespace {

class Strangers : public cluster_test {
protected:
  // A node `a` that dials `b`, where somebody else listens with these files.
  std::unique_ptr<test_member> b_with(const authority::files& files,
                                      const std::string& name = "b") {
    auto other = terms("b");
    other.link.name = name;
    other.link.files = {files.ca, files.certificate, files.key};
    return start(std::move(other));
  }

  [[nodiscard]] link_files files(const authority::files& made) const {
    return {made.ca, made.certificate, made.key};
  }
};

TEST_F(Strangers, ACertificateOfAnotherAuthorityIsRefusedOnBothSides) {
  authority others;
  const auto a = start("a");
  const auto b = b_with(others.issue("b"));
  ASSERT_TRUE(happens([&] { return a->failures(link_failure::handshake) > 0; }));
  ASSERT_TRUE(happens([&] { return b->failures(link_failure::handshake) > 0; }));
  EXPECT_TRUE(a->sees("b", peer_state::down));
  EXPECT_EQ(a->links() + b->links(), 0U);
}

TEST_F(Strangers, AnAuthoritysCertificateForAnotherNameIsRefusedByTheDialler) {
  const auto a = start("a");
  const auto b = b_with(people.issue("x"), "x");
  ASSERT_TRUE(happens([&] { return a->failures(link_failure::name) > 0; }));
  EXPECT_EQ(a->links(), 0U);
  EXPECT_TRUE(a->sees("b", peer_state::down));
}

TEST_F(Strangers, AnAuthoritysCertificateForAnotherNameIsRefusedByTheListener) {
  const auto b = start("b");
  auto other = terms("a");
  other.link.name = "0";  // it sorts before b, who does not know it
  other.link.files = files(people.issue("0"));
  const auto a = start(std::move(other));
  ASSERT_TRUE(happens([&] { return a->failures(link_failure::refused) > 0; }));
  ASSERT_TRUE(happens([&] { return b->failures(link_failure::name) > 0; }));
  EXPECT_EQ(a->links() + b->links(), 0U);
}

TEST_F(Strangers, AWildcardIsNobodysName) {
  const auto a = start("a");
  auto other = terms("b");
  other.link.files = files(people.issue("b", "DNS:b,DNS:*.nodes.test"));
  other.link.peers = {{"a", "127.0.0.1", ports.at("a")}};
  const auto b = start(std::move(other));
  auto third = terms("a");
  third.link.name = "0";
  third.link.port = ports.at("c");
  third.link.files = files(people.issue("0"));
  third.link.peers = {{"b.nodes.test", "127.0.0.1", ports.at("b")}};
  const auto c = start(std::move(third));
  ASSERT_TRUE(happens([&] { return c->failures(link_failure::name) > 0; }));
  EXPECT_EQ(c->links(), 0U);
}

TEST_F(Strangers, ASelfSignedCertificateIsRefused) {
  const auto a = start("a");
  const auto b = b_with(people.self_signed("b"));
  ASSERT_TRUE(happens([&] { return a->failures(link_failure::handshake) > 0; }));
  EXPECT_EQ(a->links() + b->links(), 0U);
}

TEST_F(Strangers, ASilentClientIsClosedAtTheDeadline) {
  auto quick = terms("b");
  quick.link.handshake_deadline = 300ms;
  const auto b = start(std::move(quick));
  const auto began = mono_clock::now();
  const stranger silent{b->port()};
  ASSERT_TRUE(silent.is_closed());
  EXPECT_GE(mono_clock::now() - began, 300ms);
  EXPECT_TRUE(happens([&] { return b->failures(link_failure::deadline) == 1; }));
}

TEST_F(Strangers, OneThatStopsAfterTheHandshakesFirstHalfIsClosedAtTheDeadline) {
  auto quick = terms("b");
  quick.link.handshake_deadline = 300ms;
  const auto b = start(std::move(quick));
  const stranger slow{b->port()};
  slow.write(std::string_view{"\x16\x03\x01\x02", 4});
  ASSERT_TRUE(slow.is_closed());
  EXPECT_TRUE(happens([&] { return b->failures(link_failure::deadline) == 1; }));
}

TEST_F(Strangers, APlainTextClientIsClosed) {
  const auto b = start("b");
  const stranger browser{b->port()};
  browser.write("GET / HTTP/1.1\r\nHost: b\r\n\r\n");
  ASSERT_TRUE(browser.is_closed());
  EXPECT_TRUE(happens([&] { return b->failures(link_failure::handshake) == 1; }));
}

TEST_F(Strangers, TLS12IsNotSpoken) {
  const auto b = start("b");
  const auto good = people.issue("a");
  EXPECT_FALSE(stranger{b->port()}.shake_hands(TLS1_2_VERSION, good.certificate, good.key));
  EXPECT_TRUE(happens([&] { return b->failures(link_failure::handshake) == 1; }));
  stranger newer{b->port()};
  ASSERT_TRUE(newer.shake_hands(TLS1_3_VERSION, good.certificate, good.key));
  EXPECT_EQ(newer.read().substr(0, 8), "filemint");
}

TEST_F(Strangers, WhoShowsNoCertificateIsNotGreeted) {
  const auto b = start("b");
  stranger nobody{b->port()};
  nobody.shake_hands(TLS1_3_VERSION);
  EXPECT_EQ(nobody.read(), "");
  EXPECT_TRUE(happens([&] { return b->failures(link_failure::handshake) == 1; }));
}

TEST_F(Strangers, ACrowdOfSilentOnesKeepsNoPeerOut) {
  auto small = terms("b");
  small.link.most_handshakes = 4;
  const auto b = start(std::move(small));
  std::vector<std::unique_ptr<stranger>> crowd;
  for (int i = 0; i < 5; ++i) crowd.push_back(std::make_unique<stranger>(b->port()));
  ASSERT_TRUE(crowd.front()->is_closed());
  EXPECT_TRUE(happens([&] { return b->failures(link_failure::crowded) == 1; }));
  EXPECT_EQ(b->failures(link_failure::deadline), 0U);
  const auto a = start("a");
  ASSERT_TRUE(happens([&] { return a->sees("b", peer_state::up); }));
}

TEST_F(Strangers, AServerThatSaysNothingIsGivenUpAtTheDeadline) {
  boost::asio::io_context io;
  boost::asio::ip::tcp::acceptor silent{io,
                                        {boost::asio::ip::address_v4::loopback(), ports.at("b")}};
  auto quick = terms("a", {"a", "b", "c"});
  quick.link.handshake_deadline = 200ms;
  const auto a = start(std::move(quick));
  const auto c = start(terms("c", {"a", "b", "c"}));
  ASSERT_TRUE(happens([&] { return a->failures(link_failure::deadline) > 0; }));
  ASSERT_TRUE(happens([&] { return a->sees("c", peer_state::up); }));
}

std::uint64_t number_in(std::string_view bytes) {
  std::uint64_t number = 0;
  for (const char c : bytes.substr(0, 8)) number = number << 8 | static_cast<unsigned char>(c);
  return number;
}

TEST_F(Strangers, AHelloIsKnownByTheTicketOfItsLink) {
  const auto b = start("b");
  const auto good = people.issue("a");
  stranger link{b->port()};
  ASSERT_TRUE(link.shake_hands(TLS1_3_VERSION, good.certificate, good.key));
  const auto greeting = link.read();
  ASSERT_EQ(greeting.size(), 26U);
  ASSERT_TRUE(happens([&] { return b->links() == 1; }));

  caf::scoped_actor somebody{b->system()};
  peer_v1::hello hello{.name = "a",
                       .version = 1,
                       .oldest = 1,
                       .incarnation = 99,
                       .release = "",
                       .ticket_high = number_in(std::string_view{greeting}.substr(10)) + 1,
                       .ticket_low = number_in(std::string_view{greeting}.substr(18))};
  const auto say = [&] {
    somebody->send((*b)->peers(), hello);
    (*b)->leave();  // once that is done the hello has been taken up
  };
  say();
  EXPECT_TRUE(b->sees("a", peer_state::down));
  --hello.ticket_high;
  say();
  EXPECT_TRUE(b->sees("a", peer_state::up));
}

}  // namespace
}  // namespace filemint::actors::testing::strangers_test
