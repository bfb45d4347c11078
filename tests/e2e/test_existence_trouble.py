"""A storage that hangs, resets, answers 500 or a byte a second: calls on its source end in time, other sources go on, its circuit opens,
and all is well again once it is."""

import concurrent.futures
import contextlib
import sys
import threading
import time

import pytest

import swift_source
from filemint_node import PDF, ROOT, eventually
from gate import TROUBLES, Gate
from object_keys import PREFIX

sys.path.insert(0, str(ROOT / "tests/tools"))
from swift_server import Swift  # noqa: E402

STORED = [f"{PREFIX}{i}.txt" for i in range(12)]
DEADLINE_S = 3


@pytest.fixture(scope="module")
def swift():
    server = Swift()
    try:
        server.start(keeper=True)
        server.keep(swift_source.ACCOUNT, method="POST", Account_Meta_Temp_URL_Key=swift_source.KEY)
        server.keep(f"{swift_source.ACCOUNT}/{swift_source.CONTAINER}")
        for key in STORED:
            server.keep(f"{swift_source.ACCOUNT}/{swift_source.CONTAINER}/{key}", key.encode())
        yield server
    finally:
        server.stop()


@pytest.fixture
def gate(swift):
    made = Gate(int(swift.url.rsplit(":", 1)[1]))
    yield made
    made.stop()


@pytest.fixture
def node(served, fresh_node, tmp_path, gate):
    fresh_node.stop()
    fresh_node.config.write_text(fresh_node.config.read_text() + swift_source.source(
        tmp_path, "objects", endpoint=f"http://127.0.0.1:{gate.port}", check_exists=True, exists_cache_life="0s"))
    fresh_node.told_by_cli("grant", "add", "co_xyz", "--source", "objects", "--prefix", PREFIX.rstrip("/"))
    return served(request_deadline=f"{DEADLINE_S}s")


def mint(node, source="objects", paths=STORED):
    begun = time.monotonic()
    answer = node.mint({"filePaths": paths, "source": source})
    return answer, time.monotonic() - begun


def metrics(node, name):
    return [line for line in node.admin("/metrics").body.decode().splitlines() if line.startswith(name + "{")]


def circuit(node):
    (line,) = [line for line in metrics(node, "filemint_storage_circuit_state") if line.endswith(" 1")]
    return line.split('state="')[1].split('"')[0]


def held_back(node):
    (line,) = metrics(node, "filemint_storage_calls_held_back_total")
    return float(line.split()[-1])


def is_told_at_once(node):
    before = held_back(node)
    answer, took = mint(node)
    return held_back(node) > before and answer.status == 503 and int(answer["Retry-After"]) >= 1 and took < 0.5


@contextlib.contextmanager
def minting_elsewhere(node):
    """Mints on another source that looks for its files, all the while: the answers' status and time."""
    seen, over = [], threading.Event()

    def work():
        while not over.is_set():
            answer, took = mint(node, "magikarp", [PDF])
            seen.append((answer.status, took))

    with concurrent.futures.ThreadPoolExecutor() as pool:
        done = pool.submit(work)
        try:
            yield seen
        finally:
            over.set()
            done.result()


@pytest.mark.parametrize("trouble", TROUBLES)
def test_trouble_ends_in_time_stays_with_its_source_and_passes(node, gate, trouble):
    assert mint(node)[0].status == 200
    with minting_elsewhere(node) as elsewhere:
        gate.break_by(trouble)
        answers = []
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            while circuit(node) == "closed":
                answers += pool.map(lambda _: mint(node), range(8))
                assert len(answers) < 400, "the circuit opens"
        eventually(lambda: is_told_at_once(node), "it is told at once while the circuit is open", 20)
        eventually(lambda: node.ask("GET", "/health", node.bearer()).details.get("services") == ["backend.objects"], "/health tells", 20)
        gate.mend()
        eventually(lambda: mint(node)[0].status == 200 and circuit(node) == "closed", "it recovers", 30)
    statuses = {answer.status for answer, _ in answers}
    assert statuses <= {503, 504} and len(statuses) >= 1, statuses
    assert max(took for _, took in answers) < DEADLINE_S + 0.5
    assert {status for status, _ in elsewhere} == {200} and len(elsewhere) > 20
    assert max(took for _, took in elsewhere) < 1
