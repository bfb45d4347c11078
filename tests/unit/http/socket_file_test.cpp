#include "http/socket_file.hpp"

#include "core/unique_fd.hpp"
#include "temporary_tree.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>

namespace filemint::http::socket_file_test {
namespace {

unique_fd listening_at(const std::filesystem::path& path) {
  unique_fd made{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.string().copy(address.sun_path, sizeof address.sun_path - 1);
  EXPECT_EQ(::bind(made.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  EXPECT_EQ(::listen(made.get(), 1), 0);
  return made;
}

TEST(SocketFile, GoesWithItsOwner) {
  const temporary_tree tree;
  const auto path = tree.root() / "s";
  const auto listening = listening_at(path);
  {
    const socket_file file{path};
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(SocketFile, LeavesANameThatIsAnothersByNow) {
  const temporary_tree tree;
  const auto path = tree.root() / "s";
  const auto listening = listening_at(path);
  const auto other = listening_at(tree.root() / "t");
  {
    const socket_file file{path};
    std::filesystem::rename(tree.root() / "t", path);
  }
  EXPECT_TRUE(std::filesystem::exists(path));
}

TEST(SocketFile, MakesRoomWhereNobodyListensAnyMore) {
  const temporary_tree tree;
  const auto path = tree.root() / "s";
  EXPECT_TRUE(socket_file::make_room(path)) << "there is room";
  {
    const auto ended = listening_at(path);
  }
  ASSERT_TRUE(std::filesystem::exists(path));
  EXPECT_TRUE(socket_file::make_room(path));
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(SocketFile, TakesNoNameThatSomebodyListensAtAndNoOtherFile) {
  const temporary_tree tree;
  const auto path = tree.root() / "s";
  const auto listening = listening_at(path);
  for (const auto& taken : {path, tree.write("file", "x")}) {
    const auto made = socket_file::make_room(taken);
    ASSERT_FALSE(made) << taken;
    EXPECT_EQ(made.error().code, errc::conflict);
  }
  EXPECT_TRUE(std::filesystem::exists(tree.root() / "file"));
}

}  // namespace
}  // namespace filemint::http::socket_file_test
