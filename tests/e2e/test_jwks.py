"""The public keys of sources whose tokens are signed with EdDSA or ES256."""

import json

import pytest
from jwcrypto import jwk, jwt

from filemint_node import IN_FORCE_S, PDF, eventually
from test_cli import CONFLICT
from test_contract_mint import error

JWKS = "/.well-known/jwks.json"


def kids(node):
    return {key["kid"] for key in node.ask("GET", JWKS).json["keys"]}


def test_secret_keys_never_stand_there(node):
    answer = node.ask("GET", JWKS)
    assert answer.status == 200 and answer.json == {"keys": []}
    assert answer["Cache-Control"] == "public, max-age=300"
    assert answer["Content-Type"] == "application/jwk-set+json"
    head = node.ask("HEAD", JWKS)
    assert head.status == 200 and head["Content-Length"] == str(len(answer.body))
    refused = error(node.ask("POST", JWKS), 405, "METHOD_NOT_ALLOWED")
    assert refused["Allow"] == "GET, HEAD"


@pytest.mark.parametrize("algorithm, name", [("eddsa", "EdDSA"), ("es256", "ES256")])
def test_whoever_has_the_public_keys_verifies_tokens_offline(served, algorithm, name):
    node = served(algorithm=algorithm, jwks_max_age="60s")
    kid = node.told_by_cli("signing-key", "prepare", "magikarp")["kid"]
    eventually(lambda: kids(node) == {kid}, "the prepared key is published", IN_FORCE_S)
    assert node.ask("GET", JWKS)["Cache-Control"] == "public, max-age=60"
    refused = node.cli("signing-key", "activate", kid)
    assert refused.returncode == CONFLICT and "activate it after" in refused.stderr
    node.told_by_cli("signing-key", "activate", kid, "--force")
    token = eventually(lambda: (t := node.token()) and kid in str(jwt.JWT(jwt=t).token.jose_header) and t, "the key signs", IN_FORCE_S)
    keys = jwk.JWKSet.from_json(node.ask("GET", JWKS).body.decode())
    verified = jwt.JWT(jwt=token, key=keys, algs=[name])
    assert json.loads(verified.claims)["sub"] == PDF
    assert node.download(PDF, token).status == 200


def test_a_key_is_published_from_its_preparation_to_its_end(served):
    """It signs no sooner than every verifier has fetched it; here they keep nothing."""
    node = served(algorithm="eddsa", jwks_max_age="0s", clock_skew="0s", max_life="4s", default_life="1s")
    first, second = (node.told_by_cli("signing-key", "prepare", "magikarp")["kid"] for _ in range(2))
    eventually(lambda: kids(node) == {first, second}, "both are published", IN_FORCE_S)
    for kid in (first, second):
        eventually(lambda: node.cli("signing-key", "activate", kid).returncode == 0, "it may be activated")
    assert kids(node) == {first, second}
    eventually(lambda: kids(node) == {second}, "the former key's last token has expired")
