"""`partial` and `download`, of a node with local sources."""

import base64
import json
import re
import urllib.parse

import pytest

from error_world import ABSENT, FORBIDDEN, ILLEGAL
from filemint_node import PDF, PPTX
from node_config import free_port
from test_contract_mint import error

LONG = "/" + "é" * 1_000
NAMES = ["a.pdf", "it's (1)*&=;,.pdf", 'say "hi".txt', "100%25 %.txt", "größe 日本語 😀.pdf", "'", "~", " x ", "e\u0301"]


# ---- partial

def test_what_can_be_minted_is_minted_and_the_rest_is_listed(node):
    asked = [FORBIDDEN, PPTX, LONG, ABSENT, PDF, ILLEGAL, "uploads/co_xyz", LONG, FORBIDDEN, PPTX]
    data = node.mint({"filePaths": asked, "partial": True, "urls": True}).data
    assert list(data["access_tokens"]) == list(data["urls"]) == [PPTX, PDF]
    cut = LONG.encode()[:1_023].decode()  # a character would not be whole at 1,024
    assert data["failed"] == [
        {"code": "UNPROCESSABLE_ENTITY", "filePaths": [cut, ILLEGAL]}, {"code": "FORBIDDEN", "filePaths": [FORBIDDEN]},
        {"code": "RESOURCE_NOT_FOUND", "filePaths": [ABSENT, "uploads/co_xyz"]}]
    for path, token in data["access_tokens"].items():
        assert node.download(path, token).status == 200


def test_all_is_well(node):
    assert node.mint({"filePaths": [PDF], "partial": True}).data["failed"] == []
    for body in ({"filePaths": [PDF], "partial": False}, {"filePaths": [PDF]}):
        assert "failed" not in node.mint(body).data


@pytest.mark.parametrize("paths, status, code, told", [
    ([ABSENT, FORBIDDEN, ILLEGAL], 422, "UNPROCESSABLE_ENTITY", [ILLEGAL]), ([ABSENT, FORBIDDEN], 403, "FORBIDDEN", [FORBIDDEN]),
    ([ABSENT], 404, "RESOURCE_NOT_FOUND", [ABSENT]), ([ILLEGAL], 422, "UNPROCESSABLE_ENTITY", [ILLEGAL])])
def test_when_nothing_is_left_the_first_check_that_failed_is_told(node, paths, status, code, told):
    error(node.mint({"filePaths": paths, "partial": True}), status, code, details={"filePaths": told})


@pytest.mark.parametrize("more, status", [({"expiresIn": 0}, 422), ({"source": "nowhere"}, 400), ({"filePaths": [PDF] * 1_001}, 422)])
def test_what_is_no_paths_fault_fails_the_call(node, more, status):
    assert node.mint({"filePaths": [PDF, ILLEGAL], "partial": True, **more}).status == status


def test_nobody_learns_whether_a_file_exists_that_they_may_not_read(node):
    answers = [node.mint({"filePaths": [PDF, path], "partial": True}).data["failed"] for path in (FORBIDDEN, "uploads/co_abc")]
    assert [group["code"] for failed in answers for group in failed] == ["FORBIDDEN", "FORBIDDEN"]


def test_distinct_legal_paths_are_counted_as_tokens(served):
    node = served(tokens_per_minute=3)
    assert node.mint({"filePaths": [PDF, PDF, ILLEGAL, FORBIDDEN], "partial": True}).status == 200
    assert node.mint({"filePaths": [PDF], "partial": True}).status == 200, "two were counted"
    assert node.mint({"filePaths": [PDF], "partial": True}).status == 429


# ---- download

def disposition(node, path, token, **more):
    answer = node.download(path, token, **more)
    assert answer.status in (200, 206, 304)
    return answer["Content-Disposition"]


def name_in(value):
    """As clients read it: filename* (RFC 8187) before filename (RFC 6266)."""
    full = re.fullmatch(r"""attachment; filename="[^"\\%]*"(?:; filename\*=UTF-8''([\w.~%-]+))?""", value, re.ASCII)
    assert full, value
    return urllib.parse.unquote(full[1], errors="strict") if full[1] else value.split('"')[1]


def test_true_saves_each_under_its_last_segment(node):
    tokens = node.mint({"filePaths": [PDF, PPTX], "download": True}).data["access_tokens"]
    assert disposition(node, PDF, tokens[PDF]) == 'attachment; filename="context.pdf"'
    assert disposition(node, PPTX, tokens[PPTX], headers=[("Range", "bytes=0-9")]) == 'attachment; filename="notes.pptx"'
    assert disposition(node, PPTX, tokens[PPTX], headers=[("If-None-Match", "*")]) == 'attachment; filename="notes.pptx"'
    assert disposition(node, PDF, tokens[PDF], method="HEAD") == 'attachment; filename="context.pdf"'


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_the_one_that_was_given(node, name):
    tokens = node.mint({"filePaths": [PDF, PPTX], "download": {PDF: name}}).data["access_tokens"]
    assert name_in(disposition(node, PDF, tokens[PDF])) == name
    assert disposition(node, PPTX, tokens[PPTX]) is None


def test_nothing_is_said_unless_asked(node):
    for download in (False, {}):
        assert disposition(node, PDF, node.token(download=download)) is None
    assert disposition(node, PDF, node.token()) is None


def test_whoever_holds_a_token_cannot_change_it(node):
    header, payload, signature = node.token(download=True).split(".")
    assert node.download(PDF, f"{header}.{payload[:-4]}{'A' * 4}.{signature}").status == 401
    token = node.token()
    assert node.ask("GET", f"/files/magikarp/{PDF}?token={token}&response-content-disposition=attachment")["Content-Disposition"] is None


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "../a", "a\\b", "a\nb", "a\r\nSet-Cookie: b", "\0", "\x7f", "é" * 513])
def test_a_name_that_no_file_can_have_is_refused(node, name):
    refused = node.mint({"filePaths": [PPTX, PDF], "download": {PDF: name, PPTX: "good"}, "partial": True})
    error(refused, 422, "UNPROCESSABLE_ENTITY", details={"field": "download", "filePaths": [PDF]})


def test_a_path_that_the_call_does_not_hold_is_refused(node):
    refused = node.mint({"filePaths": [PDF], "download": {PDF: "a", PPTX: "b"}})
    error(refused, 422, "UNPROCESSABLE_ENTITY", details={"field": "download", "filePaths": [PPTX]})
    assert node.mint({"filePaths": [PDF, ILLEGAL], "download": {ILLEGAL: "a"}, "partial": True}).status == 200


def test_the_longest_names_and_paths_fit(node):
    path, name = "uploads/co_xyz/" + "\"" * 1_009, "\"" * 1_024
    token = node.mint({"filePaths": [path], "source": "betaimages", "download": {path: name}}).data["access_tokens"][path]
    assert node.download(path, token, source="betaimages").status == 404  # a good token, of no file


def test_an_edge_cannot_say_it(served, fresh_node):
    fresh_node.stop()
    fresh_node.config.write_text(fresh_node.config.read_text() + "  - name: parcels\n    type: edge\n"
                                 f"    public_url: http://127.0.0.1:{free_port()}/parcels\n    backdate: 60s\n")
    fresh_node.told_by_cli("grant", "add", "co_xyz", "--source", "parcels", "--prefix", "uploads")
    node = served()
    for download in (True, {PDF: "a"}):
        error(node.mint({"filePaths": [PDF], "source": "parcels", "download": download}), 422, "UNPROCESSABLE_ENTITY", details={"field": "download"})
    data = node.mint({"filePaths": [PDF], "source": "parcels", "download": False}).data
    claims = json.loads(base64.urlsafe_b64decode(data["access_tokens"][PDF].split(".")[1] + "=="))
    assert claims["exp"] - claims["iat"] == 360 and data["expires_in"] == 300
