"""Credentials that a cloud gives out, from a stand-in on loopback: renewed ahead of their end, and no call waits for them."""

import datetime
import time

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import pytest

from azure_source import their_client
from canaries import forms_of
from credential_source import PATH, cloud, down, lines, metric, mint, parameters, renewed  # noqa: F401
from filemint_node import PDF, eventually
from load import Load, mint_bytes
from test_s3 import Frozen


def signature_by(keys, query, monkeypatch):
    """What botocore signs by those credentials."""
    Frozen.at = datetime.datetime.strptime(query["X-Amz-Date"], "%Y%m%dT%H%M%SZ")
    monkeypatch.setattr(botocore.auth, "datetime", type("module", (), {"datetime": Frozen, "timedelta": datetime.timedelta}))
    credentials = botocore.credentials.Credentials(keys["AccessKeyId"], keys["SecretAccessKey"], keys["Token"])
    request = botocore.awsrequest.AWSRequest("GET", f"https://stored-files.storage.example/{PATH}")
    botocore.auth.S3SigV4QueryAuth(credentials, "s3", "us-east-1", expires=int(query["X-Amz-Expires"])).add_auth(request)
    return request.url.partition("X-Amz-Signature=")[2]


@pytest.fixture
def kinds(cloud, monkeypatch, tmp_path):
    """The keys of a source with credentials of each kind of AWS's."""
    token = tmp_path / "token"
    token.write_text("eyJ.web+identity/token=.one\n")
    cloud.web_identity_token, cloud.authorization = "eyJ.web+identity/token=.one", "eyJ.pod.token"
    authorization = tmp_path / "authorization"
    authorization.write_text(cloud.authorization)
    monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", f"{cloud.url}/v2/credentials/7e6c1d92")
    monkeypatch.setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", str(authorization))
    return {"instance": {"credentials": "instance", "credentials_endpoint": cloud.url},
            "container": {"credentials": "container"},
            "web_identity": {"credentials": "web_identity", "credentials_endpoint": cloud.url, "role_arn": "arn:aws:iam::123456789012:role/app",
                             "web_identity_token": f"file:{token}"}}


@pytest.mark.parametrize("kind", ["instance", "container", "web_identity"])
def test_what_a_cloud_gives_out_signs(renewed, cloud, kinds, monkeypatch, kind):
    node = renewed(**kinds[kind])
    query = parameters(mint(node))
    keys = cloud.given[-1]
    assert query["X-Amz-Security-Token"] == keys["Token"] and query["X-Amz-Credential"].startswith(keys["AccessKeyId"] + "/")
    assert query["X-Amz-Signature"] == signature_by(keys, query, monkeypatch)
    assert down(node) == []
    assert metric(node, "renewals_total", backend="objects", outcome="renewed") == 1
    assert 0 <= metric(node, "age_seconds", backend="objects") < 60
    assert 3_500 < metric(node, "expiry_timestamp_seconds", backend="objects") - time.time() <= 3_600


def test_tokens_end_with_the_credentials_and_the_answer_says_so(renewed, cloud, kinds):
    cloud.life = 100
    node = renewed(**kinds["instance"], max_life=3_600)
    answer = mint(node, expiresIn=3_600)
    assert 90 <= answer.data["expires_in"] <= 100
    assert parameters(answer)["X-Amz-Expires"] == str(answer.data["expires_in"])
    assert answer.data["expires_at"] == cloud.given[-1]["Expiration"]
    assert mint(node, expiresIn=30).data["expires_in"] == 30


def test_they_are_renewed_ahead_of_their_end_and_no_call_is_refused(renewed, cloud, kinds):
    cloud.life = 6
    node = renewed(**kinds["instance"])
    raw = mint_bytes(node, [PATH], source="objects")
    signers, lives = set(), set()

    async def work(client, index, turn):
        answer = await client.ask(raw)
        if answer.status == 200:
            signers.add(parameters(answer)["X-Amz-Credential"])
            lives.add(answer.data["expires_in"])
        return [answer]

    with Load(node, work, clients=8) as load:
        eventually(lambda: len(signers) >= 4, "renewed three times", deadline=40)
    assert not load.failed and set(load.statuses) == {200}
    assert 1 <= min(lives) <= max(lives) <= 6
    assert metric(node, "renewals_total", backend="objects", outcome="failed") == 0


@pytest.mark.parametrize("trouble", ["refuse", "silent", "garbage", "reset"])
def test_what_has_ended_and_was_not_renewed_is_503_until_it_is(renewed, cloud, kinds, trouble):
    cloud.life = 4
    node = renewed(**kinds["instance"])
    cloud.trouble = trouble
    eventually(lambda: mint(node).status == 503, "they have ended")
    refused = mint(node)
    assert refused.code == "SERVICE_UNAVAILABLE" and int(refused["Retry-After"]) >= 1
    assert down(node) == ["credentials.objects"]
    assert node.mint({"filePaths": [PDF]}).status == 200, "other sources go on"
    assert node.admin("/readyz").status == 200
    told = eventually(lambda: [line for line in lines(node, "not renewed") if "they ended at" in line["message"]], "the log says so", deadline=20)
    assert told[0]["level"] == "warn" and told[0]["source"] == "objects"
    if trouble == "refuse":
        assert "AssumeRoleUnauthorizedAccess" in told[0]["message"]
    assert metric(node, "renewals_total", backend="objects", outcome="failed") >= 1
    cloud.trouble, cloud.life = None, 3_600
    eventually(lambda: mint(node).status == 200, "it is well again", deadline=45)
    assert down(node) == []


def test_a_node_starts_without_them_and_gets_them_later(renewed, cloud, kinds):
    cloud.trouble = "refuse"
    node = renewed(await_first=False, **kinds["instance"])
    assert mint(node).status == 503 and down(node) == ["credentials.objects"]
    assert node.mint({"filePaths": [PDF]}).status == 200
    eventually(lambda: node.admin("/readyz").status == 200, "it is ready")
    assert metric(node, "age_seconds", backend="objects") is None
    cloud.trouble = None
    eventually(lambda: mint(node).status == 200, "they came", deadline=45)


def test_a_node_is_ready_once_a_first_answer_came(renewed, cloud, kinds):
    cloud.trouble = "slow"
    node = renewed(await_first=False, **kinds["instance"])
    assert len(cloud.asked) == 3, "Node waits for /readyz, which came after the last of three slow steps"
    assert mint(node).status == 200


@pytest.mark.parametrize("skew", [-7_200, 7_200])
def test_clocks_that_differ_by_more_than_the_life_are_told(renewed, cloud, kinds, skew):
    cloud.life, cloud.skew = 3_600, skew
    node = renewed(await_first=False, **kinds["container"])
    if skew < 0:  # what it gives out has ended, by this node's clock
        told = eventually(lambda: lines(node, "not renewed"), "the log says so")
        assert "there and" in told[0]["message"] and mint(node).status == 503
    else:
        eventually(lambda: mint(node).status == 200, "they came")
        assert 3_590 <= mint(node, expiresIn=3_600).data["expires_in"] <= 3_600, "by the time that is left there"


def test_a_token_file_is_read_anew_each_time(renewed, cloud, kinds, tmp_path):
    cloud.life = 4
    node = renewed(**kinds["web_identity"])
    (tmp_path / "token").write_text("eyJ.two")
    cloud.web_identity_token = "eyJ.two"
    first = parameters(mint(node))["X-Amz-Credential"]
    eventually(lambda: parameters(mint(node))["X-Amz-Credential"] != first, "the new token is taken")
    (tmp_path / "token").unlink()
    eventually(lambda: [line for line in lines(node, "web identity token cannot be read") if "No such file" in line["message"]], "the log says so")


def test_a_container_without_its_variables_is_refused_at_the_start(renewed, monkeypatch):
    for name in ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(AssertionError, match="ended with 3: .*sources.objects.credentials: neither AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"):
        renewed(await_first=False, credentials="container")


def test_a_container_s_uri_leads_nowhere_else(renewed, monkeypatch):
    monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://metadata.example/x")
    with pytest.raises(AssertionError, match="ended with 3: .*leads over http to metadata.example"):
        renewed(await_first=False, credentials="container")


@pytest.mark.parametrize("app_service", [False, True])
def test_a_managed_identity_signs_by_a_delegation_key(renewed, cloud, monkeypatch, app_service):
    keys = {"credentials": "managed_identity"}
    if app_service:
        cloud.app_service_header = "853b9a84-5bfa-4b22-a3f3-0b9a43d9ad8a"
        monkeypatch.setenv("IDENTITY_ENDPOINT", cloud.url + "/msi/token")
        monkeypatch.setenv("IDENTITY_HEADER", cloud.app_service_header)
    else:
        keys["credentials_endpoint"] = cloud.url
    node = renewed(type="azure", **keys)
    answer = mint(node)
    query, key = parameters(answer), cloud.given[-1]
    assert {"skoid": key["SignedOid"], "sktid": key["SignedTid"], "skt": key["SignedStart"], "ske": key["SignedExpiry"], "sks": "b",
            "skv": key["SignedVersion"]}.items() <= query.items()
    by = {"object_id": key["SignedOid"], "tenant_id": key["SignedTid"], "starts": key["SignedStart"], "expires": key["SignedExpiry"],
          "api_version": key["SignedVersion"], "value": key["Value"]}
    [theirs] = their_client([{"do": "sign", "account": "filemintaccount", "container": "stored-files", "path": PATH, "expires": query["se"],
                              "protocol": query["spr"], "delegation": by}])
    assert answer.data["access_tokens"][PATH] == theirs["query"], "as Microsoft's own client signs by that key"
    assert down(node) == []


def test_a_delegation_key_ends_its_tokens(renewed, cloud):
    cloud.life = 100
    node = renewed(type="azure", credentials="managed_identity", credentials_endpoint=cloud.url)
    answer = mint(node, expiresIn=3_600)
    assert 90 <= answer.data["expires_in"] <= 100
    assert parameters(answer)["se"] == answer.data["expires_at"] == parameters(answer)["ske"]


def test_nothing_that_was_given_out_is_seen(renewed, cloud, kinds):
    cloud.life = 4
    node = renewed(level="trace", **kinds["instance"])
    for trouble in ("refuse", "garbage"):
        failed = metric(node, "renewals_total", backend="objects", outcome="failed")
        cloud.trouble = trouble
        eventually(lambda: metric(node, "renewals_total", backend="objects", outcome="failed") > failed, f"failed by {trouble}", deadline=45)
    cloud.trouble = None
    eventually(lambda: mint(node).status == 200, "renewed", deadline=45)
    said = [node.admin("/metrics").body, node.ask("GET", "/health", node.bearer()).body, node.output.read_bytes(), node.log().encode()]
    for secret in cloud.secrets:
        for form in forms_of(secret):
            assert not any(form in text for text in said)
