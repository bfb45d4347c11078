"""Every row of the contract that the two minting routes have."""

import json
import re
import time
import zlib

import pytest

from filemint_node import IN_FORCE_S, MINT, PDF, PPTX, eventually, request_bytes

ROUTES = (MINT, "/api/v1/access-tokens")
ILLEGAL = {
    "empty": "", "too long": "a/" * 512 + "a", "leading slash": "/" + PDF, "empty segment": "uploads//co_xyz",
    "trailing slash": "uploads/co_xyz/", "dot": "uploads/./co_xyz", "dots": "uploads/co_xyz/../co_abc",
    "dots last": "uploads/co_xyz/..", "backslash": "uploads\\co_xyz", "NUL": "uploads/\0", "newline": "uploads/a\n",
    "DEL": "uploads/\x7f", "%2e": "uploads/%2e%2e/a", "%2F": "uploads%2Fco_xyz", "%5c": "uploads%5cco_xyz",
    "%00": "uploads/a%00", "%25": "uploads/a%252e",
}


def error(answer, status, code, message=None, details=None):
    assert (answer.status, answer.code) == (status, code), answer
    assert set(answer.json) == {"success", "data", "error"}
    assert answer.json["success"] is False and answer.json["data"] is None
    assert set(answer.json["error"]) == {"code", "message", "details"}
    assert answer.json["error"]["message"], "an error says something"
    if message is not None:
        assert answer.json["error"]["message"] == message
    for name, value in (details or {}).items():
        assert answer.details[name] == value
    assert answer["Content-Type"].startswith("application/json")
    assert answer["X-Request-Id"]
    challenge = answer["WWW-Authenticate"]
    assert (challenge or "").startswith("Bearer") == (status == 401)
    assert (answer["Retry-After"] is not None) == (status in (429, 503))
    return answer


# ---- 200

@pytest.mark.parametrize("route", ROUTES)
def test_mints_one_token_a_path_in_the_requests_order(node, route):
    before = int(time.time())
    answer = node.mint({"filePaths": [PPTX, PDF], "source": "magikarp"}, route=route)
    data = answer.data
    assert list(data["access_tokens"]) == [PPTX, PDF]
    assert data["message"] == "Tokens minted."
    assert data["expires_in"] == 300 and data["source"] == "magikarp"
    expires = time.strptime(data["expires_at"], "%Y-%m-%dT%H:%M:%SZ")
    assert before + 300 <= time.mktime(expires) - time.timezone <= time.time() + 301
    assert set(answer.json) == {"success", "data"}
    assert answer["Cache-Control"] == "no-store"
    for path, token in data["access_tokens"].items():
        assert node.download(path, token).status == 200


@pytest.mark.parametrize("route", ROUTES)
def test_tells_the_window(node, route):
    answer = node.mint({"filePaths": [PDF]}, route=route)
    limit, remaining = int(answer["X-RateLimit-Limit"]), int(answer["X-RateLimit-Remaining"])
    assert limit == 100_000_000 and 0 < remaining < limit
    assert time.time() - 2 < int(answer["X-RateLimit-Reset"]) <= time.time() + 62
    assert str(limit) in answer["RateLimit-Policy"] and str(remaining) in answer["RateLimit"]


ACCEPTED = {
    "no source": {"filePaths": [PDF]},
    "null source and expiresIn": {"filePaths": [PDF], "source": None, "expiresIn": None},
    "members that nobody knows": {"filePaths": [PDF], "else": {"a": [1, 2.5, None]}},
    "the longest life": {"filePaths": [PDF], "expiresIn": 3600},
    "the shortest life": {"filePaths": [PDF], "expiresIn": 1},
}


@pytest.mark.parametrize("body", ACCEPTED.values(), ids=ACCEPTED)
def test_accepts(node, body):
    data = node.mint(body).data
    assert list(data["access_tokens"]) == [PDF]
    assert data["expires_in"] == (body.get("expiresIn") or 300)
    assert data["source"] == "magikarp"


def test_a_repeated_path_is_minted_once(node):
    assert list(node.mint({"filePaths": [PPTX, PDF, PPTX, PDF]}).data["access_tokens"]) == [PPTX, PDF]


def test_paths_are_signed_as_the_bytes_that_were_sent(node):
    path = 'uploads/co_xyz/ü "quoted"/%41 &?#/\u2028.pdf'
    data = node.mint({"filePaths": [path], "source": "betaimages", "urls": True}).data
    assert list(data["access_tokens"]) == [path]
    assert node.mint({"filePaths": ["uploads/co_xyz/" + "a" * 1009], "source": "betaimages"}).status == 200


def test_urls_can_be_downloaded_as_they_stand(node):
    data = node.mint({"filePaths": [PDF, PPTX], "urls": True}).data
    assert list(data["urls"]) == [PDF, PPTX]
    for path, url in data["urls"].items():
        assert url.startswith(f"{node.url}/files/magikarp/{path}?token=")
        assert node.ask("GET", url.removeprefix(node.url)).status == 200
    assert "urls" not in node.mint({"filePaths": [PDF]}).data
    forged = node.ask("POST", MINT, [*node.bearer(), ("Host", "evil.example")], b'{"filePaths":["%s"],"urls":true}' % PDF.encode())
    assert forged.data["urls"][PDF].startswith(node.url), "never the request's Host"


def test_a_thousand_paths_and_no_more(node):
    paths = [f"uploads/co_xyz/{i}" for i in range(1_001)]
    assert list(node.mint({"filePaths": paths[:1_000], "source": "betaimages"}).data["access_tokens"]) == paths[:1_000]
    error(node.mint({"filePaths": paths, "source": "betaimages"}), 422, "UNPROCESSABLE_ENTITY", details={"max": 1_000})
    error(node.mint({"filePaths": [PDF] * 1_001}), 422, "UNPROCESSABLE_ENTITY", details={"max": 1_000})


@pytest.mark.parametrize("fields", [
    [("Authorization", "bearer {key}")], [("Authorization", "BEARER {key}")],
    [("Authorization", "Bearer {key}"), ("Content-Type", "application/json; charset=utf-8")],
    [("Authorization", "Bearer {key}"), ("Content-Type", "Application/JSON;charset=\"UTF-8\"")],
    [("Authorization", "Bearer {key}"), ("Content-Encoding", "identity")],
], ids=str)
def test_accepts_fields(node, fields):
    fields = [(name, value.replace("{key}", node.key)) for name, value in fields]
    assert node.ask("POST", MINT, fields, json.dumps({"filePaths": [PDF]}).encode()).status == 200


def test_a_request_id_is_the_clients_or_a_new_one(node):
    own = node.mint({"filePaths": [PDF]}, headers=[("X-Request-Id", "a.B_9-")])
    assert own["X-Request-Id"] == "a.B_9-"
    for refused in ("a b", "", "x" * 129, "ä"):
        answer = node.mint({"filePaths": [PDF]}, headers=[("X-Request-Id", refused)])
        assert re.fullmatch(r"[A-Za-z0-9._-]{1,128}", answer["X-Request-Id"]) and answer["X-Request-Id"] != refused


# ---- 400

P = json.dumps([PDF])
INVALID = {
    "nothing": b"", "not JSON": b"{", "text behind it": b"{} {}", "an array": b"[]", "a string": b'"x"', "null": b"null",
    "paths a string": b'{"filePaths":"x"}', "paths an object": b'{"filePaths":{}}', "no paths": b'{"filePaths":[]}',
    "a number among them": b'{"filePaths":["a",1]}', "a null among them": b'{"filePaths":[null]}',
    "source a number": b'{"filePaths":%s,"source":1}', "expiresIn a string": b'{"filePaths":%s,"expiresIn":"60"}',
    "expiresIn with a fraction": b'{"filePaths":%s,"expiresIn":60.0}',
    "expiresIn with an exponent": b'{"filePaths":%s,"expiresIn":6e1}', "expiresIn true": b'{"filePaths":%s,"expiresIn":true}',
    "urls a string": b'{"filePaths":%s,"urls":"yes"}', "paths twice": b'{"filePaths":%s,"filePaths":%s}',
    "paths twice, escaped": b'{"filePaths":%s,"file\\u0050aths":%s}', "source twice": b'{"filePaths":%s,"source":null,"source":null}',
    "partial a number": b'{"filePaths":%s,"partial":1}', "partial null": b'{"filePaths":%s,"partial":null}',
    "download a string": b'{"filePaths":%s,"download":"a"}', "download of numbers": b'{"filePaths":%s,"download":{"a":1}}',
    "download with a path twice": b'{"filePaths":%s,"download":{"a":"1","\\u0061":"2"}}', "partial twice": b'{"filePaths":%s,"partial":true,"partial":true}',
    "download twice": b'{"filePaths":%s,"download":true,"download":true}',
    "a byte-order mark": b'\xef\xbb\xbf{"filePaths":%s}', "UTF-8 that is none": b'{"filePaths":["\xff"]}',
    "a lone surrogate": b'{"filePaths":["\\ud800"]}', "65 levels": b'{"filePaths":%s,"x":' + b"[" * 64 + b"]" * 64 + b"}",
    "an ignored integer of over 64 bits": b'{"filePaths":%s,"x":99999999999999999999}',
    "an ignored number beyond a double": b'{"filePaths":%s,"x":1e999}',
}


@pytest.mark.parametrize("body", INVALID.values(), ids=INVALID)
@pytest.mark.parametrize("route", ROUTES)
def test_refuses_the_payload(node, route, body):
    error(node.mint(body.replace(b"%s", P.encode()), route=route), 400, "INVALID_PAYLOAD")


def test_64_levels_are_fine(node):
    assert node.mint(b'{"filePaths":%s,"x":%s}' % (P.encode(), b"[" * 63 + b"]" * 63)).status == 200


@pytest.mark.parametrize("body", [{}, {"filePaths": None}, {"source": "nowhere"}], ids=str)
def test_file_paths_are_required(node, body):
    error(node.mint(body), 400, "MISSING_REQUIRED_FIELD", details={"field": "filePaths"})


def test_an_unknown_source_names_those_that_are_known(node):
    for name in ("nowhere", "", "MAGIKARP", "magikarp "):
        answer = error(node.mint({"filePaths": [PDF], "source": name}), 400, "INVALID_PAYLOAD")
        assert sorted(answer.details["allowed"]) == ["betaimages", "magikarp"]


@pytest.mark.parametrize("field", [
    ("Content-Type", "text/plain"), ("Content-Type", "application/json; charset=latin-1"), ("Content-Encoding", "gzip")], ids=str)
def test_refuses_encodings_and_types(node, field):
    error(node.ask("POST", MINT, [*node.bearer(), field], json.dumps({"filePaths": [PDF]}).encode()), 400, "INVALID_PAYLOAD")


def test_a_body_over_the_limit_is_refused_and_the_connection_ends(node):
    with node.connect() as connection:
        connection.send(request_bytes("POST", MINT, [*node.bearer(), ("Content-Length", str(8 * 1024 * 1024 + 1))]))
        error(connection.reply(), 400, "INVALID_PAYLOAD", details={"max_body_bytes": 8 * 1024 * 1024})
        assert connection.is_closed()


# ---- 401

def unknown_key(node):
    text = node.key.rsplit("_", 1)[0]
    text = text[:3] + "Unknown00000"[:len(text.split("_")[1])] + text[text.index("_", 3):]
    digits, rest = "", zlib.crc32(text.encode())
    alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    for _ in range(6):
        rest, digit = divmod(rest, 62)
        digits = alphabet[digit] + digits
    return f"{text}_{digits}"


@pytest.mark.parametrize("fields", [
    [], [("Authorization", "Basic eDp5")], [("Authorization", "Bearer")], [("Authorization", "Bearer ")],
    [("Authorization", "{key}")], [("x-api-key", "{key}")]], ids=str)
@pytest.mark.parametrize("route", ROUTES)
def test_asks_for_a_credential(node, route, fields):
    fields = [(name, value.replace("{key}", node.key)) for name, value in fields]
    answer = error(node.ask("POST", route, fields, b"{}"), 401, "UNAUTHORIZED")
    assert answer["WWW-Authenticate"] == "Bearer" and answer["X-RateLimit-Limit"] is None


@pytest.mark.parametrize("spoil", [
    lambda key: "x", lambda key: key[:-1], lambda key: key + "x", lambda key: key[:20] + ("a" if key[20] != "a" else "b") + key[21:],
    lambda key: key.replace("fm_", "fx_"), lambda key: key + " " + key])
def test_refuses_what_is_no_key(node, spoil):
    answer = error(node.mint({"filePaths": [PDF]}, key=spoil(node.key)), 401, "INVALID_API_KEY", "API key not found or not authorized.")
    assert 'error="invalid_token"' in answer["WWW-Authenticate"]


def test_refuses_a_key_of_good_form_that_nobody_has(node):
    error(node.mint({"filePaths": [PDF]}, key=unknown_key(node)), 401, "INVALID_API_KEY", "API key not found or not authorized.")


# ---- 403, 404, 422

@pytest.mark.parametrize("source", ["magikarp", "betaimages"])
def test_forbids_what_is_not_granted_and_names_all_of_it(node, source):
    outside = ["uploads/co_abc/a.pdf", "uploads/co_xy/a", "uploads/co_xyzz/a", "uploads", "uploads/co_xyz2"]
    answer = node.mint({"filePaths": [PDF, *outside], "source": source})
    error(answer, 403, "FORBIDDEN", "Access to the resource is forbidden.", {"filePaths": outside})


def test_misses_what_is_not_there_and_names_all_of_it(node):
    missing = ["uploads/co_xyz/none.pdf", "uploads/co_xyz/file_abc123", PDF + "/deeper", "uploads/co_xyz/" + "s" * 256]
    answer = node.mint({"filePaths": [PDF, *missing]})
    error(answer, 404, "RESOURCE_NOT_FOUND", "The requested resource was not found.", {"filePaths": missing})


@pytest.mark.parametrize("path", ILLEGAL.values(), ids=ILLEGAL)
@pytest.mark.parametrize("source", ["magikarp", "betaimages"])
def test_refuses_illegal_paths_and_names_them(node, source, path):
    answer = node.mint({"filePaths": [PDF, path], "source": source})
    error(answer, 422, "UNPROCESSABLE_ENTITY", details={"filePaths": [path[:1024]]})


@pytest.mark.parametrize("life", [0, -1, 3601, 2**63 - 1, -2**63, 2**64 - 1])
def test_refuses_lives_out_of_range(node, life):
    error(node.mint({"filePaths": [PDF], "expiresIn": life}), 422, "UNPROCESSABLE_ENTITY")


ORDER = {  # the first of two faults is told
    "route before credentials": (("POST", "/nowhere", None), 404, "ENDPOINT_NOT_FOUND"),
    "method before credentials": (("GET", MINT, None), 405, "METHOD_NOT_ALLOWED"),
    "credentials before the body": (("POST", MINT, b"{"), 401, "INVALID_API_KEY"),
    "JSON before the field": (b'{"filePaths":null', 400, "INVALID_PAYLOAD"),
    "types before the field": (b'{"expiresIn":"x"}', 400, "INVALID_PAYLOAD"),
    "the field before the source": (b'{"source":"nowhere"}', 400, "MISSING_REQUIRED_FIELD"),
    "the source before the paths": (b'{"filePaths":["/"],"source":"nowhere"}', 400, "INVALID_PAYLOAD"),
    "legal before granted": (b'{"filePaths":["uploads/co_abc/a","/"]}', 422, "UNPROCESSABLE_ENTITY"),
    "granted before there": (b'{"filePaths":["uploads/co_xyz/none","uploads/co_abc/a"]}', 403, "FORBIDDEN"),
}


@pytest.mark.parametrize("asked, status, code", ORDER.values(), ids=ORDER)
def test_checks_in_order(node, asked, status, code):
    if isinstance(asked, bytes):
        answer = node.mint(asked)
    else:
        method, target, body = asked
        answer = node.ask(method, target, [("Authorization", "Bearer x")], body)
    error(answer, status, code)


# ---- keys and companies, by the CLI

def test_a_changed_company_or_key_is_seen_within_a_second(fresh_node):
    node = fresh_node
    assert node.mint({"filePaths": [PDF]}).status == 200
    assert node.cli("company", "suspend", "co_xyz").returncode == 0
    suspended = eventually(lambda: (a := node.mint({"filePaths": [PDF]})).status != 200 and a, "the suspension", IN_FORCE_S)
    error(suspended, 403, "FORBIDDEN", "Access to the resource is forbidden.")
    assert node.cli("company", "resume", "co_xyz").returncode == 0
    eventually(lambda: node.mint({"filePaths": [PDF]}).status == 200, "the company is back", IN_FORCE_S)
    assert node.cli("key", "revoke", node.key.split("_")[1]).returncode == 0
    revoked = eventually(lambda: (a := node.mint({"filePaths": [PDF]})).status != 200 and a, "the revocation", IN_FORCE_S)
    error(revoked, 401, "INVALID_API_KEY", "API key not found or not authorized.")
