"""The section `presign` of ./dev bench: what signs for object stores, beside the vendors' own clients."""

import importlib
import json
import os
import re
import statistics
import subprocess

import filemint_node
import measure
from filemint_node import serve
from measure import Node, drive, running
from object_keys import PREFIX

PATHS = 1_000  # a call
ENDPOINT = "https://storage.example"
MARK, AIM = 4, 6  # times as fast as the best of a kind's peers, by CPU


def node_of(kind):
    return ["node", measure.HERE / "peers/presign.mjs", kind]


def minio(bench):
    """Built from Debian's packages."""
    program = bench.folder / "presign-go"
    env = dict(os.environ, GOPATH="/usr/share/gocode", GO111MODULE="off", GOCACHE=str(bench.folder / "go"))
    subprocess.run(["go", "build", "-o", program, measure.HERE / "peers/presign.go"], env=env, check=True, stdin=subprocess.DEVNULL)
    return [program]


# A kind of source: its case of bench_micro and its peers.
KINDS = {
    "s3": ("presign_together/32", {"@aws-sdk/s3-request-presigner": lambda _: node_of("s3"), "minio-go": minio}),
    "swift": ("temp_url_together/sha256/32", {"python3-swiftclient": lambda _: ["/usr/bin/python3", measure.HERE / "peers/presign.py"]}),
    "azure": ("sas_together/32", {"@azure/storage-blob": lambda _: node_of("azure")}),
    "gcs": ("gcs_rsa_together/8", {"@google-cloud/storage": lambda _: node_of("gcs")}),
    "gcs_hmac": ("gcs_hmac_together/32", {"@google-cloud/storage": lambda _: node_of("gcs")}),  # which knows no HMAC
}
BY_RSA = {"gcs"}  # both spend their time in OpenSSL's RSA


def source_of(kind, folder):
    """As the kind's tests configure one."""
    made = importlib.import_module(f"{kind.removesuffix('_hmac')}_source")
    more = {"account": made.service_account()} if kind in BY_RSA else {}
    return made.source(folder, kind, endpoint=ENDPOINT, **more)


def presign(bench):
    """By turns: each peer for a while, our signer by itself, and a node by HTTP with one connection."""
    section = bench.report.section("presign", f"URLs of object stores, {PATHS:,} paths a call, µs a path")
    with running(node_with(bench, KINDS)) as node:
        for kind, (case, peers) in KINDS.items():
            peers = {name: command(bench) for name, command in peers.items()}
            runs = {name: [] for name in peers}
            alone, called = [], []
            for _ in range(bench.pairs):
                for name, command in peers.items():
                    runs[name].append(peer(command, bench.seconds))
                alone.append(signer(case, bench.micro_seconds))
                called.append(call(bench, node, kind))
            for name, of in [*runs.items(), ("our signer", alone), ("a node by HTTP", called)]:
                tell(bench, section, f"{kind}: {name}", of)
            for whose, of in (("our signer's", alone), ("a node's", called)):
                compare(bench, section, f"{kind}: best peer's CPU to {whose}", runs, of, marked=kind not in BY_RSA)


def tell(bench, section, what, runs):
    bench.report.figure(section, what, **{name: statistics.median(run[name] for run in runs) for name in ("wall_us", "cpu_us")})


def compare(bench, section, what, peers, ours, marked):
    """The median over turns of what the best peer's CPU is to ours."""
    ratio = statistics.median(min(runs[i]["cpu_us"] for runs in peers.values()) / of["cpu_us"] for i, of in enumerate(ours))
    if marked:
        bench.report.mark(section, what, ratio, MARK, AIM, at_least=True)
    else:
        bench.report.figure(section, what, times=ratio)


def peer(command, seconds):
    done = subprocess.run([*command, str(PATHS), str(seconds)], check=True, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=seconds + 60)
    return json.loads(done.stdout)


def micro(*arguments):
    return subprocess.run([measure.BUILD / "bench/bench_micro", *arguments], check=True, stdin=subprocess.DEVNULL, capture_output=True,
                          text=True).stdout


def signer(case, seconds):
    """A path's share of a batch."""
    told = micro("--benchmark_format=json", f"--benchmark_min_time={seconds}", f"--benchmark_filter=^{re.escape(case)}$")
    (one,) = json.loads(told)["benchmarks"]
    count = int(case.rsplit("/", 1)[1])
    return {"wall_us": one["real_time"] / 1e3 / count, "cpu_us": one["cpu_time"] / 1e3 / count}


def node_with(bench, kinds):
    """A demo's store, served with a source of each kind, called as its kind is."""
    made = filemint_node.Node(bench.folder / "presign-demo")
    made.stop()
    text = made.config.read_text()
    for kind in kinds:
        folder = bench.folder / f"presign-{kind}"
        folder.mkdir()
        text += source_of(kind, folder)
    made.config.write_text(text)
    for kind in kinds:
        made.told_by_cli("grant", "add", "co_xyz", "--source", kind, "--prefix", PREFIX.rstrip("/"))
    return Node(serve(made, bench.folder / "presign"))


def call(bench, node, kind):
    file = bench.folder / f"presign-{kind}.json"
    file.write_bytes(json.dumps({**json.loads(measure.mint_body(PATHS, kind)), "urls": True}).encode())
    run = drive(node, file, bench.seconds, node.key, connections=1)
    node.forget_log()
    return {"wall_us": run["p50_us"] / PATHS, "cpu_us": run["cpu_us"] / PATHS}
