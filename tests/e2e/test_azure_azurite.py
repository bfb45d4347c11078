"""A source on Azure Blob Storage with a server that verifies: Azurite, Microsoft's emulator."""

import http.client
import sys
import urllib.parse
import xml.etree.ElementTree

import pytest

from azure_source import ACCOUNT, CONTAINER, KEY, is_blob_name, stored, their_client  # noqa: F401
from filemint_node import ROOT, eventually
from object_keys import PREFIX, object_keys, opaque_keys
from s3_source import minted

sys.path.insert(0, str(ROOT / "tests/tools"))
from azurite_server import Azurite  # noqa: E402

KEYS = [key for key in object_keys() if is_blob_name(key)]
OPAQUE = [key for key in opaque_keys(200) if is_blob_name(key)]


@pytest.fixture(scope="module")
def azurite():
    server = Azurite(ACCOUNT, KEY)
    try:
        server.start()
        their_client([{"do": "put", "account": ACCOUNT, "container": CONTAINER, "key": KEY, "path": key,
                       "endpoint": f"{server.url}/{ACCOUNT}"} for key in KEYS + OPAQUE])
        yield server
    finally:
        server.stop()


@pytest.fixture
def node(stored, azurite):  # noqa: F811
    return stored(endpoint=azurite.url, addressing="path")


class Client:
    """Sends each URL as it stands, to that server whatever host it names."""

    def __init__(self, server):
        self.connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)

    def ask(self, url, method="GET"):
        target = urllib.parse.urlsplit(url)
        self.connection.request(method, f"{target.path}?{target.query}", headers={"Host": target.netloc})
        answer = self.connection.getresponse()
        return answer.status, answer.read()


def code_of(body):
    return xml.etree.ElementTree.fromstring(body).findtext("Code")


@pytest.mark.parametrize("part", [slice(1_000), slice(1_000, None)])
def test_each_token_downloads_its_file(node, azurite, part):
    client = Client(azurite)
    for key, url in minted(node, KEYS[part]).items():
        assert client.ask(url) == (200, key.encode())


def test_each_token_of_an_opaque_source_downloads_its_file(stored, azurite):  # noqa: F811
    client = Client(azurite)
    for key, url in minted(stored(endpoint=azurite.url, addressing="path", path_rules="opaque"), OPAQUE).items():
        assert client.ask(url) == (200, key.encode())


@pytest.mark.parametrize("addressing, host", [("virtual", "localhost"), ("bucket_bound", f"{ACCOUNT}.localhost")])
def test_the_accounts_name_in_the_host(stored, azurite, addressing, host):  # noqa: F811
    node = stored(endpoint=f"http://{host}:{azurite.port}", addressing=addressing)
    client = Client(azurite)
    for key, url in minted(node, KEYS[:20]).items():
        assert url.startswith(f"http://{ACCOUNT}.localhost:{azurite.port}/{CONTAINER}/")
        assert client.ask(url) == (200, key.encode())


def test_a_token_opens_its_own_file_and_reads_alone(node, azurite):
    client = Client(azurite)
    first, second = minted(node, KEYS[:2]).values()
    crossed = second.split("?")[0] + "?" + first.split("?")[1]
    assert (lambda answer: (answer[0], code_of(answer[1])))(client.ask(crossed)) == (403, "AuthorizationFailure")
    before, signature = first.split("sig=")
    other = ("A" if signature[0] != "A" else "B") + signature[1:]
    assert client.ask(f"{before}sig={other}")[0] == 403
    assert client.ask(first.replace("&sp=r&", "&sp=rw&"))[0] == 403
    assert client.ask(first.split("?")[0])[0] in (403, 404)
    assert client.ask(first, "DELETE")[0] == 403
    assert client.ask(first, "HEAD")[0] == 200
    assert client.ask(first)[0] == 200


def test_a_token_ends(node, azurite):
    client = Client(azurite)
    (url,) = minted(node, KEYS[:1], expiresIn=1).values()
    body = eventually(lambda: (lambda answer: answer[0] == 403 and answer[1])(client.ask(url)), "the token has expired")
    assert code_of(body) == "AuthorizationFailure"


def test_a_wrong_key_opens_nothing(stored, azurite):  # noqa: F811
    node = stored(endpoint=azurite.url, addressing="path", key="A" + KEY[1:] if KEY[0] != "A" else "B" + KEY[1:])
    client = Client(azurite)
    for url in minted(node, KEYS[:3]).values():
        assert client.ask(url)[0] == 403
    assert PREFIX in url
