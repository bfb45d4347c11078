"""Three nodes on one PostgreSQL, of which one is cut off: from the server, and from its peers too."""

import os
import subprocess
import time

import pytest
import yaml

from cluster import NAMES, cert
from filemint_node import BINARY, IN_FORCE_S, PDF, eventually, free_port
from gate import Gate
from test_postgres import SOON_S, STALENESS_S, World, minted, server  # noqa: F401, a fixture

ISOLATED_S = 10  # the promise
LISTED_S = 8  # a node looks at the list each 5 s
CUT = "node1"  # it dials the others: of two nodes the one whose name sorts first does


class CutWorld(World):
    """Between node1 and all that it connects to there are gates."""

    def __init__(self, folder, server, max_staleness):
        super().__init__(folder, server)
        made = cert("--dir", folder / "certificates", *NAMES)
        assert made.returncode == 0, made
        ports = {name: free_port() for name in NAMES}
        self.store_gate = Gate(server.port)
        self.peer_gates = {name: Gate(port) for name, port in ports.items() if name != CUT}
        self.configs = {name: self.node_config(name, ports, max_staleness) for name in NAMES}
        self.key = self.company(self.configs[CUT])
        self.by_name = {}
        for name in NAMES:
            self.by_name[name] = self.start(name)
        self.cut_node = self.by_name[CUT]
        eventually(lambda: all(self.sees_all(node) for node in self.nodes), "each sees all others up")

    def node_config(self, name, ports, max_staleness):
        config = self.config(name, calls_per_minute=1_000_000)
        terms = yaml.safe_load(config.read_text())
        terms["store"]["max_staleness"] = f"{max_staleness}s"
        ways = {peer: gate.port for peer, gate in self.peer_gates.items()} if name == CUT else ports
        terms["cluster"] = {
            "name": name, "listen": f"127.0.0.1:{ports[name]}",
            "peers": [{"name": peer, "address": f"127.0.0.1:{ways[peer]}"} for peer in NAMES if peer != name],
            **{key: f"../certificates/{file}" for key, file in
               {"ca": "ca.pem", "certificate": f"{name}.pem", "key": f"{name}.key"}.items()}}
        config.write_text(yaml.safe_dump(terms, sort_keys=False))
        return config

    def start(self, name):
        direct = dict(self.env)
        if name == CUT:
            self.env = {key: value.replace(f":{self.server.port}/", f":{self.store_gate.port}/") for key, value in direct.items()}
        try:
            return self.node(self.configs[name], self.key)
        finally:
            self.env = direct

    def cli_text(self, config, *arguments):
        env = dict(os.environ, FILEMINT_CONFIG=str(config), **self.env)
        return subprocess.run([BINARY, *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True, env=env, timeout=30)

    def sees_all(self, node):
        return all(peer["state"] == "up" for peer in node.admin("/cluster").data["peers"])

    def new_key(self):
        return self.cli(self.configs["node2"], "key", "create", "co_xyz")["key"]

    def down(self):
        answer = self.cut_node.ask("GET", "/health", self.cut_node.bearer())
        return [] if answer.status == 200 else answer.details["services"]

    def stop(self):
        for node in self.nodes:
            if node.process.poll() is None:
                node.kill9()
        for gate in [self.store_gate, *self.peer_gates.values()]:
            gate.stop()


@pytest.fixture
def worlds(tmp_path, server):  # noqa: F811
    made = []

    def make(**terms):
        made.append(CutWorld(tmp_path, server, **terms))
        return made[0]

    yield make
    for world in made:
        world.stop()


def members(node):
    return node.admin("/cluster").data["members"]


def told(node, words):
    return [line for line in node.log_lines() if words in line["message"]]


def test_changes_reach_a_node_that_is_cut_off_from_the_store_through_its_peers(worlds):
    world = worlds(max_staleness=STALENESS_S)
    node, revoked = world.cut_node, world.new_key()
    eventually(lambda: minted(node, revoked) == 200, "the key", IN_FORCE_S)
    token = node.token()
    world.store_gate.cut()
    world.cli(world.configs["node2"], "key", "revoke", revoked.split("_")[1])
    eventually(lambda: minted(node, revoked) == 401, "a revocation in the very moment of the cut", IN_FORCE_S)
    began = time.monotonic()
    while time.monotonic() - began < 2 * STALENESS_S:
        assert minted(node) == 200, "it serves for longer than max_staleness"
        time.sleep(0.05)
    fresh = world.new_key()
    eventually(lambda: minted(node, fresh) == 200, "a new key", IN_FORCE_S)
    world.cli(world.configs["node2"], "token", "revoke", "--company", "co_xyz")
    asked = f"/verify/files/magikarp/{PDF}?token={token}"
    eventually(lambda: node.ask("GET", asked).status == 401, "a revocation of tokens", IN_FORCE_S)
    assert world.down() == ["store"]
    assert node.admin("/readyz").status == 200
    assert [line["peer"] in NAMES for line in told(node, "a peer tells what changes")] == [True]
    world.store_gate.mend()
    eventually(lambda: world.down() == [], "it reads the store itself", SOON_S)
    world.cli(world.configs["node2"], "key", "revoke", fresh.split("_")[1])
    eventually(lambda: minted(node, fresh) == 401, "changes reach it", IN_FORCE_S)


def test_a_node_that_is_cut_off_from_all_stops_within_ten_seconds_and_heals(worlds):
    """The rule itself takes 8 s; max_staleness is far away."""
    world = worlds(max_staleness=60)
    node, token = world.cut_node, world.cut_node.token()
    targets = [f"/verify/files/magikarp/{PDF}?token={token}", f"/files/magikarp/{PDF}?token={token}"]

    def refuses():
        return minted(node) == 503 and [node.ask("GET", each).status for each in targets] == [503, 503]

    gates = [world.store_gate, *world.peer_gates.values()]
    for gate in gates:
        gate.cut()
    began = time.monotonic()
    eventually(refuses, "it mints and accepts nothing", ISOLATED_S)
    assert time.monotonic() - began > 6, "a short cut does not matter"
    assert node.admin("/readyz").status == 503 and node.admin("/livez").status == 200
    eventually(lambda: world.down() == ["store", "cluster", "contact"], "/health names what is lost")
    eventually(lambda: told(node, "cut off from the store and from every peer"), "the log tells")
    assert all(minted(other) == 200 for name, other in world.by_name.items() if name != CUT), "the others go on"
    revoked = world.new_key()
    world.cli(world.configs["node2"], "key", "revoke", revoked.split("_")[1])
    for gate in world.peer_gates.values():
        gate.mend()
    eventually(lambda: minted(node) == 200 and node.admin("/readyz").status == 200, "its peers alone will do", SOON_S)
    assert minted(node, revoked) == 401
    world.store_gate.mend()
    eventually(lambda: world.down() == [], "all is well", SOON_S)
    eventually(lambda: told(node, "the store or a peer is there again"), "the log tells")
    assert len(told(node, "cut off from the store and from every peer")) == 1, "once"


@pytest.mark.waits
def test_nodes_count_until_they_say_goodbye_or_are_forgotten(worlds):
    """Each step waits for the next look at the list."""
    world = worlds(max_staleness=60)
    node = world.cut_node
    eventually(lambda: members(node) == list(NAMES), "all three are listed", LISTED_S)
    world.store_gate.cut()
    world.by_name["node3"].stop()
    eventually(lambda: members(world.by_name["node2"]) == ["node1", "node2"], "who said goodbye is out", LISTED_S)
    assert members(node) == list(NAMES), "the last list stays while the store is away"
    world.store_gate.mend()
    eventually(lambda: members(node) == ["node1", "node2"], "the list is read again", LISTED_S + SOON_S)
    world.by_name["node2"].kill9()
    assert members(node) == ["node1", "node2"], "it may only be cut off"
    done = world.cli_text(world.configs[CUT], "cluster", "forget", "node2")
    assert done.returncode == 0, done
    eventually(lambda: members(node) == ["node1"], "it was forgotten", LISTED_S)
    assert world.cli_text(world.configs[CUT], "cluster", "forget", "node9").returncode == 5
    assert "members node1\n" in world.cli_text(world.configs[CUT], "cluster", "status").stdout
