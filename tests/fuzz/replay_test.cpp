// The committed corpora, each input through its target.
#include "targets.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace filemint::fuzz {
namespace {

std::string contents(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return text.str();
}

class FuzzCorpus : public testing::TestWithParam<target> {};

TEST_P(FuzzCorpus, BreaksNoPromise) {
  const auto folder =
      std::filesystem::path(FILEMINT_SOURCE_DIR) / "tests/fuzz/corpus" / GetParam().name;
  std::size_t tried = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    EXPECT_NO_THROW(GetParam().run(contents(entry.path()))) << entry.path();
    ++tried;
  }
  EXPECT_GE(tried, 5u);
  EXPECT_NO_THROW(GetParam().run({}));
}

INSTANTIATE_TEST_SUITE_P(Targets, FuzzCorpus, testing::ValuesIn(targets),
                         [](const auto& instance) { return std::string{instance.param.name}; });

}  // namespace
}  // namespace filemint::fuzz
