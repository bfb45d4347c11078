"""What a benchmark is made of: a server under measure (nginx or a node), a driver, and figures from /proc."""

import contextlib
import json
import os
import pathlib
import re
import resource
import signal
import socket
import subprocess
import urllib.parse

from filemint_node import BINARY, eventually, free_port

HERE = pathlib.Path(__file__).resolve().parent
BUILD = BINARY.parent


def mint_body(count, source="betaimages"):
    paths = [f"uploads/co_xyz/file_abc123{i:06}/context.pdf" for i in range(1, count + 1)]
    return json.dumps({"filePaths": paths, "source": source}, separators=(",", ":")).encode()


def answers(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Server:
    """A process with its children: CPU and memory are summed over them."""

    def __init__(self, process):
        self.process = process

    def pids(self):
        found = [self.process.pid]
        for pid in found:
            for children in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
                found += map(int, children.read_text().split())
        return found

    def cpu_seconds(self):
        ticks = 0
        for pid in self.pids():
            fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])  # utime, stime
        return ticks / os.sysconf("SC_CLK_TCK")

    def cpu_seconds_fine(self):
        """By the scheduler's nanoseconds, for spans in which a tick of 10 ms is much. Threads that ended are missing."""
        files = [file for pid in self.pids() for file in pathlib.Path(f"/proc/{pid}/task").glob("*/schedstat")]
        return sum(int(file.read_text().split()[0]) for file in files) / 1e9

    def rss_kib(self):
        texts = [pathlib.Path(f"/proc/{pid}/status").read_text() for pid in self.pids()]
        return sum(int(re.search(r"VmRSS:\s+(\d+)", text)[1]) for text in texts)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Nginx(Server):
    """Debian's nginx, by default with two workers, answering every POST with `length` fixed bytes from memory.

    The bytes stand in a variable, since a parameter holds 4 kB at most. Read from a file they cost nginx more; by sendfile,
    which no server that makes its answer can use, less CPU at 400 kB and as many requests a second.
    """

    def __init__(self, folder, length, prefix=(), workers=2):
        folder = pathlib.Path(folder)
        folder.mkdir(exist_ok=True)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        piece = 3_000
        body = "${piece}" * (length // piece) + "x" * (length % piece)
        (folder / "nginx.conf").write_text(f"""
            {"user root;" if os.geteuid() == 0 else ""}
            daemon off; worker_processes {workers}; pid {folder}/pid; error_log {folder}/error.log;
            worker_rlimit_nofile 16384;
            events {{ worker_connections 8000; }}
            http {{
              access_log off; keepalive_requests 1000000000;
              client_max_body_size 8m; client_body_buffer_size 128k;
              client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
              uwsgi_temp_path {folder}; scgi_temp_path {folder};
              server {{
                listen 127.0.0.1:{self.port} reuseport; default_type application/json;
                set $piece "{"x" * piece}";
                return 200 "{body}";
              }}
            }}""")
        super().__init__(subprocess.Popen(
            [*prefix, "nginx", "-e", str(folder / "error.log"), "-p", str(folder), "-c", str(folder / "nginx.conf")],
            stdin=subprocess.DEVNULL))
        eventually(lambda: answers(self.port), "nginx answers")


class Bare(Server):
    """bench_bare: an epoll loop a thread that spends `busy_us` of CPU on each request and sends a fixed answer."""

    def __init__(self, length, busy_us, prefix=(), threads=2):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        super().__init__(subprocess.Popen(
            [*prefix, BUILD / "bench/bench_bare", "--port", str(self.port), "--length", str(length), "--busy-us", str(busy_us),
             "--threads", str(threads)], stdin=subprocess.DEVNULL))
        eventually(lambda: answers(self.port), "the bare server answers")


class Node(Server):
    """A node of filemint_node's, under measure."""

    def __init__(self, node):
        super().__init__(node.process)
        self.node = node
        self.url, self.key = node.url, node.key
        self.port = urllib.parse.urlsplit(self.url).port

    def stop(self):
        self.node.stop()

    def forget_log(self):
        os.truncate(self.node.output, 0)

    def post(self, body):
        answer = self.node.mint(body)
        if answer.status != 200:
            raise RuntimeError(f"the node does not mint: {answer}")
        return answer.body


def on_core(core):
    """What a command begins with to run there."""
    return ["taskset", "-c", str(core)]


@contextlib.contextmanager
def running(server):
    try:
        yield server
    finally:
        server.stop()


def drive(server, body_file, seconds, key="none", keys_file=None, connections=64, refused=False, prefix=(), verify=None):
    """wrk against a server: req/s, p50 and p99 in µs, the server's CPU µs a request and its RSS. `refused`: by each answer;
    `verify`: a target that /verify is asked about, in place of minting."""
    env = dict(os.environ, VERIFY_TARGET=verify) if verify else dict(os.environ, MINT_BODY=str(body_file), MINT_KEY=key)
    if keys_file:
        env["MINT_KEYS"] = str(keys_file)
    before = server.cpu_seconds()
    done = subprocess.run(
        [*prefix, "wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", HERE / "mint.lua", server.url],
        env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=seconds + 60)
    used = server.cpu_seconds() - before
    if done.returncode != 0:
        raise RuntimeError(f"wrk: {done.stderr or done.stdout}")
    told = json.loads(done.stdout.strip().splitlines()[-1])
    if told["errors"] or not told["requests"] or told["refused"] != (told["requests"] if refused else 0):
        raise RuntimeError(f"{server.url}: {told['errors']} errors, {told['refused']} refused in {told['requests']} requests")
    return {
        "rps": told["requests"] / told["seconds"], "p50_us": told["p50_us"], "p99_us": told["p99_us"],
        "cpu_us": used * 1e6 / told["requests"], "rss_kib": server.rss_kib()}


def request_of(key, body):
    return (b"POST /api/v1/file-access HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n"
            b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % (key.encode(), len(body)) + body)


class Load:
    """The open-loop generator against a server at a fixed rate."""

    def __init__(self, server, request_file, rate, seconds, connections=64, prefix=()):
        self.seconds = seconds
        self.process = subprocess.Popen(
            [*prefix, BUILD / "bench/bench_load", "--port", str(server.port), "--rate", str(int(rate)), "--seconds", str(seconds),
             "--connections", str(connections), "--request", request_file],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def told(self):
        try:
            output, errors = self.process.communicate(timeout=self.seconds + 60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
        if self.process.returncode != 0:
            raise RuntimeError(f"bench_load: {errors}")
        return json.loads(output)


def raise_file_limit():
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard
