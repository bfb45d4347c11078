"""Pages of other origins: none by default, those that the configuration names."""

import pytest

from filemint_node import MINT, PDF, Node, serve
from test_contract_mint import error

APP = "https://app.example"
ROUTES = {MINT: "POST", "/api/v1/access-tokens": "POST", f"/files/magikarp/{PDF}": "GET, HEAD", "/health": "GET, HEAD",
          "/.well-known/jwks.json": "GET, HEAD"}


def preflight(node, target, origin=APP, method="POST", more=()):
    return node.ask("OPTIONS", target, [("Origin", origin), ("Access-Control-Request-Method", method), *more])


@pytest.fixture(scope="module")
def open_node(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cors")
    demo = Node(folder / "demo")
    demo.stop()
    node = serve(demo, folder / "served", origins=f"[{APP}, 'http://localhost:3000']")
    yield node
    node.stop()


@pytest.mark.parametrize("target, allow", ROUTES.items())
def test_by_default_there_is_no_cors(node, target, allow):
    answer = error(preflight(node, target), 405, "METHOD_NOT_ALLOWED", "HTTP method not allowed.")
    assert answer["Allow"] == allow
    plain = node.ask("GET", target, [("Origin", APP)])
    for name in ("Access-Control-Allow-Origin", "Access-Control-Expose-Headers", "Vary"):
        assert answer[name] is None and plain[name] is None


@pytest.mark.parametrize("target, allow", ROUTES.items())
@pytest.mark.parametrize("origin", [APP, "http://localhost:3000"])
def test_an_allowed_origins_preflight_is_answered_and_may_be_kept(open_node, target, allow, origin):
    answer = preflight(open_node, target, origin, more=[("Access-Control-Request-Headers", "authorization,content-type")])
    assert answer.status == 204 and answer.body == b"" and answer["Content-Length"] is None
    assert answer["Access-Control-Allow-Origin"] == origin and answer["Vary"] == "Origin"
    assert answer["Access-Control-Allow-Methods"] == allow
    assert {"authorization", "content-type"} <= {name.strip().lower() for name in answer["Access-Control-Allow-Headers"].split(",")}
    assert answer["Access-Control-Max-Age"] == "600"
    assert answer["Access-Control-Allow-Credentials"] is None


def test_a_connection_goes_on_after_a_preflight(open_node):
    with open_node.connect() as connection:
        asked = [("Origin", APP), ("Access-Control-Request-Method", "POST")]
        assert connection.ask("OPTIONS", MINT, asked).status == 204
        answer = connection.ask("POST", MINT, [*open_node.bearer(), ("Origin", APP)], b'{"filePaths":["%s"]}' % PDF.encode())
        assert answer.status == 200
        assert answer["Access-Control-Allow-Origin"] == APP and answer["Vary"] == "Origin"
        readable = {name.strip().lower() for name in answer["Access-Control-Expose-Headers"].split(",")}
        told = {name for name, _ in answer.fields if name.startswith(("x-", "ratelimit"))}
        assert len(told) >= 6 and told <= readable


@pytest.mark.parametrize("target", ["/nowhere", "*"])
def test_there_is_no_preflight_for_what_is_not_there(open_node, node, target):
    for each in (open_node, node):
        error(preflight(each, target), 404, "ENDPOINT_NOT_FOUND")


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "https://app.example.evil", "https://app.example:8443", "HTTPS://APP.EXAMPLE"])
def test_other_origins_get_nothing(open_node, origin):
    answer = error(preflight(open_node, MINT, origin), 405, "METHOD_NOT_ALLOWED")
    assert answer["Access-Control-Allow-Origin"] is None and answer["Vary"] == "Origin"
    read = open_node.ask("GET", "/.well-known/jwks.json", [("Origin", origin)])
    assert read.status == 200 and read["Access-Control-Allow-Origin"] is None and read["Vary"] == "Origin"


def test_options_that_is_no_preflight_is_405(open_node):
    error(open_node.ask("OPTIONS", MINT, [("Origin", APP)]), 405, "METHOD_NOT_ALLOWED")
    error(open_node.ask("OPTIONS", MINT), 405, "METHOD_NOT_ALLOWED")


def test_errors_can_be_read_by_the_page_too(open_node):
    for answer in (error(open_node.mint({}, headers=[("Origin", APP)]), 400, "MISSING_REQUIRED_FIELD"),
                   error(open_node.ask("POST", MINT, [("Origin", APP)], b"{}"), 401, "UNAUTHORIZED"),
                   error(open_node.ask("GET", "/nowhere", [("Origin", APP)]), 404, "ENDPOINT_NOT_FOUND")):
        assert answer["Access-Control-Allow-Origin"] == APP and "X-Request-Id" in answer["Access-Control-Expose-Headers"]


def test_a_download_can_be_read_by_the_page(open_node):
    token = open_node.token()
    answer = open_node.download(PDF, token, [("Origin", APP), ("Range", "bytes=0-3")])
    assert answer.status == 206 and answer["Access-Control-Allow-Origin"] == APP
    unchanged = open_node.download(PDF, token, [("Origin", APP), ("If-None-Match", answer["ETag"])])
    assert unchanged.status == 304 and unchanged["Vary"] == "Origin"


def test_verify_answers_envoys_preflight_as_before(open_node, node):
    for each in (open_node, node):
        assert preflight(each, f"/verify/files/magikarp/{PDF}", method="GET").status == 200
        error(preflight(each, "/verify", method="GET"), 403, "FORBIDDEN")


def test_the_admin_port_knows_no_cors(open_node):
    for answer in (open_node.admin("/livez"), open_node.admin("/metrics", "OPTIONS")):
        assert answer["Vary"] is None
