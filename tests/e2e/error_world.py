"""A node with every fault that a caller can have, for the tests of errors."""

import contextlib
import itertools
import sqlite3
import time

from filemint_node import IN_FORCE_S, MINT, PDF, Node, eventually, request_bytes, serve

MAX_BODY = 512 * 1024
IN_FLIGHT = 8
# Two bodies of that size and two dozen small ones have room in the budget; a third large one has none.
BODY_BUDGET, LARGE_BODY = 1_448_576, 493_000
FORBIDDEN, ABSENT, ILLEGAL = "uploads/co_abc/a.pdf", "uploads/co_xyz/none.pdf", "/uploads/a"

RATE_FIELDS = {"x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset", "ratelimit-policy", "ratelimit"}


def rate_fields(answer):
    """Each stands once; one with another name is seen too."""
    names = [name for name, _ in answer.fields if "ratelimit" in name]
    assert len(names) == len(set(names)), answer
    return set(names)


def id_of(key):
    return key.split("_")[1]


def left_today(least_s=60):
    """Tests that count a day don't begin at its end."""
    left = 86_400 - time.time() % 86_400
    if left < least_s:
        time.sleep(left + 1)


# Beside co_xyz: _small ones have a call a minute, _spent ones a token, co_gone ones are suspended.
COMPANIES = ("co_wide", "co_small", "co_spent", "co_gone", "co_gone_small", "co_gone_spent")


class World:
    """A node, and companies and keys with every fault that a caller can have."""

    def __init__(self, folder):
        demo = Node(folder / "demo")
        demo.stop()
        self.demo = demo
        for company, limit in ((company, 1 if company.endswith("_small") else 1_000_000) for company in COMPANIES):
            assert demo.cli("company", "add", company, "--limit", str(limit)).returncode == 0
            assert demo.cli("grant", "add", company, "magikarp", "uploads/co_xyz").returncode == 0
            if company.endswith("_spent"):
                demo.told_by_cli("limit", "set", "--company", company, "--tokens", "1")
        self.keys = {}
        self.held = 0  # calls that holding() keeps in flight
        for company in ("co_xyz", *COMPANIES):
            for expired, scoped, throttled in itertools.product((True, False), repeat=3):
                self.make_key(company, expired, scoped, throttled)
        for company in ("co_xyz", "co_small", "co_spent", "co_gone"):
            self.make_key(company, revoked=True)
        for fault in ({"expired": True}, {"scoped": False}, {"throttled": True}):
            self.make_key("co_xyz", revoked=True, **fault)
        self.use_days_up()
        self.expire()
        for (*_, revoked), key in self.keys.items():
            if revoked:
                assert demo.cli("key", "revoke", id_of(key)).returncode == 0
        self.node = serve(demo, folder / "served", max_in_flight=IN_FLIGHT, max_body_bytes=MAX_BODY,
                          body_budget_bytes=BODY_BUDGET, clock_skew="0s")
        for company in ("co_gone", "co_gone_small", "co_gone_spent"):
            assert self.node.cli("company", "suspend", company).returncode == 0
            eventually(lambda: self.mint([PDF], self.key(company)).status == 403, "the suspension", IN_FORCE_S)

    def make_key(self, company, expired=False, scoped=True, throttled=False, revoked=False):
        key = self.demo.told_by_cli("key", "create", company, *([] if scoped else ["--route", "health"]))["key"]
        self.keys[company, expired, scoped, throttled, revoked] = key
        if throttled:
            self.demo.told_by_cli("limit", "set", "--key", id_of(key), "--per-day", "1")

    def use_days_up(self):
        """The only call of the day of each throttled key, while it can call at all."""
        left_today(300)
        node = serve(self.demo, self.demo.folder / "first")
        for (_, _, _, throttled, _), key in self.keys.items():
            if throttled:
                assert node.ask("GET", "/health", node.bearer(key)).status == 200
        node.stop()

    def expire(self):
        with contextlib.closing(sqlite3.connect(self.demo.folder / "data/filemint.db")) as store, store:
            for (_, expired, *_), key in self.keys.items():
                if expired:
                    store.execute("UPDATE api_key SET expires_at = ? WHERE id = ?", (int(time.time()) - 60, id_of(key)))

    def key(self, company="co_xyz", expired=False, scoped=True, throttled=False, revoked=False):
        return self.keys[company, expired, scoped, throttled, revoked]

    def mint(self, paths, key=None, **members):
        return self.node.mint({"filePaths": paths, **members}, key)

    def use_up(self, company="co_small"):
        """The only call or token of its window, for some seconds at least."""
        def is_full():
            answer = self.mint([PDF], self.key(company))
            return answer.status == 429 and int(answer["Retry-After"]) > 5

        eventually(is_full, "the window is full")

    @contextlib.contextmanager
    def full(self):
        """As many calls in flight as the node takes: each waits for its body."""
        with self.holding(IN_FLIGHT - self.held):
            yield

    @contextlib.contextmanager
    def starved(self):
        """Bodies on their way that leave no room for another large one; a company has only one of them for sure."""
        with self.holding(1, LARGE_BODY), self.holding(1, LARGE_BODY, self.key("co_wide")):
            yield

    @contextlib.contextmanager
    def holding(self, count, length=9, key=None):
        """That many calls in flight, each waiting for its body."""
        holders = []
        before = self.held
        try:
            for _ in range(count):
                holders.append(eventually(lambda: self.hold(length, key), "a place is free"))
                self.held += 1
            yield
        finally:
            self.held = before
            for holder in holders:
                holder.socket.close()
            in_flight = f"\nfilemint_requests_in_flight {before}\n".encode()
            eventually(lambda: in_flight in self.node.admin("/metrics").body, "their places are free")

    def hold(self, length, key):
        connection = self.node.connect()
        connection.send(request_bytes("POST", MINT, [*self.node.bearer(key), ("Expect", "100-continue"), ("Content-Length", str(length))]))
        while b"\r\n\r\n" not in connection.buffer:
            connection.more()
        if connection.buffer.startswith(b"HTTP/1.1 100 "):
            return connection
        connection.socket.close()
        return None
