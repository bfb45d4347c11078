"""Three nodes that know of each other: links, states, and what an operator sees of them."""

import os
import pathlib
import re
import signal
import subprocess
import time

import pytest

from authority import openssl
from cluster import Cluster, cert
from filemint_node import BINARY, eventually

SEEN_KILLED_S = 1.0  # 0.2 is asked for; a machine that is shared may take longer
SEEN_CUT_S = 3.0
BACK_S = 5.0


@pytest.fixture
def cluster(tmp_path):
    with Cluster(tmp_path) as made:
        made.all_up()
        yield made


def health_of(node):
    answer = node.ask("GET", "/health", node.bearer())
    return [] if answer.status == 200 else answer.details["services"]


def listened_ports(pid):
    """Of the process's TCP sockets."""
    sockets = set()
    for each in pathlib.Path(f"/proc/{pid}/fd").iterdir():
        try:
            sockets.add(os.readlink(each))
        except FileNotFoundError:
            pass
    ports = []
    for table in ("tcp", "tcp6"):
        for line in pathlib.Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
            words = line.split()
            if words[3] == "0A" and f"socket:[{words[9]}]" in sockets:
                ports.append(int(words[1].rpartition(":")[2], 16))
    return sorted(ports)


def threads(pid):
    return [each.read_text().strip() for each in pathlib.Path(f"/proc/{pid}/task").glob("*/comm")]


def test_each_sees_the_others_up_and_tells_so(cluster):
    node = cluster.nodes["node2"]
    told = node.told_by_cli("cluster", "status")
    assert told["name"] == "node2"
    assert [(peer["name"], peer["state"], peer["said_goodbye"]) for peer in told["peers"]] == \
        [("node1", "up", False), ("node3", "up", False)]
    assert {peer["peer_version"] for peer in told["peers"]} == {1}
    shown = node.cli("cluster", "status")
    assert shown.returncode == 0 and re.search(r"^node1 +up ", shown.stdout, re.MULTILINE), shown
    assert {"name": "cluster", "status": "up"} in node.ask("GET", "/health", node.bearer()).data["services"]
    eventually(lambda: cluster.peers("node2")["node1"]["round_trip_us"], "heartbeats are told back")
    metrics = node.admin("/metrics").body.decode()
    assert 'filemint_cluster_peer_state{peer="node1",state="up"} 1' in metrics
    assert 'filemint_cluster_links_total{peer="node3"} 1' in metrics
    assert re.search(r'^filemint_cluster_link_bytes_total{peer="node1",direction="in"} [1-9]', metrics, re.MULTILINE)
    assert re.search(r'^filemint_cluster_round_trip_seconds{peer="node1"} 0\.0', metrics, re.MULTILINE)
    assert 'filemint_certificate_expiry_timestamp_seconds{listener="cluster"}' in metrics
    ports = [node.port, int(node.admin_url.rpartition(":")[2]), cluster.ports["node2"]]
    assert listened_ports(node.process.pid) == sorted(ports)


def test_a_killed_node_is_seen_at_once_and_is_back_after_its_restart(cluster, record_property):
    victim = cluster.nodes["node2"]
    survivors = ["node1", "node3"]
    began = time.monotonic()
    victim.kill9()
    for name in survivors:
        eventually(lambda name=name: cluster.sees(name, "node2", "down"), f"{name} sees it down", SEEN_KILLED_S)
    took = time.monotonic() - began
    record_property("seen_killed_ms", round(took * 1000))
    print(f"a kill was seen by both after {took * 1000:.0f} ms")
    assert took < SEEN_KILLED_S
    assert cluster.sees("node1", "node3", "up")
    eventually(lambda: health_of(cluster.nodes["node1"]) == ["cluster"], "/health names the cluster")
    assert cluster.nodes["node1"].admin("/readyz").status == 200
    cluster.start("node2")
    began = time.monotonic()
    cluster.all_up()
    assert time.monotonic() - began < BACK_S
    eventually(lambda: health_of(cluster.nodes["node1"]) == [], "/health is well again")


def test_a_stopped_node_is_seen_down_and_is_back_when_it_goes_on(cluster):
    victim = cluster.nodes["node1"].process
    began = time.monotonic()
    victim.send_signal(signal.SIGSTOP)
    try:
        eventually(lambda: cluster.sees("node2", "node1", "suspect"), "it is suspected", SEEN_CUT_S)
        for name in ("node2", "node3"):
            eventually(lambda name=name: cluster.sees(name, "node1", "down"), f"{name} sees it down", SEEN_CUT_S)
        assert time.monotonic() - began < SEEN_CUT_S
        assert cluster.sees("node2", "node3", "up")
    finally:
        victim.send_signal(signal.SIGCONT)
    began = time.monotonic()
    cluster.all_up()
    assert time.monotonic() - began < BACK_S


def test_a_node_that_is_stopped_says_goodbye(cluster):
    cluster.nodes["node3"].stop()
    for name in ("node1", "node2"):
        peer = cluster.peers(name)["node3"]
        assert peer["said_goodbye"] and peer["state"] == "down"
        assert health_of(cluster.nodes[name]) == []
        metrics = cluster.nodes[name].admin("/metrics").body.decode()
        assert 'filemint_cluster_peer_state{peer="node3",state="left"} 1' in metrics
        assert 'filemint_cluster_peer_state{peer="node3",state="down"} 0' in metrics
    shown = cluster.nodes["node1"].cli("cluster", "status").stdout
    assert re.search(r"^node3 +left ", shown, re.MULTILINE), shown


def test_a_certificate_that_is_replaced_is_read_and_no_link_is_lost(cluster):
    node = cluster.nodes["node1"]
    fresh = cluster.folder / "fresh"
    fresh.mkdir()
    for end in ("pem", "key"):
        (fresh / f"ca.{end}").write_bytes((cluster.certificates / f"ca.{end}").read_bytes())
    assert cert("--dir", fresh, "--days", "2", "node1").returncode == 0
    for end in ("key", "pem"):
        os.replace(fresh / f"node1.{end}", cluster.certificates / f"node1.{end}")
    eventually(lambda: any(line["message"] == "the certificate was read anew" and line.get("listener") == "cluster"
                           for line in node.log_lines()), "the certificate is read anew")
    assert 'filemint_cluster_links_total{peer="node2"} 1' in node.admin("/metrics").body.decode()
    assert cluster.sees("node2", "node1", "up")


def test_a_node_without_a_cluster_has_nothing_of_it(node):
    assert node.admin("/cluster").status == 404
    asked = node.cli("cluster", "status")
    assert asked.returncode == 3 and "no cluster" in asked.stderr
    assert not [name for name in threads(node.process.pid) if name.startswith("caf.mult")]
    assert "filemint_cluster" not in node.admin("/metrics").body.decode()


def test_a_clusters_node_needs_its_files(tmp_path):
    with Cluster(tmp_path, ["node1", "node2"]) as made:
        made.all_up()
        made.nodes["node2"].stop()
        (made.certificates / "node2.key").unlink()
        refused = subprocess.run([BINARY, "serve", "--config", made.configs["node2"]], stdin=subprocess.DEVNULL,
                                 capture_output=True, text=True, timeout=30)
        assert refused.returncode == 3, refused
        assert "node2.key" in refused.stderr


# ---- filemint cluster cert

def test_certificates_are_good_for_both_sides_of_tls(tmp_path):
    made = cert("--dir", tmp_path / "c", "a.nodes.test", "b")
    assert made.returncode == 0, made
    files = {each.name: each for each in (tmp_path / "c").iterdir()}
    assert set(files) == {"ca.pem", "ca.key", "a.nodes.test.pem", "a.nodes.test.key", "b.pem", "b.key"}
    assert {each.stat().st_mode & 0o777 for each in files.values()} == {0o600}
    for purpose in ("sslserver", "sslclient"):
        openssl("verify", "-x509_strict", "-CAfile", files["ca.pem"], "-purpose", purpose, files["b.pem"])
    text = openssl("x509", "-in", files["a.nodes.test.pem"], "-noout", "-text")
    assert "DNS:a.nodes.test" in text and "ASN1 OID: prime256v1" in text and "CA:FALSE" in text


def test_nothing_is_overwritten_and_the_authority_goes_on(tmp_path):
    assert cert("--dir", tmp_path, "a").returncode == 0
    before = {each.name: each.read_bytes() for each in tmp_path.iterdir()}
    again = cert("--dir", tmp_path, "b", "a")
    assert again.returncode == 6 and "a.pem exists" in again.stderr
    assert {each.name: each.read_bytes() for each in tmp_path.iterdir()} == before
    assert cert("--dir", tmp_path, "b").returncode == 0
    openssl("verify", "-CAfile", tmp_path / "ca.pem", tmp_path / "a.pem", tmp_path / "b.pem")


@pytest.mark.parametrize("name", ["Node", "a..b", "a_b", "ca", "a b", "*.a"])
def test_a_name_that_is_none_is_refused(tmp_path, name):
    refused = cert("--dir", tmp_path, name)
    assert refused.returncode == 2, refused
    assert list(tmp_path.iterdir()) == []


def test_an_authority_that_lost_its_key_signs_nothing(tmp_path):
    assert cert("--dir", tmp_path, "a").returncode == 0
    (tmp_path / "ca.key").unlink()
    refused = cert("--dir", tmp_path, "b")
    assert refused.returncode != 0 and "ca.key" in refused.stderr
    assert not (tmp_path / "b.pem").exists()
