"""./dev chaos NAME: hurts a cluster on loopback under load and holds what clients see to what is promised.

Each harness ends by proving that the cluster is whole again, and exits with 1 when a promise was broken.
"""

import argparse
import pathlib
import random
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/cluster"), str(ROOT / "tests/e2e"), str(ROOT / "bench")]
from chaos_mixed import mixed  # noqa: E402
from filemint_node import eventually  # noqa: E402
from local_cluster import LocalCluster, end_at_a_signal  # noqa: E402
from measure import Load, mint_body, request_of  # noqa: E402
from report import Report  # noqa: E402

NO_LIMIT = {"mint": {"calls_per_minute": 100_000_000}}
RATE = 1_000  # requests a second, of all clients
CONNECTIONS = 32


class Harness:
    """What the harnesses share: a cluster, a report, and load through the proxy or on one node."""

    def __init__(self, folder, asked, settings=None):
        self.folder, self.asked = pathlib.Path(folder), asked
        self.dice = random.Random(asked.seed)
        self.report = Report()
        self.cluster = LocalCluster(self.folder, 3, settings or NO_LIMIT)
        self.request = self.folder / "request"
        self.request.write_bytes(request_of(self.cluster.key, mint_body(2)))

    def load(self, on, seconds, rate=RATE):
        """`on`: the proxy or a node, whatever has a port."""
        return Load(on, self.request, rate, seconds, connections=CONNECTIONS)

    def supervised(self, done, what, deadline=60):
        """Until done(), while those that died are started again."""
        def happened():
            self.cluster.supervise()
            return done()
        return eventually(happened, what, deadline)

    def is_whole(self):
        return all(node.process.poll() is None and node.is_ready() for node in self.cluster.nodes)

    def close(self):
        section = self.report.section("end", "Afterwards")
        self.supervised(self.is_whole, "all nodes are ready again")
        told = self.load(self.cluster.haproxy, 2).told()
        self.report.mark(section, "failed requests", told["errors"], 0)
        return self.report.close()


def roll(harness):
    """Each node in turn drains, ends and is started again, again and again, until enough was asked."""
    seconds = harness.asked.seconds
    section = harness.report.section("roll", f"A roll of three nodes, again and again, at {RATE} requests a second")
    load = harness.load(harness.cluster.haproxy, seconds)
    end, rolled = time.monotonic() + seconds, 0
    while time.monotonic() < end - 5:
        node = harness.cluster.nodes[rolled % len(harness.cluster.nodes)]
        node.stop()
        node.start()
        eventually(node.is_ready, f"{node.name} is ready")
        rolled += 1
    told = load.told()
    harness.report.figure(section, "restarts", count=rolled)
    harness.report.figure(section, "requests", sent=told["sent"], p50_us=told["p50_us"], p99_us=told["p99_us"])
    harness.report.mark(section, "failed requests", told["errors"], 0)
    harness.report.mark(section, "restarts", rolled, 3, at_least=True)


def kill(harness):
    """kill -9 of each node under load: only what it had in flight may fail, and the others go on as before."""
    section = harness.report.section("kill", f"kill -9 of each node in turn, at {RATE} requests a second")
    for victim in harness.cluster.nodes:
        others = [node for node in harness.cluster.nodes if node is not victim]
        usual = max(told["p99_us"] for told in [harness.load(node, 3, RATE / 4).told() for node in others])
        load = harness.load(harness.cluster.haproxy, 12)
        time.sleep(harness.dice.uniform(0.5, 1.5))  # into the load, when does not matter
        killed_at = time.monotonic()
        victim.kill()
        in_time = [harness.load(node, 2, RATE / 4) for node in others]
        harness.supervised(lambda: victim.process.poll() is None, "it is started again")
        started_at = time.monotonic()
        harness.supervised(victim.is_ready, "it is ready again")
        back = time.monotonic() - started_at
        meanwhile = max(each.told()["p99_us"] for each in in_time)
        eventually(lambda: time.monotonic() - killed_at > 3, "three seconds are over")
        normal = max(told["p99_us"] for told in [harness.load(node, 3, RATE / 4).told() for node in others])
        told = load.told()
        harness.report.figure(section, victim.name, sent=told["sent"], failed=told["errors"], p99_us_meanwhile=meanwhile)
        harness.report.mark(section, "failed, of its connections", told["errors"], CONNECTIONS)
        harness.report.mark(section, "others' p99 to before", normal / usual, 3.0)
        harness.report.mark(section, "ready again, s", back, 5.0)


HARNESSES = {"roll": (roll, 220), "kill": (kill, 0), "mixed": (mixed, 240)}  # with the seconds of their load, where they can be chosen


def main():
    options = argparse.ArgumentParser(prog="./dev chaos", description=__doc__)
    options.add_argument("name", choices=HARNESSES)
    options.add_argument("--seconds", type=int)
    options.add_argument("--seed", type=int, default=1)
    asked = options.parse_args()
    run, seconds = HARNESSES[asked.name]
    asked.seconds = asked.seconds or seconds
    end_at_a_signal(1)
    with tempfile.TemporaryDirectory(prefix="filemint-chaos-") as folder:
        harness = Harness(folder, asked)
        try:
            run(harness)
            return 1 if harness.close() else 0
        finally:
            harness.cluster.stop()


if __name__ == "__main__":
    sys.exit(main())
