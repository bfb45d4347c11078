"""A source on S3 beside Amazon's own SDK for JavaScript: the same URLs, once each has the other's query parameters too."""

import datetime
import json
import subprocess
import urllib.parse

import pytest

from filemint_node import BINARY, ROOT
from object_keys import NAMES, PREFIX, disposition_of, object_keys, opaque_keys
from s3_source import BUCKET, KEY_ID, SECRET, minted, stored  # noqa: F401

SESSION_TOKEN = "FwoGZXIvYXdzEJr//////////wEaDKEXAMPLE+TOKEN/with==/+"
OURS = {"X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires", "X-Amz-SignedHeaders", "X-Amz-Signature"}
THEIRS = {"X-Amz-Content-Sha256": "UNSIGNED-PAYLOAD", "x-id": "GetObject"}  # beside ours


def told(command, request):
    done = subprocess.run(command, input=json.dumps(request) + "\n", capture_output=True, text=True, timeout=60, check=True)
    return json.loads(done.stdout)


def asked(url, session_token):
    """What both signers are told, but for the place."""
    at = datetime.datetime.strptime(parameters(url)["X-Amz-Date"] + "+0000", "%Y%m%dT%H%M%SZ%z")
    return {"access_key_id": KEY_ID, "secret_access_key": SECRET, "session_token": session_token or "", "at": int(at.timestamp())}


def parameters(url):
    return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(url).query, strict_parsing=True))


def sorted_query(query):
    """Its parameters as they stand there, by their names: the SDK writes them in another order."""
    return sorted(query.split("&"))


@pytest.mark.parametrize("style, bucket, region, session_token, path_rules", [
    ("path", "stored.files", "us-east-1", None, "strict"), ("virtual", BUCKET, "eu-central-1", None, "strict"),
    ("virtual", BUCKET, "us-east-1", SESSION_TOKEN, "strict"), ("path", BUCKET, "eu-west-3", SESSION_TOKEN, "strict"),
    ("virtual", BUCKET, "us-east-1", None, "opaque")])
def test_keys_are_signed_as_the_sdk_signs_them(stored, style, bucket, region, session_token, path_rules):  # noqa: F811
    endpoint = "https://storage.example:9000"
    node = stored(endpoint=endpoint, addressing=style, bucket=bucket, region=region, session_token=session_token, path_rules=path_rules)
    host, prefix = ("storage.example:9000", f"/{bucket}/") if style == "path" else (f"{bucket}.storage.example:9000", "/")
    keys = object_keys() if path_rules == "strict" else opaque_keys()
    for part in filter(None, (keys[:1_000], keys[1_000:])):
        urls = minted(node, part, expiresIn=600)
        who = asked(urls[part[0]], session_token)
        theirs = told(["node", ROOT / "tests/peers/s3_urls.mjs"], {
            **who, "endpoint": endpoint, "region": region, "path_style": style == "path", "bucket": bucket, "expires_in": 600, "keys": part})
        terms = {**who, "region": region, "host": host, "uri_prefix": prefix, "expires_in": 600, "paths": part}
        alone, with_theirs = (told([BINARY.parent / "tests/presign_tool"], {**terms, "more": more}) for more in ({}, THEIRS))
        names = OURS | ({"X-Amz-Security-Token"} if session_token else set())
        assert set(parameters(urls[part[0]])) == names and set(parameters(theirs[0])) == names | set(THEIRS)
        for key, their_url, token, token_with_theirs in zip(part, theirs, alone, with_theirs, strict=True):
            place, query = their_url.split("?")
            assert urls[key] == f"{place}?{token}"
            assert sorted_query(token_with_theirs) == sorted_query(query)


@pytest.mark.parametrize("more, ours", [({}, {}), ({"VersionId": "3HL4kqCx+f/8="}, {"versionId": "3HL4kqCx+f/8="})], ids=["", "of a version"])
def test_how_a_file_is_to_be_saved_is_signed_as_the_sdk_signs_it(more, ours):
    who = {"access_key_id": KEY_ID, "secret_access_key": SECRET, "session_token": SESSION_TOKEN, "at": 1_780_000_000}
    for name in NAMES:
        disposition = disposition_of(name)
        theirs = told(["node", ROOT / "tests/peers/s3_urls.mjs"], {
            **who, "endpoint": "https://storage.example", "region": "us-east-1", "path_style": False, "bucket": BUCKET, "expires_in": 600,
            "keys": [PREFIX + "a"], "more": {**more, "ResponseContentDisposition": disposition}})
        alone = told([BINARY.parent / "tests/presign_tool"], {
            **who, "region": "us-east-1", "host": f"{BUCKET}.storage.example", "uri_prefix": "/", "expires_in": 600, "paths": [PREFIX + "a"],
            "more": {**THEIRS, **ours}, "download": {PREFIX + "a": name}})
        assert sorted_query(alone[0]) == sorted_query(theirs[0].split("?")[1])
