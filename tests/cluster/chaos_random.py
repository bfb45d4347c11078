"""random: seeded runs of faults that a die throws: cuts, one way or both, PostgreSQL away or killed, a node killed, slow links.

In each: nobody gets in who may not, nothing that was revoked is accepted past its bound, no company gets more than its limit and
what a node that was killed took with it: a tick of an owner's, and what it gave while it could tell no other. The cluster is whole
again soon after. A run that fails prints its seed and its
history; `--seed S --runs 1` throws it again.
"""

import dataclasses
import random
import time

from callers import file_request, mint_request
from faults import Player, thrown, untold_since, ways
from filemint_node import PDF, PPTX, eventually
from scene import HEALED_WITHIN_S, ISOLATED_WITHIN_S, KNOWN_WITHIN_S, LARGE, SMALL, SOURCE
from verdicts import accepted_after, admitted_between, due, most_in_a_window

SPAN_S = 13.0  # of a run's faults
ROUND_S = 26.0
TICK_S = 0.25  # of the heartbeat: what an owner that is killed takes with it
RESTARTED_S = 10.0  # whole again, after kills and a PostgreSQL that was away
NEVER_S = 60.0


class Strangers:
    """Those that may do nothing, or not this."""

    def __init__(self, harness):
        self.key, forged = harness.free, list(harness.free)
        forged[20] = "a" if forged[20] != "a" else "b"
        self.forged = "".join(forged)
        self.suspended = harness.company("co_suspended", SMALL)
        harness.cluster.cli("company", "suspend", "co_suspended")
        harness.cluster.cli("company", "add", "co_other")
        self.granted_nothing = harness.key("co_other")
        harness.await_known(self.granted_nothing)
        for node in harness.nodes:
            eventually(lambda node=node: harness.mint(node, self.suspended).status == 403, "it is suspended", 5)

    def requests(self, token):
        """Calls that nobody may make, however things stand. `token` opens PDF."""
        keys = [self.forged, self.suspended, self.granted_nothing]
        return [
            *(mint_request(key, [PDF], SOURCE) for key in keys),
            mint_request(self.key, ["uploads/co_else/file/secret.pdf"], SOURCE),
            file_request(PPTX, token, SOURCE), file_request(PDF, token[:-6] + "AAAAAA", SOURCE)]


@dataclasses.dataclass
class Run:
    history: list
    small: int  # calls over the limit, beyond the bound
    large: int
    late: float
    unauthorised: int
    whole: float
    packets_lost: int

    def is_bad(self):
        return self.small > 0 or self.large > 0 or self.late > 0 or self.unauthorised > 0 or self.whole > RESTARTED_S


def by_dice(harness):
    section = harness.report.section("random", f"Seeded runs of mixed faults, {SPAN_S:.0f} s each")
    end, runs, failed = time.monotonic() + harness.asked.seconds, [], []
    strangers = Strangers(harness)
    for seed in range(harness.asked.seed, harness.asked.seed + harness.asked.runs):
        if runs and time.monotonic() + ROUND_S > end:
            print(f"  out of time; go on with --seed {seed} --runs {harness.asked.runs - len(runs)}", flush=True)
            break
        run = one(harness, strangers, seed)
        runs.append(run)
        harness.report.figure(section, f"seed {seed}", faults=len(run.history), over_small=run.small, over_large=run.large,
                              late_s=run.late, unauthorised=run.unauthorised, whole_s=run.whole)
        if run.is_bad():
            failed.append(seed)
            print(f"  FAILED: seed {seed}\n" + "\n".join(f"    {fault}" for fault in run.history), flush=True)
        if run.whole >= NEVER_S:
            print("  the cluster is not whole again: no more runs on it", flush=True)
            break
    mark_all(harness.report, section, runs, failed)


def mark_all(report, section, runs, failed):
    report.figure(section, "runs", count=len(runs), failed=failed or "none")
    report.mark(section, "let in who may not", sum(run.unauthorised for run in runs), 0)
    report.mark(section, "revoked, past its bound, s", max(run.late for run in runs), 0)
    report.mark(section, "calls over a limit's bound", max(max(run.small, run.large, 0) for run in runs), 0)
    report.mark(section, "whole again, s", max(run.whole for run in runs), RESTARTED_S)
    cut = [run for run in runs if any(fault.receivers for fault in run.history)]
    report.mark(section, "runs with cuts in which nothing got lost", sum(run.packets_lost == 0 for run in cut), 0)


def one(harness, strangers, seed, span=SPAN_S):
    dice = random.Random(seed)
    names = [node.name for node in harness.nodes]
    history, lost = thrown(dice, names, span), harness.network.lost
    small, large = harness.company(f"co_small_{seed}", SMALL), harness.company(f"co_large_{seed}", LARGE)
    harness.await_known(small, large)
    good = harness.token(harness.nodes[0])
    doomed = {f"doomed{index}": harness.token(dice.choice(harness.nodes)) for index in range(3)}
    revoke_at = sorted(dice.uniform(0, span) for _ in doomed)
    watch = harness.watch(
        small=(harness.minting(small), 40), large=(harness.minting(large), 300), strangers=(strangers.requests(good), 12),
        **{kind: (harness.opening(token), 10) for kind, token in doomed.items()})
    player = Player(harness, history)
    began, revoked = player.began, {}
    while (now := time.monotonic() - began) < span:
        player.step()
        harness.cluster.supervise()
        left = [kind for kind in doomed if kind not in revoked]
        if left and now >= revoke_at[len(revoked)]:
            revoked[left[0]] = (time.monotonic(), revoke_if_it_can(harness, player, doomed[left[0]]))
        time.sleep(0.02)
    player.end()
    ended = time.monotonic()
    try:
        harness.supervised(harness.is_whole, "the cluster is whole", NEVER_S)
        whole = time.monotonic() - ended
    except AssertionError:
        whole = NEVER_S
    time.sleep(max(0.0, HEALED_WITHIN_S + KNOWN_WITHIN_S - whole))  # all that was revoked is due by now
    watch.stop()
    return judged(names, player, watch, revoked, whole, harness.network.lost - lost)


def revoke_if_it_can(harness, player, token):
    """While PostgreSQL is away nothing can be revoked."""
    away = [fault for fault in player.history if fault.kind in ("postgres-away", "postgres-killed")]
    return None if any(fault.began and not fault.ended for fault in away) else harness.revoke(token)


def judged(names, player, watch, revoked, whole, packets_lost):
    history, end = player.history, time.monotonic()
    late = 0.0
    for kind, (_, acknowledged) in revoked.items():
        for name in names if acknowledged else ():
            bound = due(acknowledged, ways(history, names, name, player.began - 60, end), KNOWN_WITHIN_S, HEALED_WITHIN_S,
                        ISOLATED_WITHIN_S + KNOWN_WITHIN_S)
            late = max(late, accepted_after(watch.of(kind, name), bound))
    kills = [(fault.senders[0], fault.began) for fault in history if fault.kind == "kill"]
    over = {}
    for kind, limit in (("small", SMALL), ("large", LARGE)):
        taken = 0
        for name, killed in kills:
            told = untold_since(history, names, name, killed)
            taken += admitted_between(watch.of(kind), killed - TICK_S, killed + 0.1)
            taken += admitted_between(watch.of(kind, name), told - TICK_S, killed - TICK_S) if told < killed else 0
        over[kind] = most_in_a_window(watch.of(kind)) - limit - taken
    return Run(history, over["small"], over["large"], late, sum(answer.status == 200 for answer in watch.of("strangers")), whole,
               packets_lost)
