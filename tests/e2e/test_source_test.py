"""`filemint source test`: what it says of sources that work, and of each thing that can be wrong with one."""

import base64
import http.server
import json
import ssl
import sys
import threading

import pytest

import azure_source
import s3_source
from authority import Authority
from filemint_node import BINARY, PDF, ROOT  # noqa: F401
from test_cli import CONFIGURATION, DONE, FAILED, NOT_FOUND, open_shop, shop  # noqa: F401  fixtures
from test_edge_gateway import BUCKET, bucket  # noqa: F401  a fixture

sys.path.insert(0, str(ROOT / "tests/tools"))
from azurite_server import Azurite  # noqa: E402
from edge_checks import GRANTED, SOURCE  # noqa: E402
from node_config import free_port  # noqa: E402
from swift_server import KEY_ID, REGION, SECRET  # noqa: E402
from test_edge_nginx import AskingNginx, NoServer, edge_of  # noqa: E402

KEPT = "uploads/co_xyz/C++ notes 😀.txt"


class Tried:
    """What one run said: its exit code, and each finding's verdict and sentence by what it is about."""

    def __init__(self, done):
        assert done.stderr == "", done
        self.code, told = done.returncode, json.loads(done.stdout)
        assert told["ok"] == (self.code == DONE)
        self.found = {each["about"]: (each["verdict"], each["says"]) for each in told["findings"]}
        self.text = done.stdout

    def says(self, about, verdict, *parts):
        assert self.found[about][0] == verdict, self.found
        assert all(part in self.found[about][1] for part in parts), self.found
        assert (self.code == FAILED) == any(each[0] == "bad" for each in self.found.values())


@pytest.fixture
def trial(shop):  # noqa: F811
    """Runs it on a source `objects` of these lines."""
    text = shop.config.read_text()

    def run(source, *path):
        shop.config.write_text(text + source)
        tried = Tried(shop.run("source", "test", "objects", *path, "--json"))
        for secret in (SECRET, azure_source.KEY, "Signature=", "sig="):
            assert secret not in tried.text
        return tried
    return run


# ---- S3, by OpenStack Swift's s3api


@pytest.fixture
def on_s3(trial, shop, bucket):  # noqa: F811
    bucket.client.put_object(Bucket=BUCKET, Key=KEPT, Body=b"kept")

    def run(*path, **changes):
        keys = {"endpoint": bucket.url, "addressing": "path", "region": REGION, "key_id": KEY_ID, "secret": SECRET} | changes
        return trial(s3_source.source(shop.folder, "objects", **keys), *path)
    return run


def test_a_file_on_s3_is_downloaded(on_s3, shop):  # noqa: F811
    on_s3(KEPT).says("download", "good", "127.0.0.1 gave the first byte")
    on_s3().says("signature", "good", "404 NoSuchKey")
    done = shop.run("source", "test", "objects", KEPT)
    assert done.returncode == DONE
    assert [line.split()[:2] for line in done.stdout.splitlines()] == [["ok", "credentials:"], ["ok", "download:"]]
    on_s3("uploads/co_xyz/none").says("download", "bad", "404 NoSuchKey: there is no such file")


def test_both_endpoints_of_s3_are_tried(on_s3, bucket):  # noqa: F811
    other = bucket.url.replace("127.0.0.1", "localhost")
    tried = on_s3(KEPT, public_endpoint=other)
    tried.says("download", "good", "localhost gave the first byte")
    tried.says("endpoint", "good", "127.0.0.1 gave the first byte")
    tried = on_s3(KEPT, public_endpoint=f"http://127.0.0.1:{free_port()}")
    tried.says("download", "bad", "can't be reached")
    tried.says("endpoint", "good")


@pytest.mark.parametrize("changes, parts", [
    ({"secret": "other"}, ["403 SignatureDoesNotMatch", "secret_access_key"]),
    ({"key_id": "test:nobody"}, ["403 SignatureDoesNotMatch", "access_key_id"]),
    ({"region": "eu-central-1"}, ["the bucket is in region us-east-1, and region says eu-central-1"]),
    ({"bucket": "no-such-bucket"}, ["404 NoSuchBucket", "no such bucket"]),
])
def test_what_is_wrong_with_s3_is_said(on_s3, changes, parts):
    on_s3(KEPT, **changes).says("download", "bad", *parts)


def test_a_server_without_virtual_hosts_is_told(on_s3, bucket):  # noqa: F811
    """The name before the host is ignored by a server that does not know it, and the path's first part is the bucket."""
    port = bucket.url.rsplit(":", 1)[1]
    tried = on_s3(KEPT, endpoint=f"http://localhost:{port}", addressing="virtual")
    assert tried.found["download"][0] == "bad" and "addressing: path" in tried.found["download"][1], tried.found


# ---- Azure, by Azurite


@pytest.fixture(scope="module")
def azurite():
    server = Azurite(azure_source.ACCOUNT, azure_source.KEY)
    try:
        server.start()
        azure_source.their_client([{"do": "put", "account": azure_source.ACCOUNT, "container": azure_source.CONTAINER, "key": azure_source.KEY,
                                    "path": KEPT, "endpoint": f"{server.url}/{azure_source.ACCOUNT}"}])
        yield server
    finally:
        server.stop()


def test_azure_is_tried(trial, shop, azurite):  # noqa: F811
    def run(*path, **changes):
        return trial(azure_source.source(shop.folder, "objects", **({"endpoint": azurite.url, "addressing": "path"} | changes)), *path)
    run(KEPT).says("download", "good", "first byte")
    run().says("signature", "good", "404 BlobNotFound")
    run("uploads/none").says("download", "bad", "there is no such file")
    run(KEPT, key=base64.b64encode(bytes(64)).decode()).says("download", "bad", "account_key")
    run(KEPT, container="no-such-container").says("download", "bad", "ContainerNotFound", "no such container")
    run("uploads/ends.").says("path", "bad", "this storage can't hold")


# ---- connections


def test_a_certificate_that_does_not_hold_is_told(on_s3, tmp_path):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*Authority(tmp_path / "ca").issue("server"))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        tried = on_s3(KEPT, endpoint=f"https://localhost:{server.server_address[1]}")
        tried.says("download", "bad", "the certificate of localhost does not hold")
        on_s3(KEPT, endpoint=f"http://localhost:{server.server_address[1]}").says("download", "bad", "does not answer in HTTP")
        server.shutdown()


# ---- local sources and edges


def test_a_local_source_is_tried(fresh_node):
    def run(*arguments):
        return Tried(fresh_node.cli("source", "test", "magikarp", *arguments, "--json"))
    tried = run(PDF)
    for about in ("signing key", "grant", "token", "download"):
        tried.says(about, "good")
    run().says("root", "good")
    run("uploads/co_xyz/none").says("download", "bad", "No such file")
    run("elsewhere/a").says("grant", "bad", "grant add")
    run("/etc/passwd").says("path", "bad", "no path")
    fresh_node.told_by_cli("company", "suspend", "co_xyz")
    run(PDF).says("grant", "bad")


def test_an_edge_is_tried(tmp_path):
    for edge in edge_of(AskingNginx(), tmp_path / "good"):
        def run(*arguments):
            return Tried(edge.node.cli("source", "test", SOURCE, *arguments, "--json"))
        run(GRANTED).says("download", "good", "206")
        run().says("edge", "good")
        edge.server.keep("uploads/co_xyz/gone")
        (edge.server.files / SOURCE / "uploads/co_xyz/gone").unlink()
        run("uploads/co_xyz/gone").says("download", "bad", "no such file")
        edge.node.told_by_cli("signing-key", "prepare", SOURCE)
        edge.node.kill9()
        run(GRANTED + "x").says("download", "bad", "500")
        edge.node.stop = lambda: None
    for edge in edge_of(NoServer(), tmp_path / "none"):
        Tried(edge.node.cli("source", "test", SOURCE, GRANTED, "--json")).says("download", "bad", "can't be reached")


# ---- the configuration


def test_a_source_that_is_not_there_is_named(open_shop):  # noqa: F811
    assert "there are: " in open_shop.refused(NOT_FOUND, "source", "test", "nowhere")


def test_credentials_that_cannot_be_read_are_told_by_both(trial, shop):  # noqa: F811
    tried = trial(s3_source.source(shop.folder, "objects", more={"secret_access_key": "env:FILEMINT_NOT_SET"}), "a")
    tried.says("credentials", "bad", "sources.objects.secret_access_key", "FILEMINT_NOT_SET")
    done = shop.run("config", "check")
    assert done.returncode == CONFIGURATION and "sources.objects.secret_access_key" in done.stderr and str(shop.config) in done.stderr
    assert json.loads(shop.run("config", "check", "--json").stdout)["ok"] is False
    assert shop.run("config", "check", FILEMINT_NOT_SET="x").returncode == DONE


def test_a_dotted_bucket_is_told_by_the_configuration(shop):  # noqa: F811
    shop.config.write_text(shop.config.read_text() + s3_source.source(shop.folder, "objects", bucket="stored.files"))
    assert "set addressing: path" in shop.refused(CONFIGURATION, "source", "test", "objects")
