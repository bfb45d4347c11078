"""Of two faults in one download, and in one question of a proxy, the earlier in the order of checks is told: the token, then its
company, then the place, then the file, then the range."""

import itertools

import pytest

from error_world import ABSENT, FORBIDDEN, id_of
from filemint_node import PDF, Node, eventually, serve
from test_error_order import Fault, check, field, setting

HOLDERS = ("co_xyz", "co_suspended", "co_ungranted")


class Tokens:
    """For a file that is there and one that is not: good ones, revoked ones and expired ones, of each holder."""

    def __init__(self, node):
        self.node = node
        for holder in HOLDERS[1:]:
            node.told_by_cli("company", "add", holder, "--limit", "1000000")
            node.told_by_cli("grant", "add", holder, "betaimages", "uploads/co_xyz")
        self.made = {}
        for holder in HOLDERS:
            keys = {kind: node.told_by_cli("key", "create", holder)["key"] for kind in ("good", "revoked", "expired")}
            for (kind, key), path in itertools.product(keys.items(), (PDF, ABSENT)):
                eventually(lambda: node.mint({}, key).code == "MISSING_REQUIRED_FIELD", "the key is known")
                life = {"expiresIn": 1} if kind == "expired" else {}
                self.made[holder, kind, path] = node.token(path, key, source="betaimages", **life)
            node.told_by_cli("token", "revoke", "--key", id_of(keys["revoked"]))
        node.told_by_cli("company", "suspend", "co_suspended")
        node.told_by_cli("grant", "remove", "co_ungranted", "betaimages", "uploads/co_xyz")
        for (holder, kind, path), token in self.made.items():
            wanted = 401 if kind != "good" else 403 if holder != "co_xyz" else 404 if path == ABSENT else 200
            eventually(lambda: node.download(path, token, source="betaimages").status == wanted, f"{holder}'s {kind} token")


@pytest.fixture(scope="module")
def tokens(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tokens")
    demo = Node(folder / "demo")
    demo.stop()
    node = serve(demo, folder / "served", clock_skew="0s")
    yield Tokens(node)
    node.stop()


def as_download(call, target):
    return call.node.ask(call.method, target, call.fields)


def as_envoy_asks(call, target):
    return call.node.ask(call.method, f"/verify{target}", call.fields)


def as_nginx_asks(call, target):
    return call.node.ask("GET", "/verify", [("X-Original-URI", target), ("X-Original-Method", call.method), *call.fields])


class Request:
    """For a file, without a fault, which faults change."""

    def __init__(self, tokens):
        self.tokens, self.node = tokens, tokens.node
        self.method, self.holder, self.kind, self.path, self.fields = "GET", "co_xyz", "good", PDF, []

    def target(self):
        minted = self.path if self.path != FORBIDDEN else PDF
        token = self.tokens.made.get((self.holder, self.kind, minted), self.kind)
        return f"/files/betaimages/{self.path}" + ("" if self.kind == "none" else f"?token={token}")


OF_TOKENS = [
    Fault("no token", 401, "UNAUTHORIZED", setting("kind", "none"), slot="token"),
    Fault("a bad token", 401, "INVALID_ACCESS_TOKEN", setting("kind", "x"), slot="token"),
    Fault("an expired token", 401, "EXPIRED_ACCESS_TOKEN", setting("kind", "expired"), slot="token"),
    Fault("a revoked token", 401, "INVALID_ACCESS_TOKEN", setting("kind", "revoked"), slot="token"),
    Fault("a suspended company", 403, "FORBIDDEN", setting("holder", "co_suspended"), slot="holder"),
    Fault("a grant that was removed", 403, "FORBIDDEN", setting("holder", "co_ungranted"), slot="holder"),
    Fault("another file", 403, "FORBIDDEN", setting("path", FORBIDDEN), slot="path"),
]
OF_DOWNLOADS = [
    Fault("the method", 405, "METHOD_NOT_ALLOWED", setting("method", "POST")),
    *OF_TOKENS,
    Fault("a file that is not there", 404, "RESOURCE_NOT_FOUND", setting("path", ABSENT), slot="path"),
    Fault("a range outside it", 416, "RANGE_NOT_SATISFIABLE", field("Range", "bytes=99999999-")),
]
OF_VERIFY = [*OF_TOKENS, Fault("the method", 403, "FORBIDDEN", setting("method", "DELETE"))]
NO_FAULTS_OF_VERIFY = [OF_DOWNLOADS[-2], OF_DOWNLOADS[-1]]  # it looks at no file


def pairs(faults):
    return [(a, b) for a, b in itertools.combinations(faults, 2) if not (a.slot and a.slot == b.slot)]


WALKS = [(as_download, OF_DOWNLOADS), (as_envoy_asks, OF_VERIFY), (as_nginx_asks, OF_VERIFY)]


def answer_to(tokens, ask, *faults):
    request = Request(tokens)
    for fault in faults:
        fault.apply(request)
    return ask(request, request.target())


def named(value):
    return value.__name__ if callable(value) else str(value)


@pytest.mark.parametrize("ask", [ask for ask, _ in WALKS], ids=named)
def test_without_a_fault_it_is_answered(tokens, ask):
    assert answer_to(tokens, ask).status == 200


@pytest.mark.parametrize("ask, fault", [(ask, fault) for ask, faults in WALKS for fault in faults], ids=named)
def test_a_fault_alone_is_told(tokens, ask, fault):
    check(answer_to(tokens, ask, fault), fault)


@pytest.mark.parametrize("ask, first, second", [(ask, *pair) for ask, faults in WALKS for pair in pairs(faults)], ids=named)
def test_the_earlier_of_two_faults_is_told(tokens, ask, first, second):
    check(answer_to(tokens, ask, first, second), first)


@pytest.mark.parametrize("ask", [as_envoy_asks, as_nginx_asks], ids=named)
@pytest.mark.parametrize("fault", NO_FAULTS_OF_VERIFY, ids=named)
def test_a_proxy_is_told_nothing_of_the_file(tokens, ask, fault):
    assert answer_to(tokens, ask, fault).status == 200
    for told in OF_VERIFY:
        if not (told.slot and told.slot == fault.slot):
            check(answer_to(tokens, ask, fault, told), told)
