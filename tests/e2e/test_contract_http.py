"""Routes, methods, malformed HTTP, connections, the admin port and the rate window."""

import json
import time

import pytest

from filemint_node import MINT, PDF, request_bytes, serve
from test_contract_mint import ROUTES, error


@pytest.mark.parametrize("target", ["/", "/api/v1", "/api/v1/file-access/", "/API/v1/file-access", "/metrics", "/livez", "/readyz",
                                    "/files", "/nowhere?a=b"])
def test_no_such_route(node, target):
    error(node.ask("GET", target), 404, "ENDPOINT_NOT_FOUND")
    assert node.ask("HEAD", target).status == 404


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND"])
def test_minting_takes_post(node, route, method):
    answer = error(node.ask(method, route, node.bearer()), 405, "METHOD_NOT_ALLOWED", "HTTP method not allowed.")
    assert answer["Allow"] == "POST"


def test_a_malformed_head_request_has_an_answer_without_a_body(node):
    for malformed in (b"HEAD /%zz HTTP/1.1\r\nHost: a\r\n\r\n", b"HEAD / HTTP/2.0\r\nHost: a\r\n\r\n", b"HEAD / HTTP/1.1\r\n\r\n"):
        with node.connect() as connection:
            connection.send(malformed)
            assert connection.reply("HEAD").status == 400
            assert connection.is_closed()


def test_options_asterisk(node):
    error(node.ask("OPTIONS", "*"), 404, "ENDPOINT_NOT_FOUND")


MALFORMED = {
    "no HTTP at all": b"\x16\x03\x01\x02\x00",
    "no version": b"GET /\r\n\r\n",
    "another version": b"GET / HTTP/2.0\r\nHost: a\r\n\r\n",
    "no Host": b"GET / HTTP/1.1\r\n\r\n",
    "two Hosts": b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    "a field without a colon": b"GET / HTTP/1.1\r\nHost: a\r\nnonsense\r\n\r\n",
    "a blank before the colon": b"GET / HTTP/1.1\r\nHost : a\r\n\r\n",
    "a folded field": b"GET / HTTP/1.1\r\nHost: a\r\nA: b\r\n c\r\n\r\n",
    "two lengths": b"POST " + MINT.encode() + b" HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
    "a length that is none": b"POST " + MINT.encode() + b" HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
    "length and chunks": b"POST " + MINT.encode() + b" HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "an unknown encoding": b"POST " + MINT.encode() + b" HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "a head without end": b"GET / HTTP/1.1\r\nHost: a\r\nA: " + b"x" * 33_000,
    "too many fields": b"GET / HTTP/1.1\r\nHost: a\r\n" + b"A: b\r\n" * 101 + b"\r\n",
    "two credentials": b"POST " + MINT.encode() + b" HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer a\r\nAuthorization: Bearer a\r\n\r\n",
}


@pytest.mark.parametrize("raw", MALFORMED.values(), ids=MALFORMED)
def test_malformed_http_is_refused_in_the_envelope_and_the_connection_ends(node, raw):
    with node.connect() as connection:
        connection.send(raw)
        answer = error(connection.reply(), 400, "BAD_REQUEST", "Bad request.")
        assert answer["Connection"] == "close"
        assert connection.is_closed()


def test_pipelined_requests_are_answered_in_order(node):
    bodies = [json.dumps({"filePaths": [f"uploads/co_xyz/{i}"], "source": "betaimages"}).encode() for i in range(20)]
    with node.connect() as connection:
        connection.send(b"".join(request_bytes("POST", MINT, node.bearer(), body) for body in bodies))
        for i in range(20):
            assert list(connection.reply().data["access_tokens"]) == [f"uploads/co_xyz/{i}"]


def test_a_body_may_come_in_pieces_and_in_chunks(node):
    body = json.dumps({"filePaths": [PDF]}).encode()
    with node.connect() as connection:
        for byte in request_bytes("POST", MINT, node.bearer(), body):
            connection.send(bytes([byte]))
        assert connection.reply().status == 200
        chunked = b"".join(b"%x\r\n%s\r\n" % (len(body[i:i + 7]), body[i:i + 7]) for i in range(0, len(body), 7)) + b"0\r\n\r\n"
        connection.send(request_bytes("POST", MINT, [*node.bearer(), ("Transfer-Encoding", "chunked")]) + chunked)
        assert connection.reply().status == 200


def test_100_continue_comes_once_the_call_is_admitted(node):
    body = json.dumps({"filePaths": [PDF]}).encode()
    with node.connect() as connection:
        expecting = [("Expect", "100-continue"), ("Content-Length", str(len(body)))]
        connection.send(request_bytes("POST", MINT, [*node.bearer(), *expecting]))
        while b"\r\n\r\n" not in connection.buffer:
            connection.more()
        assert connection.buffer.startswith(b"HTTP/1.1 100 ")
        connection.send(body)
        assert connection.reply().status == 200
    with node.connect() as connection:
        connection.send(request_bytes("POST", MINT, [("Authorization", "Bearer x"), *expecting]))
        while b"\r\n" not in connection.buffer:
            connection.more()
        assert connection.buffer.startswith(b"HTTP/1.1 401 "), "refused without its body"


def test_a_refusal_leaves_the_connection_alive(node):
    with node.connect() as connection:
        assert connection.ask("POST", MINT, [("Authorization", "Bearer x")], b"x" * 60_000).status == 401
        assert connection.ask("POST", MINT, node.bearer(), json.dumps({"filePaths": [PDF]}).encode()).status == 200


def test_http_1_0_and_close_end_the_connection(node):
    for raw in (b"GET /nowhere HTTP/1.0\r\nHost: a\r\n\r\n", b"GET /nowhere HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"):
        with node.connect() as connection:
            connection.send(raw)
            assert connection.reply()["Connection"] == "close"
            assert connection.is_closed()


# ---- the admin port

def test_the_admin_port(node):
    assert node.admin("/livez").status == 200 and node.admin("/readyz").status == 200
    assert node.admin("/livez", "HEAD").status == 200
    error(node.admin("/nowhere"), 404, "ENDPOINT_NOT_FOUND")
    error(node.admin(MINT, "POST"), 404, "ENDPOINT_NOT_FOUND")
    error(node.admin("/metrics", "POST"), 405, "METHOD_NOT_ALLOWED")


def test_metrics_tell_no_path_key_or_company(node):
    token = node.token()
    assert node.download(PDF, token).status == 200
    text = node.admin("/metrics").body.decode()
    for family in ("filemint_requests_total", "filemint_mint_duration_seconds", "filemint_tokens_minted_total", "filemint_build_info"):
        assert family in text
    for secret in (PDF, node.key, node.key.split("_")[1], "co_xyz", token, token.split(".")[2]):
        assert secret not in text


def test_the_log_has_a_line_a_request_and_no_key_or_token(fresh_node):
    node = fresh_node
    token = node.token()
    assert node.download(PDF, token).status == 200
    wrong = node.key[:-1] + ("a" if node.key[-1] != "a" else "b")
    assert node.mint({"filePaths": [PDF]}, key=wrong, headers=[("X-Request-Id", "wrong.key")]).status == 401
    node.stop()
    text = (node.folder / "data/filemint.log").read_text()
    lines = [json.loads(line) for line in text.splitlines()]
    requests = [line for line in lines if line["message"] == "request"]  # in order for each core alone
    assert sorted((line["route"], line["status"]) for line in requests) == [
        ("file-access", 200), ("file-access", 200), ("file-access", 401), ("files", 200)], "the demo minted by itself first"
    refused = next(line for line in requests if line["status"] == 401)
    assert refused["request_id"] == "wrong.key" and refused["code"] == "INVALID_API_KEY"
    minted = next(line for line in requests if line["paths"] == 1)
    assert minted["company"] == "co_xyz" and minted["key_id"] == node.key.split("_")[1]
    for secret in (node.key.split("_")[2], token, token.split(".")[1], token.split(".")[2], PDF):
        assert secret not in text


# ---- the rate window

def test_the_window_refuses_the_call_after_the_last(fresh_node, tmp_path):
    fresh_node.stop()
    assert fresh_node.cli("company", "limit", "co_xyz", "5").returncode == 0
    node = serve(fresh_node, tmp_path / "served")
    try:
        answers = [node.mint({"filePaths": [PDF]}) for _ in range(7)]
        limit = int(answers[0]["X-RateLimit-Limit"])
        assert [answer.status for answer in answers] == [200] * 5 + [429] * 2
        assert [int(answer["X-RateLimit-Remaining"]) for answer in answers] == [4, 3, 2, 1, 0, 0, 0]
        last = error(answers[-1], 429, "RATE_LIMIT_EXCEEDED", "Rate limit exceeded for this category. Try again later.",
                     {"category": "auto_generator"})
        assert limit == 5
        wait = int(last["Retry-After"])
        assert 1 <= wait <= 61 and last.details["retry_after_seconds"] == wait
        assert int(last["X-RateLimit-Reset"]) >= time.time() + 55
        unread = node.ask("POST", MINT, [*node.bearer(), ("Expect", "100-continue"), ("Content-Length", "10")])
        assert unread.status == 429, "a refused call is refused without its body"
    finally:
        node.stop()
