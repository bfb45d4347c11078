"""Three times the load that a node can carry: the node on one core, an open-loop generator on another, calls of 1,000 paths.

Marks: good answers stay at 80 % of the best rate; what is refused is refused with 503 and Retry-After, without its body being
parsed; memory stays under the sum of the contract's caps.
"""

import argparse
import os
import pathlib
import re
import sys
import tempfile
import threading

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/e2e"), str(ROOT / "bench")]
import filemint_node  # noqa: E402
import measure  # noqa: E402
from filemint_node import eventually, serve  # noqa: E402
from measure import Load, Node, drive, mint_body, on_core, request_of, running  # noqa: E402
from report import Report, errors_of, median_of  # noqa: E402

CONNECTIONS = 4_000  # twice the calls that a node takes on at once
CAPS_MIB = 256 + 256  # bodies with their parsers, unsent answers


class Watch(threading.Thread):
    """The most memory that a server held meanwhile."""

    def __init__(self, server):
        super().__init__()
        self.server, self.ended, self.most_kib = server, threading.Event(), 0

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.join()

    def run(self):
        while not self.ended.wait(0.1):
            self.most_kib = max(self.most_kib, self.server.rss_kib())


def metric(node, pattern):
    return int(float(re.search(rf"^{pattern} (\S+)$", node.admin("/metrics").body.decode(), re.MULTILINE)[1]))


def parsed(node):
    """Calls whose body was parsed, by the count of that phase."""
    return metric(node, r'filemint_phase_seconds_count\{phase="parse"\}')


def in_flight(node):
    return metric(node, "filemint_requests_in_flight")


def overload(server, request, best, seconds):
    eventually(lambda: in_flight(server.node) == 0, "what the load before left is answered")
    before = parsed(server.node)
    with Watch(server) as watch:
        told = Load(server, request, best * 3, seconds, CONNECTIONS, prefix=on_core(1)).told()
    server.forget_log()
    return {"goodput": told["in_time"] / seconds / best, "offered": best * 3, "sent": told["sent"], "ok": told["ok"],
            "refused": told["refused"], "neither": told["sent"] - told["ok"] - told["refused"], "p99_us": told["p99_us"],
            "parsed_of_refused": (parsed(server.node) - before - told["ok"]) / max(1, told["refused"]), "most_rss_mib": watch.most_kib / 1024,
            "statuses": told["statuses"], "lost": told["lost"]}


def main():
    options = argparse.ArgumentParser(prog="./dev load overload", description=__doc__)
    options.add_argument("--runs", type=int, default=5)
    options.add_argument("--seconds", type=int, default=10, help="of each run")
    asked = options.parse_args()
    if (os.cpu_count() or 1) < 2:
        sys.exit("two cores are needed: one for the node, one for the generator")
    measure.raise_file_limit()
    report = Report()
    section = report.section("overload", "1,000 paths at three times the best rate; the node on one core, the generator on the other")
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        demo = filemint_node.Node(folder / "demo")
        demo.stop()
        served = serve(demo, folder / "served", workers=1, max_connections_per_address=20_000, prefix=on_core(0))
        with running(Node(served)) as server:
            body, request = folder / "body", folder / "request"
            body.write_bytes(mint_body(1_000))
            request.write_bytes(request_of(server.key, body.read_bytes()))
            bests = [drive(server, body, asked.seconds, server.key, prefix=on_core(1)) for _ in range(asked.runs)]
            server.forget_log()
            best = median_of(bests)
            report.figure(section, "the best rate", **best)
            runs = [overload(server, request, best["rps"], asked.seconds) for _ in range(asked.runs)]
    middle = median_of(runs)
    report.figure(section, "three times that", **middle)
    report.figure(section, "not minted, all runs", **errors_of(runs))
    report.mark(section, "good answers, of the best rate", middle["goodput"], 0.8, at_least=True)
    report.mark(section, "neither minted nor refused", max(run["neither"] for run in runs), 0)
    report.mark(section, "bodies parsed, a refusal", max(run["parsed_of_refused"] for run in runs), 0.0)
    report.mark(section, "memory, MiB", max(run["most_rss_mib"] for run in runs), CAPS_MIB)
    return 1 if report.close() else 0


if __name__ == "__main__":
    sys.exit(main())
