"""A node with every fault that a caller can have, for the tests of errors."""

import contextlib
import itertools
import sqlite3
import time

import pytest

from filemint_node import MINT, PDF, Node, eventually, request_bytes, serve

MAX_BODY = 65_536
IN_FLIGHT = 8
FORBIDDEN, ABSENT, ILLEGAL = "uploads/co_abc/a.pdf", "uploads/co_xyz/none.pdf", "/uploads/a"


def id_of(key):
    return key.split("_")[1]


def left_today(least_s=60):
    """Tests that count a day don't begin at its end."""
    left = 86_400 - time.time() % 86_400
    if left < least_s:
        time.sleep(left + 1)


class World:
    """A node, and companies and keys with every fault that a caller can have."""

    def __init__(self, folder):
        demo = Node(folder / "demo")
        demo.stop()
        self.demo = demo
        for company, limit in (("co_small", 1), ("co_gone", 1_000_000), ("co_gone_small", 1)):
            assert demo.cli("company", "add", company, "--limit", str(limit)).returncode == 0
            assert demo.cli("grant", "add", company, "magikarp", "uploads/co_xyz").returncode == 0
        self.keys = {}
        for company in ("co_xyz", "co_small", "co_gone", "co_gone_small"):
            for expired, scoped, throttled in itertools.product((True, False), repeat=3):
                key = demo.told_by_cli("key", "create", company, *([] if scoped else ["--route", "health"]))["key"]
                self.keys[company, expired, scoped, throttled] = key
                if throttled:
                    demo.told_by_cli("limit", "set", "--key", id_of(key), "--per-day", "1")
        self.use_days_up()
        self.expire()
        self.node = serve(demo, folder / "served", max_in_flight=IN_FLIGHT, max_body_bytes=MAX_BODY, clock_skew="0s")
        for company in ("co_gone", "co_gone_small"):
            assert self.node.cli("company", "suspend", company).returncode == 0
            eventually(lambda: self.mint([PDF], self.key(company)).status == 403, "the suspension", 1.5)

    def use_days_up(self):
        """The only call of the day of each throttled key, while it can call at all."""
        left_today(300)
        node = serve(self.demo, self.demo.folder / "first")
        for (_, _, _, throttled), key in self.keys.items():
            if throttled:
                assert node.ask("GET", "/health", node.bearer(key)).status == 200
        node.stop()

    def expire(self):
        with contextlib.closing(sqlite3.connect(self.demo.folder / "data/filemint.db")) as store, store:
            for (_, expired, _, _), key in self.keys.items():
                if expired:
                    store.execute("UPDATE api_key SET expires_at = ? WHERE id = ?", (int(time.time()) - 60, id_of(key)))

    def key(self, company="co_xyz", expired=False, scoped=True, throttled=False):
        return self.keys[company, expired, scoped, throttled]

    def mint(self, paths, key=None, **members):
        return self.node.mint({"filePaths": paths, **members}, key)

    def use_up(self):
        """The only call of co_small's window, for some seconds at least."""
        def is_full():
            answer = self.mint([PDF], self.key("co_small"))
            return answer.status == 429 and int(answer["Retry-After"]) > 5

        eventually(is_full, "the window is full")

    @contextlib.contextmanager
    def full(self):
        """As many calls in flight as the node takes: each waits for its body."""
        holders = []
        try:
            for _ in range(IN_FLIGHT):
                holders.append(eventually(self.hold, "a place is free"))
            yield
        finally:
            for holder in holders:
                holder.socket.close()
            eventually(lambda: b"\nfilemint_requests_in_flight 0\n" in self.node.admin("/metrics").body, "their places are free")

    def hold(self):
        connection = self.node.connect()
        connection.send(request_bytes("POST", MINT, [*self.node.bearer(), ("Expect", "100-continue"), ("Content-Length", "9")]))
        while b"\r\n\r\n" not in connection.buffer:
            connection.more()
        if connection.buffer.startswith(b"HTTP/1.1 100 "):
            return connection
        connection.socket.close()
        return None


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    world = World(tmp_path_factory.mktemp("table"))
    yield world
    world.node.stop()
