"""What a node takes on, and what it does with more: requests in flight, connections, descriptors, slow and large bodies,
deadlines."""

import json
import os
import resource
import time

import pytest

from filemint_node import MINT, PDF, eventually, request_bytes
from load import Client, Load, all_at_once, mint_bytes, minting
from test_contract_mint import error

BODY = json.dumps({"filePaths": [PDF]}).encode()


def held(node, length=len(BODY)):
    """A connection whose call is admitted and waits for its body."""
    connection = node.connect()
    expecting = [("Expect", "100-continue"), ("Content-Length", str(length))]
    connection.send(request_bytes("POST", MINT, [*node.bearer(), *expecting]))
    while b"\r\n\r\n" not in connection.buffer:
        connection.more()
    assert connection.buffer == b"HTTP/1.1 100 Continue\r\n\r\n"
    connection.buffer = b""
    return connection


def gauge(node, name):
    line = next(line for line in node.admin("/metrics").body.decode().splitlines() if line.startswith(name + " "))
    return float(line.split(" ")[1])


# ---- requests in flight

def test_more_than_the_cap_in_flight_is_503_until_one_ends(served):
    node = served(max_in_flight=3)
    holders = [held(node) for _ in range(3)]
    with node.connect() as other:
        refused = error(other.ask("POST", MINT, node.bearer(), BODY), 503, "SERVICE_UNAVAILABLE", "Service is temporarily unavailable.")
        assert int(refused["Retry-After"]) >= 1 and refused["Connection"] is None
        error(other.ask("POST", MINT, node.bearer("x"), BODY), 503, "SERVICE_UNAVAILABLE")  # before the credentials
        error(other.ask("GET", MINT), 405, "METHOD_NOT_ALLOWED")  # after the method
        error(other.ask("GET", f"/files/magikarp/{PDF}?token=x"), 503, "SERVICE_UNAVAILABLE")
        error(other.ask("GET", f"/verify/files/magikarp/{PDF}?token=x"), 503, "SERVICE_UNAVAILABLE")
        error(other.ask("GET", "/docs"), 503, "SERVICE_UNAVAILABLE")
        holders[0].send(BODY)
        assert holders[0].reply().status == 200
        eventually(lambda: other.ask("POST", MINT, node.bearer(), BODY).status == 200, "its place is free")
        holders[1].socket.close()  # one that leaves gives its place back too
        holders[:2] = [eventually(lambda: try_held(node), "a place is free") for _ in range(2)]
        error(other.ask("POST", MINT, node.bearer(), BODY), 503, "SERVICE_UNAVAILABLE")
    for holder in holders:
        holder.socket.close()


def try_held(node):
    try:
        return held(node)
    except AssertionError:
        return None


def test_what_is_in_flight_and_connected_is_told(fresh_node):
    node = fresh_node
    with node.connect() as idle:
        assert idle.ask("GET", "/nowhere").status == 404
        holders = [held(node) for _ in range(2)]
        assert gauge(node, "filemint_requests_in_flight") == 2
        assert gauge(node, "filemint_connections_open") == 3
        for holder in holders:
            holder.send(BODY)
            assert holder.reply().status == 200
        holders.append(held(node))
        eventually(lambda: gauge(node, "filemint_requests_in_flight") == 1, "the others have ended")
        for holder in holders:
            holder.socket.close()
        eventually(lambda: gauge(node, "filemint_connections_open") == 1, "they have left")
        assert gauge(node, "filemint_requests_in_flight") == 0
        metrics = node.admin("/metrics").body.decode()
        assert 'filemint_run_queue_actors{core="0"}' in metrics
        assert 'filemint_mailbox_messages{kind="auth"} 0' in metrics  # all were taken up
    assert gauge(node, "filemint_connections_total") >= 4
    assert gauge(node, "filemint_log_lines_dropped_total") == 0


def test_the_budget_for_bodies_is_a_503_that_counts_in_the_window(served):
    node = served(max_body_bytes="1MiB", body_budget_bytes="1MiB", calls_per_minute=100)
    half = request_bytes("POST", MINT, [*node.bearer(), ("Content-Length", "64000")]) + b" " * 30_000
    with held(node, 986_000), node.connect() as large:
        large.send(half)
        refused = error(large.reply(), 503, "SERVICE_UNAVAILABLE")
        assert refused["X-RateLimit-Remaining"] == "98"
        large.send(b" " * 34_000 + request_bytes("POST", MINT, node.bearer(), BODY))
        assert large.reply()["X-RateLimit-Remaining"] == "97", "a small one has room"


def test_a_body_that_comes_with_its_head_counts_too_and_before_its_credentials(served):
    node = served(max_body_bytes="1MiB", body_budget_bytes="1MiB")
    with held(node, 1_000_000), node.connect() as small:  # with its parser a small one takes 60 kB
        for key in (node.key, "no key"):
            refused = error(small.ask("POST", MINT, node.bearer(key), BODY), 503, "SERVICE_UNAVAILABLE")
            assert refused["Retry-After"] and refused["X-RateLimit-Limit"] is None
    eventually(lambda: node.mint(BODY).status == 200, "there is room again")


# ---- connections

def test_more_connections_than_an_address_may_have_are_closed(served):
    node = served(max_connections_per_address=3)
    kept = [node.connect() for _ in range(3)]
    assert all(each.ask("GET", "/nowhere").status == 404 for each in kept)
    assert is_turned_away(node)
    assert kept[0].ask("POST", MINT, node.bearer(), BODY).status == 200

    async def elsewhere(index):
        client = Client(node.url, local="127.0.0.9")
        answer = await client.ask(mint_bytes(node, [PDF]))
        await client.close()
        return answer.status

    assert all_at_once(elsewhere, 2) == [200, 200], "another address has a count of its own"
    kept.pop().socket.close()
    eventually(lambda: answers(node), "there is room again")
    for each in kept:
        each.socket.close()


def test_more_connections_than_the_node_takes_are_closed(served):
    node = served(max_connections=2)
    with node.connect() as one, node.connect() as two:
        assert one.ask("GET", "/nowhere").status == two.ask("GET", "/nowhere").status == 404
        assert is_turned_away(node)
        assert node.admin("/livez").status == 200, "the admin port is beside it"
    eventually(lambda: answers(node), "there is room again")


def is_turned_away(node):
    """A connection that is closed without an answer, whatever it asks."""
    with node.connect() as connection:
        try:
            connection.send(request_bytes("GET", "/nowhere"))
        except ConnectionError:
            return True
        return connection.is_closed()


def answers(node):
    try:
        return node.mint({"filePaths": [PDF]}).status == 200
    except OSError:
        return False


def test_without_descriptors_it_backs_off_and_goes_on(served):
    node = served(allow_core_dumps="true")  # or its descriptors are for root's eyes alone
    with node.connect() as before:
        assert before.ask("GET", "/nowhere").status == 404
        pid = node.process.pid
        least = max(int(fd) for fd in os.listdir(f"/proc/{pid}/fd")) + 4
        usual = resource.prlimit(pid, resource.RLIMIT_NOFILE, (least, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
        waiting = [node.connect() for _ in range(10)]  # the kernel takes them, the node can't
        for each in waiting:
            each.send(request_bytes("POST", MINT, node.bearer(), json.dumps({"filePaths": [PDF], "source": "betaimages"}).encode()))
        answered = [each for each in waiting if soon(each)]
        assert 0 < len(answered) < len(waiting)
        assert before.ask("POST", MINT, node.bearer(), json.dumps({"filePaths": [PDF], "source": "betaimages"}).encode()).status == 200
        resource.prlimit(pid, resource.RLIMIT_NOFILE, usual)
        for each in waiting:
            assert each.reply().status == 200, "all are served once there are descriptors again"
            each.socket.close()


def soon(connection):
    """Whether an answer comes in a moment."""
    connection.socket.settimeout(0.3)
    try:
        connection.more()
        return True
    except TimeoutError:
        return False
    finally:
        connection.socket.settimeout(30)


# ---- what comes too slowly is closed without an answer

@pytest.mark.parametrize("setting, sent", [
    ({"header_timeout": "200ms"}, b"GET / HT"), ({"header_timeout": "200ms"}, b""), ({"idle_timeout": "200ms"}, None)], ids=str)
def test_a_silent_connection_is_closed(served, setting, sent):
    node = served(**setting)
    with node.connect() as slow:
        if sent is None:
            assert slow.ask("GET", "/nowhere").status == 404
        else:
            slow.send(sent)
        assert slow.is_closed()
    assert answers(node)


def test_a_body_that_does_not_come_is_closed_without_an_answer(served):
    node = served(body_timeout="1s")
    with node.connect() as slow:
        slow.send(request_bytes("POST", MINT, node.bearer(), BODY)[:-1])
        assert slow.is_closed()
    assert answers(node)


def test_the_deadline_begins_with_the_bodys_last_byte(served):
    node = served(request_deadline="500ms")
    with held(node) as slow:
        time.sleep(1)  # more than the deadline; that it does not end the call is what is tried
        slow.send(BODY)
        assert slow.reply().status == 200


def test_what_is_not_done_within_its_deadline_is_504(served):
    """1,000 Ed25519 signatures take many times as long as they may."""
    node = served(request_deadline="1ms", algorithm="eddsa")
    kid = node.told_by_cli("signing-key", "prepare", "betaimages")["kid"]
    node.told_by_cli("signing-key", "activate", kid, "--force")

    async def work(client, index, turn):
        return [await client.ask(mint_bytes(node, [f"uploads/co_xyz/{i}" for i in range(1_000)]))]

    with Load(node, work, clients=16) as load:
        late = eventually(lambda: next((each for each in load.failed if each.status == 504), None), "a call is late")
    error(late, 504, "GATEWAY_TIMEOUT", "Gateway timeout.")
    assert late["Connection"] is None and late["X-RateLimit-Limit"], "the connection lives"
    assert {each.status for each in load.failed} == {504}
    eventually(lambda: answers(node), "a small call is in time")
    metrics = node.admin("/metrics").body.decode()
    assert 'filemint_requests_total{route="file-access",code="GATEWAY_TIMEOUT"}' in metrics


# ---- bodies over the limit, and what a refused call leaves unread

def test_a_body_over_the_limit_without_a_length(served):
    node = served(max_body_bytes="1KiB")
    with node.connect() as connection:
        connection.send(request_bytes("POST", MINT, [*node.bearer(), ("Transfer-Encoding", "chunked"), ("Expect", "100-continue")]))
        while b"\r\n\r\n" not in connection.buffer:
            connection.more()
        connection.send(b"400\r\n" + b" " * 1024 + b"\r\n")
        connection.send(b"1\r\n \r\n")
        answer = error(connection.reply(), 400, "INVALID_PAYLOAD", details={"max_body_bytes": 1024})
        assert answer["Connection"] == "close"
        assert connection.is_closed()


def test_a_body_a_little_over_the_limit_ends_the_connection_too(served):
    node = served(max_body_bytes="1KiB")
    with node.connect() as connection:
        answer = error(connection.ask("POST", MINT, node.bearer(), b" " * 1025), 400, "INVALID_PAYLOAD", details={"max_body_bytes": 1024})
        assert answer["Connection"] == "close"
        assert connection.is_closed()
    padded = BODY + b" " * (1024 - len(BODY))
    assert node.ask("POST", MINT, node.bearer(), padded).status == 200


@pytest.mark.parametrize("size", [65_536, 65_537, 1_000_000])
def test_what_a_refusal_leaves_unread(node, size):
    with node.connect() as connection:
        connection.send(request_bytes("POST", MINT, [*node.bearer("x"), ("Content-Length", str(size))]))
        answer = error(connection.reply(), 401, "INVALID_API_KEY")
        if size <= 65_536:
            connection.send(b"x" * size)
            assert answer["Connection"] is None
            assert connection.ask("POST", MINT, node.bearer(), BODY).status == 200
        else:
            assert answer["Connection"] == "close"
            assert connection.is_closed(), "half-closed"


def test_an_answer_arrives_though_the_body_is_still_being_sent(node):
    with node.connect() as connection:
        connection.send(request_bytes("POST", MINT, [*node.bearer("x"), ("Content-Length", "900000")]) + b"x" * 900_000)
        error(connection.reply(), 401, "INVALID_API_KEY")
        assert connection.is_closed()


def test_a_refused_call_in_chunks_leaves_the_connection_alive(node):
    with node.connect() as connection:
        head = request_bytes("POST", MINT, [*node.bearer("x"), ("Transfer-Encoding", "chunked")])
        connection.send(head + b"2\r\n{}\r\n")
        error(connection.reply(), 401, "INVALID_API_KEY")
        connection.send(b"3\r\nabc\r\n0\r\n\r\n" + request_bytes("POST", MINT, node.bearer(), BODY))
        assert connection.reply().status == 200


def test_head_and_errors_in_a_pipeline_keep_their_order(node):
    token = node.token()
    asked = [("GET", "/nowhere", 404), ("HEAD", f"/files/magikarp/{PDF}?token={token}", 200), ("POST", MINT, 200),
             ("GET", f"/files/magikarp/{PDF}?token={token}", 200), ("HEAD", "/nowhere", 404), ("PUT", MINT, 405)]
    with node.connect() as connection:
        connection.send(b"".join(request_bytes(method, target, node.bearer(), BODY if method == "POST" else None)
                                 for method, target, _ in asked))
        assert [connection.reply(method).status for method, *_ in asked] == [status for *_, status in asked]


def test_a_client_that_reads_nothing_holds_up_nobody(node):
    """Its answers fill the socket; the others' go on."""
    raw = mint_bytes(node, [f"uploads/co_xyz/{i}" for i in range(1_000)]) * 30
    with node.connect() as deaf:
        deaf.socket.settimeout(1)
        try:
            deaf.send(raw)
        except TimeoutError:
            pass
        with Load(node, minting(node), clients=4) as load:
            load.wait_for(200)
        assert load.failed == []
