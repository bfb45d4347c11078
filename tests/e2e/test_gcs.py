"""A source on Google Cloud Storage: its tokens are V4 signed URLs, byte for byte those of Google's own client."""

import hashlib
import json
import subprocess
import urllib.parse

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding

from canaries import forms_of
from filemint_node import ROOT
from gcs_source import BUCKET, HMAC_ID, HMAC_SECRET, service_account, stored  # noqa: F401
from object_keys import NAMES, PREFIX, disposition_of, object_keys, opaque_keys
from s3_source import minted

STYLES = {
    "path": ({"addressing": "path"}, {}),
    "virtual": ({"addressing": "virtual"}, {"virtual": True}),
    "bucket_bound": ({"addressing": "bucket_bound", "public_endpoint": "https://files.example"}, {"cname": "https://files.example"}),
    "a port": ({"addressing": "path", "endpoint": "http://127.0.0.1:8080"}, {"endpoint": "http://127.0.0.1:8080"}),
}


@pytest.fixture(scope="module")
def account():
    return service_account()


def parameters(url):
    return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(url).query, strict_parsing=True))


def of_googles_client(ours, **terms):
    """What Google's client signs for the same keys at the same time."""
    first = parameters(next(iter(ours.values())))
    lines = [{"bucket": BUCKET, "at": first["X-Goog-Date"], "expiresIn": int(first["X-Goog-Expires"]), **terms}, *ours]
    done = subprocess.run(["node", ROOT / "tests/peers/gcs_urls.cjs"], input="\n".join(map(json.dumps, lines)), capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return dict(zip(ours, map(json.loads, done.stdout.splitlines()), strict=True))


@pytest.mark.parametrize("style", STYLES)
def test_2000_keys_are_signed_as_googles_client_would_by_hmac(stored, style):
    """It knows RSA alone: gcs_urls.cjs has it sign its own requests by HMAC."""
    ours, theirs = STYLES[style]
    node = stored(**ours)
    keys = object_keys()
    for part in (keys[:1_000], keys[1_000:]):
        urls = minted(node, part, expiresIn=600)
        assert urls == of_googles_client(urls, hmac={"id": HMAC_ID, "secret": HMAC_SECRET}, **theirs)


@pytest.mark.parametrize("style", STYLES)
def test_opaque_keys_are_signed_as_googles_client_would_by_hmac(stored, style):
    ours, theirs = STYLES[style]
    urls = minted(stored(path_rules="opaque", **ours), opaque_keys())
    assert urls == of_googles_client(urls, hmac={"id": HMAC_ID, "secret": HMAC_SECRET}, **theirs)


@pytest.mark.parametrize("signer", ["service_account", "hmac"])
def test_how_files_are_to_be_saved_is_signed_as_googles_client_signs_it(stored, account, signer):
    """The parameter sorts behind `X-Goog-*`."""
    node = stored(account if signer == "service_account" else None, addressing="path", backdate=60)
    who = {"account": account} if signer == "service_account" else {"hmac": {"id": HMAC_ID, "secret": HMAC_SECRET}}
    keys = object_keys(40)
    names = dict(zip(keys, NAMES))
    for download, expected in ((names, names), (True, {key: key.rsplit("/")[-1] for key in keys})):
        urls = minted(node, keys, download=download)
        assert urls == of_googles_client(urls, dispositions={key: disposition_of(name) for key, name in expected.items()}, **who)
        assert parameters(urls[keys[0]])["X-Goog-Expires"] == "360"


@pytest.mark.parametrize("style", STYLES)
def test_keys_are_signed_as_googles_client_signs_them_for_a_service_account(stored, account, style):
    ours, theirs = STYLES[style]
    urls = minted(stored(account, **ours), object_keys(250), expiresIn=600)
    assert urls == of_googles_client(urls, account=account, **theirs)


def test_a_signature_verifies_by_the_service_accounts_public_key(stored, account):
    keys = object_keys(60)
    urls = minted(stored(account, addressing="virtual", max_life=604_800), keys, expiresIn=604_800)
    public = serialization.load_pem_private_key(account["private_key"].encode(), None).public_key()
    for key, url in urls.items():
        place, query = url.split("?")
        query, signature = query.split("&X-Goog-Signature=")
        said = parameters(url)
        scope = said["X-Goog-Credential"].removeprefix(account["client_email"] + "/")
        assert scope == f"{said['X-Goog-Date'][:8]}/auto/storage/goog4_request"
        assert said["X-Goog-Expires"] == "604800"
        path = "/" + urllib.parse.quote(key, safe="/-._~")
        assert place == f"https://{BUCKET}.storage.googleapis.com{path}"
        request = f"GET\n{path}\n{query}\nhost:{BUCKET}.storage.googleapis.com\n\nhost\nUNSIGNED-PAYLOAD"
        string = f"GOOG4-RSA-SHA256\n{said['X-Goog-Date']}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
        public.verify(bytes.fromhex(signature), string.encode(), padding.PKCS1v15(), hashes.SHA256())


@pytest.mark.parametrize("what, why", [
    ("no json", "it is not a JSON object"),
    ({"type": "authorized_user"}, "its `type` is not service_account"),
    ({"client_email": ""}, "it has no client_email"),
    ({"private_key": None}, "it has no private_key"),
    ({"private_key": "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"}, "its private_key: there is no PEM private key in it"),
])
def test_a_file_that_is_no_key_file_is_refused_at_the_start(stored, account, what, why):
    with pytest.raises(AssertionError, match=rf"ended with 3: .*sources.objects.service_account: file:.*/account.json: not a .*: {why}") as refused:
        stored(what if isinstance(what, str) else {**account, **what})
    for form in forms_of(account["private_key"].split("\n")[5]):
        assert form not in str(refused.value).encode()


def test_its_tokens_are_not_ours(stored):
    node = stored()
    token = node.mint({"filePaths": [PREFIX + "a"], "source": "objects"}).data["access_tokens"][PREFIX + "a"]
    assert node.ask("GET", f"/files/objects/{PREFIX}a?token={urllib.parse.quote(token)}").status == 401
    done = node.cli("token", "revoke", "--source", "objects", "--prefix", "uploads")
    assert done.returncode == 6 and "source objects is of type gcs" in done.stderr, done


@pytest.mark.parametrize("signer", ["service_account", "hmac"])
def test_the_secret_stays_where_it_is(stored, account, signer):
    node = stored(account if signer == "service_account" else None, level="debug")
    said = [node.mint({"filePaths": [PREFIX + "a"], "source": "objects", "urls": True}).body]
    for key in ("bad", node.key):
        said.append(node.mint({"filePaths": ["uploads/co_abc/x", PREFIX + "%2e"], "source": "objects"}, key).body)
    said += [node.ask("GET", "/health", node.bearer()).body, node.admin("/metrics").body, node.output.read_bytes(), node.log().encode()]
    secrets = account["private_key"].split("\n")[1:-2] if signer == "service_account" else [HMAC_SECRET]
    for form in set().union(*map(forms_of, secrets)):
        assert form not in b"\n".join(said)
