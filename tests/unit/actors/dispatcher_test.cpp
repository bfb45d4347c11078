#include "actors/dispatcher.hpp"

#include "backends/local.hpp"
#include "tests/unit/actors/fixture.hpp"

#include <array>

namespace filemint::actors::dispatcher_test {
namespace {

using namespace std::chrono_literals;

class Dispatcher : public testing::actor_test {
protected:
  void start() {
    fourth_ = spawn<dispatcher>(core());
    for (std::size_t source = 0; source < settings.sources.size(); ++source) {
      tell(fourth_, source, minter_actor{spawn<testing::recording_minter>(to_minters.at(source))});
    }
    connect(fourth_);
  }
  // The details' field that is to blame.
  static std::string field(const sent_call& of) {
    const auto* name = of->detail<std::string>("field");
    return name == nullptr ? "" : *name;
  }

  dispatcher_actor fourth_;
  std::array<testing::minter_traffic, 2> to_minters;
};

TEST_F(Dispatcher, HandsACheckedCallToItsSourcesMinter) {
  start();
  const auto call = post(
      R"({"filePaths":["uploads/co_xyz/b","uploads/co_xyz/a","uploads/co_xyz/b"],"expiresIn":60,"urls":true})");
  ASSERT_EQ(to_minters[0].calls.size(), 1u);
  EXPECT_TRUE(to_minters[1].calls.empty());
  const auto& checked = to_minters[0].calls[0];
  EXPECT_EQ(checked->wanted.source, "magikarp");
  EXPECT_EQ(checked->wanted.expires_in, 60s);
  EXPECT_TRUE(checked->wanted.urls);
  ASSERT_EQ(checked->wanted.paths.size(), 2u);
  EXPECT_EQ(checked->wanted.paths[0].bytes(), "uploads/co_xyz/b");
  EXPECT_EQ(checked->notes.source, "magikarp");
  EXPECT_EQ(checked->notes.paths, 2u);
}

TEST_F(Dispatcher, RefusesABodyOverTheLimitUnread) {
  start();
  auto call = make_call("");
  call.out->body = body_state::over_limit;
  send_off(call);
  run();
  EXPECT_EQ(call->code(), errc::invalid_payload);
  ASSERT_NE(call->detail<std::int64_t>("max_body_bytes"), nullptr);
  EXPECT_EQ(*call->detail<std::int64_t>("max_body_bytes"), 8 * 1024 * 1024);
}

TEST_F(Dispatcher, LooksAtTheHeadBeforeTheBody) {
  start();
  auto encoded = make_call("not JSON");
  encoded.out->head.content_encoded = true;
  send_off(encoded);
  auto text = make_call("not JSON");
  text.out->head.content_type = "text/plain";
  send_off(text);
  run();
  EXPECT_EQ(encoded->code(), errc::invalid_payload);
  EXPECT_EQ(field(encoded), "Content-Encoding");
  EXPECT_EQ(text->code(), errc::invalid_payload);
  EXPECT_EQ(field(text), "Content-Type");
}

TEST_F(Dispatcher, ChecksTheBodyInTheContractsOrder) {
  start();
  // Each body breaks its rule and all later ones.
  const struct {
    std::string_view body;
    errc code;
  } rows[] = {
      {R"({"filePaths":"a","source":"no","expiresIn":0)", errc::invalid_payload},
      {R"({"source":"no","expiresIn":0})", errc::missing_required_field},
      {R"({"filePaths":["/a","other/a"],"source":"no","expiresIn":0})", errc::invalid_payload},
      {R"({"filePaths":["/a","other/a"],"expiresIn":0})", errc::unprocessable_entity},
      {R"({"filePaths":["/a","other/a"]})", errc::unprocessable_entity},
      {R"({"filePaths":["other/a"]})", errc::forbidden},
  };
  for (const auto& [body, code] : rows) EXPECT_EQ(post(body)->code(), code) << body;
  EXPECT_TRUE(to_minters[0].calls.empty());
}

TEST_F(Dispatcher, NamesTheSourcesThatItKnows) {
  start();
  const auto call = post(R"({"filePaths":["uploads/co_xyz/a"],"source":"Magikarp"})");
  EXPECT_EQ(call->code(), errc::invalid_payload);
  EXPECT_EQ(call->listed("allowed"), (std::vector<std::string>{"magikarp", "betaimages"}));
}

TEST_F(Dispatcher, HoldsALifeAgainstItsSource) {
  settings.sources[0].max_life = 60s;
  settings.sources[0].default_life = 50s;
  start();
  const auto too_long = post(R"({"filePaths":["uploads/co_xyz/a"],"expiresIn":61})");
  EXPECT_EQ(too_long->code(), errc::unprocessable_entity);
  EXPECT_EQ(field(too_long), "expiresIn");
  const auto usual = post();
  ASSERT_EQ(to_minters[0].calls.size(), 1u);
  EXPECT_EQ(to_minters[0].calls[0]->wanted.expires_in, 50s);
}

TEST_F(Dispatcher, NamesEveryPathOutsideTheGrants) {
  start();
  const auto call = post(testing::body_of(
      {"uploads/co_xyz/a", "uploads/co_x/b", "uploads/co_xyzz/c", "uploads/co_xyz"}));
  EXPECT_EQ(call->code(), errc::forbidden);
  EXPECT_EQ(call->listed("filePaths"),
            (std::vector<std::string>{"uploads/co_x/b", "uploads/co_xyzz/c"}));
  EXPECT_TRUE(to_minters[0].calls.empty());
}

// Its storage holds no name that ends with a dot.
class dotless_backend final : public backends::backend {
public:
  [[nodiscard]] std::string_view source() const noexcept override { return "betaimages"; }
  [[nodiscard]] api::path_rule holds() const noexcept override {
    return [](file_path path) noexcept { return !path.bytes().ends_with('.'); };
  }
  [[nodiscard]] result<std::unique_ptr<backends::batch>> begin(
      const snapshot&, const backends::mint_terms&) const override {
    return fail(errc::service_unavailable);
  }
};

TEST_F(Dispatcher, AsksItsSourcesBackendWhatItHolds) {
  const backends::local any{"magikarp", "issuer"};
  const dotless_backend picky;
  backends = {&any, &picky};
  start();
  EXPECT_FALSE(post(R"({"filePaths":["uploads/co_xyz/a."]})")->came());
  EXPECT_EQ(to_minters[0].calls.size(), 1u);
  const auto refused = post(R"({"filePaths":["b","a.","/c"],"source":"betaimages"})");
  EXPECT_EQ(refused->code(), errc::unprocessable_entity) << "before the grants";
  EXPECT_EQ(refused->listed("filePaths"), (std::vector<std::string>{"a.", "/c"}));
}

TEST_F(Dispatcher, RefusesEveryPathOfASourceWithoutGrants) {
  start();
  const auto call = post(R"({"filePaths":["uploads/co_xyz/a"],"source":"betaimages"})");
  EXPECT_EQ(call->code(), errc::forbidden);
  EXPECT_EQ(call->listed("filePaths"), (std::vector<std::string>{"uploads/co_xyz/a"}));
  EXPECT_TRUE(to_minters[1].calls.empty());
}

TEST_F(Dispatcher, DropsACallThatIsAnsweredAlready) {
  start();
  auto made = make_call();
  made.out->answer(fail(errc::gateway_timeout));
  send_off(made);
  run();
  EXPECT_TRUE(to_minters[0].calls.empty());
  EXPECT_EQ(made->code(), errc::gateway_timeout);
}

// ---- a body whose parsing takes longer than a turn

std::string large_body(std::string_view path = "uploads/co_xyz/a") {
  return testing::body_of({std::string{path}}) +
         std::string(dispatcher::largest_body_parsed_here, ' ');
}

TEST_F(Dispatcher, HasALargeBodyParsedElsewhere) {
  start();
  const auto call = post(large_body());
  EXPECT_EQ(pool.waiting.size(), 1u);
  EXPECT_TRUE(to_minters[0].calls.empty());
  pool.run_all();
  EXPECT_TRUE(to_minters[0].calls.empty()) << "the pool's thread has no business there";
  run();
  EXPECT_EQ(to_minters[0].calls.size(), 1u);
  EXPECT_FALSE(call->came());
}

TEST_F(Dispatcher, ParsesABodyOfUsualSizeItself) {
  start();
  auto text = large_body();
  text.resize(dispatcher::largest_body_parsed_here);
  const auto call = post(text);
  EXPECT_TRUE(pool.waiting.empty());
  EXPECT_EQ(to_minters[0].calls.size(), 1u);
}

TEST_F(Dispatcher, HoldsALargeBodyToTheSameRules) {
  start();
  const auto foreign = post(large_body("other/a"));
  const auto broken = post(large_body() + "x");
  pool.run_all();
  run();
  EXPECT_EQ(foreign->code(), errc::forbidden);
  EXPECT_EQ(broken->code(), errc::invalid_payload);
}

// ---- larger bodies have their turn

constexpr std::size_t turn_bytes = 64 * 1024;
const auto turns_at_once = dispatcher::most_parsed_here / api::body_parser::memory_for(turn_bytes);

std::string larger_body() {
  auto text = testing::body_of({"uploads/co_xyz/a"});
  text.resize(turn_bytes, ' ');
  return text;
}

TEST_F(Dispatcher, ParsesAFewLargerBodiesAtATime) {
  start();
  std::vector<sent_call> calls;
  for (std::size_t i = 0; i < turns_at_once + 2; ++i) calls.push_back(post(larger_body()));
  auto& parsed = to_minters[0].calls;
  ASSERT_EQ(parsed.size(), turns_at_once);

  parsed.erase(parsed.begin());
  run();
  EXPECT_EQ(parsed.size(), turns_at_once) << "the next one has its turn";
  parsed.clear();
  run();
  ASSERT_EQ(parsed.size(), 1u);
  EXPECT_EQ(parsed[0].operator->(), calls.back().under_way.lock().get());
}

TEST_F(Dispatcher, LetsASmallCallPassThoseThatWait) {
  start();
  std::vector<sent_call> calls;
  for (std::size_t i = 0; i < turns_at_once + 1; ++i) calls.push_back(post(larger_body()));
  const auto small = post();
  ASSERT_EQ(to_minters[0].calls.size(), turns_at_once + 1);
  EXPECT_EQ(to_minters[0].calls.back().operator->(), small.under_way.lock().get());
}

TEST_F(Dispatcher, RefusesUnparsedWhatIsMoreThanACompanysShare) {
  const auto share = 2 * turns_at_once;  // half of them wait, and need no parser yet
  settings.http.body_budget_bytes = 8 * cores * share * turn_bytes;
  start();
  std::vector<sent_call> calls;
  for (std::size_t i = 0; i < share; ++i) calls.push_back(post(larger_body()));
  for (const auto& call : calls) EXPECT_FALSE(call->came());
  EXPECT_EQ(post(larger_body())->code(), errc::service_unavailable);
}

TEST_F(Dispatcher, RefusesUnparsedWhatTheNodeHasNoMemoryFor) {
  start();
  const auto held = node().load.take(load_kind::body_bytes, 1,
                                     node().load.limit(load_kind::body_bytes) - turn_bytes);
  const auto call = post(larger_body());
  EXPECT_EQ(call->code(), errc::service_unavailable);
  EXPECT_TRUE(to_minters[0].calls.empty());
}

TEST_F(Dispatcher, RefusesUnparsedWhenAnswersAreHardlyTaken) {
  start();
  const auto unsent = node().load.take(load_kind::answer_bytes, 0,
                                       node().load.limit(load_kind::answer_bytes) / 8 * 7 + 1);
  const auto call = post(larger_body());
  EXPECT_EQ(call->code(), errc::service_unavailable);
  EXPECT_TRUE(to_minters[0].calls.empty());
}

TEST_F(Dispatcher, RefusesALargeBodyWhileThePoolIsFull) {
  start();
  pool.full = true;
  const auto call = post(large_body());
  run();
  EXPECT_EQ(call->code(), errc::service_unavailable);
  EXPECT_TRUE(to_minters[0].calls.empty());
}

}  // namespace
}  // namespace filemint::actors::dispatcher_test
