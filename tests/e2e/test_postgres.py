"""Nodes whose store is on a PostgreSQL server: what they share, and what they do while it is away."""

import concurrent.futures
import contextlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time

import pytest
import yaml

from filemint_node import BINARY, IN_FORCE_S, PDF, ROOT, Connection, Node, eventually
from node_config import free_port
from test_contract_mint import error

sys.path.insert(0, str(ROOT / "tests/tools"))
import postgres_server  # noqa: E402

PASSWORD = "secret"  # postgres_server's, by TCP
STALENESS_S = 2
SOON_S = 5  # after its return


@pytest.fixture
def server():
    """One a test: they stop it."""
    made = postgres_server.Server()
    try:
        made.make()
        made.start()
        yield made
    finally:
        made.remove()


class World:
    def __init__(self, folder, server):
        self.folder, self.server = folder, server
        self.env = {"FILEMINT_POSTGRES": f"postgresql://postgres:{PASSWORD}@localhost:{server.port}/postgres?hostaddr=127.0.0.1"
                                         f"&sslmode=verify-full&sslrootcert={server.folder}/ca.pem"}
        self.nodes = []
        (folder / "files").mkdir()
        key = subprocess.run([BINARY, "master-key", "generate"], check=True, capture_output=True, text=True).stdout
        (folder / "master.key").write_text(key)
        (folder / "master.key").chmod(0o600)

    def config(self, name, **mint):
        example = subprocess.run([BINARY, "config", "example"], check=True, capture_output=True, text=True).stdout
        terms = yaml.safe_load(example)
        del terms["store"]["path"]
        terms["store"] |= {"postgres": "env:FILEMINT_POSTGRES", "master_key": "file:../master.key",
                           "max_staleness": f"{STALENESS_S}s"}
        terms["mint"] |= {"throttle_rate": 0, "throttle_per_day": 0, **mint}
        terms["listeners"][0]["listen"] = f"127.0.0.1:{free_port()}"
        terms["admin"]["listen"] = f"127.0.0.1:{free_port()}"
        terms["log"]["file"] = "filemint.log"
        for source in terms["sources"]:
            source |= {"root": "../files", "check_exists": False}
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        (folder / "config.yaml").write_text(yaml.safe_dump(terms, sort_keys=False))
        return folder / "config.yaml"

    def cli(self, config, *arguments):
        env = dict(os.environ, FILEMINT_CONFIG=str(config), **self.env)
        done = subprocess.run([BINARY, *arguments, "--json"], stdin=subprocess.DEVNULL, capture_output=True, text=True, env=env,
                              timeout=30)
        assert done.returncode == 0, done
        return json.loads(done.stdout) if done.stdout.strip() else None

    def company(self, config):
        """With a key that may mint everything; gives it."""
        self.cli(config, "company", "add", "co_xyz")
        self.cli(config, "grant", "add", "co_xyz", "magikarp", "uploads/co_xyz")
        return self.cli(config, "key", "create", "co_xyz")["key"]

    def node(self, config, key):
        made = Node(config.parent, config=config, env=self.env)
        made.key = key
        self.nodes.append(made)
        return made

    def sql(self, text):
        done = subprocess.run([postgres_server.binaries() / "psql", "-qtA", "-h", self.server.folder, "-p", str(self.server.port),
                               "-U", "postgres", "-c", text], check=True, capture_output=True, text=True)
        return done.stdout.strip()


@pytest.fixture
def world(tmp_path, server):
    made = World(tmp_path, server)
    yield made
    for node in made.nodes:
        if node.process.poll() is None:
            node.stop()
    for log in tmp_path.glob("*/filemint.log"):
        assert PASSWORD not in log.read_text().replace("FILEMINT_POSTGRES", "")


def minted(node, key=None):
    return node.mint({"filePaths": [PDF]}, key).status


def test_two_nodes_share_a_store_and_see_its_changes_within_a_second(world):
    configs = [world.config("a"), world.config("b")]
    key = world.company(configs[0])
    nodes = [world.node(config, key) for config in configs]
    token = nodes[0].token()
    assert nodes[1].ask("GET", f"/verify/files/magikarp/{PDF}?token={token}").status == 200, "one node's token is the other's"
    other = world.cli(configs[1], "key", "create", "co_xyz")["key"]
    eventually(lambda: all(minted(node, other) == 200 for node in nodes), "the key", IN_FORCE_S)
    world.cli(configs[0], "key", "revoke", other.split("_")[1])
    eventually(lambda: all(minted(node, other) == 401 for node in nodes), "the revocation", IN_FORCE_S)
    assert [minted(node) for node in nodes] == [200, 200]


def test_three_nodes_may_start_at_once_on_an_empty_database(world):
    configs = [world.config(name) for name in "abc"]
    with concurrent.futures.ThreadPoolExecutor() as starting:
        nodes = list(starting.map(lambda config: world.node(config, None), configs))
    assert world.sql("SELECT source, count(*) FROM filemint.signing_key WHERE state = 'active' GROUP BY source ORDER BY source") \
        == "betaimages|1\nmagikarp|1"
    key = world.company(configs[0])
    eventually(lambda: all(minted(node, key) == 200 for node in nodes), "all mint", IN_FORCE_S)
    assert all(nodes[0].ask("GET", f"/verify/files/magikarp/{PDF}?token={node.token(key=key)}").status == 200 for node in nodes)


def test_a_command_says_that_the_server_is_away(world):
    config = world.config("a")
    world.company(config)
    world.server.stop()
    done = subprocess.run([BINARY, "company", "list"], capture_output=True, text=True, timeout=30,
                          env=dict(os.environ, FILEMINT_CONFIG=str(config), **world.env))
    assert done.returncode == 4 and done.stdout == ""
    assert done.stderr.startswith("filemint: store.postgres (env:FILEMINT_POSTGRES): the store can't be reached: ")
    assert len(done.stderr.splitlines()) == 1 and PASSWORD not in done.stderr


def test_minting_goes_on_without_the_server_for_as_long_as_it_may(world):
    config = world.config("a")
    node = world.node(config, world.company(config))
    world.server.stop()
    stopped = time.monotonic()
    answers = []
    while time.monotonic() - stopped < STALENESS_S + 1.5:
        answers.append((time.monotonic() - stopped, minted(node)))
        time.sleep(0.02)
    assert all(status == 200 for at, status in answers if at < STALENESS_S - 0.6), "what is known is good that long"
    assert all(status == 503 for at, status in answers if at > STALENESS_S + 0.5), "and no longer"
    error(node.mint({"filePaths": [PDF]}), 503, "SERVICE_UNAVAILABLE")
    assert sum("store" in line["message"] and line["level"] == "error" for line in node.log_lines()) <= 2, "once, for each who asks it"
    world.server.start()
    eventually(lambda: minted(node) == 200, "it mints again", SOON_S)
    key = world.cli(config, "key", "create", "co_xyz")["key"]
    eventually(lambda: minted(node, key) == 200, "and sees what changes", IN_FORCE_S)


def test_an_older_copy_behind_a_restart_is_read_anew_though_its_number_is_the_same(world):
    config = world.config("a")
    kept = world.company(config)
    world.node(config, kept).stop()  # it has made the first signing keys
    world.server.stop()
    copy = world.server.folder / "copy"
    subprocess.run(["cp", "-a", world.server.data, copy], check=True)
    world.server.start()
    node = world.node(config, kept)
    lost = world.cli(config, "key", "create", "co_xyz")["key"]
    eventually(lambda: minted(node, lost) == 200, "the key", IN_FORCE_S)
    number = world.sql("SELECT change_number FROM filemint.meta")
    world.server.stop()
    shutil.rmtree(world.server.data)
    copy.rename(world.server.data)
    world.server.start()
    other = world.cli(config, "key", "create", "co_xyz")["key"]
    assert world.sql("SELECT change_number FROM filemint.meta") == number
    eventually(lambda: [minted(node, key) for key in (kept, other, lost)] == [200, 200, 401], "the copy is what counts", SOON_S)


@contextlib.contextmanager
def waiting(world, config):
    """A node that finds no server."""
    terms = yaml.safe_load(config.read_text())
    process = subprocess.Popen([BINARY, "serve", "--config", config], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL, env=dict(os.environ, **world.env))

    def ready():
        try:
            with Connection(f"http://{terms['admin']['listen']}", documented=False) as connection:
                return connection.ask("GET", "/readyz").status
        except OSError:
            return None

    try:
        eventually(lambda: ready() == 503, "it is there, and not ready")
        yield process, ready
    finally:
        process.kill()
        process.wait()


def log_of(config):
    return [json.loads(line) for line in (config.parent / "filemint.log").read_text().splitlines()]


def test_a_start_waits_for_the_server_and_says_so_once(world):
    config = world.config("a")
    key = world.company(config)
    world.server.stop()
    with waiting(world, config) as (process, ready):
        time.sleep(1.2)  # two more tries
        assert ready() == 503
        told = [line for line in log_of(config) if "waiting" in line["message"]]
        assert len(told) == 1 and "FILEMINT_POSTGRES" in told[0]["problem"], told
        with pytest.raises(OSError), Connection(f"http://{yaml.safe_load(config.read_text())['listeners'][0]['listen']}"):
            pass
        world.server.start()
        eventually(lambda: ready() == 200, "it serves", SOON_S)
        url = f"http://{yaml.safe_load(config.read_text())['listeners'][0]['listen']}"
        body = json.dumps({"filePaths": [PDF]}).encode()
        with Connection(url) as connection:
            assert connection.ask("POST", "/api/v1/file-access", [("Authorization", f"Bearer {key}")], body).status == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0


def test_a_node_that_waits_ends_when_it_is_told_to(world):
    config = world.config("a")
    world.server.stop()
    with waiting(world, config) as (process, _):
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0


def test_kill_9_loses_a_second_of_daily_counts_at_most(world):
    config = world.config("a", throttle_per_day=11)
    key = world.company(config)
    node = world.node(config, key)
    assert [minted(node) for _ in range(10)] == [200] * 10
    eventually(lambda: world.sql("SELECT calls FROM filemint.key_day") == "10", "the counts are kept", 1.0)
    node.kill9()
    again = world.node(config, key)
    assert [minted(again), minted(again)] == [200, 429]


def test_both_a_file_and_a_server_are_one_too_many(world, tmp_path):
    config = world.config("a")
    terms = yaml.safe_load(config.read_text())
    terms["store"]["path"] = "filemint.db"
    config.write_text(yaml.safe_dump(terms))
    done = subprocess.run([BINARY, "config", "check", config], capture_output=True, text=True)
    assert done.returncode != 0 and "store.postgres: store.path names another store" in done.stderr


def test_a_connection_string_that_is_none_is_not_told(world):
    config = world.config("a")
    world.env["FILEMINT_POSTGRES"] = "hunter2"
    env = dict(os.environ, **world.env)
    done = subprocess.run([BINARY, "serve", "--config", config], capture_output=True, text=True, env=env, timeout=30)
    assert done.returncode != 0 and "hunter2" not in done.stderr + pathlib.Path(config.parent / "filemint.log").read_text()
    assert "store.postgres (env:FILEMINT_POSTGRES): it is no connection string" in done.stderr
