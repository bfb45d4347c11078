"""Signing keys and the master key on the command line."""

import base64
import datetime
import json
import sqlite3

import pytest

from test_cli import CONFIGURATION, CONFLICT, DONE, NOT_FOUND, TIME, USAGE, open_shop, shop  # noqa: F401  fixtures


def states(shop):
    return {row["kid"]: row["state"] for row in shop.json("signing-key", "list")}


def test_a_signing_key_is_prepared_activated_and_retired(open_shop):
    first = open_shop.json("signing-key", "prepare", "magikarp")
    assert first["state"] == "prepared" and first["algorithm"] == "HS256" and TIME.fullmatch(first["created_at"])
    assert open_shop.json("signing-key", "activate", first["kid"])["state"] == "active"
    second = open_shop.told("signing-key", "prepare", "--source", "magikarp").strip()
    open_shop.told("signing-key", "activate", second)
    assert states(open_shop) == {first["kid"]: "retiring", second: "active"}
    assert open_shop.json("signing-key", "list", "--source", "betaimages") == []
    assert "tokens" in open_shop.refused(CONFLICT, "signing-key", "retire", first["kid"])
    open_shop.told("signing-key", "retire", first["kid"], "--force")
    assert states(open_shop) == {second: "active"}
    assert "VERIFIES UNTIL" in open_shop.told("signing-key", "list")


def test_a_retiring_key_verifies_as_long_as_its_tokens_can_live(open_shop):
    first, second = (open_shop.json("signing-key", "prepare", "magikarp")["kid"] for _ in range(2))
    open_shop.told("signing-key", "activate", first)
    open_shop.told("signing-key", "activate", second)
    rows = {row["kid"]: row for row in open_shop.json("signing-key", "list")}
    assert seconds(rows[first]["retire_at"]) - seconds(rows[second]["activated_at"]) == 3600 + 30


def seconds(time):
    return int(datetime.datetime.fromisoformat(time.replace("Z", "+00:00")).timestamp())


def test_a_public_key_must_have_been_published_before_it_signs(open_shop):
    text = open_shop.config.read_text()
    open_shop.config.write_text(text.replace("algorithm: hs256", "algorithm: eddsa", 1))
    first, second = (open_shop.json("signing-key", "prepare", "magikarp") for _ in range(2))
    assert first["algorithm"] == "EdDSA"
    open_shop.refused(CONFLICT, "signing-key", "activate", second["kid"])
    open_shop.told("signing-key", "activate", second["kid"], "--force")


@pytest.mark.parametrize("code, arguments", [
    (NOT_FOUND, ["prepare", "nowhere"]),
    (NOT_FOUND, ["activate", "none"]),
    (NOT_FOUND, ["retire", "none"]),
])
def test_signing_key_errors(open_shop, code, arguments):
    open_shop.refused(code, "signing-key", *arguments)


def test_a_missing_or_wrong_master_key_is_told_before_anything_is_sealed(open_shop):
    open_shop.told("signing-key", "prepare", "magikarp")
    other = open_shop.raw("master-key", "generate").stdout.strip()
    for value in ("", "AAAA", other):
        told = open_shop.refused(CONFIGURATION, "signing-key", "prepare", "magikarp", FILEMINT_MASTER_KEY=value)
        assert "master" in told.lower() and (not value or value not in told)
    assert len(states(open_shop)) == 1


def test_a_master_key_is_32_bytes_in_base64(shop):
    assert len(base64.b64decode(shop.master_key, validate=True)) == 32
    assert json.loads(shop.raw("master-key", "generate", "--json").stdout)["master_key"] != shop.master_key


def test_a_master_key_goes_into_a_new_file_for_its_owner_alone(shop):
    path = shop.folder / "key"
    done = shop.raw("master-key", "generate", path)
    text = path.read_text()
    assert done.returncode == DONE and text.strip() not in done.stdout + done.stderr
    assert path.stat().st_mode & 0o777 == 0o600
    assert "File exists" in shop.refused(CONFLICT, "master-key", "generate", "--out", path)
    assert path.read_text() == text


def test_rotation_seals_all_keys_under_the_new_one(open_shop):
    for source in ("magikarp", "betaimages"):
        open_shop.told("signing-key", "prepare", source)
    new = open_shop.folder / "new.key"
    open_shop.told("master-key", "generate", new)
    before = open_shop.json("signing-key", "list")
    assert open_shop.json("master-key", "rotate", "--new", f"file:{new}") == {"resealed": 2}
    assert open_shop.json("signing-key", "list") == before
    open_shop.refused(CONFIGURATION, "signing-key", "prepare", "magikarp")
    open_shop.env["FILEMINT_MASTER_KEY"] = new.read_text()
    open_shop.told("signing-key", "prepare", "magikarp")


@pytest.mark.parametrize("code, new", [
    (USAGE, "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0MTI="),
    (USAGE, "file:/none/key"),
    (USAGE, "env:FILEMINT_NOT_SET"),
    (CONFLICT, "env:FILEMINT_MASTER_KEY"),
])
def test_rotation_to_a_key_that_is_none_changes_nothing(open_shop, code, new):
    open_shop.told("signing-key", "prepare", "magikarp")
    told = open_shop.refused(code, "master-key", "rotate", "--new", new)
    assert "c2VjcmV0" not in told
    open_shop.told("signing-key", "prepare", "magikarp")


def test_rotation_from_a_wrong_key_changes_nothing(open_shop):
    open_shop.told("signing-key", "prepare", "magikarp")
    new = open_shop.folder / "new.key"
    open_shop.told("master-key", "generate", new)
    other = open_shop.raw("master-key", "generate").stdout.strip()
    told = open_shop.refused(CONFIGURATION, "master-key", "rotate", "--new", f"file:{new}", FILEMINT_MASTER_KEY=other)
    assert "env:FILEMINT_MASTER_KEY" in told and other not in told
    open_shop.told("signing-key", "prepare", "magikarp")


def test_a_key_of_an_unknown_algorithm_is_shown_and_can_go(open_shop):
    """Once a newer version has written it."""
    newer, other = (open_shop.told("signing-key", "prepare", "magikarp").strip() for _ in range(2))
    with sqlite3.connect(open_shop.folder / "filemint.db") as store:
        store.execute("UPDATE signing_key SET algorithm = 'ES512' WHERE kid = ?", [newer])
    store.close()
    assert {row["kid"]: row["algorithm"] for row in open_shop.json("signing-key", "list")} == {newer: "ES512", other: "HS256"}
    assert "ES512" in open_shop.told("signing-key", "list")
    new = open_shop.folder / "new.key"
    open_shop.told("master-key", "generate", new)
    for command in (["signing-key", "activate", newer, "--force"], ["signing-key", "export", newer, "--stdout"],
                    ["signing-key", "export", "--source", "magikarp", "--stdout"], ["master-key", "rotate", "--new", f"file:{new}"]):
        told = open_shop.refused(CONFLICT, *command)
        assert newer in told and "ES512, that this version of filemint does not know" in told
    open_shop.told("signing-key", "prepare", "magikarp")
    open_shop.told("signing-key", "activate", other)
    open_shop.told("signing-key", "retire", newer)
    open_shop.told("master-key", "rotate", "--new", f"file:{new}")
