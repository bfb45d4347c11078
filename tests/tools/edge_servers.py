"""The servers of deploy/edge/ for tests: the shipped configurations, their places replaced, on free ports of loopback."""

import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/e2e"))
from node_config import free_port  # noqa: E402

EDGE = ROOT / "deploy/edge"
ORIGIN = "https://app.example"
NGINX = """{modules}
daemon off;
worker_processes 2;
pid {folder}/nginx.pid;
error_log {folder}/error.log info;
events {{ worker_connections 512; }}
http {{
  include /etc/nginx/mime.types;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  include {file};
}}
"""
PLAIN = """access_log off;
server {{ listen 127.0.0.1:{port}; location / {{ root {files}; }} }}
"""


def shipped(name, places):
    """A configuration of deploy/edge/ with its places replaced; each stands there."""
    text = (EDGE / name).read_text()
    for written, ours in places.items():
        assert written in text, f"{name} has no {written}"
        text = text.replace(written, str(ours))
    return text


class Server:
    """A server in a folder of its own, until it is stopped. `files` of the source lie in files/parcels/."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="filemint_edge_"))
        self.folder.chmod(0o755)
        self.files = self.folder / "files"
        (self.files / "parcels").mkdir(parents=True)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.started = []

    def keep(self, path):
        """A file of the source that holds its own name."""
        file = self.files / "parcels" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(path)

    def run(self, *command, port=None):
        with open(self.folder / "told", "ab") as told:
            self.started.append(subprocess.Popen(
                [str(word) for word in command], stdin=subprocess.DEVNULL, stdout=told, stderr=told, cwd=self.folder))
        end = time.monotonic() + 30
        while not accepts(port or self.port):
            if self.started[-1].poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"{command[0]} does not start:\n{self.told()}")
            time.sleep(0.01)

    def run_nginx(self, name, text, modules=(), port=None):
        """`text` is what its http block includes."""
        (self.folder / f"{name}.conf").write_text(text)
        main = self.folder / f"{name}_main.conf"
        main.write_text(NGINX.format(modules="\n".join(f"load_module {module};" for module in modules), folder=self.folder,
                                     file=self.folder / f"{name}.conf"))
        self.run("nginx", "-p", self.folder, "-c", main, port=port)

    def serve_files(self):
        """Another server, which asks nobody anything; its port."""
        port = free_port()
        self.run_nginx("plain", PLAIN.format(port=port, files=self.files), port=port)
        return port

    def told(self):
        return "\n".join(file.read_text(errors="replace")[-4_000:] for file in sorted(self.folder.glob("*"))
                         if file.name in ("told", "error.log", "access.log"))

    def stop(self):
        for process in self.started:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in self.started:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def accepts(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except OSError:
        return False
    return True
