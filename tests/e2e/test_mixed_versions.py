"""A node of this version and one of the next work as one cluster: ./dev chaos mixed, in its short form."""

import os
import subprocess
import sys

from filemint_node import BINARY, ROOT


# Six replacements under load, each of which takes a lame duck, a drain and a start.
def test_two_versions_side_by_side_there_and_back():
    done = subprocess.run(
        [sys.executable, ROOT / "tests/cluster/chaos.py", "mixed", "--seconds", "24"], stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=300, env=dict(os.environ, FILEMINT_BUILD=str(BINARY.parent)))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "all up and told right" in done.stdout, done.stdout
