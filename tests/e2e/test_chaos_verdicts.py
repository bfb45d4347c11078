"""What the chaos harnesses conclude from logs: in favour of the nodes where times leave a doubt, against them where they don't."""

import random
import sys

import pytest

from filemint_node import ROOT

sys.path.insert(0, str(ROOT / "tests/cluster"))
from callers import Answer  # noqa: E402
from faults import Fault, thrown, untold_since, ways  # noqa: E402
from verdicts import (  # noqa: E402
    accepted_after, admitted_between, due, most_in_a_window, refused_from, remaining_above, silent_for)

NAMES = ["node-1", "node-2", "node-3"]


def answer(sent, status=200, took=0.0, remaining=None):
    return Answer(sent, sent + took, status, remaining)


def test_a_window_slides():
    log = [answer(at) for at in (0.0, 30.0, 59.9, 60.0, 89.9, 90.0)]
    assert most_in_a_window(log) == 4  # 30.0 up to, not with, 90.0
    assert most_in_a_window(log, span=1.0) == 2
    assert most_in_a_window([]) == 0


def test_only_what_certainly_lies_within_a_window_counts():
    crowd = [answer(0.0, took=0.5) for _ in range(10)]
    assert most_in_a_window([*crowd, answer(59.0)]) == 11
    assert most_in_a_window([*crowd, answer(59.0, took=2.0)]) == 10, "it may have been admitted when they had left"
    assert most_in_a_window([*crowd, answer(1.0, status=429)]) == 10


def test_a_window_is_the_same_as_counting_it_for_each_beginning():
    dice = random.Random(5)
    for _ in range(50):
        log = [answer(dice.uniform(0, 200), dice.choice((200, 200, 429)), dice.uniform(0, 3)) for _ in range(60)]
        good = [each for each in log if each.status == 200]
        slowly = max(sum(each.sent >= begin.sent and each.done < begin.sent + 60 for each in good) for begin in good)
        assert most_in_a_window(log) == slowly


def test_what_remains_is_held_to_what_was_certainly_used():
    log = [answer(0.0, remaining=9), answer(1.0, took=1.0, remaining=8), answer(1.5, remaining=8)]
    assert remaining_above(log, 10) == 0, "of two at the same time either may have been first"
    assert remaining_above([*log, answer(3.0, remaining=6), answer(4.0, 429, remaining=6)], 10) == 0
    assert remaining_above([*log, answer(3.0, remaining=8)], 10) == 2
    assert remaining_above([*log, answer(4.0, 429, remaining=8)], 10) == 1
    assert remaining_above([*log, answer(60.5, remaining=8)], 10) == 1
    assert remaining_above([*log, answer(61.2, remaining=8)], 10) == 0, "the second may have left the window"


def test_what_was_sent_before_the_moment_may_be_accepted():
    log = [answer(9.9, took=1.0), answer(10.5, status=401), answer(11.0), answer(12.5), answer(13.0, status=401)]
    assert accepted_after(log, 10.0) == pytest.approx(2.5)
    assert accepted_after(log, 12.5) == 0
    assert accepted_after(log[:2], 10.0) == 0
    assert refused_from(log, 10.0) == pytest.approx(3.0)
    assert refused_from([answer(11.0)], 10.0) is None


def test_the_longest_silence_has_ends():
    assert silent_for([answer(3.0), answer(4.0)], 0.0, 10.0) == pytest.approx(6.0)
    assert silent_for([], 0.0, 10.0) == pytest.approx(10.0)


def test_what_a_killed_owner_may_take_with_it_is_counted_generously():
    log = [answer(0.0, took=0.8), answer(1.0), answer(1.2, took=1.0), answer(1.3)]
    assert admitted_between(log, 0.75, 1.25) == 3


@pytest.mark.parametrize("spans, expected", [
    ([(0, 100)], 13),  # 3 s after it was revoked
    ([(0, 12), (14, 100)], 22),  # it lost its way too soon; it has one again at 14, knows it within 5, and what was revoked in 3
    ([(0, 12)], 24),  # who has none has to stop
    ([(0, 12), (15, 21)], 24),  # nor did the second time suffice
    ([], 24),
])
def test_when_a_node_has_to_know_of_a_revocation(spans, expected):
    assert due(10, spans, within=3, heal=5, at_most=14) == expected


def fault(kind, began, ended, senders=(), receivers=()):
    return Fault(kind, 0, 0, list(senders), list(receivers), began, ended)


def test_a_peers_way_is_a_way():
    history = [fault("postgres-cut", 10, 20, ["node-1"], ["postgres"])]
    assert ways(history, NAMES, "node-1", 0, 30) == [(0, 30)]
    history.append(fault("cut-one-way", 12, 15, ["node-2", "node-3"], ["node-1"]))
    assert ways(history, NAMES, "node-1", 0, 30) == [(0, 11), (16, 30)]
    assert ways(history, NAMES, "node-2", 0, 30) == [(0, 30)]


def test_nobody_has_a_way_while_postgresql_is_away_and_a_dead_node_has_none():
    assert ways([fault("postgres-away", 10, 20)], NAMES, "node-1", 0, 30) == [(0, 9), (21, 30)]
    assert ways([fault("kill", 10, 10, ["node-1"])], NAMES, "node-1", 0, 30) == [(0, 9), (11, 30)]
    assert ways([fault("kill", 10, 10, ["node-1"])], NAMES, "node-2", 0, 30) == [(0, 30)]


def test_a_node_that_is_cut_off_from_all_others_tells_nobody():
    history = [fault("cut", 10, 20, ["node-1"], ["node-2"])]
    assert untold_since(history, NAMES, "node-1", 15) == 15, "there is node-3"
    history.append(fault("cut-one-way", 12, 20, ["node-3"], ["node-1"]))
    assert untold_since(history, NAMES, "node-1", 15) == 12
    assert untold_since(history, NAMES, "node-2", 15) == 15
    assert untold_since(history, NAMES, "node-1", 20.5) == 12, "links take a moment to come back"
    assert untold_since(history, NAMES, "node-1", 22) == 22


def test_a_seed_throws_the_same_history_again_and_lasts_to_the_end():
    for seed in range(200):
        history = thrown(random.Random(seed), NAMES, 10.0)
        assert list(map(str, history)) == list(map(str, thrown(random.Random(seed), NAMES, 10.0)))
        assert 2 <= len(history) <= 4
        assert history[-1].kind == "kill" or history[-1].lasts == 10.0
        assert sum(each.kind in ("postgres-away", "postgres-killed") for each in history) <= 1
