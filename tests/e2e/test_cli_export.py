"""`signing-key export`: what verifiers who ask nobody are given."""

import base64
import json
import stat
import urllib.parse

import pytest
from jwcrypto import jwk

from test_cli import CONFLICT, NOT_FOUND, USAGE, open_shop, shop  # noqa: F401


def kid_of(shop, source="magikarp"):
    return shop.json("signing-key", "prepare", source)["kid"]


def algorithm(shop, name):
    shop.config.write_text(shop.config.read_text().replace("algorithm: hs256", f"algorithm: {name}"))


def test_a_key_goes_into_a_file_for_its_owners_eyes_alone(open_shop):
    kid = kid_of(open_shop)
    file = open_shop.folder / "keys.json"
    told = open_shop.told("signing-key", "export", kid, "--out", file)
    assert told == f"wrote 1 keys to {file}\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    (key,) = json.loads(file.read_text())["keys"]
    assert key["k"] not in told
    assert key.items() >= {"kty": "oct", "alg": "HS256", "use": "sig", "kid": kid}.items()
    assert len(base64.urlsafe_b64decode(key["k"] + "==")) == 32
    assert jwk.JWK(**key)["kty"] == "oct"
    before = file.read_text()
    open_shop.refused(CONFLICT, "signing-key", "export", kid, "--out", file)
    assert file.read_text() == before
    assert open_shop.json("signing-key", "export", kid, "--out", file.with_name("other"))["kids"] == [kid]


def test_all_forms_hold_the_same_keys(open_shop):
    kids = {kid_of(open_shop), kid_of(open_shop)}
    kid_of(open_shop, "betaimages")

    def told(*words):
        return open_shop.told("signing-key", "export", *words, "--stdout").rstrip("\n")

    keys = {key["kid"]: key["k"] for key in json.loads(told("--source", "magikarp"))["keys"]}
    assert keys.keys() == kids
    lines = dict(line.split(" ") for line in told("--source", "magikarp", "--format", "map").splitlines())
    assert lines.keys() == kids
    for kid, text in keys.items():
        assert told(kid, "--format", "base64url") == text
        assert urllib.parse.unquote_to_bytes(lines[kid]) == base64.urlsafe_b64decode(text + "==")
    open_shop.refused(CONFLICT, "signing-key", "export", "--source", "magikarp", "--format", "base64url", "--stdout")


@pytest.mark.parametrize("name, key_type", [("eddsa", "OKP"), ("es256", "EC")])
def test_of_a_key_with_a_public_half_that_half_alone_is_given(open_shop, name, key_type):
    algorithm(open_shop, name)
    kid = kid_of(open_shop)
    for words in ([kid], ["--source", "magikarp"], [kid, "--format", "map"], [kid, "--format", "base64url"]):
        assert "jwks.json" in open_shop.refused(CONFLICT, "signing-key", "export", *words, "--stdout")
    public = jwk.JWK.from_pem(open_shop.told("signing-key", "export", kid, "--format", "pem", "--stdout").encode())
    assert public["kty"] == key_type and not public.has_private


def test_hs256_has_no_public_half(open_shop):
    kid = kid_of(open_shop)
    assert "no public half" in open_shop.refused(CONFLICT, "signing-key", "export", kid, "--format", "pem", "--stdout")


@pytest.mark.parametrize("code, words", [
    (USAGE, ["--stdout"]),
    (USAGE, ["--source", "magikarp"]),
    (USAGE, ["--source", "magikarp", "--stdout", "--out", "x"]),
    (USAGE, ["--source", "magikarp", "--stdout", "--format", "der"]),
    (NOT_FOUND, ["none", "--stdout"]),
    (NOT_FOUND, ["--source", "none", "--stdout"]),
    (NOT_FOUND, ["--source", "magikarp", "--stdout"]),
])
def test_errors(open_shop, code, words):
    open_shop.refused(code, "signing-key", "export", *words)
