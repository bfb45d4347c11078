"""./dev chaos NAME: hurts a cluster under load and holds what clients see to what is promised.

Each harness ends by proving that the cluster is whole again, and exits with 1 when a promise was broken.
"""

import argparse
import os
import pathlib
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/cluster"), str(ROOT / "tests/e2e"), str(ROOT / "tests/tools"), str(ROOT / "bench")]
import postgres_server  # noqa: E402
from chaos_brief import brief  # noqa: E402
from chaos_cut import cut  # noqa: E402
from chaos_mixed import mixed  # noqa: E402
from chaos_random import by_dice  # noqa: E402
from chaos_restarts import kill, roll  # noqa: E402
from chaos_slow import slow  # noqa: E402
from chaos_store import store  # noqa: E402
from cluster_parts import remove_leftovers  # noqa: E402
from harness import Harness  # noqa: E402
from local_cluster import end_at_a_signal  # noqa: E402
from network import NotPermitted  # noqa: E402
from scene import Scene  # noqa: E402

# What makes the cluster, what is done to it, and the seconds that it may take, where they can be chosen.
HARNESSES = {
    "roll": (Harness, roll, 220),
    "kill": (Harness, kill, 120),
    "cut": (Scene, cut, 300),
    "slow": (Scene, slow, 70),
    "store": (Scene, store, 60),
    "mixed": (Harness, mixed, 240),
    "random": (Scene, by_dice, 3_600),
    "brief": (Scene, brief, 0),
}
PREFIX = "filemint-chaos-"  # of a harness's folder
NOT_PERMITTED = 77  # the exit code that test runners take for a skipped test


def main():
    options = argparse.ArgumentParser(prog="./dev chaos", description=__doc__)
    options.add_argument("name", choices=HARNESSES)
    options.add_argument("--seconds", type=int, help="how long it may take, about")
    options.add_argument("--seed", type=int, default=1, help="of its dice; random: of its first run")
    options.add_argument("--only", help="cut: one kind of cut; store: one way to be away")
    options.add_argument("--json", type=pathlib.Path, metavar="FILE", help="what was found, for programs")
    options.add_argument("--runs", type=int, default=100, help="random: how many, each with the next seed")
    asked = options.parse_args()
    make, run, seconds = HARNESSES[asked.name]
    asked.seconds = asked.seconds or seconds
    end_at_a_signal(1)
    remove_leftovers(tempfile.gettempdir(), PREFIX)
    remove_leftovers(postgres_server.MEMORY, postgres_server.PREFIX)
    with tempfile.TemporaryDirectory(prefix=f"{PREFIX}{os.getpid()}_") as folder:
        try:
            harness = make(folder, asked)
        except NotPermitted as problem:
            print(f"dev: {problem}", file=sys.stderr)
            return NOT_PERMITTED
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
