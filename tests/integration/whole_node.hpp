// A whole node in this process, with a way into its parts.
#pragma once

#include "actors/homed.hpp"
#include "actors/interfaces.hpp"
#include "src/demo_data.hpp"
#include "src/node.hpp"
#include "tests/integration/load.hpp"

#include <boost/asio/post.hpp>
#include <caf/send.hpp>
#include <gtest/gtest.h>

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace filemint {

struct node_access {
  static void on_each_core(node& whole, const std::function<void(actors::core_entrance&)>& work) {
    whole.on_each_core([&](node::core& each) { work(each.entrance); });
  }
  // On its own thread.
  static void on_clock_watch(node& whole, const std::function<void(clock_watch&)>& work) {
    boost::asio::post(whole.cores_.front()->services.io, [&, work] { work(*whole.clock_watch_); });
  }
  static void introduce(node& whole, const std::vector<actors::supervisor_actor>& guests) {
    std::vector<actors::supervisor_actor> all;
    for (const auto& each : whole.cores_) all.push_back(each->supervisor);
    const auto ours = all;
    all.insert(all.end(), guests.begin(), guests.end());
    for (const auto& each : ours) caf::anon_send(each, actors::supervisor_list{all});
  }
  template <class A, class... Ts>
  static auto spawn(node& whole, Ts&&... xs) {
    return actors::spawn_at<A>(*whole.actors_, whole.cores_.front()->context.home,
                               std::forward<Ts>(xs)...);
  }
};

namespace testing {

class whole_node : public ::testing::Test {
protected:
  void start(const node::backend_maker& backend_of) {
    auto made = demo_data::make({});
    ASSERT_TRUE(made);
    data_.emplace(std::move(*made));
    auto settings = data_->settings();
    settings.listeners.front().listen.port = 0;
    settings.admin.listen.port = 0;
    settings.workers = 2;
    settings.sources.front().check_exists = false;
    auto started = node::start(std::move(settings), backend_of);
    ASSERT_TRUE(started) << started.error().message;
    node_ = std::move(*started);
  }

  [[nodiscard]] std::uint16_t port() const {
    return node_->settings().listeners.front().listen.port;
  }

  [[nodiscard]] std::string mint(const std::vector<std::string>& paths,
                                 std::string_view source = "betaimages") const {
    const auto body = nlohmann::json{{"filePaths", paths}, {"source", source}}.dump();
    return "POST /api/v1/file-access HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " +
           std::string{data_->key().reveal()} +
           "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  }
  [[nodiscard]] static std::vector<std::string> paths(std::size_t count) {
    std::vector<std::string> made;
    for (std::size_t i = 0; i < count; ++i) made.push_back("uploads/co_xyz/" + std::to_string(i));
    return made;
  }
  [[nodiscard]] double metric(std::string_view name) const {
    connection admin{node_->settings().admin.listen.port};
    const auto text = '\n' + admin.ask("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n").body;
    const auto line = text.find('\n' + std::string{name} + ' ');
    if (line == text.npos) return -1;
    double value = -1;
    std::from_chars(text.data() + line + name.size() + 2, text.data() + text.size(), value);
    return value;
  }

  std::optional<demo_data> data_;
  std::unique_ptr<node> node_;
};

}  // namespace testing
}  // namespace filemint
