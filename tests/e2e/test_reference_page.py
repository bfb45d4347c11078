"""/docs and /openapi.yaml: what they are answered with, and the page in a real browser."""

import os
import subprocess

import pytest

from filemint_node import ROOT
from test_guides import PROGRAMS, blocks

POLICY = ("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
          "base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
FILES = {
    "/openapi.yaml": "application/yaml",
    "/docs": "text/html; charset=utf-8",
    "/docs/docs.css": "text/css; charset=utf-8",
    "/docs/docs.js": "text/javascript; charset=utf-8",
    "/docs/swagger-ui.css": "text/css; charset=utf-8",
    "/docs/swagger-ui-bundle.js": "text/javascript; charset=utf-8",
}


def test_the_document_is_the_one_of_the_source(node):
    assert node.ask("GET", "/openapi.yaml").body == (ROOT / "api/openapi.yaml").read_bytes()


@pytest.mark.parametrize("target", FILES)
def test_a_file_is_public_typed_and_under_a_policy(node, target):
    reply = node.ask("GET", target)
    assert reply.status == 200 and reply.body
    assert reply["Content-Type"] == FILES[target]
    assert reply["X-Content-Type-Options"] == "nosniff"
    assert reply["Content-Security-Policy"] == POLICY


@pytest.mark.parametrize("target", FILES)
def test_a_file_that_the_client_has_is_304(node, target):
    with node.connect() as connection:
        etag = connection.ask("HEAD", target)["ETag"]
        for method in ("GET", "HEAD"):
            assert connection.ask(method, target, [("If-None-Match", etag)]).status == 304
            assert connection.ask(method, target, [("If-None-Match", '"another"')]).status == 200


def test_head_tells_the_length_without_the_body(node):
    with node.connect() as connection:
        told = connection.ask("HEAD", "/docs")["Content-Length"]
        assert int(told) == len(connection.ask("GET", "/docs").body)


@pytest.mark.parametrize("target", ["/docs/nothing.js", "/docs/../docs", "/docs/openapi.yaml/x", "/openapi.yaml/"])
def test_what_is_not_there_is_404(node, target):
    assert node.ask("GET", target).code == "ENDPOINT_NOT_FOUND"


def test_other_methods_are_405(node):
    for target in ("/docs", "/openapi.yaml"):
        reply = node.ask("POST", target, [], b"{}")
        assert reply.code == "METHOD_NOT_ALLOWED" and reply["Allow"] == "GET, HEAD"


def test_a_build_without_the_renderer_has_the_guides_and_the_document(tmp_path):
    subprocess.run(
        ["cmake", f"-DSOURCE={ROOT}", f"-DOUT={tmp_path}", "-DRENDERER=OFF", "-P", ROOT / "cmake/embed_docs.cmake"],
        check=True, timeout=60)
    page = (tmp_path / "page.html").read_text()
    for guide in PROGRAMS:
        assert f'<section id="{guide}">' in page
    assert '<a href="/openapi.yaml">' in page and "./dev setup" in page
    assert "swagger" not in page and "swagger" not in (tmp_path / "docs_files.cpp").read_text()


def test_a_person_mints_on_the_page_and_is_refused_another_companys_file(node, tmp_path):
    folder = os.environ.get("FILEMINT_SCREENSHOTS", tmp_path)
    script = tmp_path / "guide.js"
    script.write_text("\n".join(blocks("downloads", "browser")))
    done = subprocess.run(
        ["node", "reference_page.mjs", node.url, node.key, folder, script], cwd=ROOT / "tests/web",
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stdout + done.stderr
