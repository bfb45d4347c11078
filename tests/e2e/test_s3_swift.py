"""A source on S3 with a server that verifies: OpenStack Swift's s3api."""

import http.client
import sys
import urllib.parse
import xml.etree.ElementTree

import botocore.config
import botocore.session
import pytest

from filemint_node import ROOT, eventually
from object_keys import PREFIX, object_keys, opaque_keys
from s3_source import BUCKET, minted, stored  # noqa: F401

sys.path.insert(0, str(ROOT / "tests/tools"))
from swift_server import KEY_ID, REGION, SECRET, Swift  # noqa: E402

STORED = object_keys(60)
OPAQUE = opaque_keys(60)


@pytest.fixture(scope="module")
def swift():
    server = Swift()
    try:
        server.start()
        client = botocore.session.get_session().create_client(
            "s3", region_name=REGION, endpoint_url=server.url, aws_access_key_id=KEY_ID, aws_secret_access_key=SECRET,
            config=botocore.config.Config(signature_version="s3v4", s3={"addressing_style": "path"}))
        client.create_bucket(Bucket=BUCKET)
        for key in STORED + OPAQUE:
            client.put_object(Bucket=BUCKET, Key=key, Body=key.encode())
        yield server
    finally:
        server.stop()


@pytest.fixture
def node(stored, swift):  # noqa: F811
    return stored(endpoint=swift.url, addressing="path", region=REGION, key_id=KEY_ID, secret=SECRET)


class Client:
    """Sends each URL as it stands."""

    def __init__(self, server):
        self.connection = http.client.HTTPConnection(urllib.parse.urlsplit(server.url).netloc, timeout=30)

    def ask(self, url, method="GET"):
        self.connection.request(method, "/" + url.split("/", 3)[3])
        answer = self.connection.getresponse()
        return answer.status, answer.read()


def error_of(body):
    """Its code, and the key if it names one; Swift writes a key's bytes as characters."""
    document = xml.etree.ElementTree.fromstring(body)
    return document.findtext("Code"), document.findtext("Key", "").encode("latin-1").decode()


def test_each_token_downloads_its_file(node, swift):
    client = Client(swift)
    for key, url in minted(node, STORED).items():
        assert client.ask(url) == (200, key.encode())


def test_each_token_of_an_opaque_source_downloads_its_file(stored, swift):  # noqa: F811
    client = Client(swift)
    node = stored(endpoint=swift.url, addressing="path", region=REGION, key_id=KEY_ID, secret=SECRET, path_rules="opaque")
    for key, url in minted(node, OPAQUE).items():
        assert client.ask(url) == (200, key.encode())


def test_2000_keys_reach_the_server_as_they_are(node, swift):
    client = Client(swift)
    keys = sorted(set(object_keys()) - set(STORED))
    for part in (keys[:1_000], keys[1_000:]):
        for key, url in minted(node, part).items():
            status, body = client.ask(url)
            assert (status, *error_of(body)) == (404, "NoSuchKey", key)


def test_a_token_opens_its_own_file_and_reads_alone(node, swift):
    client = Client(swift)
    first, second = minted(node, STORED[:2]).values()
    crossed = second.split("?")[0] + "?" + first.split("?")[1]
    assert error_of(client.ask(crossed)[1])[0] == "SignatureDoesNotMatch"
    assert client.ask(first, "DELETE")[0] == 403
    assert client.ask(first)[0] == 200


def test_a_token_ends(node, swift):
    client = Client(swift)
    (url,) = minted(node, STORED[:1], expiresIn=1).values()
    body = eventually(lambda: (lambda answer: answer[0] == 403 and answer[1])(client.ask(url)), "the token has expired")
    assert error_of(body)[0] == "AccessDenied"
