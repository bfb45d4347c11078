#include "http/client_address.hpp"

#include "heads.hpp"

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <string_view>

namespace filemint::http::client_address_test {
namespace {

using enum client_address_field;

http_config trusting(std::initializer_list<std::string_view> places,
                     client_address_field field = x_forwarded_for) {
  http_config made;
  for (const auto place : places) {
    made.trusted_proxies.push_back(place == "unix" ? proxy_place{} : ip_network::parse(place));
  }
  made.client_address_header = field;
  return made;
}

const auto private_networks = {std::string_view{"10.0.0.0/8"}, std::string_view{"fd00::/8"}};

std::string client(std::string_view fields, const http_config& settings) {
  const parsed_head head(head_text("GET", "/", fields));
  const auto told = forwarded_client(*head, settings);
  return told ? told->text() : "";
}

std::string by_list(std::string_view list, client_address_field field = x_forwarded_for) {
  const std::string name = field == forwarded ? "Forwarded: " : "X-Forwarded-For: ";
  return client(name + std::string{list} + "\r\n", trusting(private_networks, field));
}

TEST(IsTrusted, NamesNetworksAndUnixSockets) {
  const auto v4 = ip_address::parse("10.1.2.3"), v6 = ip_address::parse("fd00::1"),
             other = ip_address::parse("192.0.2.1");
  const auto networks = trusting(private_networks), sockets = trusting({"unix"});
  EXPECT_TRUE(is_trusted(v4, networks));
  EXPECT_TRUE(is_trusted(v6, networks));
  EXPECT_FALSE(is_trusted(other, networks));
  EXPECT_FALSE(is_trusted(peer_address{}, networks));
  EXPECT_TRUE(is_trusted(peer_address{}, sockets));
  EXPECT_FALSE(is_trusted(v4, sockets));
  EXPECT_FALSE(is_trusted(v4, http_config{}));
  EXPECT_FALSE(is_trusted(peer_address{}, http_config{}));
}

TEST(ForwardedClient, IsTheFirstFromTheRightThatIsNotTrusted) {
  const struct {
    std::string_view list, client;
  } table[] = {
      {"192.0.2.1", "192.0.2.1"},
      {"192.0.2.1, 10.0.0.2", "192.0.2.1"},
      {"192.0.2.1,10.0.0.3 ,\tfd00::1", "192.0.2.1"},
      {"6.6.6.6, 192.0.2.1, 10.0.0.2", "192.0.2.1"},
      {"10.0.0.9, 192.0.2.1", "192.0.2.1"},
      {"10.0.0.9, 10.0.0.2", "10.0.0.9"},
      {"2001:db8::7, 10.0.0.2", "2001:db8::7"},
      {"::ffff:192.0.2.1, ::ffff:10.0.0.2", "192.0.2.1"},
  };
  for (const auto& row : table) EXPECT_EQ(by_list(row.list), row.client) << row.list;
}

TEST(ForwardedClient, IsTheLastOneVouchedForWhereTheListHasNoAddress) {
  const struct {
    std::string_view list, client;
  } table[] = {
      {"", ""},
      {"unknown", ""},
      {"6.6.6.6, unknown", ""},
      {"6.6.6.6, ", ""},
      {"6.6.6.6,,10.0.0.2", "10.0.0.2"},
      {"6.6.6.6, garbage, 10.0.0.2", "10.0.0.2"},
      {"6.6.6.6, _hidden, 10.0.0.3, 10.0.0.2", "10.0.0.3"},
      {"6.6.6.6, 192.0.2.1 192.0.2.2", ""},
  };
  for (const auto& row : table) EXPECT_EQ(by_list(row.list), row.client) << row.list;
}

TEST(ForwardedClient, TakesRepeatedFieldsForOneList) {
  const auto settings = trusting(private_networks);
  EXPECT_EQ(
      client("X-Forwarded-For: 6.6.6.6, 192.0.2.1\r\nx-forwarded-FOR: 10.0.0.2\r\n", settings),
      "192.0.2.1");
  EXPECT_EQ(client("X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-For: 192.0.2.2\r\n", settings),
            "192.0.2.2");
}

TEST(ForwardedClient, ReadsNoOtherField) {
  constexpr std::string_view both =
      "Forwarded: for=192.0.2.1\r\nX-Forwarded-For: 192.0.2.2\r\nX-Real-IP: 192.0.2.3\r\n";
  EXPECT_EQ(client(both, trusting(private_networks)), "192.0.2.2");
  EXPECT_EQ(client(both, trusting(private_networks, forwarded)), "192.0.2.1");
  EXPECT_EQ(client("Forwarded: for=192.0.2.1\r\n", trusting(private_networks)), "");
  EXPECT_EQ(client("X-Forwarded-For: 192.0.2.2\r\n", trusting(private_networks, forwarded)), "");
}

TEST(ForwardedClient, WalksForwardedElementsToo) {
  const struct {
    std::string_view list, client;
  } table[] = {
      {"for=192.0.2.1", "192.0.2.1"},
      {"for=192.0.2.1;proto=http;by=203.0.113.43", "192.0.2.1"},
      {"for=192.0.2.43, for=\"[fd00::17]\", for=10.0.0.2", "192.0.2.43"},
      {"for=6.6.6.6, proto=https", ""},
      {"for=6.6.6.6, for=192.0.2.1;host=\"a, for=7.7.7.7\", for=10.0.0.2", "192.0.2.1"},
      {"for=6.6.6.6, for=192.0.2.1;host=\"a\\\", for=7.7.7.7;x=\\\"b\"", "192.0.2.1"},
      {"for=6.6.6.6, for=192.0.2.1;host=\"a\\\\\"", "192.0.2.1"},
      {"for=\"6.6.6.6, for=192.0.2.1", "192.0.2.1"},
      {"for=6.6.6.6;x=\", for=192.0.2.1;host=\"\"", "192.0.2.1"},
      {"for=6.6.6.6;x=\\\", for=\"[2001:db8::7]:99\"", "2001:db8::7"},
      {"for=6.6.6.6, 192.0.2.1", ""},
  };
  for (const auto& row : table) EXPECT_EQ(by_list(row.list, forwarded), row.client) << row.list;
}

// A head is 32 KiB at most.
TEST(ForwardedClient, HasDoneWithALongListSoon) {
  std::string list;
  while (list.size() < 30'000) list += "10.0.0.7,";
  EXPECT_EQ(by_list("192.0.2.1," + list + "10.0.0.2"), "192.0.2.1");
  std::string quotes(30'000, '"'), slashes(30'000, '\\');
  EXPECT_EQ(by_list(quotes, forwarded), "");
  EXPECT_EQ(by_list("for=\"" + slashes + '"', forwarded), "");
}

std::string address(std::string_view element, client_address_field field) {
  const auto read = address_in(element, field);
  return read ? read->text() : "";
}

TEST(AddressIn, TakesPortsBracketsAndQuotes) {
  const struct {
    std::string_view element, address;
  } table[] = {
      {"192.0.2.1", "192.0.2.1"},       {"192.0.2.1:8080", "192.0.2.1"},
      {"192.0.2.1:_port", "192.0.2.1"}, {"2001:db8::1", "2001:db8::1"},
      {"[2001:db8::1]", "2001:db8::1"}, {"[2001:db8::1]:443", "2001:db8::1"},
      {"\"192.0.2.1\"", "192.0.2.1"},   {"\"[2001:DB8::1]:443\"", "2001:db8::1"},
      {"\"19\\2.0.2.1\"", "192.0.2.1"},
  };
  for (const auto& row : table) {
    EXPECT_EQ(address(row.element, x_forwarded_for), row.address) << row.element;
  }
  for (const auto* element :
       {"for=192.0.2.1", "For=\"192.0.2.1:80\"", "proto=http;FOR=192.0.2.1", "for=192.0.2.1; by=_x",
        ";for=192.0.2.1;", "host=\"a;for=6.6.6.6\";for=192.0.2.1",
        "for=\"[::ffff:192.0.2.1]:_p-1\"", "x=\"\\\\\";for=192.0.2.1"}) {
    EXPECT_EQ(address(element, forwarded), "192.0.2.1") << element;
  }
}

TEST(AddressIn, IsNoneInWhatIsNoAddress) {
  for (const auto* node : {"",
                           " ",
                           "unknown",
                           "_hidden",
                           "localhost",
                           "192.0.2",
                           "192.0.2.256",
                           "192.0.2.01",
                           "192.0.2.1:",
                           "192.0.2.1:x",
                           "192.0.2.1:123456",
                           "192.0.2.1:-1",
                           "192.0.2.1:80:80",
                           ":80",
                           "[192.0.2.1]",
                           "[2001:db8::1",
                           "2001:db8::1]",
                           "[2001:db8::1]443",
                           "[2001:db8::1]:",
                           "[2001:db8::1]x:443",
                           "[]",
                           "[:]",
                           "[[::1]]",
                           "fe80::1%eth0",
                           "[fe80::1%25eth0]",
                           "::1 ::2",
                           "192.0.2.1/32",
                           "\"192.0.2.1",
                           "192.0.2.1\"",
                           "\"192.0.2.1\"x",
                           "\"",
                           "\"\"",
                           "\"\\\"",
                           "'192.0.2.1'",
                           "<script>",
                           "192.0.2.1;x",
                           "192.0.2.1:_"}) {
    EXPECT_EQ(address(node, x_forwarded_for), "") << node;
    const auto quoted = "for=\"" + std::string{node} + "\"";
    EXPECT_EQ(address(quoted, forwarded), "") << quoted;
  }
  for (const auto* element :
       {"for", "for=", "=192.0.2.1", "for =192.0.2.1", "for= 192.0.2.1", "for=2001:db8::1",
        "for=[2001:db8::1]", "for=192.0.2.1:80", "for=192.0.2.1;for=192.0.2.1", "by=192.0.2.1",
        "for=192.0.2.1;x", "for=192.0.2.1;x=", "for=192.0.2.1;x=a b", "for=192.0.2.1;x=\"a",
        "for=\"192.0.2.1\"x", "for=192.0.2.1;a@=b", "xfor=192.0.2.1", "for=unknown", "for=_x"}) {
    EXPECT_EQ(address(element, forwarded), "") << element;
  }
}

}  // namespace
}  // namespace filemint::http::client_address_test
