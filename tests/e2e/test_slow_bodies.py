"""Bodies come at 1 KiB/s at least after their first 5 s: who sends less is cut off, who sends more is waited for."""

import json
import select
import time

import pytest

from filemint_node import MINT, PDF, request_bytes

KIB = 1024
SIZE = 64 * KIB
GRACE_S, WATCHED_S = 5, 10.5  # long enough for the slow one's end, and for the other to have been looked at some times
TICK_S = 0.25


def is_cut_off(connection):
    """Nothing was said; the node has ended it, or not."""
    try:
        if not select.select([connection.socket], [], [], 0)[0]:
            return False
        told = connection.socket.recv(1)
    except ConnectionError:
        return True
    assert told == b"", "a body that comes too slowly has no answer"
    return True


@pytest.mark.waits
def test_who_sends_a_body_too_slowly_is_cut_off_and_who_sends_it_slowly_is_not(node):
    head = request_bytes("POST", MINT, [*node.bearer(), ("Content-Length", str(SIZE))])
    with node.connect() as too_slow, node.connect() as steady:
        too_slow.send(head)
        steady.send(head)
        began = time.monotonic()
        cut_off_after_s, sent = None, 0
        while time.monotonic() - began < WATCHED_S:
            steady.send(b" " * int(3 * KIB * TICK_S))
            sent += int(3 * KIB * TICK_S)
            if cut_off_after_s is None and is_cut_off(too_slow):
                cut_off_after_s = time.monotonic() - began
            if cut_off_after_s is None:
                try:
                    too_slow.send(b" " * int(KIB / 4 * TICK_S))
                except ConnectionError:
                    pass  # it was just cut off, as the next look tells
            time.sleep(TICK_S)
        # 1,792 bytes in 7 s are less than 2 KiB for the two seconds that count; a busy machine may look a second later.
        assert cut_off_after_s is not None and GRACE_S < cut_off_after_s < 9
        assert sent < SIZE / 2
        body = json.dumps({"filePaths": [PDF]}).encode()
        steady.send(body.rjust(SIZE - sent))
        assert steady.reply().status == 200
