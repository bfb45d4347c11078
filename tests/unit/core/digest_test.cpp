#include "core/crypto/hmac_sha256.hpp"
#include "core/crypto/sha256.hpp"
#include "tests/unit/core/hex.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace filemint {
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
  std::string key, message, mac;
};

const std::vector<hmac_case> rfc4231{
    {std::string(20, '\x0b'), "Hi There",
     "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
    {"Jefe", "what do ya want for nothing?",
     "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
    {std::string(20, '\xaa'), std::string(50, '\xdd'),
     "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
    {from_hex("0102030405060708090a0b0c0d0e0f10111213141516171819"), std::string(50, '\xcd'),
     "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
    {std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First",
     "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
    {std::string(131, '\xaa'),
     "This is a test using a larger than block-size key and a larger than block-size data. The key "
     "needs to be hashed before being used by the HMAC algorithm.",
     "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
};

TEST(HmacSha256, GivesThePublishedMacs) {  // RFC 4231 §4, but for the truncated case
  for (const auto& c : rfc4231) EXPECT_EQ(to_hex(hmac_sha256(c.key).mac(c.message)), c.mac);
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
}  // namespace filemint
