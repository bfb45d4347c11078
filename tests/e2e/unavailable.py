"""How a node comes to answer 503 and 504, for the table of errors: each returns the answer."""

import shutil
import signal

from error_world import LARGE_BODY, RATE_FIELDS, rate_fields
from filemint_node import IN_FORCE_S, MINT, PDF, Node, eventually, request_bytes, serve
from load import Load, mint_bytes
from test_contract_mint import error
from test_openapi import answers_as_told


def overloaded(world):
    with world.full():
        return world.mint([PDF])


def no_room_for_its_body(world):
    with world.starved(), world.node.connect() as connection:
        connection.send(request_bytes("POST", MINT, [*world.node.bearer(), ("Content-Length", str(LARGE_BODY))]))
        return connection.reply()


def past_the_drains_deadline(world):
    demo = Node(world.demo.folder / "draining")
    demo.stop()
    node = serve(demo, demo.folder / "served", drain_timeout="100ms")
    with node.connect() as connection:
        connection.send(request_bytes("POST", MINT, [*node.bearer(), ("Expect", "100-continue"), ("Content-Length", "9")]))
        while b"100 Continue" not in connection.buffer:
            connection.more()
        node.process.send_signal(signal.SIGTERM)
        answer = connection.reply()
    node.stop()
    return answer


def health_of_a_lost_store(world):
    file = world.demo.folder / "data/filemint.db"
    away = file.with_suffix(".away")
    file.rename(away)
    try:
        return eventually(lambda: (a := world.node.ask("GET", "/health", world.node.bearer())).status != 200 and a, "it is down")
    finally:
        away.rename(file)
        eventually(lambda: world.node.ask("GET", "/health", world.node.bearer()).status == 200, "it is back")


def without_its_files(world, ask):
    """A source whose folder is gone, under a node that runs."""
    node = Node(world.demo.folder / "lost")
    try:
        token = node.token()
        shutil.rmtree(node.folder / "data/files/magikarp")
        return ask(node, token)
    finally:
        node.stop()
        shutil.rmtree(node.folder)


def store_away_for_too_long(world):
    demo = Node(world.demo.folder / "stale")
    demo.stop()
    node = serve(demo, demo.folder / "served", max_staleness="1s")
    file = demo.folder / "data/filemint.db"
    away, token = file.with_suffix(".away"), node.token()
    asked = {
        "mint": lambda: node.mint({"filePaths": [PDF]}),
        "files": lambda: node.download(PDF, token),
        "verify": lambda: node.ask("GET", f"/verify/files/magikarp/{PDF}?token={token}"),
    }
    file.rename(away)
    try:
        answers = {name: eventually(lambda: (a := ask()).status != 200 and a, f"{name} is refused") for name, ask in asked.items()}
        assert node.ask("GET", "/.well-known/jwks.json").status == 200
        away.rename(file)
        for name, ask in asked.items():
            eventually(lambda: ask().status == 200, f"{name} is back", IN_FORCE_S)
    finally:
        node.stop()
    for answer in answers.values():
        error(answer, 503, "SERVICE_UNAVAILABLE", "Service is temporarily unavailable.")
        assert int(answer["Retry-After"]) >= 1
    return answers["mint"]


def too_late(world):
    """A thousand Ed25519 signatures take many times as long as they may, and 16 calls at once wait for each other."""
    demo = Node(world.demo.folder / "late")
    demo.stop()
    node = serve(demo, demo.folder / "served", request_deadline="1ms", algorithm="eddsa")
    kid = node.told_by_cli("signing-key", "prepare", "betaimages")["kid"]
    node.told_by_cli("signing-key", "activate", kid, "--force")
    call = mint_bytes(node, [f"uploads/co_xyz/{i}" for i in range(1_000)])

    async def work(client, index, turn):
        return [await client.ask(call)]

    try:
        with Load(node, work, clients=16) as load:
            # A call can be late before it has come to the throttle: it tells none of the fields, or all.
            answer = eventually(lambda: next((each for each in load.failed if each.status == 504 and rate_fields(each)), None), "a call is late")
        assert all(rate_fields(each) in (set(), RATE_FIELDS) for each in load.failed)
        answers_as_told("late", answer)
        return answer
    finally:
        node.stop()
