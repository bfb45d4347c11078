#include "core/ip_network.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace filemint::ip_network_test {
namespace {

TEST(IpAddress, IsReadAndWrittenInItsShortForm) {
  const struct {
    std::string_view text, shown;
    bool v4;
  } table[] = {
      {"192.0.2.1", "192.0.2.1", true},
      {"0.0.0.0", "0.0.0.0", true},
      {"::ffff:192.0.2.1", "192.0.2.1", true},
      {"::1", "::1", false},
      {"2001:0db8:0:0::0001", "2001:db8::1", false},
      {"FE80::A", "fe80::a", false},
      {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", false},
  };
  for (const auto& row : table) {
    const auto read = ip_address::parse(row.text);
    ASSERT_TRUE(read) << row.text;
    EXPECT_EQ(read->text(), row.shown);
    EXPECT_EQ(read->is_v4(), row.v4) << row.text;
  }
}

TEST(IpAddress, OfAnotherFormIsNone) {
  for (const auto* text :
       {"", " ", "1.2.3", "1.2.3.4.5", "1.2.3.256", "1.2.3.04", "0x1.2.3.4", "1.2.3.4 ", " 1.2.3.4",
        "1.2.3.4:80", "[::1]", "::1%eth0", ":::", "1::2::3", "2001:db8::g", "12345::", "localhost",
        "2001:0db8:0000:0000:0000:0000:0000:0001:0002:0003:0004:0005"}) {
    EXPECT_FALSE(ip_address::parse(text)) << text;
  }
  EXPECT_FALSE(ip_address::parse(std::string_view{"1.2.3.4\0", 8}));
}

bool contains(std::string_view network, std::string_view address) {
  return ip_network::parse(network).value().contains(ip_address::parse(address).value());
}

TEST(IpNetwork, ContainsWhatBeginsWithItsBits) {
  const struct {
    std::string_view network, address;
    bool inside;
  } table[] = {
      {"10.0.0.0/8", "10.255.255.255", true},
      {"10.0.0.0/8", "11.0.0.0", false},
      {"192.0.2.128/25", "192.0.2.128", true},
      {"192.0.2.128/25", "192.0.2.127", false},
      {"192.0.2.7", "192.0.2.7", true},
      {"192.0.2.7", "192.0.2.6", false},
      {"192.0.2.7/32", "192.0.2.7", true},
      {"0.0.0.0/0", "203.0.113.9", true},
      {"0.0.0.0/0", "::1", false},
      {"::/0", "2001:db8::1", true},
      {"::/0", "203.0.113.9", false},
      {"10.0.0.0/8", "::ffff:10.1.2.3", true},
      {"::ffff:10.0.0.0/104", "10.1.2.3", true},
      {"2001:db8::/33", "2001:db8:7fff::1", true},
      {"2001:db8::/33", "2001:db8:8000::1", false},
      {"::1", "::1", true},
      {"::1", "::2", false},
  };
  for (const auto& row : table) {
    EXPECT_EQ(contains(row.network, row.address), row.inside) << row.network << ' ' << row.address;
  }
}

TEST(IpNetwork, IsWrittenAsItIsRead) {
  for (const auto* text :
       {"10.0.0.0/8", "192.0.2.7", "0.0.0.0/0", "::1", "::/0", "2001:db8::/33"}) {
    const auto read = ip_network::parse(text);
    ASSERT_TRUE(read) << text;
    EXPECT_EQ(read->text(), text);
    EXPECT_EQ(ip_network::parse(read->text()), read);
  }
}

TEST(IpNetwork, OfAnotherFormIsNone) {
  for (const auto* text : {"", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/ 8",
                           "10.0.0.0/8/8", "10.0.0.0/8x", "10.0.0.0/+8", "10.0.0.1/8", "::1/64",
                           "::/129", "unix", "10.0.0.0/99999999999999999999"}) {
    EXPECT_FALSE(ip_network::parse(text)) << text;
  }
}

}  // namespace
}  // namespace filemint::ip_network_test
