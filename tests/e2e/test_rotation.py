"""Signing keys change while clients mint and download, and nothing is refused."""

import base64
import contextlib
import json
import sqlite3

from filemint_node import IN_FORCE_S, PDF, eventually, request_bytes, serve
from load import Load, mint_bytes


def kid_of(token):
    head = token.split(".")[0]
    return json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))["kid"]


def test_rotation_under_load_refuses_nothing(fresh_node):
    node = fresh_node
    kept = [[] for _ in range(10)]  # by client: tokens of every age
    kids = set()

    async def work(client, index, turn):
        minted = await client.ask(mint_bytes(node, [PDF], "magikarp"))
        if minted.status != 200:
            return [minted]
        token = minted.json["data"]["access_tokens"][PDF]
        kids.add(kid_of(token))
        if turn % 10 == 0:
            kept[index].append(token)
        older = kept[index][turn % len(kept[index])]
        return [minted, *[await client.ask(request_bytes("GET", f"/files/magikarp/{PDF}?token={each}")) for each in (token, older)]]

    with Load(node, work, clients=len(kept)) as load:
        first = active_kid(node)
        for _ in range(3):
            fresh = node.told_by_cli("signing-key", "prepare", "magikarp")["kid"]
            load.wait_for(100)
            assert fresh not in kids, "a prepared key does not sign"
            former = active_kid(node)
            node.told_by_cli("signing-key", "activate", fresh)
            assert states(node)[fresh] == "active" and states(node)[former] == "retiring"
            eventually(lambda: fresh in kids, "the new key signs")
            load.wait_for(100)
    assert load.failed == []
    assert len(kids) == 4 and first in kids
    refused = node.cli("signing-key", "retire", first)
    assert refused.returncode == 6 and len(refused.stderr.strip().splitlines()) == 1, "tokens of it may still live"


def states(node):
    return {row["kid"]: row["state"] for row in node.told_by_cli("signing-key", "list", "--source", "magikarp")}


def active_kid(node):
    return next(kid for kid, state in states(node).items() if state == "active")


def test_a_key_that_is_gone_verifies_nothing(fresh_node):
    node = fresh_node
    token, former = node.token(), active_kid(node)
    fresh = node.told_by_cli("signing-key", "prepare", "magikarp")["kid"]
    node.told_by_cli("signing-key", "activate", fresh)
    assert node.cli("signing-key", "retire", former, "--force").returncode == 0
    answer = eventually(lambda: (a := node.download(PDF, token)).status != 200 and a, "the key is gone", IN_FORCE_S)
    assert answer.code == "INVALID_ACCESS_TOKEN"
    assert node.download(PDF, node.token()).status == 200


def test_the_master_key_is_rotated_while_the_node_runs(fresh_node):
    node = fresh_node
    new = node.folder / "new-master-key"
    assert node.cli("master-key", "generate", str(new)).returncode == 0
    token = node.token()
    done = node.cli("master-key", "rotate", "--new", f"file:{new}")
    assert done.returncode == 0, done
    assert node.download(PDF, token).status == 200
    assert node.download(PDF, node.token()).status == 200


def test_a_node_starts_beside_a_key_that_only_a_newer_one_knows(fresh_node, tmp_path):
    demo = fresh_node
    newer = demo.told_by_cli("signing-key", "prepare", "magikarp")["kid"]
    before = demo.token()
    demo.stop()
    with contextlib.closing(sqlite3.connect(demo.folder / "data/filemint.db")) as store, store:
        store.execute("UPDATE signing_key SET algorithm = 'ES512' WHERE kid = ?", [newer])
    node = serve(demo, tmp_path)
    try:
        assert node.download(PDF, before).status == 200
        assert node.download(PDF, node.token()).status == 200
        (line,) = [line["message"] for line in node.log_lines() if newer in line["message"]]
        assert f"the signing key {newer} of magikarp is of an algorithm, ES512," in line
    finally:
        node.stop()
