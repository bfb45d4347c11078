"""A cluster on loopback: N nodes on one PostgreSQL behind one HAProxy, all processes of ours on free ports.

It is what ./dev cluster runs until Ctrl-C, and what the chaos harnesses hurt. A node that dies is started again a second
later. Thread safety: one thread uses it, supervise() included.
"""

import argparse
import json
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/cluster"), str(ROOT / "tests/e2e")]
from cluster_parts import ClusterNode, Haproxy, Loopback, Postgres, status_of  # noqa: E402
from filemint_node import BINARY, MINT, PDF, PPTX, eventually  # noqa: E402

RESTART_AFTER_S = 1.0
MOST_NODES = 9
LAME_DUCK_S = 1  # HAProxy looks each 0.5 s


class LocalCluster:
    """`settings` are further keys of sections of each node's configuration, as a mapping; in a list, of each of its entries.
    `place`: where all of it is."""

    def __init__(self, folder, count=3, settings=None, place=None):
        self.folder = pathlib.Path(folder)
        self.place = place or Loopback()
        self.postgres = Postgres(self.place)
        self.haproxy, self.nodes = None, []
        try:
            self.nodes = [ClusterNode(self, number) for number in range(1, count + 1)]
            self.make_secrets()
            self.make_files()
            for node in self.nodes:
                node.config.write_text(yaml.safe_dump(self.settings_of(node, settings or {})))
            self.key = self.fill_store()
            for node in self.nodes:
                node.start()
            for node in self.nodes:
                eventually(lambda node=node: self.lives(node) and node.is_ready(), f"{node.name} is ready", 60)
            self.haproxy = Haproxy(self.folder, self.nodes)
            eventually(self.answers, "HAProxy has a node")
        except BaseException:
            self.stop()
            raise

    def cli(self, *words):
        done = subprocess.run(
            [BINARY, *words, "--config", self.nodes[0].config], stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=60)
        if done.returncode != 0:
            raise RuntimeError(f"filemint {' '.join(map(str, words))}: {done.stderr}")
        return done.stdout

    def make_secrets(self):
        subprocess.run([BINARY, "master-key", "generate", self.folder / "master.key"], check=True, stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL)
        names = [node.name for node in self.nodes]
        subprocess.run([BINARY, "cluster", "cert", "--dir", self.folder / "certificates", *names], check=True,
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        secret = self.folder / "postgres.url"
        secret.write_text(self.postgres.url)
        secret.chmod(0o600)

    def make_files(self):
        """Those of the demo."""
        demo = self.folder / "demo"
        subprocess.run([BINARY, "demo", "--once", "--port", "0", "--data", demo], check=True, stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        shutil.move(demo / "files", self.folder / "files")
        shutil.rmtree(demo)

    def settings_of(self, node, further):
        certificates = self.folder / "certificates"
        others = [each for each in self.nodes if each is not node]
        terms = {
            "admin": {"listen": f"{node.address}:{node.admin_port}"},
            "listeners": [{"listen": f"{address}:{node.port}"} for address in self.place.listen_of(node.name)],
            "http": {"lame_duck": f"{LAME_DUCK_S}s", "trusted_proxies": [self.place.clients]},
            "store": {"postgres": f"file:{self.folder}/postgres.url", "master_key": f"file:{self.folder}/master.key"},
            "cluster": {
                "name": node.name,
                "listen": f"{node.address}:{node.peer_port}",
                "peers": [{"name": each.name, "address": f"{each.address}:{each.peer_port}"} for each in others],
                "ca": str(certificates / "ca.pem"),
                "certificate": str(certificates / f"{node.name}.pem"),
                "key": str(certificates / f"{node.name}.key"),
            },
            "log": {"file": str(node.folder / "filemint.log")},
            "sources": [
                {"name": "magikarp", "type": "local", "root": str(self.folder / "files/magikarp"), "check_exists": True},
                {"name": "betaimages", "type": "local", "root": str(self.folder / "files/betaimages"), "check_exists": False},
            ],
            "default_source": "magikarp",
        }
        for section, keys in further.items():
            there = terms.setdefault(section, {})
            for each in there if isinstance(there, list) else [there]:
                each |= keys
        return terms

    def fill_store(self):
        self.cli("company", "add", "co_xyz")
        for source in ("magikarp", "betaimages"):
            self.cli("grant", "add", "co_xyz", "--source", source, "--prefix", "uploads/co_xyz")
        return json.loads(self.cli("key", "create", "co_xyz", "--json"))["key"]

    def answers(self):
        return status_of(self.haproxy.url, MINT) == 405

    def lives(self, node):
        if node.process.poll() is not None:
            raise RuntimeError(f"{node.name} ended: {(node.folder / 'output').read_text()[-2_000:]}")
        return True

    def supervise(self):
        """Once: starts again who died a second ago. True: some process is another one now."""
        changed = False
        for node in self.nodes:
            if node.process.poll() is None:
                continue
            if node.died_at is None:
                node.died_at = time.monotonic()
            elif time.monotonic() - node.died_at >= RESTART_AFTER_S:
                node.start()
                changed = True
        return changed

    def told(self):
        """For programs."""
        return {
            "proxy_url": self.haproxy.url,
            "nodes": [{"url": each.url, "admin_url": each.admin_url, "pid": each.process.pid} for each in self.nodes],
            "key": self.key,
            "config": str(self.nodes[0].config),
            "postgres_pid": self.postgres.process.pid,
        }

    def stop(self):
        if self.haproxy:
            self.haproxy.stop()
        for node in self.nodes:
            if node.process and node.process.poll() is None:
                node.process.send_signal(signal.SIGTERM)
        for node in self.nodes:
            node.stop()
        self.postgres.remove()


def write_whole(file, content):
    part = file.with_name(f".{file.name}.part")
    part.touch(mode=0o600)  # it holds a key
    part.write_text(content)
    part.rename(file)


def end_at_a_signal(code):
    """By way of the `finally`s, which a second signal must not end."""
    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def end(*_):
        for each in signals:
            signal.signal(each, signal.SIG_IGN)
        sys.exit(code)

    for each in signals:
        signal.signal(each, end)


def main():
    options = argparse.ArgumentParser(prog="./dev cluster", description="Nodes on loopback, with PostgreSQL and HAProxy.")
    options.add_argument("nodes", nargs="?", type=int, default=3, choices=range(2, MOST_NODES + 1), metavar="N")
    options.add_argument("--json", type=pathlib.Path, metavar="FILE", help="tells programs where everything is, once it is ready")
    asked = options.parse_args()
    end_at_a_signal(0)
    with tempfile.TemporaryDirectory(prefix="filemint-cluster-") as folder:
        cluster = LocalCluster(folder, asked.nodes)
        try:
            print(f"""filemint cluster: {asked.nodes} nodes, company co_xyz, sources magikarp and betaimages, 600 calls a minute.
Data in {folder}

API key:
{cluster.key}

Mint two tokens:
curl -s -X POST {cluster.haproxy.url}{MINT} \\
  -H 'Authorization: Bearer {cluster.key}' \\
  -H 'Content-Type: application/json' \\
  -d '{json.dumps({"filePaths": [PDF, PPTX], "source": "magikarp"})}'

The command line works on
export FILEMINT_CONFIG={cluster.nodes[0].config}
""")
            for node in cluster.nodes:
                print(f"{node.name}: {node.url}, admin {node.admin_url}, pid {node.process.pid}")
            print(f"PostgreSQL: pid {cluster.postgres.process.pid}\nListening on {cluster.haproxy.url}", flush=True)
            if asked.json:
                write_whole(asked.json, json.dumps(cluster.told(), indent=2) + "\n")
            while True:
                time.sleep(0.1)
                if cluster.supervise() and asked.json:
                    write_whole(asked.json, json.dumps(cluster.told(), indent=2) + "\n")
        finally:
            cluster.stop()


if __name__ == "__main__":
    main()
