import re

import pytest

from authority import Authority, listener
from error_world import World
from filemint_node import BINARY, Node, serve
from node_config import free_port


def pytest_addoption(parser):
    parser.addoption("--matching", default=".", help="a regular expression: only the tests whose id it finds")


def pytest_collection_modifyitems(config, items):
    wanted = re.compile(config.getoption("--matching"))
    items[:] = [item for item in items if wanted.search(item.nodeid)]


def pytest_sessionstart(session):
    if not BINARY.exists():
        pytest.exit(f"{BINARY} is not built: ./dev test builds it", returncode=2)


@pytest.fixture(scope="module")
def node(tmp_path_factory):
    """A demo that a module's tests share."""
    node = Node(tmp_path_factory.mktemp("node"))
    yield node
    node.stop()


@pytest.fixture
def fresh_node(tmp_path):
    """A demo of the test's own; the test may end it."""
    node = Node(tmp_path / "node")
    yield node
    if node.process.poll() is None:
        node.stop()


@pytest.fixture
def served(fresh_node, tmp_path):
    """Serves a demo's store; the test says what its configuration changes."""
    nodes = []

    def start(**changes):
        if fresh_node.process.poll() is None:
            fresh_node.stop()
        nodes.append(serve(fresh_node, tmp_path / "served", **changes))
        return nodes[-1]

    yield start
    for node in nodes:
        if node.process.poll() is None:
            node.kill9()


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def start_tls(tmp_path_factory, authority):
    """Serves a demo's store over TLS; the test says what is to be changed."""
    nodes = []

    def start_one(pair=None, **changes):
        tls = changes.pop("tls", {})
        folder = tmp_path_factory.mktemp("tls")
        demo = Node(folder / "demo")
        demo.stop()
        pair = pair or authority.issue(f"server-{len(nodes)}")
        one = listener(f"127.0.0.1:{free_port()}", pair, **tls)
        nodes.append(serve(demo, folder / "served", tls=authority.client(), listeners=f"[{one}]", **changes))
        return nodes[-1]

    yield start_one
    for node in nodes:
        if node.process.poll() is None:
            node.stop()


@pytest.fixture(scope="session")
def world(tmp_path_factory):
    """Made once, since its companies and keys take a hundred calls of the CLI."""
    world = World(tmp_path_factory.mktemp("world"))
    yield world
    world.node.stop()
