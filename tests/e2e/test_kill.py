"""kill -9, of the CLI in the middle of its writes and of the node under load: nothing acknowledged is lost."""

import random
import re
import sqlite3
import subprocess
import time

from filemint_node import BINARY, IN_FORCE_S, PDF, eventually, serve
from load import Load, minting

ROUNDS = 50


def store_of(node):
    text = node.config.read_text()
    path = re.search(r"^store:\n(?:\s.*\n)*?\s+path: [\"']?([^\"'\n]+)", text, re.MULTILINE)[1]
    return node.config.parent / path


def test_nothing_that_the_cli_acknowledged_is_lost(fresh_node):
    node = fresh_node
    env = dict(node.env, FILEMINT_CONFIG=str(node.config))
    began = time.monotonic()
    assert node.cli("company", "add", "co_measure").returncode == 0
    usual = time.monotonic() - began
    dice = random.Random(50)
    acknowledged, killed = {"co_measure"}, 0
    for round_ in range(ROUNDS):
        for turn in range(3):
            name = f"co_kill_{round_}_{turn}"
            writer = subprocess.Popen(
                [BINARY, "company", "add", name], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env)
            if turn == 2:
                time.sleep(usual * dice.uniform(0.2, 1.1))  # somewhere in the middle; where is what the dice are for
                writer.kill()
            told = writer.communicate()[0].decode()
            killed += writer.returncode == -9
            if writer.returncode == 0 or name in told:
                acknowledged.add(name)
    assert killed > ROUNDS // 4, "the kills came too late to mean anything"
    assert {row["id"] for row in node.told_by_cli("company", "list")} >= acknowledged
    assert sqlite3.connect(f"file:{store_of(node)}?mode=ro", uri=True).execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert node.mint({"filePaths": [PDF]}).status == 200


def test_a_node_that_is_killed_starts_again_with_all_it_had(fresh_node, tmp_path):
    with Load(fresh_node, minting(fresh_node), clients=10) as load:
        load.wait_for(100)
        token = fresh_node.token()
        created = fresh_node.told_by_cli("key", "create", "co_xyz")["key"]
        fresh_node.kill9()
    node = serve(fresh_node, tmp_path / "served")
    try:
        assert node.download(PDF, token).status == 200, "the signing keys are the same"
        assert node.mint({"filePaths": [PDF]}, key=created).status == 200
    finally:
        node.stop()


def test_the_cli_is_heard_within_a_second(fresh_node):
    created = fresh_node.told_by_cli("key", "create", "co_xyz")["key"]
    eventually(lambda: fresh_node.mint({"filePaths": [PDF]}, key=created).status == 200, "the new key works", IN_FORCE_S)
