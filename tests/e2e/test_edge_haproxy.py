"""deploy/edge/haproxy, run by Debian's HAProxy before a server that asks nobody anything."""

import sys

import pytest

from filemint_node import ROOT, eventually

sys.path.insert(0, str(ROOT / "tests/tools"))
from edge_checks import GRANTED, SOURCE, Asked, Edge, Offline, kid_of, target_of  # noqa: E402
from edge_servers import Server, shipped  # noqa: E402
from test_tokens_interop import raw_signing_key  # noqa: E402


class Haproxy(Server):
    def start_on(self, name, places, **more):
        files = self.serve_files()
        (self.folder / "haproxy.cfg").write_text(shipped(f"haproxy/{name}", {
            ":8443": f"127.0.0.1:{self.port}", "maxconn 20000": "maxconn 200", "127.0.0.1:8081": f"127.0.0.1:{files}"} | places))
        self.run("haproxy", "-db", "-f", self.folder / "haproxy.cfg")

    def access_log(self):
        return (self.folder / "told").read_text()


class AskingHaproxy(Haproxy):
    def start(self, edge):
        script = self.folder / "verify.lua"
        script.write_text(shipped("haproxy/verify.lua", {"http://127.0.0.1:8080": edge.node.url}))
        self.start_on("verify.cfg", {"/etc/haproxy/filemint/verify.lua": script})


class OfflineHaproxy(Haproxy):
    def start(self, edge):
        keys = self.folder / "keys.map"
        edge.node.told_by_cli("signing-key", "export", "--source", SOURCE, "--format", "map", "--out", str(keys))
        self.start_on("offline.cfg", {"/etc/haproxy/filemint/keys.map": keys})


class ZeroHaproxy(OfflineHaproxy):
    """By a key that holds a zero byte, as one in eight does: HAProxy's text could end there."""

    def start(self, edge):
        for _ in range(200):
            self.kid = edge.node.told_by_cli("signing-key", "prepare", SOURCE)["kid"]
            if 0 in raw_signing_key(edge.demo, self.kid)[2][:-1]:
                break
        edge.node.told_by_cli("signing-key", "activate", self.kid)
        super().start(edge)


class Es256Haproxy(Haproxy):
    def start(self, edge):
        (kid,) = (key["kid"] for key in edge.node.told_by_cli("signing-key", "list", "--source", SOURCE))
        self.start_with(edge, kid, kid)

    def start_with(self, edge, *kids):
        files = {}
        for number, kid in enumerate(kids, 1):
            file = self.folder / f"{kid}_{number}.pem"
            edge.node.told_by_cli("signing-key", "export", kid, "--format", "pem", "--out", str(file))
            files[f"/etc/haproxy/filemint/key_{number}.pem"] = file
        self.start_on("offline_es256.cfg", files)


class RotatingHaproxy(Es256Haproxy):
    """With the key that signs and the next one."""

    def start(self, edge):
        edge.node.told_by_cli("signing-key", "prepare", SOURCE)
        keys = {key["state"]: key["kid"] for key in edge.node.told_by_cli("signing-key", "list", "--source", SOURCE)}
        self.next = keys["prepared"]
        self.start_with(edge, keys["active"], self.next)


def edge_of(server, folder, **changes):
    """Runs both until the test is over."""
    try:
        edge = Edge(folder, server, **changes)
        try:
            server.start(edge)
            yield edge
        finally:
            edge.stop()
    finally:
        server.stop()


class TestVerify(Asked):
    @pytest.fixture(scope="class")
    def edge(self, tmp_path_factory):
        yield from edge_of(AskingHaproxy(), tmp_path_factory.mktemp("edge"))

    def test_without_its_node_nothing_is_served(self, tmp_path):
        for edge in edge_of(AskingHaproxy(), tmp_path):
            (target,) = edge.mint(GRANTED)
            edge.node.kill9()
            assert edge.ask(target).status == 503
            edge.node.stop = lambda: None


class TestOffline(Offline):
    @pytest.fixture(scope="class")
    def edge(self, tmp_path_factory):
        yield from edge_of(OfflineHaproxy(), tmp_path_factory.mktemp("edge"))


    def test_any_key_will_do(self, tmp_path):
        server = ZeroHaproxy()
        for edge in edge_of(server, tmp_path):
            token = eventually(lambda: (token := edge.token()) and kid_of(token) == server.kid and token, "that key signs")
            assert edge.ask(target_of(GRANTED, token)).status == 200


class TestOfflineEs256(Offline):
    GOES_BY_KID = False  # it tries both of its keys

    @pytest.fixture(scope="class")
    def edge(self, tmp_path_factory):
        yield from edge_of(Es256Haproxy(), tmp_path_factory.mktemp("edge"), edge_algorithm="es256")

    def test_the_next_key_is_known_before_it_signs(self, tmp_path):
        server = RotatingHaproxy()
        for edge in edge_of(server, tmp_path, edge_algorithm="es256"):
            (before,) = edge.mint(GRANTED)
            edge.node.told_by_cli("signing-key", "activate", server.next, "--force")
            after = eventually(lambda: (token := edge.token()) and kid_of(token) == server.next and token, "the next key signs")
            assert edge.ask(before).status == 200
            assert edge.ask(target_of(GRANTED, after)).status == 200
