// A node that is reloaded again and again while many clients call it.
#include "src/demo_data.hpp"
#include "src/node.hpp"
#include "tests/integration/load.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace filemint::reload_test {
namespace {

using testing::load;

class Reload : public ::testing::Test {
protected:
  Reload() {
    auto made = demo_data::make({});
    data_.emplace(std::move(made.value()));
    asked_ = data_->settings();
    asked_.listeners.front().listen.port = 0;
    asked_.admin.listen.port = 0;
    asked_.workers = 2;
    node_ = std::move(node::start(asked_).value());
  }

  [[nodiscard]] std::string mint(std::string_view source) const {
    const auto body = R"({"filePaths":["uploads/co_xyz/file_abc123/context.pdf"],"urls":true,)"
                      R"("source":")" +
                      std::string{source} + "\"}";
    return "POST /api/v1/file-access HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " +
           std::string{data_->key().reveal()} +
           "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  }

  std::optional<demo_data> data_;
  config asked_;
  std::unique_ptr<node> node_;
};

TEST_F(Reload, FailsNoCallAndLeavesNothingBehind) {
  load during{node_->settings().listeners.front().listen.port, 16, [this](std::size_t turn) {
                return load::call{"mint", mint(turn % 2 == 0 ? "magikarp" : "betaimages")};
              }};
  const auto folder = data_->folder() / "files";
  for (std::size_t turn = 0; turn < 200; ++turn) {
    auto next = asked_;
    next.mint.calls_per_minute -= turn % 50;
    next.mint.throttle.per_day = turn % 3 == 0 ? 100'000'000 : 0;
    next.http.max_in_flight -= turn % 7;
    next.cors.origins = {"https://a-page-with-a-rather-long-name-" + std::to_string(turn % 5)};
    next.log.level = turn % 2 == 0 ? "debug" : "info";
    next.log.file = data_->folder() / (turn % 2 == 0 ? "even.log" : "odd.log");
    auto& beta = next.sources.back();
    beta.check_exists = turn % 4 == 0;
    beta.root = folder / (turn % 2 == 0 ? "magikarp" : "betaimages");
    beta.max_life += std::chrono::seconds{turn % 11};
    beta.public_url = "https://cdn.example.com/a-rather-long-prefix/" + std::to_string(turn % 13);
    node_->reload(next);
    ASSERT_EQ(node_->settings().cors, next.cors);
    ASSERT_EQ(node_->settings().sources.back(), beta);
  }
  EXPECT_TRUE(testing::eventually([&] { return during.seen("mint", "OK") > 500; }));
  for (const auto& [what, times] : during.end()) EXPECT_EQ(what.second, "OK") << times;
}

TEST_F(Reload, KeepsAConfigurationThatComesAgainOnce) {
  const auto* first = &node_->settings();
  auto other = asked_;
  other.mint.max_paths = 7;
  node_->reload(other);
  const auto* second = &node_->settings();
  EXPECT_NE(second, first);
  EXPECT_EQ(second->mint.max_paths, 7U);
  EXPECT_EQ(second->listeners, first->listeners) << "as bound";
  node_->reload(asked_);
  EXPECT_EQ(&node_->settings(), first);
  node_->reload(other);
  EXPECT_EQ(&node_->settings(), second);
}

}  // namespace
}  // namespace filemint::reload_test
