// What becomes of calls when a storage says no, is slow, or is gone.
#include "core/http_date.hpp"
#include "tests/unit/http/storage_fixture.hpp"

#include <gmock/gmock.h>

#include <cmath>

namespace filemint::http::storage_trouble_test {
namespace {

using namespace std::chrono_literals;
using actors::fetch_fault;
using metrics::probe_end;
using testing::answer;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class StorageTrouble : public testing::storage_test {
protected:
  StorageTrouble() { start(); }

  // So many calls of one path, which all end so at once.
  void fail_calls(int count, actors::fetch_outcome how) {
    for (int i = 0; i < count; ++i) {
      ask({"bad" + std::to_string(i)});
      end(how);
    }
  }
  void open_circuit() {
    fail_calls(20, answer(500));
    ASSERT_EQ(prober->state_of("objects"), circuit_state::open);
  }
};

TEST_F(StorageTrouble, EachAnswerHasItsError) {
  struct row {
    actors::fetch_outcome answered;
    errc code;
    probe_end counted;
  };
  for (const auto& [answered, code, counted] :
       {row{answer(403), errc::service_unavailable, probe_end::forbidden},
        row{answer(401), errc::service_unavailable, probe_end::rejected},
        row{answer(301), errc::service_unavailable, probe_end::rejected},
        row{answer(400), errc::service_unavailable, probe_end::rejected},
        row{answer(429), errc::throttled, probe_end::throttled},
        row{answer(498), errc::throttled, probe_end::throttled},
        row{answer(503), errc::throttled, probe_end::throttled},
        row{answer(500), errc::service_unavailable, probe_end::failed},
        row{std::unexpected(fetch_fault::unreachable), errc::service_unavailable,
            probe_end::failed},
        row{std::unexpected(fetch_fault::untrusted), errc::service_unavailable, probe_end::failed},
        row{std::unexpected(fetch_fault::broken), errc::service_unavailable, probe_end::failed},
        row{std::unexpected(fetch_fault::busy), errc::service_unavailable, probe_end::not_made},
        row{std::unexpected(fetch_fault::timed_out), errc::gateway_timeout, probe_end::late}}) {
    const auto before = ended(counted);
    const auto& call = ask({"a", "b"});
    end(answered);
    EXPECT_EQ(call.code(), code) << answered.has_value();
    EXPECT_EQ(ended(counted), before + 1);
    end(answer(404));
    EXPECT_EQ(call.answers, 1) << "what comes later changes nothing";
    pass(1s);
  }
}

TEST_F(StorageTrouble, AForbiddenFileIsMissingWhereTheSourceSaysSo) {
  sources[1].missing_as_403 = true;
  start();
  const auto& call = ask({"a"});
  end(answer(403));
  EXPECT_THAT(call.missing(), ElementsAre(0));
  EXPECT_EQ(ended(probe_end::forbidden), 1u) << "it is counted as what it is";
  EXPECT_THAT(warnings, IsEmpty());
}

TEST_F(StorageTrouble, ASlowDownTellsForHowLong) {
  for (const auto& [field, seconds] : {std::pair<std::string, std::int64_t>{"7", 7},
                                       {"0", 1},
                                       {"", 1},
                                       {"soon", 1},
                                       {"999999999", 86'400},
                                       {format_http_date(clock.wall + 90s), 90},
                                       {format_http_date(clock.wall - 90s), 1}}) {
    const auto& call = ask({"a"});
    end(answer(503, {{"retry-after", field}}));
    EXPECT_EQ(call.code(), errc::throttled);
    EXPECT_EQ(call.retry_after(), seconds) << field;
  }
}

TEST_F(StorageTrouble, AsksForNoMoreOfACallThatFailed) {
  ask(numbered(200));
  EXPECT_EQ(fetcher.out.size(), 64u);
  end(answer(403));
  end_all(200);
  EXPECT_EQ(ended(probe_end::exists), 63u);
}

TEST_F(StorageTrouble, TellsThatItHasNoKeys) {
  store.has_keys = false;
  EXPECT_EQ(ask({"a"}).code(), errc::service_unavailable);
}

// ---- time

TEST_F(StorageTrouble, GivesAProbeTheTimeThatIsLeft) {
  ask({"a"}, 300ms);
  EXPECT_EQ(fetcher.out.front().terms.within, 300ms);
}

TEST_F(StorageTrouble, BeginsNoProbeWithoutTime) {
  EXPECT_EQ(ask({"a"}, 19ms).code(), errc::gateway_timeout);
  EXPECT_THAT(fetcher.out, IsEmpty());
  const auto& call = ask(numbered(65), 100ms);
  pass(90ms);
  end(answer(200));
  EXPECT_EQ(call.code(), errc::gateway_timeout);
}

TEST_F(StorageTrouble, SignsForAsLongAsTheCallMayTake) {
  ask({"a"}, 5min);
  EXPECT_EQ(store.signed_until, clock.wall + 5min + 60s);
}

TEST_F(StorageTrouble, WhatItsOwnCallCutsOffTellsNothingOfIt) {
  for (int i = 0; i < 25; ++i) {
    ask(numbered(64, std::to_string(i) + "_"));
    const auto& call = ask({"late" + std::to_string(i)}, 100ms);
    pass(60ms);
    for (int busy = 0; busy < 64; ++busy) end(std::unexpected(fetch_fault::busy));
    end(std::unexpected(fetch_fault::timed_out));
    ASSERT_EQ(call.code(), errc::gateway_timeout);
  }
  EXPECT_EQ(prober->state_of("objects"), circuit_state::closed);
}

TEST_F(StorageTrouble, AnswersCallsThatWaitWhenItEnds) {
  ask(numbered(64));
  const auto& call = ask({"waits"});
  EXPECT_EQ(call.answers, 0);
  prober->end();
  EXPECT_EQ(call.code(), errc::service_unavailable);
  end_all(200);
  EXPECT_EQ(call.answers, 1);
}

// ---- the circuit

TEST_F(StorageTrouble, IsLeftAloneOnceItFails) {
  open_circuit();
  EXPECT_EQ(cells().circuit_state.load(), std::size_t{2});
  const auto& call = ask({"x"});
  EXPECT_EQ(call.code(), errc::service_unavailable);
  EXPECT_GE(call.retry_after(), 1);
  EXPECT_THAT(fetcher.out, IsEmpty());
  EXPECT_EQ(cells().held_back.read(), 1u);
}

TEST_F(StorageTrouble, IsNotCalledDownForAsLongAsNobodyAsks) {
  open_circuit();
  pass(1250ms);
  EXPECT_EQ(prober->state_of("objects"), circuit_state::half_open);
}

TEST_F(StorageTrouble, WhatIsRememberedIsToldAllTheSame) {
  ask({"a"});
  end(answer(200));
  fail_calls(19, answer(500));
  ASSERT_EQ(prober->state_of("objects"), circuit_state::open);
  EXPECT_THAT(ask({"a"}).missing(), IsEmpty());
}

TEST_F(StorageTrouble, SlowAnswersOpenItToo) {
  ask(numbered(20));
  pass(1s);
  end_all(200);
  EXPECT_EQ(prober->state_of("objects"), circuit_state::open);
}

TEST_F(StorageTrouble, SlowDownsAndFilesThatAreForbiddenDoNotOpenIt) {
  fail_calls(100, answer(503));
  fail_calls(100, answer(403));
  fail_calls(100, std::unexpected(fetch_fault::busy));
  EXPECT_EQ(prober->state_of("objects"), circuit_state::closed);
}

TEST_F(StorageTrouble, ACallOfManyPathsCanBeTheOneThatTriesIt) {
  open_circuit();
  pass(2s);
  const auto& call = ask(numbered(100));
  EXPECT_EQ(fetcher.out.size(), 3u);
  EXPECT_EQ(prober->state_of("objects"), circuit_state::half_open);
  EXPECT_EQ(ask({"x"}).code(), errc::service_unavailable) << "others wait for the trials' end";
  end(answer(200));
  end(answer(404));
  EXPECT_EQ(fetcher.out.size(), 1u);
  end(answer(200));
  EXPECT_EQ(prober->state_of("objects"), circuit_state::closed);
  EXPECT_EQ(fetcher.out.size(), 64u);
  end_all(200);
  EXPECT_THAT(call.missing(), ElementsAre(1));
}

TEST_F(StorageTrouble, ATrialThatFailsOpensItAgain) {
  open_circuit();
  pass(2s);
  const auto& call = ask({"x"});
  end(std::unexpected(fetch_fault::timed_out));
  EXPECT_EQ(call.code(), errc::gateway_timeout);
  EXPECT_EQ(prober->state_of("objects"), circuit_state::open);
}

TEST_F(StorageTrouble, ASourceOnNoStorageHasAClosedOne) {
  EXPECT_EQ(prober->state_of("files"), circuit_state::closed);
}

// ---- the log

TEST_F(StorageTrouble, IsToldOfOnceAMinute) {
  fail_calls(3, answer(403));
  fail_calls(3, answer(301));
  fail_calls(3, std::unexpected(fetch_fault::untrusted));
  EXPECT_THAT(warnings, ElementsAre(HasSubstr("403"), HasSubstr("301"), HasSubstr("certificate")));
  pass(59s);
  fail_calls(1, answer(403));
  EXPECT_THAT(warnings, SizeIs(3));
  pass(1s);
  fail_calls(1, answer(403));
  EXPECT_THAT(warnings, SizeIs(4));
}

TEST_F(StorageTrouble, TellsWhenTheCircuitOpensAndWhenItClosesAndNotOfTrials) {
  open_circuit();
  warnings.clear();
  for (int i = 0; i < 5; ++i) {
    pass(40s);
    ask({"x"});
    end(answer(500));
  }
  EXPECT_THAT(warnings, ::testing::Each(HasSubstr("answered 500")));
  warnings.clear();
  pass(40s);
  ask({"x", "y", "z"});
  end_all(200);
  EXPECT_THAT(warnings, ElementsAre(HasSubstr("closed")));
}

TEST_F(StorageTrouble, ItsClockIsCompared) {
  const auto date = [&](std::chrono::seconds ahead) {
    return answer(404, {{"Date", format_http_date(clock.wall + ahead)}});
  };
  EXPECT_TRUE(std::isnan(cells().clock_skew.load()));
  fail_calls(1, date(-5s));
  EXPECT_EQ(cells().clock_skew.load(), -5);
  EXPECT_THAT(warnings, IsEmpty());
  pass(2s);
  fail_calls(1, date(6s));
  EXPECT_EQ(cells().clock_skew.load(), 6);
  EXPECT_THAT(warnings, ElementsAre(HasSubstr("6 s ahead")));
  pass(60s);
  fail_calls(1, date(-7s));
  EXPECT_THAT(warnings.back(), HasSubstr("7 s behind"));
  pass(60s);
  fail_calls(1, answer(404));
  EXPECT_EQ(cells().clock_skew.load(), -7) << "an answer without a Date says nothing";
}

}  // namespace
}  // namespace filemint::http::storage_trouble_test
