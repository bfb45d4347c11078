"""A storage that hangs, resets, answers 500 or a byte a second, and what that costs calls on other sources.

A node looks for each file on two storages (nginx, which has them all), one behind a gate, and on its disk. All three sources are
called at fixed rates. For each trouble, pairs of runs: the gate open, then broken in that way. The others' p99 with the gate
broken is held beside that with it open; calls on the broken one get nothing but 503 or 504, within the deadline; and once the
gate is mended they mint again.
"""

import argparse
import pathlib
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/e2e"), str(ROOT / "bench")]
import filemint_node  # noqa: E402
import swift_source  # noqa: E402
from filemint_node import PDF, eventually  # noqa: E402
from gate import TROUBLES, Gate  # noqa: E402
from measure import Load, Nginx, Node, mint_body, request_of, running  # noqa: E402
from report import Report, errors_of, median_of, median_ratio  # noqa: E402

DEADLINE_S = 3
RATES = {"betaimages": 500, "magikarp": 500, "well": 200, "ill": 200}  # calls a second; betaimages looks for nothing
OTHERS = [name for name in RATES if name != "ill"]


def node_on_storages(folder, well, ill):
    demo = filemint_node.Node(folder / "demo")
    demo.stop()
    text = demo.config.read_text()
    for name, port in (("well", well), ("ill", ill)):
        (folder / name).mkdir()
        text += swift_source.source(folder / name, name, endpoint=f"http://127.0.0.1:{port}", check_exists=True, exists_cache_life="0s")
    demo.config.write_text(text)
    for name in ("well", "ill"):
        demo.told_by_cli("grant", "add", "co_xyz", "--source", name, "--prefix", "uploads/co_xyz")
    return filemint_node.serve(demo, folder / "node", request_deadline=f"{DEADLINE_S}s")


class World:
    def __init__(self, folder, server, gate):
        self.server, self.node, self.gate = server, server.node, gate
        self.requests = {}
        for source in RATES:
            body = mint_body(2, source) if source != "magikarp" else b'{"filePaths":["%s"],"source":"magikarp"}' % PDF.encode()
            self.requests[source] = folder / f"request_{source}"
            self.requests[source].write_bytes(request_of(self.node.key, body))
            assert self.node.mint(body).status == 200, source
        self.ill = mint_body(2, "ill")

    def run(self, seconds):
        """What each source's calls got, all at the same time."""
        loads = {name: Load(self.server, self.requests[name], rate, seconds, connections=32 if name in OTHERS else 512)
                 for name, rate in RATES.items()}
        told = {name: load.told() for name, load in loads.items()}
        self.server.forget_log()
        for name in OTHERS:
            errors = errors_of([told[name]])
            if any(errors.values()):
                raise RuntimeError(f"{name}: {errors}")
        return told

    def mend(self):
        """Seconds until the source mints again."""
        self.gate.mend()
        begun = time.monotonic()
        eventually(lambda: self.node.mint(self.ill).status == 200 and self.is_closed(), "the circuit closes", 60)
        return time.monotonic() - begun

    def is_closed(self):
        return b'filemint_storage_circuit_state{backend="ill",state="closed"} 1' in self.node.admin("/metrics").body


def trouble_on(world, report, trouble, pairs, seconds):
    section = report.section(trouble, f"A storage that is broken: {trouble}; calls on other sources beside")
    well, broken, recovery = [], [], []
    world.run(1)  # warm-up
    for _ in range(pairs):
        well.append(world.run(seconds))
        world.gate.break_by(trouble)
        broken.append(world.run(seconds))
        recovery.append(world.mend())
    for name in OTHERS:
        report.figure(section, f"{name}, all well", **median_of([run[name] for run in well]))
        report.figure(section, f"{name}, one broken", **median_of([run[name] for run in broken]))
        ratio = median_ratio([run[name] for run in broken], [run[name] for run in well], "p99_us")
        report.mark(section, f"{name}: p99 to that before", ratio, 1.1)
    statuses = errors_of([run["ill"] for run in broken])
    wrong = {kind: count for kind, count in statuses.items() if kind not in ("answered 503", "answered 504")}
    report.figure(section, "the broken source", **{kind.replace(" ", "_"): count for kind, count in statuses.items()})
    report.mark(section, "its answers that are not 503 or 504", sum(wrong.values()), 0)
    report.mark(section, "its slowest answer, s", max(run["ill"]["max_us"] for run in broken) / 1e6, DEADLINE_S + 0.5)
    report.mark(section, "recovery, s", max(recovery), 40)


def main():
    options = argparse.ArgumentParser(prog="./dev load storages", description=__doc__)
    options.add_argument("--pairs", type=int, default=5)
    options.add_argument("--seconds", type=int, default=6, help="of each measurement")
    options.add_argument("trouble", nargs="*", default=TROUBLES, help=f"of {', '.join(TROUBLES)}")
    asked = options.parse_args()
    report = Report()
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        with running(Nginx(folder / "nginx", 0)) as nginx:
            gate = Gate(nginx.port)
            with running(Node(node_on_storages(folder, nginx.port, gate.port))) as server:
                world = World(folder, server, gate)
                for trouble in asked.trouble:
                    trouble_on(world, report, trouble, asked.pairs, asked.seconds)
            gate.stop()
    return 1 if report.close() else 0


if __name__ == "__main__":
    sys.exit(main())
