#include "tests/unit/actors/minter_fixture.hpp"

#include <string>

namespace filemint::actors::minter_test {
namespace {

using namespace std::chrono_literals;

using testing::body_of;
using testing::paths_numbered;

class Minter : public testing::minter_test {};

TEST_F(Minter, MintsATokenForEachPathThatVerifies) {
  for (const auto algorithm : {token_algorithm::hs256, token_algorithm::eddsa}) {
    put_signing_keys(algorithm);
    if (!minters_[0]) start();
    const auto paths = paths_numbered(3);
    const auto call = post(body_of(paths, R"(,"expiresIn":60)"));
    ASSERT_TRUE(call->ok());
    expect_good_tokens(call, paths, 60s);
    EXPECT_EQ(call->notes.paths, 3u);
  }
}

TEST_F(Minter, SignsWithTheKeyOfTheSnapshotThatTheCallerWasFoundIn) {
  put_signing_keys();
  start();
  auto made = make_call(body_of(paths_numbered(600)));
  send_off(made);
  while (!made.under_way.lock()->known) run_one();
  const auto before = made.under_way.lock()->known;
  put_signing_keys();  // others
  run();
  expect_good_tokens(made, paths_numbered(600), 300s, *before);
}

TEST_F(Minter, Answers503WhereNoKeySigns) {
  without_keys = true;
  start();
  EXPECT_EQ(post()->code(), errc::service_unavailable);
}

TEST_F(Minter, CountsAnAnswersBytesUntilItIsGone) {
  put_signing_keys();
  start();
  const auto call = post();
  ASSERT_TRUE(call->ok());
  EXPECT_EQ(node().load.total(load_kind::answer_bytes), call->body().size());
  call->notes = {};
  EXPECT_EQ(node().load.total(load_kind::answer_bytes), 0u);
}

TEST_F(Minter, Answers503WhenUnsentAnswersFillTheNode) {
  settings.http.answer_budget_bytes = 1'000;
  put_signing_keys();
  start();
  EXPECT_EQ(post(body_of(paths_numbered(10)))->code(), errc::service_unavailable);
  EXPECT_TRUE(post()->ok());
  EXPECT_EQ(node().load.total(load_kind::answer_bytes), 0u);
}

// ---- turns

TEST_F(Minter, SignsAShortCallBetweenALongOnesChunks) {
  signer.paths_a_chunk = 10;
  start_alone();
  auto long_call = make_call(body_of(paths_numbered(1'000)));
  send_off(long_call);
  while (signer.signed_paths == 0) ASSERT_TRUE(run_one());
  auto short_call = make_call(body_of(paths_numbered(2)));
  send_off(short_call);
  while (!short_call->came()) ASSERT_TRUE(run_one());
  EXPECT_TRUE(short_call->ok());
  EXPECT_FALSE(long_call->came());
  run();
  EXPECT_TRUE(long_call->ok());
}

TEST_F(Minter, SignsLongCallsOneAfterTheOther) {
  signer.paths_a_chunk = 10;
  start_alone();
  auto first = make_call(body_of(paths_numbered(1'000)));
  send_off(first);
  auto second = make_call(body_of(paths_numbered(1'000)));
  send_off(second);
  while (!first->came()) ASSERT_TRUE(run_one());
  EXPECT_EQ(signer.signed_paths, 1'000);
  run();
  EXPECT_TRUE(first->ok());
  EXPECT_TRUE(second->ok());
}

TEST_F(Minter, LetsAShorterCallPassALongOne) {
  signer.paths_a_chunk = 10;
  start_alone();
  auto long_one = make_call(body_of(paths_numbered(1'000)));
  send_off(long_one);
  auto short_one = make_call(body_of(paths_numbered(20)));
  send_off(short_one);
  while (!short_one->came()) ASSERT_TRUE(run_one());
  EXPECT_FALSE(long_one->came());
  run();
  EXPECT_TRUE(long_one->ok());
}

TEST_F(Minter, DropsTheWorkOfACallThatIsAnsweredAlready) {
  signer.paths_a_chunk = 10;
  start_alone();
  auto made = make_call(body_of(paths_numbered(1'000)));
  send_off(made);
  while (signer.signed_paths == 0) ASSERT_TRUE(run_one());
  made.under_way.lock()->answer(fail(errc::gateway_timeout));
  run();
  EXPECT_EQ(signer.signed_paths, 10);
  EXPECT_EQ(made->code(), errc::gateway_timeout);
  EXPECT_EQ(made->deliveries, 1);
  EXPECT_TRUE(made.under_way.expired());
}

// ---- a backend that throws

TEST_F(Minter, FailsOnlyTheCallThatTheBackendThrowsAt) {
  signer.paths_a_chunk = 10;
  start_alone();
  signer.throw_in_begin = true;
  const auto first = post();
  EXPECT_EQ(first->code(), errc::internal_server_error);
  signer.throw_in_begin = false;

  for (const auto* bad : {"uploads/co_xyz/bad", "uploads/co_xyz/odd"}) {
    EXPECT_EQ(post(body_of({"uploads/co_xyz/a", bad}))->code(), errc::internal_server_error);
    auto paths = paths_numbered(35);
    paths.insert(paths.begin() + 15, bad);
    const auto long_call = post(body_of(paths));
    EXPECT_EQ(long_call->code(), errc::internal_server_error);
    EXPECT_EQ(long_call->deliveries, 1);
  }
  EXPECT_EQ(reports.size(), 5u);
  EXPECT_TRUE(post()->ok());
  EXPECT_TRUE(post(body_of(paths_numbered(35)))->ok());
}

TEST_F(Minter, SignsNoFurtherChunkOfACallThatHasFailed) {
  signer.paths_a_chunk = 10;
  start_alone();
  auto paths = paths_numbered(100);
  paths[0] = "uploads/co_xyz/bad";
  EXPECT_EQ(post(body_of(paths))->code(), errc::internal_server_error);
  EXPECT_EQ(signer.signed_paths, 0);
}

// ---- files that must exist

TEST_F(Minter, Answers404WithThePathsThatDoNotExist) {
  settings.sources[0].check_exists = true;
  start();
  const auto call = post(body_of(paths_numbered(4)));
  ASSERT_EQ(files.questions.size(), 1u);
  EXPECT_EQ(files.questions[0].source, "magikarp");
  EXPECT_EQ(files.questions[0].paths, paths_numbered(4));
  EXPECT_FALSE(call->came());
  files.answer(std::vector<std::size_t>{1, 3});
  run();
  EXPECT_EQ(call->code(), errc::resource_not_found);
  EXPECT_EQ(call->listed("filePaths"),
            (std::vector<std::string>{"uploads/co_xyz/1.pdf", "uploads/co_xyz/3.pdf"}));
  EXPECT_EQ(signer.signed_paths, 0);
}

TEST_F(Minter, GoesOnOnceAllFilesAreThere) {
  settings.sources[0].check_exists = true;
  start();
  const auto call = post(body_of(paths_numbered(4)));
  files.answer(std::vector<std::size_t>{});
  run();
  EXPECT_TRUE(call->ok());
  EXPECT_EQ(signer.signed_paths, 4);
}

TEST_F(Minter, TellsThatItCouldNotLook) {
  settings.sources[0].check_exists = true;
  start();
  const auto call = post();
  files.answer(fail(errc::service_unavailable));
  run();
  EXPECT_EQ(call->code(), errc::service_unavailable);
}

TEST_F(Minter, SignsNothingWhenTheDeadlinePassedWhileItLooked) {
  settings.sources[0].check_exists = true;
  start();
  const auto call = post();
  call.under_way.lock()->answer(fail(errc::gateway_timeout));
  files.answer(std::vector<std::size_t>{});
  run();
  EXPECT_EQ(call->code(), errc::gateway_timeout);
  EXPECT_EQ(signer.signed_paths, 0);
}

TEST_F(Minter, HoldsUpNoLargerCallsWhileItLooks) {
  settings.sources[0].check_exists = true;
  start();
  auto body = body_of(paths_numbered(4));
  body.resize(64 * 1024, ' ');
  const auto at_once = dispatcher::most_parsed_here / api::body_parser::memory_for(body.size());
  for (std::size_t i = 0; i < 2 * at_once; ++i) post(body);
  EXPECT_EQ(files.questions.size(), 2 * at_once);
}

// ---- an idle core's minter

TEST_F(Minter, GivesChunksToAnIdleCoreAndTakesThemBack) {
  signer.paths_a_chunk = 10;
  start_with_recording_peer();
  const auto call = post(body_of(paths_numbered(100)));
  EXPECT_FALSE(call->came());
  EXPECT_EQ(signer.signed_paths, 80);
  ASSERT_EQ(peer.chunks.size(), 2u);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_FALSE(call->came());
    peer.chunks[i].job->sign(peer.chunks[i].chunk);
    tell(minters_[0], chunk_signed{peer.chunks[i].job, 1});
    run();
  }
  EXPECT_TRUE(call->ok());
  EXPECT_EQ(signer.signed_paths, 100);
}

TEST_F(Minter, GivesAQuickPeerMore) {
  signer.paths_a_chunk = 10;
  start_with_recording_peer();
  auto made = make_call(body_of(paths_numbered(100)));
  send_off(made);
  while (peer.chunks.empty()) ASSERT_TRUE(run_one());
  const auto first = peer.chunks[0];
  first.job->sign(first.chunk);
  tell(minters_[0], chunk_signed{first.job, 1});
  run();
  EXPECT_EQ(peer.chunks.size(), 3u);
}

TEST_F(Minter, GivesNothingToACoreWithCallsOfItsOwn) {
  signer.paths_a_chunk = 10;
  start_with_recording_peer();
  const auto busy = node().load.take(load_kind::in_flight, 1, 1);
  EXPECT_TRUE(post(body_of(paths_numbered(100)))->ok());
  EXPECT_TRUE(peer.chunks.empty());
}

TEST_F(Minter, GivesNothingOfACallOfOneChunk) {
  signer.paths_a_chunk = 10;
  start_with_recording_peer();
  EXPECT_TRUE(post(body_of(paths_numbered(10)))->ok());
  EXPECT_TRUE(peer.chunks.empty());
}

TEST_F(Minter, FailsACallOnceWhenPeersFailItsChunks) {
  signer.paths_a_chunk = 10;
  start_with_recording_peer();
  const auto call = post(body_of(paths_numbered(100)));
  ASSERT_EQ(peer.chunks.size(), 2u);
  for (auto& chunk : std::exchange(peer.chunks, {})) {
    chunk.job->fail();
    tell(minters_[0], chunk_signed{chunk.job, 1});
  }
  run();
  EXPECT_EQ(call->code(), errc::internal_server_error);
  EXPECT_EQ(call->deliveries, 1);
  EXPECT_TRUE(call.under_way.expired());
}

TEST_F(Minter, Answers500WhenAPeerEndsWithAChunk) {
  signer.paths_a_chunk = 10;
  start_with_recording_peer();
  const auto call = post(body_of(paths_numbered(100)));
  ASSERT_EQ(peer.chunks.size(), 2u);
  EXPECT_FALSE(call->came());
  peer.chunks.clear();
  EXPECT_EQ(call->code(), errc::internal_server_error);
}

TEST_F(Minter, SharesACallWithARealPeer) {
  put_signing_keys();
  start();
  const auto call = post(body_of(paths_numbered(1'000)));
  expect_good_tokens(call, paths_numbered(1'000), 300s);
  EXPECT_TRUE(call.under_way.expired());
}

TEST_F(Minter, FailsACallWhoseChunkThrowsAtAPeer) {
  signer.paths_a_chunk = 10;
  start();
  for (const std::size_t at : {0u, 10u, 20u, 95u}) {
    auto paths = paths_numbered(100);
    paths[at] = "uploads/co_xyz/bad";
    const auto call = post(body_of(paths));
    EXPECT_EQ(call->code(), errc::internal_server_error) << at;
    EXPECT_EQ(call->deliveries, 1) << at;
  }
  EXPECT_TRUE(post(body_of(paths_numbered(100)))->ok());
}

}  // namespace
}  // namespace filemint::actors::minter_test
