"""What refused calls cost, and what they cost others.

First the CPU of a call that a full window refuses, beside nginx's fixed answer of the same length. Then one company calls at a
high rate while another mints at a fixed one: the other's p99 while the first is refused, beside its p99 while the first's
limit is lifted and all is minted.
"""

import argparse
import pathlib
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/e2e"), str(ROOT / "bench")]
import filemint_node  # noqa: E402
from filemint_node import eventually  # noqa: E402
from measure import Load, Nginx, Node, drive, mint_body, request_of, running  # noqa: E402
from report import Report, median_of, median_ratio  # noqa: E402

PROBE_RATE = 500  # calls a second of the other company


class World:
    """A node, a company that calls too often (co_xyz) and another."""

    def __init__(self, folder, server):
        self.folder, self.server, self.node = folder, server, server.node
        self.node.told_by_cli("company", "add", "co_beside")
        self.node.told_by_cli("grant", "add", "co_beside", "--source", "betaimages", "--prefix", "uploads/co_xyz")
        self.other = self.node.told_by_cli("key", "create", "co_beside")["key"]
        self.body = mint_body(2)
        eventually(lambda: self.node.mint(self.body, self.other).status == 200, "the other company may mint")

    def limit(self, calls):
        """In force when it returns."""
        if calls:
            self.node.told_by_cli("limit", "set", "--company", "co_xyz", "--calls", str(calls))
        else:
            self.node.told_by_cli("limit", "clear", "--company", "co_xyz")
        wanted = 429 if calls else 200
        eventually(lambda: self.node.mint(self.body).status == wanted, f"the limited company gets {wanted}")

    def file(self, name, content):
        path = self.folder / name
        path.write_bytes(content)
        return path


def cost(world, report, pairs, seconds):
    section = report.section("cost", "A refused call, 2 paths, 64 connections: nginx's fixed answer of its length, and filemint")
    world.limit(1)
    body, length = world.file("body", world.body), len(world.node.mint(world.body).body)
    with running(Nginx(world.folder / "nginx", length)) as nginx:
        ours, theirs = [], []
        for turn in range(pairs + 1):  # the first is warm-up
            pair = drive(nginx, body, seconds), drive(world.server, body, seconds, world.node.key, refused=True)
            world.server.forget_log()
            if turn:
                theirs.append(pair[0])
                ours.append(pair[1])
    report.figure(section, "nginx", **median_of(theirs))
    report.figure(section, "filemint, refusing", **median_of(ours))
    report.mark(section, "CPU to nginx's", median_ratio(ours, theirs, "cpu_us"), 1.2)


def neighbours(world, report, pairs, seconds):
    section = report.section("neighbours", "Another company's mints beside one that calls too often, at the same rates")
    world.limit(None)
    rate = drive(world.server, world.file("body", world.body), seconds, world.node.key)["rps"] / 2
    flood, probe = world.file("flood", request_of(world.node.key, world.body)), world.file("probe", request_of(world.other, world.body))

    def beside():
        load = Load(world.server, flood, rate, seconds + 1)
        seen = Load(world.server, probe, PROBE_RATE, seconds, connections=16).told()
        told = load.told()
        world.server.forget_log()
        if seen["errors"]:
            raise RuntimeError(f"the other company: {seen}")
        return seen, told

    refused, lifted = [], []
    for _ in range(pairs):
        world.limit(None)
        seen, told = beside()
        lifted.append(seen)
        if told["errors"]:
            raise RuntimeError(f"with the limit lifted: {told}")
        world.limit(1)
        seen, told = beside()
        refused.append(seen)
        if told["refused"] != told["sent"]:
            raise RuntimeError(f"with the limit: {told}")
    report.figure(section, "the limit lifted", rate=rate, **median_of(lifted))
    report.figure(section, "refused", rate=rate, **median_of(refused))
    report.mark(section, "p99, refused to lifted", median_ratio(refused, lifted, "p99_us"), 1.5)


def main():
    options = argparse.ArgumentParser(prog="./dev load refused", description=__doc__)
    options.add_argument("--pairs", type=int, default=5)
    options.add_argument("--seconds", type=int, default=4, help="of each measurement")
    asked = options.parse_args()
    report = Report()
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        with running(Node(filemint_node.Node(folder / "node"))) as server:
            world = World(folder, server)
            cost(world, report, asked.pairs, asked.seconds)
            neighbours(world, report, asked.pairs, asked.seconds)
    return 1 if report.close() else 0


if __name__ == "__main__":
    sys.exit(main())
