"""TLS on the public port: versions, downloads, tickets, hostile and slow clients, drain."""

import json
import os
import signal
import socket
import ssl
import subprocess
import time

import pytest

from filemint_node import DEADLINE_S, MINT, PDF, Connection, connected, eventually, request_bytes, until_end
from http_corpus import messages
from load import Load, minting
from test_contract_mint import error

TLS_1_2, TLS_1_3 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3
BIG = "uploads/co_xyz/big.bin"
BIG_BYTES = os.urandom(1 << 20) * 12
MIB = 1 << 20


@pytest.fixture(scope="module")
def node(start_tls):
    made = start_tls()
    (made.config.parent / "files/magikarp" / BIG).write_bytes(BIG_BYTES)
    return made


# ---- versions

@pytest.mark.parametrize("version", [TLS_1_2, TLS_1_3])
def test_mints_and_downloads(node, authority, version):
    with Connection(node.url, tls=authority.client(version)) as client:
        assert client.socket.version() == version.name.replace("_", ".")
        answer = client.ask("POST", MINT, node.bearer(), json.dumps({"filePaths": [PDF, BIG], "urls": True}).encode())
        token = answer.data["access_tokens"][BIG]
        assert answer.data["urls"][BIG].startswith(f"{node.url}/files/magikarp/")
        target = f"/files/magikarp/{BIG}?token={token}"
        whole = client.ask("GET", target)
        assert whole.status == 200 and whole.body == BIG_BYTES
        assert client.ask("HEAD", target)["Content-Length"] == str(len(BIG_BYTES))
        part = client.ask("GET", target, [("Range", f"bytes={MIB - 7}-{3 * MIB}")])
        assert part.status == 206 and part.body == BIG_BYTES[MIB - 7:3 * MIB + 1]


@pytest.mark.parametrize("versions", ["TLSv1", "TLSv1.1"])
def test_old_versions_are_refused(node, versions):
    option = {"TLSv1": "-tls1", "TLSv1.1": "-tls1_1"}[versions]
    done = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{node.port}", option, "-cipher", "ALL:@SECLEVEL=0"],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=DEADLINE_S)
    assert done.returncode != 0 and "alert protocol version" in done.stderr, done


def test_a_listener_of_1_3_refuses_1_2(start_tls, authority):
    node = start_tls(tls={"min_version": "1.3"})
    with Connection(node.url, tls=authority.client(TLS_1_3)) as client:
        assert client.ask("GET", "/nowhere").status == 404
    with pytest.raises(ssl.SSLError):
        Connection(node.url, tls=authority.client(TLS_1_2))


def test_speaks_http_1_1_by_alpn_and_nothing_else(node, authority):
    for offered, chosen in ((["http/1.1"], "http/1.1"), (["h2", "http/1.1"], "http/1.1")):
        context = authority.client()
        context.set_alpn_protocols(offered)
        with Connection(node.url, tls=context) as client:
            assert client.socket.selected_alpn_protocol() == chosen
    context = authority.client()
    context.set_alpn_protocols(["h2"])
    with pytest.raises(ssl.SSLError, match="(?i)no.application.protocol"):
        Connection(node.url, tls=context)


# ---- tickets

@pytest.mark.parametrize("version", [TLS_1_2, TLS_1_3])
def test_a_ticket_resumes_a_session_also_with_a_new_certificate(start_tls, authority, version):
    pair = authority.issue(f"resumed-{version.name}")
    node = start_tls(pair)
    context = authority.client(version)
    with Connection(node.url, tls=context) as client:
        assert not client.socket.session_reused
        assert client.ask("GET", "/nowhere").status == 404  # the tickets of 1.3 come behind the handshake
        session = client.socket.session
    with Connection(node.url, tls=context, session=session) as client:
        assert client.socket.session_reused
        assert client.ask("GET", "/nowhere").status == 404
    authority.issue(f"resumed-{version.name}")
    node.process.send_signal(signal.SIGHUP)
    eventually(lambda: "the certificate was read anew" in node.log(), "it is read anew")
    with Connection(node.url, tls=context, session=session) as client:
        assert client.socket.session_reused


def test_a_ticket_of_another_node_resumes_nothing(node, start_tls, authority):
    context = authority.client(TLS_1_2)
    with Connection(node.url, tls=context) as client:
        session = client.socket.session
    with Connection(start_tls().url, tls=context, session=session) as client:
        assert not client.socket.session_reused
        assert client.ask("GET", "/nowhere").status == 404


# ---- hostile and slow clients

def end_of(client, within):
    client.settimeout(within)
    return until_end(client)


def test_plain_http_is_closed_at_once(node):
    with connected(node.url.replace("https:", "http:")) as client:
        client.sendall(request_bytes("GET", "/nowhere"))
        assert b"HTTP/" not in end_of(client, within=5)


def test_a_silent_handshake_is_closed_at_the_header_timeout(start_tls):
    node = start_tls(header_timeout="1s")
    for first in (b"", b"\x16\x03\x01"):
        with connected(node.url.replace("https:", "http:")) as client:
            client.sendall(first)
            began = time.monotonic()
            assert end_of(client, within=10) == b""
            assert time.monotonic() - began > 0.9


def test_requests_are_pipelined_whatever_records_they_come_in(node):
    requests = b"".join(request_bytes("GET", f"/nowhere{i}") for i in range(40))
    for size in (1, 100, 16_384, len(requests)):
        with node.connect() as client:
            for at in range(0, len(requests) if size > 1 else 400, size):
                client.send(requests[at:at + size])
            for _ in range(40 if size > 1 else requests[:400].count(b"\r\n\r\n")):
                assert client.reply().status == 404


def test_a_body_larger_than_a_record_and_than_the_block_is_read(node):
    body = json.dumps({"filePaths": ["uploads/co_xyz/a"], "source": "betaimages", "padding": "x" * 300_000}).encode()
    with node.connect() as client:
        for _ in range(2):
            assert client.ask("POST", MINT, node.bearer(), body).status == 200
        head = request_bytes("POST", MINT, [*node.bearer(), ("Content-Length", str(len(body))), ("Expect", "100-continue")])
        client.send(head)
        assert client.socket.recv(100).startswith(b"HTTP/1.1 100 ")
        client.send(body)
        assert client.reply().status == 200


def test_a_slow_reader_gets_all_of_it(node, authority):
    token = node.token(BIG)
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8_192)
    made.settimeout(DEADLINE_S)
    made.connect(("127.0.0.1", node.port))
    with authority.client().wrap_socket(made, server_hostname="localhost") as client:
        client.sendall(request_bytes("GET", f"/files/magikarp/{BIG}?token={token}", [("Range", f"bytes=0-{2 * MIB - 1}")]))
        received = b""
        while len(received) < 2 * MIB:
            received += client.recv(20_000)
            time.sleep(0.002)
        body = received.partition(b"\r\n\r\n")[2]
        assert body == BIG_BYTES[:len(body)]


def test_the_end_of_an_answer_is_told_by_close_notify(node):
    with node.connect() as client:
        client.socket.suppress_ragged_eofs = False
        answer = client.ask("GET", "/nowhere", [("Connection", "close")])
        assert answer["Connection"] == "close"
        assert client.socket.recv(1) == b""


@pytest.mark.parametrize("message", [m for m in messages() if len(m.raw) < 4_096], ids=lambda message: message.name)
def test_a_message_is_read_as_in_plaintext(node, message):
    raw = message.bytes_for(node.key)
    half = len(raw) // 2
    with node.connect() as client:
        try:
            client.send(raw[:half])
            client.send(raw[half:])
        except OSError:
            pass  # it was refused before its end
        for status in message.statuses:
            assert client.reply().status == status
        if message.closed:
            assert client.is_closed()


# ---- drain

def test_a_drain_answers_what_is_in_flight_and_ends(start_tls):
    node = start_tls(drain_idle="1s")
    with node.connect() as idle, Load(node, minting(node), clients=8, until_closed=True) as load:
        assert idle.ask("GET", "/nowhere").status == 404
        with connected(node.url.replace("https:", "http:")):  # in the midst of a handshake
            node.process.send_signal(signal.SIGTERM)
            assert node.process.wait(timeout=DEADLINE_S) == 0
        assert idle.is_closed()
    assert not load.failed and load.statuses[200] > 8


def test_errors_have_their_form_over_tls(node):
    error(node.mint({"filePaths": [PDF]}, key="x"), 401, "INVALID_API_KEY")
