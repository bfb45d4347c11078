"""A node with every fault that a caller can have, for the tests of errors."""

import contextlib
import itertools

import pytest

from filemint_node import MINT, PDF, Node, eventually, request_bytes, serve

MAX_BODY = 65_536
IN_FLIGHT = 8
FORBIDDEN, ABSENT, ILLEGAL = "uploads/co_abc/a.pdf", "uploads/co_xyz/none.pdf", "/uploads/a"


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
            for expired, scoped in itertools.product((True, False), (True, False)):
                options = [*(["--expires-in", "1s"] if expired else []), *(["--route", "health"] if not scoped else [])]
                self.keys[company, expired, scoped] = demo.told_by_cli("key", "create", company, *options)["key"]
        self.node = serve(demo, folder / "served", max_in_flight=IN_FLIGHT, max_body_bytes=MAX_BODY, clock_skew="0s")
        for company in ("co_gone", "co_gone_small"):
            assert self.node.cli("company", "suspend", company).returncode == 0
            eventually(lambda: self.mint([PDF], self.keys[company, False, True]).status == 403, "the suspension", 1.5)
        eventually(lambda: self.mint([PDF], self.keys["co_xyz", True, True]).status == 401, "the keys have expired")

    def mint(self, paths, key=None, **members):
        return self.node.mint({"filePaths": paths, **members}, key)

    def use_up(self):
        """The only call of co_small's window, for some seconds at least."""
        def is_full():
            answer = self.mint([PDF], self.keys["co_small", False, True])
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
