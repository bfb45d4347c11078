"""What a minted token opens: /files, and /verify for an edge proxy."""

import email.utils
import time

import pytest

from filemint_node import IN_FORCE_S, PDF, PPTX, eventually, serve
from test_contract_mint import error

OTHER = "uploads/co_xyz/file_def456/notes.pptx"


@pytest.fixture(scope="module")
def token(node):
    return node.token(PDF)


@pytest.fixture(scope="module")
def whole(node, token):
    return node.download(PDF, token)


# ---- /files

def test_a_download_has_its_fields(node, whole):
    assert whole.status == 200 and whole.body.startswith(b"%PDF-")
    assert whole["Content-Type"] == "application/pdf"
    assert whole["Content-Length"] == str(len(whole.body))
    assert whole["Accept-Ranges"] == "bytes"
    assert whole["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in whole["Content-Security-Policy"]
    assert whole["Referrer-Policy"] == "no-referrer"
    assert whole["ETag"].strip("W/").startswith('"') and whole["X-Request-Id"]
    assert email.utils.parsedate_to_datetime(whole["Last-Modified"]).timestamp() <= time.time()
    control = [part.strip() for part in whole["Cache-Control"].split(",")]
    life = next(int(part.removeprefix("max-age=")) for part in control if part.startswith("max-age="))
    assert "private" in control and 0 < life <= 300


def test_head_has_the_fields_alone(node, token, whole):
    head = node.download(PDF, token, method="HEAD")
    assert head.status == 200 and head.body == b""
    for name in ("Content-Length", "Content-Type", "ETag", "Last-Modified"):
        assert head[name] == whole[name]


def test_the_authorization_field_is_not_looked_at(node, token):
    assert node.download(PDF, token, [("Authorization", "Bearer nonsense")]).status == 200


RANGES = {
    "the first bytes": ("bytes=0-4", 0, 5), "one byte": ("bytes=1-1", 1, 2), "open": ("bytes=5-", 5, None),
    "the last bytes": ("bytes=-3", -3, None), "beyond the end": ("bytes=2-99999999", 2, None),
    "a suffix longer than the file": ("bytes=-99999999", 0, None),
}


@pytest.mark.parametrize("asked, first, last", RANGES.values(), ids=RANGES)
def test_a_single_range(node, token, whole, asked, first, last):
    answer = node.download(PDF, token, [("Range", asked)])
    wanted = whole.body[first:last]
    assert answer.status == 206 and answer.body == wanted
    start = first if first >= 0 else len(whole.body) + first
    assert answer["Content-Range"] == f"bytes {start}-{start + len(wanted) - 1}/{len(whole.body)}"


@pytest.mark.parametrize("asked", ["bytes=0-1,3-4", "bytes=4-1", "bytes=x-", "lines=0-1", "bytes=-"])
def test_several_ranges_and_nonsense_get_the_whole_file(node, token, whole, asked):
    answer = node.download(PDF, token, [("Range", asked)])
    assert answer.status == 200 and answer.body == whole.body


@pytest.mark.parametrize("asked", ["bytes=99999999-", "bytes=99999999-999999999", "bytes=-0"])
def test_a_range_outside_the_file(node, token, whole, asked):
    answer = error(node.download(PDF, token, [("Range", asked)]), 416, "RANGE_NOT_SATISFIABLE")
    assert answer["Content-Range"] == f"bytes */{len(whole.body)}"


def test_if_range_decides_whether_the_range_counts(node, token, whole):
    for field, status in ((whole["ETag"], 206), ('"other"', 200), ("Thu, 01 Jan 1970 00:00:00 GMT", 200)):
        assert node.download(PDF, token, [("Range", "bytes=0-1"), ("If-Range", field)]).status == status


def test_what_has_not_changed_is_not_sent_again(node, token, whole):
    later = email.utils.formatdate(time.time() + 60, usegmt=True)
    for field, status in (
            (("If-None-Match", whole["ETag"]), 304), (("If-None-Match", "*"), 304), (("If-None-Match", '"a", ' + whole["ETag"]), 304),
            (("If-None-Match", '"other"'), 200), (("If-Modified-Since", whole["Last-Modified"]), 304),
            (("If-Modified-Since", later), 304), (("If-Modified-Since", "Thu, 01 Jan 1970 00:00:00 GMT"), 200),
            (("If-Modified-Since", "nonsense"), 200)):
        answer = node.download(PDF, token, [field])
        assert answer.status == status, field
        assert answer["ETag"] == whole["ETag"]
    both = [("If-None-Match", '"other"'), ("If-Modified-Since", later)]
    assert node.download(PDF, token, both).status == 200, "If-None-Match goes before"


def test_the_tokens_that_open_nothing(node, token):
    target = f"/files/magikarp/{PDF}"
    answer = error(node.ask("GET", target), 401, "UNAUTHORIZED")
    assert answer["WWW-Authenticate"] == "Bearer"
    error(node.ask("GET", f"{target}?token="), 401, "UNAUTHORIZED")
    error(node.ask("GET", target, [("Authorization", f"Bearer {token}")]), 401, "UNAUTHORIZED")
    header, claims, signature = token.split(".")
    changed = signature[:10] + ("A" if signature[10] != "A" else "B") + signature[11:]
    for bad in ("x", f"{header}.{claims}", f"{header}.{claims}.", f"{header}.{claims}.{changed}", f"{token}.", f"{token}x", node.key):
        answer = error(node.ask("GET", f"{target}?token={bad}"), 401, "INVALID_ACCESS_TOKEN")
        assert 'error="invalid_token"' in answer["WWW-Authenticate"]
    error(node.ask("GET", f"{target}?token={token}&token={token}"), 401, "INVALID_ACCESS_TOKEN")
    assert node.ask("GET", f"{target}?a=b&token={token}&c").status == 200


def test_a_good_token_for_something_else_is_forbidden(node, token):
    error(node.download(OTHER, token), 403, "FORBIDDEN", "Access to the resource is forbidden.")
    error(node.download(PDF.replace("context", "Context"), token), 403, "FORBIDDEN")


@pytest.mark.parametrize("minted, asked", [("betaimages", "magikarp"), ("magikarp", "betaimages")])
def test_a_good_token_of_another_source_is_forbidden(node, minted, asked):
    token = node.token(source=minted)
    error(node.download(PDF, token, source=asked), 403, "FORBIDDEN", "Access to the resource is forbidden.")
    error(node.download(PDF, token, source="nowhere"), 403, "FORBIDDEN")
    target = f"/files/{asked}/{PDF}?token={token}"
    error(verify(node, target), 403, "FORBIDDEN")
    error(node.ask("GET", f"/verify{target}"), 403, "FORBIDDEN")
    error(node.download(PDF, token[:-4] + ("AAAA" if token[-4:] != "AAAA" else "BBBB"), source=asked), 401, "INVALID_ACCESS_TOKEN")


def test_the_urls_path_is_decoded_exactly_once(node, token):
    assert node.ask("GET", f"/files/magikarp/{PDF.replace('c', '%63')}?token={token}").status == 200
    error(node.ask("GET", f"/files/magikarp/{PDF.replace('c', '%2563')}?token={token}"), 403, "FORBIDDEN")


def test_a_file_that_is_not_there(node):
    for path in ("uploads/co_xyz/none.pdf", "uploads/co_xyz/file_abc123", "uploads/co_xyz/" + "s" * 256):
        answer = node.download(path, node.token(path, source="betaimages"), source="betaimages")
        error(answer, 404, "RESOURCE_NOT_FOUND")


def test_files_takes_get_and_head(node, token):
    for method in ("POST", "PUT", "DELETE", "OPTIONS"):
        answer = error(node.download(PDF, token, method=method), 405, "METHOD_NOT_ALLOWED", "HTTP method not allowed.")
        assert answer["Allow"] == "GET, HEAD"


def test_an_expired_token(fresh_node, tmp_path):
    fresh_node.stop()
    node = serve(fresh_node, tmp_path / "served", clock_skew="0s")
    try:
        token = node.token(expiresIn=1)
        answer = eventually(lambda: (a := node.download(PDF, token)).status != 200 and a, "the token expires")
        error(answer, 401, "EXPIRED_ACCESS_TOKEN")
        verified = node.ask("GET", f"/verify/files/magikarp/{PDF}?token={token}")
        error(verified, 401, "EXPIRED_ACCESS_TOKEN")
    finally:
        node.stop()


def test_what_ends_a_live_token(fresh_node):
    node = fresh_node
    target = f"/files/magikarp/{PDF}?token={node.token()}"
    by_nginx = [("X-Original-URI", target), ("X-Original-Method", "GET")]

    def answers():
        return [node.ask("GET", target), node.ask("GET", "/verify" + target), node.ask("GET", "/verify", by_nginx)]

    def ends(what, status, code, *command):
        assert node.cli(*command).returncode == 0
        for answer in eventually(lambda: (a := answers()) and all(each.status != 200 for each in a) and a, what, IN_FORCE_S):
            error(answer, status, code)

    def comes_back(what, *command):
        assert node.cli(*command).returncode == 0
        eventually(lambda: all(each.status == 200 for each in answers()), what, IN_FORCE_S)

    ends("the suspension", 403, "FORBIDDEN", "company", "suspend", "co_xyz")
    comes_back("the company is back", "company", "resume", "co_xyz")
    ends("the grant is gone", 403, "FORBIDDEN", "grant", "remove", "co_xyz", "magikarp", "uploads/co_xyz")
    comes_back("another grant covers it", "grant", "add", "co_xyz", "magikarp", "uploads")
    ends("the key is revoked", 401, "INVALID_ACCESS_TOKEN", "key", "revoke", node.key.split("_")[1])


# ---- /verify

def verify(node, uri, method="GET", fields=()):
    return node.ask("GET", "/verify", [("X-Original-URI", uri), ("X-Original-Method", method), *fields])


def test_verify_opens_for_the_original_request(node, token):
    target = f"/files/magikarp/{PDF}"
    assert verify(node, f"{target}?token={token}").status == 200
    assert verify(node, f"{target}?token={token}", "HEAD").status == 200
    assert verify(node, target, fields=node.bearer(token)).status == 200, "the token may be the Authorization's"
    assert node.ask("GET", f"/verify{target}?token={token}").status == 200
    assert node.ask("HEAD", f"/verify{target}?token={token}").status == 200
    ignored = [("X-Original-URI", "/nonsense"), ("X-Original-Method", "DELETE")]
    assert node.ask("GET", f"/verify{target}?token={token}", ignored).status == 200


def test_verify_refuses_with_401_and_403_alone(node, token):
    target = f"/files/magikarp/{PDF}"
    error(verify(node, target), 401, "UNAUTHORIZED")
    error(verify(node, f"{target}?token=x"), 401, "INVALID_ACCESS_TOKEN")
    error(verify(node, f"{target}?token={token}&token={token}"), 401, "INVALID_ACCESS_TOKEN")
    error(verify(node, f"/files/magikarp/{PPTX}?token={token}"), 403, "FORBIDDEN")
    for method in ("POST", "DELETE", "OPTIONS"):
        error(verify(node, f"{target}?token={token}", method), 403, "FORBIDDEN")
        error(node.ask(method, f"/verify{target}?token={token}"), 403, "FORBIDDEN")
    for uri in ("/elsewhere", "/files/nowhere/a", f"/files/magikarp/../{PDF}", f"/files/magikarp/{PDF}%2f..", "nonsense"):
        error(verify(node, f"{uri}?token={token}"), 403, "FORBIDDEN")


@pytest.mark.parametrize("names", [
    [], ["X-Original-URI"], ["X-Original-Method"], ["X-Original-URI", "X-Original-URI", "X-Original-Method"],
    ["X-Original-URI", "X-Original-Method", "X-Original-Method"]], ids=str)
def test_verify_needs_both_fields_exactly_once(node, token, names):
    values = {"X-Original-URI": f"/files/magikarp/{PDF}?token={token}", "X-Original-Method": "GET"}
    error(node.ask("GET", "/verify", [(name, values[name]) for name in names]), 403, "FORBIDDEN")
