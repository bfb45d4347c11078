"""A source on OpenStack Swift: its tokens are those of Debian's python3-swiftclient, and open files of a real Swift."""

import http.client
import sys
import urllib.parse

import pytest
from swiftclient.utils import generate_temp_url

from canaries import forms_of
from filemint_node import ROOT, eventually
from object_keys import PREFIX, object_keys, opaque_keys
from s3_source import minted
from swift_source import ACCOUNT, CONTAINER, KEY, contained  # noqa: F401

sys.path.insert(0, str(ROOT / "tests/tools"))
from swift_server import Swift  # noqa: E402

CONTAINERS_KEY, OTHER = "the container's own key, of that one alone", "other-files"
DIGESTS = ("sha256", "sha512")
STORED = object_keys(60)
OPAQUE = opaque_keys(60)
both_digests = pytest.mark.parametrize("digest", DIGESTS)


@pytest.fixture(scope="module")
def swift():
    server = Swift()
    try:
        server.start(keeper=True)
        server.keep(ACCOUNT, method="POST", Account_Meta_Temp_URL_Key=KEY)
        for container in (CONTAINER, OTHER):
            server.keep(f"{ACCOUNT}/{container}", Container_Meta_Temp_URL_Key=CONTAINERS_KEY if container == CONTAINER else "")
            for key in STORED + OPAQUE if container == CONTAINER else STORED[:1]:
                server.keep(f"{ACCOUNT}/{container}/{key}", key.encode())
        yield server
    finally:
        server.stop()


class Client:
    """Sends each URL as it stands."""

    def __init__(self, server):
        self.connection = http.client.HTTPConnection(urllib.parse.urlsplit(server.url).netloc, timeout=30)

    def ask(self, url, method="GET"):
        self.connection.request(method, "/" + url.split("/", 3)[3])
        answer = self.connection.getresponse()
        return answer.status, answer.read()


@both_digests
def test_each_token_downloads_its_file(contained, swift, digest):  # noqa: F811
    client = Client(swift)
    for key, url in minted(contained(endpoint=swift.url, digest=digest), STORED).items():
        assert client.ask(url) == (200, key.encode())
        assert client.ask(url, "HEAD") == (200, b"")


def test_each_token_of_an_opaque_source_downloads_its_file(contained, swift):  # noqa: F811
    client = Client(swift)
    for key, url in minted(contained(endpoint=swift.url, path_rules="opaque"), OPAQUE).items():
        assert client.ask(url) == (200, key.encode())
        assert client.ask(url, "HEAD") == (200, b"")


@both_digests
def test_the_signature_of_each_of_2000_keys_is_accepted(contained, swift, digest):  # noqa: F811
    client = Client(swift)
    node = contained(endpoint=swift.url, digest=digest)
    keys = sorted(set(object_keys()) - set(STORED))
    for part in (keys[:1_000], keys[1_000:]):
        for url in minted(node, part).values():
            assert client.ask(url)[0] == 404, url  # a signature that is refused is 401


@both_digests
@pytest.mark.parametrize("path_rules, keys", [("strict", object_keys()), ("opaque", opaque_keys())], ids=["strict", "opaque"])
def test_keys_are_signed_as_swiftclient_signs_them(contained, digest, path_rules, keys):  # noqa: F811
    node = contained(endpoint="https://swift.example", digest=digest, path_rules=path_rules)
    for part in (keys[at:at + 1_000] for at in range(0, len(keys), 1_000)):
        for key, url in minted(node, part, expiresIn=600).items():
            path, query = url.removeprefix("https://swift.example").split("?")
            expires = urllib.parse.parse_qs(query)["temp_url_expires"][0]
            theirs, their_query = generate_temp_url(f"/v1/{ACCOUNT}/{CONTAINER}/{key}", expires, KEY, "GET", absolute=True,
                                                    digest=digest).rsplit("?", 1)
            assert (path, query) == (urllib.parse.quote(theirs), their_query)


@both_digests
def test_a_token_opens_its_own_file_and_reads_alone(contained, swift, digest):  # noqa: F811
    client = Client(swift)
    first, second = minted(contained(endpoint=swift.url, digest=digest), STORED[:2]).values()
    (path, query), (other, _) = first.split("?"), second.split("?")
    signature, expires = query.split("&")
    flipped = signature[:-2] + ("A" if signature[-2] != "A" else "B") + signature[-1]
    later = f"temp_url_expires={int(expires.split('=')[1]) + 1}"
    for url in (f"{other}?{query}", f"{path.replace(CONTAINER, OTHER)}?{query}", f"{path}?{flipped}&{expires}", f"{path}?{signature}&{later}",
                f"{path}?{query}&temp_url_prefix=uploads", f"{path}?{signature}", path):
        assert client.ask(url)[0] == 401, url
    for method in ("PUT", "POST", "DELETE"):
        assert client.ask(first, method)[0] == 401
    assert client.ask(first) == (200, STORED[0].encode())


@both_digests
def test_a_token_ends(contained, swift, digest):  # noqa: F811
    client = Client(swift)
    (url,) = minted(contained(endpoint=swift.url, digest=digest), STORED[:1], expiresIn=1).values()
    eventually(lambda: client.ask(url)[0] == 401, "the token has expired")


@pytest.mark.parametrize("container, status", [(CONTAINER, 200), (OTHER, 401)])
def test_a_containers_key_opens_that_container_alone(contained, swift, container, status):  # noqa: F811
    (url,) = minted(contained(endpoint=swift.url, key=CONTAINERS_KEY, container=container), STORED[:1]).values()
    assert Client(swift).ask(url)[0] == status


def test_a_name_to_save_a_file_under_cannot_be_signed(contained):  # noqa: F811
    node = contained(endpoint="https://swift.example")
    for download in (True, {PREFIX + "a": "b"}):
        refused = node.mint({"filePaths": [PREFIX + "a"], "source": "objects", "download": download})
        assert (refused.status, refused.code, refused.details) == (422, "UNPROCESSABLE_ENTITY", {"field": "download"})


def test_clients_get_the_public_endpoint(contained):  # noqa: F811
    node = contained(endpoint="http://10.0.0.7:8080", public_endpoint="https://objects.example")
    (url,) = minted(node, [PREFIX + "a"]).values()
    assert url.startswith(f"https://objects.example/v1/{ACCOUNT}/{CONTAINER}/{PREFIX}a?temp_url_sig=")


def test_a_key_that_is_not_there_is_named(contained):  # noqa: F811
    with pytest.raises(AssertionError, match="ended with 3: .*sources.objects.temp_url_key: .*FILEMINT_NO_SUCH_VARIABLE"):
        contained(endpoint="https://swift.example", more={"temp_url_key": "env:FILEMINT_NO_SUCH_VARIABLE"})


def test_the_key_stays_where_it_is(contained):  # noqa: F811
    node = contained(endpoint="https://swift.example", level="debug")
    said = [node.mint({"filePaths": [PREFIX + "a"], "source": "objects", "urls": True}).body]
    for key in ("bad", node.key):
        said.append(node.mint({"filePaths": ["uploads/co_abc/x", PREFIX + "%2e"], "source": "objects"}, key).body)
    said += [node.ask("GET", "/health", node.bearer()).body, node.admin("/metrics").body, node.output.read_bytes(), node.log().encode()]
    assert b"temp_url_sig" in said[0]
    for form in forms_of(KEY):
        assert form not in b"\n".join(said)
