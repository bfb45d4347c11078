"""SIGTERM: not ready, then no new connections, then what is there is finished."""

import json
import signal
import socket
import threading
import time

import pytest

from filemint_node import DEADLINE_S, MINT, PDF, Connection, eventually, request_bytes
from load import Load, minting
from test_contract_mint import error


def body():
    return json.dumps({"filePaths": [PDF]}).encode()


def ended(node):
    return node.process.wait(timeout=DEADLINE_S)


def test_drain_under_load_fails_no_request(served):
    node = served(lame_duck="300ms", drain_idle="1s")
    with Load(node, minting(node, 50), clients=50, until_closed=True) as load:
        load.wait_for(500)
        node.process.send_signal(signal.SIGTERM)
        assert ended(node) == 0, node.told()
    assert load.failed == []
    assert load.statuses[200] > 500


def test_readyz_turns_503_while_connections_are_still_taken(served):
    node = served(lame_duck="1s", drain_idle="5s")
    with Connection(node.admin_url, documented=False) as admin, node.connect() as old:
        assert admin.ask("GET", "/readyz").status == 200
        assert old.ask("POST", MINT, node.bearer(), body()).status == 200
        node.process.send_signal(signal.SIGTERM)
        answer = eventually(lambda: (a := node.admin("/readyz")).status == 503 and a, "/readyz says 503")
        assert answer.code == "SERVICE_UNAVAILABLE" and answer["Retry-After"]
        assert node.admin("/livez").status == 200, "alive, but not ready"
        assert node.mint({"filePaths": [PDF]}).status == 200, "a lame duck still takes connections"
        eventually(lambda: refuses(node), "the listener closes")
        last = old.ask("POST", MINT, node.bearer(), body())
        assert last.status == 200 and last["Connection"] == "close"
    assert ended(node) == 0
    with pytest.raises(OSError):
        node.connect()


def test_a_proxy_is_answered_as_ever_while_the_node_drains(served):
    node = served(lame_duck="1s", drain_idle="5s")

    def asks(target):
        return [("GET", f"/verify{target}", []), ("GET", "/verify", [("X-Original-URI", target), ("X-Original-Method", "GET")])]

    token = node.token()
    good, bad, other = (f"/files/magikarp/{path}?token={of}" for path, of in ((PDF, token), (PDF, "x"), ("other", token)))
    with node.connect() as one, node.connect() as another:
        node.process.send_signal(signal.SIGTERM)
        eventually(lambda: node.admin("/readyz").status == 503, "the drain began")
        for ask in asks(good):
            assert node.ask(*ask).status == 200
        for ask in asks(bad):
            error(node.ask(*ask), 401, "INVALID_ACCESS_TOKEN")
        for ask in asks(other):
            error(node.ask(*ask), 403, "FORBIDDEN")
        eventually(lambda: refuses(node), "the listener closes")
        for kept, ask in zip((one, another), asks(good)):
            assert kept.ask(*ask).status == 200
    assert ended(node) == 0


def test_what_is_in_flight_is_answered(served):
    node = served(drain_idle="1s")
    with node.connect() as slow:
        raw = request_bytes("POST", MINT, node.bearer(), body())
        slow.send(raw[:-10])
        time.sleep(0.05)  # a head start for the bytes; the outcome does not depend on it
        node.process.send_signal(signal.SIGTERM)
        eventually(lambda: refuses(node), "the listener closes")
        slow.send(raw[-10:])
        answer = slow.reply()
        assert answer.status == 200 and answer["Connection"] == "close"
    assert ended(node) == 0


def refuses(node):
    with socket.socket() as probe:
        address = node.url.removeprefix("http://").split(":")
        return probe.connect_ex((address[0], int(address[1]))) != 0


def test_silent_connections_do_not_hold_the_end_up(served):
    node = served(drain_idle="100ms", drain_timeout="20s")
    with node.connect() as idle, node.connect() as silent:
        assert idle.ask("GET", "/nowhere").status == 404
        began = time.monotonic()
        node.process.send_signal(signal.SIGTERM)
        assert ended(node) == 0
        assert time.monotonic() - began < 10, "not the whole drain"
        assert idle.is_closed() and silent.is_closed()


def test_a_request_that_never_ends_is_refused_at_the_drains_deadline(served):
    node = served(drain_timeout="300ms", drain_idle="100ms")
    with node.connect() as stuck, node.connect() as half:
        stuck.send(request_bytes("POST", MINT, [*node.bearer(), ("Expect", "100-continue"), ("Content-Length", "1000")]))
        while b"100 Continue" not in stuck.buffer:
            stuck.more()
        half.send(b"POST ")
        node.process.send_signal(signal.SIGTERM)
        refused = error(stuck.reply(), 503, "SERVICE_UNAVAILABLE")
        assert refused["Connection"] == "close" and stuck.is_closed()
        assert ended(node) == 0
        assert half.is_closed(), "half a head has no answer"


def test_a_second_signal_ends_at_once(served):
    node = served(lame_duck="60s")
    node.process.send_signal(signal.SIGTERM)
    eventually(lambda: node.admin("/readyz").status == 503, "the drain began")
    began = time.monotonic()
    node.process.send_signal(signal.SIGTERM)
    ended(node)
    assert time.monotonic() - began < 5


def test_the_demo_drains_with_a_client_that_waits(fresh_node):
    """A keep-alive client that is between two requests is told by a closed connection, not by a hanging one."""
    with fresh_node.connect() as idle:
        assert idle.ask("POST", MINT, fresh_node.bearer(), body()).status == 200
        closer = threading.Thread(target=fresh_node.stop)
        closer.start()
        assert idle.is_closed()
        closer.join()
