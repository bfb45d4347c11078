"""deploy/systemd/filemint.service, by what systemd itself says of it."""

import shutil
import subprocess

import pytest

from filemint_node import BINARY, ROOT

UNIT = ROOT / "deploy/systemd/filemint.service"
MOST_EXPOSED = 20  # of 100; 17 as it stands


@pytest.fixture
def unit(tmp_path):
    """The unit with the binary where it was built."""
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd is not installed here")
    text = UNIT.read_text()
    assert text.count("=/usr/local/bin/filemint ") == 2
    copy = tmp_path / UNIT.name
    copy.write_text(text.replace("/usr/local/bin/filemint ", f"{BINARY.resolve()} "))
    return copy


def analyzed(*command):
    done = subprocess.run(["systemd-analyze", *command], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30)
    return done.returncode, done.stdout + done.stderr


def test_systemd_finds_nothing_to_say(unit):
    assert analyzed("verify", "--man=no", unit) == (0, "")


def test_it_is_hardened(unit):
    code, told = analyzed("security", "--offline=yes", f"--threshold={MOST_EXPOSED}", "--no-pager", unit)
    assert code == 0, told
