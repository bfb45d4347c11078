"""deploy/edge/nginx, run by Debian's nginx."""

import re
import sys
import time

import pytest

from filemint_node import ROOT, Connection, eventually

sys.path.insert(0, str(ROOT / "tests/tools"))
from edge_checks import GRANTED, OTHER, SOURCE, Asked, Edge, Offline, kid_of, target_of  # noqa: E402
from edge_servers import EDGE, Server, shipped  # noqa: E402


class Nginx(Server):
    def __init__(self):
        super().__init__()
        self.places = {
            "listen 8443;": f"listen 127.0.0.1:{self.port};",
            "/srv/files": self.files,
            "/var/log/nginx/filemint.log": f"{self.folder}/access.log",
        }

    def access_log(self):
        return (self.folder / "access.log").read_text()

    def crashed(self):
        return "exited on signal" in (self.folder / "error.log").read_text()


class AskingNginx(Nginx):
    def start(self, edge):
        (self.folder / "cache").mkdir()
        self.run_nginx("edge", shipped("nginx/auth_request.conf", self.places | {
            "127.0.0.1:8080": edge.node.url.removeprefix("http://"), "/var/cache/nginx/filemint": f"{self.folder}/cache"}))


class OfflineNginx(Nginx):
    """By the keys that the node publishes, or by those of a file."""

    def start(self, edge, by_file=None):
        (self.folder / "cache").mkdir()
        conf = shipped("nginx/offline.conf", self.places | {
            "127.0.0.1:8080": edge.node.url.removeprefix("http://"), "/var/cache/nginx/filemint": f"{self.folder}/cache",
            "js_path /etc/nginx/filemint/": f"js_path {EDGE}/nginx/"})
        if by_file:
            begin, end = conf.index("    proxy_pass http://filemint/.well-known"), conf.rindex("  }\n}")
            conf = conf[:begin] + f"    alias {by_file};\n" + conf[end:]
        self.run_nginx("edge", conf, modules=["/usr/lib/nginx/modules/ngx_http_js_module.so"])


class SecretNginx(OfflineNginx):
    def start(self, edge):
        keys = self.folder / "keys.json"
        edge.node.told_by_cli("signing-key", "export", "--source", SOURCE, "--out", str(keys))
        keys.chmod(0o644)  # the workers run as another user
        super().start(edge, by_file=keys)


class OfNginx:
    """Beside what all edges are held to."""

    def test_what_is_internal_stays_so(self, edge):
        for target in ("/filemint_keys", "/filemint_verify", "/parcels/../filemint_keys", "/@parcels", "/files"):
            answer = edge.ask(target)
            assert answer.status == 404 and b"kid" not in answer.body, target


def edge_of(server, folder, **changes):
    """Runs both until the test is over."""
    try:
        edge = Edge(folder, server, **changes)
        try:
            server.start(edge)
            yield edge
            assert not isinstance(server, Nginx) or not server.crashed()
        finally:
            edge.stop()
    finally:
        server.stop()


class TestOfflineByPublicKeys(OfNginx, Offline):
    @pytest.fixture(scope="class")
    def edge(self, tmp_path_factory):
        yield from edge_of(OfflineNginx(), tmp_path_factory.mktemp("edge"), edge_algorithm="es256")

    def test_keys_rotate_and_none_is_refused(self, tmp_path):
        for edge in edge_of(OfflineNginx(), tmp_path, edge_algorithm="es256", jwks_max_age="1s"):
            (before,) = edge.mint(GRANTED)
            assert edge.ask(before).status == 200
            kid = edge.node.told_by_cli("signing-key", "prepare", SOURCE)["kid"]
            eventually(lambda: edge.node.cli("signing-key", "activate", kid).returncode == 0, "it may be activated")
            after = eventually(lambda: (token := edge.token()) and kid_of(token) == kid and token, "the next key signs")
            assert edge.ask(target_of(GRANTED, after)).status == 200
            assert edge.ask(before).status == 200

    def test_without_keys_nothing_is_served(self, tmp_path):
        for edge in edge_of(OfflineNginx(), tmp_path, edge_algorithm="es256"):
            (target,) = edge.mint(GRANTED)
            edge.node.kill9()
            for _ in range(3):
                assert edge.ask(target).status == 500
            assert edge.refuses(target.replace("granted", "g%2fr")).status == 403
            assert not edge.server.crashed()
            edge.node.stop = lambda: None

    def test_it_goes_on_without_its_node(self, tmp_path):
        for edge in edge_of(OfflineNginx(), tmp_path, edge_algorithm="es256", jwks_max_age="1s"):
            first, second = edge.mint(GRANTED)[0], edge.mint(OTHER)[0]
            assert edge.ask(first).status == 200
            edge.node.kill9()
            time.sleep(2.1)  # by nginx's clock, of whole seconds, the keys have grown stale
            assert edge.ask(second).status == 200
            edge.refuses(target_of(OTHER, first.split("?token=")[1]))
            edge.node.stop = lambda: None


class TestOfflineBySecretKeys(OfNginx, Offline):
    @pytest.fixture(scope="class")
    def edge(self, tmp_path_factory):
        yield from edge_of(SecretNginx(), tmp_path_factory.mktemp("edge"))


class TestAuthRequest(OfNginx, Asked):
    ENDS_WITHIN_S = 1 + 2  # the cache's

    @pytest.fixture(scope="class")
    def edge(self, tmp_path_factory):
        yield from edge_of(AskingNginx(), tmp_path_factory.mktemp("edge"))

    def questions(self, edge):
        counted = re.findall(r'^filemint_requests_total{[^}]*route="verify"[^}]*} (\S+)$', edge.node.admin("/metrics").body.decode(), re.M)
        return sum(map(float, counted))

    def test_one_question_serves_for_a_while(self, edge):
        (target,) = edge.mint(GRANTED)
        before = self.questions(edge)
        with Connection(edge.server.url, documented=False) as connection:
            for _ in range(20):
                assert connection.ask("GET", target, [("Range", "bytes=0-0")]).status == 206
        assert 1 <= self.questions(edge) - before <= 3, "of twenty ranges"

    def test_a_kept_answer_is_its_own_requests_alone(self, edge):
        bearer = [("Authorization", f"Bearer {edge.token()}")]
        target = target_of(GRANTED, "").removesuffix("?token=")
        assert edge.ask(target, headers=bearer).status == 200
        assert edge.ask(target).status == 401
        assert edge.ask(target, headers=[("Authorization", "Bearer x")]).status == 401
        assert edge.ask(target, "POST", bearer).status == 403
        assert edge.ask(target.replace("granted%20file", "other"), headers=bearer).status == 403
        assert edge.ask(target, headers=bearer).status == 200

    def test_links_are_not_followed(self, edge):
        outside = edge.server.folder / "outside.txt"
        outside.write_text("outside")
        link = edge.server.files / SOURCE / "uploads/co_xyz/link.txt"
        link.symlink_to(outside)
        (target,) = edge.mint("uploads/co_xyz/link.txt")
        assert edge.ask(target).status in (403, 404)

    def test_without_its_node_nothing_is_served(self, tmp_path):
        for edge in edge_of(AskingNginx(), tmp_path):
            (target,) = edge.mint(GRANTED)
            edge.node.kill9()
            assert edge.ask(target).status == 500
            edge.node.stop = lambda: None


class NoServer(Server):
    def start(self, edge):
        pass


def test_the_node_does_not_serve_an_edges_files(tmp_path):
    for edge in edge_of(NoServer(), tmp_path):
        token, path = edge.token(), GRANTED.replace(" ", "%20")
        answer = edge.node.ask("GET", f"/files/{SOURCE}/{path}?token={token}")
        assert (answer.status, answer.code) == (404, "RESOURCE_NOT_FOUND")
        for method in ("GET", "HEAD"):
            asked = [("X-Original-URI", target_of(GRANTED, token)), ("X-Original-Method", method)]
            assert edge.node.ask("GET", "/verify", asked).status == 200
        assert edge.node.ask("GET", "/verify" + target_of(GRANTED, token)).status == 200
        assert edge.node.ask("GET", f"/verify/files/{SOURCE}/{path}?token={token}").status == 403, "it is not at that place"
