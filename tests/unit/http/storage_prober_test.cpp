#include "tests/unit/http/storage_fixture.hpp"

#include <gmock/gmock.h>

namespace filemint::http::storage_prober_test {
namespace {

using namespace std::chrono_literals;
using metrics::probe_end;
using testing::answer;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class StorageProber : public testing::storage_test {
protected:
  StorageProber() { start(); }
};

TEST_F(StorageProber, AsksByASignedHeadAtTheEndpoint) {
  ask({"a b/ü.txt"});
  ASSERT_EQ(fetcher.out.size(), 1u);
  const auto& sent = fetcher.out.front();
  EXPECT_EQ(sent.request.method, "HEAD");
  EXPECT_EQ(sent.request.to, (backends::remote_origin{false, "storage.test", 9000}));
  EXPECT_EQ(sent.request.target, "/bucket/a%20b/%C3%BC.txt?sig=a b/ü.txt");
  EXPECT_THAT(sent.request.fields, IsEmpty());
  EXPECT_EQ(sent.terms.within, 2s);
  EXPECT_LT(store.signed_from, clock.wall) << "clocks differ";
  EXPECT_GT(store.signed_until, clock.wall);
}

TEST_F(StorageProber, TellsWhatIsMissingInOrder) {
  const auto& call = ask({"a", "b", "c", "d"});
  ASSERT_EQ(fetcher.out.size(), 4u);
  std::swap(fetcher.out[1], fetcher.out[3]);
  for (const auto status : {200u, 404u, 206u}) end(answer(status));
  EXPECT_FALSE(call.outcome);
  end(answer(404));
  EXPECT_THAT(call.missing(), ElementsAre(1, 3));
  EXPECT_EQ(call.answers, 1);
  EXPECT_EQ(ended(probe_end::exists), 2u);
  EXPECT_EQ(ended(probe_end::missing), 2u);
}

TEST_F(StorageProber, AnswersACallWithoutPaths) {
  EXPECT_THAT(ask({}).missing(), IsEmpty());
}

TEST_F(StorageProber, LeavesOtherSourcesToWhoeverKnowsThem) {
  EXPECT_THAT(ask({"a"}, 1s, "files").missing(), ElementsAre(7));
  EXPECT_THAT(ask({"a"}, 1s, "none").missing(), ElementsAre(7));
  EXPECT_THAT(others.sources, ElementsAre("files", "none"));
  EXPECT_THAT(fetcher.out, IsEmpty());
}

// ---- what it remembers

TEST_F(StorageProber, RemembersWhatExistsAndForASecondWhatDoesNot) {
  ask({"there", "gone"});
  end(answer(200));
  end(answer(404));
  pass(999ms);
  EXPECT_THAT(ask({"gone", "there"}).missing(), ElementsAre(0));
  EXPECT_THAT(fetcher.out, IsEmpty());
  EXPECT_EQ(cells().cache_hits.read(), 2u);
  EXPECT_EQ(cells().cache_misses.read(), 2u);
  pass(1ms);
  const auto& call = ask({"gone", "there"});
  ASSERT_EQ(fetcher.out.size(), 1u);
  end(answer(200));
  EXPECT_THAT(call.missing(), IsEmpty());
  pass(29s);
  ask({"there"});
  EXPECT_EQ(fetcher.out.size(), 1u) << "30 s after it was seen";
}

TEST_F(StorageProber, RemembersNothingOfWhatItCouldNotTell) {
  for (const auto status : {403u, 500u, 503u, 301u}) {
    ask({"a"});
    ASSERT_EQ(fetcher.out.size(), 1u) << status;
    end(answer(status));
  }
}

TEST_F(StorageProber, TakesUpOtherTerms) {
  ask({"a"});
  end(answer(200));
  sources[1].exists_cache_life = 0s;
  sources[1].missing_as_403 = true;
  prober->put_terms(sources);
  run();
  const auto& call = ask({"a"});
  ASSERT_EQ(fetcher.out.size(), 1u);
  end(answer(403));
  EXPECT_THAT(call.missing(), ElementsAre(0));
}

// ---- many at once

TEST_F(StorageProber, AsksFor64PathsAtOnce) {
  const auto& call = ask(numbered(200));
  EXPECT_EQ(fetcher.out.size(), 64u);
  end(answer(200));
  EXPECT_EQ(fetcher.out.size(), 64u);
  std::size_t most = 0;
  while (!fetcher.out.empty()) {
    end(answer(200));
    most = std::max(most, fetcher.out.size());
  }
  EXPECT_EQ(most, 64u);
  EXPECT_THAT(call.missing(), IsEmpty());
  EXPECT_EQ(ended(probe_end::exists), 200u);
}

TEST_F(StorageProber, HoldsUpNoSmallCallBehindLargeOnes) {
  for (const auto* name : {"a", "b", "c"}) ask(numbered(1'000, name));
  EXPECT_EQ(fetcher.out.size(), 64u) << "of all calls";
  const auto& small = ask({"small"});
  EXPECT_EQ(fetcher.out.size(), 64u);
  for (int i = 0; i < 200 && !small.outcome; ++i) end(answer(200));
  EXPECT_TRUE(small.outcome) << "its turn comes while they have thousands to ask for";
}

TEST_F(StorageProber, GivesTheFetcherItsTurnsWhereSignaturesAreSlow) {
  store.chunk = 1;
  auto& call = calls.emplace_back();
  call.names = numbered(10);
  for (const auto& name : call.names) call.paths.push_back(file_path::make(name).value());
  prober->probe({"objects", call.paths, 1s}, [](auto) {});
  for (std::size_t turns = 1; fetcher.turn(); ++turns) EXPECT_EQ(fetcher.out.size(), turns);
  EXPECT_EQ(fetcher.out.size(), 10u);
}

TEST_F(StorageProber, HoldsBackCallsBeyondThoseThatMayWait) {
  for (std::size_t i = 0; i < 256; ++i) ask({"f" + std::to_string(i)});
  const auto& one_more = ask({"x"});
  EXPECT_EQ(one_more.code(), errc::service_unavailable);
  EXPECT_EQ(one_more.retry_after(), 1);
  EXPECT_EQ(cells().held_back.read(), 1u);
  end(answer(200));
  EXPECT_THAT(ask({"f0"}).missing(), IsEmpty()) << "what is remembered needs no room";
  ask({"y"});
  EXPECT_EQ(cells().held_back.read(), 1u);
}

// ---- the end

TEST_F(StorageProber, AnswersWhateverIsDropped) {
  const auto& under_way = ask(numbered(300));
  auto& dropped = calls.emplace_back();
  dropped.names = {"a"};
  dropped.paths.push_back(file_path::make("a").value());
  prober->probe({"objects", dropped.paths, 1s}, [&](actors::probe_outcome outcome) {
    ++dropped.answers;
    dropped.outcome.emplace(std::move(outcome));
  });
  fetcher.works.clear();
  EXPECT_EQ(dropped.code(), errc::service_unavailable);
  EXPECT_EQ(dropped.answers, 1);
  fetcher.at_once = actors::fetch_fault::busy;
  end(std::unexpected(actors::fetch_fault::busy));
  EXPECT_EQ(under_way.code(), errc::service_unavailable);
  fetcher.out.clear();
  prober.reset();
  EXPECT_EQ(under_way.answers, 1);
}

TEST_F(StorageProber, AnswersCallsThatWaitWhenItGoes) {
  const auto& waiting = ask(numbered(300));
  fetcher.out.clear();
  prober.reset();
  EXPECT_EQ(waiting.code(), errc::service_unavailable);
  EXPECT_EQ(waiting.answers, 1);
}

}  // namespace
}  // namespace filemint::http::storage_prober_test
