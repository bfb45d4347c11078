#include "core/crypto/hmac_sha256.hpp"
#include "core/crypto/hmac_sha512.hpp"
#include "core/crypto/sha256.hpp"
#include "tests/unit/core/hex.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace filemint::digest_test {
namespace {

using testing::from_hex;
using testing::to_hex;

TEST(Sha256, GivesThePublishedDigests) {  // FIPS 180-4, NIST's examples
  EXPECT_EQ(to_hex(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(to_hex(sha256("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(to_hex(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(to_hex(sha256(std::string(1'000'000, 'a'))),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

struct hmac_case {
  std::string key, message, mac, mac_by_sha512;
};

const std::vector<hmac_case> rfc4231{
    {std::string(20, '\x0b'), "Hi There",
     "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
     "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde"
     "daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854"},
    {"Jefe", "what do ya want for nothing?",
     "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
     "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
     "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"},
    {std::string(20, '\xaa'), std::string(50, '\xdd'),
     "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
     "fa73b0089d56a284efb0f0756c890be9b1b5dbdd8ee81a3655f83e33b2279d39"
     "bf3e848279a722c806b485a47e67c807b946a337bee8942674278859e13292fb"},
    {from_hex("0102030405060708090a0b0c0d0e0f10111213141516171819"), std::string(50, '\xcd'),
     "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
     "b0ba465637458c6990e5a8c5f61d4af7e576d97ff94b872de76f8050361ee3db"
     "a91ca5c11aa25eb4d679275cc5788063a5f19741120c4f2de2adebeb10a298dd"},
    {std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First",
     "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
     "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f352"
     "6b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598"},
    {std::string(131, '\xaa'),
     "This is a test using a larger than block-size key and a larger than block-size data. The key "
     "needs to be hashed before being used by the HMAC algorithm.",
     "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
     "e37b6a775dc87dbaa4dfa9f96e5e3ffddebd71f8867289865df5a32d20cdc944"
     "b6022cac3c4982b10d5eeb55c3e4de15134676fb6de0446065c97440fa8c6a58"},
};

TEST(HmacSha256, GivesThePublishedMacs) {  // RFC 4231 §4, but for the truncated case
  for (const auto& c : rfc4231) EXPECT_EQ(to_hex(hmac_sha256(c.key).mac(c.message)), c.mac);
}

TEST(HmacSha512, GivesThePublishedMacs) {  // of the same
  for (const auto& c : rfc4231) {
    const hmac_sha512 hmac(c.key);
    EXPECT_EQ(to_hex(hmac.mac(c.message)), c.mac_by_sha512);
    EXPECT_EQ(to_hex(hmac.mac(c.message)), c.mac_by_sha512) << "used a second time";
  }
}

TEST(HmacSha256, GivesTheSameMacWhereverTheBeginningEnds) {
  for (const auto& c : rfc4231) {
    const hmac_sha256 hmac(c.key);
    for (std::size_t i = 0; i <= c.message.size(); ++i) {
      const auto beginning = hmac.begin(std::string_view(c.message).substr(0, i));
      EXPECT_EQ(to_hex(beginning.mac(c.message)), c.mac);
      EXPECT_EQ(to_hex(beginning.mac(c.message)), c.mac) << "used a second time";
    }
  }
}

TEST(HmacSha256, KeepsWorkingWhereItIsMovedTo) {
  hmac_sha256 hmac("Jefe");
  auto beginning = hmac.begin("what do ya want ");
  const auto moved = std::move(hmac);
  const auto moved_beginning = std::move(beginning);
  EXPECT_EQ(to_hex(moved.mac("what do ya want for nothing?")), rfc4231[1].mac);
  EXPECT_EQ(to_hex(moved_beginning.mac("what do ya want for nothing?")), rfc4231[1].mac);
}

}  // namespace
}  // namespace filemint::digest_test
