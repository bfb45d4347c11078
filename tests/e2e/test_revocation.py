"""`token revoke`: what it ends at /files and /verify of a running node, and what it leaves."""

import base64
import json
import time

import pytest

from filemint_node import IN_FORCE_S, PDF, PPTX, Node, eventually, serve
from test_cli import NOT_FOUND, USAGE
from test_contract_mint import error

SKEW = 30  # mint.clock_skew


def claims(token):
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def opens(node, path, token, source="magikarp"):
    """What /files and both ways of /verify say, which must agree."""
    target = f"/files/{source}/{path}?token={token}"
    answers = [node.ask("GET", target), node.ask("GET", "/verify" + target),
               node.ask("GET", "/verify", [("X-Original-URI", target), ("X-Original-Method", "GET")])]
    for answer in answers:
        if answer.status != 200:
            error(answer, 401, "INVALID_ACCESS_TOKEN")
            assert 'error="invalid_token"' in answer["WWW-Authenticate"]
    return all(answer.status == 200 for answer in answers)


def revoke(node, *arguments):
    return node.told_by_cli("token", "revoke", *arguments)


@pytest.mark.parametrize("how, ended, left", [
    (["--key", "{key}"], [("magikarp", PDF), ("betaimages", PDF)], []),
    (["--company", "co_xyz"], [("magikarp", PDF), ("betaimages", PDF)], []),
    (["--source", "magikarp", "--path", PDF], [("magikarp", PDF)], [("magikarp", PPTX), ("betaimages", PDF)]),
    (["--source", "magikarp", "--prefix", "uploads/co_xyz/file_abc123"], [("magikarp", PDF)], [("magikarp", PPTX), ("betaimages", PDF)]),
    (["--source", "magikarp", "--prefix", ""], [("magikarp", PDF), ("magikarp", PPTX)], [("betaimages", PDF)]),
], ids=lambda value: value[-2] if value and isinstance(value[0], str) else None)
def test_a_revocation_ends_what_it_names_within_a_second_and_nothing_else(fresh_node, how, ended, left):
    node = fresh_node
    tokens = {place: node.token(place[1], source=place[0]) for place in [*ended, *left]}
    assert all(opens(node, path, token, source) for (source, path), token in tokens.items())
    revoke(node, *(word.replace("{key}", node.key.split("_")[1]) for word in how))
    eventually(lambda: not any(opens(node, path, tokens[source, path], source) for source, path in ended), "the revocation", IN_FORCE_S)
    for source, path in left:
        assert opens(node, path, tokens[source, path], source)
    assert node.token(PDF), "the key itself goes on minting"


def test_one_token_is_revoked_by_its_jti(fresh_node):
    node = fresh_node
    first, second = node.token(), node.token()
    told = revoke(node, f"--jti={claims(first)['jti']}")
    assert told["kind"] == "jti" and told["value"] == claims(first)["jti"]
    eventually(lambda: not opens(node, PDF, first), "the revocation", IN_FORCE_S)
    assert opens(node, PDF, second)


def test_tokens_that_are_minted_later_are_good(fresh_node, tmp_path):
    """The skew allowed for is 30 s, for which a test does not wait: here it is none."""
    fresh_node.stop()
    node = serve(fresh_node, tmp_path / "served", clock_skew="0s")
    try:
        former = node.token()
        until = revoke(node, "--company", "co_xyz")["issued_until"]
        eventually(lambda: not opens(node, PDF, former), "the revocation", IN_FORCE_S)
        fresh = eventually(lambda: claims(token := node.token())["iat"] > seconds(until) and token, "the next second")
        assert opens(node, PDF, fresh)
    finally:
        node.stop()


def seconds(time_text):
    return int(time.mktime(time.strptime(time_text, "%Y-%m-%dT%H:%M:%SZ")) - time.timezone)


def test_a_clock_that_is_ahead_is_allowed_for(fresh_node):
    before = int(time.time())
    told = revoke(fresh_node, "--company", "co_xyz")
    assert before + SKEW <= seconds(told["issued_until"]) <= time.time() + SKEW
    assert seconds(told["forget_at"]) == seconds(told["issued_until"]) + 3600 + SKEW


def test_a_node_is_ready_only_once_it_knows_what_is_revoked(fresh_node, tmp_path):
    node = fresh_node
    token = node.token()
    node.kill9()
    revoke(node, "--source", "magikarp", "--path", PDF)
    node = Node(tmp_path / "again", config=node.config)
    try:
        assert not opens(node, PDF, token), "the very first request after it was ready"
    finally:
        node.stop()


def test_revocations_are_listed(fresh_node):
    node = fresh_node
    assert node.told_by_cli("token", "revocations") == []
    company = revoke(node, "--company", "co_xyz")
    everything = revoke(node, "--source", "betaimages", "--prefix", "")
    assert node.told_by_cli("token", "revocations") == [company, everything]
    shown = node.cli("token", "revocations").stdout
    assert "co_xyz" in shown and "(every path)" in shown
    line = node.cli("token", "revoke", "--company", "co_xyz").stdout
    assert line.startswith("revoked the tokens of company co_xyz, issued until 2")


@pytest.mark.parametrize("code, arguments", [
    (USAGE, []),
    (USAGE, ["--company", "co_xyz", "--jti", "aaaaaaaaaaa"]),
    (USAGE, ["--path", PDF]),
    (USAGE, ["--source", "magikarp"]),
    (USAGE, ["--company", "co_xyz", "--source", "magikarp"]),
    (USAGE, ["--source", "magikarp", "--path", "../a"]),
    (USAGE, ["--source", "magikarp", "--prefix", "a//b"]),
    (USAGE, ["--jti", "no jti"]),
    (USAGE, ["--key", "short"]),
    (NOT_FOUND, ["--key", "abcdefghijkl"]),
    (NOT_FOUND, ["--company", "co_none"]),
    (NOT_FOUND, ["--source", "nowhere", "--path", PDF]),
], ids=str)
def test_what_cannot_be_revoked_is_told(node, code, arguments):
    done = node.cli("token", "revoke", *arguments)
    assert done.returncode == code and done.stdout == "", done
    assert len(done.stderr.splitlines()) == 1 and done.stderr.startswith("filemint: "), done
    assert node.told_by_cli("token", "revocations") == []
