"""A process that holds keys leaves no core, and is closed to the others of its user, unless the configuration asks for it."""

import os
import pathlib
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile

import node_config
import pytest

from filemint_node import BINARY, DEADLINE_S, PDF, Node, eventually

CLOSED = ("environ", "mem", "maps", "fd")  # what others of the same user can open of a process that is dumpable alone


@pytest.fixture
def folder():
    """Where a process that is not root's can live."""
    with tempfile.TemporaryDirectory(prefix="filemint-cores-") as name:
        os.chmod(name, 0o777)
        yield pathlib.Path(name)


@pytest.fixture
def started(folder):
    """Starts a node there; it ends with the test."""
    nodes = []

    def start(*arguments):
        nodes.append(Started(folder, *arguments))
        return nodes[-1].wait()

    yield start
    for node in nodes:
        if node.process.returncode is None:
            node.process.kill()
            node.process.wait()


def as_nobody():
    """Root may read anything: as root, the node and its onlooker are another user's."""
    return {"user": "nobody", "group": "nogroup"} if os.geteuid() == 0 else {}


class Started:
    """A node that may write cores, as far as we may allow it."""

    def __init__(self, folder, configuration=None):
        binary = shutil.copy(BINARY, folder / "filemint")
        command = ["serve", "--config", configuration] if configuration else ["demo", "--port", "0", "--admin-port", "0", "--data", folder / "data"]
        self.output = folder / "output"
        with open(self.output, "ab") as output:
            self.process = subprocess.Popen([binary, *command], cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                                            preexec_fn=allow_cores, **as_nobody())
        self.proc = pathlib.Path(f"/proc/{self.process.pid}")

    def wait(self):
        eventually(lambda: self.process.poll() is not None or self.is_up(), "it serves")
        assert self.process.poll() is None, self.output.read_text()
        return self

    def is_up(self):
        return re.search("Listening on|\"serving\"", self.output.read_text())

    def limit(self):
        return re.search(r"^Max core file size +(\S+)", (self.proc / "limits").read_text(), re.MULTILINE)[1]

    def open_to_its_user(self):
        """Which of CLOSED another process of the node's user can read."""
        look = "import os, sys\nfor name in sys.argv[2:]:\n  try: os.open(f'/proc/{sys.argv[1]}/{name}', os.O_RDONLY); print(name)\n  except OSError: pass"
        done = subprocess.run([sys.executable, "-c", look, str(self.process.pid), *CLOSED], capture_output=True, text=True, timeout=DEADLINE_S,
                              cwd="/", **as_nobody())
        assert done.returncode == 0, done
        return set(done.stdout.split())

    def dumps_core(self, by):
        """Whether the signal that ends it makes the kernel write a core, wherever core_pattern puts it."""
        self.process.send_signal(by)
        _, status = os.waitpid(self.process.pid, 0)
        self.process.returncode = status
        assert os.WTERMSIG(status) == by
        return os.WCOREDUMP(status)


def allow_cores():
    most = resource.getrlimit(resource.RLIMIT_CORE)[1]
    resource.setrlimit(resource.RLIMIT_CORE, (most, most))


def configuration(folder, **changes):
    """Of a store, as a demo writes it, with other values."""
    if not (folder / "data").exists():
        Node(folder / "made").stop()
        (folder / "made/data").rename(folder / "data")
        for each in [folder / "data", *folder.glob("data/**/*")]:
            if os.geteuid() == 0:
                shutil.chown(each, "nobody", "nogroup")
    text = (folder / "data/filemint.yaml").read_text().replace(str(folder / "made/data"), str(folder / "data"))
    changes = {"listen": '"127.0.0.1:0"', "admin": '"127.0.0.1:0"', "file": '""', **changes}
    file = folder / "data/serve.yaml"
    file.write_text(node_config.changed(text, **changes))
    file.chmod(0o644)
    return file


@pytest.mark.parametrize("command", ["demo", "serve"])
@pytest.mark.parametrize("by", [signal.SIGABRT, signal.SIGSEGV], ids=str)
def test_a_node_leaves_no_core_and_is_closed_to_its_own_user(started, folder, command, by):
    node = started(*([configuration(folder)] if command == "serve" else []))
    assert node.limit() == "0"
    assert node.open_to_its_user() == set()
    assert not node.dumps_core(by)
    assert list(folder.glob("core*")) == []


def test_a_configuration_can_ask_for_cores(started, folder):
    node = started(configuration(folder, allow_core_dumps="true"))
    most = resource.getrlimit(resource.RLIMIT_CORE)[1]
    assert node.limit() == ("unlimited" if most == resource.RLIM_INFINITY else str(most))
    assert node.open_to_its_user() == set(CLOSED)
    assert node.dumps_core(signal.SIGABRT) or most == 0
    for core in folder.glob("core*"):
        core.unlink()


def test_the_command_line_leaves_none_either(folder):
    """A client that waits for its node, with a key in its memory."""
    node = Node(folder / "node")
    node.stop()
    binary = shutil.copy(BINARY, folder / "filemint")
    silent = subprocess.Popen([sys.executable, "-c", "import socket, time\ns = socket.create_server(('127.0.0.1', 0))\nprint(s.getsockname()[1], flush=True)\n"
                               "c, _ = s.accept()\nprint(c.recv(1) and 'asked', flush=True)\ntime.sleep(60)"], stdout=subprocess.PIPE, text=True)
    try:
        client = subprocess.Popen(
            [binary, "mint", PDF, "--url", f"http://127.0.0.1:{silent.stdout.readline().strip()}"], cwd=folder, stdin=subprocess.DEVNULL,
            preexec_fn=allow_cores, env={"FILEMINT_API_KEY": node.key}, **as_nobody())
        assert silent.stdout.readline() == "asked\n"
        client.send_signal(signal.SIGABRT)
        _, status = os.waitpid(client.pid, 0)
        client.returncode = status
        assert os.WTERMSIG(status) == signal.SIGABRT and not os.WCOREDUMP(status)
    finally:
        silent.kill()
        silent.wait()
