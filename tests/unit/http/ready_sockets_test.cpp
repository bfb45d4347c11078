#include "http/ready_sockets.hpp"

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace filemint::http::ready_sockets_test {
namespace {

class ReadySockets : public ::testing::Test {
protected:
  struct pair {
    ready_socket::pointer ours;
    unique_fd theirs;
  };

  pair connect() {
    std::array<int, 2> ends{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
    return {all_->add(unique_fd{ends[0]}), unique_fd{ends[1]}};
  }
  static void give(const pair& to, std::string_view bytes) {
    ASSERT_EQ(::send(to.theirs.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
  }
  // As a transport does: a read that got less than it asked for emptied the socket.
  static std::string take(pair& from, std::size_t most = 100) {
    std::string got(most, '\0');
    const auto n = ::recv(from.ours->fd(), got.data(), most, 0);
    if (n < static_cast<ssize_t>(most)) from.ours->was_emptied();
    got.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
    return got;
  }
  // All that can happen now.
  void turn() {
    io_.restart();
    io_.poll();
  }
  // How often a wait for reading is over by now.
  int reads(pair& at) {
    int count = 0;
    at.ours->wait_read([&count] { ++count; });
    EXPECT_EQ(count, 0) << "from within";
    turn();
    at.ours->wait_read([] {});  // forgets the counter
    return count;
  }

  boost::asio::io_context io_;
  std::optional<ready_sockets> all_{std::in_place, io_};
};

TEST_F(ReadySockets, TellOnceThatThereIsInput) {
  auto one = connect();
  int told = 0;
  one.ours->wait_read([&] { ++told; });
  turn();
  EXPECT_EQ(told, 0);
  give(one, "a");
  turn();
  give(one, "b");
  turn();
  EXPECT_EQ(told, 1);
}

TEST_F(ReadySockets, TellOfInputThatCameBeforeTheWait) {
  auto one = connect();
  give(one, "a");
  turn();
  EXPECT_EQ(reads(one), 1);
}

TEST_F(ReadySockets, WaitForMoreOnceAllWasRead) {
  auto one = connect();
  give(one, "abc");
  turn();
  EXPECT_EQ(take(one), "abc");
  EXPECT_EQ(reads(one), 0);
  give(one, "d");
  turn();
  EXPECT_EQ(reads(one), 1);
}

TEST_F(ReadySockets, TellOfWhatWasLeftUnread) {
  auto one = connect();
  give(one, "abc");
  turn();
  EXPECT_EQ(take(one, 2), "ab");
  EXPECT_EQ(reads(one), 1);
}

TEST_F(ReadySockets, TellOfAnEndThatCameWithTheLastBytes) {
  auto one = connect();
  give(one, "abc");
  one.theirs = unique_fd{};
  turn();
  EXPECT_EQ(take(one), "abc");
  EXPECT_EQ(reads(one), 1);
}

TEST_F(ReadySockets, TellOnceThereIsRoomAgain) {
  auto one = connect();
  const std::string block(64 * 1024, 'x');
  while (::send(one.ours->fd(), block.data(), block.size(), MSG_NOSIGNAL) > 0) {
  }
  turn();
  one.ours->was_filled();
  bool told = false;
  one.ours->wait_write([&] { told = true; });
  turn();
  EXPECT_FALSE(told);
  std::string room(1024 * 1024, '\0');
  while (::recv(one.theirs.get(), room.data(), room.size(), MSG_DONTWAIT) > 0) {
  }
  turn();
  EXPECT_TRUE(told);
}

TEST_F(ReadySockets, MayBeClosedByOneThatWasReadyWithThem) {
  std::array<pair, 2> both{connect(), connect()};
  int told = 0;
  for (auto& each : both) {
    give(each, "a");
    auto& other = &each == both.data() ? both[1] : both[0];
    each.ours->wait_read([&] {
      ++told;
      other.ours.reset();
    });
  }
  turn();
  EXPECT_EQ(told, 1);
  turn();
}

TEST_F(ReadySockets, MayBeClosedByWhatTheyWaitWith) {
  struct owner {
    ready_socket::pointer socket;
  };
  auto one = connect();
  auto mine = std::make_shared<owner>(std::move(one.ours));
  std::weak_ptr<owner> seen = mine;
  mine->socket->wait_read([mine] { mine->socket.reset(); });
  mine.reset();
  give(one, "a");
  turn();
  EXPECT_TRUE(seen.expired());
}

TEST_F(ReadySockets, DropWhatStillWaitsAtTheirEnd) {
  struct owner {
    ready_socket::pointer socket;
  };
  auto one = connect();
  auto mine = std::make_shared<owner>(std::move(one.ours));
  std::weak_ptr<owner> seen = mine;
  mine->socket->wait_read([mine] {});
  mine.reset();
  EXPECT_FALSE(seen.expired());
  all_.reset();
  EXPECT_TRUE(seen.expired());
}

TEST_F(ReadySockets, AreClosedAtOnce) {
  auto one = connect();
  one.ours->wait_read([] {});
  one.ours.reset();
  char end = 0;
  EXPECT_EQ(::recv(one.theirs.get(), &end, 1, 0), 0);
}

TEST_F(ReadySockets, AddNothingThatCannotBeWatched) {
  EXPECT_EQ(all_->add(unique_fd{}), nullptr);
}

}  // namespace
}  // namespace filemint::http::ready_sockets_test
