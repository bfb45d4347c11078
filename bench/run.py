"""./dev bench: filemint beside nginx on this machine, in one run, by turns. Marks are printed beside what came out."""

import argparse
import datetime
import os
import pathlib
import platform
import sys
import tempfile
import traceback

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "tests/e2e"))  # filemint_node

from report import Report
from sections import SECTIONS


class Bench:
    def __init__(self, folder, quick):
        self.folder = folder
        self.report = Report()
        self.pairs = 2 if quick else 5
        self.seconds = 2 if quick else 4
        self.idle_seconds = 10 if quick else 60
        self.micro_seconds = 0.05 if quick else 0.3
        self.best_rate = {}  # paths: req/s


def main():
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="2 pairs of 2 s: a look, not a figure to report")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="default: bench/results/TIME.json")
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=f"of: {' '.join(SECTIONS)}; default: all")
    wanted = parser.parse_args()
    unknown = set(wanted.sections) - set(SECTIONS)
    if unknown:
        parser.error(f"no such section: {' '.join(sorted(unknown))}")

    began = datetime.datetime.now(datetime.timezone.utc)
    failed = []
    with tempfile.TemporaryDirectory(prefix="filemint-bench-") as folder:
        bench = Bench(pathlib.Path(folder), wanted.quick)
        for name in wanted.sections or SECTIONS:
            try:
                SECTIONS[name](bench)
            except Exception:
                traceback.print_exc()
                failed.append(name)
    bench.report.close()
    if failed:
        print(f"not measured: {', '.join(failed)}")
    file = wanted.json or pathlib.Path(__file__).parent / "results" / f"{began:%Y%m%dT%H%M%SZ}.json"
    bench.report.write(
        file, date=began.isoformat(timespec="seconds"), quick=wanted.quick, not_measured=failed,
        machine={"cores": os.cpu_count(), "kernel": platform.release(), "arch": platform.machine()})
    print(f"written: {file}")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
