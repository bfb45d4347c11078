"""Answers are taken at 1 KiB/s at least: who takes less is cut off, who takes more stays."""

import json
import socket
import threading
import time

import pytest

from filemint_node import MINT, eventually, request_bytes
from test_contract_mint import error
from test_limits import gauge

KIB = 1024
BIG = "uploads/co_xyz/big.bin"
TWO_CHECKS_S = 20  # the node looks every 10 s
ASKED = ("1,000 tokens", "a file")


class Reader:
    """Takes an answer at `rate` bytes a second, until hurry() takes the rest."""

    def __init__(self, node, request, rate, receive_buffer):
        self.socket = socket.socket()
        # A network's segments and a small buffer. With loopback's 64 KiB in one piece the node would see nothing of a slow
        # reader's progress for longer than it waits.
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 1_448)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(60)
        self.socket.connect(("127.0.0.1", int(node.url.rsplit(":", 1)[1])))
        self.received, self.was_reset = b"", False
        self.rate = rate
        self.hurried = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.socket.sendall(request)
        self.thread.start()

    def run(self):
        while not self.complete():
            if not self.hurried.wait(0.25) and not self.rate:
                continue
            more = self.receive(65_536 if self.hurried.is_set() else self.rate // 4)
            if not more:
                return
            self.received += more

    def receive(self, most):
        try:
            return self.socket.recv(most)
        except ConnectionResetError:
            self.was_reset = True
            return b""
        except OSError:
            return b""  # left

    def leave(self):
        self.hurried.set()
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()

    def complete(self):
        head, _, body = self.received.partition(b"\r\n\r\n")
        length = next((line.split(b": ")[1] for line in head.split(b"\r\n") if line.startswith(b"Content-Length: ")), None)
        return length is not None and len(body) == int(length)

    def hurry(self):
        """True: the answer came as a whole."""
        self.hurried.set()
        self.thread.join()
        self.socket.close()
        return self.complete()


@pytest.fixture(scope="module")
def requests(node):
    file = node.folder / "data/files/magikarp" / BIG
    with open(file, "wb") as big:
        big.truncate(16 * KIB * KIB)
    paths = [f"uploads/co_xyz/{i:04}/" + "long/" * 16 for i in range(1_000)]
    body = json.dumps({"filePaths": [path + "a" for path in paths], "source": "betaimages"}).encode()
    return {"1,000 tokens": request_bytes("POST", MINT, node.bearer(), body),
            "a file": request_bytes("GET", f"/files/magikarp/{BIG}?token={node.token(BIG)}")}


@pytest.mark.waits
def test_who_takes_an_answer_too_slowly_is_cut_off_and_who_takes_it_slowly_is_not(node, requests):
    began = time.monotonic()
    staying = [Reader(node, requests[asked], 3 * KIB, 16 * KIB) for asked in ASKED]
    too_slow = [Reader(node, requests[asked], rate, 4 * KIB) for asked in ASKED for rate in (0, KIB // 4)]
    eventually(lambda: gauge(node, "filemint_connections_open") == len(staying) + len(too_slow), "all are connected")
    eventually(lambda: gauge(node, "filemint_connections_open") <= len(staying), "the slow ones are cut off", 2 * TWO_CHECKS_S)
    eventually(lambda: time.monotonic() > began + TWO_CHECKS_S + 1, "those who stay were looked at twice")
    assert all(len(reader.received) < 100 * KIB for reader in staying), "most of it is still to come"
    assert [reader.hurry() for reader in staying] == [True] * len(staying)
    assert [reader.hurry() for reader in too_slow] == [False] * len(too_slow)
    assert all(reader.received.startswith(b"HTTP/1.1 200 ") for reader in too_slow)
    assert all(reader.was_reset and len(reader.received) < 64 * KIB for reader in too_slow), "nothing of theirs is kept in the system's buffers"


def test_files_that_nobody_takes_count_as_unsent_answers(served):
    node = served(answer_budget_bytes="1MiB")
    with open(node.config.parent / "files/magikarp" / BIG, "wb") as big:
        big.truncate(16 * KIB * KIB)
    target = f"/files/magikarp/{BIG}?token={node.token(BIG)}"
    readers = []

    def held_by(count):
        """What the answers to so many readers hold who take nothing."""
        while len(readers) < count:
            readers.append(node.connect())
            readers[-1].send(request_bytes("GET", target))
            readers[-1].socket.recv(1)  # its block is counted
        return gauge(node, 'filemint_budget_used{budget="answer_bytes"}') / KIB

    assert held_by(2) == 2 * 128, "the first get large blocks"
    assert held_by(2 + 8) == 256 + 8 * 32
    assert held_by(10 + 64) == 512 + 64 * 4, "the smallest"
    assert node.token(BIG), "there is room for many more of them"
    assert held_by(10 + 128) == KIB
    error(node.ask("GET", target), 503, "SERVICE_UNAVAILABLE")
    error(node.mint({"filePaths": [BIG]}), 503, "SERVICE_UNAVAILABLE")
    assert node.ask("HEAD", target).status == 200
    for reader in readers:
        reader.socket.close()
    eventually(lambda: gauge(node, 'filemint_budget_used{budget="answer_bytes"}') == 0, "their room is free")
    assert node.token(BIG)
