// The keys of `cluster`: what they set, what is refused, and where it is told.
#include "tests/unit/core/config_texts.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace filemint::config_cluster_test {
namespace {

using testing::bad_text;
using ::testing::ElementsAre;
using testing::one_source;
using testing::problems_of;

const std::string files = "ca: ca.pem, certificate: c.pem, key: k.pem";
const std::string two =
    "peers: [{name: a, address: \"a.test:7\"}, {name: b, address: \"[::1]:8\"}]";

config_or_problems parse(const std::string& text) {
  return parse_config(text + "\n" + std::string{one_source}, "f.yaml", "/etc");
}

TEST(ParseCluster, ReadsAListOfPeers) {
  const auto read = parse("cluster: {name: a, listen: \"0.0.0.0:7\", " + files + ", " + two + "}");
  ASSERT_TRUE(read) << read.error().front().text();
  const auto& cluster = read->cluster;
  EXPECT_TRUE(cluster.enabled());
  EXPECT_EQ(cluster.listen.port, 7);
  EXPECT_EQ(cluster.ca, "/etc/ca.pem");
  EXPECT_EQ(cluster.certificate, "/etc/c.pem");
  EXPECT_EQ(cluster.key, "/etc/k.pem");
  ASSERT_EQ(cluster.peers.size(), 2U);
  EXPECT_EQ(cluster.peers[0].name, "a");
  EXPECT_EQ(cluster.peers[0].address.host, "a.test");
  EXPECT_EQ(cluster.peers[1].address.host, "::1");
  EXPECT_EQ(cluster.peers[1].address.port, 8);
}

TEST(ParseCluster, ReadsADnsName) {
  const auto read =
      parse("cluster: {name: n1.nodes.test, dns: \"nodes.test:7946\", " + files + "}");
  ASSERT_TRUE(read) << read.error().front().text();
  EXPECT_EQ(read->cluster.dns.host, "nodes.test");
  EXPECT_EQ(read->cluster.dns.port, 7946);
}

TEST(ParseCluster, TakesTheNameFromTheEnvironment) {
  ASSERT_EQ(setenv("FILEMINT_TEST_NODE_NAME", "n2.nodes.test", 1), 0);
  const auto read = parse(
      "cluster: {name: \"env:FILEMINT_TEST_NODE_NAME\", dns: \"nodes.test:7946\", ca: ca.pem,"
      " certificate: \"certs/{name}.pem\", key: \"certs/{name}.key\"}");
  ASSERT_TRUE(read) << read.error().front().text();
  EXPECT_EQ(read->cluster.name, "n2.nodes.test");
  EXPECT_EQ(read->cluster.certificate, "/etc/certs/n2.nodes.test.pem");
  EXPECT_EQ(read->cluster.key, "/etc/certs/n2.nodes.test.key");
  EXPECT_EQ(read->cluster.ca, "/etc/ca.pem");

  ASSERT_EQ(unsetenv("FILEMINT_TEST_NODE_NAME"), 0);
  EXPECT_THAT(problems_of("cluster: {name: \"env:FILEMINT_TEST_NODE_NAME\"}"),
              ::testing::Contains(::testing::HasSubstr("cluster.name: expected")));
}

TEST(ParseCluster, IsOffWithoutAName) {
  const auto read = parse("log: {access: false}");
  ASSERT_TRUE(read);
  EXPECT_FALSE(read->cluster.enabled());
}

class ClusterRefuses : public ::testing::TestWithParam<bad_text> {};

TEST_P(ClusterRefuses, WithLineAndColumn) {
  const auto text = GetParam().text + "\n" + std::string{one_source};
  EXPECT_THAT(problems_of(text), ElementsAre(GetParam().problem)) << text;
}

const auto whole = "cluster: {" + files + ", ";

INSTANTIATE_TEST_SUITE_P(
    Table, ClusterRefuses,
    ::testing::Values(
        bad_text{"cluster:\n  " + two,
                 "f.yaml:2:10: cluster.peers: without cluster.name there is no cluster"},
        bad_text{"cluster:\n  ca: ca.pem",
                 "f.yaml:2:7: cluster.ca: without cluster.name there is no cluster"},
        bad_text{"cluster:\n  name: Node",
                 "f.yaml:2:9: cluster.name: expected a DNS name in lower case, 1 to 253 of a-z, "
                 "0-9, - and ., env:NAME, or \"\", found `Node`"},
        bad_text{"cluster:\n  name: a\n  ca: c\n  certificate: c\n  " + two,
                 "f.yaml:2:9: cluster.key: a node of a cluster needs its certificate's key"},
        bad_text{whole + "\n  name: a}",
                 "f.yaml:2:9: cluster.peers: a cluster needs peers, or dns"},
        bad_text{whole + "\n  name: a, peers: [{name: a, address: \"h:1\"}]}",
                 "f.yaml:2:19: cluster.peers: a cluster needs peers, or dns"},
        bad_text{whole + "name: a,\n  listen: \"1.2.3.4:0\", " + two + "}",
                 "f.yaml:2:11: cluster.listen: peers have to know the port: not 0"},
        bad_text{whole + "name: a,\n  listen: \"unix:/s\", " + two + "}",
                 "f.yaml:2:11: cluster.listen: peers connect by TCP: a unix socket is none"},
        bad_text{whole + "name: a,\n  dns: \"z.test\", " + two + "}",
                 "f.yaml:2:8: cluster.dns: expected HOST:PORT, or \"\""},
        bad_text{whole + "name: a.z.test,\n  dns: \"z.test:1\", " + two + "}",
                 "f.yaml:2:8: cluster.dns: peers come by a list or by DNS: cluster.peers has some"},
        bad_text{whole + "\n  name: a, dns: \"z.test:1\"}",
                 "f.yaml:2:9: cluster.name: with cluster.dns a node's name is one label before it: "
                 "NODE.z.test"},
        bad_text{whole + "name: a, peers: [\n  {name: b, address: \"h:1\"},\n  {name: b, address: "
                         "\"i:1\"}]}",
                 "f.yaml:3:10: cluster.peers[1].name: a second peer named b"},
        bad_text{whole + "name: a, peers: [\n  {name: b}]}",
                 "f.yaml:2:3: cluster.peers[0]: a peer needs an address, HOST:PORT"},
        bad_text{
            whole + "name: a, peers: [\n  {address: \"h:1\"}]}",
            "f.yaml:2:3: cluster.peers[0]: a peer needs a name, which its certificate carries"},
        bad_text{whole + "name: a, peers: [\n  {name: b, address: \"h:0\"}]}",
                 "f.yaml:2:22: cluster.peers[0].address: expected HOST:PORT"},
        bad_text{whole + "name: a, peers: [\n  {name: b, adress: \"h:1\", address: \"h:1\"}]}",
                 "f.yaml:2:13: cluster.peers[0].adress: unknown key, did you mean address?"},
        bad_text{whole + "name: a,\n  listen: \"127.0.0.1:8081\", " + two + "}",
                 "f.yaml:2:11: cluster.listen: admin.listen and cluster.listen have the same port "
                 "8081"}));

}  // namespace
}  // namespace filemint::config_cluster_test
