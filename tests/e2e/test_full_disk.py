"""A node whose data lie on a disk that is full, or in files that may grow no larger."""

import re
import subprocess

import pytest

from filemint_node import DEADLINE_S, PDF, Node, eventually
from private_mount import small_disk


class SmallDisk:
    """A folder that is a small disk of its own, for those alone whose command begins with `within`."""

    def __init__(self, folder):
        self.folder, self.mount = folder, small_disk(folder)
        self.within = self.mount.within

    def shell(self, script):
        done = subprocess.run([*self.within, "sh", "-c", script, self.folder], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=DEADLINE_S)
        return done.returncode, done.stdout + done.stderr

    def fill(self):
        code, told = self.shell('cat /dev/zero > "$0/ballast"')
        assert code != 0 and "No space left on device" in told, told

    def free(self):
        assert self.shell('rm "$0/ballast"') == (0, "")


@pytest.fixture
def disk(tmp_path):
    made = SmallDisk(tmp_path / "node/data")
    yield made
    made.mount.close()


@pytest.fixture
def on_disk(disk):
    node = Node(disk.folder.parent, prefix=disk.within)
    yield node
    node.stop()


def refused_write(node):
    """The first one that finds no room; those before it went where the store had some left."""
    for number in range(200):
        done = node.cli("company", "add", f"co_{number}")
        if done.returncode != 0:
            return number, done
    raise AssertionError("a full disk takes 200 companies")


def test_a_full_disk_gives_a_clear_error_and_minting_goes_on(on_disk, disk):
    node = on_disk
    disk.fill()
    added, refused = refused_write(node)
    assert refused.returncode == 4 and refused.stdout == "", refused
    assert len(refused.stderr.splitlines()) == 1 and "no room is left" in refused.stderr, refused
    answers = [node.mint({"filePaths": [PDF]}, headers=[("X-Request-Id", f"full-{i}")]) for i in range(20)]
    assert [answer.status for answer in answers] == [200] * 20
    assert node.download(PDF, answers[-1].data["access_tokens"][PDF]).status == 200
    assert node.admin("/readyz").status == 200
    companies = {row["id"] for row in node.told_by_cli("company", "list")}
    assert companies == {"co_xyz", "co_other", *(f"co_{number}" for number in range(added))}, "what was acknowledged, and no more"

    disk.free()
    created = node.told_by_cli("key", "create", "co_xyz")["key"]
    eventually(lambda: node.mint({"filePaths": [PDF]}, key=created).status == 200, "the node follows the store again")
    assert node.mint({"filePaths": [PDF]}, headers=[("X-Request-Id", "room-again")]).status == 200
    eventually(lambda: "room-again" in disk.shell('cat "$0/filemint.log"')[1], "the log goes on")


def limit_file_size(node, size):
    subprocess.run(["prlimit", f"--pid={node.process.pid}", f"--fsize={size}:"], check=True, stdin=subprocess.DEVNULL)


def test_a_limit_of_file_sizes_is_as_a_full_disk(tmp_path):
    node = Node(tmp_path / "node")
    try:
        limit_file_size(node, 1_024)
        answers = [node.mint({"filePaths": [PDF]}) for _ in range(20)]
        assert [answer.status for answer in answers] == [200] * 20
        assert node.download(PDF, answers[-1].data["access_tokens"][PDF]).status == 200
        eventually(lambda: lines_dropped(node) >= 21, "lines beyond the limit are counted")
        node.prefix = ["prlimit", "--fsize=1024"]
        _, refused = refused_write(node)
        assert refused.returncode == 4 and refused.stdout == "", refused
        assert refused.stderr == "filemint: the store is full: the limit of a file's size is reached\n"

        limit_file_size(node, "unlimited")
        node.prefix = []
        created = node.told_by_cli("key", "create", "co_xyz")["key"]
        eventually(lambda: node.mint({"filePaths": [PDF]}, key=created, headers=[("X-Request-Id", "room-again")]).status == 200,
                   "the node follows the store again")
        eventually(lambda: "room-again" in node.log(), "the log goes on")
    finally:
        node.stop()


def lines_dropped(node):
    return int(re.search(r"^filemint_log_lines_dropped_total (\d+)$", node.admin("/metrics").body.decode(), re.MULTILINE)[1])
