"""Sources on object stores that look whether files exist, asked of real servers: Swift by temporary URLs and as S3, and Azurite."""

import signal
import sys
import unicodedata

import azure_source
import botocore.config
import botocore.session

import pytest
import s3_source
import swift_source

from filemint_node import ROOT, eventually
from object_keys import MOST_BYTES, PREFIX, object_keys

sys.path.insert(0, str(ROOT / "tests/tools"))
from azurite_server import Azurite  # noqa: E402
from swift_server import KEY_ID, REGION, SECRET, Swift  # noqa: E402

BUCKET = swift_source.CONTAINER
OTHER = "other-files"
STORED = [key for key in object_keys(120) if azure_source.is_blob_name(key) and len(key.encode()) < MOST_BYTES][:80]
MISSING = [key + "~" for key in STORED[:40]]
WITHOUT_MEMORY = {"check_exists": True, "exists_cache_life": "0s"}


@pytest.fixture(scope="module")
def swift():
    server = Swift()
    try:
        server.start(keeper=True)
        account = swift_source.ACCOUNT
        server.keep(account, method="POST", Account_Meta_Temp_URL_Key=swift_source.KEY)
        server.keep(f"{account}/{BUCKET}")
        for key in STORED:
            server.keep(f"{account}/{BUCKET}/{key}", key.encode())
        client = botocore.session.get_session().create_client(
            "s3", endpoint_url=server.url, region_name=REGION, aws_access_key_id=KEY_ID, aws_secret_access_key=SECRET,
            config=botocore.config.Config(signature_version="s3v4", s3={"addressing_style": "path"}))
        client.create_bucket(Bucket=OTHER)
        for key in STORED:
            client.put_object(Bucket=OTHER, Key=key, Body=key.encode())
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="module")
def azurite():
    server = Azurite(azure_source.ACCOUNT, azure_source.KEY)
    try:
        server.start()
        azure_source.their_client([
            {"do": "put", "account": azure_source.ACCOUNT, "container": azure_source.CONTAINER, "key": azure_source.KEY, "path": key,
             "endpoint": f"{server.url}/{azure_source.ACCOUNT}"} for key in STORED])
        yield server
    finally:
        server.stop()


def on_swift(folder, request, **keys):
    return swift_source.source(folder, "objects", endpoint=request.getfixturevalue("swift").url, **keys)


def on_s3(folder, request, **keys):
    keys = {"key_id": KEY_ID, "secret": SECRET, "bucket": OTHER, **keys}
    return s3_source.source(folder, "objects", endpoint=request.getfixturevalue("swift").url, addressing="path", region=REGION, **keys)


def on_azure(folder, request, **keys):
    return azure_source.source(folder, "objects", endpoint=request.getfixturevalue("azurite").url, addressing="path", **keys)


kinds = pytest.mark.parametrize("kind", [on_swift, on_s3, on_azure])


@pytest.fixture
def looking(served, fresh_node, tmp_path, request):
    """Serves a source `objects` of a kind; tests say its keys."""
    def start(kind, **keys):
        fresh_node.stop()
        more = kind(tmp_path, request, **{"public_endpoint": "https://objects.example", **WITHOUT_MEMORY, **keys})
        fresh_node.config.write_text(fresh_node.config.read_text() + more)
        fresh_node.told_by_cli("grant", "add", "co_xyz", "--source", "objects", "--prefix", PREFIX.rstrip("/"))
        return served()
    return start


def mint(node, keys):
    return node.mint({"filePaths": keys, "source": "objects", "urls": True})


def probes(node, outcome):
    for line in node.admin("/metrics").body.decode().splitlines():
        if line.startswith(f'filemint_storage_probes_total{{backend="objects",outcome="{outcome}"}}'):
            return int(float(line.split()[-1]))
    raise AssertionError("no such metric")


def twins(keys):
    """Their other forms of Unicode, which are looked for where a file is missing."""
    return [other for key in keys for other in {unicodedata.normalize(form, key) for form in ("NFC", "NFD")} - {key}]


@kinds
def test_files_that_are_there_get_tokens_and_missing_ones_are_named(looking, kind):
    node = looking(kind)
    assert list(mint(node, STORED).data["access_tokens"]) == STORED
    mixed = [key for pair in zip(STORED, MISSING) for key in pair]
    answer = mint(node, mixed)
    assert (answer.status, answer.code) == (404, "RESOURCE_NOT_FOUND")
    assert answer.details["filePaths"] == MISSING
    assert probes(node, "exists") == len(STORED) + len(MISSING)
    assert probes(node, "missing") == len(MISSING) + len(twins(MISSING))


@kinds
def test_a_path_without_a_grant_is_not_asked_for(looking, kind):
    node = looking(kind)
    assert mint(node, [STORED[0], "elsewhere/x"]).code == "FORBIDDEN"
    assert probes(node, "exists") == probes(node, "missing") == 0


def test_what_exists_is_remembered(looking):
    node = looking(on_swift, exists_cache_life="1h")
    for _ in range(3):
        assert mint(node, STORED).status == 200
    assert probes(node, "exists") == len(STORED)


def test_a_file_that_comes_is_found(looking, swift):
    node = looking(on_swift, exists_cache_life="1h")
    key = PREFIX + "comes later"
    assert mint(node, [key]).status == 404
    swift.keep(f"{swift_source.ACCOUNT}/{BUCKET}/{key}", b"here")
    eventually(lambda: mint(node, [key]).status == 200, "it is found within a second or two", 5)


def refused_by_s3(looking, **keys):
    """By a secret that is not the key's, as S3 answers for what may not be read."""
    return looking(on_s3, secret="not the secret", **keys)


def test_a_file_that_may_not_be_read_is_503_and_never_403(looking):
    node = refused_by_s3(looking)
    answer = mint(node, STORED[:3])
    assert (answer.status, answer.code) == (503, "SERVICE_UNAVAILABLE")
    assert int(answer["Retry-After"]) >= 1
    assert probes(node, "forbidden") >= 1
    eventually(lambda: any(line.get("source") == "objects" and "403" in line["message"] for line in node.log_lines()), "the log tells")


def test_or_missing_where_the_source_says_so(looking):
    node = refused_by_s3(looking, missing_as_403=True)
    answer = mint(node, STORED[:3])
    assert (answer.status, answer.details["filePaths"]) == (404, STORED[:3])
    assert probes(node, "forbidden") == 3


def test_a_wrong_key_of_swift_is_503(looking):
    node = looking(on_swift, key="not the key")
    assert mint(node, STORED[:1]).status == 503
    assert probes(node, "rejected") == 1


def test_new_credentials_are_probed_with(looking, tmp_path):
    node = looking(on_swift, key="not the key")
    assert mint(node, STORED[:1]).status == 503
    (tmp_path / "temp_url_key").write_text(swift_source.KEY + "\n")
    eventually(lambda: mint(node, STORED[:1]).status == 200, "the key is read anew")


def test_looking_begins_with_a_reload(looking):
    node = looking(on_swift, check_exists=False)
    assert mint(node, MISSING[:1]).status == 200
    node.config.write_text(node.config.read_text().replace("    check_exists: false\n    exists_cache", "    check_exists: true\n    exists_cache"))
    node.process.send_signal(signal.SIGHUP)
    eventually(lambda: mint(node, MISSING[:1]).status == 404, "it looks")


def test_the_storages_clock_is_compared(looking):
    node = looking(on_swift)
    assert mint(node, STORED[:1]).status == 200
    (line,) = [line for line in node.admin("/metrics").body.decode().splitlines() if line.startswith("filemint_storage_clock_skew_seconds{")]
    assert abs(float(line.split()[-1])) <= 2
