#include "backends/remote_call.hpp"

#include <gtest/gtest.h>

#include <array>

namespace filemint::backends::remote_call_test {
namespace {

TEST(RemoteOrigin, IsReadFromWhatConfigurationsHave) {
  EXPECT_EQ(read_origin("https://s3.eu-central-1.amazonaws.com").value(),
            (remote_origin{true, "s3.eu-central-1.amazonaws.com", 443}));
  EXPECT_EQ(read_origin("http://minio.internal").value(),
            (remote_origin{false, "minio.internal", 80}));
  EXPECT_EQ(read_origin("http://127.0.0.1:9000").value(),
            (remote_origin{false, "127.0.0.1", 9000}));
  EXPECT_EQ(read_origin("https://[2001:db8::1]:8443").value(),
            (remote_origin{true, "2001:db8::1", 8443}));
  EXPECT_EQ(read_origin("http://[::1]").value(), (remote_origin{false, "::1", 80}));
  EXPECT_EQ(read_origin("http://169.254.169.254").value(),
            (remote_origin{false, "169.254.169.254", 80}));
}

TEST(RemoteOrigin, IsNothingElse) {
  for (const auto* const text : {"",
                                 "https://",
                                 "ftp://a",
                                 "a.example",
                                 "https://a/b",
                                 "https://a/",
                                 "https://u@a",
                                 "https://a?b",
                                 "https://a#b",
                                 "https://A.example",
                                 "https://a b",
                                 "https://a:",
                                 "https://a:0",
                                 "https://a:65536",
                                 "https://a:-1",
                                 "https://a:+1",
                                 "https://a:8o",
                                 "https://a:80:80",
                                 "https://:80",
                                 "https://[::1",
                                 "https://[]",
                                 "https://[::1]x",
                                 "https://[::1]x:80",
                                 "https://[a.example]:x",
                                 "https://::1",
                                 "https://a\r\nb"}) {
    const auto found = read_origin(text);
    EXPECT_FALSE(found) << text;
  }
  EXPECT_EQ(read_origin("ftp://a").error().message, "not http(s)://HOST[:PORT]: ftp://a");
}

TEST(RemoteAnswer, FindsAFieldWhateverItsCase) {
  const remote_answer answer{200, {{"Retry-After", "3"}, {"retry-after", "9"}}, {}};
  EXPECT_EQ(answer.field("retry-AFTER"), "3");
  EXPECT_EQ(answer.field("retry"), "");
}

}  // namespace
}  // namespace filemint::backends::remote_call_test
