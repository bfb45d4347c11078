#include "core/config/example.hpp"
#include "core/config/load.hpp"
#include "core/config/scalar.hpp"
#include "core/config/schema.hpp"
#include "core/config/secret_reference.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <ostream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace filemint {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view one_source = "sources: [{name: a, root: files}]\n";

config_or_problems parse(std::string_view text, const std::filesystem::path& folder = {}) {
  return parse_config(text, "f.yaml", folder);
}

std::vector<std::string> problems_of(std::string_view text) {
  std::vector<std::string> out;
  if (const auto read = parse(text); !read) {
    for (const auto& p : read.error()) out.push_back(p.text());
  }
  return out;
}

class temporary_folder {
public:
  temporary_folder() {
    std::string name = testing::TempDir() + "filemint_config_XXXXXX";
    path_ = ::mkdtemp(name.data());
  }
  ~temporary_folder() { std::filesystem::remove_all(path_); }
  std::filesystem::path write(const std::string& name, std::string_view text) const {
    std::ofstream{path_ / name} << text;
    return path_ / name;
  }
  const std::filesystem::path& path() const { return path_; }

private:
  std::filesystem::path path_;
};

TEST(ConfigExample, ParsesToTheDefaultsAndTheTwoSources) {
  config expected;
  expected.default_source = "magikarp";
  expected.sources = {
      source_config{.name = "magikarp", .root = "files/magikarp", .check_exists = true},
      source_config{.name = "betaimages", .root = "files/betaimages"}};
  const auto read = parse(config_example());
  ASSERT_TRUE(read) << problems_of(config_example()).front();
  EXPECT_EQ(*read, expected);
}

// Each key stands on a line of its own, at its section's depth, with a comment above it.
TEST(ConfigExample, HoldsEveryKeyOnceWithAComment) {
  std::vector<std::string> keys;
  std::string section, previous;
  std::istringstream lines{config_example()};
  for (std::string line; std::getline(lines, line); previous = line) {
    if (line.empty() || line.contains("# ")) continue;
    if (line == "  - name: betaimages") break;
    const auto start = line.find_first_not_of(" -");
    const auto key = line.substr(start, line.find(':') - start);
    if (start == 0) section.clear();
    if (line.ends_with(':')) {
      section = key + ".";
      continue;
    }
    EXPECT_THAT(previous, HasSubstr("# ")) << line;
    keys.push_back(section + key);
  }
  std::vector<std::string> known;
  for (const auto& s : config_settings()) known.push_back(s.key);
  for (const auto& s : source_settings()) known.push_back("sources." + s.key);
  EXPECT_EQ(keys, known);
}

TEST(ConfigExample, HasNoLineOverAHundredColumns) {
  std::istringstream lines{config_example()};
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 100U) << line;
}

TEST(WriteConfig, ReadsBackAsTheSameValues) {
  config c;
  c.workers = 3;
  c.http.listen = {"::1", 0};
  c.http.lame_duck = 1'250ms;
  c.http.max_body_bytes = 1025;
  c.mint.issuer = "the \"mint\": # of\\ours";
  c.mint.clock_skew = 0s;
  c.store.path = "/a folder/with: colon/\tand tab";
  c.store.master_key = "file:/a folder/key";
  c.log = {.level = "error", .format = log_format::text, .file = "null", .access = false};
  c.sources = {source_config{.name = "true",
                             .root = "-",
                             .algorithm = token_algorithm::eddsa,
                             .public_url = "https://cdn.example/x/",
                             .max_life = 90min}};
  c.default_source = "true";
  const auto read = parse(write_config(c));
  ASSERT_TRUE(read) << problems_of(write_config(c)).front() << write_config(c);
  EXPECT_EQ(*read, c);
}

TEST(ParseConfig, TakesTheFirstSourceAsTheDefault) {
  const auto read = parse("sources: [{name: b, root: x}, {name: a, root: y}]");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->default_source, "b");
}

TEST(ParseConfig, TakesAnEmptySectionAsItsDefaults) {
  const auto read = parse("http:\nlog:\n" + std::string{one_source});
  ASSERT_TRUE(read);
  EXPECT_EQ(read->http, http_config{});
}

TEST(ParseConfig, PutsRelativePathsBehindTheFilesFolder) {
  const auto read = parse(
      "store: {path: ../s.db, master_key: \"file:keys/m\"}\nlog: {file: l.log}\n"
      "sources: [{name: a, root: files}, {name: b, root: /abs}]",
      "/etc/filemint");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->store.path, "/etc/s.db");
  EXPECT_EQ(read->store.master_key, "file:/etc/filemint/keys/m");
  EXPECT_EQ(read->log.file, "/etc/filemint/l.log");
  EXPECT_EQ(read->sources[0].root, "/etc/filemint/files");
  EXPECT_EQ(read->sources[1].root, "/abs");
}

TEST(ParseConfig, LeavesStdoutAndVariablesAsTheyAre) {
  const auto read = parse(one_source, "/etc");
  ASSERT_TRUE(read);
  EXPECT_TRUE(read->log.file.empty());
  EXPECT_EQ(read->store.master_key, "env:FILEMINT_MASTER_KEY");
}

struct bad_file {
  std::string text;
  std::string problem;  // the only one, whole

  friend void PrintTo(const bad_file& file, std::ostream* out) { *out << file.text; }
};

class ParseConfigRefuses : public testing::TestWithParam<bad_file> {};

TEST_P(ParseConfigRefuses, WithLineAndColumn) {
  EXPECT_THAT(problems_of(GetParam().text), ElementsAre(GetParam().problem)) << GetParam().text;
}

std::string with_source(std::string text) {
  return text + "\n" + std::string{one_source};
}

INSTANTIATE_TEST_SUITE_P(
    UnknownKeys, ParseConfigRefuses,
    testing::Values(bad_file{with_source("workres: 1"),
                             "f.yaml:1:1: workres: unknown key, did you mean workers?"},
                    bad_file{with_source("http:\n  lisen: a:1"),
                             "f.yaml:2:3: http.lisen: unknown key, did you mean listen?"},
                    bad_file{with_source("max_paths: 5"),
                             "f.yaml:1:1: max_paths: unknown key, did you mean mint.max_paths?"},
                    bad_file{with_source("logs: {level: info}"),
                             "f.yaml:1:1: logs: unknown key, did you mean log?"},
                    bad_file{with_source("something_else: 1"),
                             "f.yaml:1:1: something_else: unknown key"},
                    bad_file{"sources:\n  - name: a\n    root: x\n    maxlife: 5",
                             "f.yaml:4:5: sources[0].maxlife: unknown key, did you mean max_life?"},
                    bad_file{with_source("? [a, b]\n: 1"), "f.yaml:1:3: a key must be a word"}));

INSTANTIATE_TEST_SUITE_P(
    WrongTypesAndRanges, ParseConfigRefuses,
    testing::Values(
        bad_file{with_source("workers: many"),
                 "f.yaml:1:10: workers: expected a whole number from 0 to 256, found `many`"},
        bad_file{with_source("workers: 257"),
                 "f.yaml:1:10: workers: expected a whole number from 0 to 256, found `257`"},
        bad_file{with_source("workers: -1"),
                 "f.yaml:1:10: workers: expected a whole number from 0 to 256, found `-1`"},
        bad_file{with_source("workers: \"1\""),
                 "f.yaml:1:10: workers: expected a whole number from 0 to 256, found \"1\""},
        bad_file{with_source("workers:"),
                 "f.yaml:1:1: workers: expected a whole number from 0 to 256, found nothing"},
        bad_file{with_source("workers: [1]"),
                 "f.yaml:1:10: workers: expected a whole number from 0 to 256, found a list"},
        bad_file{
            with_source("http: {idle_timeout: 10 s}"),
            "f.yaml:1:22: http.idle_timeout: expected a duration from 1ms to 1h, found `10 s`"},
        bad_file{with_source("http: {idle_timeout: 61m}"),
                 "f.yaml:1:22: http.idle_timeout: expected a duration from 1ms to 1h, found `61m`"},
        bad_file{
            with_source("mint: {clock_skew: 1500ms}"),
            "f.yaml:1:20: mint.clock_skew: expected whole seconds from 0s to 5m, found `1500ms`"},
        bad_file{
            with_source("http: {max_body_bytes: 8MB}"),
            "f.yaml:1:24: http.max_body_bytes: expected a size from 1KiB to 1GiB, found `8MB`"},
        bad_file{with_source("http: {listen: 8080}"),
                 "f.yaml:1:16: http.listen: expected HOST:PORT, found `8080`"},
        bad_file{with_source("http: {listen: \"::1:80\"}"),
                 "f.yaml:1:16: http.listen: expected HOST:PORT, found \"::1:80\""},
        bad_file{with_source("http: {listen: \"a:65536\"}"),
                 "f.yaml:1:16: http.listen: expected HOST:PORT, found \"a:65536\""},
        bad_file{with_source("http: 8080"), "f.yaml:1:7: http: expected keys of this section"},
        bad_file{with_source("log: {access: yes}"),
                 "f.yaml:1:15: log.access: expected true or false, found `yes`"},
        bad_file{with_source("log: {level: loud}"),
                 "f.yaml:1:14: log.level: expected one of trace, debug, info, warn, error, found "
                 "`loud`"},
        bad_file{with_source("store: {path: \"\"}"),
                 "f.yaml:1:15: store.path: expected a path, found \"\""},
        bad_file{"sources: {a: 1}",
                 "f.yaml:1:10: sources: expected a list, each entry beginning with `- name: NAME`"},
        bad_file{"sources: [a]", "f.yaml:1:11: sources[0]: expected the keys of a source"},
        bad_file{"sources: [{name: A, root: x}]",
                 "f.yaml:1:18: sources[0].name: expected 1 to 32 of a-z, 0-9, _ and -, found `A`"},
        bad_file{"sources: [{name: " + std::string(33, 'a') + ", root: x}]",
                 "f.yaml:1:18: sources[0].name: expected 1 to 32 of a-z, 0-9, _ and -, found `" +
                     std::string(33, 'a') + "`"},
        bad_file{"sources: [{name: a, root: x, type: s4}]",
                 "f.yaml:1:36: sources[0].type: expected local, found `s4`"},
        bad_file{"sources: [{name: a, root: x, max_life: 0}]",
                 "f.yaml:1:40: sources[0].max_life: expected whole seconds from 1s to 7d, found "
                 "`0`"}));

INSTANTIATE_TEST_SUITE_P(
    Contradictions, ParseConfigRefuses,
    testing::Values(
        bad_file{"", "f.yaml: sources: at least one source is needed"},
        bad_file{"sources: []", "f.yaml: sources: at least one source is needed"},
        bad_file{with_source("default_source: b"),
                 "f.yaml:1:17: default_source: no source is named b; there are: a"},
        bad_file{
            "sources:\n  - name: a\n    root: x\n    max_life: 60",
            "f.yaml:4:15: sources[0].default_life: default_life 5m is longer than max_life 1m"},
        bad_file{"sources:\n  - {name: a, root: x}\n  - {name: a, root: y}",
                 "f.yaml:3:12: sources[1].name: a second source named a"},
        bad_file{"sources: [{root: x}]", "f.yaml:1:11: sources[0]: a source needs a name"},
        bad_file{"sources: [{name: a}]",
                 "f.yaml:1:11: sources[0]: a local source needs a root, the folder of its files"},
        bad_file{with_source("http:\n  listen: 127.0.0.1:9\n  admin: 0.0.0.0:9"),
                 "f.yaml:3:10: http.admin: http.listen and http.admin have the same port 9"},
        bad_file{with_source("http: {listen: \"127.0.0.1:8081\"}"),
                 "f.yaml:1:16: http.admin: http.listen and http.admin have the same port 8081"},
        bad_file{with_source("http: {body_budget_bytes: 1MiB}"),
                 "f.yaml:1:27: http.body_budget_bytes: less than http.max_body_bytes, 8MiB: the "
                 "largest body could never be read"},
        bad_file{"sources:\n  - {name: a, root: x, public_url: https://one.example/f}\n"
                 "  - {name: b, root: y, public_url: http://two.example:81/f/}",
                 "f.yaml:3:36: sources[1].public_url: sources a and b have the same public_url but "
                 "for the host, /f/: a request's path must tell them apart"},
        bad_file{"sources:\n  - {name: a, root: x}\n"
                 "  - {name: b, root: y, public_url: https://cdn.example/files/a/}",
                 "f.yaml:3:36: sources[1].public_url: sources a and b have the same public_url but "
                 "for the host, /files/a/: a request's path must tell them apart"}));

INSTANTIATE_TEST_SUITE_P(
    RepeatedKeys, ParseConfigRefuses,
    testing::Values(bad_file{with_source("workers: 1\nworkers: 2"),
                             "f.yaml:2:1: workers: this key stands here twice"},
                    bad_file{with_source("http: {max_in_flight: 1, max_in_flight: 1}"),
                             "f.yaml:1:26: http.max_in_flight: this key stands here twice"},
                    bad_file{"sources: [{name: a, root: x, root: y}]",
                             "f.yaml:1:30: sources[0].root: this key stands here twice"},
                    bad_file{with_source("log:\nhttp:\nlog:"),
                             "f.yaml:3:1: log: this key stands here twice"}));

INSTANTIATE_TEST_SUITE_P(
    Yaml, ParseConfigRefuses,
    testing::Values(bad_file{"workers: 1\n  http: x",
                             "f.yaml:2:7: not readable as YAML: illegal "
                             "map value"},
                    bad_file{"- a", "f.yaml:1:1: expected keys and values, found a list"},
                    bad_file{"words", "f.yaml:1:1: expected keys and values, found a single value"},
                    bad_file{with_source("") + "---\nworkers: 1\n",
                             "f.yaml:4:1: a second document: only one is read"}));

class PublicUrl : public testing::TestWithParam<std::string> {};

TEST_P(PublicUrl, IsRefused) {
  const auto text = "sources: [{name: a, root: x, public_url: \"" + GetParam() + "\"}]";
  const auto problems = problems_of(text);
  ASSERT_EQ(problems.size(), 1U) << GetParam();
  EXPECT_THAT(problems.front(), HasSubstr("sources[0].public_url: expected http:// or https://"));
}

INSTANTIATE_TEST_SUITE_P(BadForms, PublicUrl,
                         testing::Values("cdn.example/x", "ftp://cdn.example/", "https://",
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

class LiteralSecret : public testing::TestWithParam<std::string> {};

TEST_P(LiteralSecret, IsRefusedAndNeverToldBack) {
  const auto problems = problems_of(with_source("store: {master_key: " + GetParam() + "}"));
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_THAT(problems.front(), HasSubstr("f.yaml:1:21: store.master_key: expected file:PATH"));
  EXPECT_THAT(problems.front(), Not(HasSubstr("c2VjcmV0")));
}

INSTANTIATE_TEST_SUITE_P(Forms, LiteralSecret,
                         testing::Values("c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0MTIzNDU2Nzg=",
                                         "\"c2VjcmV0\"", "[c2VjcmV0]", "\"env:c2VjcmV0+/=\"",
                                         "\"file:\"", "\"env:\"", "\"env:1c2VjcmV0\""));

TEST(LoadConfig, ReadsAFileAndPutsPathsBehindItsFolder) {
  const temporary_folder folder;
  const auto read = load_config(folder.write("f.yaml", config_example()));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->store.path, folder.path() / "filemint.db");
  EXPECT_EQ(read->sources[0].root, folder.path() / "files/magikarp");
}

TEST(LoadConfig, SaysWhichFileCannotBeReadAndWhy) {
  const temporary_folder folder;
  const auto missing = load_config(folder.path() / "none.yaml");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().at(0).text(),
            (folder.path() / "none.yaml").string() + ": cannot be read: No such file or directory");
  const auto directory = load_config(folder.path());
  ASSERT_FALSE(directory);
  EXPECT_EQ(directory.error().at(0).text(), folder.path().string() + ": is a folder, not a file");
  const auto large = load_config(folder.write("l.yaml", std::string(1024 * 1024 + 1, '#')));
  ASSERT_FALSE(large);
  EXPECT_THAT(large.error().at(0).text(), HasSubstr("is larger than 1 MiB"));
}

TEST(ReadSecret, TakesAFileWithoutItsLineEnd) {
  const temporary_folder folder;
  const auto read = read_secret("file:" + folder.write("key", "hush\n").string());
  ASSERT_TRUE(read);
  EXPECT_EQ(read->reveal(), "hush");
}

TEST(ReadSecret, TakesAVariable) {
  ::setenv("FILEMINT_TEST_SECRET", "hush", 1);
  const auto read = read_secret("env:FILEMINT_TEST_SECRET");
  ::unsetenv("FILEMINT_TEST_SECRET");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->reveal(), "hush");
}

TEST(ReadSecret, SaysWhatIsMissingAndNeverTheSecret) {
  const temporary_folder folder;
  const auto path = folder.path().string();
  const auto empty = folder.write("empty", "\n").string();
  const auto large = folder.write("large", std::string(max_secret_bytes + 1, 'x')).string();
  const struct {
    std::string reference, message;
    errc code;
  } table[] = {
      {"hush", "a secret is given as file:PATH or env:NAME, never as itself",
       errc::invalid_argument},
      {"env:FILEMINT_TEST_NONE", "the environment variable FILEMINT_TEST_NONE is not set",
       errc::not_found},
      {"file:" + path + "/none", path + "/none: No such file or directory", errc::not_found},
      {"file:" + path, path + ": Is a directory", errc::io_failed},
      {"file:" + empty, "file:" + empty + " is empty", errc::invalid_argument},
      {"file:" + large, "file:" + large + " is over 64 KiB", errc::invalid_argument},
  };
  for (const auto& row : table) {
    const auto read = read_secret(row.reference);
    ASSERT_FALSE(read) << row.reference;
    EXPECT_EQ(read.error().message, row.message);
    EXPECT_EQ(read.error().code, row.code) << row.reference;
  }
}

TEST(ReadDuration, KnowsItsUnits) {
  const struct {
    std::string_view text;
    std::optional<std::chrono::milliseconds> value;
  } table[] = {{"250ms", 250ms}, {"10s", 10s},
               {"5m", 5min},     {"2h", 2h},
               {"7", 7s},        {"0", 0ms},
               {"", {}},         {"s", {}},
               {"1.5s", {}},     {"-1s", {}},
               {"+1s", {}},      {"1 s", {}},
               {"1S", {}},       {"7d", 168h},
               {"1w", {}},       {"99999999999999999999", {}},
               {"0x10", {}},     {"9223372036854775807h", {}}};
  for (const auto& row : table) EXPECT_EQ(read_duration(row.text), row.value) << row.text;
}

TEST(ReadSize, KnowsItsUnits) {
  const struct {
    std::string_view text;
    std::optional<std::uint64_t> value;
  } table[] = {{"512B", 512},
               {"32KiB", 32768},
               {"8MiB", 8U << 20},
               {"1GiB", 1U << 30},
               {"7", 7},
               {"8M", {}},
               {"8MB", {}},
               {"8mib", {}},
               {"-8MiB", {}},
               {"", {}},
               {"18446744073709551615KiB", {}}};
  for (const auto& row : table) EXPECT_EQ(read_size(row.text), row.value) << row.text;
}

}  // namespace
}  // namespace filemint
