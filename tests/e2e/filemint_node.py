"""A filemint process under test, and the HTTP that tests speak to it.

FILEMINT_BUILD names the build directory whose binary is tried; build/release when it is not set.
"""

import json
import os
import pathlib
import signal
import socket
import subprocess
import time
import urllib.parse

import node_config
import openapi_document
from node_config import free_port  # noqa: F401, for those that have it from here

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = pathlib.Path(os.environ.get("FILEMINT_BUILD", ROOT / "build/release")) / "filemint"
DEADLINE_S = 30  # for anything that should take a moment
IN_FORCE_S = 1.0  # what the CLI changes is in force that soon after it has returned (the contract's)

PDF = "uploads/co_xyz/file_abc123/context.pdf"
PPTX = "uploads/co_xyz/file_def456/notes.pptx"
MINT = "/api/v1/file-access"


def eventually(happened, what, deadline=DEADLINE_S):
    """The first true value of happened(), which is asked again and again until the deadline."""
    end = time.monotonic() + deadline
    while True:
        value = happened()
        if value:
            return value
        assert time.monotonic() < end, f"not within {deadline} s: {what}"
        time.sleep(0.01)


class Reply:
    def __init__(self, head, body):
        lines = head.decode("latin-1").split("\r\n")
        self.version, status, _ = lines[0].split(" ", 2)
        self.status = int(status)
        self.fields = [(name.lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines[1:])]
        self.body = body

    def __getitem__(self, name):
        """The field's value, None without it; a field stands once."""
        values = [value for field, value in self.fields if field == name.lower()]
        assert len(values) <= 1, f"{name} stands {len(values)} times"
        return values[0] if values else None

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def data(self):
        assert self.status == 200, self
        assert self.json["success"] is True
        return self.json["data"]

    @property
    def code(self):
        return self.json["error"]["code"]

    @property
    def code_or_none(self):
        return None if self.status < 400 else self.code

    @property
    def details(self):
        return self.json["error"]["details"]

    def __repr__(self):
        return f"{self.status} {self.fields} {self.body[:600]!r}"


def connected(url, timeout=DEADLINE_S):
    """A socket; unix:PATH is a url too."""
    if url.startswith("unix:"):
        made = socket.socket(socket.AF_UNIX)
        made.settimeout(timeout)
        made.connect(url.removeprefix("unix:"))
        return made
    address = urllib.parse.urlsplit(url)
    made = socket.create_connection((address.hostname, address.port), timeout=timeout)
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return made


def until_end(client):
    """What comes on a socket until its peer ends it."""
    received = b""
    try:
        while more := client.recv(65_536):
            received += more
    except ConnectionResetError:
        pass
    return received


class Connection:
    """One connection, for requests that no HTTP library would send. `tls` is an SSLContext. Answers of the public port are
    held to api/openapi.yaml."""

    def __init__(self, url, timeout=DEADLINE_S, documented=True, tls=None, session=None):
        self.documented = documented
        self.socket = connected(url, timeout)
        if url.startswith("https:"):
            try:
                self.socket = tls.wrap_socket(self.socket, server_hostname="localhost", session=session)
            except OSError:
                self.socket.close()
                raise
        self.buffer = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, raw):
        self.socket.sendall(raw)

    def ask(self, method, target, headers=(), body=None):
        self.send(request_bytes(method, target, headers, body))
        answer = self.next_answer(method)
        if self.documented:
            openapi_document.check(method, target, answer)
        return answer

    def reply(self, method=""):
        """The next answer to what was sent; an interim 100 is skipped."""
        answer = self.next_answer(method)
        if self.documented:
            openapi_document.check_answer(answer, method)
        return answer

    def next_answer(self, method):
        while True:
            while b"\r\n\r\n" not in self.buffer:
                self.more()
            head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
            answer = Reply(head, b"")
            if answer.status != 100:
                break
        length = 0 if method == "HEAD" or answer.status in (204, 304) else int(answer["Content-Length"])
        while len(self.buffer) < length:
            self.more()
        answer.body, self.buffer = self.buffer[:length], self.buffer[length:]
        return answer

    def more(self):
        received = self.socket.recv(65_536)
        if not received:
            raise ConnectionResetError("the connection ended before the answer did")
        self.buffer += received

    def is_closed(self):
        """Waits for the peer to end the connection."""
        try:
            return self.buffer == b"" and self.socket.recv(1) == b""
        except ConnectionResetError:
            return True


def request_bytes(method, target, headers=(), body=None):
    lines = [f"{method} {target} HTTP/1.1"]
    fields = list(headers.items() if isinstance(headers, dict) else headers)
    names = {name.lower() for name, _ in fields}
    if "host" not in names:
        fields.append(("Host", "localhost"))
    if body is not None and not names & {"content-length", "transfer-encoding"}:
        fields.append(("Content-Length", str(len(body))))
    lines += [f"{name}: {value}" for name, value in fields]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + (body or b"")


class Node:
    """`filemint demo` on a data directory; with a configuration `filemint serve`. `tls`: by which it is spoken to."""

    def __init__(self, folder, *options, config=None, env=None, tls=None, prefix=()):
        self.tls, self.prefix = tls, prefix
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.output = self.folder / "output"
        self.env = dict(os.environ, **(env or {}))
        ready = self.folder / "ready.json"
        ready.unlink(missing_ok=True)
        if config:
            command = ["serve", "--config", config, *options]
        else:
            command = ["demo", "--port", "0", "--admin-port", "0", "--data", self.folder / "data", "--json", ready, *options]
        with open(self.output, "ab") as output:
            self.process = subprocess.Popen(
                [*prefix, BINARY, *command], stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, env=self.env)
        try:
            if config:
                self.config = pathlib.Path(config)
                self.url, self.admin_url = node_config.urls(self.config.read_text())
                eventually(lambda: self.alive() and self.is_ready(), f"the node is ready: {self.told()}")
            else:
                eventually(lambda: self.alive() and ready.exists(), f"{ready} is written")
                told = json.loads(ready.read_text())
                self.url, self.admin_url, self.key = told["url"], told["admin_url"], told["key"]
                self.config = pathlib.Path(told["config"])
                assert told["pid"] == self.process.pid
        except BaseException:
            self.process.kill()
            self.process.wait()
            raise

    def alive(self):
        assert self.process.poll() is None, f"the node ended with {self.process.returncode}: {self.told()}"
        return True

    def told(self):
        return self.output.read_text(errors="replace")[-4_000:]

    def log(self):
        return (self.config.parent / "filemint.log").read_text()

    def log_lines(self):
        """The JSON lines of its log; the last line may be under way yet."""
        whole, _, _ = self.log().rpartition("\n")
        return [json.loads(line) for line in whole.splitlines() if line.startswith("{")]

    @property
    def port(self):
        return urllib.parse.urlsplit(self.url).port

    def is_ready(self):
        try:
            return self.admin("/readyz").status == 200
        except OSError:
            return False

    # ---- HTTP

    def connect(self):
        return Connection(self.url, tls=self.tls)

    def ask(self, method, target, headers=(), body=None):
        with self.connect() as connection:
            return connection.ask(method, target, headers, body)

    def admin(self, target, method="GET", headers=()):
        with Connection(self.admin_url, documented=False, tls=self.tls) as connection:
            return connection.ask(method, target, headers)

    def mint(self, body, key=None, route=MINT, headers=()):
        """POSTs a body: bytes as they are, anything else as JSON."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.ask("POST", route, [*self.bearer(key), ("Content-Type", "application/json"), *headers], raw)

    def bearer(self, key=None):
        return [("Authorization", f"Bearer {key or self.key}")]

    def token(self, path=PDF, key=None, **members):
        return self.mint({"filePaths": [path], **members}, key).data["access_tokens"][path]

    def download(self, path, token, headers=(), method="GET", source="magikarp"):
        target = f"/files/{source}/{urllib.parse.quote(path)}?token={token}"
        return self.ask(method, target, headers)

    # ---- CLI

    def cli(self, *arguments):
        """Runs the binary on this node's configuration, as the node itself is run."""
        env = dict(self.env, FILEMINT_CONFIG=str(self.config))
        return subprocess.run(
            [*self.prefix, BINARY, *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True, env=env, timeout=DEADLINE_S)

    def told_by_cli(self, *arguments):
        done = self.cli(*arguments, "--json")
        assert done.returncode == 0, done
        return json.loads(done.stdout) if done.stdout.strip() else None

    # ---- the end

    def stop(self, deadline=DEADLINE_S):
        """SIGTERM; a node ends with 0."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(timeout=deadline)
        except subprocess.TimeoutExpired:
            self.kill9()
            raise AssertionError(f"the node did not end within {deadline} s of SIGTERM: {self.told()}")
        assert code == 0, f"the node ended with {code}: {self.told()}"

    def kill9(self):
        self.process.kill()
        self.process.wait()


def serve(demo, folder, tls=None, prefix=(), **changes):
    """`filemint serve` on the store of a demo that has ended, on ports of its own, its configuration changed."""
    if "listeners" not in changes:
        changes = {"listen": f"127.0.0.1:{free_port()}", **changes}
    if "admin_section" not in changes:
        changes = {"admin": f"127.0.0.1:{free_port()}", **changes}
    # What a demo shortens is as `serve` has it.
    changes = {"drain_timeout": "10s", "drain_last_words": "1s", **changes}
    file = demo.config.with_name("serve.yaml")
    file.write_text(node_config.changed(demo.config.read_text(), **changes))
    node = Node(folder, config=file, tls=tls, prefix=prefix)
    node.key = demo.key
    return node
