"""What the chaos harnesses share: a cluster, a report, and load through the proxy or on one node."""

import pathlib
import random
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/cluster"), str(ROOT / "tests/e2e"), str(ROOT / "bench")]
from filemint_node import eventually  # noqa: E402
from local_cluster import LocalCluster  # noqa: E402
from measure import Load, mint_body, request_of  # noqa: E402
from report import Report  # noqa: E402

NO_LIMIT = {"mint": {"calls_per_minute": 100_000_000}}
RATE = 1_000  # requests a second, of all clients
CONNECTIONS = 32
NODES = 3


class Harness:
    """`asked`: the options of the command line. `place`: where the cluster is; on loopback when nothing is said."""

    def __init__(self, folder, asked, settings=None, place=None):
        self.folder, self.asked = pathlib.Path(folder), asked
        self.dice = random.Random(asked.seed)
        self.report = Report()
        self.cluster = LocalCluster(self.folder, NODES, settings or NO_LIMIT, place)
        self.request = self.folder / "request"
        self.request.write_bytes(request_of(self.cluster.key, mint_body(2)))

    def load(self, on, seconds, rate=RATE):
        """`on`: the proxy or a node, on the loopback of where it is."""
        prefix = self.cluster.place.prefix_of(getattr(on, "name", None))
        return Load(on, self.request, rate, seconds, connections=CONNECTIONS, prefix=prefix)

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

    def stop(self):
        self.cluster.stop()
