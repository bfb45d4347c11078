"""A thousand clients at once, and clients that misbehave beside those that don't."""

import asyncio
import json

import pytest

from filemint_node import MINT, PDF, request_bytes
from load import Client, Load, mint_bytes, minting

CLIENTS = 1_000
TURNS = 5


def test_a_thousand_concurrent_clients_each_get_their_own_answers(node):
    async def one(index, gate):
        client = Client(node.url, local=f"127.0.0.{2 + index % 8}")
        await client.open()
        await gate.wait()  # until all are connected
        try:
            for turn in range(TURNS):
                paths = [f"uploads/co_xyz/{index}/{turn}/{i}.pdf" for i in range(3)]
                answer = await client.ask(mint_bytes(node, paths))
                assert list(answer.data["access_tokens"]) == paths
                assert len(set(answer.data["access_tokens"].values())) == 3
        finally:
            await client.close()

    async def all_of_them():
        gate = asyncio.Barrier(CLIENTS)
        await asyncio.gather(*(one(index, gate) for index in range(CLIENTS)))

    before = minted(node)
    asyncio.run(all_of_them())
    assert minted(node) - before == CLIENTS * TURNS * 3


def minted(node):
    text = node.admin("/metrics").body.decode()
    lines = [line for line in text.splitlines() if line.startswith("filemint_tokens_minted_total")]
    return sum(int(float(line.rsplit(" ", 1)[1])) for line in lines)


def test_clients_that_leave_cost_only_their_own_request(node):
    body = json.dumps({"filePaths": [f"uploads/co_xyz/{i}" for i in range(1_000)], "source": "betaimages"}).encode()
    raw = request_bytes("POST", MINT, node.bearer(), body)
    with Load(node, minting(node), clients=10) as load:
        for cut in list(range(0, len(raw), len(raw) // 30)) + [len(raw)] * 30:
            with node.connect() as leaving:
                leaving.send(raw[:cut])
        load.wait_for(100)
    assert load.failed == []


def test_large_batches_and_small_ones_share_the_node(node):
    async def work(client, index, turn):
        paths = [f"uploads/co_xyz/{index}/{turn}/{i}" for i in range(1_000 if index % 2 else 2)]
        answer = await client.ask(mint_bytes(node, paths))
        assert list(answer.json["data"]["access_tokens"]) == paths
        return [answer]

    with Load(node, work, clients=16) as load:
        load.wait_for(300)
    assert load.failed == []


@pytest.mark.parametrize("clients", [20])
def test_downloads_beside_mints(node, clients):
    target = f"/files/magikarp/{PDF}?token={node.token()}"

    async def work(client, index, turn):
        if index % 2:
            return await minting(node)(client, index, turn)
        return [await client.ask(request_bytes("GET", target))]

    with Load(node, work, clients=clients) as load:
        load.wait_for(500)
    assert load.failed == []
