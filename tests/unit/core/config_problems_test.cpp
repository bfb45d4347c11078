#include "tests/unit/core/config_texts.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace filemint::config_problems_test {
namespace {

using testing::bad_text;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::one_source;
using testing::problems_of;

class ParseConfigRefuses : public ::testing::TestWithParam<bad_text> {};

TEST_P(ParseConfigRefuses, WithLineAndColumn) {
  EXPECT_THAT(problems_of(GetParam().text), ElementsAre(GetParam().problem)) << GetParam().text;
}

const std::string whole_bucket = "bucket: b, access_key_id: env:A, secret_access_key: env:B";

std::string with_bucket(const std::string& keys) {
  return "sources: [{name: a, type: s3, " + keys + "}]";
}

std::string with_source(std::string text) {
  return text + "\n" + std::string{one_source};
}

INSTANTIATE_TEST_SUITE_P(
    UnknownKeys, ParseConfigRefuses,
    ::testing::Values(
        bad_text{with_source("workres: 1"),
                 "f.yaml:1:1: workres: unknown key, did you mean workers?"},
        bad_text{with_source("http:\n  max_inflight: 1"),
                 "f.yaml:2:3: http.max_inflight: unknown key, did you mean "
                 "max_in_flight?"},
        bad_text{with_source("root: x"),
                 "f.yaml:1:1: root: unknown key, did you mean sources.root?"},
        bad_text{with_source("max_paths: 5"),
                 "f.yaml:1:1: max_paths: unknown key, did you mean mint.max_paths?"},
        bad_text{with_source("logs: {level: info}"),
                 "f.yaml:1:1: logs: unknown key, did you mean log?"},
        bad_text{with_source("something_else: 1"), "f.yaml:1:1: something_else: unknown key"},
        bad_text{"sources:\n  - name: a\n    root: x\n    maxlife: 5",
                 "f.yaml:4:5: sources[0].maxlife: unknown key, did you mean max_life?"},
        bad_text{with_source("? [a, b]\n: 1"), "f.yaml:1:3: a key must be a word"}));

INSTANTIATE_TEST_SUITE_P(
    WrongTypesAndRanges, ParseConfigRefuses,
    ::testing::Values(
        bad_text{with_source("workers: many"),
                 "f.yaml:1:10: workers: expected a whole number from 0 to 256, found `many`"},
        bad_text{with_source("workers: 257"),
                 "f.yaml:1:10: workers: expected a whole number from 0 to 256, found `257`"},
        bad_text{with_source("workers: -1"),
                 "f.yaml:1:10: workers: expected a whole number from 0 to 256, found `-1`"},
        bad_text{with_source("workers: \"1\""),
                 "f.yaml:1:10: workers: expected a whole number from 0 to 256, found \"1\""},
        bad_text{with_source("workers:"),
                 "f.yaml:1:1: workers: expected a whole number from 0 to 256, found nothing"},
        bad_text{with_source("workers: [1]"),
                 "f.yaml:1:10: workers: expected a whole number from 0 to 256, found a list"},
        bad_text{
            with_source("http: {idle_timeout: 10 s}"),
            "f.yaml:1:22: http.idle_timeout: expected a duration from 1ms to 1h, found `10 s`"},
        bad_text{with_source("http: {idle_timeout: 61m}"),
                 "f.yaml:1:22: http.idle_timeout: expected a duration from 1ms to 1h, found `61m`"},
        bad_text{
            with_source("mint: {clock_skew: 1500ms}"),
            "f.yaml:1:20: mint.clock_skew: expected whole seconds from 0s to 5m, found `1500ms`"},
        bad_text{
            with_source("http: {max_body_bytes: 8MB}"),
            "f.yaml:1:24: http.max_body_bytes: expected a size from 1KiB to 1GiB, found `8MB`"},
        bad_text{with_source("http: 8080"), "f.yaml:1:7: http: expected keys of this section"},
        bad_text{with_source("log: {access: yes}"),
                 "f.yaml:1:15: log.access: expected true or false, found `yes`"},
        bad_text{with_source("log: {level: loud}"),
                 "f.yaml:1:14: log.level: expected one of trace, debug, info, warn, error, found "
                 "`loud`"},
        bad_text{with_source("store: {path: \"\"}"),
                 "f.yaml:1:15: store.path: expected a path, found \"\""},
        bad_text{"sources: {a: 1}",
                 "f.yaml:1:10: sources: expected a list, each entry beginning with `- name: ...`"},
        bad_text{"sources: [a]", "f.yaml:1:11: sources[0]: expected the keys of a source"},
        bad_text{"sources: [{name: A, root: x}]",
                 "f.yaml:1:18: sources[0].name: expected 1 to 32 of a-z, 0-9, _ and -, found `A`"},
        bad_text{"sources: [{name: " + std::string(33, 'a') + ", root: x}]",
                 "f.yaml:1:18: sources[0].name: expected 1 to 32 of a-z, 0-9, _ and -, found `" +
                     std::string(33, 'a') + "`"},
        bad_text{"sources: [{name: a, root: x, type: s4}]",
                 "f.yaml:1:36: sources[0].type: expected one of local, edge, s3, azure, gcs, "
                 "swift, found `s4`"},
        bad_text{"sources: [{name: a, root: x, max_life: 0}]",
                 "f.yaml:1:40: sources[0].max_life: expected whole seconds from 1s to 7d, found "
                 "`0`"}));

INSTANTIATE_TEST_SUITE_P(
    Contradictions, ParseConfigRefuses,
    ::testing::Values(
        bad_text{"", "f.yaml: sources: at least one source is needed"},
        bad_text{"sources: []", "f.yaml:1:10: sources: at least one source is needed"},
        bad_text{with_source("default_source: b"),
                 "f.yaml:1:17: default_source: no source is named b; there are: a"},
        bad_text{
            "sources:\n  - name: a\n    root: x\n    max_life: 60",
            "f.yaml:4:15: sources[0].default_life: default_life 5m is longer than max_life 1m"},
        bad_text{"sources:\n  - {name: a, root: x}\n  - {name: a, root: y}",
                 "f.yaml:3:12: sources[1].name: a second source named a"},
        bad_text{"sources: [{root: x}]", "f.yaml:1:11: sources[0]: a source needs a name"},
        bad_text{"sources: [{name: a}]",
                 "f.yaml:1:11: sources[0]: a local source needs a root, the folder of its files"},
        bad_text{with_source("http: {body_budget_bytes: 1MiB}"),
                 "f.yaml:1:27: http.body_budget_bytes: less than http.max_body_bytes, 8MiB: the "
                 "largest body could never be read"},
        bad_text{with_source("store: {path: s.db, postgres: \"env:PG\"}"),
                 "f.yaml:1:31: store.postgres: store.path names another store: leave one of them "
                 "out"},
        bad_text{with_source("store: {max_staleness: 10s, poll_interval: 6s}"),
                 "f.yaml:1:24: store.max_staleness: less than twice store.poll_interval, 6s: what "
                 "was read in time would count as too old"},
        bad_text{"sources:\n  - {name: a, root: x, public_url: https://one.example/f}\n"
                 "  - {name: b, root: y, public_url: http://two.example:81/f/}",
                 "f.yaml:3:36: sources[1].public_url: sources a and b have the same public_url but "
                 "for the host, /f/: a request's path must tell them apart"},
        bad_text{"sources:\n  - {name: a, root: x}\n"
                 "  - {name: b, root: y, public_url: https://cdn.example/files/a/}",
                 "f.yaml:3:36: sources[1].public_url: sources a and b have the same public_url but "
                 "for the host, /files/a/: a request's path must tell them apart"}));

INSTANTIATE_TEST_SUITE_P(
    Buckets, ParseConfigRefuses,
    ::testing::Values(
        bad_text{with_bucket("access_key_id: env:A, secret_access_key: env:B"),
                 "f.yaml:1:11: sources[0].bucket: a source of type s3 needs bucket"},
        bad_text{with_bucket("bucket: b, secret_access_key: env:B"),
                 "f.yaml:1:11: sources[0].access_key_id: a source of type s3 needs access_key_id"},
        bad_text{with_bucket("bucket: b, access_key_id: env:A"),
                 "f.yaml:1:11: sources[0].secret_access_key: a source of type s3 needs "
                 "secret_access_key"},
        bad_text{with_bucket("addressing: bucket_bound, access_key_id: env:A, secret_access_key: "
                             "env:B"),
                 "f.yaml:1:11: sources[0].endpoint: a source of type s3 needs endpoint, since "
                 "addressing "
                 "is bucket_bound"},
        bad_text{with_bucket(whole_bucket + ", root: files"),
                 "f.yaml:1:96: sources[0].root: not for a source of type s3"},
        bad_text{"sources: [{name: a, root: x, bucket: b}]",
                 "f.yaml:1:38: sources[0].bucket: not for a source of type local"},
        bad_text{"sources: [{name: a, type: S3, bucket: b, access_key_id: env:A}]",
                 "f.yaml:1:27: sources[0].type: expected one of local, edge, s3, azure, gcs, "
                 "swift, found `S3`"},
        bad_text{with_bucket("addressing: path, bucket: .., access_key_id: env:A, "
                             "secret_access_key: env:B"),
                 "f.yaml:1:57: sources[0].bucket: expected a bucket's name, or \"\", found `..`"},
        bad_text{with_bucket("bucket: b/c, access_key_id: env:A, secret_access_key: env:B"),
                 "f.yaml:1:39: sources[0].bucket: expected a bucket's name, or \"\", found `b/c`"},
        bad_text{with_bucket("bucket: b, access_key_id: env:A, secret_access_key: S3cr3t"),
                 "f.yaml:1:83: sources[0].secret_access_key: expected file:PATH or env:NAME, and "
                 "never the value itself; or \"\""}));

std::string with_endpoint(const std::string& url) {
  return with_bucket(whole_bucket + ", addressing: path, endpoint: \"" + url + "\"");
}

// What is signed has to be the Host field that clients send.
INSTANTIATE_TEST_SUITE_P(
    Endpoints, ParseConfigRefuses, ::testing::ValuesIn([] {
      std::vector<bad_text> all;
      for (const auto* url :
           {"ftp://a", "http://", "http://a/b", "http://a/", "https://A", "https://a:443",
            "http://a:80", "https://a:", "https://a:0", "https://a:080", "https://a:65536",
            "https://a:b", "https://a:1x", "https://[::1", "https://a?b", "https://u@a"}) {
        all.push_back({with_endpoint(url),
                       "f.yaml:1:118: sources[0].endpoint: expected http(s)://HOST[:PORT] in lower "
                       "case, without the scheme's own port, or \"\""});
      }
      return all;
    }()));

TEST(Endpoints, AreTakenAsClientsWriteThem) {
  for (const auto* url : {"", "http://a", "https://a.b-c.d:9000", "http://127.0.0.1:9000",
                          "https://[::1]:8443", "http://[::1]", "http://a:443", "https://a:80"}) {
    EXPECT_THAT(problems_of(with_endpoint(url)), ElementsAre()) << url;
  }
}

std::string with_virtual(const std::string& bucket, const std::string& endpoint) {
  return with_bucket("bucket: " + bucket +
                     ", access_key_id: env:A, secret_access_key: env:B, endpoint: \"" + endpoint +
                     "\"");
}

INSTANTIATE_TEST_SUITE_P(
    VirtualHosts, ParseConfigRefuses, ::testing::ValuesIn([] {
      const std::string address =
          "f.yaml:1:11: sources[0].addressing: addressing virtual puts the bucket's name before "
          "the "
          "host, and an IP address has nothing before it: set addressing: path";
      const std::string name =
          "f.yaml:1:39: sources[0].bucket: addressing virtual makes the bucket's name a part of "
          "the "
          "host: lower-case letters, digits and '-' alone, over http:// '.' too; set addressing: "
          "path";
      return std::vector<bad_text>{{with_virtual("b", "http://127.0.0.1:9000"), address},
                                   {with_virtual("b", "https://[::1]"), address},
                                   {with_virtual("B", "https://a"), name},
                                   {with_virtual("b_c", "http://a"), name},
                                   {with_virtual("b.c", "https://a"), name},
                                   {with_virtual("b.c", ""), name}};
    }()));

TEST(VirtualHosts, MayHoldDotsWithoutACertificate) {
  EXPECT_THAT(problems_of(with_virtual("b.c", "http://a")), ElementsAre());
}

INSTANTIATE_TEST_SUITE_P(
    RepeatedKeys, ParseConfigRefuses,
    ::testing::Values(bad_text{with_source("workers: 1\nworkers: 2"),
                               "f.yaml:2:1: workers: this key stands here twice"},
                      bad_text{with_source("http: {max_in_flight: 1, max_in_flight: 1}"),
                               "f.yaml:1:26: http.max_in_flight: this key stands here twice"},
                      bad_text{"sources: [{name: a, root: x, root: y}]",
                               "f.yaml:1:30: sources[0].root: this key stands here twice"},
                      bad_text{with_source("log:\nhttp:\nlog:"),
                               "f.yaml:3:1: log: this key stands here twice"}));

INSTANTIATE_TEST_SUITE_P(
    Yaml, ParseConfigRefuses,
    ::testing::Values(bad_text{"workers: 1\n  http: x",
                               "f.yaml:2:7: not readable as YAML: illegal "
                               "map value"},
                      bad_text{"- a", "f.yaml:1:1: expected keys and values, found a list"},
                      bad_text{"words",
                               "f.yaml:1:1: expected keys and values, found a single value"},
                      bad_text{with_source("") + "---\nworkers: 1\n",
                               "f.yaml:3:1: a second document: only one is read"},
                      bad_text{", a: b}", "f.yaml:1:1: a second document: only one is read"}));

class PublicUrl : public ::testing::TestWithParam<std::string> {};

TEST_P(PublicUrl, IsRefused) {
  const auto text = "sources: [{name: a, root: x, public_url: \"" + GetParam() + "\"}]";
  const auto problems = problems_of(text);
  ASSERT_EQ(problems.size(), 1U) << GetParam();
  EXPECT_THAT(problems.front(), HasSubstr("sources[0].public_url: expected http:// or https://"));
  EXPECT_THAT(problems.front(), Not(HasSubstr("found"))) << "it may hold a password";
}

INSTANTIATE_TEST_SUITE_P(BadForms, PublicUrl,
                         ::testing::Values("cdn.example/x", "ftp://cdn.example/", "https://",
                                           "https:///x", "https://:80/x", "https://h/x?y",
                                           "https://h/x#y", "https://user@h/", "https://h/a b"));

TEST(ParseConfig, TellsAllProblemsAtOnceInTheirOrder) {
  EXPECT_THAT(
      problems_of("workers: x\n"
                  "http:\n"
                  "  lisen: 1\n"
                  "  idle_timeout: 0s\n"
                  "workers: 2\n"
                  "default_source: z\n"
                  "sources:\n"
                  "  - name: a\n"
                  "  - {name: b, root: r, max_life: 1}\n"),
      ElementsAre(HasSubstr("f.yaml:1:10: workers"), HasSubstr("f.yaml:3:3: http.lisen"),
                  HasSubstr("f.yaml:4:17: http.idle_timeout"),
                  HasSubstr("f.yaml:5:1: workers: this key"),
                  HasSubstr("f.yaml:6:17: default_source"), HasSubstr("f.yaml:8:5: sources[0]"),
                  HasSubstr("f.yaml:9:34: sources[1].default_life")));
}

class LiteralSecret : public ::testing::TestWithParam<std::string> {};

TEST_P(LiteralSecret, IsRefusedAndNeverToldBack) {
  const auto problems = problems_of(with_source("store: {master_key: " + GetParam() + "}"));
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_THAT(problems.front(), HasSubstr("f.yaml:1:21: store.master_key: expected file:PATH"));
  EXPECT_THAT(problems.front(), Not(HasSubstr("c2VjcmV0")));
}

TEST_P(LiteralSecret, IsRefusedAsAConnectionString) {
  const auto problems = problems_of(with_source("store: {postgres: " + GetParam() + "}"));
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_THAT(problems.front(), HasSubstr("f.yaml:1:19: store.postgres: expected file:PATH"));
  EXPECT_THAT(problems.front(), Not(HasSubstr("c2VjcmV0")));
}

INSTANTIATE_TEST_SUITE_P(Forms, LiteralSecret,
                         ::testing::Values("c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0MTIzNDU2Nzg=",
                                           "\"c2VjcmV0\"", "[c2VjcmV0]", "\"env:c2VjcmV0+/=\"",
                                           "\"file:\"", "\"env:\"", "\"env:1c2VjcmV0\""));

}  // namespace
}  // namespace filemint::config_problems_test
