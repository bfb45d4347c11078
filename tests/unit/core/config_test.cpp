#include "core/config/example.hpp"
#include "core/config/schema.hpp"
#include "core/config/source_keys.hpp"
#include "tests/unit/core/config_texts.hpp"
#include "tests/unit/core/temporary_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace filemint::config_test {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using testing::one_source;
using testing::problems_of;
using testing::temporary_folder;

config_or_problems parse(std::string_view text, const std::filesystem::path& folder = {}) {
  return parse_config(text, "f.yaml", folder);
}

TEST(ConfigExample, ParsesToTheDefaultsTheTwoSourcesAndAThrottle) {
  config expected;
  EXPECT_FALSE(expected.mint.throttle.any());
  expected.mint.throttle = {.per_day = 1'000, .rate = 10, .burst = 5};
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
  std::vector<std::string> sections;  // one a depth
  std::string previous;
  std::istringstream lines{config_example()};
  for (std::string line; std::getline(lines, line); previous = line) {
    if (line.empty() || line.contains("# ")) continue;
    if (line == "  - name: betaimages") break;
    const auto start = line.find_first_not_of(" -");
    const auto key = line.substr(start, line.find(':') - start);
    const bool in_list =
        !sections.empty() && (sections[0] == "listeners" || sections[0] == "sources");
    const auto depth = start == 0 ? 0 : (in_list ? start - 2 : start) / 2;
    ASSERT_LE(depth, sections.size()) << line;
    sections.resize(depth);
    if (line.ends_with(':')) {
      sections.push_back(key);
      continue;
    }
    EXPECT_THAT(previous, HasSubstr("# ")) << line;
    std::string whole;
    for (const auto& each : sections) whole += each + ".";
    keys.push_back(whole + key);
  }
  std::vector<std::string> known;
  for (const auto& s : config_settings()) {
    known.push_back(s.key);
    if (s.key == "cluster.key") known.emplace_back("cluster.peers");
  }
  for (const auto& s : listener_settings()) known.push_back("listeners." + s.key);
  for (const auto& s : source_settings()) {
    if (is_of_type(s.key, source_type::local)) known.push_back("sources." + s.key);
  }
  EXPECT_EQ(keys, known);
}

// What stands commented out is right once it does not: with all keys of its type.
struct shown_source {
  const char* name;
  source_type type;
};
class ConfigExampleShows : public ::testing::TestWithParam<shown_source> {};
INSTANTIATE_TEST_SUITE_P(Types, ConfigExampleShows,
                         ::testing::Values(shown_source{"parcels", source_type::edge},
                                           shown_source{"objects", source_type::s3},
                                           shown_source{"blobs", source_type::azure},
                                           shown_source{"media", source_type::gcs},
                                           shown_source{"archive", source_type::swift}),
                         [](const auto& of) { return std::string{name_of(of.param.type)}; });

TEST_P(ConfigExampleShows, ASourceOfThatType) {
  std::string text;
  std::istringstream lines{config_example()};
  for (std::string line; std::getline(lines, line);)
    text += (line.starts_with("#  ") ? line.substr(1) : line) + "\n";
  const auto read = parse_config(text, "f.yaml", {});
  ASSERT_TRUE(read) << read.error().front().text();
  const auto* source = read->find_source(GetParam().name);
  ASSERT_NE(source, nullptr);
  EXPECT_EQ(source->type, GetParam().type);
  const auto begin = text.find("- name: " + std::string{GetParam().name});
  const auto entry = text.substr(begin, text.find("\n#\n", begin) - begin);
  for (const auto& s : source_settings()) {
    if (s.key == "name") continue;
    EXPECT_EQ(entry.contains("\n    " + s.key + ": "), is_of_type(s.key, GetParam().type)) << s.key;
  }
}

TEST(ConfigExample, HasNoLineOverAHundredColumns) {
  std::istringstream lines{config_example()};
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 100U) << line;
}

TEST(WriteConfig, ReadsBackAsTheSameValues) {
  config c;
  c.workers = 3;
  c.listeners = {listener_config{.listen = {.host = "::1", .port = 0, .socket_path = {}},
                                 .tls = {.certificate = "/a folder/cert.pem",
                                         .key = "/k.pem",
                                         .client_ca = "/ca.pem",
                                         .clients = client_certificates::optional,
                                         .min_version = tls_version::v1_3}},
                 listener_config{.listen = {.host = "", .port = 0, .socket_path = "/run/a: b.sock"},
                                 .socket_mode = 0600,
                                 .verify = verify_way::envoy,
                                 .tls = {}}};
  c.admin = {.listen = {.host = "10.0.0.1", .port = 9, .socket_path = {}},
             .token = "file:/a folder/token",
             .tls = {.certificate = "/c", .key = "/k", .client_ca = {}}};
  c.http.lame_duck = 1'250ms;
  c.http.max_body_bytes = 1025;
  c.mint.issuer = "the \"mint\": # of\\ours";
  c.mint.clock_skew = 0s;
  c.store.path = "/a folder/with: colon/\tand tab";
  c.store.master_key = "file:/a folder/key";
  c.cluster = {
      .name = "n1",
      .listen = {.host = "::", .port = 7, .socket_path = {}},
      .ca = "/a folder/ca.pem",
      .certificate = "/c.pem",
      .key = "/k.pem",
      .peers = {{.name = "n1", .address = {.host = "n1.test", .port = 8, .socket_path = {}}},
                {.name = "n2", .address = {.host = "::1", .port = 9, .socket_path = {}}}}};
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

TEST(ParseConfig, ReadsBackAStoreOnPostgres) {
  config c;
  c.default_source = "a";
  c.sources = {source_config{.name = "a", .root = "x"}};
  c.listeners = {listener_config{}};
  c.store.postgres = "env:FILEMINT_POSTGRES";
  const auto read = parse(write_config(c));
  ASSERT_TRUE(read) << problems_of(write_config(c)).front();
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
      "listeners: [{listen: unix:f.sock, tls: {certificate: c.pem, key: k.pem}}]\n"
      "admin: {token: file:token}\n"
      "sources: [{name: a, root: files}, {name: b, root: /abs}]",
      "/etc/filemint");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->listeners.front().listen.socket_path, "/etc/filemint/f.sock");
  EXPECT_EQ(read->listeners.front().tls.certificate, "/etc/filemint/c.pem");
  EXPECT_EQ(read->listeners.front().tls.key, "/etc/filemint/k.pem");
  EXPECT_EQ(read->admin.token, "file:/etc/filemint/token");
  EXPECT_EQ(read->store.path, "/etc/s.db");
  EXPECT_EQ(read->store.master_key, "file:/etc/filemint/keys/m");
  EXPECT_EQ(read->log.file, "/etc/filemint/l.log");
  EXPECT_EQ(read->sources[0].root, "/etc/filemint/files");
  EXPECT_EQ(read->sources[1].root, "/abs");
}

TEST(ParseConfig, PutsTheConnectionStringsFileBehindTheFilesFolder) {
  const auto read = parse("store: {postgres: \"file:pg\"}\n" + std::string{one_source}, "/etc");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->store.postgres, "file:/etc/pg");
}

TEST(ParseConfig, LeavesStdoutAndVariablesAsTheyAre) {
  const auto read = parse(one_source, "/etc");
  ASSERT_TRUE(read);
  EXPECT_TRUE(read->log.file.empty());
  EXPECT_EQ(read->store.master_key, "env:FILEMINT_MASTER_KEY");
}

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

TEST(CorsOrigins, AreAListOfOriginsAsBrowsersWriteThem) {
  const auto with = [](std::string_view list) {
    return "cors: {origins: " + std::string(list) + "}\n" + std::string(one_source);
  };
  const auto read = parse(with("[https://app.example, \"http://localhost:3000\"]"));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->cors.origins,
            (std::vector<std::string>{"https://app.example", "http://localhost:3000"}));
  EXPECT_EQ(*parse(write_config(*read)), *read);
  EXPECT_TRUE(parse(with("[]"))->cors.origins.empty());
  for (const auto* wrong :
       {"https://app.example", "[https://app.example/]", "[https://APP.example]", "['*']",
        "['null']", "[https://app.example:443]", "[http://app.example:80]", "[app.example]",
        "[[https://a]]", "{a: b}", ""}) {
    const auto told = problems_of(with(wrong));
    ASSERT_EQ(told.size(), 1U) << wrong;
    EXPECT_THAT(told[0], HasSubstr("cors.origins: expected a list of origins")) << wrong;
  }
}

}  // namespace
}  // namespace filemint::config_test
