"""roll and kill: nodes of a cluster on loopback end under load, by themselves or by force."""

import datetime
import json
import statistics
import time

from cluster_parts import Tail
from filemint_node import eventually
from harness import CONNECTIONS, RATE


BACK_WITHIN_S, NORMAL_WITHIN_S, NORMAL_RATIO = 5.0, 3.0, 3.0
SEEN_WITHIN_MS = 200  # p99


def roll(harness):
    roll_for(harness, harness.asked.seconds)


def roll_for(harness, seconds, drain=5):
    """Each node in turn drains, ends and is started again, again and again, until enough was asked. `drain`: what the last one
    of them may take."""
    section = harness.report.section("roll", f"A roll of three nodes, again and again, at {RATE} requests a second")
    load = harness.load(harness.cluster.haproxy, seconds)
    end, rolled = time.monotonic() + seconds, 0
    while rolled < len(harness.cluster.nodes) or time.monotonic() < end - drain:
        node = harness.cluster.nodes[rolled % len(harness.cluster.nodes)]
        node.stop()
        node.start()
        eventually(node.is_ready, f"{node.name} is ready")
        rolled += 1
    told = load.told()
    harness.report.figure(section, "restarts", count=rolled)
    harness.report.figure(section, "requests", sent=told["sent"], p50_us=told["p50_us"], p99_us=told["p99_us"])
    harness.report.mark(section, "requests sent", told["sent"], int(0.95 * RATE * seconds), at_least=True)
    harness.report.mark(section, "failed requests", told["errors"], 0)
    harness.report.mark(section, "restarts", rolled, len(harness.cluster.nodes), at_least=True)


def kill(harness):
    """kill -9 of each node under load: only what it had in flight may fail, and the others go on as before."""
    section = harness.report.section("kill", f"kill -9 of each node in turn, at {RATE} requests a second")
    for victim in harness.cluster.nodes:
        ratio = kill_one(harness, section, victim)
        harness.report.mark(section, "others' p99 to before", ratio, NORMAL_RATIO)
    kill_again(harness, harness.asked.seconds)


def kill_one(harness, section, victim, span=3):
    """`span`: seconds of each measurement. Gives the others' p99 three seconds later, to that before."""
    others = [node for node in harness.cluster.nodes if node is not victim]
    usual = worst_p99(harness, others, span)
    load = harness.load(harness.cluster.haproxy, 3 * span + NORMAL_WITHIN_S)
    time.sleep(harness.dice.uniform(0.5, 1.5))  # into the load, when does not matter
    killed_at = time.monotonic()
    victim.kill()
    in_time = [harness.load(node, 2, RATE / 4) for node in others]
    harness.supervised(lambda: victim.process.poll() is None, "it is started again")
    started_at = time.monotonic()
    harness.supervised(victim.is_ready, "it is ready again")
    back = time.monotonic() - started_at
    eventually(lambda: time.monotonic() - killed_at > NORMAL_WITHIN_S, "three seconds are over")
    normal = worst_p99(harness, others, span)
    theirs = [each.told() for each in in_time]  # not before: who hangs would put the other figure off
    meanwhile = max(each["p99_us"] for each in theirs)
    told = load.told()
    harness.report.figure(section, victim.name, sent=told["sent"], failed=told["errors"], p99_us_meanwhile=meanwhile)
    harness.report.mark(section, "failed, of its connections", told["errors"], CONNECTIONS)
    harness.report.mark(section, "failed at the others", sum(each["errors"] for each in theirs), 0)
    harness.report.mark(section, "ready again, s", back, BACK_WITHIN_S)
    return normal / usual


def kill_again(harness, seconds, a_turn=4):
    """For that long, each node in turn: when its peers knew, by their logs. `a_turn`: what the last kill may take."""
    section = harness.report.section("seen", f"kill -9 again and again, at {RATE} requests a second")
    load = harness.load(harness.cluster.haproxy, seconds)
    end, took = time.monotonic() + seconds, []
    while not took or time.monotonic() < end - a_turn:
        victim = harness.cluster.nodes[len(took) // 2 % len(harness.cluster.nodes)]
        logs = {node.name: PeersLog(node) for node in harness.cluster.nodes}
        its_own = logs.pop(victim.name)
        killed_at = time.time()
        victim.kill()
        took += [1e3 * (eventually(lambda: log.when("a peer is down", victim.name, killed_at), "its peer knows") - killed_at)
                 for log in logs.values()]
        harness.supervised(lambda: all(log.when("a peer is up", victim.name) and its_own.when("a peer is up", name)
                                       for name, log in logs.items()), "it and its peers are up again")
        eventually(lambda: harness.cluster.haproxy.gives_to(victim), "the proxy has it back")
    harness.report.figure(section, "seen by its peers, ms", count=len(took), p50=statistics.median(took), worst=max(took))
    harness.report.mark(section, "p99, ms", statistics.quantiles(took, n=100, method="inclusive")[98], SEEN_WITHIN_MS)
    harness.report.mark(section, "failed, of a kill's connections", load.told()["errors"], len(took) // 2 * CONNECTIONS)


class PeersLog:
    """What a node tells of its peers from now on."""

    def __init__(self, node):
        self.log, self.lines = Tail(node.folder / "filemint.log"), []

    def when(self, message, peer, after=0.0):
        """The time of the line that says so of the peer; None while there is none. `after` is a time, too."""
        self.lines += [line for line in map(json.loads, self.log.new_lines()) if "peer" in line]
        said = (datetime.datetime.fromisoformat(line["time"]).timestamp()
                for line in self.lines if line["message"] == message and line["peer"] == peer)
        return next((at for at in said if at >= after - 1e-3), None)  # the log cuts to milliseconds


def worst_p99(harness, nodes, span):
    loads = [harness.load(node, span, RATE / 4) for node in nodes]  # all at the same time
    return max(each.told()["p99_us"] for each in loads)
