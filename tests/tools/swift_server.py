"""OpenStack Swift for tests: its four servers in a temporary folder, with what speaks as Amazon S3 does (s3api), and temporary URLs."""

import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
from node_config import free_port  # noqa: E402

KINDS = ("account", "container", "object")
KEY_ID, SECRET = "test:tester", "testing"  # of S3's requests
ACCOUNT = "AUTH_test"  # whose buckets they find
REGION = "us-east-1"
STORAGE = """[DEFAULT]
bind_ip = 127.0.0.1
bind_port = {port}
workers = 0
user = {user}
swift_dir = {folder}
devices = {folder}/devices
mount_check = false
[pipeline:main]
pipeline = {kind}-server
[app:{kind}-server]
use = egg:swift#{kind}
"""
PROXY = """[DEFAULT]
bind_ip = 127.0.0.1
bind_port = {port}
workers = 0
user = {user}
swift_dir = {folder}
[pipeline:main]
pipeline = {pipeline}
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
conn_timeout = 10
node_timeout = 30
error_suppression_limit = 1000
swift_owner_headers = none
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:{memory}
[filter:s3api]
use = egg:swift#s3api
location = {region}
[filter:tempurl]
use = egg:swift#tempurl
allowed_digests = sha256 sha512
[filter:tempauth]
use = egg:swift#tempauth
user_test_tester = {secret} .admin
"""
CLIENTS = "catch_errors cache s3api tempurl tempauth proxy-server"
KEEPER = "catch_errors cache proxy-server"  # asks nobody who they are


class Swift:
    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="filemint_swift_"))  # a disk's: extended attributes are kept there
        self.servers = []
        self.url = self.keeper_url = ""

    def start(self, deadline=60, keeper=False):
        user = subprocess.run(["id", "-un"], capture_output=True, text=True, check=True).stdout.strip()
        (self.folder / "devices/d1").mkdir(parents=True)
        awaited = []
        for kind in KINDS:
            terms = {"port": free_port(), "user": user, "folder": self.folder, "kind": kind}
            self.make_ring(kind, terms["port"])
            self.serve(kind, STORAGE.format(**terms))
            awaited.append(f"http://127.0.0.1:{terms['port']}/recon/version")
        self.memory = free_port()  # of what is known of accounts and containers
        self.run("memory", ["memcached", "-l", "127.0.0.1", "-p", str(self.memory), "-u", user])
        self.url, self.keeper_url = self.proxy("clients", CLIENTS, user), self.proxy("keeper", KEEPER, user) if keeper else ""
        awaited += filter(None, (self.url, self.keeper_url))
        end = time.monotonic() + deadline
        while not all(self.answers(url) for url in awaited):
            if time.monotonic() > end or any(server.poll() is not None for server in self.servers):
                raise RuntimeError("swift does not start:\n" + self.log()[-4_000:])
            time.sleep(0.1)
        return self

    def proxy(self, name, pipeline, user):
        port = free_port()
        self.serve("proxy", PROXY.format(
            port=port, user=user, folder=self.folder, memory=self.memory, pipeline=pipeline, region=REGION, secret=SECRET), name)
        return f"http://127.0.0.1:{port}"

    def keep(self, path, body=b"", method="PUT", **meta):
        """An object, a container or, by POST, an account below /v1/, with metadata; of a server that was started with a keeper."""
        headers = {f"X-{name.replace('_', '-')}": value for name, value in meta.items()}
        url = f"{self.keeper_url}/v1/{urllib.parse.quote(path)}"
        with urllib.request.urlopen(urllib.request.Request(url, body, headers, method=method), timeout=30) as answer:
            answer.read()

    def make_ring(self, kind, port):
        for words in (["create", "4", "1", "1"], ["add", f"r1z1-127.0.0.1:{port}/d1", "1"], ["rebalance"]):
            done = subprocess.run(["swift-ring-builder", self.folder / f"{kind}.builder", *words], capture_output=True, text=True, check=False)
            if done.returncode > 1:  # 1: a warning
                raise RuntimeError(done.stdout + done.stderr)

    def serve(self, kind, config, name=None):
        file = self.folder / f"{name or kind}.conf"
        file.write_text(config)
        self.run(file.stem, [f"swift-{kind}-server", file, "-v"])

    def run(self, name, command):
        with open(self.folder / f"{name}.log", "ab") as log:
            self.servers.append(subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                                                 env=dict(os.environ, PYTHONUNBUFFERED="1")))

    def answers(self, url):
        try:
            urllib.request.urlopen(url, timeout=5)
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False
        return True

    def log(self):
        return "\n".join(f"{file.name}: {file.read_text(errors='replace')}" for file in sorted(self.folder.glob("*.log")))

    def stop(self):
        for server in self.servers:
            if server.poll() is None:
                os.killpg(server.pid, signal.SIGTERM)
        for server in self.servers:
            try:
                server.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(server.pid, signal.SIGKILL)
                server.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
