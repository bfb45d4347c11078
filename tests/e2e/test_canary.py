"""Unique keys, tokens and master keys go everywhere, failures included; nothing that a node says or keeps holds one."""

import base64
import contextlib
import json
import os
import secrets
import socket
import subprocess
import urllib.parse

import pytest

import openapi_document
from authority import Authority, listener
from canaries import Canaries, forms_of
from credential_source import CredentialServer
from canary_operator import (
    JSON, a_master_key_by_env, a_wrong_master_key, at_the_admin_port, in_wrong_configurations, of_the_process, over_tls, with_references_to_what_is_wrong)
from filemint_node import BINARY, DEADLINE_S, MINT, PDF, Node, Reply, eventually, request_bytes, serve, until_end
from node_config import free_port
from test_contract_mint import unknown_key

HOLD_SECRETS = {"master.key", "other.key", "ready.json", "key.txt", "wrong.yaml"}  # by purpose: no node has written a secret there


class Walk:
    """A node with every kind of key and token, and a note of all that it says."""

    def __init__(self, folder, **changes):
        self.folder, self.canaries, self.forms = folder, Canaries(), set()
        demo = Node(folder / "demo")
        add, made = self.canaries.add, demo.told_by_cli
        add("the master key", (demo.folder / "data/master.key").read_text().strip())
        self.keys = {
            "good": demo.key,
            "unknown": unknown_key(demo),
            "revoked": made("key", "create", "co_xyz")["key"],
            "expired": made("key", "create", "co_xyz", "--expires-in", "1s")["key"],
            "unscoped": made("key", "create", "co_xyz", "--route", "health")["key"],
            "throttled": made("key", "create", "co_xyz")["key"],
        }
        id_, secret, checksum = (secrets.token_hex(size) for size in (6, 22, 3))
        self.keys["mistyped"] = f"fm_{id_}_{secret[1:]}_{checksum}"
        for name, key in self.keys.items():
            add(f"the {name} key", key)
        made("key", "revoke", self.keys["revoked"].split("_")[1])
        made("limit", "set", "--key", self.keys["throttled"].split("_")[1], "--per-day", "1")
        demo.stop()
        self.demo = demo
        self.password = add("the password in a URL", secrets.token_hex(20))
        self.admin_token = add("the admin token", secrets.token_hex(20))
        (folder / "admin.token").write_text(self.admin_token + "\n")
        self.authority = Authority(folder / "tls")
        self.pair = self.authority.issue("served")
        for number, line in enumerate(self.pair[1].read_text().splitlines()[1:-1]):
            add(f"line {number} of the TLS key", line)
        self.tls_url = f"https://127.0.0.1:{free_port()}"
        self.terms = {"clock_skew": "0s", "max_body_bytes": "64KiB", "listeners": self.listeners(self.pair),
                      "admin_section": f'{{listen: "127.0.0.1:{free_port()}", token: "file:{folder}/admin.token"}}', **changes}
        # What a cloud gives out, each few seconds anew.
        self.cloud = CredentialServer(life=4)
        demo.config.write_text(demo.config.read_text() + (
            "  - {name: objects, type: s3, bucket: stored-files, endpoint: 'https://storage.example', credentials: instance, "
            f"credentials_endpoint: '{self.cloud.url}'}}\n"))
        self.node = serve(demo, folder / "served", **self.terms)
        node = self.node
        ended = node.token(expiresIn=1)
        revoked = node.token()
        jti = json.loads(base64.urlsafe_b64decode(revoked.split(".")[1] + "=="))["jti"]
        assert node.cli("token", "revoke", f"--jti={jti}").returncode == 0
        self.tokens = {"good": node.token(), "expired": ended, "revoked": revoked, "another's": node.token("uploads/co_xyz/none", source="betaimages")}
        head, claims, signature = self.tokens["good"].split(".")
        self.tokens["forged"] = f"{head}.{claims}.{signature[:-8]}{secrets.token_urlsafe(6)}"
        for name, token in self.tokens.items():
            add(f"the {name} token", token)
        for name in ("expired", "revoked"):
            eventually(lambda: node.download(PDF, self.tokens[name]).status == 401, f"the {name} token is refused")
        eventually(lambda: node.mint({}, self.keys["expired"]).code == "EXPIRED_API_KEY", "the key has expired")

    def listeners(self, pair):
        return f'[{{listen: "127.0.0.1:{free_port()}"}}, {listener(urllib.parse.urlsplit(self.tls_url).netloc, pair)}]'

    def say(self, raw, place="an answer", url=None):
        """Sends bytes on a connection of their own, and notes what comes until its end."""
        address = urllib.parse.urlsplit(url or self.node.url)
        with socket.create_connection((address.hostname, address.port), timeout=DEADLINE_S) as plain, contextlib.ExitStack() as stack:
            connection = plain
            if address.scheme == "https":
                connection = stack.enter_context(self.authority.client().wrap_socket(plain, server_hostname=address.hostname))
            connection.sendall(raw)
            if connection is plain:
                connection.shutdown(socket.SHUT_WR)
            told = until_end(connection)
        self.canaries.hear(f"{place} to {raw[:24]!r}", told)
        if url is None:
            self.hold_to_the_document(told, method=raw.partition(b" ")[0].decode("latin-1"))
        return told

    def hold_to_the_document(self, told, method):
        """What was said, and all of it, is documented answers; those of one form are looked at once."""
        while told:
            head, _, told = told.partition(b"\r\n\r\n")
            answer = Reply(head, b"")
            if answer.status == 100:
                continue
            length = 0 if method == "HEAD" or answer.status in (204, 304) else int(answer["Content-Length"])
            answer.body, told = told[:length], told[length:]
            form = (method, answer.status, frozenset(name for name, _ in answer.fields), answer.status >= 400 and length and answer.code)
            if form not in self.forms:
                openapi_document.check_answer(answer, method)
                self.forms.add(form)

    def ask(self, method, target, fields=(), body=None, **of_say):
        return self.say(request_bytes(method, target, [*fields, ("Connection", "close")], body), **of_say)

    def note_tokens(self, answer):
        """An answer that carries tokens by purpose: they are secrets from now on, and it is forgotten."""
        head, _, body = answer.partition(b"\r\n\r\n")
        if head.startswith(b"HTTP/1.1 200 "):
            for token in json.loads(body)["data"]["access_tokens"].values():
                self.canaries.add(f"token {len(self.canaries.secrets)}", token)
            self.canaries.heard = {place: text.replace(body, b"") for place, text in self.canaries.heard.items()}

    def cli(self, *arguments, fails=True, env=None):
        done = subprocess.run([BINARY, *arguments], stdin=subprocess.DEVNULL, capture_output=True, timeout=DEADLINE_S,
                              env=dict(os.environ, FILEMINT_CONFIG=str(self.node.config), **(env or {})))
        assert (done.returncode != 0) == fails, done
        self.canaries.hear(f"filemint {arguments[0]} {arguments[1]}", done.stdout + done.stderr)


def through_every_door(walk, secret):
    """A secret wherever a request has room for it."""
    bearer = [("Authorization", f"Bearer {secret}")]
    body = json.dumps({"filePaths": [PDF]}).encode()
    for route in (MINT, "/api/v1/access-tokens"):
        walk.note_tokens(walk.ask("POST", route, [*bearer, *JSON], body))
    for fields in (bearer * 2, [("Authorization", f"Basic {secret}")], [("Authorization", secret)], [("x-api-key", secret)], [("Cookie", f"key={secret}")],
                   [("X-Request-Id", secret)], [("X-Request-Id", f"a.{secret}")], [("Host", secret)], [("Origin", f"https://{secret}")], [("Origin", secret)],
                   [("Content-Type", secret)], [("Content-Encoding", secret)], [("Content-Length", secret)], [("Transfer-Encoding", secret)],
                   [("Expect", secret)], [("Connection", secret)], [(secret, "a")], [("X\x01", secret)], [("User-Agent", secret)], [("Referer", secret)],
                   [("Forwarded", f"for={secret}")], [("X-Forwarded-For", secret)], [("X-Original-URI", f"/{secret}"), ("X-Original-Method", secret)]):
        walk.ask("POST", MINT, [*fields, *JSON], body)
        walk.ask("GET", "/verify", fields)
    for target in (f"/{secret}", f"/?key={secret}", f"{MINT}?key={secret}", f"{MINT}/{secret}", f"/health?{secret}", f"/docs?{secret}", f"//{secret}",
                   f"http://{secret}/", f"http://a:{secret}@b/", f"/%{secret}", f"/\x01{secret}", secret):
        for method in ("GET", "POST", "OPTIONS"):
            walk.ask(method, target, bearer)
    for raw in (f"{secret} / HTTP/1.1\r\nHost: a\r\n\r\n", f"GET / {secret}\r\nHost: a\r\n\r\n", f"GET / HTTP/1.1\r\nHost: a\r\n{secret}\r\n\r\n", secret,
                f"POST {MINT} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n{secret}\r\n",
                f"POST {MINT} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {secret}\r\nTransfer-Encoding: chunked\r\n\r\n1;{secret}\r\na\r\n0\r\n{secret}: a\r\n\r\n"):
        walk.say(raw.encode())
    good = [("Authorization", f"Bearer {walk.keys['good']}"), *JSON]
    for members in ({"filePaths": [PDF], "source": secret}, {"filePaths": secret}, {"filePaths": [PDF], "expiresIn": secret}, {"filePaths": {secret: 1}},
                    {secret: secret}, {"filePaths": [PDF], "urls": secret}, [secret], secret):
        walk.ask("POST", MINT, good, json.dumps(members).encode())
    for raw in (secret.encode(), b'{"filePaths":["' + secret.encode(), b"\xff" + secret.encode(), json.dumps({"x": secret}).encode() + b" " * 65_536):
        walk.ask("POST", MINT, good, raw)
    for path in (secret, f"/{secret}", f"uploads/co_xyz/{secret}", f"uploads/co_abc/{secret}"):
        # The answer names the paths that it refuses, as the contract says; the log must not.
        walk.node.ask("POST", MINT, good, json.dumps({"filePaths": [path]}).encode())
    for target in ("/metrics", "/livez", "/readyz", f"/{secret}", f"/metrics?{secret}"):
        walk.ask("GET", target, bearer, url=walk.node.admin_url, place="an answer of the admin port")
    walk.ask("GET", "/health", bearer)


def downloads(walk, token):
    query = f"token={token}"
    for target in (f"/files/magikarp/{PDF}?{query}", f"/files/magikarp/{PDF}?{query}&{query}", f"/files/magikarp/uploads/co_xyz/none?{query}",
                   f"/files/betaimages/{PDF}?{query}", f"/files/nowhere/{PDF}?{query}", f"/files/magikarp/%zz?{query}", f"/files/magikarp/a%00?{query}",
                   f"/files/magikarp/{token}?{query}", f"/verify/files/magikarp/{PDF}?{query}", f"/verify/%2e%2e?{query}", f"/docs?{query}"):
        for method in ("GET", "HEAD", "DELETE"):
            walk.ask(method, target)
        walk.ask("GET", target, [("Range", "bytes=9999999-")])
        walk.ask("GET", "/verify", [("X-Original-URI", target), ("X-Original-Method", "GET")])
        walk.ask("GET", "/verify", [("X-Original-URI", target), ("X-Original-Method", "POST")])
        walk.ask("GET", "/verify", [("X-Original-URI", target)])


def on_the_command_line(walk):
    """What people type by mistake: none of it is repeated."""
    master, wrong = walk.canaries.secrets["the master key"], walk.folder / "wrong.yaml"
    key_file = walk.folder / "key.txt"
    for secret in (walk.keys["good"], walk.tokens["good"], master, walk.canaries.secrets["the other master key"]):
        for command in (["mint", PDF, "--key-file", secret], ["mint", PDF, secret, "--nonsense"], ["mint", PDF, "--url", secret],
                        ["mint", PDF, "--url", f"http://{secret}:1"], ["key", "revoke", secret], ["key", "create", secret], ["key", secret],
                        ["key", "create", "co_xyz", "--route", secret], ["key", "create", "co_xyz", "--expires-in", secret],
                        ["limit", "set", "--key", secret, "--rate", "1"], ["limit", "clear", "--company", secret], ["token", "revoke", "--jti", f"{secret}."],
                        ["token", "revoke", "--key", secret], ["token", "revoke", "--source", secret, "--path", "a"], ["master-key", "rotate", "--new", secret],
                        ["master-key", "rotate", "--new", f"file:{secret}"], ["master-key", "rotate", "--new", f"env:{secret}"],
                        ["company", "suspend", secret], ["grant", "add", "co_none", "magikarp", secret], ["grant", "add", "co_xyz", secret, "a"],
                        ["signing-key", "activate", secret], ["signing-key", "prepare", secret], ["config", "check", secret], ["serve", "--config", secret],
                        ["serve", secret], ["demo", "--port", secret], [secret, secret]):
            walk.cli(*command)
        for text in (f"store: {{master_key: {secret}}}", f"store: {{master_key: [{secret}]}}", f"store:\n  master_key {secret}", f"store: {secret}",
                     f"{secret}: 1", f"store: {{{secret}: 1}}", f"log: {{level: {secret}}}", f"log: {{format: {secret}}}", f"workers: {secret}", secret,
                     f"http: {{listen: '{secret}'}}", f"default_source: {secret}", f"sources:\n  - name: {secret}", f"sources:\n  - {secret}",
                     f"sources:\n  - {{name: a, root: r, public_url: '{secret}'}}", f"store: {{master_key: file:{secret}}}\nlog: [", f"'{secret}", f"&{secret} *{secret}"):
            wrong.write_text(text + "\n")
            walk.cli("config", "check", str(wrong))
            walk.cli("config", "check", str(wrong), "--json")
            walk.cli("serve", "--config", str(wrong))
        wrong.write_text(f"store: {{path: /none/{secret}/db}}\nsources: [{{name: a, root: '.'}}]\n")
        walk.cli("serve", "--config", str(wrong))
        walk.cli("key", "list", "--config", str(wrong))
    for name, key in walk.keys.items():
        if name != "good":
            walk.cli("mint", PDF, "--url", walk.node.url, env={"FILEMINT_API_KEY": key})
            key_file.write_text(key + "\n")
            walk.cli("mint", PDF, "--url", walk.node.url, "--key-file", str(key_file))
    walk.cli("mint", "uploads/co_abc/a", "--url", walk.node.url, env={"FILEMINT_API_KEY": walk.keys["good"]})
    walk.cli("mint", PDF, "--url", walk.node.admin_url, env={"FILEMINT_API_KEY": walk.keys["good"]})
    for secret in (walk.tokens["good"], walk.canaries.secrets["the master key"]):
        walk.cli("mint", PDF, "--url", walk.node.url, env={"FILEMINT_API_KEY": secret})
    for listing in (["key", "list"], ["signing-key", "list"], ["token", "revocations"], ["limit", "list"], ["company", "list"], ["config", "check"]):
        walk.cli(*listing, fails=False)
        walk.cli(*listing, "--json", fails=False)


def renewals_that_fail(walk):
    """Credentials of a cloud's that were given out, and answers that hold such and are refused."""
    for trouble in ("refuse", "garbage", "reset"):
        walk.cloud.trouble = trouble
        asked = len(walk.cloud.asked)
        eventually(lambda: len(walk.cloud.asked) > asked, f"it was asked, and answered by {trouble}", deadline=60)
    walk.cloud.close()
    for number, secret in enumerate(walk.cloud.secrets):
        walk.canaries.add(f"{number} of a cloud's", secret)


@pytest.fixture(scope="module", params=[{"format": "json", "level": "trace"}, {"format": "text", "level": "debug"}], ids=str)
def walked(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("canary")
    walk = Walk(folder, **request.param)
    request.addfinalizer(walk.node.kill9)
    other = subprocess.run([BINARY, "master-key", "generate", folder / "other.key"], capture_output=True, timeout=DEADLINE_S)
    assert other.returncode == 0
    walk.canaries.add("the other master key", (folder / "other.key").read_text().strip())
    walk.node.mint({"filePaths": [PDF]}, walk.keys["throttled"])
    for secret in [*walk.keys.values(), *walk.tokens.values(), walk.canaries.secrets["the master key"]]:
        through_every_door(walk, secret)
    for token in walk.tokens.values():
        downloads(walk, token)
    at_the_admin_port(walk)
    over_tls(walk)
    of_the_process(walk)
    if request.param["format"] == "json":
        on_the_command_line(walk)
        in_wrong_configurations(walk)
    a_wrong_master_key(walk)
    of_the_process(walk)
    # What nobody can know to be a secret is logged as the request id that it says it is: the search must find it.
    walk.planted = secrets.token_hex(24)
    assert walk.planted.encode() in walk.ask("GET", "/nowhere", [("X-Request-Id", walk.planted)])
    renewals_that_fail(walk)
    walk.canaries.read(walk.demo.folder / "data", but=HOLD_SECRETS)  # the store as it is while the node runs
    walk.node.stop()
    with_references_to_what_is_wrong(walk)
    a_master_key_by_env(walk)
    walk.canaries.hear("output", walk.demo.output.read_bytes().split(b"Listening on")[-1] + walk.node.output.read_bytes())
    walk.canaries.read(walk.demo.folder / "data", walk.node.folder, but=HOLD_SECRETS)
    return walk


def test_no_secret_is_in_anything_that_a_node_says_or_keeps(walked):
    told = walked.canaries.heard
    assert any(b"INVALID_API_KEY" in text for place, text in told.items() if place.startswith("an answer")), "errors were looked at"
    assert b"filemint_requests_total" in told["/metrics"] and b"SQLite format" in told["file filemint.db"]
    assert told["file filemint.log"].count(b"INVALID_ACCESS_TOKEN") > 100 and b"serve" in told["/proc/PID/cmdline"]
    assert walked.canaries.found() == set()


def test_the_search_finds_what_a_node_was_made_to_say(walked):
    seen = Canaries()
    seen.heard = walked.canaries.heard
    seen.add("planted", walked.planted)
    places = {place for _, place in seen.found()}
    assert "file filemint.log" in places and any(place.startswith("an answer") for place in places)


def test_the_search_finds_each_secret_in_each_form_at_each_place(walked):
    for name, secret in walked.canaries.secrets.items():
        for form in forms_of(secret):
            seen = Canaries()
            seen.secrets = {name: secret}
            seen.hear("somewhere", b"before " + form + b" behind")
            assert seen.found() == {(name, "somewhere")}
