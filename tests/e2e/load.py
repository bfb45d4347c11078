"""Clients by the dozen: each keeps a connection and asks again and again, as raw HTTP over asyncio."""

import asyncio
import collections
import json
import threading
import urllib.parse

import openapi_document
from filemint_node import DEADLINE_S, MINT, Reply, eventually, request_bytes


class Client:
    """One connection at a time; a new one when the node has said that it ends this one. Its first 200 and all that is no 200
    are held to api/openapi.yaml: each 200 would take longer than the load itself."""

    def __init__(self, url, local=None, tls=None):
        self.tls = tls
        self.address = urllib.parse.urlsplit(url)
        self.local = (local, 0) if local else None
        self.reader = self.writer = None
        self.was_answered = False  # with a 200

    async def open(self):
        self.reader, self.writer = await asyncio.open_connection(
            self.address.hostname, self.address.port, local_addr=self.local, ssl=self.tls,
            server_hostname="localhost" if self.tls else None)

    async def close(self):
        if self.writer:
            self.writer.close()
            self.reader = self.writer = None

    async def ask(self, raw):
        async with asyncio.timeout(DEADLINE_S):
            if self.writer is None:
                await self.open()
            self.writer.write(raw)
            head = await self.reader.readuntil(b"\r\n\r\n")
            answer = Reply(head[:-4], b"")
            answer.body = await self.reader.readexactly(int(answer["Content-Length"]))
        if answer["Connection"] == "close":
            await self.close()
        if answer.status != 200 or not self.was_answered:
            method, target, _ = raw.split(b" ", 2)
            openapi_document.check(method.decode(), target.decode(), answer)
            self.was_answered = self.was_answered or answer.status == 200
        return answer


class Load:
    """`clients` that call work(client, index, turn) over and over while the `with` block runs.

    `work` returns the answers it got. `statuses` counts them; `failed` holds what was not 200, and connections that ended
    without an answer. With `until_closed` a client is done once its connection is ended in good form. An assertion that does
    not hold is raised where the block ends.
    """

    def __init__(self, node, work, clients=20, until_closed=False):
        self.node, self.work, self.clients, self.until_closed = node, work, clients, until_closed
        self.statuses = collections.Counter()
        self.failed = []
        self.wrong = []  # AssertionErrors
        self.ended = False
        self.thread = threading.Thread(target=lambda: asyncio.run(self.run_all()))

    def __enter__(self):
        self.thread.start()
        self.wait_for(self.clients)
        return self

    def __exit__(self, *_):
        self.ended = True
        self.thread.join()
        if self.wrong:
            raise self.wrong[0]

    def wait_for(self, more):
        """Until that many more calls were answered."""
        goal = self.total() + more
        eventually(lambda: self.total() >= goal or not self.thread.is_alive(), f"{more} more calls: {self.failed[:3]}")

    def total(self):
        return sum(self.statuses.values()) + len(self.failed)

    async def run_all(self):
        await asyncio.gather(*(self.run(index) for index in range(self.clients)))

    async def run(self, index):
        client = Client(self.node.url, tls=self.node.tls)
        turn = 0
        try:
            while not self.ended:
                for answer in await self.work(client, index, turn):
                    self.statuses[answer.status] += 1
                    if answer.status != 200:
                        self.failed.append(answer)
                turn += 1
                if self.until_closed and client.writer is None:
                    return
        except (OSError, EOFError, asyncio.TimeoutError) as problem:
            self.failed.append(problem)
        except AssertionError as problem:
            self.wrong.append(problem)
        finally:
            await client.close()


def all_at_once(work, clients):
    """What work(index) returns, run for every client at the same time."""
    async def run():
        return await asyncio.gather(*(work(index) for index in range(clients)))

    return asyncio.run(run())


def mint_bytes(node, paths, source="betaimages", key=None, route=MINT):
    body = json.dumps({"filePaths": paths, "source": source}).encode()
    return request_bytes("POST", route, [*node.bearer(key), ("Content-Type", "application/json")], body)


def minting(node, paths_a_call=2):
    """Work for Load: mints paths of its own and looks whether the answer is about them."""
    async def work(client, index, turn):
        paths = [f"uploads/co_xyz/{index}/{turn}/{i}" for i in range(paths_a_call)]
        answer = await client.ask(mint_bytes(node, paths))
        if answer.status == 200:
            assert list(answer.json["data"]["access_tokens"]) == paths, "another call's answer"
        return [answer]

    return work
