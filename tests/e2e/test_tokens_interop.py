"""Tokens cross over to an independent implementation and back: what filemint signs, python3-jwcrypto verifies; what
jwcrypto signs, filemint verifies."""
import base64
import json
import os
import pathlib
import subprocess

import pytest
from jwcrypto import jwk, jws, jwt

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOOL = pathlib.Path(os.environ.get("FILEMINT_BUILD", ROOT / "build/release")) / "tests/token_tool"

IAT = 1_795_476_656
EXP = IAT + 300
PATHS = [
    "uploads/co_xyz/file_abc123/context.pdf",
    "a",
    'a "quoted" name/\'b\'.pdf',
    "größe/€/😀.png",
    "x" * 1024,
    '"' * 1024,
]


def text(raw):
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def new_key(alg):
    if alg == "HS256":
        return jwk.JWK(kty="oct", k=text(os.urandom(32)))
    return jwk.JWK.generate(kty="OKP", crv="Ed25519")


def secret_of(key):
    exported = key.export(as_dict=True)
    return exported["k" if exported["kty"] == "oct" else "d"]


def public_half(key):
    """What an offline verifier has: for EdDSA the public key alone."""
    return key if key.export(as_dict=True)["kty"] == "oct" else jwk.JWK(**key.export_public(as_dict=True))


def tool(command, request):
    done = subprocess.run([TOOL, command], input=json.dumps(request), capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def ours(alg, key, path, **other):
    return tool("sign", {"alg": alg, "key": secret_of(key), "kid": "2026a", "source": "magikarp",
                         "issuer": "filemint", "company": "co_xyz", "key_id": "k1", "iat": IAT, "exp": EXP,
                         "path": path, "jti": 2**64 - 1, **other})


def theirs(alg, key, path, header=None, **claims):
    token = jwt.JWT(header=header or {"alg": alg, "kid": "2026a", "typ": "JWT"},
                    claims={"iss": "filemint", "aud": "magikarp", "cid": "co_xyz", "akid": "k1", "iat": IAT,
                            "exp": EXP, "sub": path, "jti": "abc", **claims})
    token.make_signed_token(key)
    return token.serialize()


def verify(alg, key, token, at=IAT):
    return json.loads(tool("verify", {"alg": alg, "key": secret_of(key), "kid": "2026a", "source": "magikarp",
                                      "issuer": "filemint", "at": at, "skew": 30, "token": token}))


both = pytest.mark.parametrize("alg", ["HS256", "EdDSA"])


@both
@pytest.mark.parametrize("path", PATHS, ids=range(len(PATHS)))
def test_jwcrypto_verifies_what_filemint_signs(alg, path):
    key = new_key(alg)
    signed = jws.JWS()
    signed.deserialize(ours(alg, key, path))
    signed.verify(public_half(key), alg)
    assert signed.jose_header == {"alg": alg, "kid": "2026a", "typ": "JWT"}
    assert json.loads(signed.payload) == {
        "iss": "filemint", "aud": "magikarp", "cid": "co_xyz", "akid": "k1", "iat": IAT, "exp": EXP,
        "sub": path, "jti": "__________8"}


@both
def test_jwcrypto_refuses_what_another_key_signed(alg):
    signed = jws.JWS()
    signed.deserialize(ours(alg, new_key(alg), "a"))
    with pytest.raises(jws.InvalidJWSSignature):
        signed.verify(public_half(new_key(alg)), alg)


@both
@pytest.mark.parametrize("path", PATHS[:-1], ids=range(len(PATHS) - 1))
def test_filemint_verifies_what_jwcrypto_signs(alg, path):
    key = new_key(alg)
    assert verify(alg, key, theirs(alg, key, path)) == {
        "path": path, "company": "co_xyz", "key_id": "k1", "jti": "abc", "iat": IAT, "exp": EXP}


@both
def test_filemint_tells_an_expired_token_of_jwcrypto(alg):
    key = new_key(alg)
    token = theirs(alg, key, "a")
    assert "path" in verify(alg, key, token, at=EXP + 30)
    assert verify(alg, key, token, at=EXP + 31) == {"error": "expired_access_token"}


@both
def test_filemint_refuses_what_jwcrypto_signed_otherwise(alg):
    key = new_key(alg)
    invalid = {"error": "invalid_access_token"}
    assert verify(alg, key, theirs(alg, new_key(alg), "a")) == invalid
    assert verify(alg, key, theirs(alg, key, "a", aud="betaimages")) == invalid
    assert verify(alg, key, theirs(alg, key, "a", header={"alg": alg, "kid": "other", "typ": "JWT"})) == invalid
    assert verify(alg, key, theirs(alg, key, "a", header={"alg": alg, "typ": "JWT"})) == invalid


def test_filemint_refuses_a_mac_that_jwcrypto_made_with_a_public_key():
    key = new_key("EdDSA")
    public = jwk.JWK(kty="oct", k=key.export_public(as_dict=True)["x"])
    forged = theirs("HS256", public, "a")
    assert verify("EdDSA", key, forged) == {"error": "invalid_access_token"}
