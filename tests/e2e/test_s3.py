"""A source on S3: its tokens are presigned requests, byte for byte those of Debian's botocore."""

import datetime
import json
import re
import signal
import urllib.parse

import botocore.auth
import botocore.config
import botocore.session
import pytest

from canaries import forms_of
from filemint_node import eventually
from object_keys import NAMES, PREFIX, disposition_of, object_keys, opaque_keys
from s3_source import BUCKET, KEY_ID, SECRET, minted, source, stored  # noqa: F401

SESSION_TOKEN = "FwoGZXIvYXdzEJr//////////wEaDKEXAMPLE+TOKEN/with==/+"


class Frozen(datetime.datetime):
    at = None

    @classmethod
    def utcnow(cls):
        return cls.at


@pytest.fixture
def botocore_at(monkeypatch):
    """What botocore signs at a time of X-Amz-Date's form."""
    def client_at(time, endpoint, style, session_token=None, region="us-east-1"):
        Frozen.at = datetime.datetime.strptime(time, "%Y%m%dT%H%M%SZ")
        module = type("module", (), {"datetime": Frozen, "timedelta": datetime.timedelta})
        monkeypatch.setattr(botocore.auth, "datetime", module)
        return botocore.session.get_session().create_client(
            "s3", region_name=region, endpoint_url=endpoint, aws_access_key_id=KEY_ID, aws_secret_access_key=SECRET,
            aws_session_token=session_token,
            config=botocore.config.Config(signature_version="s3v4", s3={"addressing_style": style}))
    return client_at


def parameters(url):
    return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(url).query, strict_parsing=True))


@pytest.mark.parametrize("style, bucket", [("path", "stored.files"), ("path", "Stored_Files"), ("virtual", BUCKET)])
def test_2000_keys_are_signed_as_botocore_signs_them(stored, botocore_at, style, bucket):
    endpoint = "https://storage.example"
    node = stored(endpoint=endpoint, addressing=style, bucket=bucket)
    keys = object_keys()
    for part in (keys[:1_000], keys[1_000:]):
        urls = minted(node, part, expiresIn=600)
        client = botocore_at(parameters(urls[part[0]])["X-Amz-Date"], endpoint, style)
        for key in part:
            assert urls[key] == client.generate_presigned_url("get_object", {"Bucket": bucket, "Key": key}, ExpiresIn=600)


@pytest.mark.parametrize("style", ["path", "virtual"])
def test_opaque_keys_are_signed_as_botocore_signs_them(stored, botocore_at, style):
    endpoint = "https://storage.example"
    keys = opaque_keys()
    urls = minted(stored(endpoint=endpoint, addressing=style, path_rules="opaque"), keys)
    client = botocore_at(parameters(urls[keys[0]])["X-Amz-Date"], endpoint, style)
    for key in keys:
        assert urls[key] == client.generate_presigned_url("get_object", {"Bucket": BUCKET, "Key": key}, ExpiresIn=300)
    name = PREFIX + "100%2520off.txt"
    assert f"/{PREFIX}100%252520off.txt?" in urls[name]


def test_how_files_are_to_be_saved_is_signed_as_botocore_signs_it(stored, botocore_at):
    endpoint = "https://storage.example"
    node = stored(endpoint=endpoint, session_token=SESSION_TOKEN)
    keys = object_keys(60)
    names = dict(zip(keys, NAMES))
    last = {key: key.rsplit("/")[-1] for key in keys}
    for download, expected in ((names, names), (True, last)):
        urls = minted(node, keys, download=download)
        client = botocore_at(parameters(urls[keys[0]])["X-Amz-Date"], endpoint, "virtual", SESSION_TOKEN)
        for key in keys:
            more = {"ResponseContentDisposition": disposition_of(expected[key])} if key in expected else {}
            theirs = client.generate_presigned_url("get_object", {"Bucket": BUCKET, "Key": key, **more}, ExpiresIn=300)
            assert urls[key].split("?")[0] == theirs.split("?")[0]
            assert parameters(urls[key]) == parameters(theirs)


def test_a_signature_dated_back_ends_when_it_would_anyway(stored, botocore_at):
    endpoint = "https://storage.example"
    node = stored(endpoint=endpoint, backdate="2m", max_life="1h")
    data = node.mint({"filePaths": [PREFIX + "a"], "source": "objects", "urls": True, "expiresIn": 600}).data
    url = data["urls"][PREFIX + "a"]
    said = parameters(url)
    begun = datetime.datetime.strptime(said["X-Amz-Date"] + "+0000", "%Y%m%dT%H%M%SZ%z")
    ends = datetime.datetime.fromisoformat(data["expires_at"].replace("Z", "+00:00"))
    assert said["X-Amz-Expires"] == "720" and ends - begun == datetime.timedelta(seconds=720) and data["expires_in"] == 600
    client = botocore_at(said["X-Amz-Date"], endpoint, "virtual")
    assert url == client.generate_presigned_url("get_object", {"Bucket": BUCKET, "Key": PREFIX + "a"}, ExpiresIn=720)


def test_opaque_keys_are_for_sources_that_say_so(stored):
    node = stored(endpoint="https://storage.example")
    keys = opaque_keys()
    refused = node.mint({"filePaths": keys, "source": "objects"})
    assert (refused.status, refused.code, refused.details["filePaths"]) == (422, "UNPROCESSABLE_ENTITY", keys)
    done = node.cli("grant", "add", "co_xyz", "--source", "objects", "--prefix", "/uploads")
    assert done.returncode == 2 and "a path of whole segments" in done.stderr, done


def test_an_opaque_source_refuses_what_no_source_may_hold_and_compares_grants_by_the_byte(stored):
    node = stored(endpoint="https://storage.example", path_rules="opaque")
    illegal = ["/" + PREFIX + "../a", PREFIX + "a/./b", PREFIX + "a//..", PREFIX + "a\\b", PREFIX + "a\nb", ""]
    refused = node.mint({"filePaths": [PREFIX + "a//b", *illegal], "source": "objects"})
    assert (refused.status, refused.details["filePaths"]) == (422, illegal)
    beyond = ["//" + PREFIX + "a", "/uploads/co_xyzz/a", "uploads/co_xyz%2fa", "uploads//co_xyz/a", "uploads%2Fco_xyz/a", "/"]
    refused = node.mint({"filePaths": [PREFIX + "a//b", *beyond], "source": "objects"})
    assert (refused.status, refused.details["filePaths"]) == (403, beyond)


def test_temporary_credentials_and_a_region(stored, botocore_at):
    endpoint = "https://storage.example:9000"
    node = stored(endpoint=endpoint, addressing="path", region="eu-central-1", session_token=SESSION_TOKEN)
    keys = object_keys(20)
    urls = minted(node, keys)
    client = botocore_at(parameters(urls[keys[0]])["X-Amz-Date"], endpoint, "path", SESSION_TOKEN, "eu-central-1")
    for key in keys:
        theirs = client.generate_presigned_url("get_object", {"Bucket": BUCKET, "Key": key}, ExpiresIn=300)
        assert urls[key].split("?")[0] == theirs.split("?")[0]
        assert parameters(urls[key]) == parameters(theirs)  # botocore does not sort them


def test_amazons_own_endpoint_is_the_regions(stored):
    node = stored(region="eu-west-3")
    urls = minted(node, [PREFIX + "a"])
    assert urls[PREFIX + "a"].startswith(f"https://{BUCKET}.s3.eu-west-3.amazonaws.com/{PREFIX}a?X-Amz-Algorithm=")


def test_its_tokens_are_not_ours(stored):
    node = stored(endpoint="https://storage.example")
    token = node.mint({"filePaths": [PREFIX + "a"], "source": "objects"}).data["access_tokens"][PREFIX + "a"]
    assert node.ask("GET", f"/files/objects/{PREFIX}a?token={urllib.parse.quote(token)}").status == 401
    target = [("X-Original-URI", f"/{BUCKET}/{PREFIX}a?token={urllib.parse.quote(token)}"), ("X-Original-Method", "GET")]
    assert node.ask("GET", "/verify", target).status == 401
    assert eventually(lambda: node.ask("GET", "/health", node.bearer()).status == 200, "the node is well without a signing key for it")


def test_grants_are_the_sources_own(stored):
    node = stored(endpoint="https://storage.example")
    refused = node.mint({"filePaths": ["uploads/co_abc/x"], "source": "objects"})
    assert (refused.status, refused.code) == (403, "FORBIDDEN")


def test_a_secret_that_is_not_there_is_named(stored):
    with pytest.raises(AssertionError, match="ended with 3: .*sources.objects.session_token: .*FILEMINT_NO_SUCH_VARIABLE"):
        stored(endpoint="https://storage.example", more={"session_token": "env:FILEMINT_NO_SUCH_VARIABLE"})


def test_nothing_that_only_local_sources_have_is_done_for_it(stored):
    node = stored(endpoint="https://storage.example")
    for command in (("signing-key", "prepare", "objects"), ("token", "revoke", "--source", "objects", "--prefix", "uploads")):
        done = node.cli(*command)
        assert done.returncode == 6 and "source objects is of type s3" in done.stderr, done


def test_a_node_without_local_sources(served, fresh_node, tmp_path):
    fresh_node.stop()
    text = fresh_node.config.read_text()
    text = re.sub(r"^default_source: .*$", "default_source: objects", text[: text.index("\nsources:\n")], flags=re.MULTILINE)
    fresh_node.config.write_text(f"{text}\nsources:\n" + source(tmp_path, "objects", endpoint="https://storage.example"))
    fresh_node.told_by_cli("grant", "add", "co_xyz", "--source", "objects", "--prefix", PREFIX.rstrip("/"))
    node = served()
    assert node.mint({"filePaths": [PREFIX + "a"]}).data["source"] == "objects"
    assert node.ask("GET", f"/files/objects/{PREFIX}a?token=x").status == 401
    assert node.ask("GET", "/verify", [("X-Original-URI", "/x?token=y"), ("X-Original-Method", "GET")]).status == 401
    assert node.ask("GET", "/health", node.bearer()).status == 200


def test_a_reload_takes_its_terms_and_leaves_the_rest(stored):
    node = stored(endpoint="https://storage.example", max_life=600)
    text = node.config.read_text()
    node.config.write_text(text.replace("max_life: 600\n", "max_life: 300\n").replace("storage.example", "other.example"))
    node.process.send_signal(signal.SIGHUP)
    wanted = {"filePaths": [PREFIX + "a"], "source": "objects", "expiresIn": 400, "urls": True}
    eventually(lambda: node.mint(wanted).status == 422, "the new max_life is in force")
    assert minted(node, [PREFIX + "a"])[PREFIX + "a"].startswith(f"https://{BUCKET}.storage.example/")
    assert any("sources.objects.endpoint" in line for line in node.log().splitlines())


def signer_of(node):
    return parameters(minted(node, [PREFIX + "a"])[PREFIX + "a"])["X-Amz-Credential"].split("/")[0]


def test_credentials_that_change_are_read_anew(stored, tmp_path):
    node = stored(endpoint="https://storage.example")
    assert signer_of(node) == KEY_ID
    (tmp_path / "id").write_text("AKIAOTHER\n")
    eventually(lambda: signer_of(node) == "AKIAOTHER", "the new key signs")
    assert {"source": "objects"}.items() <= next(
        line for line in log_lines(node) if line["message"] == "the credentials were read anew").items()

    (tmp_path / "secret").write_text("")
    told = eventually(lambda: [line for line in log_lines(node) if "not read anew" in line["message"]], "the log tells of it")
    assert told[0]["level"] == "error" and "sources.objects.secret_access_key" in told[0]["message"], told
    assert signer_of(node) == "AKIAOTHER", "the former ones stay"

    (tmp_path / "secret").write_text("s3cr3t-" * 5)
    (tmp_path / "id").write_text("AKIATHIRD")
    node.process.send_signal(signal.SIGHUP)
    eventually(lambda: signer_of(node) == "AKIATHIRD", "a reload reads them too")


def test_new_credentials_sign_with_their_secret(stored, botocore_at, tmp_path):
    node = stored(endpoint="https://storage.example", secret="another secret")
    (tmp_path / "id").write_text("AKIAOTHER")
    (tmp_path / "secret").write_text(SECRET)
    eventually(lambda: signer_of(node) == "AKIAOTHER", "the new key signs")
    (tmp_path / "id").write_text(KEY_ID)
    eventually(lambda: signer_of(node) == KEY_ID, "the latest key signs")
    url = minted(node, [PREFIX + "a"])[PREFIX + "a"]
    client = botocore_at(parameters(url)["X-Amz-Date"], "https://storage.example", "virtual")
    assert url == client.generate_presigned_url("get_object", {"Bucket": BUCKET, "Key": PREFIX + "a"}, ExpiresIn=300)


def log_lines(node):
    return [json.loads(line) for line in node.log().splitlines()]


def test_the_secret_stays_where_it_is(stored):
    node = stored(endpoint="https://storage.example", session_token=SESSION_TOKEN, level="debug")
    said = [node.mint({"filePaths": [PREFIX + "a"], "source": "objects", "urls": True}).body]
    for key in ("bad", node.key):
        said.append(node.mint({"filePaths": ["uploads/co_abc/x", PREFIX + "%2e"], "source": "objects"}, key).body)
    said += [node.ask("GET", "/health", node.bearer()).body, node.admin("/metrics").body, node.output.read_bytes(), node.log().encode()]
    for form in forms_of(SECRET):
        assert form not in b"\n".join(said)
    for form in forms_of(SESSION_TOKEN):
        assert form not in b"\n".join(said[1:])  # it stands in each token by its nature
