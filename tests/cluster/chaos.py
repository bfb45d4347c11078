"""./dev chaos NAME: hurts a cluster under load and holds what clients see to what is promised.

Each harness ends by proving that the cluster is whole again, and exits with 1 when a promise was broken.
"""

import argparse
import pathlib
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/cluster"), str(ROOT / "tests/e2e"), str(ROOT / "bench")]
from chaos_restarts import kill, roll  # noqa: E402
from harness import Harness  # noqa: E402
from local_cluster import end_at_a_signal  # noqa: E402

# What makes the cluster, what is done to it, and the seconds that it may take, where they can be chosen.
HARNESSES = {
    "roll": (Harness, roll, 220),
    "kill": (Harness, kill, 0),
}


def main():
    options = argparse.ArgumentParser(prog="./dev chaos", description=__doc__)
    options.add_argument("name", choices=HARNESSES)
    options.add_argument("--seconds", type=int, help="how long it may take, about")
    options.add_argument("--seed", type=int, default=1, help="of its dice")
    options.add_argument("--json", type=pathlib.Path, metavar="FILE", help="what was found, for programs")
    asked = options.parse_args()
    make, run, seconds = HARNESSES[asked.name]
    asked.seconds = asked.seconds or seconds
    end_at_a_signal(1)
    with tempfile.TemporaryDirectory(prefix="filemint-chaos-") as folder:
        harness = make(folder, asked)
        try:
            run(harness)
            short = harness.close()
            if asked.json:
                harness.report.write(asked.json, name=asked.name, seed=asked.seed)
            return 1 if short else 0
        finally:
            harness.stop()


if __name__ == "__main__":
    sys.exit(main())
