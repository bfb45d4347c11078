"""Thousands of slow clients against a node, and beside them a client that calls at a fixed rate.

slowhttptest holds connections open in its three modes: heads, bodies and answers that hardly move. Clients of ours do the
same with a good key: bodies of a byte a second, and answers that nobody takes. Fails when the node keeps one of them beyond
the contract's limits, when the client beside gets anything but its tokens, or when a connection is left at the end.
"""

import argparse
import pathlib
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
from authority import Authority, listener  # noqa: E402
from filemint_node import MINT, Node, eventually, request_bytes, serve  # noqa: E402
from node_config import free_port  # noqa: E402

RATE = 50  # calls a second of the client beside
BODY = b'{"filePaths":["uploads/co_xyz/a"],"source":"betaimages"}'
MANY = b'{"filePaths":[%s],"source":"betaimages"}' % b",".join(b'"uploads/co_xyz/%04d"' % i for i in range(1_000))
IDLE = 10_000
MOST_IDLE_KIB = {"plaintext": 16, "TLS": 64}  # each


def metric(node, name):
    text = node.admin("/metrics").body.decode()
    return sum(float(value) for value in re.findall(rf"^{name}(?:\{{[^}}]*\}})? (\S+)$", text, re.MULTILINE))


def connections_open(node):
    return metric(node, "filemint_connections_open")


def rss_kib(node):
    return int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{node.process.pid}/status").read_text())[1])


class Beside(threading.Thread):
    """Mints at a fixed rate, counts each call from when it was due, and looks at the node meanwhile."""

    def __init__(self, node):
        super().__init__()
        self.node, self.stopped = node, threading.Event()
        self.took, self.failed, self.most_open, self.most_rss = [], [], 0, 0
        self.began, self.last_open = time.monotonic(), 0  # seconds; an attacker may see its connections for longer
        self.start()

    def run(self):
        raw = request_bytes("POST", MINT, self.node.bearer(), BODY)
        due, connection = time.monotonic(), self.node.connect()
        while not self.stopped.wait(max(0, due - time.monotonic())):
            try:
                connection.send(raw)
                status = connection.reply().status
            except OSError as error:
                status, connection = repr(error), self.node.connect()
            self.took.append(time.monotonic() - due)
            if status != 200:
                self.failed.append(status)
            due += 1 / RATE
            if len(self.took) % RATE == 0:
                now_open = connections_open(self.node)
                self.most_open = max(self.most_open, now_open)
                if now_open > 5:
                    self.last_open = time.monotonic() - self.began
                self.most_rss = max(self.most_rss, rss_kib(self.node))

    def told(self):
        self.stopped.set()
        self.join()
        took = sorted(self.took)
        return (f"at most {self.most_open:.0f} open, until {self.last_open:.0f} s, {self.most_rss / 1024:.0f} MiB; beside it {len(took)} calls, {len(self.failed)} failed "
                f"{self.failed[:3] or ''}, p50 {statistics.median(took) * 1e3:.1f} ms, p99 {took[int(len(took) * 0.99)] * 1e3:.1f} ms")


# ---- attacks: what each tells, at its end


def by_slowhttptest(mode, *options):
    def attack(node, connections, seconds):
        done = subprocess.run(
            ["slowhttptest", mode, "-c", str(connections), "-r", str(connections // 2), "-l", str(seconds), "-i", "5", "-p", "3", "-v", "1",
             "-u", big_file(node) if mode == "-X" else node.url + "/nowhere", *options],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=seconds + 60)
        told = re.sub(r"\x1b\[[0-9;]*m", "", done.stdout)
        end = re.search(r"Test ended on (\d+)th second\s+Exit status: ([^\n\x1b]+)", told)
        return f"slowhttptest ended after {end[1]} s: {end[2]}"

    return attack


def big_file(node):
    """A URL that 8 MiB come from."""
    path = "uploads/co_xyz/big.bin"
    (node.config.parent / "files/magikarp" / path).write_bytes(bytes(8 << 20))
    return f"{node.url}/files/magikarp/{path}?token={node.token(path)}"


def opened(node, count, first):
    address, clients = urllib.parse.urlsplit(node.url), []
    for _ in range(count):
        client = socket.socket()
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        client.connect((address.hostname, address.port))
        client.sendall(first)
        clients.append(client)
    return clients


def slow_bodies(node, connections, seconds):
    """A good key, and a byte of the body each second."""
    clients, began = opened(node, connections, request_bytes("POST", MINT, [*node.bearer(), ("Content-Length", "1000")])), time.monotonic()
    while connections_open(node) > 5 and time.monotonic() - began < seconds:
        for client in clients:
            try:
                client.send(b" ", socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL)
            except OSError:
                pass  # cut off
        time.sleep(1)
    return f"{connections} bodies of a byte a second, for {time.monotonic() - began:.0f} s"


def slow_readers(node, connections, seconds):
    """Answers of 1,000 paths that nobody takes; an eighth of the connections, since each leaves megabytes unsent."""
    clients, began = opened(node, connections // 8, request_bytes("POST", MINT, node.bearer(), MANY) * 8), time.monotonic()
    eventually(lambda: connections_open(node) <= 5, "slow readers are cut off", deadline=4 * seconds)
    return f"{len(clients)} readers that take nothing, for {time.monotonic() - began:.0f} s"


# Each with the seconds within which the node has ended all of its connections: the contract's limit, and 4 s in which they
# are opened and seen to be gone.
ATTACKS = {
    "heads (-H)": (by_slowhttptest("-H"), 10 + 4),  # a head's 10 s
    "bodies (-B)": (by_slowhttptest("-B", "-s", "8192"), 5 + 4),  # refused for want of a key; what follows is dropped for 5 s
    "readers (-X)": (by_slowhttptest("-X", "-w", "512", "-y", "1024", "-n", "5", "-z", "32", "-k", "3"), 20 + 4),  # two looks, 10 s apart
    "authorised bodies": (slow_bodies, 6 + 4),  # 1 KiB/s after 5 s, looked at each second
    "authorised readers": (slow_readers, 20 + 75 + 4),  # two looks, or idle: the system's buffers hold an answer
}


def opened_by_tls(port, context, count, first):
    clients = []
    for _ in range(count):
        client = context.wrap_socket(socket.create_connection(("127.0.0.1", port)), server_hostname="localhost")
        client.sendall(first)
        clients.append(client)
    return clients


def idle(node, kind, open_clients):
    before = rss_kib(node)
    clients = open_clients(IDLE, request_bytes("GET", "/nowhere"))
    eventually(lambda: connections_open(node) >= IDLE and metric(node, "filemint_requests_in_flight") == 0, f"{IDLE} connections are open")
    each = (rss_kib(node) - before) / IDLE
    for client in clients:
        client.close()
    eventually(lambda: connections_open(node) == 0, "no connection is left")
    print(f"idle, {kind}: {each:.1f} KiB a connection of {IDLE} that have asked once and are silent", flush=True)
    return each > MOST_IDLE_KIB[kind]


def idle_by_tls(demo, folder):
    """On a node of its own: memory that was freed would be taken again."""
    authority, port = Authority(folder / "authority"), free_port()
    secure = listener(f"127.0.0.1:{port}", authority.issue("server"))
    node = serve(demo, folder / "secure", tls=authority.client(), listeners=f"[{secure}]", max_connections_per_address=20_000)
    try:
        return idle(node, "TLS", lambda *asked: opened_by_tls(port, authority.client(), *asked))
    finally:
        node.stop()


def main():
    options = argparse.ArgumentParser(prog="dev load slow", description="slow clients against a node")
    options.add_argument("--connections", type=int, default=2_000)
    options.add_argument("--only", default="", help="attacks with that in their name")
    options.add_argument("--seconds", type=int, default=45, help="an attack's length")
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        demo = Node(pathlib.Path(folder) / "demo")
        demo.stop()
        failed = idle_by_tls(demo, pathlib.Path(folder))
        node = serve(demo, pathlib.Path(folder) / "served", max_connections_per_address=20_000)
        try:
            failed = idle(node, "plaintext", lambda *asked: opened(node, *asked)) or failed
            for name, (attack, most_s) in ATTACKS.items():
                if asked.only not in name:
                    continue
                beside = Beside(node)
                try:
                    told = attack(node, asked.connections, asked.seconds)
                finally:
                    of_beside = beside.told()
                print(f"{name}: {told}; {of_beside}", flush=True)
                failed = failed or bool(beside.failed)
                if beside.last_open > most_s:
                    print(f"{name}: open for {beside.last_open:.0f} s, and {most_s} are the most", flush=True)
                    failed = True
                eventually(lambda: connections_open(node) == 0, f"no connection is left after {name}")
                assert metric(node, "filemint_requests_in_flight") == 0, "no request is in flight"
        finally:
            node.stop()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
