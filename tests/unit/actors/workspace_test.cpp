#include "actors/workspace.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace filemint::actors::workspace_test {
namespace {

void parse(workspace& in, std::size_t bytes) {
  in.body.append(R"({"filePaths":["a"]})" + std::string(bytes, ' '));
  ASSERT_TRUE(in.parser.parse(in.body.text(), in.body.capacity(), 1));
}

TEST(Workspace, ComesBackToItsPool) {
  auto held = take_workspace();
  const auto* first = held.get();
  held.reset();
  const auto again = take_workspace();
  EXPECT_EQ(again.get(), first);
  EXPECT_EQ(again->body.size(), 0u);
}

TEST(Workspace, WithALargeParserIsForLargeBodiesAlone) {
  auto large = take_large_workspace();
  parse(*large, 64 * 1024);
  const auto* grown = large.get();
  large.reset();
  std::vector<workspace_ptr> small;
  for (int i = 0; i < 300; ++i) {  // more than are pooled
    small.push_back(take_workspace());
    EXPECT_NE(small.back().get(), grown);
  }
  EXPECT_EQ(take_large_workspace().get(), grown);
}

TEST(Workspace, IsNotKeptOnceItHasGrownTooFar) {
  auto large = take_large_workspace();
  parse(*large, 2 * 1024 * 1024);
  const auto grown = large->parser.memory_bytes();
  large.reset();
  EXPECT_LT(take_large_workspace()->parser.memory_bytes(), grown);
}

}  // namespace
}  // namespace filemint::actors::workspace_test
