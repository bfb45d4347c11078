"""The demo, as a newcomer meets it."""

import contextlib
import json
import os
import pathlib
import re
import signal
import socket
import stat
import subprocess
import time

import pytest

from filemint_node import BINARY, DEADLINE_S, MINT, PDF, PPTX, Node, eventually, request_bytes, until_end


FACTS = {"url", "admin_url", "key", "config", "pid"}


def run_once(folder, *options):
    return subprocess.run(
        [BINARY, "demo", "--once", "--port", "0", "--admin-port", "0", "--data", folder, *options],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=DEADLINE_S)


def one_line(done):
    """What a command that fails says on stderr."""
    assert len(done.stderr.splitlines()) == 1 and done.stderr.startswith("filemint: "), done
    return done.stderr


def test_once_mints_downloads_and_ends(tmp_path):
    done = run_once(tmp_path / "data")
    assert done.returncode == 0, done
    answer = next(json.loads(line) for line in done.stdout.splitlines() if "access_tokens" in line)
    assert answer["success"] is True
    assert list(answer["data"]["access_tokens"]) == [PDF, PPTX]
    assert done.stdout.count(PDF) >= 2 and done.stdout.count(PPTX) >= 2, "it says what it downloaded"


def test_once_writes_its_json_too(tmp_path):
    done = run_once(tmp_path / "data", "--json", tmp_path / "demo.json")
    assert done.returncode == 0, done
    told = json.loads((tmp_path / "demo.json").read_text())
    assert set(told) == FACTS and told["key"] in done.stdout.splitlines()
    nowhere = run_once(tmp_path / "data", "--json", tmp_path / "none/demo.json")
    assert nowhere.returncode == 1 and one_line(nowhere).endswith("none/demo.json\n")


def test_once_fails_where_a_port_is_taken(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = subprocess.run(
            [BINARY, "demo", "--once", "--port", str(port), "--data", tmp_path / "data"],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=DEADLINE_S)
    assert done.returncode != 0
    assert str(port) in one_line(done) and "in use" in done.stderr.lower()


def a_folder_in_a_files_place(node):
    file = node.folder / "data/files/magikarp" / PDF
    file.unlink()
    file.mkdir()


def a_suspended_company(node):
    assert node.cli("company", "suspend", "co_xyz").returncode == 0


def a_revoked_file(node):
    """Its tokens of the next half minute are refused too, so they are minted and open nothing."""
    assert node.cli("token", "revoke", "--source", "magikarp", "--path", PDF).returncode == 0


@pytest.mark.parametrize("fault, told", [
    (a_folder_in_a_files_place, PDF),
    (a_suspended_company, "did not mint"),
    (a_revoked_file, "the download was answered 401"),
])
def test_once_fails_where_a_part_of_it_does(fresh_node, fault, told):
    fresh_node.stop()
    fault(fresh_node)
    done = run_once(fresh_node.folder / "data")
    assert done.returncode == 1 and told in one_line(done)
    assert "Listening on" not in done.stdout


def test_json_names_a_node_that_answers(fresh_node):
    told = json.loads((fresh_node.folder / "ready.json").read_text())
    assert set(told) == FACTS
    assert re.fullmatch(r"fm_[A-Za-z0-9]+_[A-Za-z0-9]{43}_[A-Za-z0-9]+", told["key"])
    assert fresh_node.mint({"filePaths": [PDF]}).status == 200
    assert fresh_node.admin("/livez").status == 200
    assert fresh_node.told_by_cli("company", "list")


def test_prints_the_key_a_curl_line_and_download_urls(fresh_node):
    printed = eventually(
        lambda: fresh_node.output.read_text() if "curl" in fresh_node.output.read_text() else None, "the curl line")
    assert fresh_node.key in [line.strip() for line in printed.splitlines()], "the key has a line of its own"
    assert f"{fresh_node.url}/api/v1/file-access" in printed
    assert f"/files/magikarp/{PDF}" in printed


def test_the_printed_curl_line_works(fresh_node):
    printed = eventually(
        lambda: fresh_node.output.read_text() if "curl" in fresh_node.output.read_text() else None, "the curl line")
    lines = printed[printed.index("curl "):].splitlines()
    command = []
    for line in lines:
        command.append(line)
        if not line.rstrip().endswith("\\"):
            break
    done = subprocess.run(
        ["bash", "-c", "\n".join(command)], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=DEADLINE_S)
    assert json.loads(done.stdout)["data"]["access_tokens"], done


def test_two_demos_do_not_collide(tmp_path):
    nodes = [Node(tmp_path / name) for name in ("one", "two")]
    try:
        assert nodes[0].url != nodes[1].url
        assert nodes[0].admin_url != nodes[1].admin_url
        token = nodes[0].token()
        assert nodes[0].download(PDF, token).status == 200
        assert nodes[1].download(PDF, token).code == "INVALID_ACCESS_TOKEN", "each has keys of its own"
        assert nodes[1].mint({"filePaths": [PDF]}, key=nodes[0].key).code == "INVALID_API_KEY"
    finally:
        for node in nodes:
            node.stop()


class Newcomer:
    """A demo that is given a port and nothing else, its stdout a pipe that keeps each write apart."""

    def __init__(self):
        self.pipe, told = os.pipe2(os.O_DIRECT)
        self.process = subprocess.Popen([BINARY, "demo", "--port", "0"], stdin=subprocess.DEVNULL, stdout=told)
        os.close(told)
        self.writes = []
        while not self.writes or b"Listening on" not in self.writes[-1]:
            self.writes.append(os.read(self.pipe, 4096))  # no write is longer
            assert self.writes[-1], "it ended"
        self.folder = pathlib.Path(re.search(rb"^Data in (.+)$", b"".join(self.writes), re.MULTILINE)[1].decode())

    def end(self):
        self.process.send_signal(signal.SIGINT)
        code = self.process.wait(timeout=DEADLINE_S)
        os.close(self.pipe)
        return code


@pytest.fixture
def newcomers():
    """Two of them."""
    with contextlib.ExitStack() as started:
        demos = []
        for _ in range(2):
            demos.append(Newcomer())
            started.callback(demos[-1].process.kill)
        yield demos


def test_two_demos_have_a_folder_each_that_goes_with_them(newcomers):
    folders = [demo.folder for demo in newcomers]
    assert folders[0] != folders[1]
    for folder in folders:
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700 and (folder / "filemint.db").exists()
    assert [demo.end() for demo in newcomers] == [0, 0]
    assert not any(folder.exists() for folder in folders)


def test_the_key_is_out_before_the_port_is_announced(newcomers):
    for demo in newcomers:
        assert demo.end() == 0
        with_key = [i for i, text in enumerate(demo.writes) if re.search(rb"^fm_\w+$", text, re.MULTILINE)]
        assert with_key == [0] and len(demo.writes) == 2, demo.writes


@contextlib.contextmanager
def nothing_asked(node):
    with node.connect() as client:
        assert client.ask("GET", "/nowhere").status == 404
        yield
        assert client.is_closed()


@contextlib.contextmanager
def half_a_head(node):
    with node.connect() as client:
        client.send(b"POST /api/v1/file-access HTTP/1.1\r\nHost: a\r\n")
        yield
        assert client.is_closed(), "half a head has no answer"


@contextlib.contextmanager
def an_admitted_call_without_its_body(node):
    with node.connect() as client:
        client.send(request_bytes("POST", MINT, [*node.bearer(), ("Expect", "100-continue"), ("Content-Length", "1000")]))
        while b"100 Continue" not in client.buffer:
            client.more()
        yield
        assert client.reply().code == "SERVICE_UNAVAILABLE" and client.is_closed()


@contextlib.contextmanager
def a_download_that_nobody_reads(node):
    path, size = "uploads/co_xyz/large.bin", 64 * 1024 * 1024  # more than the system's buffers hold
    with open(node.folder / "data/files/magikarp" / path, "wb") as large:
        large.truncate(size)
    with node.connect() as client:
        client.send(request_bytes("GET", f"/files/magikarp/{path}?token={node.token(path)}"))
        client.more()
        assert client.buffer.startswith(b"HTTP/1.1 200 ")
        yield
        assert len(until_end(client.socket)) < size


@pytest.mark.parametrize("client", [nothing_asked, half_a_head, an_admitted_call_without_its_body, a_download_that_nobody_reads])
def test_ctrl_c_ends_it_in_under_a_second(fresh_node, client):
    with client(fresh_node):
        began = time.monotonic()
        fresh_node.process.send_signal(signal.SIGINT)
        assert fresh_node.process.wait(timeout=DEADLINE_S) == 0
        assert time.monotonic() - began < 1


def test_the_files_are_real(node):
    for path, begins, content_type in (
            (PDF, b"%PDF-", "application/pdf"),
            (PPTX, b"PK\x03\x04", "application/vnd.openxmlformats-officedocument.presentationml.presentation")):
        answer = node.download(path, node.token(path))
        assert answer.status == 200
        assert answer.body.startswith(begins)
        assert answer["Content-Type"] == content_type


def test_both_sources_mint(node):
    paths = [PDF, "uploads/co_xyz/nobody/looked.txt"]
    assert node.mint({"filePaths": paths, "source": "betaimages"}).status == 200
    assert node.mint({"filePaths": paths, "source": "magikarp"}).code == "RESOURCE_NOT_FOUND"
