"""The contract's error table: each row by a real condition over a real socket."""

import time

import pytest

from error_world import ABSENT, FORBIDDEN, ILLEGAL, MAX_BODY, RATE_FIELDS, id_of, rate_fields
from filemint_node import IN_FORCE_S, MINT, PDF, eventually, request_bytes
from test_contract_mint import error, unknown_key
from unavailable import (
    health_of_a_lost_store, no_room_for_its_body, overloaded, past_the_drains_deadline, store_away_for_too_long, too_late, without_its_files)

ELSEWHERE = {
    ("THROTTLED", "the storage backend said slow down"): "comes with real storage",
    ("INTERNAL_SERVER_ERROR", "a fault of ours"): "none is known: tests/integration/fault_answer_test.cpp puts one into a whole node",
    ("SERVICE_UNAVAILABLE", "a backend's circuit is open"): "comes with real storage",
}


# ---- each row

def raw(world, message):
    with world.node.connect() as connection:
        connection.send(message)
        answer = connection.reply()
        assert answer["Connection"] == "close" and connection.is_closed()
        return answer


def malformed_body(world):
    """Its chunks begin to come once the call has passed the window."""
    with world.node.connect() as connection:
        connection.send(request_bytes("POST", MINT, [*world.node.bearer(), ("Expect", "100-continue"), ("Transfer-Encoding", "chunked")]))
        while b"100 Continue" not in connection.buffer:
            connection.more()
        connection.send(b"x\r\n")
        answer = connection.reply()
        assert answer["Connection"] == "close" and connection.is_closed()
        return answer


def over_the_limit(world):
    with world.node.connect() as connection:
        answer = connection.ask("POST", MINT, world.node.bearer(), b" " * (MAX_BODY + 1))
        assert answer["Connection"] == "close" and connection.is_closed()
        return answer


def revoked_key(world):
    key = world.node.told_by_cli("key", "create", "co_xyz")["key"]
    eventually(lambda: world.mint([PDF], key).status == 200, "the key is known", IN_FORCE_S)
    assert world.node.cli("key", "revoke", key.split("_")[1]).returncode == 0
    return eventually(lambda: (a := world.mint([PDF], key)).status != 200 and a, "the key is revoked", IN_FORCE_S)


def revoked_token(world):
    key = world.node.told_by_cli("key", "create", "co_xyz")["key"]
    token = eventually(lambda: (a := world.mint([PDF], key)).status == 200 and a.data["access_tokens"][PDF], "the key is known", IN_FORCE_S)
    assert world.node.cli("token", "revoke", "--key", key.split("_")[1]).returncode == 0
    return eventually(lambda: (a := world.node.download(PDF, token)).status != 200 and a, "the token is revoked", IN_FORCE_S)


def expired_token(world):
    token = world.node.token(expiresIn=1)
    return eventually(lambda: (a := world.node.download(PDF, token)).status != 200 and a, "the token expires")


def gone_file(world):
    path = "uploads/co_xyz/brief.txt"
    file = world.demo.folder / "data/files/magikarp" / path
    file.write_text("here")
    token = world.node.token(path)
    file.unlink()
    return world.node.download(path, token)


def window_is_full(world):
    world.use_up()
    answer = world.mint([PDF], world.key("co_small"))
    assert answer.details["retry_after_seconds"] == int(answer["Retry-After"]) <= 61
    assert answer["X-RateLimit-Limit"] == "1" and answer["X-RateLimit-Remaining"] == "0"
    assert int(answer["X-RateLimit-Reset"]) >= int(time.time()) + int(answer["Retry-After"]) - 1
    assert answer["RateLimit"].startswith('"auto_generator";r=0') and answer["RateLimit-Policy"] == '"auto_generator";q=1;w=60'
    return answer


def tokens_are_used_up(world):
    world.use_up("co_spent")
    return world.mint([PDF], world.key("co_spent"))


def burst_is_used_up(world):
    key = world.node.told_by_cli("key", "create", "co_xyz")["key"]
    world.node.told_by_cli("limit", "set", "--key", id_of(key), "--rate", "1", "--burst", "2")
    eventually(lambda: world.mint([PDF], key).status == 200, "the key is known", IN_FORCE_S)
    answer = eventually(lambda: (a := world.mint([PDF], key)).status != 200 and a, "its burst is used up")
    assert_window_is_told(answer)
    assert answer["Retry-After"] == "1"
    time.sleep(1)
    assert world.mint([PDF], key).status == 200, "who waits as long as he was told passes"
    return answer


def day_is_used_up(world):
    answer = world.mint([PDF], world.key(throttled=True))
    assert_window_is_told(answer)
    assert_waits_for_tomorrow(answer)
    return answer


def health_when_the_day_is_used_up(world):
    answer = world.node.ask("GET", "/health", world.node.bearer(world.key(throttled=True, scoped=False)))
    assert answer["X-RateLimit-Limit"] is None
    assert_waits_for_tomorrow(answer)
    return answer


def assert_window_is_told(answer):
    assert answer["X-RateLimit-Limit"] == "100000000" and int(answer["X-RateLimit-Remaining"]) > 0 and answer["X-RateLimit-Reset"]
    assert answer["RateLimit-Policy"] == '"auto_generator";q=100000000;w=60' and answer["RateLimit"]


def assert_waits_for_tomorrow(answer):
    left = 86_400 - time.time() % 86_400
    assert answer.details["retry_after_seconds"] == int(answer["Retry-After"])
    assert left - 1 <= int(answer["Retry-After"]) <= left + 2


def files(world, target, method="GET", headers=()):
    return world.node.ask(method, f"/files/magikarp/{target}", headers)


def row(status, code, produce, message=None, details=None, headers=None, rated=False):
    """`rated`: it is an answer of a minting route, from the throttle on."""
    return pytest.param(status, code, message, details or {}, headers or {}, rated, produce)


def rated_row(*of_row, **more):
    return row(*of_row, **more, rated=True)


FORBIDDEN_TEXT, METHOD_TEXT = "Access to the resource is forbidden.", "HTTP method not allowed."
UNKNOWN_KEY_TEXT, THROTTLED_TEXT = "API key not found or not authorized.", "Too many requests. Slow down and try again."
CHALLENGE = {"WWW-Authenticate": "Bearer"}
REFUSED = {"WWW-Authenticate": 'Bearer error="invalid_token"'}
ROWS = {
    "filePaths absent": rated_row(400, "MISSING_REQUIRED_FIELD", lambda w: w.node.mint({}), details={"field": "filePaths"}),
    "filePaths null": rated_row(400, "MISSING_REQUIRED_FIELD", lambda w: w.node.mint({"filePaths": None}), details={"field": "filePaths"}),
    "not JSON": rated_row(400, "INVALID_PAYLOAD", lambda w: w.node.mint(b"{")),
    "not an object": rated_row(400, "INVALID_PAYLOAD", lambda w: w.node.mint([])),
    "a wrong type": rated_row(400, "INVALID_PAYLOAD", lambda w: w.mint([1])),
    "no paths": rated_row(400, "INVALID_PAYLOAD", lambda w: w.mint([])),
    "an unknown source": rated_row(400, "INVALID_PAYLOAD", lambda w: w.mint([PDF], source="nowhere"), details={"allowed": ["magikarp", "betaimages"]}),
    "a repeated member": rated_row(400, "INVALID_PAYLOAD", lambda w: w.node.mint(b'{"filePaths":["a"],"file\\u0050aths":["a"]}')),
    "a byte-order mark": rated_row(400, "INVALID_PAYLOAD", lambda w: w.node.mint(b'\xef\xbb\xbf{"filePaths":["a"]}')),
    "nested too deep": rated_row(400, "INVALID_PAYLOAD", lambda w: w.node.mint(b'{"x":' + b"[" * 64 + b"]" * 64 + b"}")),
    "a body over the limit": rated_row(400, "INVALID_PAYLOAD", over_the_limit, details={"max_body_bytes": MAX_BODY}),
    "another content type": rated_row(400, "INVALID_PAYLOAD", lambda w: w.node.ask("POST", MINT, [*w.node.bearer(), ("Content-Type", "text/plain")], b"{}")),
    "an encoded body": rated_row(400, "INVALID_PAYLOAD", lambda w: w.node.ask("POST", MINT, [*w.node.bearer(), ("Content-Encoding", "gzip")], b"{}")),
    "malformed HTTP": row(400, "BAD_REQUEST", lambda w: raw(w, b"GET / HTTP/1.1\r\nHost : a\r\n\r\n"), "Bad request."),
    "no request line": row(400, "BAD_REQUEST", lambda w: raw(w, b"\x16"), "Bad request."),
    "an unsupported version": row(400, "BAD_REQUEST", lambda w: raw(w, b"GET / HTTP/2.0\r\nHost: a\r\n\r\n"), "Bad request."),
    "two credentials": row(400, "BAD_REQUEST", lambda w: raw(w, request_bytes("POST", MINT, w.node.bearer() * 2, b"{}")), "Bad request."),
    "a malformed body": rated_row(400, "BAD_REQUEST", malformed_body, "Bad request."),
    "no credential": row(401, "UNAUTHORIZED", lambda w: w.node.ask("POST", MINT, [], b"{}"), headers=CHALLENGE),
    "another scheme": row(401, "UNAUTHORIZED", lambda w: w.node.ask("POST", MINT, [("Authorization", "Basic eDp5")], b"{}"), headers=CHALLENGE),
    "an empty credential": row(401, "UNAUTHORIZED", lambda w: w.node.ask("POST", MINT, [("Authorization", "Bearer ")], b"{}"), headers=CHALLENGE),
    "x-api-key": row(401, "UNAUTHORIZED", lambda w: w.node.ask("POST", MINT, [("x-api-key", w.node.key)], b"{}"), headers=CHALLENGE),
    "no token at /files": row(401, "UNAUTHORIZED", lambda w: files(w, PDF), headers=CHALLENGE),
    "no token at /verify": row(401, "UNAUTHORIZED", lambda w: w.node.ask("GET", f"/verify/files/magikarp/{PDF}"), headers=CHALLENGE),
    "an unknown key": row(401, "INVALID_API_KEY", lambda w: w.mint([PDF], unknown_key(w.node)), UNKNOWN_KEY_TEXT, headers=REFUSED),
    "no key's form": row(401, "INVALID_API_KEY", lambda w: w.mint([PDF], "x"), UNKNOWN_KEY_TEXT, headers=REFUSED),
    "a revoked key": row(401, "INVALID_API_KEY", revoked_key, UNKNOWN_KEY_TEXT, headers=REFUSED),
    "an expired key": row(401, "EXPIRED_API_KEY", lambda w: w.mint([PDF], w.key(expired=True)),
                          headers={"WWW-Authenticate": 'Bearer error="invalid_token", error_description="The API key has expired."'}),
    "a token that does not verify": row(401, "INVALID_ACCESS_TOKEN", lambda w: files(w, f"{PDF}?token=x"), headers=REFUSED),
    "two tokens": row(401, "INVALID_ACCESS_TOKEN", lambda w: files(w, "{0}?token={1}&token={1}".format(PDF, w.node.token())), headers=REFUSED),
    "a revoked token": row(401, "INVALID_ACCESS_TOKEN", revoked_token, headers=REFUSED),
    "an expired token": row(401, "EXPIRED_ACCESS_TOKEN", expired_token,
                            headers={"WWW-Authenticate": 'Bearer error="invalid_token", error_description="The access token has expired."'}),
    "a suspended company": row(403, "FORBIDDEN", lambda w: w.mint([PDF], w.key("co_gone")), FORBIDDEN_TEXT),
    "paths that are not granted": rated_row(403, "FORBIDDEN", lambda w: w.mint([FORBIDDEN, PDF]), FORBIDDEN_TEXT, {"filePaths": [FORBIDDEN]}),
    "a token for another file": row(403, "FORBIDDEN", lambda w: files(w, f"{ABSENT}?token={w.node.token()}"), FORBIDDEN_TEXT),
    "a token for another source": row(403, "FORBIDDEN", lambda w: w.node.download(PDF, w.node.token(), source="betaimages"), FORBIDDEN_TEXT),
    "a method that no token covers": row(403, "FORBIDDEN", lambda w: w.node.ask("DELETE", f"/verify/files/magikarp/{PDF}?token={w.node.token()}"), FORBIDDEN_TEXT),
    "a granted path that is not there": rated_row(404, "RESOURCE_NOT_FOUND", lambda w: w.mint([PDF, ABSENT]),
                                                  "The requested resource was not found.", {"filePaths": [ABSENT]}),
    "a file that is gone": row(404, "RESOURCE_NOT_FOUND", gone_file, "The requested resource was not found."),
    "no such route": row(404, "ENDPOINT_NOT_FOUND", lambda w: w.node.ask("GET", "/nowhere")),
    "OPTIONS *": row(404, "ENDPOINT_NOT_FOUND", lambda w: w.node.ask("OPTIONS", "*")),
    "a key that is not scoped to the route": row(404, "ENDPOINT_NOT_FOUND", lambda w: w.mint([PDF], w.key(scoped=False))),
    "another method": row(405, "METHOD_NOT_ALLOWED", lambda w: w.node.ask("PUT", MINT, [], b""), METHOD_TEXT, headers={"Allow": "POST"}),
    "another method at /files": row(405, "METHOD_NOT_ALLOWED", lambda w: files(w, PDF, "POST"), METHOD_TEXT, headers={"Allow": "GET, HEAD"}),
    "a preflight where no origin is allowed": row(405, "METHOD_NOT_ALLOWED", lambda w: w.node.ask("OPTIONS", MINT, [
        ("Origin", "https://a.example"), ("Access-Control-Request-Method", "POST")]), METHOD_TEXT, headers={"Allow": "POST"}),
    "a range outside the file": row(416, "RANGE_NOT_SATISFIABLE", lambda w: w.node.download(PDF, w.node.token(), [("Range", "bytes=9999999-")]),
                                    headers={"Content-Range": None}),
    "an illegal path": rated_row(422, "UNPROCESSABLE_ENTITY", lambda w: w.mint([PDF, ILLEGAL]), details={"filePaths": [ILLEGAL]}),
    "too many paths": rated_row(422, "UNPROCESSABLE_ENTITY", lambda w: w.mint([PDF] * 1_001), details={"max": 1_000}),
    "expiresIn out of range": rated_row(422, "UNPROCESSABLE_ENTITY", lambda w: w.mint([PDF], expiresIn=3_601)),
    "the window is full": rated_row(429, "RATE_LIMIT_EXCEEDED", window_is_full, "Rate limit exceeded for this category. Try again later.",
                                    {"category": "auto_generator"}),
    "the window of tokens is full": rated_row(429, "RATE_LIMIT_EXCEEDED", tokens_are_used_up, "Rate limit exceeded for this category. Try again later.",
                                              {"category": "tokens"}),
    "a key's burst is used up": rated_row(429, "THROTTLED", burst_is_used_up, THROTTLED_TEXT, {"retry_after_seconds": 1}),
    "a key's day is used up": rated_row(429, "THROTTLED", day_is_used_up, THROTTLED_TEXT),
    "a key's day is used up, at /health": row(429, "THROTTLED", health_when_the_day_is_used_up, THROTTLED_TEXT),
    "too much in flight": row(503, "SERVICE_UNAVAILABLE", overloaded, "Service is temporarily unavailable."),
    "no room for its body": rated_row(503, "SERVICE_UNAVAILABLE", no_room_for_its_body, "Service is temporarily unavailable."),
    "past the drain's deadline": rated_row(503, "SERVICE_UNAVAILABLE", past_the_drains_deadline, "Service is temporarily unavailable."),
    "a source's folder is gone, minting": rated_row(503, "SERVICE_UNAVAILABLE", lambda w: without_its_files(w, lambda node, _: node.mint({"filePaths": [PDF]})),
                                                    "Service is temporarily unavailable."),
    "a source's folder is gone, at /files": row(503, "SERVICE_UNAVAILABLE", lambda w: without_its_files(w, lambda node, token: node.download(PDF, token)),
                                                "Service is temporarily unavailable."),
    "a component is down": row(503, "SERVICE_UNAVAILABLE", health_of_a_lost_store, "Service is temporarily unavailable.", {"services": ["store"]}),
    "the store is away for too long": row(503, "SERVICE_UNAVAILABLE", store_away_for_too_long, "Service is temporarily unavailable."),
    "not done within its deadline": rated_row(504, "GATEWAY_TIMEOUT", too_late, "Gateway timeout."),
}
CODES = {"MISSING_REQUIRED_FIELD", "INVALID_PAYLOAD", "BAD_REQUEST", "UNAUTHORIZED", "INVALID_API_KEY", "EXPIRED_API_KEY", "INVALID_ACCESS_TOKEN",
         "EXPIRED_ACCESS_TOKEN", "FORBIDDEN", "RESOURCE_NOT_FOUND", "ENDPOINT_NOT_FOUND", "METHOD_NOT_ALLOWED", "RANGE_NOT_SATISFIABLE",
         "UNPROCESSABLE_ENTITY", "RATE_LIMIT_EXCEEDED", "THROTTLED", "INTERNAL_SERVER_ERROR", "SERVICE_UNAVAILABLE", "GATEWAY_TIMEOUT"}


@pytest.mark.parametrize("status, code, message, details, headers, rated, produce", ROWS.values(), ids=ROWS)
def test_a_row_of_the_table(world, status, code, message, details, headers, rated, produce):
    answer = error(produce(world), status, code, message, details)
    assert rate_fields(answer) == (RATE_FIELDS if rated else set()), answer
    for name, value in headers.items():
        assert answer[name] == value if value is not None else answer[name], answer
    for name in {"Allow", "Content-Range"} - set(headers):
        assert answer[name] is None, answer


def test_every_code_has_its_rows():
    assert {each.values[1] for each in ROWS.values()} | {code for code, _ in ELSEWHERE} == CODES
