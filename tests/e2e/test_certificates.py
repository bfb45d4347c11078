"""Certificates of TLS listeners: the clients' ones, and a node's own as they change."""

import re
import signal
import ssl
import subprocess
import time

import pytest

from authority import Authority
from filemint_node import DEADLINE_S, Connection, eventually
from load import Load, minting

TLS_1_2, TLS_1_3 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3


@pytest.fixture(scope="module")
def node(start_tls):
    return start_tls()


# ---- clients' certificates

def certified(node, authority, certificate, version):
    with Connection(node.url, tls=authority.client(version, certificate)) as client:
        return client.ask("GET", "/nowhere").status


@pytest.mark.parametrize("version", [TLS_1_2, TLS_1_3])
@pytest.mark.parametrize("asked, without, strange", [("optional", 404, None), ("required", None, None)])
def test_client_certificates(start_tls, authority, tmp_path, version, asked, without, strange):
    node = start_tls(tls={"client_ca": authority.file, "client_certificates": asked, "min_version": "1.2"})
    known, stranger = authority.issue("client"), Authority(tmp_path / "other", "other").issue("stranger")
    assert certified(node, authority, known, version) == 404
    for certificate, status in ((None, without), (stranger, strange)):
        if status:
            assert certified(node, authority, certificate, version) == status
        else:
            with pytest.raises(OSError):
                certified(node, authority, certificate, version)


def test_a_client_is_not_asked_for_a_certificate_unless_configured(node):
    asked = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{node.port}"], stdin=subprocess.DEVNULL,
                           capture_output=True, text=True, timeout=DEADLINE_S).stdout
    assert "No client certificate CA names sent" in asked


# ---- certificates change

def serial_of(node, authority):
    with Connection(node.url, tls=authority.client()) as client:
        return client.socket.getpeercert()["serialNumber"]


@pytest.mark.parametrize("by_signal", [True, False], ids=["at SIGHUP", "when the files change"])
def test_a_certificate_is_exchanged_under_load_without_a_failed_request(start_tls, authority, by_signal):
    pair = authority.issue("changing")
    node = start_tls(pair)
    before = serial_of(node, authority)

    async def on_new_connections(client, index, turn):
        answers = await minting(node)(client, index, turn)
        if turn % 3 == 2:
            await client.close()
        return answers

    with node.connect() as old, Load(node, on_new_connections, clients=8) as load:
        assert old.ask("GET", "/nowhere").status == 404
        authority.issue("changing", days=20)
        if by_signal:
            node.process.send_signal(signal.SIGHUP)
        eventually(lambda: serial_of(node, authority) != before, "new connections get the new one")
        load.wait_for(100)
        assert old.ask("GET", "/nowhere").status == 404, "a connection that stands lives on"
    assert not load.failed and load.statuses[200] > 100


def test_a_signal_has_a_certificate_read_that_has_not_changed(start_tls, authority):
    node = start_tls(authority.issue("unchanged"))
    node.process.send_signal(signal.SIGHUP)
    eventually(lambda: "the certificate was read anew" in node.log(), "it is read")


def test_a_wrong_pair_is_told_once_and_the_old_one_stays(start_tls, authority):
    pair = authority.issue("kept")
    node = start_tls(pair)
    before, key = serial_of(node, authority), pair[1].read_text()
    authority.issue("kept")
    pair[1].write_text(key)  # of the former certificate
    eventually(lambda: "does not belong" in node.log(), "it is told")
    metric = expiry_of(node)
    pair[1].write_text(key + "\n")
    eventually(lambda: node.log().count("does not belong") > 1, "what is written anew is told again, looks later")
    assert node.log().count("does not belong") == 2, "once for each time that it was written"
    assert serial_of(node, authority) == before and metric == expiry_of(node)
    assert "PRIVATE KEY" not in node.log()
    authority.issue("kept", days=25)
    eventually(lambda: serial_of(node, authority) != before, "a right pair is taken")
    assert expiry_of(node) > metric


def expiry_of(node):
    found = re.search(r'^filemint_certificate_expiry_timestamp_seconds\{listener="127.0.0.1:(\d+)"\} (\S+)$',
                      node.admin("/metrics").body.decode(), re.MULTILINE)
    assert int(found[1]) == node.port
    return float(found[2])


def test_the_metric_tells_when_the_certificate_expires(node):
    assert abs(expiry_of(node) - time.time() - 10 * 86_400) < 120


def test_a_node_does_not_start_with_a_certificate_that_is_not_its_keys(start_tls, authority, tmp_path):
    with pytest.raises(AssertionError, match="the key does not belong to the certificate"):
        start_tls((authority.issue("one")[0], authority.issue("two")[1]))
    with pytest.raises(AssertionError, match=r"/none/cert.pem: No such file or directory"):
        start_tls(("/none/cert.pem", authority.issue("one")[1]))
