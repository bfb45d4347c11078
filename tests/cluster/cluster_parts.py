"""What a cluster on one machine is made of: HAProxy, PostgreSQL, nodes, and the place where they are.

All of them end with the process that started them, however it ends.
"""

import contextlib
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/e2e"), str(ROOT / "tests/tools")]
from filemint_node import BINARY, Connection, eventually, free_port  # noqa: E402
from postgres_server import Server, account, binaries  # noqa: E402

ENDS_WITH_US = ("setpriv", "--pdeathsig", "KILL")  # what a command begins with


def remove_leftovers(folder, prefix):
    """Folders called PREFIXpid_… whose process was killed, with what still runs in them: a stopped server, say."""
    for left in pathlib.Path(folder).glob(f"{prefix}*"):
        pid = left.name.removeprefix(prefix).partition("_")[0]
        if pid.isdigit() and not pathlib.Path("/proc", pid).exists():
            for process in pathlib.Path("/proc").glob("[0-9]*"):
                with contextlib.suppress(OSError):
                    if left in pathlib.Path(os.readlink(process / "cwd")).parents:
                        os.kill(int(process.name), signal.SIGKILL)
            shutil.rmtree(left, ignore_errors=True)


class Loopback:
    """The place of a cluster where nothing can be cut."""

    clients = postgres = "127.0.0.1"  # from where clients and the proxy call; where PostgreSQL listens
    network = "127.0.0.1/32"

    def address_of(self, _name):
        return "127.0.0.1"

    def listen_of(self, _name):
        """All addresses, of which each has the node's port."""
        return ["127.0.0.1"]

    def prefix_of(self, _name):
        """What a command begins with to run where that node is."""
        return ()


class Tail:
    """What is written to a log from now on."""

    def __init__(self, file):
        self.file, self.seen = file, file.stat().st_size

    def new_lines(self):
        """Since the last look; one that lacks its end comes with the next."""
        with open(self.file, "rb") as log:
            log.seek(self.seen)
            whole = b"".join(log.read().rpartition(b"\n")[:2])
        self.seen += len(whole)
        return whole.decode(errors="replace").splitlines()


class Haproxy:
    """deploy/haproxy/haproxy.cfg, with our nodes in the place of its three."""

    address = "127.0.0.1"

    def __init__(self, folder, nodes):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        text = (ROOT / "deploy/haproxy/haproxy.cfg").read_text()
        text = text.replace("bind :8080", f"bind 127.0.0.1:{self.port}").replace(" port 8081", "")
        text = text.replace("maxconn 20000", "maxconn 4000")  # within the file limit of whoever runs it
        servers = [
            f"  server {node.name} {node.address}:{node.port} check addr {node.address} port {node.admin_port}" for node in nodes]
        text = re.sub(r"(?:  server \S+ \S+\n)+", "\n".join(servers) + "\n", text)
        settings = folder / "haproxy.cfg"
        settings.write_text(text)
        self.is_up = {}
        with open(folder / "haproxy.log", "wb") as log:
            self.process = subprocess.Popen(
                [*ENDS_WITH_US, "haproxy", "-db", "-f", settings], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True)
        self.log = Tail(folder / "haproxy.log")

    def gives_to(self, node):
        """By the last of its lines about that node's checks; it begins with all of them."""
        for line in self.log.new_lines():
            if told := re.match(r"Server nodes/(\S+) is (UP|DOWN)", line):
                self.is_up[told[1]] = told[2] == "UP"
        return self.is_up.get(node.name, True)

    def stop(self):
        ended(self.process, signal.SIGTERM)


def ended(process, how):
    if process.poll() is None:
        process.send_signal(how)
    return process.wait(timeout=30)


class Postgres(Server):
    """With a database of ours, empty."""

    def __init__(self, place):
        super().__init__(place.postgres, place.network)
        try:
            self.make()
            self.start()
            subprocess.run([binaries() / "createdb", "-h", self.folder, "-p", str(self.port), "filemint"], check=True,
                           stdin=subprocess.DEVNULL, cwd="/", **account())
        except BaseException:
            self.remove()
            raise

    def processes(self):
        found = [self.process.pid]
        for pid in found:
            for children in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
                with contextlib.suppress(OSError):  # it has ended
                    found += map(int, children.read_text().split())
        return found

    def signal_all(self, how):
        """Its backends too: each is in a session of its own."""
        for pid in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, how)

    def freeze(self):
        self.signal_all(signal.SIGSTOP)

    def thaw(self):
        self.signal_all(signal.SIGCONT)

    def kill(self):
        """-9, every process. It can be started again then, on the same port."""
        pids = self.processes()
        self.signal_all(signal.SIGKILL)
        self.process.wait()
        eventually(lambda: not any(pathlib.Path(f"/proc/{pid}").exists() for pid in pids), "PostgreSQL is gone")

    def copy_data(self, source, target):
        """While it does not run."""
        subprocess.run(["cp", "-a", source, target], check=True, stdin=subprocess.DEVNULL)

    def keep_copy(self):
        """Of what it has now; it is away for a moment."""
        self.stop()
        self.copy_data(self.data, self.folder / "copy")
        self.start()

    def restore_copy(self):
        self.kill()
        shutil.rmtree(self.data)
        self.copy_data(self.folder / "copy", self.data)
        self.start()

    @property
    def url(self):
        return f"postgresql://postgres:secret@{self.address}:{self.port}/filemint"


def status_of(url, target):
    """None: nobody answers."""
    try:
        with Connection(url, documented=False) as connection:
            return connection.ask("GET", target).status
    except OSError:
        return None


class ClusterNode:
    """One node's ports and configuration, which outlive its process. `binary`: what it is started from, the next time."""

    def __init__(self, cluster, number):
        self.name = f"node-{number}"
        self.binary = BINARY
        self.address = cluster.place.address_of(self.name)
        self.prefix = [*ENDS_WITH_US, *cluster.place.prefix_of(self.name)]
        self.folder = cluster.folder / self.name
        self.folder.mkdir()
        self.port, self.admin_port, self.peer_port = free_port(), free_port(), free_port()
        self.url, self.admin_url = f"http://{self.address}:{self.port}", f"http://{self.address}:{self.admin_port}"
        self.config = self.folder / "filemint.yaml"
        self.process = None
        self.died_at = None  # None: it runs, or was stopped on purpose

    def start(self):
        with open(self.folder / "output", "ab") as output:
            self.process = subprocess.Popen(
                [*self.prefix, self.binary, "serve", "--config", self.config], stdin=subprocess.DEVNULL, stdout=output,
                stderr=output, start_new_session=True)
        self.died_at = None

    def is_ready(self):
        return status_of(self.admin_url, "/readyz") == 200

    def stop(self):
        """Drained, as a roll does it."""
        if self.process is not None:
            ended(self.process, signal.SIGTERM)

    def kill(self):
        ended(self.process, signal.SIGKILL)
