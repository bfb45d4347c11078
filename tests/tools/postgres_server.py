"""A PostgreSQL server for tests: in a temporary folder, on a free port of 127.0.0.1 and a unix socket, gone when it is not
needed any more, however those who needed it have ended.

    postgres_server.py run                 prints FOLDER and PORT in a line once it serves; ends when its input does
    postgres_server.py start FILE          goes into the background and writes that line into FILE; ends with the process
                                           that called it
    postgres_server.py stop FILE

The superuser is `postgres`, without a password by the socket in FOLDER and with the password `secret` by TCP. Certificates:
ca.pem and, of another CA, other_ca.pem; the server's is for `localhost`."""

import ctypes
import os
import pathlib
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
from node_config import free_port  # noqa: E402

SETTINGS = {
    # A test's data need not outlive the machine.
    "fsync": "off",
    "full_page_writes": "off",
    "shared_buffers": "32MB",
    "max_connections": "200",
    "max_wal_senders": "0",
    "wal_level": "minimal",
    "autovacuum": "off",
    "ssl": "on",
    "ssl_cert_file": "server.pem",
    "ssl_key_file": "server.key",
    "log_min_messages": "fatal",
}
HBA = """local all all trust
hostssl all all {clients} scram-sha-256
hostnossl all all {clients} scram-sha-256
"""
KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256")  # with Ed25519 libpq 15 can't bind SCRAM to the channel
PR_SET_PDEATHSIG = 1
MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else tempfile.gettempdir()
PREFIX = "filemint_pg_"  # of a server's folder; the id of its process follows


def binaries():
    found = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda p: int(p.parts[-3]))
    if not found:
        sys.exit("postgres_server.py: no PostgreSQL server is installed (./dev setup test)")
    return found[-1].parent


def account():
    """The server refuses to run as root."""
    return {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}


def make_certificates(folder):
    def openssl(*words):
        subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True, **account())

    for name in ("ca", "other_ca"):
        openssl("req", "-x509", *KEY, "-nodes", "-keyout", f"{name}.key", "-out", f"{name}.pem", "-days", "2",
                "-subj", f"/CN={name}")
    openssl("req", *KEY, "-nodes", "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=localhost")
    (folder / "server.ext").write_text("subjectAltName=DNS:localhost\n")
    openssl("x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
            "-extfile", "server.ext", "-out", "server.pem")


class Server:
    """`address`: where it listens; `clients`: the network that may come by TCP."""

    def __init__(self, address="127.0.0.1", clients="127.0.0.1/32"):
        self.address, self.clients = address, clients
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}_", dir=MEMORY))
        self.folder.chmod(0o755)
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres", "postgres")
        self.process = None
        self.port = 0

    @property
    def data(self):
        return self.folder / "data"

    def make(self):
        (self.folder / "password").write_text("secret\n")
        subprocess.run([binaries() / "initdb", "-D", self.data, "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync",
                        "-A", "trust", "--pwfile", self.folder / "password"], check=True, stdout=subprocess.DEVNULL, cwd="/", **account())
        make_certificates(self.folder)
        for name in ("server.pem", "server.key"):
            (self.folder / name).rename(self.data / name)
        (self.data / "pg_hba.conf").write_text(HBA.format(clients=self.clients))

    def start(self):
        self.port = self.port or free_port()
        settings = SETTINGS | {"listen_addresses": self.address, "port": str(self.port), "unix_socket_directories": str(self.folder)}
        words = [word for key, value in settings.items() for word in ("-c", f"{key}={value}")]
        libc = ctypes.CDLL(None)
        self.process = subprocess.Popen(
            [binaries() / "postgres", "-D", self.data, *words], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=(self.folder / "log").open("ab"), cwd="/", start_new_session=True,
            preexec_fn=lambda: libc.prctl(PR_SET_PDEATHSIG, signal.SIGQUIT), **account())
        if not self.await_ready():
            sys.exit("postgres_server.py: it does not start:\n" + (self.folder / "log").read_text())

    def await_ready(self):
        for _ in range(600):
            if self.process.poll() is not None:
                return False
            asked = [binaries() / "pg_isready", "-q", "-h", self.folder, "-p", str(self.port)]
            if subprocess.run(asked, check=False).returncode == 0:
                return True
            time.sleep(0.05)
        return False

    def stop(self, sign=signal.SIGINT):
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(sign)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def remove(self):
        self.stop(signal.SIGQUIT)
        shutil.rmtree(self.folder, ignore_errors=True)

    def line(self):
        return f"{self.folder} {self.port}"


def serve_until(ends, tell):
    """Until one of the file descriptors can be read, or a signal comes."""
    wake, woken = os.pipe()
    os.set_blocking(woken, False)
    signal.set_wakeup_fd(woken)
    for each in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(each, lambda *_: None)
    server = Server()
    try:
        server.make()
        server.start()
        tell(server.line())
        select.select([*ends, wake], [], [])
    finally:
        server.remove()


def tell_in(file):
    def tell(line):
        temporary = file.with_suffix(".new")
        temporary.write_text(f"{line} {os.getpid()}\n")
        temporary.rename(file)

    return tell


def start(file):
    """Under ctest the caller is ctest itself: its end is the end of the run."""
    file.unlink(missing_ok=True)
    caller = os.pidfd_open(os.getppid())
    if os.fork() == 0:
        os.setsid()
        null = os.open(os.devnull, os.O_RDWR)
        for fd in (0, 1, 2):
            os.dup2(null, fd)
        serve_until([caller], tell_in(file))
        os._exit(0)
    for _ in range(1200):
        if file.exists():
            return
        time.sleep(0.05)
    sys.exit("postgres_server.py: it does not start")


def stop(file):
    pid = int(file.read_text().split()[2])
    file.unlink()
    try:
        ended = os.pidfd_open(pid)
        os.kill(pid, signal.SIGTERM)
    except ProcessLookupError:
        return
    select.select([ended], [], [], 30)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["run"]:
            serve_until([0], lambda line: print(line, flush=True))
        case ["start", name]:
            start(pathlib.Path(name))
        case ["stop", name]:
            stop(pathlib.Path(name))
        case _:
            sys.exit(__doc__)
