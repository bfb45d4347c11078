// A source on Azure: what is refused, and what the example shows of one.
#include "core/config/example.hpp"
#include "core/config/schema.hpp"
#include "core/config/source_keys.hpp"
#include "tests/unit/core/config_texts.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>

namespace filemint::config_azure_test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::problems_of;

std::string with_container(const std::string& name) {
  return "sources: [{name: a, type: azure, account: b, account_key: env:A, container: \"" + name +
         "\"}]";
}

TEST(AzureSource, ItsContainerHasANameOfAzures) {
  for (const auto* name : {"abc", "stored-files", "3-2-1", "123456789012345678901234567890"}) {
    EXPECT_THAT(problems_of(with_container(name)), ElementsAre()) << name;
  }
  const std::string too_long(64, 'a');
  for (const auto* name : {"ab", "-abc", "abc-", "a--b", "Abc", "a.b", "a_b", too_long.c_str()}) {
    EXPECT_THAT(problems_of(with_container(name)),
                ElementsAre("f.yaml:1:77: sources[0].container: a container of azure is named by 3 "
                            "to 63 lower-case letters, digits and single '-' between them"))
        << name;
  }
}

// What stands commented out is right once it does not: with all keys of its type.
TEST(AzureSource, TheExampleShowsOne) {
  std::string text;
  std::istringstream lines{config_example()};
  for (std::string line; std::getline(lines, line);)
    text += (line.starts_with("#  ") ? line.substr(1) : line) + "\n";
  const auto read = parse_config(text, "f.yaml", {});
  ASSERT_TRUE(read) << read.error().front().text();
  const auto* source = read->find_source("blobs");
  ASSERT_NE(source, nullptr);
  EXPECT_EQ(source->type, source_type::azure);
  EXPECT_EQ(source->bucket.account, "filemintaccount");
  text = text.substr(text.find("name: blobs"));
  for (const auto& s : source_settings()) {
    if (!is_of_type(s.key, source_type::azure) || s.key == "name") continue;
    EXPECT_THAT(text, HasSubstr("    " + s.key + ": "));
  }
}

}  // namespace
}  // namespace filemint::config_azure_test
