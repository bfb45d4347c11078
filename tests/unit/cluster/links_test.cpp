// Addresses that change, certificates that change, and what is open to the machine.
#include "tests/unit/cluster/stranger.hpp"
#include "tests/unit/cluster/world.hpp"

#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <future>
#include <set>
#include <sstream>

namespace filemint::actors::testing::links_test {
namespace {

using Links = cluster_test;

// ---- certificates

TEST_F(Links, ACertificateIsReadAnewAndLinksStay) {
  const auto a = start("a");
  const auto b = start("b");
  ASSERT_TRUE(happens([&] { return b->sees("a", peer_state::up); }));
  const auto shown = [&] {
    stranger looks{b->port()};
    EXPECT_TRUE(looks.shake_hands(TLS1_3_VERSION));
    return looks.serial_of_peer();
  };
  const auto former = shown();
  const auto files = people.issue("b");
  EXPECT_EQ(shown(), former);
  ASSERT_TRUE((*b)->link().reload());
  EXPECT_NE(shown(), former);
  std::ofstream{files.key} << "no key";
  const auto broken = (*b)->link().reload();
  ASSERT_FALSE(broken);
  EXPECT_NE(broken.error().message.find("no PEM private key"), std::string::npos);
  EXPECT_NE(shown(), former);
  EXPECT_EQ(a->links(), 1U);
  EXPECT_TRUE(b->sees("a", peer_state::up));
}

TEST_F(Links, ACertificateWithoutTheNodesNameIsNotTaken) {
  auto wrong = terms("a");
  const auto files = people.issue("a", "DNS:other");
  const auto made = link_tls::load({files.ca, files.certificate, files.key}, "a");
  ASSERT_FALSE(made);
  EXPECT_NE(made.error().message.find("is not for the name a"), std::string::npos);
}

TEST_F(Links, AnAuthorityThatIsReadAnewMovesANodeToAnother) {
  authority next;
  const auto a = start("a");
  auto b = start("b");
  ASSERT_TRUE(happens([&] { return a->sees("b", peer_state::up); }));
  const auto now = people.issue("a"), then = next.issue("a");
  for (const auto& [from, to] :
       {std::pair{then.ca, now.ca}, {then.certificate, now.certificate}, {then.key, now.key}}) {
    std::filesystem::copy_file(from, to, std::filesystem::copy_options::overwrite_existing);
  }
  ASSERT_TRUE((*a)->link().reload());
  EXPECT_TRUE(a->sees("b", peer_state::up));
  b.reset();
  auto moved = terms("b");
  const auto files = next.issue("b");
  moved.link.files = {files.ca, files.certificate, files.key};
  b = start(std::move(moved));
  EXPECT_TRUE(happens([&] { return a->sees("b", peer_state::up); }));
}

// ---- names

class ByDns : public Links {
protected:
  // Each on an address of its own, all on one port.
  member_terms dns_terms(const std::string& name, const std::string& address) {
    ports[name] = port;
    auto made = terms(name, {});
    made.link.host = address;
    made.link.dns = "nodes.test";
    made.link.dns_port = port;
    made.link.resolve_interval = 20ms;
    made.link.resolve_deadline = 100ms;
    made.link.second_look = 200ms;
    return made;
  }
  std::unique_ptr<test_member> start_by_dns(const std::string& name, const std::string& address) {
    return std::make_unique<test_member>(dns_terms(name, address), &names);
  }
  static bool meet(test_member& x, test_member& y, const std::string& x_name,
                   const std::string& y_name) {
    return happens(
        [&] { return x.sees(y_name, peer_state::up) && y.sees(x_name, peer_state::up); });
  }

  const std::uint16_t port = free_port();
  fake_resolver names;
};

TEST_F(ByDns, ThreeNodesFindEachOtherAndThemselves) {
  names.put("nodes.test", std::vector<std::string>{"127.0.0.1", "127.0.0.2", "127.0.0.3"});
  const auto a = start_by_dns("a.nodes.test", "127.0.0.1");
  const auto b = start_by_dns("b.nodes.test", "127.0.0.2");
  const auto c = start_by_dns("c.nodes.test", "127.0.0.3");
  EXPECT_TRUE(meet(*a, *b, "a.nodes.test", "b.nodes.test"));
  EXPECT_TRUE(meet(*b, *c, "b.nodes.test", "c.nodes.test"));
  EXPECT_TRUE(meet(*a, *c, "a.nodes.test", "c.nodes.test"));
  EXPECT_EQ(a->links(), 2U);
  EXPECT_EQ((*a)->board()->size(), 2U);
}

TEST_F(ByDns, AChangeIsFollowed) {
  names.put("nodes.test", std::vector<std::string>{"127.0.0.1", "127.0.0.2"});
  const auto a = start_by_dns("a.nodes.test", "127.0.0.1");
  auto b = start_by_dns("b.nodes.test", "127.0.0.2");
  ASSERT_TRUE(meet(*a, *b, "a.nodes.test", "b.nodes.test"));
  b.reset();  // it moves to another address
  names.put("nodes.test", std::vector<std::string>{"127.0.0.1", "127.0.0.4"});
  b = start_by_dns("b.nodes.test", "127.0.0.4");
  EXPECT_TRUE(meet(*a, *b, "a.nodes.test", "b.nodes.test"));
  // One that DNS does not know any more is forgotten once it has ended.
  names.put("nodes.test", std::vector<std::string>{"127.0.0.1"});
  b.reset();
  EXPECT_TRUE(happens([&] { return (*a)->board()->empty(); }));
}

TEST_F(ByDns, ANameOutsideTheZoneIsNoPeer) {
  names.put("nodes.test", std::vector<std::string>{"127.0.0.1", "127.0.0.2"});
  const auto a = start_by_dns("a.nodes.test", "127.0.0.1");
  const auto b = start_by_dns("b.other.test", "127.0.0.2");
  EXPECT_TRUE(happens([&] { return a->failures(link_failure::name) > 0; }));
  EXPECT_EQ(a->links(), 0U);
}

TEST_F(ByDns, AResolverThatHangsHoldsNobody) {
  auto waits = dns_terms("a.nodes.test", "127.0.0.1");
  waits.link.peers = {{"b.nodes.test", "127.0.0.2", port}};
  const auto b = start_by_dns("b.nodes.test", "127.0.0.2");
  auto a = std::make_unique<test_member>(std::move(waits), &names);
  ASSERT_TRUE(meet(*a, *b, "a.nodes.test", "b.nodes.test"));
  EXPECT_TRUE(happens([&] { return a->failures(link_failure::resolve) > 1; }));
  const auto began = mono_clock::now();
  a.reset();
  EXPECT_LT(mono_clock::now() - began, 1s);
}

TEST(SystemResolver, TellsAddressesAndWhatHasNone) {
  system_resolver names;
  const auto ask = [&](const std::string& host) {
    std::promise<resolver::answer> got;
    names.resolve(host, [&](auto found) { got.set_value(std::move(found)); });
    return got.get_future().get();
  };
  const auto found = ask("localhost");
  ASSERT_TRUE(found);
  EXPECT_NE(std::ranges::find(*found, "127.0.0.1"), found->end());
  const auto none = ask("no-such-host.invalid");
  ASSERT_FALSE(none);
  EXPECT_NE(none.error().message.find("no-such-host.invalid"), std::string::npos);
}

// ---- what the machine can see

// Inodes of this process's sockets.
std::set<std::string> own_sockets() {
  std::set<std::string> found;
  for (const auto& each : std::filesystem::directory_iterator{"/proc/self/fd"}) {
    std::error_code gone;
    const auto to = std::filesystem::read_symlink(each.path(), gone).string();
    if (to.starts_with("socket:[")) found.insert(to.substr(8, to.size() - 9));
  }
  return found;
}

// Ports that this process listens at, by TCP and UDP over IPv4 and IPv6.
std::multiset<std::uint16_t> listened_ports() {
  std::multiset<std::uint16_t> found;
  const auto own = own_sockets();
  for (const auto* table : {"tcp", "tcp6", "udp", "udp6"}) {
    std::ifstream lines{std::string{"/proc/self/net/"} + table};
    std::string line;
    std::getline(lines, line);
    while (std::getline(lines, line)) {
      std::istringstream words{line};
      std::string n, local, remote, state, queues, timer, retries, uid, timeout, inode;
      words >> n >> local >> remote >> state >> queues >> timer >> retries >> uid >> timeout >>
          inode;
      const bool listens = std::string_view{table}.starts_with("udp") || state == "0A";
      if (!listens || !own.contains(inode)) continue;
      const auto port = std::stoul(local.substr(local.rfind(':') + 1), nullptr, 16);
      found.insert(static_cast<std::uint16_t>(port));
    }
  }
  return found;
}

TEST_F(Links, CafOpensNoPort) {
  const auto a = start("a");
  const auto b = start("b");
  ASSERT_TRUE(happens([&] { return a->sees("b", peer_state::up); }));
  EXPECT_EQ(listened_ports(), (std::multiset{a->port(), b->port()}));
}

// Of the unix sockets that this process listens at, whose names the kernel has picked.
std::string found_door() {
  const auto own = own_sockets();
  std::ifstream lines{"/proc/self/net/unix"};
  std::string line;
  while (std::getline(lines, line)) {
    std::istringstream words{line};
    std::string number, references, protocol, flags, type, state, inode, path;
    words >> number >> references >> protocol >> flags >> type >> state >> inode >> path;
    if (flags == "00010000" && own.contains(inode) && path.starts_with('@')) return path;
  }
  return {};
}

// Bytes that are there for who connects to CAF's door; none when it is closed.
ssize_t bytes_behind(const std::string& door) {
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  door.copy(to.sun_path, sizeof to.sun_path);
  to.sun_path[0] = '\0';
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + door.size());
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&to), size) != 0) return -2;
  const timeval most{.tv_sec = 20, .tv_usec = 0};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &most, sizeof most);
  char bytes[64];
  const auto n = ::recv(fd, bytes, sizeof bytes, 0);
  ::close(fd);
  return n;
}

TEST_F(Links, CafsDoorIsForThisProcessAlone) {
  const auto a = start("a");
  const auto door = found_door();
  ASSERT_FALSE(door.empty());
  EXPECT_GT(bytes_behind(door), 0);  // BASP's greeting
  const auto child = ::fork();
  if (child == 0) {
    const auto n = bytes_behind(door);
    ::_exit(n == 0 || n == -1 ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

}  // namespace
}  // namespace filemint::actors::testing::links_test
