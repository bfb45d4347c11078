"""The sections of ./dev bench. Each takes a Bench: its folder, the report, and how often and how long to measure."""

import json
import re
import socket
import statistics
import subprocess
import time

import filemint_node
import measure
from cluster_nodes import nodes_of_a_cluster
from filemint_node import serve
from measure import Bare, Load, Nginx, Node, drive, mint_body, on_core, request_of, running
from presign import presign
from report import errors_of, median_of, median_ratio

SPEED_MARKS = {  # paths: share of nginx's req/s (at least, aim), CPU as a multiple of nginx's (at most, aim)
    2: ((0.65, 0.85), (1.8, 1.3)),
    100: ((0.55, 0.75), (3.2, 2.4)),
    1_000: ((0.50, 0.65), (4.0, 3.0)),
}


def demo(bench, name):
    return Node(filemint_node.Node(bench.folder / name))


def body_file(bench, count, source="betaimages"):
    file = bench.folder / f"{source}-{count}.json"
    file.write_bytes(mint_body(count, source))
    return file


def speed(bench):
    """nginx and a node by turns, for each batch size; minting without looking, and beside it with a look at each file."""
    section = bench.report.section("speed", "Speed, 64 connections: nginx's fixed answer of our length, and filemint")
    with running(demo(bench, "speed")) as node:
        make_files(node, 1_000)
        for count, (share, cpu) in SPEED_MARKS.items():
            body = body_file(bench, count)
            length = len(node.post(body.read_bytes()))
            with running(Nginx(bench.folder / f"nginx-{count}", length)) as nginx:
                ours, theirs = by_turns(bench, lambda server: drive(
                    server, body, bench.seconds, getattr(server, "key", "none")), node, nginx)
            looking = drive(node, body_file(bench, count, "magikarp"), bench.seconds, node.key)
            node.forget_log()
            bench.best_rate[count] = median_of(ours)["rps"]
            bench.report.figure(section, f"{count:,} paths: nginx", **median_of(theirs))
            bench.report.figure(section, f"{count:,} paths: filemint", **median_of(ours))
            bench.report.figure(section, f"{count:,} paths: looking at each file", **looking)
            bench.report.mark(section, f"{count:,} paths: req/s to nginx's", median_ratio(ours, theirs, "rps"),
                              *share, at_least=True)
            bench.report.mark(section, f"{count:,} paths: CPU to nginx's", median_ratio(ours, theirs, "cpu_us"), *cpu)


def verify(bench):
    """What nginx's auth_request asks, about a token of each algorithm."""
    section = bench.report.section("verify", "/verify, 64 connections: nginx's fixed answer of our length, and filemint")
    with running(demo(bench, "verify")) as made:
        pass
    for algorithm, share in (("hs256", (0.7, 0.85)), ("eddsa", None), ("es256", None)):
        with running(Node(serve(made.node, bench.folder / "verify", algorithm=algorithm))) as node:
            kid = node.node.told_by_cli("signing-key", "prepare", "betaimages")["kid"]
            node.node.told_by_cli("signing-key", "activate", kid, "--force")
            time.sleep(1)  # the node has seen it
            target = f"/files/betaimages/{filemint_node.PDF}?token={node.node.token(source='betaimages')}"
            asked = [("X-Original-URI", target), ("X-Original-Method", "GET")]
            length = len(node.node.ask("GET", "/verify", asked).body)
            with running(Nginx(bench.folder / f"nginx-{algorithm}", length)) as nginx:
                ours, theirs = by_turns(bench, lambda server: drive(server, None, bench.seconds, verify=target), node, nginx)
            bench.report.figure(section, f"{algorithm}: nginx", **median_of(theirs))
            bench.report.figure(section, f"{algorithm}: filemint", **median_of(ours))
            if share:
                bench.report.mark(section, f"{algorithm}: req/s to nginx's", median_ratio(ours, theirs, "rps"), *share, at_least=True)


def by_turns(bench, run, node, nginx, third=lambda: None):
    """`third`: what else is run in each pair."""
    ours, theirs = [], []
    run(nginx), run(node)  # warm
    for _ in range(bench.pairs):
        theirs.append(run(nginx))
        third()
        ours.append(run(node))
        node.forget_log()
    return ours, theirs


def make_files(node, count):
    """The files that mint_body names, beneath the roots that the node's configuration names."""
    config = node.node.config.read_text()
    for root in re.findall(r"^\s*root:\s*[\"']?([^\"'#\n]+?)[\"']?\s*$", config, re.MULTILINE):
        for i in range(1, count + 1):
            folder = measure.pathlib.Path(root) / f"uploads/co_xyz/file_abc123{i:06}"
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "context.pdf").write_bytes(b"%PDF-1.4\n")


def keys(bench):
    """One key, 10,000 and 1,000,000 in the store, drawn evenly: the look-up must not grow with them."""
    section = bench.report.section("keys", "Keys in the store, 2 paths, drawn evenly")
    nodes = {}
    body = body_file(bench, 2)
    try:
        for count in (1, 10_000, 1_000_000):
            nodes[count] = seeded_node(bench, count)
        runs = {count: [] for count in nodes}
        for turn in range(bench.pairs + 1):  # the first is warm-up
            for count, (node, file) in nodes.items():
                run = drive(node, body, bench.seconds, keys_file=file)
                node.forget_log()
                if turn:
                    runs[count].append(run)
    finally:
        for node, _ in nodes.values():
            node.stop()
    for count, of in runs.items():
        bench.report.figure(section, f"{count:,} keys", **median_of(of))
    bytes_a_key = (median_of(runs[1_000_000])["rss_kib"] - median_of(runs[1])["rss_kib"]) * 1024 / 1e6
    bench.report.figure(section, "bytes of RSS a key", bytes=bytes_a_key)
    bench.report.mark(section, "CPU, 1,000,000 keys to 1", median_ratio(runs[1_000_000], runs[1], "cpu_us"), 1.10)


def seeded_node(bench, count):
    """A demo's store, filled while nobody has it open, then served."""
    name = f"keys-{count}"
    with running(demo(bench, name)) as filled:
        pass
    file = bench.folder / name / "keys.txt"
    subprocess.run(
        [measure.BUILD / "bench/bench_seed", "--config", filled.node.config, "--keys", str(count), "--companies",
         str(min(count, 1_000)), "--out", file], check=True, stdin=subprocess.DEVNULL)
    return Node(serve(filled.node, bench.folder / name)), file


def spill(bench):
    """What chunks handed to an idle core gain: one connection, 1,000 paths signed with Ed25519, on a node of one core and of two."""
    section = bench.report.section("spill", "Chunks to an idle core: 1 connection, 1,000 paths, Ed25519")
    body = body_file(bench, 1_000)
    with running(demo(bench, "spill")) as made:
        pass
    runs, kid = {}, None
    for workers in (1, 2):
        with running(Node(serve(made.node, bench.folder / "spill", workers=workers, algorithm="eddsa"))) as node:
            if kid is None:
                kid = node.node.told_by_cli("signing-key", "prepare", "betaimages")["kid"]
                node.node.told_by_cli("signing-key", "activate", kid, "--force")
            drive(node, body, 2, node.key, connections=1)
            runs[workers] = [drive(node, body, bench.seconds, node.key, connections=1) for _ in range(bench.pairs)]
        bench.report.figure(section, f"{workers} of the cores", **median_of(runs[workers]))
    bench.report.figure(section, "p50 alone to p50 shared", times=median_ratio(runs[1], runs[2], "p50_us"))


def idle(bench):
    """A node that nobody calls, and one that 5,000 connections are silent to."""
    section = bench.report.section("idle", "Idle")
    with running(demo(bench, "idle")) as node:
        time.sleep(2)
        rss = node.rss_kib()
        used = node.cpu_seconds_fine()
        time.sleep(bench.idle_seconds)
        used = node.cpu_seconds_fine() - used
        bench.report.mark(section, "RSS, MB", rss * 1024 / 1e6, 25)
        bench.report.mark(section, "CPU ms a minute", used * 60e3 / bench.idle_seconds, 50)
        count = 5_000
        bench.report.mark(section, "KiB a silent connection", (rss_with(node, count) - rss) / count, 16)


def rss_with(node, count):
    """RSS while `count` connections are open, each silent after one answer; 500 from each of several loopback addresses."""
    if measure.raise_file_limit() < count + 100:
        raise RuntimeError("the limit of open files is too low")
    request = b"GET /nowhere HTTP/1.1\r\nHost: localhost\r\n\r\n"
    clients = []
    try:
        for i in range(count):
            client = socket.create_connection(
                ("127.0.0.1", node.port), timeout=10, source_address=(f"127.0.0.{2 + i // 500}", 0))
            clients.append(client)
            client.sendall(request)
            if not client.recv(4_096).startswith(b"HTTP/1.1 404"):
                raise RuntimeError("an idle connection was refused")
        return node.rss_kib()
    finally:
        for client in clients:
            client.close()


def tail(bench):
    """p99 at half of our own best rate, beside nginx's at the same rate; an open-loop generator.

    First with the server on one core and the generator on the other: what is told is the server's own. Then with all on both
    cores, where whoever takes more of them waits longer for the generator's to be free. Beside both, as a limit, a bare epoll
    loop that spends as much CPU on a request as the node does.
    """
    half = "Tail at half of our best rate, latency counted from when a request was due"
    with running(demo(bench, "tail")) as made:
        tail_of(bench, made, f"{half}; server and generator share the cores", "shared", bench.best_rate)
    served = serve(made.node, bench.folder / "tail-apart", workers=1, prefix=on_core(0))
    with running(Node(served)) as node:
        tail_of(bench, node, f"{half}; the server on one core, the generator on the other", "apart", {}, on_core(0), on_core(1))


def tail_of(bench, node, title, name, best_rate, servers=(), clients=()):
    section = bench.report.section(f"tail-{name}", title)
    threads = 1 if servers else 2
    for count in SPEED_MARKS:
        body = mint_body(count)
        length = len(node.post(body))
        if count not in best_rate:
            best_rate[count] = drive(node, body_file(bench, count), bench.seconds, node.key, prefix=clients)["rps"]
        rate = best_rate[count] / 2
        request = bench.folder / f"request-{name}-{count}"
        request.write_bytes(request_of(node.key, body))

        def at_that_rate(server):
            before = server.cpu_seconds()
            told = Load(server, request, rate, bench.seconds, prefix=clients).told()
            return {**told, "cpu_us": 1e6 * (server.cpu_seconds() - before) / told["sent"]}

        with running(Bare(length, 0, servers, threads)) as bare:
            at_that_rate(bare), at_that_rate(node)  # warm
            busy_us = max(0, statistics.median(at_that_rate(node)["cpu_us"] - at_that_rate(bare)["cpu_us"] for _ in range(3)))
        with (running(Nginx(bench.folder / f"nginx-{name}-{count}", length, servers, workers=threads)) as nginx,
              running(Bare(length, busy_us, servers, threads)) as bare):
            bares = []
            ours, theirs = by_turns(bench, at_that_rate, node, nginx, lambda: bares.append(at_that_rate(bare)))
        errors = sum(run["errors"] for run in ours)
        bench.report.figure(section, f"{count:,} paths: nginx", rate=rate, **median_of(theirs))
        bench.report.figure(section, f"{count:,} paths: bare, our CPU", rate=rate, **median_of(bares))
        bench.report.figure(section, f"{count:,} paths: filemint", rate=rate, **median_of(ours))
        bench.report.mark(section, f"{count:,} paths: p99 to nginx's", median_ratio(ours, theirs, "p99_us"), 2.0)
        bench.report.figure(section, f"{count:,} paths: p99 to the bare one's", times=median_ratio(ours, bares, "p99_us"))
        bench.report.figure(section, f"{count:,} paths: the bare one's to nginx's", times=median_ratio(bares, theirs, "p99_us"))
        if errors:
            bench.report.figure(section, f"{count:,} paths: errors", **errors_of(ours))
        bench.report.mark(section, f"{count:,} paths: errors", errors, 0)


def cluster(bench):
    """One of three nodes under load, all of it leased, by turns with a node by itself; who owns the window depends."""
    section = bench.report.section("cluster", "A node of three beside a node by itself, 2 paths, 64 connections")
    body = body_file(bench, 2)
    with nodes_of_a_cluster(bench.folder, 3) as (nodes, alone):
        for number, node in enumerate(nodes, 1):
            single, shared = by_turns(bench, lambda server: drive(server, body, bench.seconds, server.key), alone, node)
            bench.report.figure(section, f"node {number}: by itself", **median_of(single))
            bench.report.figure(section, f"node {number}: of three", **median_of(shared))
            bench.report.mark(section, f"node {number}: CPU to a node's by itself", median_ratio(shared, single, "cpu_us"), 1.1)


def micro(bench):
    """Google Benchmark's, one line each."""
    section = bench.report.section("micro", "Parts by themselves")
    done = subprocess.run(
        [measure.BUILD / "bench/bench_micro", "--benchmark_format=json", f"--benchmark_min_time={bench.micro_seconds}"],
        check=True, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    for one in json.loads(done.stdout)["benchmarks"]:
        more = {name: float(one[name]) for name in ("items_per_second", "bytes_per_second") if name in one}
        bench.report.figure(section, one["name"], **{one["time_unit"]: float(one["cpu_time"])}, **more)


SECTIONS = {run.__name__: run for run in (speed, verify, keys, spill, idle, tail, cluster, presign, micro)}
