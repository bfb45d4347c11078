"""`filemint mint` as a client: of a stand-in that answers what a test wants, and of a real node."""

import http.server
import json
import os
import pty
import subprocess
import threading

import pytest

from filemint_node import BINARY, MINT, PDF, PPTX
from test_cli import DONE, FAILED, USAGE, Shop


class StandIn:
    """A node that answers each request with what `answers` holds for its target."""

    def __init__(self):
        self.answers, self.asked = {}, []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                self.answer(json.loads(body))

            def do_GET(self):
                self.answer(None)

            def answer(self, body):
                outer.asked.append((self.command, self.path, dict(self.headers), body))
                status, answer, length = outer.answers.get(self.path, (404, b"", 0))
                self.send_response(status)
                self.send_header("Content-Length", str(length))
                self.end_headers()
                self.wfile.write(answer)
                self.close_connection = True

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()

    def tell(self, target, answer, status=200, cut=0):
        raw = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self.answers[target] = (status, raw, len(raw) + cut)

    def grant(self, files, **members):
        """Tokens and URLs for {path: bytes}."""
        urls = {path: f"{self.url}/files/{index}?token=t" for index, path in enumerate(files)}
        for path, content in files.items():
            self.tell(urls[path].removeprefix(self.url), content)
        data = {"access_tokens": {path: f"tok_{path}" for path in files}, "message": "Tokens minted.",
                "expires_at": "2026-01-01T00:05:00Z", "expires_in": 300, "source": "magikarp", "urls": urls}
        self.tell(MINT, {"success": True, "data": {**data, **members}})

    def stop(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def stand_in():
    it = StandIn()
    yield it
    it.stop()


@pytest.fixture
def shop(tmp_path, stand_in):
    shop = Shop(tmp_path)
    shop.told("company", "add", "co_xyz")
    shop.key = shop.json("key", "create", "co_xyz")["key"]
    shop.env.update(FILEMINT_API_KEY=shop.key, FILEMINT_URL=stand_in.url)
    return shop


def test_tokens_come_as_a_table_and_as_json(shop, stand_in):
    stand_in.grant({"b/x": b"", "a/y": b""})
    assert shop.told("mint", "b/x", "a/y").splitlines() == [
        "PATH  TOKEN", "b/x   tok_b/x", "a/y   tok_a/y", "on magikarp, until 2026-01-01T00:05:00Z"]
    assert shop.json("mint", "b/x", "a/y")["access_tokens"] == {"b/x": "tok_b/x", "a/y": "tok_a/y"}


def test_the_request_is_the_contracts(shop, stand_in):
    stand_in.grant({"a": b""})
    shop.told("mint", "a", "--source", "betaimages", "--expires", "60")
    shop.told("mint", "a", "--url", stand_in.url + "/")
    shop.told("mint", "a", "b", "--download", shop.folder / "d")
    shop.told("mint", "a", "--partial", "--attachment")
    assert [body for *_, body in stand_in.asked if body] == [
        {"filePaths": ["a"], "source": "betaimages", "expiresIn": 60}, {"filePaths": ["a"]}, {"filePaths": ["a", "b"], "urls": True},
        {"filePaths": ["a"], "partial": True, "download": True}]
    method, target, fields, _ = stand_in.asked[0]
    assert (method, target) == ("POST", MINT)
    assert fields["Authorization"] == f"Bearer {shop.key}" and fields["Content-Type"] == "application/json"


def test_what_was_not_minted_is_listed(shop, stand_in):
    failed = [{"code": "UNPROCESSABLE_ENTITY", "filePaths": ["/x", "/y\x1b"]}, {"code": "FORBIDDEN", "filePaths": ["c"]}]
    stand_in.grant({"a": b"A"}, failed=failed)
    assert shop.told("mint", "a", "/x", "/y\x1b", "c", "--partial").splitlines()[3:] == [
        "NOT MINTED  CODE", "/x          UNPROCESSABLE_ENTITY", "/y?         UNPROCESSABLE_ENTITY", "c           FORBIDDEN"]
    assert shop.told("mint", "a", "/x", "--partial", "--download", "d").splitlines()[:3] == ["FILE  BYTES", "d/a   1", "NOT MINTED  CODE"]
    assert shop.json("mint", "a", "/x", "--partial")["failed"] == failed


def test_the_key_comes_from_the_environment_or_a_file_alone(shop, stand_in):
    stand_in.grant({"a": b""})
    file = shop.folder / "key"
    file.write_text(shop.key + "\n")
    assert shop.run("mint", "a", "--key-file", file, FILEMINT_API_KEY="").returncode == DONE
    assert stand_in.asked[-1][2]["Authorization"] == f"Bearer {shop.key}"
    assert "FILEMINT_API_KEY" in shop.refused(USAGE, "mint", "a", FILEMINT_API_KEY="")
    for wrong in ("hush", shop.key[:-1], shop.key + "\r\nX: y"):
        told = shop.refused(USAGE, "mint", "a", FILEMINT_API_KEY=wrong)
        assert "does not hold an API key" in told and wrong not in told
    shop.refused(USAGE, "mint", "a", "--key-file", shop.folder / "none")
    assert shop.key not in shop.refused(USAGE, "mint", "a", "--key", shop.key)
    assert "--key " not in shop.told("mint", "--help")


def test_the_key_goes_to_the_node_and_never_to_a_download(shop, stand_in):
    stand_in.grant({"a": b"A"})
    shop.told("mint", "a", "--download", "d")
    assert [(method, "Authorization" in fields) for method, _, fields, _ in stand_in.asked] == [("POST", True), ("GET", False)]


def test_files_are_downloaded_beneath_the_folder(shop, stand_in):
    files = {"a/b/one.bin": os.urandom(3_000_000), "two": b"", "a/three": b"3"}
    stand_in.grant(files)
    told = shop.json("mint", *files, "--download", "d")
    assert told["files"] == [{"path": p, "file": f"d/{p}", "bytes": len(c)} for p, c in files.items()]
    assert {p: (shop.folder / "d" / p).read_bytes() for p in files} == files
    assert shop.told("mint", "two", "--download", "d").splitlines() == ["FILE   BYTES", "d/two  0"]


@pytest.mark.parametrize("path", ["../out", "/tmp/filemint-out", "../../out", "a/../../../out", "a/./b", "", "a//b"])
def test_a_path_that_leads_out_is_never_written(shop, stand_in, path):
    stand_in.grant({path: b"evil"})
    done = shop.run("mint", path, "--download", "d/e")
    assert done.returncode == FAILED and "cannot be the path of a file" in done.stderr
    assert [p for p in (shop.folder / "d").rglob("*")] == [shop.folder / "d/e"]
    assert not (shop.folder / "out").exists() and len(stand_in.asked) == 1


def test_a_file_that_was_not_asked_for_is_not_fetched(shop, stand_in):
    stand_in.grant({"a": b"A", "b": b"B"})
    shop.told("mint", "a", "--download", "d")
    assert [p.name for p in (shop.folder / "d").iterdir()] == ["a"]


def test_a_link_out_of_the_folder_is_not_followed(shop, stand_in):
    stand_in.grant({"link/f": b"evil"})
    (shop.folder / "outside").mkdir()
    (shop.folder / "d").mkdir()
    (shop.folder / "d/link").symlink_to("../outside")
    done = shop.run("mint", "link/f", "--download", "d")
    assert done.returncode == FAILED and "leads out of the folder" in done.stderr
    assert not list((shop.folder / "outside").iterdir())


def test_a_download_that_breaks_off_leaves_nothing(shop, stand_in):
    stand_in.grant({"a": b"A" * 100_000})
    stand_in.tell("/files/0?token=t", b"A" * 100_000, cut=1)
    done = shop.run("mint", "a", "--download", "d")
    assert done.returncode == FAILED and "broken answer" in done.stderr and len(done.stderr.splitlines()) == 1
    assert not list((shop.folder / "d").iterdir())


def test_a_refused_download_is_told_with_its_code(shop, stand_in):
    stand_in.grant({"a": b"A", "b": b"B"})
    stand_in.tell("/files/1?token=t", {"error": {"code": "EXPIRED_ACCESS_TOKEN", "message": "Too late."}}, status=401)
    done = shop.run("mint", "a", "b", "--download", "d", "--json")
    assert done.returncode == FAILED
    assert done.stderr == "filemint: b: the node answered 401 EXPIRED_ACCESS_TOKEN: Too late.\n"
    assert [file["path"] for file in json.loads(done.stdout)["files"]] == ["a"], "what came is told"


def test_a_refusal_is_one_line_with_code_and_details(shop, stand_in):
    error = {"code": "FORBIDDEN", "message": "Access to the resource is forbidden.", "details": {"filePaths": ["a"]}}
    stand_in.tell(MINT, {"success": False, "data": None, "error": error}, status=403)
    assert shop.refused(FAILED, "mint", "a") == (
        'the node answered 403 FORBIDDEN: Access to the resource is forbidden. {"filePaths":["a"]}')


@pytest.mark.parametrize("answer", [b"", b"<html>", b"[]", b"{}", b'{"data":{}}', b'{"data":{"access_tokens":[]}}'])
def test_an_answer_that_is_none_of_the_contracts_is_told(shop, stand_in, answer):
    stand_in.tell(MINT, answer)
    assert "answer" in shop.refused(FAILED, "mint", "a")
    stand_in.tell(MINT, answer, status=502)
    assert "502" in shop.refused(FAILED, "mint", "a")


@pytest.mark.parametrize("error", [{"error": {"code": 1, "message": None}}, {"error": {}}])
def test_a_strange_envelope_is_told_as_far_as_it_goes(shop, stand_in, error):
    stand_in.tell(MINT, error, status=400)
    assert "400" in shop.refused(FAILED, "mint", "a")


def test_control_bytes_of_an_answer_do_not_reach_the_terminal(shop, stand_in):
    stand_in.tell(MINT, {"data": {"access_tokens": {"a": "\x1b[31m"}, "source": "\x1b]0;x", "expires_at": "\x07"}})
    told = shop.told("mint", "a")
    assert "\x1b" not in told and "\x07" not in told


def test_a_node_that_is_not_there_is_named(shop, stand_in):
    shop.env["FILEMINT_URL"] = "http://127.0.0.1:1"
    assert shop.refused(FAILED, "mint", "a") == "cannot connect to 127.0.0.1:1: Connection refused"
    for wrong in ("127.0.0.1:8080", "ftp://h", "http://", "http://h/?x"):
        shop.refused(USAGE, "mint", "a", "--url", wrong)


def test_a_certificate_that_nobody_signed_is_refused(shop, stand_in):
    shop.env["FILEMINT_URL"] = stand_in.url.replace("http://", "https://")
    assert "no TLS with" in shop.refused(FAILED, "mint", "a")


def test_the_progress_bar_is_for_a_terminal_alone(shop, stand_in):
    stand_in.grant({"a": b"A" * 1_000_000})
    assert shop.run("mint", "a", "--download", "d").stderr == ""
    terminal, inside = pty.openpty()
    done = subprocess.run([BINARY, "mint", "a", "--download", "d"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                          stderr=inside, env={**os.environ, **shop.env}, cwd=shop.folder, timeout=30)
    os.close(inside)
    assert done.returncode == DONE
    drawn = os.read(terminal, 65_536)
    os.close(terminal)
    assert b"] " in drawn and b"MiB of 1.0 MiB" in drawn and drawn.endswith(b"\r\x1b[K")


# ---- a real node


def test_mint_and_download_from_a_node(node, tmp_path):
    env = {"FILEMINT_API_KEY": node.key}
    shop = Shop(tmp_path)
    shop.env.update(env, FILEMINT_URL=node.url)
    told = shop.json("mint", PDF, PPTX, "--download", "d")
    assert list(told["access_tokens"]) == [PDF, PPTX]
    for path in (PDF, PPTX):
        assert (tmp_path / "d" / path).read_bytes() == node.download(path, told["access_tokens"][path]).body
    assert "FORBIDDEN" in shop.refused(FAILED, "mint", "uploads/co_other/x")
