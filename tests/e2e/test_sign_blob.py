"""Tokens of Google Cloud Storage that Google signs one by one: signBlob, by a stand-in on loopback."""

import json
import time

import pytest

from canaries import forms_of
from credential_source import PATH, cloud, down, lines, mint, renewed  # noqa: F401
from filemint_node import PDF, eventually
from gcs_source import service_account
from object_keys import PREFIX, object_keys
from s3_source import minted
from test_gcs import of_googles_client


@pytest.fixture(scope="module")
def account():
    return service_account()


@pytest.fixture
def media(renewed, cloud, account):
    cloud.account = account
    def start(**keys):
        return renewed(type="gcs", endpoint="", addressing="path", signer="sign_blob", credentials_endpoint=cloud.url, sign_blob_endpoint=cloud.url, **keys)
    return start


def test_200_keys_are_signed_as_googles_client_would_by_the_accounts_key(media, cloud, account):
    node = media()
    keys = object_keys(200)
    urls = minted(node, keys, expiresIn=600)
    assert urls == of_googles_client(urls, account=account)
    assert cloud.most_signing <= 64


def test_an_account_that_is_named_signs(media, cloud, account):
    node = media(sign_as=account["client_email"])
    assert mint(node).status == 200
    assert not [target for _, target in cloud.asked if target.endswith("/email")]


def test_tokens_outlive_who_asked_for_them(media, cloud):
    cloud.life = 8
    node = media()
    assert mint(node, expiresIn=600).data["expires_in"] == 600


@pytest.mark.parametrize("trouble, status, code", [
    ((429, {"error": {"code": 429, "status": "RESOURCE_EXHAUSTED"}}), 429, "THROTTLED"),
    ((403, {"error": {"code": 403, "status": "PERMISSION_DENIED"}}), 503, "SERVICE_UNAVAILABLE"),
    ((500, "oops"), 503, "SERVICE_UNAVAILABLE"),
    ((200, {"signedBlob": "*"}), 503, "SERVICE_UNAVAILABLE")])
def test_a_refusal_is_told_and_ends_with_its_cause(media, cloud, trouble, status, code):
    node = media()
    cloud.blob_trouble = trouble
    refused = mint(node)
    assert (refused.status, refused.code) == (status, code)
    assert node.mint({"filePaths": [PDF]}).status == 200
    if status == 503:
        told = eventually(lambda: lines(node, "signBlob answered"), "the log says so")
        assert told[0]["source"] == "objects" and (trouble[0] != 403 or "PERMISSION_DENIED" in told[0]["message"])
    cloud.blob_trouble = None
    eventually(lambda: mint(node).status == 200, "it is well again")


def test_one_that_hangs_is_504_within_the_deadline_and_holds_up_nobody(media, cloud):
    node = media()
    cloud.blob_trouble = "silent"
    began = time.monotonic()
    late = mint(node)
    assert (late.status, late.code) == (504, "GATEWAY_TIMEOUT")
    assert time.monotonic() - began < 12
    assert node.mint({"filePaths": [PDF]}).status == 200


def test_nothing_of_it_is_seen(media, cloud, account):
    cloud.life = 6
    node = media()
    for trouble in ((403, {"error": {"status": "PERMISSION_DENIED", "message": cloud.bearer}}), None):
        cloud.blob_trouble = trouble
        mint(node)
    said = [node.admin("/metrics").body, node.output.read_bytes(), node.log().encode()]
    for secret in cloud.secrets:
        for form in forms_of(secret):
            assert not any(form in text for text in said)
