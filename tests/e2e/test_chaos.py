"""The chaos harnesses, each for a few seconds, on one cluster in a network of its own. ./dev chaos NAME runs one for long."""

import json
import os
import subprocess
import sys

import pytest

from filemint_node import BINARY, ROOT

LOAD = BINARY.parent / "bench/bench_load"
NOT_PERMITTED = 77
HARNESSES = ("cut", "slow", "store", "random", "roll", "kill", "end")


@pytest.fixture(scope="module")
def marks(tmp_path_factory):
    """By harness, what was found; all of it in one go, since a cluster takes seconds to start."""
    assert LOAD.exists(), f"{LOAD} is not built: ./dev test builds it"
    file = tmp_path_factory.mktemp("chaos") / "brief.json"
    done = subprocess.run(
        [sys.executable, ROOT / "tests/cluster/chaos.py", "brief", "--json", file], stdin=subprocess.DEVNULL, capture_output=True,
        text=True, env=dict(os.environ, FILEMINT_BUILD=str(BINARY.parent)), timeout=240)
    if done.returncode == NOT_PERMITTED:
        pytest.skip(done.stderr.strip())
    assert file.exists(), done.stdout[-4_000:] + done.stderr[-4_000:]
    found = {}
    for name, section in json.loads(file.read_text())["sections"].items():
        found.setdefault(name.split()[0], []).extend(section["marks"])
    return found


@pytest.mark.parametrize("harness", HARNESSES)
def test_what_is_promised_holds(marks, harness):
    assert marks[harness]
    assert [mark for mark in marks[harness] if mark["verdict"] == "FALLS SHORT"] == []
