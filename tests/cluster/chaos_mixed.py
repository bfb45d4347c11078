"""mixed: this version and the next one in one cluster. Nodes are replaced one after the other under load, there and back."""

import json
import math
import subprocess
import time

from filemint_node import BINARY, MINT, PDF, Connection, eventually

NEXT = BINARY.parent / "tests/filemint_next"  # tests/cluster/next_version.cpp
SPEAKS = {BINARY: 1, NEXT: 2}
UP_WITHIN_S = 5.0
KNOWN_WITHIN_S = 3.0  # what was changed, on every node
SOURCE = "magikarp"


def mixed(harness):
    nodes = harness.cluster.nodes
    hold = max(4, harness.asked.seconds // (2 * len(nodes)))
    for binary in (NEXT, BINARY):
        for node in nodes:
            mix(harness, node, binary, hold)


def mix(harness, node, binary, hold):
    """That node becomes one of that version; the cluster stays one, whoever in it is of which."""
    nodes, report = harness.cluster.nodes, harness.report
    load = harness.load(harness.cluster.haproxy, hold)
    node.stop()
    node.binary = binary
    node.start()
    eventually(lambda: harness.cluster.lives(node) and node.is_ready(), f"{node.name} is ready", 60)
    releases = " ".join(release_of(each.binary) for each in nodes)
    section = report.section(f"{node.name} {release_of(binary)}", f"{node.name} is replaced: {releases}")
    report.mark(section, "all up and told right, s", time_until(lambda: not told_wrong(nodes), UP_WITHIN_S), UP_WITHIN_S)
    share_changes(harness, section, binary)
    report.mark(section, "tokens refused by some node", refused_tokens(harness), 0)
    told = load.told()
    report.figure(section, "requests", sent=told["sent"], p50_us=told["p50_us"], p99_us=told["p99_us"])
    report.mark(section, "failed requests", told["errors"], 0)
    wrong = told_wrong(nodes)
    for each in wrong:
        report.figure(section, f"told wrong: {each}")
    report.mark(section, "told wrong after the load", len(wrong), 0)


def told_wrong(nodes):
    """What `cluster status` of a node tells of a peer and is not so."""
    wrong = []
    for node in nodes:
        told = json.loads(run(node.binary, "cluster", "status", "--json", "--config", node.config))
        seen = {peer["name"]: (peer["state"], peer["peer_version"], peer["release"]) for peer in told["peers"]}
        for peer in nodes:
            right = ("up", min(SPEAKS[node.binary], SPEAKS[peer.binary]), release_of(peer.binary))
            if peer is not node and seen.get(peer.name) != right:
                wrong.append(f"{node.name} of {peer.name}: {seen.get(peer.name)}, not {right}")
    return wrong


def share_changes(harness, section, binary):
    """What the CLI of that version changes is in force on the nodes of both."""
    nodes = harness.cluster.nodes
    config = ("--config", nodes[0].config)
    key = json.loads(run(binary, "key", "create", "co_xyz", "--json", *config))["key"]
    taken = time_until(lambda: all(mint(node, key).status == 200 for node in nodes), KNOWN_WITHIN_S)
    harness.report.mark(section, "a new key is known to all, s", taken, KNOWN_WITHIN_S)
    run(binary, "key", "revoke", key.split("_")[1], *config)
    taken = time_until(lambda: all(mint(node, key).status == 401 for node in nodes), KNOWN_WITHIN_S)
    harness.report.mark(section, "its revocation too, s", taken, KNOWN_WITHIN_S)


def refused_tokens(harness):
    refused = 0
    for minter in harness.cluster.nodes:
        token = mint(minter, harness.cluster.key).data["access_tokens"][PDF]
        for node in harness.cluster.nodes:
            with Connection(node.url) as connection:
                refused += connection.ask("GET", f"/files/{SOURCE}/{PDF}?token={token}").status != 200
    return refused


def mint(node, key):
    body = json.dumps({"filePaths": [PDF], "source": SOURCE}).encode()
    with Connection(node.url) as connection:
        return connection.ask("POST", MINT, [("Authorization", f"Bearer {key}"), ("Content-Type", "application/json")], body)


def time_until(done, most):
    """Infinite when it takes longer than `most`."""
    began = time.monotonic()
    while not done():
        if time.monotonic() - began > most:
            return math.inf
        time.sleep(0.02)
    return time.monotonic() - began


def release_of(binary):
    return run(binary, "version").split()[1]


def run(binary, *words):
    done = subprocess.run([binary, *words], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    if done.returncode != 0:
        raise RuntimeError(f"{binary.name} {' '.join(map(str, words))}: {done.stderr}")
    return done.stdout
