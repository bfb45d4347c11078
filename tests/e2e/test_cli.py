"""The command line over configuration and store: answers for people and for programs, exit codes, one-line errors."""

import json
import os
import re
import subprocess

import pytest

from filemint_node import BINARY, ROOT

DONE, FAILED, USAGE, CONFIGURATION, STORE, NOT_FOUND, CONFLICT = range(7)
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
KEY = re.compile(r"fm_[A-Za-z0-9]{12}_[A-Za-z0-9]{43}_[A-Za-z0-9]{6}")


class Shop:
    """A configuration and its store in a folder; `run` is the binary on them."""

    def __init__(self, folder):
        self.folder = folder
        self.config = folder / "filemint.yaml"
        self.config.write_text(self.raw("config", "example").stdout)
        self.master_key = self.raw("master-key", "generate").stdout.strip()
        self.env = {"FILEMINT_CONFIG": str(self.config), "FILEMINT_MASTER_KEY": self.master_key}

    def raw(self, *arguments, env=None, **options):
        clean = {k: v for k, v in os.environ.items() if not k.startswith("FILEMINT_")}
        return subprocess.run([BINARY, *map(str, arguments)], stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, env={**clean, **(env or {})}, timeout=30, cwd=self.folder, **options)

    def run(self, *arguments, **env):
        return self.raw(*arguments, env={**self.env, **env})

    def told(self, *arguments):
        done = self.run(*arguments)
        assert done.returncode == DONE, done
        return done.stdout

    def json(self, *arguments):
        return json.loads(self.told(*arguments, "--json"))

    def refused(self, code, *arguments, **env):
        """The one line on stderr."""
        done = self.run(*arguments, **env)
        assert done.returncode == code, done
        assert done.stdout == "", done
        lines = done.stderr.splitlines()
        assert len(lines) == 1 and lines[0].startswith("filemint: "), done
        return lines[0].removeprefix("filemint: ")


@pytest.fixture
def shop(tmp_path):
    return Shop(tmp_path)


@pytest.fixture
def open_shop(shop):
    shop.told("company", "add", "co_xyz")
    return shop


# ---- help, version, usage


def test_help_tells_the_exit_codes(shop):
    for arguments in ([], ["key"], ["key", "create"]):
        done = shop.raw(*arguments, "--help")
        assert done.returncode == DONE and done.stderr == ""
    assert "3 configuration, 4 store, 5 not found, 6 conflict" in shop.raw("--help").stdout


def test_version_is_the_projects(shop):
    version = re.search(r"VERSION (\d+\.\d+\.\d+)", (ROOT / "CMakeLists.txt").read_text())[1]
    assert shop.raw("version").stdout == f"filemint {version}\n"


@pytest.mark.parametrize("arguments", [
    [], ["nonsense"], ["company"], ["company", "nonsense"], ["company", "add"], ["company", "list", "--nonsense"],
    ["grant", "add", "co_xyz", "magikarp"], ["serve", "--port", "1"], ["demo", "--port", "70000"], ["mint"],
])
def test_a_wrong_command_line_is_one_line_and_code_2(shop, arguments):
    shop.refused(USAGE, *arguments)


def test_without_a_configuration_the_error_names_the_option(shop):
    done = shop.raw("company", "list")
    assert done.returncode == USAGE and "--config" in done.stderr and len(done.stderr.splitlines()) == 1


def test_an_answer_that_cannot_be_written_is_a_failure(shop):
    with open("/dev/full", "w") as full:
        done = subprocess.run([BINARY, "config", "example"], stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == FAILED and done.stderr == "filemint: stdout cannot be written to\n"


# ---- config


def test_the_example_passes_the_check(shop):
    assert shop.told("config", "check") == f"{shop.config}: ok\n"
    assert shop.told("config", "check", "--config", shop.config) == f"{shop.config}: ok\n"
    assert shop.json("config", "check", shop.config) == {"ok": True, "problems": [], "warnings": []}


def test_check_tells_every_problem_on_a_line_of_its_own(shop):
    shop.config.write_text("worker: 1\nadmin:\n  listen: x\nsources: [{name: a, root: b}]\n")
    done = shop.run("config", "check")
    assert done.returncode == CONFIGURATION and done.stdout == ""
    assert done.stderr.splitlines() == [
        f"filemint: {shop.config}:1:1: worker: unknown key, did you mean workers?",
        f"filemint: {shop.config}:3:11: admin.listen: expected ADDRESS:PORT, [ADDRESS]:PORT or unix:PATH",
    ]
    problems = json.loads(shop.run("config", "check", "--json").stdout)["problems"]
    assert [(p["line"], p["column"], p["key"]) for p in problems] == [(1, 1, "worker"), (3, 11, "admin.listen")]


def test_other_commands_tell_the_first_problem_and_how_many_more(shop):
    shop.config.write_text("worker: 1\nadmin: {listen: x}\nsources: [{name: a, root: b}]\n")
    assert re.search(r":1:1: worker: .* \(and 1 more: filemint config check\)$", shop.refused(CONFIGURATION, "company", "list"))


def test_a_configuration_that_is_not_there_is_named(shop):
    assert shop.refused(CONFIGURATION, "company", "list", FILEMINT_CONFIG="/none/f.yaml") == (
        "/none/f.yaml: cannot be read: No such file or directory")


def test_a_literal_master_key_is_refused_and_not_told_back(shop):
    shop.config.write_text(f"store: {{master_key: {shop.master_key}}}\nsources: [{{name: a, root: b}}]\n")
    for arguments in (["config", "check"], ["config", "check", "--json"], ["company", "list"]):
        done = shop.run(*arguments)
        assert done.returncode == CONFIGURATION
        assert "file:PATH or env:NAME" in done.stderr + done.stdout and shop.master_key not in done.stderr + done.stdout


# ---- companies


def test_a_company_is_added_listed_suspended_and_resumed(shop):
    assert shop.told("company", "add", "co_xyz") == "added company co_xyz\n"
    added = shop.json("company", "add", "co_b", "--limit", "5")
    assert TIME.fullmatch(added.pop("created_at"))
    assert added == {"id": "co_b", "suspended": False, "calls_per_minute": 5}
    assert shop.told("company", "suspend", "co_xyz") == "suspended company co_xyz\n"
    shop.told("company", "limit", "co_b", "7")
    rows = {row["id"]: row for row in shop.json("company", "list")}
    assert rows["co_xyz"]["suspended"] is True and rows["co_xyz"]["calls_per_minute"] is None
    assert rows["co_b"]["calls_per_minute"] == 7
    assert shop.json("company", "resume", "co_xyz") == {"id": "co_xyz", "suspended": False}
    head, *lines = shop.told("company", "list").splitlines()
    assert head.split() == ["COMPANY", "STATE", "CALLS/MINUTE", "CREATED"]
    assert sorted(line.split()[:3] for line in lines) == [["co_b", "active", "7"], ["co_xyz", "active", "600"]]


def test_company_errors(open_shop):
    assert "co_xyz" in open_shop.refused(CONFLICT, "company", "add", "co_xyz")
    open_shop.refused(USAGE, "company", "add", "not/an/id")
    open_shop.refused(USAGE, "company", "add", "co_b", "--limit", "-1")
    for action in ("suspend", "resume"):
        open_shop.refused(NOT_FOUND, "company", action, "co_none")
    open_shop.refused(NOT_FOUND, "company", "limit", "co_none", "5")


def test_a_store_that_is_not_there_is_named(shop):
    assert str(shop.folder / "filemint.db") in shop.refused(STORE, "company", "list")
    shop.config.write_text(shop.config.read_text().replace("path: filemint.db", "path: /none/f.db"))
    assert "/none/f.db" in shop.refused(STORE, "company", "add", "co_xyz")


def test_a_store_that_is_none_is_told(shop):
    (shop.folder / "filemint.db").write_bytes(b"not a database, " * 100)
    assert str(shop.folder / "filemint.db") in shop.refused(STORE, "company", "list")


# ---- keys


def test_a_key_is_printed_alone_and_once(open_shop):
    done = open_shop.run("key", "create", "--company", "co_xyz")
    assert done.returncode == DONE and KEY.fullmatch(done.stdout.strip())
    _, key_id, secret, _ = done.stdout.strip().split("_")
    assert secret not in done.stderr and len(done.stderr.splitlines()) == 1
    for listed in (open_shop.told("key", "list"), open_shop.told("key", "list", "--json")):
        assert key_id in listed and secret not in listed
    assert secret.encode() not in (open_shop.folder / "filemint.db").read_bytes()


def test_a_keys_expiry_and_routes_are_listed(open_shop):
    created = open_shop.json("key", "create", "--company", "co_xyz", "--expires-in", "90d", "--route", "file-access", "--route", "health")
    assert KEY.fullmatch(created.pop("key")) and TIME.fullmatch(created["expires_at"])
    assert created["routes"] == ["file-access", "health"] and created["state"] == "active"
    other = open_shop.json("key", "create", "co_xyz", "--expires-at", "2099-01-01T00:00:00Z")
    assert other["expires_at"] == "2099-01-01T00:00:00Z" and other["routes"] == ["file-access", "access-tokens", "health"]
    open_shop.told("company", "add", "co_b")
    assert open_shop.json("key", "list", "--company", "co_b") == []
    rows = {row["id"]: row for row in open_shop.json("key", "list", "--company", "co_xyz")}
    assert rows[created["id"]] == created


def test_a_revoked_key_is_listed_as_such(open_shop):
    created = open_shop.json("key", "create", "co_xyz")
    assert open_shop.told("key", "revoke", created["id"]) == f"revoked key {created['id']}\n"
    row, = open_shop.json("key", "list")
    assert row["state"] == "revoked" and TIME.fullmatch(row["revoked_at"])


@pytest.mark.parametrize("code, arguments", [
    (NOT_FOUND, ["create", "co_none"]),
    (NOT_FOUND, ["list", "--company", "co_none"]),
    (NOT_FOUND, ["revoke", "abcdefghijkl"]),
    (USAGE, ["revoke", "short"]),
    (USAGE, ["create", "co_xyz", "--route", "files"]),
    (USAGE, ["create", "co_xyz", "--expires-in", "soon"]),
    (USAGE, ["create", "co_xyz", "--expires-in", "0"]),
    (USAGE, ["create", "co_xyz", "--expires-at", "2001-01-01T00:00:00Z"]),
    (USAGE, ["create", "co_xyz", "--expires-at", "tomorrow"]),
    (USAGE, ["create", "co_xyz", "--expires-in", "1d", "--expires-at", "2099-01-01T00:00:00Z"]),
])
def test_key_errors(open_shop, code, arguments):
    open_shop.refused(code, "key", *arguments)


def test_a_key_on_a_command_line_is_not_told_back(open_shop):
    created = open_shop.json("key", "create", "co_xyz")
    for arguments in (["key", "revoke", created["key"]], ["mint", "a", "--key", created["key"]], ["company", "list", created["key"]]):
        assert "fm_" not in open_shop.refused(USAGE, *arguments)


# ---- grants


def test_grants_are_added_listed_and_removed(open_shop):
    assert open_shop.told("grant", "add", "co_xyz", "magikarp", "uploads/co_xyz") == "granted co_xyz uploads/co_xyz on magikarp\n"
    open_shop.told("grant", "add", "--company", "co_xyz", "--source", "betaimages", "--prefix", "")
    rows = open_shop.json("grant", "list", "--company", "co_xyz")
    assert {(row["source"], row["prefix"]) for row in rows} == {("magikarp", "uploads/co_xyz"), ("betaimages", "")}
    assert "(every path)" in open_shop.told("grant", "list")
    open_shop.told("grant", "remove", "co_xyz", "magikarp", "uploads/co_xyz")
    row, = open_shop.json("grant", "list")
    assert row["source"] == "betaimages" and TIME.fullmatch(row["created_at"])


@pytest.mark.parametrize("code, arguments", [
    (NOT_FOUND, ["add", "co_none", "magikarp", "a"]),
    (NOT_FOUND, ["add", "co_xyz", "nowhere", "a"]),
    (NOT_FOUND, ["remove", "co_xyz", "magikarp", "a"]),
    (NOT_FOUND, ["list", "--company", "co_none"]),
    (USAGE, ["add", "co_xyz", "magikarp", "../a"]),
    (CONFLICT, ["add", "co_xyz", "magikarp", "twice"]),
])
def test_grant_errors(open_shop, code, arguments):
    open_shop.told("grant", "add", "co_xyz", "magikarp", "twice")
    open_shop.refused(code, "grant", *arguments)
