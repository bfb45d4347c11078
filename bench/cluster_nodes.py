"""What a request costs a node of a cluster beside a node by itself."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import types
import urllib.parse

import yaml
from filemint_node import BINARY, IN_FORCE_S, MINT, ROOT, Connection, eventually, free_port
from measure import Server, answers

LIMIT = 1_000_000_000  # a minute


@contextlib.contextmanager
def nodes_of_a_cluster(folder, count):
    """Those of ./dev cluster, on a company whose limit nobody reaches, so that all is leased; and one that is configured as
    they are, on the same store, but without a cluster."""
    told = folder / "cluster.json"
    with open(folder / "cluster.log", "wb") as log:
        process = subprocess.Popen(
            [sys.executable, ROOT / "tests/cluster/local_cluster.py", str(count), "--json", told], stdin=subprocess.DEVNULL,
            stdout=log, stderr=log, env=dict(os.environ, FILEMINT_BUILD=str(BINARY.parent)))
    try:
        eventually(lambda: process.poll() is not None or told.exists(), "the cluster is ready", 60)
        if process.poll() is not None:
            raise RuntimeError((folder / "cluster.log").read_text())
        cluster = json.loads(told.read_text())
        subprocess.run([BINARY, "limit", "set", "--company", "co_xyz", "--calls", str(LIMIT), "--config", cluster["config"]],
                       check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        nodes = [
            ClusterNode(types.SimpleNamespace(pid=each["pid"]), each["url"], cluster["key"]) for each in cluster["nodes"]]
        for node in nodes:
            eventually(lambda node=node: node.limit() == LIMIT, "every node knows the limit", IN_FORCE_S)
        alone = node_by_itself(folder, cluster)
        try:
            yield nodes, alone
        finally:
            alone.stop()
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)


def node_by_itself(folder, cluster):
    settings = yaml.safe_load(open(cluster["config"], encoding="utf-8"))
    del settings["cluster"]
    port = free_port()
    settings["listeners"] = [{"listen": f"127.0.0.1:{port}"}]
    settings["admin"]["listen"] = f"127.0.0.1:{free_port()}"
    settings["log"]["file"] = str(folder / "by-itself.log")
    file = folder / "by-itself.yaml"
    file.write_text(yaml.safe_dump(settings))
    process = subprocess.Popen([BINARY, "serve", "--config", file], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    eventually(lambda: process.poll() is not None or answers(port), "the node by itself answers")
    return ClusterNode(process, f"http://127.0.0.1:{port}", cluster["key"])


class ClusterNode(Server):
    def __init__(self, process, url, key):
        super().__init__(process)
        self.url, self.key = url, key
        self.port = urllib.parse.urlsplit(url).port

    def forget_log(self):
        """It is in the temporary folder, and goes with it."""

    def limit(self):
        """As a call's header tells; it names no path, so nothing is minted."""
        with Connection(self.url) as connection:
            head = [("Authorization", f"Bearer {self.key}"), ("Content-Type", "application/json")]
            answer = connection.ask("POST", MINT, head, b"{}")
        return int(answer["X-RateLimit-Limit"])
