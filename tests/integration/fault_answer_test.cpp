// The 500 as a client sees it: that of a backend that throws.
#include "tests/integration/whole_node.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <yaml-cpp/yaml.h>

#include <map>
#include <memory>
#include <ranges>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace filemint::fault_answer_test {
namespace {

using ::testing::_;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

constexpr std::string_view secret = "the storage's password is hunter2";

class throwing final : public backends::backend {
public:
  explicit throwing(std::string source) : source_(std::move(source)) {}

  [[nodiscard]] std::string_view source() const noexcept override { return source_; }
  [[nodiscard]] result<std::unique_ptr<backends::batch>> begin(
      const snapshot&, const backends::mint_terms&) const override {
    throw std::runtime_error(std::string{secret});
  }

private:
  std::string source_;
};

std::multimap<std::string, std::string> fields_of(const std::string& head) {
  std::multimap<std::string, std::string> fields;
  for (const auto part : std::views::split(std::string_view{head}, std::string_view{"\r\n"})) {
    const std::string line(part.begin(), part.end());
    const auto colon = line.find(": ");
    if (colon != line.npos) fields.emplace(line.substr(0, colon), line.substr(colon + 2));
  }
  return fields;
}

// The document's example of it, a flow mapping of strings and one empty object.
nlohmann::json documented_fault() {
  const auto document = YAML::LoadFile(FILEMINT_SOURCE_DIR "/api/openapi.yaml");
  const auto value = document["components"]["responses"]["InternalServerError"]["content"]
                             ["application/json"]["examples"]["fault"]["value"];
  const auto error = value["error"];
  EXPECT_TRUE(value["data"].IsNull());
  EXPECT_TRUE(error["details"].IsMap() && error["details"].size() == 0);
  return {{"success", value["success"].as<bool>()},
          {"data", nullptr},
          {"error",
           {{"code", error["code"].as<std::string>()},
            {"message", error["message"].as<std::string>()},
            {"details", nlohmann::json::object()}}}};
}

class FaultAnswer : public testing::whole_node {
protected:
  // The call, with these fields more.
  [[nodiscard]] std::string call(const std::string& fields) const {
    auto raw = mint({"uploads/co_xyz/a"});
    return raw.insert(raw.find("Content-Length"), fields);
  }
};

TEST_F(FaultAnswer, IsTheDocumentedEnvelopeWithTheHeadersOfAMint) {
  start([](const config&, const source_config& source) {
    return std::make_unique<throwing>(source.name);
  });
  testing::connection client{port()};
  const auto answer = client.ask(call("X-Request-Id: fault-1\r\n"));
  EXPECT_EQ(answer.status, 500);
  EXPECT_EQ(answer.body, R"({"success":false,"data":null,"error":{"code":"INTERNAL_SERVER_ERROR",)"
                         R"("message":"An unexpected server error occurred.","details":{}}})");
  EXPECT_EQ(nlohmann::json::parse(answer.body), documented_fault());
  EXPECT_THAT(fields_of(answer.head),
              UnorderedElementsAre(Pair("Content-Type", "application/json"),
                                   Pair("Content-Length", std::to_string(answer.body.size())),
                                   Pair("Date", _), Pair("X-Request-Id", "fault-1"),
                                   Pair("X-RateLimit-Limit", "100000000"),
                                   Pair("X-RateLimit-Remaining", _), Pair("X-RateLimit-Reset", _),
                                   Pair("RateLimit-Policy", _), Pair("RateLimit", _)));

  const auto next = client.ask(call(""));
  EXPECT_EQ(next.status, 500) << "the connection lives";
  EXPECT_EQ(next.body, answer.body);
  const auto made = fields_of(next.head).find("X-Request-Id")->second;
  EXPECT_THAT(made, ::testing::MatchesRegex("[A-Za-z0-9._-]+"));
  EXPECT_NE(made, "fault-1");
  EXPECT_FALSE((answer.head + answer.body).contains(secret));
}

}  // namespace
}  // namespace filemint::fault_answer_test
