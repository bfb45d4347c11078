"""Azurite for tests: Microsoft's emulator of Azure Blob Storage, which keeps its blobs in memory."""

import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
from node_config import free_port  # noqa: E402

PROGRAM = pathlib.Path(__file__).resolve().parents[1] / "peers/node_modules/azurite/dist/src/blob/main.js"


class Azurite:
    def __init__(self, account, key):
        self.accounts = f"{account}:{key}"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.output = tempfile.TemporaryFile()
        self.server = None

    def start(self, deadline=30):
        words = ["node", PROGRAM, "--blobHost", "127.0.0.1", "--blobPort", str(self.port), "--silent", "--inMemoryPersistence"]
        self.server = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=self.output, stderr=self.output, start_new_session=True,
                                       env=dict(os.environ, AZURITE_ACCOUNTS=self.accounts))
        end = time.monotonic() + deadline
        while not self.answers():
            if time.monotonic() > end or self.server.poll() is not None:
                raise RuntimeError("azurite does not start:\n" + self.log())
            time.sleep(0.1)
        return self

    def answers(self):
        try:
            urllib.request.urlopen(self.url, timeout=5)
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False
        return True

    def log(self):
        self.output.seek(0)
        return self.output.read()[-4_000:].decode(errors="replace")

    def stop(self):
        if self.server is None:
            return
        if self.server.poll() is None:
            os.killpg(self.server.pid, signal.SIGTERM)
        try:
            self.server.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(self.server.pid, signal.SIGKILL)
            self.server.wait()
        self.output.close()
