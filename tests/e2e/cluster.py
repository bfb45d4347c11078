"""Nodes of a cluster on loopback, each a process with a store of its own."""

import json
import pathlib
import subprocess

from filemint_node import BINARY, DEADLINE_S, Node, eventually, free_port
from node_config import changed, replaced

NAMES = ("node1", "node2", "node3")


def cert(*arguments):
    return subprocess.run([BINARY, "cluster", "cert", *map(str, arguments)], stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=DEADLINE_S)


class Cluster:
    def __init__(self, folder, names=NAMES):
        self.folder = pathlib.Path(folder)
        self.certificates = self.folder / "certificates"
        made = cert("--dir", self.certificates, *names)
        assert made.returncode == 0, made
        self.keys, self.nodes = {}, {}
        self.ports = {name: free_port() for name in names}
        self.configs = {name: self.write_config(name) for name in names}
        try:
            for name in names:
                self.start(name)
        except BaseException:
            self.stop()
            raise

    def section(self, name, **terms):
        peers = [{"name": peer, "address": f"127.0.0.1:{port}"} for peer, port in self.ports.items()]
        terms = {"name": name, "listen": f"127.0.0.1:{self.ports[name]}", "ca": str(self.certificates / "ca.pem"),
                 "certificate": str(self.certificates / f"{name}.pem"), "key": str(self.certificates / f"{name}.key"),
                 "peers": peers, **terms}
        return json.dumps(terms)

    def write_config(self, name, **terms):
        demo = Node(self.folder / name)
        demo.stop()
        text = changed(demo.config.read_text(), listen=f"127.0.0.1:{free_port()}", admin=f"127.0.0.1:{free_port()}")
        file = demo.config.with_name("serve.yaml")
        file.write_text(replaced(r"^(cluster:)\n(?:[ #].*\n)*", f" {self.section(name, **terms)}\n", text))
        self.keys[name] = demo.key
        return file

    def start(self, name):
        node = Node(self.folder / name, config=self.configs[name])
        node.key = self.keys[name]
        self.nodes[name] = node
        return node

    def stop(self):
        for node in self.nodes.values():
            node.kill9()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def peers(self, name):
        """What that node tells of its peers, by their names."""
        return {peer["name"]: peer for peer in self.nodes[name].admin("/cluster").data["peers"]}

    def sees(self, name, peer, state):
        return self.peers(name)[peer]["state"] == state

    def all_up(self):
        eventually(lambda: all(self.sees(name, peer, "up") for name in self.nodes for peer in self.nodes if peer != name),
                   "each node sees all others up")
