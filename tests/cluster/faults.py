"""Faults that a die throws: what they are, when they begin and end, and who had a way to the store meanwhile."""

import contextlib
import dataclasses
import time

KINDS = ("cut", "cut-one-way", "postgres-away", "postgres-cut", "postgres-killed", "kill", "slow")
AT_MOST_ONE = (("postgres-away", "postgres-killed"), ("slow",))  # of each, in a history
DELAY_S = 0.2
PAST_S = 1.0  # a fault may begin a little later than it was due: a way counts as lost for so long before and after


@dataclasses.dataclass
class Fault:
    kind: str
    begins: float  # seconds into the run
    lasts: float
    senders: list = dataclasses.field(default_factory=list)
    receivers: list = dataclasses.field(default_factory=list)
    began: float | None = None  # on the clock
    ended: float | None = None

    def __str__(self):
        who = f" {'+'.join(self.senders)} -> {'+'.join(self.receivers)}" if self.receivers else f" {'+'.join(self.senders)}"
        return f"{self.begins:5.2f} s for {self.lasts:4.2f} s: {self.kind}{who.rstrip()}"


def thrown(dice, names, span):
    """A history: two to four faults, in the order of their beginnings."""
    history = []
    wanted = dice.randint(2, 4)
    while len(history) < wanted:
        kind = dice.choice(KINDS)
        begins = dice.uniform(0.5, span * 0.6)
        fault = Fault(kind, begins, dice.uniform(1.0, span - begins))
        some = dice.sample(names, dice.choice((1, 1, 2)))
        if kind in ("cut", "cut-one-way"):
            fault.senders, fault.receivers = some, [name for name in names if name not in some]
            if dice.random() < 0.3:
                fault.receivers = fault.receivers[:1]
        elif kind == "postgres-cut":
            fault.senders, fault.receivers = some, ["postgres"]
        elif kind == "kill":
            fault.senders, fault.lasts = some[:1], 0.0
        if not any(fault.kind in alone and each.kind in alone for alone in AT_MOST_ONE for each in history):
            history.append(fault)
    history.sort(key=lambda fault: fault.begins)
    if history[-1].kind != "kill":
        history[-1].lasts = span  # to the end: that the cluster gets whole again is to be seen
    return history


class Player:
    """Does what a history says, on a scene. step() is to be called often; end() ends what still lasts."""

    def __init__(self, scene, history):
        self.scene, self.history = scene, history
        self.began = time.monotonic()
        self.open = contextlib.ExitStack()

    def step(self):
        now = time.monotonic() - self.began
        changed = False
        for fault in self.history:
            if fault.began is None and now >= fault.begins:
                fault.began = time.monotonic()
                changed |= self.begin(fault)
            if fault.began is not None and fault.ended is None and now >= fault.begins + fault.lasts:
                changed |= self.finish(fault)
        if changed:
            self.apply_cuts()

    def begin(self, fault):
        """True: who is cut from whom is to be told anew."""
        postgres = self.scene.cluster.postgres
        if fault.kind == "postgres-away":
            postgres.freeze()
        elif fault.kind == "postgres-killed":
            postgres.kill()
        elif fault.kind == "kill":
            next(node for node in self.scene.nodes if node.name == fault.senders[0]).kill()
        elif fault.kind == "slow":
            self.open.enter_context(self.scene.network.delayed(DELAY_S))
        return bool(fault.receivers)

    def finish(self, fault):
        fault.ended = time.monotonic()
        postgres = self.scene.cluster.postgres
        if fault.kind == "postgres-away":
            postgres.thaw()
        elif fault.kind == "postgres-killed":
            postgres.start()
        elif fault.kind == "slow":
            self.open.close()
        return bool(fault.receivers)

    def apply_cuts(self):
        pairs = []
        for fault in self.history:
            if fault.began is not None and fault.ended is None:
                out = [(a, b) for a in fault.senders for b in fault.receivers]
                pairs += out if fault.kind == "cut-one-way" else [*out, *((b, a) for a, b in out)]
        self.scene.network.change({pair: 100 for pair in pairs})

    def end(self):
        for fault in self.history:
            if fault.began is not None and fault.ended is None:
                self.finish(fault)
        self.history = [fault for fault in self.history if fault.began is not None]
        self.open.close()
        self.scene.network.heal()


def ways(history, names, node, begin, end):
    """Spans of time in which that node surely had a way to PostgreSQL, its own or by one peer. Spans of a dead process count
    as lost, for PAST_S more: it comes back with what the store says."""
    def lost(*kinds, between=None, dead=()):
        spans = []
        for fault in history:
            hit = fault.kind in kinds and (
                between is None or any({a, b} == set(between) for a in fault.senders for b in fault.receivers))
            if hit or fault.kind == "kill" and fault.senders[0] in dead:
                spans.append((fault.began - PAST_S, (fault.ended or end) + PAST_S))
        return spans

    away = lost("postgres-away", "postgres-killed")
    cuts = ("cut", "cut-one-way", "postgres-cut")
    own = without(begin, end, away + lost(*cuts, between=(node, "postgres"), dead=(node,)))
    by_peers = [
        without(begin, end, away + lost(*cuts, between=(peer, "postgres"), dead=(node, peer)) + lost(*cuts, between=(node, peer)))
        for peer in names if peer != node]
    return united([span for spans in (own, *by_peers) for span in spans])


def untold_since(history, names, node, at):
    """The moment since when that node could tell no other anything up to `at`, cut off as it was; `at` itself when it could."""
    last = []
    for peer in names:
        if peer != node:
            cuts = [(fault.began, fault.ended or at) for fault in history if fault.kind in ("cut", "cut-one-way") and any(
                {a, b} == {node, peer} for a in fault.senders for b in fault.receivers)]
            open_ones = [until for _, until in without(float("-inf"), at, [(a, b + PAST_S) for a, b in cuts])]
            last.append(max(open_ones, default=float("-inf")))
    return max(last)


def without(begin, end, spans):
    left, at = [], begin
    for a, b in sorted(spans):
        if a > at:
            left.append((at, a))
        at = max(at, b)
    return left + ([(at, end)] if at < end else [])


def united(spans):
    """Only what touches: whoever changes from one way to another has to find it first."""
    whole = []
    for a, b in sorted(spans):
        if whole and a <= whole[-1][1]:
            whole[-1] = (whole[-1][0], max(b, whole[-1][1]))
        else:
            whole.append((a, b))
    return whole
