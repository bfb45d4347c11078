"""api/openapi.yaml: that it is well-formed, that its examples work, and that answers are held to it."""

import copy
import json
import os
import re
import subprocess

import pytest

import openapi_document
from error_world import left_today
from filemint_node import MINT, PDF, ROOT, Reply, eventually, request_bytes
from openapi_document import component, document

WEB = ROOT / "tests/web"
REQUESTS = component("requestBodies", "Mint")["content"]["application/json"]["examples"]

# Examples that no test makes here: test_error_table.py compares a late answer with its own, tests/integration/fault_answer_test.cpp a fault.
NOT_MADE_HERE = {"fault", "late"}


def examples_of_responses():
    """(the response's example's name, its status, its value)"""
    for item in document()["paths"].values():
        for method in item.keys() & {"get", "post"}:
            for status, response in item[method]["responses"].items():
                for content in openapi_document.resolve(response).get("content", {}).values():
                    for name, example in content.get("examples", {}).items():
                        yield name, int(status), example["value"]


ANSWERS = {name: (status, value) for name, status, value in examples_of_responses()}


def alike(example, answer, place=""):
    """Equal, but for what differs from call to call."""
    if re.search(r"/(access_tokens|urls)/|/(expires_at|timestamp)$|/keys/\d+/x$", place):
        assert isinstance(answer, str) and len(answer) >= 20, place
    elif re.search(r"/keys/\d+/kid$", place):
        assert isinstance(answer, str) and len(answer) == len(example), place
    elif place.endswith("/retry_after_seconds"):
        assert type(answer) is int and answer >= 1, place
    elif isinstance(example, dict):
        assert isinstance(answer, dict) and example.keys() == answer.keys(), f"{place}: {answer}"
        for key, value in example.items():
            alike(value, answer[key], f"{place}/{key}")
    elif isinstance(example, list):
        assert isinstance(answer, list) and len(example) == len(answer), f"{place}: {answer}"
        for index, (value, other) in enumerate(zip(example, answer)):
            alike(value, other, f"{place}/{index}")
    else:
        assert example == answer, place


def answers_as_told(name, reply):
    status, value = ANSWERS[name]
    assert reply.status == status, reply
    alike(value, reply.json)


def test_redocly_finds_nothing_to_say():
    redocly = WEB / "node_modules/.bin/redocly"
    assert redocly.exists(), "./dev setup test installs it"
    env = dict(os.environ, REDOCLY_TELEMETRY="off", REDOCLY_SUPPRESS_UPDATE_NOTICE="true", CI="true")
    done = subprocess.run([redocly, "lint", "filemint"], cwd=WEB, env=env, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0 and "warning" not in done.stderr.lower(), done.stdout + done.stderr


@pytest.mark.parametrize("route", ["/api/v1/file-access", "/api/v1/access-tokens"])
@pytest.mark.parametrize("name", REQUESTS)
def test_each_example_of_a_minting_request_is_answered_as_told(node, name, route):
    answers_as_told(name, node.mint(REQUESTS[name]["value"], route=route))


def key_of(node, *options):
    """A new key that the node has seen."""
    key = node.told_by_cli("key", "create", "co_xyz", *options)["key"]
    eventually(lambda: node.mint({}, key=key).code != "INVALID_API_KEY", "the node has read it")
    return key


def file_target(node, **members):
    """The example of /files, with a token that was minted for it."""
    item = document()["paths"]["/files/{source}/{path}"]
    values = {p["name"]: p["example"] for p in map(openapi_document.resolve, item["parameters"])}
    return f"/files/{values['source']}/{values['path']}?token={node.token(values['path'], **members)}"


def range_example(name):
    parameters = document()["paths"]["/files/{source}/{path}"]["get"]["parameters"]
    return next(p for p in parameters if p["name"] == "Range")["examples"][name]["value"]


MAKERS = {
    "noPaths": lambda node: node.mint({"source": "magikarp"}),
    "malformed": lambda node: node.ask("GET", "/docs", [("Content-Length", "x")]),
    "noKey": lambda node: node.ask("POST", MINT, [], b"{}"),
    "unknownKey": lambda node: node.mint({}, key="fm_unknown"),
    "keyOutOfScope": lambda node: node.mint({}, key_of(node, "--route", "file-access"), "/api/v1/access-tokens"),
    "noToken": lambda node: node.ask("GET", f"/files/magikarp/{PDF}"),
    "badToken": lambda node: node.download(PDF, "x.y.z"),
    "anotherFile": lambda node: node.download("uploads/co_xyz/other.pdf", node.token()),
    "beyond": lambda node: node.ask("GET", file_target(node), [("Range", range_example("beyond"))]),
    "otherMethod": lambda node: node.ask("DELETE", MINT),
    "granted": lambda node: node.ask("GET", "/verify" + file_target(node)),
    "healthy": lambda node: node.ask("GET", "/health", node.bearer()),
}
OWN_NODES = {"expiredKey", "expiredToken", "windowFull", "throttled", "suspended", "goneFile", "keys", "overloaded", "twinExists"}


@pytest.mark.parametrize("name", MAKERS)
def test_each_example_of_an_answer_is_what_a_node_says(node, name):
    answers_as_told(name, MAKERS[name](node))


def test_the_example_of_an_expired_key_is_what_a_node_says(node):
    key = key_of(node, "--expires-in", "2s")
    answers_as_told("expiredKey", eventually(lambda: expired(node.mint({}, key=key)), "the key has expired"))


def test_the_example_of_an_expired_token_is_what_a_node_says(served):
    node = served(clock_skew="0s")
    token = node.token(expiresIn=1)
    answers_as_told("expiredToken", eventually(lambda: expired(node.download(PDF, token)), "the token has expired"))


def test_the_examples_of_limits_are_what_a_node_says(served):
    left_today()
    node = served(calls_per_minute=1, throttle_per_day=1)
    assert node.mint({"filePaths": [PDF]}).status == 200
    answers_as_told("throttled", node.mint({"filePaths": [PDF]}))
    answers_as_told("windowFull", node.mint({"filePaths": [PDF]}, key_of(node)))


def test_the_example_of_a_suspended_company_is_what_a_node_says(fresh_node):
    assert fresh_node.cli("company", "suspend", "co_xyz").returncode == 0
    answers_as_told("suspended", eventually(lambda: (a := fresh_node.mint({"filePaths": [PDF]})).status == 403 and a, "it is suspended"))


def test_the_example_of_a_file_that_is_gone_is_what_a_node_says(fresh_node):
    token = fresh_node.token()
    (fresh_node.config.parent / "files/magikarp" / PDF).unlink()
    answers_as_told("goneFile", fresh_node.download(PDF, token))


def test_the_example_of_a_twin_is_what_a_node_says(fresh_node):
    told = ANSWERS["twinExists"][1]["error"]["details"]
    (fresh_node.config.parent / "files/magikarp" / told["twins"][0]).write_bytes(b"there")
    answers_as_told("twinExists", fresh_node.mint({"filePaths": told["filePaths"]}))


def test_the_example_of_public_keys_is_what_a_node_says(served):
    node = served(algorithm="eddsa")
    node.told_by_cli("signing-key", "prepare", "magikarp")
    answers_as_told("keys", eventually(lambda: (a := node.ask("GET", "/.well-known/jwks.json")).json["keys"] and a, "it is published"))


def test_the_example_of_an_overload_is_what_a_node_says(served):
    node = served(max_in_flight=1)
    with node.connect() as holder:
        holder.send(request_bytes("POST", MINT, [*node.bearer(), ("Expect", "100-continue"), ("Content-Length", "9")]))
        while b"100 Continue" not in holder.buffer:
            holder.more()
        answers_as_told("overloaded", node.mint({"filePaths": [PDF]}))


def expired(reply):
    return reply if reply.code_or_none and reply.code.startswith("EXPIRED_") else None


def test_every_example_of_an_answer_is_tried():
    assert ANSWERS.keys() == REQUESTS.keys() | MAKERS.keys() | OWN_NODES | NOT_MADE_HERE


def test_the_examples_of_ranges_and_conditions_work(node):
    target = file_target(node)
    part = node.ask("GET", target, [("Range", range_example("part"))])
    assert part.status == 206 and len(part.body) == 100
    assert node.ask("GET", target, [("If-None-Match", "*")]).status == 304
    assert node.ask("HEAD", target).status == 200


def test_the_examples_of_verify_work(node):
    names = {p["name"]: p["example"] for p in document()["paths"]["/verify"]["get"]["parameters"]}
    names["X-Original-URI"] = names["X-Original-URI"].replace("TOKEN", node.token())
    assert node.ask("GET", "/verify", names).status == 200
    target = document()["paths"]["/verify/{target}"]["parameters"][0]["example"]
    assert node.ask("GET", f"/verify/{target}?token={node.token()}").status == 200


def test_the_codes_are_those_of_the_catalogue_and_of_the_guide():
    catalogue = set(re.findall(r'\{"([A-Z_]+)", \d{3}', (ROOT / "api/error_catalogue.cpp").read_text()))
    guide = set(re.findall(r'<tr id="([A-Z_]+)"', (ROOT / "api/docs/errors.html").read_text()))
    assert catalogue == guide == codes_in(document()["components"]["responses"]) | codes_in(document()["paths"])


def test_the_version_is_the_builds():
    version = re.search(r"project\(filemint VERSION (\S+)", (ROOT / "CMakeLists.txt").read_text())[1]
    assert document()["info"]["version"] == version


def codes_in(node):
    """What `code` may be, wherever a schema tells it."""
    found = set()
    for name, value in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
        if name == "code" and isinstance(value, dict):
            found |= set(value.get("enum", [value.get("const")]))
        else:
            found |= codes_in(value)
    return found


# ---- that a difference is seen

def answer(status=200, fields=(), value=None, kind="application/json"):
    head = [f"HTTP/1.1 {status} X", f"Content-Type: {kind}", "X-Request-Id: a", *fields]
    return Reply("\r\n".join(head).encode(), json.dumps(value).encode())


REFUSED = ["WWW-Authenticate: Bearer"]
FAILURE = ANSWERS["noKey"][1]


def changed(value, **members):
    value = copy.deepcopy(value)
    value["error"].update(members)
    return value


@pytest.mark.parametrize("reply, complaint", [
    (answer(418, value=FAILURE), "not documented"),
    (answer(401, value=FAILURE), "WWW-Authenticate is missing"),
    (answer(401, [*REFUSED, "X-Secret: a"], FAILURE), "x-secret not documented"),
    (answer(401, [*REFUSED, "X-RateLimit-Limit: 1"], FAILURE), "x-ratelimit-limit not documented"),
    (answer(401, REFUSED, FAILURE, "text/plain"), "text/plain is not documented"),
    (answer(401, REFUSED, changed(FAILURE, code="FORBIDDEN")), "error/code"),
    (answer(401, REFUSED, changed(FAILURE, details={"hint": 1})), "error/details"),
    (answer(401, REFUSED, changed(FAILURE, extra=1)), "extra"),
    (answer(401, REFUSED, {**FAILURE, "data": {}}), "data"),
])
def test_an_answer_that_is_not_the_documented_one_is_refused(reply, complaint):
    openapi_document.check("POST", MINT, answer(401, REFUSED, FAILURE))
    with pytest.raises(AssertionError, match=complaint):
        openapi_document.check("POST", MINT, reply)


def test_requests_are_held_to_the_document_where_they_are_made(node, monkeypatch):
    schema = component("schemas", "MintAnswer")["properties"]["data"]["properties"]
    openapi_document.validator.cache_clear()
    monkeypatch.setitem(schema, "message", {"const": "Something else."})
    with pytest.raises(AssertionError, match="Something else"):
        node.token()
    openapi_document.validator.cache_clear()
