"""Every message of tests/http_corpus over a real socket, whole and in pieces."""

import re

import pytest

from filemint_node import Connection, request_bytes
from http_corpus import messages
from test_contract_mint import error

CLOSE_DEADLINE_S = 2  # the contract's
BYTE_BY_BYTE = 300  # up to so long
MESSAGES = list(messages())


def cuts(raw):
    """Ways to send it: whole, in two at several places, byte by byte."""
    yield [raw]
    for place in sorted({1, len(raw) // 3, raw.find(b"\r\n") + 1, raw.find(b"\r\n\r\n") + 3, len(raw) - 1}):
        if 0 < place < len(raw):
            yield [raw[:place], raw[place:]]
    if len(raw) <= BYTE_BY_BYTE:
        yield [raw[i:i + 1] for i in range(len(raw))]


def send(connection, pieces):
    try:
        for piece in pieces:
            connection.send(piece)
    except (BrokenPipeError, ConnectionResetError):
        pass  # it was refused before its end; the answer is there to be read


def minted(node):
    return sum(float(value) for value in re.findall(r"^filemint_tokens_minted_total\{.*\} (\S+)$", node.admin("/metrics").body.decode(), re.M))


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: message.name)
def test_a_message_is_read_in_one_way(node, message):
    raw = message.bytes_for(node.key)
    another = request_bytes("POST", "/api/v1/file-access", node.bearer(), b"{}")
    before = minted(node)
    ways = list(cuts(raw))
    for pieces in ways:
        with Connection(node.url) as connection:
            # What comes behind a refused message must never be answered.
            send(connection, [*pieces, another] if message.closed else pieces)
            for status in message.statuses:
                answer = connection.reply()
                assert answer.status == status, (answer, pieces)
            if message.closed:
                assert answer["Connection"] == "close"
                if status == 400:
                    error(answer, 400, "BAD_REQUEST", "Bad request.")
                connection.socket.settimeout(CLOSE_DEADLINE_S)
                assert connection.is_closed(), connection.buffer
            else:
                connection.send(request_bytes("GET", "/nowhere"))
                assert connection.reply().status == 404
    assert minted(node) - before == message.statuses.count(200) * len(ways)


def test_the_corpus_is_large_and_its_names_are_unique():
    names = [message.name for message in MESSAGES]
    assert len(set(names)) == len(names) >= 200
    assert sum(message.refused for message in MESSAGES) >= 200
