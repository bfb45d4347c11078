"""Whose address the access log tells, and which peers have a cap of connections, with and without trusted proxies."""

import pytest

from filemint_node import Connection, eventually, request_bytes
from load import Client, all_at_once
from test_reload import applied

SPOOFED = ("X-Forwarded-For", "6.6.6.6")


@pytest.fixture
def client_of(served):
    """Asks a node that trusts those proxies, from an address of this machine; what its log calls the client."""
    nodes = {}

    def ask(fields, proxies="[127.0.0.0/8]", header="x-forwarded-for", peer="127.0.0.1"):
        if (proxies, header) not in nodes:
            for node in nodes.values():
                node.stop()
            nodes.clear()
            nodes[proxies, header] = served(trusted_proxies=proxies, client_address_header=header)
        node = nodes[proxies, header]
        request_id = f"asked-{len(node.log_lines())}"

        async def once(_):
            client = Client(node.url, local=peer)
            try:
                return await client.ask(request_bytes("GET", "/openapi.yaml", [("X-Request-Id", request_id), *fields]))
            finally:
                await client.close()

        assert all_at_once(once, 1)[0].status == 200
        line = eventually(lambda: [each for each in node.log_lines() if each.get("request_id") == request_id], "it is logged")
        return line[0]["client"]

    return ask


def test_nobody_is_believed_by_default(client_of):
    assert client_of([SPOOFED, ("Forwarded", "for=6.6.6.6")], proxies="[]") == "127.0.0.1"


def test_a_peer_that_is_not_trusted_is_not_believed(client_of):
    def ask(*fields, peer):
        return client_of(fields, proxies="[127.0.0.2, 10.0.0.0/8]", peer=peer)

    assert ask(SPOOFED, peer="127.0.0.1") == "127.0.0.1"
    assert ask(SPOOFED, peer="127.0.0.2") == "6.6.6.6"
    assert ask(("X-Forwarded-For", "6.6.6.6, 127.0.0.1, 10.1.2.3"), peer="127.0.0.2") == "127.0.0.1"


@pytest.mark.parametrize("fields, client", [
    ([], "127.0.0.1"),
    ([("X-Forwarded-For", "192.0.2.7")], "192.0.2.7"),
    ([("X-Forwarded-For", "6.6.6.6, 192.0.2.7, 127.0.0.9")], "192.0.2.7"),
    ([SPOOFED, ("X-Forwarded-For", "192.0.2.7")], "192.0.2.7"),
    ([SPOOFED, ("x-forwarded-for", "[2001:DB8::7]:443")], "2001:db8::7"),
    ([SPOOFED, ("X-Forwarded-For", "unknown")], "127.0.0.1"),
    ([("X-Forwarded-For", '6.6.6.6", "key_id": "fm')], "127.0.0.1"),
    ([("Forwarded", "for=192.0.2.7")], "127.0.0.1"),
])
def test_a_trusted_proxy_is_believed(client_of, fields, client):
    assert client_of(fields) == client


@pytest.mark.parametrize("fields, client", [
    ([("Forwarded", 'for=6.6.6.6, for="[2001:db8::7]:443";proto=https')], "2001:db8::7"),
    ([("Forwarded", 'for="6.6.6.6'), ("Forwarded", "For=192.0.2.7;by=127.0.0.1, for=127.0.0.8")], "192.0.2.7"),
    ([("Forwarded", "for=6.6.6.6, for=_hidden")], "127.0.0.1"),
    ([SPOOFED], "127.0.0.1"),
])
def test_by_forwarded_no_other_field_is_read(client_of, fields, client):
    assert client_of(fields, header="forwarded") == client


def test_who_comes_by_a_unix_socket_is_believed_where_the_configuration_says_so(served, tmp_path):
    node = served(listeners=f"[{{listen: unix:{tmp_path}/s}}]", trusted_proxies="[127.0.0.0/8]")

    def client_by_socket(request_id, forwarded):
        assert node.ask("GET", "/openapi.yaml", [("X-Request-Id", request_id), ("X-Forwarded-For", forwarded)]).status == 200
        return eventually(lambda: [each["client"] for each in node.log_lines() if each.get("request_id") == request_id], "it is logged")

    assert client_by_socket("not-yet", "192.0.2.7") == ["unix"]
    applied(node, trusted_proxies="[unix]")
    assert client_by_socket("now", "192.0.2.7") == ["192.0.2.7"]
    assert client_by_socket("none", "unknown") == ["unix"]


def test_a_trusted_proxy_has_no_cap_of_connections_and_all_others_have(served):
    node = served(max_connections_per_address=2)

    def closed_of_four():
        connections = [Connection(node.url, documented=False) for _ in range(4)]
        try:
            closed = 0
            for each in connections:
                try:
                    each.send(request_bytes("GET", "/openapi.yaml"))
                    closed += each.next_answer("GET").status != 200
                except (ConnectionError, BrokenPipeError):
                    closed += 1
            return closed
        finally:
            for each in connections:
                each.socket.close()

    eventually(lambda: closed_of_four() == 2, "two are too many")
    applied(node, trusted_proxies="[127.0.0.1]")
    assert closed_of_four() == 0
    applied(node, trusted_proxies="[10.0.0.1]")
    eventually(lambda: closed_of_four() == 2, "the cap counts again, and what was open before is not missed in it")
