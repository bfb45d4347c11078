"""Certificates of TLS listeners: the clients' ones, and a node's own as they change."""

import json
import re
import signal
import ssl
import subprocess
import time

import pytest

from authority import Authority, listener
from filemint_node import DEADLINE_S, Connection, eventually
from load import Load, minting
from node_config import changed
from test_running import refused

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


@pytest.mark.waits
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


# ---- config check

def wrong_files(authority, folder):
    """What of a listener's tls is wrong, by name: (its files, the key that is told, the sentence)."""
    (certificate, key), (_, other_key), other = authority.issue("checked"), authority.issue("other"), {}
    for name, text in (("no-pem", "a text\n"), ("broken", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")):
        other[name] = folder / name
        other[name].write_text(text)
    locked = folder / "locked.key"
    subprocess.run(["openssl", "ec", "-in", key, "-aes256", "-passout", "pass:x", "-out", locked], check=True, capture_output=True)
    return {
        "missing certificate": ((folder / "none", key), {}, ".certificate", f"{folder}/none: No such file or directory"),
        "unreadable": ((folder, key), {}, ".certificate", f"{folder}: Is a directory"),
        "no PEM": ((other["no-pem"], key), {}, ".certificate", "there is no PEM certificate in it"),
        "broken": ((other["broken"], key), {}, ".certificate", "a certificate in it is broken"),
        "missing key": ((certificate, folder / "none"), {}, ".key", f"{folder}/none: No such file or directory"),
        "a certificate for a key": ((certificate, certificate), {}, ".key", "there is no PEM private key in it"),
        "a key with a password": ((certificate, locked), {}, ".key", "the key has a password"),
        "another's key": ((certificate, other_key), {}, "", "the key does not belong to the certificate"),
        "missing authority": ((certificate, key), {"client_ca": folder / "none", "client_certificates": "required"}, ".client_ca",
                              f"{folder}/none: No such file or directory"),
        "a key for an authority": ((certificate, key), {"client_ca": key, "client_certificates": "optional"}, ".client_ca",
                                   "there is no PEM certificate in it"),
    }


def test_the_check_tells_which_files_serve_would_refuse(fresh_node, authority, tmp_path):
    fresh_node.stop()
    config = fresh_node.config.with_name("checked.yaml")

    def checked(**changes):
        config.write_text(changed(fresh_node.config.read_text(), **changes))
        done = fresh_node.cli("config", "check", config, "--json")
        return done.returncode, [(p["key"], p["message"]) for p in json.loads(done.stdout)["problems"]]

    for name, (pair, terms, key, sentence) in wrong_files(authority, tmp_path).items():
        secure = listener("127.0.0.1:0", pair, **terms)
        for where, changes in (("listeners[1].tls", {"listeners": f"[{{listen: 127.0.0.1:0}}, {secure}]"}), ("admin.tls", {"admin_section": secure})):
            code, told = checked(**changes)
            assert code == 3 and [key for key, _ in told] == [where + key], (name, told)
            assert sentence in told[0][1], (name, told)
            assert told[0][1] in refused(fresh_node, 3, config), name
    code, told = checked(listeners=f"[{listener('127.0.0.1:0', ('/none/a', '/none/b'))}]", admin_section=listener("127.0.0.1:0", ("/none/c", "/none/d")))
    assert code == 3 and [key for key, _ in told] == ["listeners[0].tls.certificate", "listeners[0].tls.key", "admin.tls.certificate", "admin.tls.key"]
    assert checked(listeners=f"[{listener('127.0.0.1:0', authority.issue('good'), client_ca=authority.file, client_certificates='required')}]") == (0, [])
