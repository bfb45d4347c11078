"""Mutates the messages of tests/http_corpus, sends them to a node and compares with what h11 makes of the same bytes.

Fails when a request that h11 refuses was accepted and EXPLAINED does not say why that is right, when a refused connection
got a further answer, when tokens were minted that no answer holds, or when the node does not stand as before at the end.
"""

import argparse
import collections
import json
import pathlib
import random
import re
import socket
import sys
import tempfile
import time
import urllib.parse

import h11

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
from filemint_node import Node, eventually  # noqa: E402
from http_corpus import messages  # noqa: E402

MAX_HEAD = 32 * 1024  # the node's, and h11's max_incomplete_event_size
BATCH = 32
SOURCES = 200  # loopback addresses to connect from, so that ports in TIME_WAIT don't run out
LONG = 2_000  # a message above it is drawn seldom

# What h11 refuses and a node accepts, by a piece of h11's words: why that is right. None is known. Beside it, a route that
# needs no body may answer before a body is read that turns out malformed; then the connection ends.
EXPLAINED = {}

PIECES = [
    b"\r\n", b"\n", b"\r", b"\r\n\r\n", b" ", b"\t", b"\0", b"\x0b", b"\x0c", b"\x7f", b"\x80", b"\xff", b":", b",", b";", b"+", b"-",
    b"0x", b"0", b"1", b"ffffffffffffffff", b"18446744073709551616", b"chunked", b"identity", b"gzip", b"%", b"%2e", b"/", b"?",
    b"#", b"\\", b'"', b"HTTP/1.1", b"HTTP/1.0", b"http://a", b"Host: a\r\n", b"Host: b\r\n", b"Content-Length: 5\r\n",
    b"Content-Length: 0\r\n", b"Transfer-Encoding: chunked\r\n", b"Connection: close\r\n", b"Connection: keep-alive\r\n",
    b"Expect: 100-continue\r\n", b"Authorization: Bearer a\r\n", b"5\r\nhello\r\n", b"0\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
]


# ---- mutants


def place(draw, raw):
    return draw.randrange(len(raw) + 1)


def insert_piece(draw, raw, _):
    at = place(draw, raw)
    return raw[:at] + draw.choice(PIECES) + raw[at:]


def replace_byte(draw, raw, _):
    at = place(draw, raw)
    return raw[:at] + bytes([draw.randrange(256)]) + raw[at + 1:]


def flip_bit(draw, raw, _):
    at = draw.randrange(len(raw)) if raw else 0
    return raw[:at] + bytes([raw[at] ^ 1 << draw.randrange(8)]) + raw[at + 1:] if raw else b"\0"


def drop(draw, raw, _):
    at = place(draw, raw)
    return raw[:at] + raw[at + draw.choice([1, 1, 2, 8]):]


def double(draw, raw, _):
    at = place(draw, raw)
    return raw[:at] + raw[at:at + draw.choice([1, 2, 16])] + raw[at:]


def move_line(draw, raw, _):
    lines = raw.split(b"\r\n")
    lines.insert(draw.randrange(len(lines)), lines.pop(draw.randrange(len(lines))))
    return b"\r\n".join(lines)


def double_line(draw, raw, _):
    lines = raw.split(b"\r\n")
    lines.insert(draw.randrange(len(lines)), draw.choice(lines))
    return b"\r\n".join(lines)


def change_case(draw, raw, _):
    at = place(draw, raw)
    return raw[:at] + raw[at:at + 16].swapcase() + raw[at + 16:]


def splice(draw, raw, other):
    return raw[:place(draw, raw)] + other[place(draw, other):]


def append(_, raw, other):
    return raw + other


def line_of_other(draw, raw, other):
    at = raw.find(b"\r\n") + 2
    return raw[:at] + draw.choice(other.split(b"\r\n")) + b"\r\n" + raw[at:]


MUTATIONS = [insert_piece, insert_piece, replace_byte, flip_bit, drop, double, move_line, double_line, change_case, splice,
             append, line_of_other]


def mutants(draw, good, bad):
    seeds = good + bad
    short, short_good = ([seed for seed in some if len(seed) <= LONG] for some in (seeds, good))
    while True:
        raw = draw.choice(draw.choices([short_good, short, seeds], [60, 38, 2])[0])
        other = draw.choice(draw.choice([short_good, short]))
        for _ in range(draw.choice([0, 1, 1, 1, 2, 2, 3, 5])):
            raw = draw.choice(MUTATIONS)(draw, raw, other)
        if raw:
            yield raw


# ---- h11


def stays_open(request):
    """HTTP/1.0 with keep-alive, which h11 does not keep alive and a node does."""
    options = b",".join(value for name, value in request.headers if name == b"connection").lower()
    options = [option.strip() for option in options.split(b",")]
    return request.http_version == b"1.0" and b"keep-alive" in options and b"close" not in options


class Verdict:
    """How many heads and how many whole requests h11 took, and why it stopped, None when it did not mind."""

    def __init__(self, raw):
        self.heads, self.whole, self.refusal = 0, 0, None
        connection = fresh(raw)
        try:
            while connection := self.take_request(connection):
                pass
        except h11.RemoteProtocolError as error:
            self.refusal = str(error)

    def take_request(self, connection):
        """The connection that the next request is read from."""
        request = connection.next_event()
        if not isinstance(request, h11.Request):
            return None
        self.heads += 1
        while not isinstance(connection.next_event(), h11.EndOfMessage):
            pass
        self.whole += 1
        connection.send(h11.Response(status_code=404, headers=[("Content-Length", "0")]))
        connection.send(h11.EndOfMessage())
        if connection.our_state is h11.DONE and connection.their_state is h11.DONE:
            connection.start_next_cycle()
            return connection
        return fresh(connection.trailing_data[0]) if stays_open(request) else None


def fresh(raw):
    connection = h11.Connection(h11.SERVER, max_incomplete_event_size=MAX_HEAD)
    if raw:
        connection.receive_data(raw)
    connection.receive_data(b"")
    return connection


# ---- the node


class Asked:
    """A connection of its own for one message; the sending side is closed behind it."""

    def __init__(self, node, raw, number):
        address = urllib.parse.urlsplit(node.url)
        self.raw, self.got, self.was_reset = raw, b"", False
        self.socket = socket.socket()
        self.socket.settimeout(15)
        self.socket.bind((f"127.0.1.{1 + number % SOURCES}", 0))
        self.socket.connect((address.hostname, address.port))
        try:
            self.socket.sendall(raw)
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # refused before its end

    def answers(self):
        """(status, body) of each; a body is there whenever a length is told, but behind HEAD."""
        try:
            while more := self.socket.recv(65_536):
                self.got += more
        except ConnectionResetError:
            self.was_reset = True
        self.socket.close()
        found, rest = [], self.got
        while rest:
            head, end, rest = rest.partition(b"\r\n\r\n")
            status = re.match(rb"HTTP/1\.1 (\d{3}) ", head)
            assert end and status, f"no answer: {self.got!r}"
            if status[1] == b"100":
                continue
            length = int(re.search(rb"\r\nContent-Length: (\d+)", head)[1])
            body = b"" if rest.startswith(b"HTTP/1.1 ") else rest[:length]
            rest = rest[len(body):]
            found.append((int(status[1]), body))
        return found


def is_refusal(answer):
    return answer[0] == 400 and b'"BAD_REQUEST"' in answer[1]


def metric(node, name):
    text = node.admin("/metrics").body.decode()
    return sum(float(value) for value in re.findall(rf"^{name}(?:\{{[^}}]*\}})? (\S+)$", text, re.MULTILINE))


class Comparison:
    def __init__(self):
        self.counts = collections.Counter()
        self.findings = []
        self.minted = 0

    def judge(self, asked):
        verdict, answers = Verdict(asked.raw), asked.answers()
        refused = any(map(is_refusal, answers))
        accepted = sum(not is_refusal(answer) for answer in answers)
        calls = [json.loads(body)["data"]["access_tokens"] for status, body in answers if status == 200 and b'"access_tokens"' in body]
        self.minted += sum(map(len, calls))
        self.counts["messages"] += 1
        self.counts["calls minted"] += len(calls)
        self.counts["connections reset"] += asked.was_reset
        self.counts[f"h11 {'refuses' if verdict.refusal else 'does not'}, the node {'refuses' if refused else 'does not'}"] += 1

        # A route may answer before the body is read; what it answers 200 has been read to its end.
        in_body = verdict.refusal and verdict.heads > verdict.whole
        if verdict.refusal and (accepted > verdict.heads or (in_body and accepted == verdict.heads and answers[accepted - 1][0] == 200)):
            why = next((why for words, why in EXPLAINED.items() if words in verdict.refusal), None)
            self.counts[f"explained: {why}"] += why is not None
            if why is None:
                self.findings.append((f"h11 refuses ({verdict.refusal}), the node answers {[a[0] for a in answers]}", asked.raw))
        elif in_body and accepted == verdict.heads:
            self.counts["of these, answered (never 200) before the body that h11 refuses was read"] += 1
        elif verdict.refusal and not refused:
            self.counts["of these, closed without an answer: the message had no end"] += 1
        if refused and not is_refusal(answers[-1]) or sum(map(is_refusal, answers)) > 1:
            self.findings.append((f"an answer behind a refusal: {[a[0] for a in answers]}", asked.raw))
        if any(status in (408, 411, 413, 414, 417, 431, 500, 501, 505) for status, _ in answers):
            self.findings.append((f"a status that the contract has not: {[a[0] for a in answers]}", asked.raw))


def run(node, wanted, seconds, seed):
    draw = random.Random(seed)
    good, bad = ([message.bytes_for(node.key) for message in messages() if message.refused is refused] for refused in (False, True))
    source = mutants(draw, good, bad)
    compared, began, number = Comparison(), time.monotonic(), 0
    minted_before = metric(node, "filemint_tokens_minted_total")
    while (number < wanted) if seconds is None else (time.monotonic() - began < seconds):
        batch = [Asked(node, next(source), number + i) for i in range(BATCH)]
        number += len(batch)
        for asked in batch:
            compared.judge(asked)
        if number % 10_000 < BATCH:
            assert node.token(source="betaimages"), "the node mints no more"
            minted_before += 1
            print(f"{number} messages, {len(compared.findings)} findings, {time.monotonic() - began:.0f} s", flush=True)
        if len(compared.findings) > 20:
            break
    eventually(lambda: metric(node, "filemint_requests_in_flight") == 0, "no request is in flight")
    eventually(lambda: metric(node, "filemint_connections_open") == 0, "no connection is left")
    assert node.token(source="betaimages"), "the node mints no more"
    minted = metric(node, "filemint_tokens_minted_total") - minted_before - 1
    if minted != compared.minted:
        compared.findings.append((f"{minted:.0f} tokens minted, {compared.minted} in answers", b""))
    return compared, time.monotonic() - began


def main():
    options = argparse.ArgumentParser(prog="dev fuzz-http", description="a node beside h11, on mutated HTTP messages")
    options.add_argument("--count", type=int, default=100_000, help="messages to try (100000)")
    options.add_argument("--seconds", type=float, help="try for so long instead")
    options.add_argument("--seed", type=int, default=None, help="the same seed makes the same messages, for one key")
    asked = options.parse_args()
    seed = random.randrange(1 << 32) if asked.seed is None else asked.seed
    print(f"seed {seed}, h11 {h11.__version__}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        node = Node(pathlib.Path(folder) / "node")
        try:
            compared, took = run(node, asked.count, asked.seconds, seed)
        finally:
            node.stop()
    for name, count in sorted(compared.counts.items()):
        print(f"{count:9d}  {name}")
    for what, raw in compared.findings:
        print(f"FOUND {what}\n      {raw.replace(node.key.encode(), b'{key}')[:2_000]!r}")
    print(f"{compared.counts['messages'] / took:.0f} messages a second; findings: {len(compared.findings)}")
    return 1 if compared.findings else 0


if __name__ == "__main__":
    sys.exit(main())
