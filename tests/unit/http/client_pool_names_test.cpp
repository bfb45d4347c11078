// Whom a name leads to: look-ups, and several addresses.
#include "core/unique_fd.hpp"
#include "http/client/address_book.hpp"
#include "pool_fixture.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>

#include <array>

namespace filemint::http::client_pool_names_test {
namespace {

using namespace std::chrono_literals;
using addresses = std::vector<std::string>;

class ClientPoolNames : public pool_fixture {
protected:
  static reply hello(const http_peer::asked&) { return {http_peer::ok("hello")}; }
  static backends::remote_request at(std::string host, std::uint16_t port) {
    return {"GET", {false, std::move(host), port}, "/", {}, {}};
  }
  const std::string unreachable = "fault " + std::to_string(static_cast<int>(fault::unreachable));
};

// Takes no connections: its queue is full, so that the kernel lets attempts hang.
class full_queue {
public:
  full_queue(const char* address, std::uint16_t port) : listening_(tcp()) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port = htons(port);
    ::inet_pton(AF_INET, address, &at.sin_addr);
    const auto* const where = reinterpret_cast<const sockaddr*>(&at);
    EXPECT_EQ(::bind(listening_.get(), where, sizeof at), 0);
    EXPECT_EQ(::listen(listening_.get(), 0), 0);
    for (auto& each : within_) {
      each = tcp();
      ::connect(each.get(), where, sizeof at);
    }
  }

private:
  static unique_fd tcp() {
    return unique_fd{::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  }
  unique_fd listening_;
  std::array<unique_fd, 4> within_;
};

TEST_F(ClientPoolNames, AreLookedUpOnceForABurst) {
  http_peer peer{hello};
  auto all = begin_many(20, at("storage.test", peer.port()));
  std::promise<void> all_wait;  // behind them on the pool's thread
  pool().run([&] { all_wait.set_value(); });
  all_wait.get_future().wait();
  EXPECT_EQ(names.asked("storage.test"), 1);
  names.put("storage.test", addresses{"127.0.0.1"});
  for (auto& each : all) EXPECT_TRUE(each.get());
  EXPECT_EQ(body(at("storage.test", peer.port())), "hello");
  EXPECT_EQ(names.asked("storage.test"), 1);
}

TEST_F(ClientPoolNames, ThatABurstWaitsForOpenNoMoreConnectionsThanItMay) {
  http_peer peer{hello};
  pool({.max_connections = 4});
  auto all = begin_many(50, at("storage.test", peer.port()));
  names.put("storage.test", addresses{"127.0.0.1"});
  for (auto& each : all) EXPECT_TRUE(each.get());
  EXPECT_EQ(peer.most_at_once(), 4);
}

TEST_F(ClientPoolNames, AreNotLookedUpWhereTheyAreAddresses) {
  http_peer peer{hello};
  http_peer six{hello, {}, TLS1_3_VERSION, "::1"};
  EXPECT_EQ(body(at("127.0.0.1", peer.port())), "hello");
  EXPECT_EQ(body(at("::1", six.port())), "hello");
  EXPECT_NE(six.requests().at(0).head.find("\r\nHost: [::1]:"), std::string::npos);
  EXPECT_EQ(names.asked("127.0.0.1") + names.asked("::1"), 0);
}

TEST_F(ClientPoolNames, OneThatHangsHoldsUpNoOther) {
  http_peer peer{hello};
  names.put("good.test", addresses{"127.0.0.1"});
  auto hangs = begin_many(100, at("hangs.test", peer.port()));
  EXPECT_EQ(body(at("good.test", peer.port())), "hello");
  EXPECT_EQ(ask(at("hangs.test", peer.port()), {50ms}).error(), fault::timed_out);
  EXPECT_EQ(names.asked("hangs.test"), 1);
  pool().stop();
  for (auto& each : hangs) EXPECT_EQ(each.get().error(), fault::busy);
}

TEST_F(ClientPoolNames, ThatHaveNoAddressAreUnreachable) {
  names.put("none.test", fail(errc::not_found, "none.test: Name or service not known"));
  names.put("odd.test", addresses{"what", ""});
  EXPECT_EQ(body(at("none.test", 80)), unreachable);
  EXPECT_EQ(body(at("odd.test", 80)), unreachable);
  for (auto& each : begin_many(20, at("none.test", 80))) EXPECT_FALSE(each.get());
  EXPECT_EQ(names.asked("none.test"), 1) << "not known is known for a second";
}

TEST_F(ClientPoolNames, LeadToTheFirstAddressThatAnswers) {
  http_peer peer{hello};
  names.put("storage.test", addresses{"127.0.0.2", "127.0.0.3", "127.0.0.1", "127.0.0.4"});
  EXPECT_EQ(body(at("storage.test", peer.port())), "hello");
  names.put("dead.test", addresses{"127.0.0.2", "127.0.0.3"});
  EXPECT_EQ(body(at("dead.test", peer.port())), unreachable);
}

TEST_F(ClientPoolNames, LeadPastAnAddressThatHangsAndThenNotThereAgain) {
  http_peer peer{
      [](const auto&) { return reply{http_peer::ok("hello", "Connection: close\r\n")}; }};
  const full_queue hangs{"127.0.0.2", peer.port()};
  names.put("storage.test", addresses{"127.0.0.2", "127.0.0.1"});
  pool({.connect_within = 400ms});
  auto began = mono_clock::now();
  EXPECT_EQ(body(at("storage.test", peer.port())), "hello");
  EXPECT_GE(mono_clock::now() - began, 400ms);
  began = mono_clock::now();
  EXPECT_EQ(body(at("storage.test", peer.port())), "hello");
  EXPECT_LT(mono_clock::now() - began, 400ms) << "the one that answered comes first now";
}

TEST_F(ClientPoolNames, AllThatHangAreUnreachableOrLate) {
  http_peer peer{hello};
  const full_queue one{"127.0.0.2", peer.port()}, other{"127.0.0.3", peer.port()};
  names.put("storage.test", addresses{"127.0.0.2", "127.0.0.3"});
  pool({.connect_within = 50ms});
  EXPECT_EQ(body(at("storage.test", peer.port())), unreachable);
  EXPECT_EQ(ask(at("storage.test", peer.port()), {60ms}).error(), fault::timed_out);
}

TEST(AddressBook, LooksUpAgainAfterAWhile) {
  fake_names names;
  names.put("a.test", addresses{"127.0.0.1", "127.0.0.2"});
  names.put("none.test", fail(errc::not_found));
  const auto io = std::make_shared<boost::asio::io_context>();
  std::vector<std::string> told;
  const auto book = std::make_shared<address_book>(
      io, names, [&](const std::string& host) { told.push_back(host); });
  const auto begun = mono_clock::now();
  EXPECT_EQ(book->find("a.test", begun), nullptr);
  EXPECT_EQ(book->find("a.test", begun), nullptr);
  EXPECT_EQ(book->find("none.test", begun), nullptr);
  io->run();
  EXPECT_EQ(told, (std::vector<std::string>{"a.test", "none.test"}));
  const auto now = mono_clock::now();
  ASSERT_NE(book->find("a.test", now), nullptr);
  EXPECT_EQ(book->find("a.test", now)->size(), 2U);
  EXPECT_TRUE(book->find("none.test", now)->empty());

  EXPECT_NE(book->find("a.test", now + address_book::fresh_for - 5s), nullptr);
  EXPECT_EQ(book->find("none.test", now + address_book::missing_for), nullptr);
  EXPECT_EQ(book->find("a.test", now + address_book::fresh_for), nullptr);
  EXPECT_EQ(names.asked("a.test"), 2);
  EXPECT_EQ(names.asked("none.test"), 2);
}

TEST(AddressBook, MayGoWhileALookUpHangs) {
  fake_names names;
  auto io = std::make_shared<boost::asio::io_context>();
  auto book = std::make_shared<address_book>(io, names, [](const auto&) { ADD_FAILURE(); });
  EXPECT_EQ(book->find("hangs.test", mono_clock::now()), nullptr);
  book.reset();
  names.put("hangs.test", addresses{"127.0.0.1"});
  io->run();
  io.reset();
}

}  // namespace
}  // namespace filemint::http::client_pool_names_test
