#include "backends/temp_url.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace filemint::backends::temp_url_test {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view container = "/v1/AUTH_account/container/";

temp_url_signer signer_of(temp_url_digest digest, wall_time expires_at) {
  return {std::make_shared<temp_url_key>(secret{"mykey"}, digest), container, expires_at};
}

std::vector<std::string> sign(const temp_url_signer& by,
                              const std::vector<std::string_view>& names) {
  std::vector<file_path> paths;
  for (const auto name : names) paths.push_back(file_path::make(name).value());
  std::vector<std::string> tokens(names.size(), std::string(by.token_size(), '#'));
  std::vector<char*> places;
  for (auto& token : tokens) places.push_back(token.data());
  by.sign(paths, places);
  for (std::size_t i = 0; i < names.size(); ++i)
    EXPECT_EQ(places[i], tokens[i].data() + tokens[i].size());
  return tokens;
}

// Swift, "TempURL Middleware", its two examples.
TEST(TempUrl, GivesThePublishedExamples) {
  EXPECT_EQ(sign(signer_of(temp_url_digest::sha256, wall_time{1'512'508'563s}), {"object"}).front(),
            "temp_url_sig=732fcac368abb10c78a4cbe95c3fab7f311584532bf779abd5074e13cbe8b88b"
            "&temp_url_expires=1512508563");
  EXPECT_EQ(  // but for the padding, which it does without
      sign(signer_of(temp_url_digest::sha512, wall_time{1'516'741'234s}), {"object"}).front(),
      "temp_url_sig=sha512:ZrSijn0GyDhsv1ltIj9hWUTrbAeE45NcKXyBaz7aPbSMvROQ4jtYH4nRAmm"
      "5ErY2X11Yc1Yhy2OMCyN3yueeXg&temp_url_expires=1516741234");
}

TEST(TempUrl, SignsThePathsOwnBytes) {  // computed by Python's hmac
  EXPECT_EQ(sign(signer_of(temp_url_digest::sha256, wall_time{1'512'508'563s}),
                 {"C++ notes/100%20off \xc3\xa9"})
                .front()
                .substr(0, 77),
            "temp_url_sig=197902dceaaed0302e5ba1d026052e0274058353f05d64e78b182f603e8ad732");
}

TEST(TempUrl, SignsEachOfManyAsItWouldAlone) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < temp_url_signer::at_once; ++i)
    names.push_back(std::string(1 + i * 31, 'a'));
  const std::vector<std::string_view> views(names.begin(), names.end());
  for (const auto digest : {temp_url_digest::sha256, temp_url_digest::sha512}) {
    const auto signer = signer_of(digest, wall_time{1'512'508'563s});
    const auto together = sign(signer, views);
    for (std::size_t i = 0; i < names.size(); ++i)
      EXPECT_EQ(together[i], sign(signer, {views[i]}).front());
  }
}

}  // namespace
}  // namespace filemint::backends::temp_url_test
