"""deploy/edge/nginx/gateway_s3.conf, run by Debian's nginx before a private bucket: OpenStack Swift's s3api, which verifies."""

import http.server
import json
import sys
import threading
import urllib.parse
import urllib.request

import botocore.auth
import botocore.awsrequest
import botocore.config
import botocore.credentials
import botocore.session
import pytest

from filemint_node import ROOT, eventually

sys.path.insert(0, str(ROOT / "tests/tools"))
from edge_checks import FOLDER, GRANTED, OTHER, SOURCE, Asked, target_of  # noqa: E402
from edge_servers import EDGE  # noqa: E402
from swift_server import KEY_ID, REGION, SECRET, Swift  # noqa: E402
from test_edge_nginx import Nginx, OfNginx, edge_of  # noqa: E402

BUCKET = "stored-files"


class GatewayNginx(Nginx):
    """`client` writes into the bucket at `host`."""

    def __init__(self, host, client=None, forbidden_is=502, **credentials):
        super().__init__()
        self.host, self.client, self.forbidden_is = host, client, forbidden_is
        self.credentials = {"region": REGION, "access_key_id": KEY_ID, "secret_access_key": SECRET} | credentials
        self.key_file = self.folder / "bucket.json"

    def keep(self, path):
        super().keep(path)
        if self.client:
            self.client.put_object(Bucket=BUCKET, Key=path, Body=path.encode(), ContentType="text/plain", Metadata={"owner": "somebody"})

    def start(self, edge):
        (self.folder / "cache").mkdir()
        self.key_file.write_text(json.dumps(self.credentials))
        self.key_file.chmod(0o600)  # the master's, which is root
        places = {key: value for key, value in self.places.items() if key != "/srv/files"}
        conf = (EDGE / "nginx/gateway_s3.conf").read_text()
        for written, ours in (places | {
                "127.0.0.1:8080": edge.node.url.removeprefix("http://"), "/var/cache/nginx/filemint": f"{self.folder}/cache",
                "js_path /etc/nginx/filemint/": f"js_path {EDGE}/nginx/", "/etc/nginx/filemint/bucket.json": self.key_file,
                "proxy_pass https://": "proxy_pass http://", "host s3.eu-central-1.amazonaws.com;": f"host {self.host};",
                "_is 502;": f"_is {self.forbidden_is};"}).items():
            assert written in conf, written
            conf = conf.replace(written, str(ours))
        self.run_nginx("edge", conf, modules=["/usr/lib/nginx/modules/ngx_http_js_module.so"])


@pytest.fixture(scope="module")
def bucket():
    swift = Swift()
    try:
        swift.start()
        swift.host = urllib.parse.urlsplit(swift.url).netloc
        swift.client = botocore.session.get_session().create_client(
            "s3", region_name=REGION, endpoint_url=swift.url, aws_access_key_id=KEY_ID, aws_secret_access_key=SECRET,
            config=botocore.config.Config(signature_version="s3v4", s3={"addressing_style": "path"}))
        swift.client.create_bucket(Bucket=BUCKET)
        yield swift
    finally:
        swift.stop()


class TestGateway(OfNginx, Asked):
    ENDS_WITHIN_S = 1 + 2  # the cache's

    @pytest.fixture(scope="class")
    def edge(self, bucket, tmp_path_factory):
        yield from edge_of(GatewayNginx(bucket.host, bucket.client), tmp_path_factory.mktemp("edge"))

    def test_the_bucket_itself_stays_closed(self, edge, bucket):
        (target,) = edge.mint(GRANTED)
        path = target.removeprefix(f"/{SOURCE}/")
        with pytest.raises(OSError, match="HTTP Error 40[013]"):
            urllib.request.urlopen(f"{bucket.url}/{BUCKET}/{path}", timeout=30)

    def test_a_missing_file_is_404_and_no_more(self, edge):
        (target,) = edge.mint(f"{FOLDER}/none.txt")
        for method in ("GET", "HEAD"):
            answer = edge.ask(target, method)
            assert answer.status == 404 and answer["Content-Type"] == "text/plain", answer
            assert answer.body == (b"There is no such file.\n" if method == "GET" else b"")
            assert_nothing_of_the_storage(answer)

    def test_the_storages_own_fields_stay_there(self, edge):
        answer = edge.ask(*edge.mint(GRANTED))
        assert answer.status == 200 and answer["Content-Type"] == "text/plain" and answer["ETag"] and answer["Last-Modified"]
        assert_nothing_of_the_storage(answer)
        assert "owner" not in str(answer.fields)

    def test_conditions_and_ranges_are_the_storages_to_answer(self, edge):
        (target,) = edge.mint(GRANTED)
        tag = edge.ask(target)["ETag"]
        assert edge.ask(target, headers=[("If-None-Match", tag)]).status == 304
        assert edge.ask(target, headers=[("If-Modified-Since", "Fri, 01 Jan 2100 00:00:00 GMT")]).status in (200, 304)
        assert edge.ask(target, headers=[("If-Match", '"other"')]).status == 412
        part = edge.ask(target, headers=[("Range", "bytes=2-4"), ("If-Range", tag)])
        assert (part.status, part["Content-Range"]) == (206, f"bytes 2-4/{len(GRANTED)}")
        beyond = edge.ask(target, headers=[("Range", "bytes=1000-")])
        assert beyond.status == 416
        assert_nothing_of_the_storage(beyond)

    def test_a_query_reaches_no_other_function_of_s3(self, edge):
        for query in ("acl", "tagging", "versionId=null", "uploads", "response-content-type=text/html"):
            answer = edge.ask(edge.mint(GRANTED)[0] + "&" + query)
            assert (answer.status, answer.body, answer["Content-Type"]) == (200, GRANTED.encode(), "text/plain")

    def test_percent_signs_are_refused_before_they_reach_it(self, edge):
        name = f"{FOLDER}/100%20off.txt"
        edge.server.keep(name)
        edge.refuses(*edge.mint(name))

    def test_a_body_goes_nowhere(self, edge):
        (target,) = edge.mint(GRANTED)
        assert edge.ask(target, headers=[("Content-Length", "0")]).body == GRANTED.encode()
        edge.refuses(target, "PUT")
        assert edge.server.client.get_object(Bucket=BUCKET, Key=GRANTED)["Body"].read() == GRANTED.encode()

    def test_the_key_is_roots_alone(self, edge):
        assert edge.server.key_file.stat().st_mode & 0o777 == 0o600


def assert_nothing_of_the_storage(answer):
    told = str(answer.fields).lower() + answer.body.decode().lower()
    assert not any(word in told for word in ("x-amz", "amz", "trans-id", "openstack", "<error", "xml", BUCKET)), answer


@pytest.mark.parametrize("forbidden_is", [502, 404])
def test_a_key_that_the_bucket_refuses_is_told_plainly(bucket, tmp_path, forbidden_is):
    for edge in edge_of(GatewayNginx(bucket.host, bucket.client, forbidden_is, secret_access_key="wrong"), tmp_path):
        answer = edge.ask(*edge.mint(GRANTED))
        assert answer.status == forbidden_is and (b"refused the gateway" in answer.body) == (forbidden_is == 502)
        assert_nothing_of_the_storage(answer)
        eventually(lambda: f" {forbidden_is} 403 " in edge.server.access_log(), "the log has what the bucket said")


def test_a_bucket_that_is_away(tmp_path):
    for edge in edge_of(GatewayNginx("127.0.0.1:9"), tmp_path):
        answer = edge.ask(*edge.mint(GRANTED))
        assert answer.status == 502 and answer.body == b"The storage can not be read.\n"
        assert edge.ask(target_of(OTHER, edge.token())).status == 403


@pytest.fixture
def recorder():
    """A bucket that notes what it is asked, and answers with the next status of `answers`."""
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            self.server.asked.append((self.requestline, self.headers.items()))
            body = b"<Error><Code>Secret</Code></Error>"
            self.send_response(self.server.answers.pop(0) if self.server.answers else 200)
            for name, value in (("Content-Length", str(len(body))), ("Location", "https://elsewhere.example/x"), ("x-amz-bucket-region", "eu-west-9"),
                                ("Cache-Control", "public"), ("Set-Cookie", "a=b"), ("Content-Type", "application/xml")):
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.asked, server.answers = [], []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def test_what_the_bucket_is_asked(recorder, tmp_path):
    session = "AQoDYXdzEJr+/=="
    host = f"127.0.0.1:{recorder.server_address[1]}"
    for edge in edge_of(GatewayNginx(host, session_token=session), tmp_path):
        name = f"{FOLDER}/C++ (größe) 'a'*!~ 😀.txt"
        token = edge.token(name)
        passed = {"Range": "bytes=0-3", "If-Range": '"a"', "If-Match": '"a"', "If-None-Match": '"b"',
                  "If-Modified-Since": "Thu, 01 Jan 1970 00:00:00 GMT", "If-Unmodified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"}
        kept_back = {"Cookie": "c=1", "X-Amz-Acl": "public-read", "X-Amz-Security-Token": "theirs", "X-Forwarded-For": "10.0.0.1", "Accept-Encoding": "gzip"}
        answer = edge.ask(target_of(name, token) + "&acl", headers=[*passed.items(), *kept_back.items()])
        assert answer.status == 200 and answer["Set-Cookie"] is None and answer["Location"] is None
        assert answer["Cache-Control"] == "private, no-cache"
        ((line, fields),) = recorder.asked
        method, path, _ = line.split(" ")
        asked = {name.lower(): value for name, value in fields}
        own = {"host", "authorization", "x-amz-date", "x-amz-content-sha256", "x-amz-security-token"}
        assert set(asked) == own | {name.lower() for name in passed}
        assert all(asked[name.lower()] == value for name, value in passed.items())
        assert path == f"/{BUCKET}/" + urllib.parse.quote(name, safe="/~") and token not in str(recorder.asked)
        assert asked["x-amz-security-token"] == session
        auth = botocore.auth.S3SigV4Auth(botocore.credentials.Credentials(KEY_ID, SECRET, session), "s3", REGION)
        signed = {name: asked[name] for name in own - {"authorization"}}
        request = botocore.awsrequest.AWSRequest(method=method, url=f"http://{host}{path}", headers=signed)
        request.context["timestamp"] = asked["x-amz-date"]
        signature = auth.signature(auth.string_to_sign(request, auth.canonical_request(request)), request)
        assert asked["authorization"].endswith(f"Signature={signature}")

        for said, expected in ((301, 502), (307, 502), (400, 502), (403, 502), (404, 404), (412, 412), (416, 416), (429, 503), (500, 502),
                               (503, 503)):
            recorder.answers = [said]
            told = edge.ask(target_of(name, token))
            assert told.status == expected, said
            assert_nothing_of_the_storage(told)
            assert b"Secret" not in told.body and told["Location"] is None
