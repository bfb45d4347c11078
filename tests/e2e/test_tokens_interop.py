"""Tokens cross over to an independent implementation and back: what filemint signs, python3-jwcrypto verifies; what
jwcrypto signs, filemint verifies."""
import base64
import contextlib
import datetime
import json
import os
import pathlib
import sqlite3
import subprocess
import time

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwcrypto import jwk, jws, jwt

from filemint_node import eventually

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
    return jwk.JWK.generate(kty="EC", crv="P-256") if alg == "ES256" else jwk.JWK.generate(kty="OKP", crv="Ed25519")


def secret_of(key):
    exported = key.export(as_dict=True)
    return exported["k" if exported["kty"] == "oct" else "d"]


def public_half(key):
    """What an offline verifier has: for EdDSA and ES256 the public key alone."""
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


each = pytest.mark.parametrize("alg", ["HS256", "EdDSA", "ES256"])


@each
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


@each
def test_jwcrypto_refuses_what_another_key_signed(alg):
    signed = jws.JWS()
    signed.deserialize(ours(alg, new_key(alg), "a"))
    with pytest.raises(jws.InvalidJWSSignature):
        signed.verify(public_half(new_key(alg)), alg)


@each
@pytest.mark.parametrize("path", PATHS[:-1], ids=range(len(PATHS) - 1))
def test_filemint_verifies_what_jwcrypto_signs(alg, path):
    key = new_key(alg)
    assert verify(alg, key, theirs(alg, key, path)) == {
        "path": path, "company": "co_xyz", "key_id": "k1", "jti": "abc", "iat": IAT, "exp": EXP}


@each
def test_filemint_tells_an_expired_token_of_jwcrypto(alg):
    key = new_key(alg)
    token = theirs(alg, key, "a")
    assert "path" in verify(alg, key, token, at=EXP + 30)
    assert verify(alg, key, token, at=EXP + 31) == {"error": "expired_access_token"}


@each
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


# ---- a node's own answers


def raw_signing_key(node, kid):
    """Its algorithm, what lies in the store, and the key, opened with the master key by other code than ours."""
    with contextlib.closing(sqlite3.connect(node.folder / "data/filemint.db")) as store:
        source, algorithm, sealed = store.execute(
            "SELECT source, algorithm, sealed FROM signing_key WHERE kid = ?", (kid,)).fetchone()
    bound = b"filemint signing key" + b"".join(
        len(field).to_bytes(4, "big") + field.encode() for field in (kid, algorithm, source))
    master = base64.b64decode((node.folder / "data/master.key").read_text())
    return algorithm, sealed, AESGCM(master).decrypt(sealed[:12], sealed[12:], bound)


def signing_key_at_rest(node, kid):
    """The key as jwcrypto takes it."""
    algorithm, _, raw = raw_signing_key(node, kid)
    if algorithm == "HS256":
        return algorithm, jwk.JWK(kty="oct", k=text(raw))
    if algorithm == "ES256":
        numbers = ec.derive_private_key(int.from_bytes(raw, "big"), ec.SECP256R1()).public_key().public_numbers()
        return algorithm, jwk.JWK(kty="EC", crv="P-256", x=text(numbers.x.to_bytes(32, "big")), y=text(numbers.y.to_bytes(32, "big")))
    private = Ed25519PrivateKey.from_private_bytes(raw)
    public = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return algorithm, jwk.JWK(kty="OKP", crv="Ed25519", x=text(public))


@each
def test_jwcrypto_verifies_the_tokens_of_a_nodes_answer(fresh_node, alg):
    node = fresh_node
    if alg != "HS256":
        changed = node.config.with_name("changed.yaml")
        changed.write_text(node.config.read_text().replace("algorithm: hs256", f"algorithm: {alg.lower()}"))
        kid = node.told_by_cli("signing-key", "prepare", "betaimages", "--config", str(changed))["kid"]
        node.told_by_cli("signing-key", "activate", kid, "--force", "--config", str(changed))
    paths = [f"uploads/co_xyz/{name}" for name in ("context.pdf", 'a "quoted" name.pdf', "größe/€/😀.png")]

    def minted():
        data = node.mint({"filePaths": paths, "source": "betaimages", "expiresIn": 77}).data
        first = jws.JWS()
        first.deserialize(data["access_tokens"][paths[0]])
        return first.jose_header["alg"] == alg and data

    data = eventually(minted, f"{alg} is in force")
    assert list(data["access_tokens"]) == paths
    jtis = set()
    for path, token in data["access_tokens"].items():
        signed = jws.JWS()
        signed.deserialize(token)
        algorithm, key = signing_key_at_rest(node, signed.jose_header["kid"])
        assert algorithm == alg
        signed.verify(key, alg)
        claims = json.loads(signed.payload)
        jtis.add(claims.pop("jti"))
        issued = claims.pop("iat")
        assert abs(issued - time.time()) < 60
        assert claims == {"iss": "filemint", "aud": "betaimages", "cid": "co_xyz", "akid": node.key.split("_")[1],
                          "exp": issued + 77, "sub": path}
        expires = datetime.datetime.fromisoformat(data["expires_at"].replace("Z", "+00:00"))
        assert expires.timestamp() == issued + 77
    assert len(jtis) == len(paths)
