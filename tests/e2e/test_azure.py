"""A source on Azure Blob Storage: its tokens are shared access signatures, byte for byte those of Microsoft's own client."""

import urllib.parse

import pytest

from azure_source import ACCOUNT, CONTAINER, KEY, is_blob_name, our_signer, stored, their_client  # noqa: F401
from canaries import forms_of
from filemint_node import eventually
from object_keys import NAMES, PREFIX, disposition_of, object_keys, opaque_keys
from s3_source import minted


KEPT_IN_QUERIES = "!'()*~"  # by JavaScript's encodeURIComponent


def parameters(url):
    return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(url).query, strict_parsing=True))


def escaped_as_they_do(url):
    """Their client leaves five more bytes of a path as they are, all of which servers decode alike."""
    path, query = url.split("?")
    for kept in "!()*":
        path = path.replace(f"%{ord(kept):02X}", kept)
    if "&rscd=" in query:
        signed, disposition = query.split("&rscd=")
        query = f"{signed}&rscd={urllib.parse.quote(urllib.parse.unquote(disposition), safe=KEPT_IN_QUERIES)}"
    return path, query


@pytest.mark.parametrize("endpoint, addressing, begins", [
    (None, "virtual", f"https://{ACCOUNT}.blob.core.windows.net"),
    ("http://storage.example:10000", "path", f"http://storage.example:10000/{ACCOUNT}"),
    ("https://files.example", "bucket_bound", "https://files.example")])
def test_2000_keys_are_signed_as_their_own_client_signs_them(stored, endpoint, addressing, begins):
    node = stored(addressing=addressing, **({"endpoint": endpoint} if endpoint else {}))
    keys = [key for key in object_keys() if is_blob_name(key)]
    protocol = "https" if begins.startswith("https") else "https,http"
    urls = minted(node, keys[:1_000], expiresIn=600) | minted(node, keys[1_000:], expiresIn=600)
    theirs = their_client([{"do": "sign", "account": ACCOUNT, "container": CONTAINER, "key": KEY, "path": key, "protocol": protocol,
                           "endpoint": begins, "expires": parameters(urls[key])["se"]} for key in keys])
    for key, their in zip(keys, theirs, strict=True):
        assert escaped_as_they_do(urls[key]) == (their["url"], their["query"])


def test_opaque_keys_are_signed_as_their_own_client_signs_them(stored):
    begins = f"https://{ACCOUNT}.blob.core.windows.net"
    keys = [key for key in opaque_keys() if is_blob_name(key)]
    urls = minted(stored(path_rules="opaque"), keys)
    theirs = their_client([{"do": "sign", "account": ACCOUNT, "container": CONTAINER, "key": KEY, "path": key, "protocol": "https",
                           "endpoint": begins, "expires": parameters(urls[key])["se"]} for key in keys])
    for key, their in zip(keys, theirs, strict=True):
        assert escaped_as_they_do(urls[key]) == (their["url"], their["query"])


def test_how_files_are_to_be_saved_is_signed_as_their_own_client_signs_it(stored):
    begins = f"https://{ACCOUNT}.blob.core.windows.net"
    node = stored()
    keys = [key for key in object_keys() if is_blob_name(key)][:60]
    names = dict(zip(keys, NAMES))
    for download, expected in ((names, names), (True, {key: key.rsplit("/")[-1] for key in keys})):
        urls = minted(node, keys, download=download)
        theirs = their_client([{"do": "sign", "account": ACCOUNT, "container": CONTAINER, "key": KEY, "path": key, "protocol": "https",
                               "endpoint": begins, "expires": parameters(urls[key])["se"],
                               **({"disposition": disposition_of(expected[key])} if key in expected else {})} for key in keys])
        for key, their in zip(keys, theirs, strict=True):
            assert escaped_as_they_do(urls[key]) == (their["url"], their["query"])
            assert parameters(urls[key]).get("rscd") == (disposition_of(expected[key]) if key in expected else None)


@pytest.mark.parametrize("protocol", ["https", "https,http"])
def test_2000_keys_are_signed_by_a_user_delegation_key_as_their_own_client_signs_them(protocol):
    by = {"object_id": "00000000-1111-2222-3333-444444444444", "tenant_id": "55555555-6666-7777-8888-999999999999",
          "starts": "2026-01-01T00:00:00Z", "expires": "2026-01-02T00:00:00Z", "api_version": "2020-12-06", "value": KEY}
    asked = [{"do": "sign", "account": ACCOUNT, "container": CONTAINER, "path": key, "protocol": protocol, "expires": "2026-01-01T01:00:00Z",
              "delegation": by} for key in object_keys()]
    assert our_signer(asked) == [their["query"] for their in their_client(asked)]


def test_what_azure_cannot_hold_is_refused_with_every_offender(stored):
    node = stored()
    good = [key for key in object_keys() if is_blob_name(key)][:20]
    dotted = [key for key in object_keys() if not is_blob_name(key)]
    others = [PREFIX + name for name in ("a./b", "..." + "x/...", "\u0085", "\ufdd0", "\U0001ffff", "/".join("a" * 253))]
    illegal = [PREFIX + "./a"]
    assert len(dotted) > 100
    refused = node.mint({"filePaths": good + dotted + illegal + others, "source": "objects"})
    assert (refused.status, refused.code) == (422, "UNPROCESSABLE_ENTITY")
    assert refused.details["filePaths"] == dotted + illegal + others
    held = [PREFIX + "/".join("a" * 252), PREFIX + "...x/.b", PREFIX + "\ufffd\ue000\u00a0\U0001fffd"]
    minted(node, held)
    assert node.mint({"filePaths": ["elsewhere/a."], "source": "objects"}).status == 422  # before the grants
    assert node.mint({"filePaths": ["elsewhere/a"], "source": "objects"}).status == 403


def test_local_sources_hold_them_still(stored):
    node = stored()
    assert node.mint({"filePaths": [PREFIX + "a./b."], "source": "betaimages"}).status == 200


def test_an_expiry_that_differs_is_another_signature(stored):
    node = stored()
    first, second = (minted(node, [PREFIX + "a"], expiresIn=life)[PREFIX + "a"] for life in (60, 600))
    assert parameters(first)["se"] < parameters(second)["se"]
    assert parameters(first)["sig"] != parameters(second)["sig"]
    assert "st" not in parameters(first)


@pytest.mark.parametrize("key", ["not base64!", KEY[:-1] + "-", KEY[:-3]])
def test_a_key_that_is_no_base64_is_refused_untold(stored, key):
    with pytest.raises(AssertionError, match="ended with 3: .*sources.objects.account_key: .*account_key holds no base64") as told:
        stored(key=key)
    assert key not in str(told.value)


def test_its_tokens_are_not_ours(stored):
    node = stored()
    token = node.mint({"filePaths": [PREFIX + "a"], "source": "objects"}).data["access_tokens"][PREFIX + "a"]
    assert node.ask("GET", f"/files/objects/{PREFIX}a?token={urllib.parse.quote(token)}").status == 401
    target = [("X-Original-URI", f"/{CONTAINER}/{PREFIX}a?token={urllib.parse.quote(token)}"), ("X-Original-Method", "GET")]
    assert node.ask("GET", "/verify", target).status == 401
    assert eventually(lambda: node.ask("GET", "/health", node.bearer()).status == 200, "the node is well without a signing key for it")


def test_the_key_stays_where_it_is(stored):
    node = stored(level="debug")
    said = [node.mint({"filePaths": [PREFIX + "a"], "source": "objects", "urls": True}).body]
    for key in ("bad", node.key):
        said.append(node.mint({"filePaths": ["uploads/co_abc/x", PREFIX + "a."], "source": "objects"}, key).body)
    said += [node.ask("GET", "/health", node.bearer()).body, node.admin("/metrics").body, node.output.read_bytes(), node.log().encode()]
    for form in forms_of(KEY):
        assert form not in b"\n".join(said)
