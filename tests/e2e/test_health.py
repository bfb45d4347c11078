"""/health: components that are looked at, for whoever has an API key."""

import json
import re
import shutil
import signal
import threading
import time

import pytest

from filemint_node import MINT, PDF, Node, eventually, request_bytes
from private_mount import hanging_disk
from test_contract_mint import error, unknown_key

COMPONENTS = ["store", "signing_keys", "limiter", "backend.magikarp", "backend.betaimages"]


def health(node, key=None, method="GET"):
    return node.ask(method, "/health", node.bearer(key))


def test_a_sound_node_names_its_components(node):
    answer = health(node)
    data = answer.data
    assert set(data) == {"message", "category", "services", "timestamp"}
    assert data["services"] == [{"name": name, "status": "up"} for name in COMPONENTS]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", data["timestamp"])
    assert answer["Cache-Control"] == "no-store"
    assert health(node, method="HEAD").status == 200


def test_health_needs_a_key_that_is_scoped_to_it(node):
    answer = error(node.ask("GET", "/health"), 401, "UNAUTHORIZED")
    assert answer["WWW-Authenticate"] == "Bearer"
    error(health(node, unknown_key(node)), 401, "INVALID_API_KEY")
    error(health(node, method="POST"), 405, "METHOD_NOT_ALLOWED")
    minting = node.told_by_cli("key", "create", "co_xyz", "--route", "file-access")["key"]
    error(eventually(lambda: (a := health(node, minting)).code_or_none != "INVALID_API_KEY" and a, "the key is known"),
          404, "ENDPOINT_NOT_FOUND")
    looking = node.told_by_cli("key", "create", "co_xyz", "--route", "health")["key"]
    eventually(lambda: health(node, looking).status == 200, "the key is known")


def down(node):
    answer = health(node)
    if answer.status == 200:
        return []
    return error(answer, 503, "SERVICE_UNAVAILABLE", "Service is temporarily unavailable.").details["services"]


def test_a_source_whose_folder_is_gone_is_down(fresh_node):
    node = fresh_node
    shutil.rmtree(node.folder / "data/files/betaimages")
    eventually(lambda: down(node) == ["backend.betaimages"], "the backend is down")
    assert node.admin("/readyz").status == 200


def test_a_store_that_cannot_be_read_is_down_and_comes_back(fresh_node):
    node = fresh_node
    file = node.folder / "data/filemint.db"
    away = file.with_suffix(".away")
    file.rename(away)
    eventually(lambda: down(node) == ["store"], "the store is down")
    assert node.mint({"filePaths": []}).code == "INVALID_PAYLOAD", "minting goes on with what is known"
    away.rename(file)
    eventually(lambda: down(node) == [], "it is back")


def test_a_source_that_cannot_sign_is_down_until_the_node_has_its_master_key(fresh_node):
    node = fresh_node
    other = node.folder / "other"
    assert node.cli("master-key", "generate", str(other)).returncode == 0
    assert node.cli("master-key", "rotate", "--new", f"file:{other}").returncode == 0
    shutil.copy(other, node.folder / "data/master.key")
    kid = node.told_by_cli("signing-key", "prepare", "magikarp")["kid"]
    node.told_by_cli("signing-key", "activate", kid)
    eventually(lambda: down(node) == ["signing_keys"], "the active key can't be unsealed")
    error(node.mint({"filePaths": [PDF]}), 503, "SERVICE_UNAVAILABLE")
    node.process.send_signal(signal.SIGHUP)
    eventually(lambda: down(node) == [], "the master key was read anew")
    assert node.mint({"filePaths": [PDF]}).status == 200


def test_a_report_is_kept_for_a_second(fresh_node):
    node = fresh_node
    former = health(node).data["timestamp"]

    def new_report():
        asked = time.monotonic()
        return health(node).data["timestamp"] != former and asked

    made_after = eventually(new_report, "the kept one is a second old")
    shutil.rmtree(node.folder / "data/files/betaimages")
    eventually(lambda: down(node) == ["backend.betaimages"], "it is looked at again", 2)
    assert time.monotonic() - made_after >= 1, "what was found before was told for a second"


def test_many_who_ask_at_once_get_the_same_report(node):
    eventually(lambda: health(node).status == 200, "a report")
    began = time.monotonic()
    times = []
    lock = threading.Lock()

    def ask():
        told = health(node).data["timestamp"]
        with lock:
            times.append(told)

    threads = [threading.Thread(target=ask) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    most = 2 + int(time.monotonic() - began)  # the one that was kept, and one for each second that begins
    assert len(times) == 50 and len(set(times)) <= most


@pytest.mark.parametrize("route", ["/health/", "/healthz", "/Health"])
def test_no_other_route_is_like_it(node, route):
    error(node.ask("GET", route, node.bearer()), 404, "ENDPOINT_NOT_FOUND")


def test_a_source_whose_disk_hangs_is_down_at_the_deadline(tmp_path):
    hung = f"{PDF.rpartition('/')[0]}/hung"
    disk = hanging_disk(tmp_path / "node/data/files/magikarp" / hung)
    node = Node(tmp_path / "node", prefix=disk.within)
    try:
        assert health(node).status == 200
        probes = [node.connect() for _ in range(8)]  # more than its source has threads
        for each in probes:
            each.send(request_bytes("POST", MINT, node.bearer(), json.dumps({"filePaths": [f"{hung}/a"]}).encode()))
        eventually(lambda: down(node) == ["backend.magikarp"], "the backend is down")
        assert node.admin("/readyz").status == 200
        assert node.mint({"filePaths": [PDF], "source": "betaimages"}).status == 200

        disk.close()
        assert {each.reply().status for each in probes} == {503}, "the disk is gone"
        eventually(lambda: down(node) == [], "its threads are free again")
    finally:
        disk.close()
        node.stop()
