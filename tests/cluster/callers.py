"""Clients that call at a fixed rate and remember each answer with its times, all on one clock (time.monotonic).

Open loop, over kept connections: a call that is due finds a free one or makes one, up to a stream's most; beyond that it is left
out and counted. A call that was not answered in time, or whose connection ended, is lost and counted by what ended it.
"""

import asyncio
import collections
import json
import re
import threading
import time
import typing

from filemint_node import MINT, request_bytes

ANSWER_WITHIN_S = 12.0  # a node's own deadline is 10
STEP_S = 0.005
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
REMAINING = re.compile(rb"\r\nx-ratelimit-remaining: *(\d+)", re.IGNORECASE)


class Answer(typing.NamedTuple):
    sent: float
    done: float
    status: int
    remaining: int | None  # X-RateLimit-Remaining


class Call(asyncio.Protocol):
    """A connection with at most one call on it."""

    def __init__(self, stream):
        self.stream, self.sent, self.buffer, self.transport = stream, None, b"", None

    def connection_made(self, transport):
        self.transport = transport

    def ask(self, raw):
        self.sent, self.buffer = time.monotonic(), b""
        self.transport.write(raw)

    def data_received(self, data):
        self.buffer += data
        head, found, body = self.buffer.partition(b"\r\n\r\n")
        if found and (length := LENGTH.search(head)) and len(body) >= int(length[1]):
            remaining = REMAINING.search(head)
            answer = Answer(self.sent, time.monotonic(), int(head[9:12]), int(remaining[1]) if remaining else None)
            self.sent = None
            self.stream.answered(self, answer, closes=b"\r\nconnection: close" in head.lower())

    def connection_lost(self, problem):
        self.stream.ended(self, str(problem or "closed"))


class Stream:
    """Calls of one kind. `answers` grows while it runs; read it after stop(). `requests` take turns."""

    def __init__(self, loop, address, port, requests, rate, most):
        self.loop, self.address, self.port, self.requests, self.rate, self.most = loop, address, port, requests, rate, most
        self.answers, self.lost, self.left_out = [], collections.Counter(), 0
        self.free, self.calls, self.opening = [], set(), 0
        self.running = True
        self.task = asyncio.run_coroutine_threadsafe(self.run(), loop)

    async def run(self):
        began, due = self.loop.time(), 0
        while self.running:
            while due < (self.loop.time() - began) * self.rate:
                self.begin(self.requests[due % len(self.requests)])
                due += 1
            oldest = time.monotonic() - ANSWER_WITHIN_S
            for call in [each for each in self.calls if each.sent and each.sent < oldest]:
                self.lost["late"] += 1
                self.drop(call)
            await asyncio.sleep(max(STEP_S, began + due / self.rate - self.loop.time()))
        while any(call.sent and call.sent > time.monotonic() - ANSWER_WITHIN_S for call in self.calls):
            await asyncio.sleep(STEP_S)
        for call in list(self.calls):
            self.drop(call)

    def begin(self, raw):
        if self.free:
            self.free.pop().ask(raw)
        elif len(self.calls) + self.opening < self.most:
            self.opening += 1
            self.loop.create_task(self.open(raw))
        else:
            self.left_out += 1

    async def open(self, raw):
        try:
            async with asyncio.timeout(1):
                _, call = await self.loop.create_connection(lambda: Call(self), self.address, self.port)
        except OSError:  # TimeoutError is one
            self.lost["no connection"] += 1
            return
        finally:
            self.opening -= 1
        self.calls.add(call)
        call.ask(raw)

    def answered(self, call, answer, closes):
        self.answers.append(answer)
        if closes:
            self.drop(call)
        else:
            self.free.append(call)

    def drop(self, call):
        call.sent = None
        call.transport.abort()
        self.forget(call)

    def forget(self, call):
        self.calls.discard(call)
        if call in self.free:
            self.free.remove(call)

    def ended(self, call, why):
        if call.sent is not None:
            self.lost[why] += 1
        self.forget(call)

    def stop(self):
        """When what is under way has ended. Gives the answers in the order in which they came."""
        self.running = False
        self.task.result(timeout=ANSWER_WITHIN_S + 5)
        return self.answers


class Callers:
    """All streams of a harness, on a thread of their own."""

    def __init__(self):
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()

    def stream(self, target, requests, rate, most=48):
        """`target`: a node, or the proxy."""
        return Stream(self.loop, target.address, target.port, requests, rate, most)

    def close(self):
        """Streams that still run are dropped."""
        async def cancel():
            for task in asyncio.all_tasks() - {asyncio.current_task()}:
                task.cancel()

        asyncio.run_coroutine_threadsafe(cancel(), self.loop).result()
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()


def mint_request(key, paths, source="betaimages"):
    body = json.dumps({"filePaths": paths, "source": source}).encode()
    return request_bytes("POST", MINT, [("Authorization", f"Bearer {key}"), ("Content-Type", "application/json")], body)


def file_request(path, token, source="betaimages"):
    return request_bytes("GET", f"/files/{source}/{path}?token={token}")


def verify_request(path, token, source="betaimages"):
    return request_bytes("GET", f"/verify/files/{source}/{path}?token={token}")
