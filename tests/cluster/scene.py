"""A cluster in a network that can be hurt, companies made for one occasion, and clients who watch every node at once."""

import base64
import collections
import json
import re
import signal
import time

import yaml

from callers import Callers, file_request, mint_request
from filemint_node import PDF, Connection, eventually
from harness import NODES, Harness
from network import Network
from verdicts import most_in_a_window

SOURCE = "magikarp"
NO_END = 100_000_000  # calls a minute
SMALL, LARGE = 600, 6_000  # asked for call by call; leased out
KNOWN_WITHIN_S = 3.0  # what was changed, on every node that has a way to the store
ISOLATED_WITHIN_S = 10.0  # who has no way stops
HEALED_WITHIN_S = 5.0
STALENESS_S = 5  # store.max_staleness, short: who goes on for longer has heard of the store by its peers
LONG_STALENESS_S = 60  # the default: who stops earlier knows that it is alone


class Watch:
    """Streams of calls to every node. `kinds`: by name, requests that take turns and how many a second are sent to each node."""

    def __init__(self, scene, kinds):
        self.nodes = [node.name for node in scene.cluster.nodes]
        self.streams = {
            (kind, node.name): scene.callers.stream(node, requests, rate)
            for kind, (requests, rate) in kinds.items() for node in scene.cluster.nodes}

    def stop(self):
        for stream in self.streams.values():
            stream.running = False
        for stream in self.streams.values():
            stream.stop()

    def of(self, kind, *nodes):
        """The answers of these nodes; of all when none is named."""
        return [answer for node in nodes or self.nodes for answer in self.streams[kind, node].answers]

    def outcomes(self, kind, *nodes):
        told = collections.Counter(str(answer.status) for answer in self.of(kind, *nodes))
        for node in nodes or self.nodes:
            told.update(self.streams[kind, node].lost)
        return dict(told)


class Scene(Harness):
    """A harness whose load is without a limit, as on loopback."""

    def __init__(self, folder, asked):
        self.network = Network([f"node-{number}" for number in range(1, NODES + 1)])
        super().__init__(folder, asked, {"store": {"max_staleness": f"{STALENESS_S}s"}}, self.network)
        self.callers, self.staleness = Callers(), STALENESS_S
        self.free = self.company("co_free", NO_END)
        self.request.write_bytes(self.minting(self.free)[0])
        self.await_known(self.free)

    @property
    def nodes(self):
        return self.cluster.nodes

    def set_staleness(self, seconds):
        """store.max_staleness of all nodes, without a restart."""
        if seconds == self.staleness:
            return
        self.staleness = seconds
        for node in self.nodes:
            applied = self.reloads_of(node)
            settings = yaml.safe_load(node.config.read_text())
            settings["store"]["max_staleness"] = f"{seconds}s"
            node.config.write_text(yaml.safe_dump(settings))
            node.process.send_signal(signal.SIGHUP)
            eventually(lambda node=node, applied=applied: self.reloads_of(node) > applied, f"{node.name} has read it", 5)

    def reloads_of(self, node):
        with Connection(node.admin_url, timeout=2, documented=False) as connection:
            text = connection.ask("GET", "/metrics").body.decode()
        return float(re.search(r'^filemint_config_reloads_total\{outcome="applied"\} (\S+)', text, re.MULTILINE)[1])

    # ---- companies, keys, tokens

    def company(self, name, calls, *limits):
        """Gives its key."""
        self.cluster.cli("company", "add", name)
        self.cluster.cli("grant", "add", name, "--source", SOURCE, "--prefix", "uploads/co_xyz")
        self.cluster.cli("limit", "set", "--company", name, "--calls", str(calls), *limits)
        return self.key(name)

    def key(self, company):
        return json.loads(self.cluster.cli("key", "create", company, "--json"))["key"]

    def knows(self, node, key):
        """Without a call that counts."""
        with Connection(node.url, timeout=2, documented=False) as connection:
            return connection.ask("GET", "/health", [("Authorization", f"Bearer {key}")]).status != 401

    def await_known(self, *keys):
        for node in self.nodes:
            for key in keys:
                eventually(lambda node=node, key=key: self.knows(node, key), f"{node.name} knows the key", 5)

    def mint(self, node, key):
        """The answer, which may be no 200."""
        with Connection(node.url, timeout=3, documented=False) as connection:
            connection.send(mint_request(key, [PDF], SOURCE))
            return connection.next_answer("POST")

    def token(self, node, key=None):
        return self.mint(node, key or self.free).data["access_tokens"][PDF]

    def opens(self, node, token):
        with Connection(node.url, timeout=3, documented=False) as connection:
            connection.send(file_request(PDF, token, SOURCE))
            return connection.next_answer("GET").status == 200

    def revoke(self, token):
        """The moment when it was acknowledged."""
        claims = token.split(".")[1]
        jti = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))["jti"]
        self.cluster.cli("token", "revoke", f"--jti={jti}")
        return time.monotonic()

    # ---- clients

    def watch(self, **kinds):
        return Watch(self, kinds)

    @staticmethod
    def minting(key):
        return [mint_request(key, [PDF], SOURCE)]

    @staticmethod
    def opening(token):
        return [file_request(PDF, token, SOURCE)]

    # ---- whole again

    def peers_of(self, node):
        """What it tells of them, by their names."""
        with Connection(node.admin_url, timeout=2, documented=False) as connection:
            return {peer["name"]: peer for peer in connection.ask("GET", "/cluster").data["peers"]}

    def sees_all_up(self, node):
        return all(peer["state"] == "up" for peer in self.peers_of(node).values())

    def is_healthy(self, node):
        """In its own words: store, keys, limiter, peers."""
        with Connection(node.url, timeout=3, documented=False) as connection:
            return connection.ask("GET", "/health", [("Authorization", f"Bearer {self.free}")]).status == 200

    def is_whole(self):
        """Ready, healthy, all peers up, and a token that any node mints opens the file on any node."""
        try:
            return (super().is_whole() and all(map(self.sees_all_up, self.nodes)) and all(map(self.is_healthy, self.nodes))
                    and all(self.opens(node, self.token(other)) for other in self.nodes for node in self.nodes))
        except (OSError, AssertionError):
            return False

    def mark_healed(self, section, what, since, within=HEALED_WITHIN_S):
        """Waits longer than it should take, to tell how long it took."""
        self.supervised(self.is_whole, f"the cluster is whole after {what}", 60)
        self.report.mark(section, f"{what}: whole again, s", time.monotonic() - since, within)

    def close(self):
        """A new company's limit can be used up from one node alone, all but a fiftieth, and no more than that."""
        section = self.report.section("end", "Afterwards")
        self.supervised(self.is_whole, "the cluster is whole")
        key = self.company("co_end", SMALL)
        self.await_known(key)
        stream = self.callers.stream(self.nodes[0], self.minting(key), 300)
        time.sleep(3)
        used = most_in_a_window(stream.stop())
        self.report.mark(section, "of a limit usable from one node", used / SMALL, 0.98, at_least=True)
        self.report.mark(section, "calls over it", max(0, used - SMALL), 0)
        return self.report.close()

    def stop(self):
        if hasattr(self, "callers"):
            self.callers.close()
        super().stop()
        self.network.close()
