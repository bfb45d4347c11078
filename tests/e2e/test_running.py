"""A node's start, what it refuses to start with, and SIGHUP."""

import base64
import json
import pathlib
import re
import shutil
import signal
import socket
import sqlite3
import subprocess

import node_config
import pytest
from canaries import forms_of
from filemint_node import BINARY, IN_FORCE_S, PDF, Node, eventually
from test_contract_mint import error
from test_tokens_interop import raw_signing_key


def refused(node, code, config=None, prefix=()):
    """The one line of a `serve` that does not start."""
    done = subprocess.run([*prefix, BINARY, "serve", "--config", config or node.config], stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=30)
    assert done.returncode == code, done
    lines = done.stderr.splitlines()
    assert done.stdout == "" and len(lines) == 1 and lines[0].startswith("filemint: "), done
    return lines[0]


def changed(node, **changes):
    file = node.config.with_name("changed.yaml")
    file.write_text(node_config.changed(node.config.read_text(), **changes))
    return file


def test_one_store_takes_one_node(fresh_node):
    config = changed(fresh_node, listen="127.0.0.1:0", admin="127.0.0.1:0")
    assert "filemint.db" in refused(fresh_node, 6, config)
    assert fresh_node.mint({"filePaths": [PDF]}).status == 200
    fresh_node.kill9()
    assert "cannot listen" in refused_on_a_taken_port(fresh_node), "a killed node holds no lock"


def refused_on_a_taken_port(node):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        line = refused(node, 1, changed(node, listen=f"127.0.0.1:{port}", admin="127.0.0.1:0"))
        assert str(port) in line and "in use" in line.lower()
        line = refused(node, 1, changed(node, listen="127.0.0.1:0", admin=f"127.0.0.1:{port}"))
        assert str(port) in line
        return line


def test_a_wrong_or_missing_master_key_is_refused_in_a_sentence(fresh_node):
    node = fresh_node
    node.stop()
    other = node.folder / "other-key"
    assert node.cli("master-key", "generate", str(other)).returncode == 0
    line = refused(node, 3, changed(node, master_key=f"file:{other}"))
    assert "master" in line.lower() and other.read_text().strip() not in line
    missing = refused(node, 3, changed(node, master_key="file:/none/key"))
    assert "/none/key" in missing
    unset = refused(node, 3, changed(node, master_key="env:FILEMINT_UNSET"))
    assert "FILEMINT_UNSET" in unset
    other.write_text("not a key\n")
    refused(node, 3, changed(node, master_key=f"file:{other}"))


def test_a_wrong_master_key_seals_no_new_sources_key(fresh_node):
    """A key that it sealed would stop the right one from then on."""
    node = fresh_node
    node.stop()
    (node.folder / "new").mkdir()
    kids = {row["kid"] for row in node.told_by_cli("signing-key", "list")}
    other = node.folder / "other-key"
    assert node.cli("master-key", "generate", str(other)).returncode == 0
    source = f"  - name: newcomer\n    root: {node.folder}/new\n"
    wrong = changed(node, master_key=f"file:{other}")
    wrong.write_text(wrong.read_text() + source)
    line = refused(node, 3, wrong)
    assert {row["kid"] for row in node.told_by_cli("signing-key", "list")} == kids
    assert str(other) in line and "sealed under another master key" in line
    right = changed(node, listen=f"127.0.0.1:{node_config.free_port()}", admin=f"127.0.0.1:{node_config.free_port()}")
    right.write_text(right.read_text() + source)
    served = Node(node.folder / "served", config=right)
    served.stop()
    rows = node.told_by_cli("signing-key", "list")
    assert kids < {row["kid"] for row in rows} and {row["source"] for row in rows} == {"magikarp", "betaimages", "newcomer"}


def test_a_root_that_is_no_folder_is_refused(fresh_node):
    fresh_node.stop()
    assert "/none/root" in refused(fresh_node, 1, changed(fresh_node, root="/none/root"))


def test_the_file_limit_bounds_connections(tmp_path):
    node = Node(tmp_path / "node", prefix=["prlimit", "--nofile=300:400"])
    try:
        limits = pathlib.Path(f"/proc/{node.process.pid}/limits").read_text()
        assert re.search(r"^Max open files +400 +400 ", limits, re.MULTILINE), limits
        assert 'filemint_budget_limit{budget="connections"} 144\n' in node.admin("/metrics").body.decode()
    finally:
        node.stop()


@pytest.mark.parametrize("limit", [200, 256])
def test_a_file_limit_without_room_for_connections_is_refused(fresh_node, limit):
    fresh_node.stop()
    line = refused(fresh_node, 1, prefix=["prlimit", f"--nofile={limit}"])
    assert f"may open {limit} files" in line and "LimitNOFILE" in line


def test_a_stores_version_that_is_newer_is_refused_in_a_sentence(fresh_node):
    node = fresh_node
    node.stop()
    store = sqlite3.connect(node.folder / "data/filemint.db")
    tables = [name for name, in store.execute("SELECT name FROM sqlite_master WHERE type='table' AND sql LIKE '%min_reader%'")]
    assert len(tables) == 1
    store.execute(f"UPDATE {tables[0]} SET min_reader = 1000000")
    store.commit()
    store.close()
    assert re.search("newer|version", refused(node, 4, node.config))


def stored_bytes(node):
    """Of the store, its journal and what else lies beside it."""
    return b"".join(file.read_bytes() for file in sorted((node.folder / "data").glob("filemint.db*")))


def test_a_store_at_rest_holds_no_key_that_signs(fresh_node):
    """Nor the API key's secret, nor the master key."""
    node = fresh_node
    eddsa = node.config.with_name("eddsa.yaml")
    eddsa.write_text(node.config.read_text().replace("algorithm: hs256", "algorithm: eddsa"))
    assert node.cli("signing-key", "prepare", "betaimages", "--config", str(eddsa)).returncode == 0
    kept = stored_bytes(node)
    node.stop()
    kept += stored_bytes(node)
    master = (node.folder / "data/master.key").read_text().strip()
    assert (node.folder / "data/master.key").stat().st_mode & 0o077 == 0
    secrets = {"the master key": master, "the API key": node.key}
    for row in node.told_by_cli("signing-key", "list"):
        algorithm, sealed, raw = raw_signing_key(node, row["kid"])
        assert len(raw) == 32 and sealed in kept, "the search would find a key"
        secrets[f"a key of {row['source']}, {algorithm}"] = base64.b64encode(raw).decode()
    assert len(secrets) == 5
    assert [name for name, secret in secrets.items() if any(form in kept for form in forms_of(secret))] == []


# ---- SIGHUP

def test_sighup_opens_the_log_anew(fresh_node):
    node = fresh_node
    log = node.folder / "data/filemint.log"
    assert node.mint({"filePaths": [PDF]}, headers=[("X-Request-Id", "before")]).status == 200
    eventually(lambda: '"before"' in log.read_text(), "the line is written")
    moved = log.rename(log.with_suffix(".1"))
    node.process.send_signal(signal.SIGHUP)
    eventually(log.exists, "the log is opened anew")
    assert node.mint({"filePaths": [PDF]}, headers=[("X-Request-Id", "after")]).status == 200
    eventually(lambda: '"after"' in log.read_text(), "the line is written")
    assert '"after"' not in moved.read_text() and '"before"' not in log.read_text()


def test_sighup_reads_the_master_key_anew(fresh_node):
    node = fresh_node
    log, key, new = node.folder / "data/filemint.log", node.folder / "data/master.key", node.folder / "new-key"
    token = node.token()
    assert node.cli("master-key", "generate", str(new)).returncode == 0
    assert node.cli("master-key", "rotate", "--new", f"file:{new}").returncode == 0
    shutil.copy(new, key)
    fresh = node.told_by_cli("signing-key", "prepare", "magikarp")["kid"]
    eventually(lambda: problems(log), "it says that it can't unseal")
    assert node.download(PDF, node.token()).status == 200, "minting goes on with the keys that it has"
    node.process.send_signal(signal.SIGHUP)
    eventually(lambda: "the master key was read anew" in log.read_text(), "it takes the new one")
    node.told_by_cli("signing-key", "activate", fresh)
    eventually(lambda: node.mint({"filePaths": [PDF]}).status == 200 and kid(node.token()) == fresh, "the new key signs", 5)
    assert node.download(PDF, token).status == 200
    assert key.read_text().strip() not in log.read_text()


def problems(log):
    return [line for line in map(json.loads, log.read_text().splitlines()) if line["level"] == "error"]


def kid(token):
    head = token.split(".")[0]
    return json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))["kid"]


def test_sighup_with_a_wrong_master_key_is_told_and_changes_nothing(fresh_node):
    node = fresh_node
    log, key = node.folder / "data/filemint.log", node.folder / "data/master.key"
    key.unlink()
    assert node.cli("master-key", "generate", str(key)).returncode == 0
    node.process.send_signal(signal.SIGHUP)
    eventually(lambda: problems(log), "it says that the key is wrong")
    assert node.download(PDF, node.token()).status == 200


# ---- what the CLI changes

def test_a_grant_is_in_force_and_out_of_it_within_a_second(fresh_node):
    node = fresh_node
    other = {"filePaths": ["uploads/co_new/a"], "source": "betaimages"}
    error(node.mint(other), 403, "FORBIDDEN")
    assert node.cli("grant", "add", "co_xyz", "betaimages", "uploads/co_new").returncode == 0
    eventually(lambda: node.mint(other).status == 200, "the grant is in force", IN_FORCE_S)
    error(node.mint({**other, "source": "magikarp"}), 403, "FORBIDDEN")
    assert node.cli("grant", "remove", "co_xyz", "betaimages", "uploads/co_new").returncode == 0
    gone = eventually(lambda: (a := node.mint(other)).status != 200 and a, "the grant is gone", IN_FORCE_S)
    error(gone, 403, "FORBIDDEN")


def test_keys_of_a_route_or_a_time(fresh_node):
    node = fresh_node
    scoped = node.told_by_cli("key", "create", "co_xyz", "--route", "access-tokens")["key"]
    brief = node.told_by_cli("key", "create", "co_xyz", "--expires-in", "2s")["key"]
    eventually(lambda: node.mint({"filePaths": [PDF]}, key=scoped, route="/api/v1/access-tokens").status == 200, "the key works", IN_FORCE_S)
    error(node.mint({"filePaths": [PDF]}, key=scoped), 404, "ENDPOINT_NOT_FOUND")
    expired = eventually(lambda: (a := node.mint({"filePaths": [PDF]}, key=brief)).code_or_none == "EXPIRED_API_KEY" and a, "it expires")
    assert 'error="invalid_token"' in error(expired, 401, "EXPIRED_API_KEY")["WWW-Authenticate"]


def test_a_new_company_with_a_key_and_a_grant(fresh_node):
    node = fresh_node
    assert node.cli("company", "add", "co_late").returncode == 0
    key = node.told_by_cli("key", "create", "co_late")["key"]
    path = {"filePaths": ["uploads/co_late/a"], "source": "betaimages"}
    first = eventually(lambda: (a := node.mint(path, key=key)).code_or_none != "INVALID_API_KEY" and a, "the key is known", IN_FORCE_S)
    error(first, 403, "FORBIDDEN")
    assert node.cli("grant", "add", "co_late", "betaimages", "uploads/co_late").returncode == 0
    eventually(lambda: node.mint(path, key=key).status == 200, "the grant is in force", IN_FORCE_S)
    error(node.mint({"filePaths": [PDF]}, key=key), 403, "FORBIDDEN")
    assert node.cli("company", "suspend", "co_late").returncode == 0
    eventually(lambda: node.mint(path, key=key).status == 403, "the suspension", IN_FORCE_S)
    assert node.mint({"filePaths": [PDF]}).status == 200, "nobody else's"
