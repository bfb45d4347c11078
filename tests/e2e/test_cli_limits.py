"""limit set, list and clear."""

import pytest

from test_cli import NOT_FOUND, USAGE, open_shop, shop  # noqa: F401

EXAMPLE = {"calls": 600, "tokens": "off", "rate": 10, "burst": 5, "per_day": 1000}


def test_limits_are_set_listed_and_cleared(open_shop):  # noqa: F811
    key = open_shop.json("key", "create", "co_xyz")["id"]
    assert open_shop.json("limit", "list") == {"configuration": EXAMPLE, "companies": {}, "keys": {}}

    told = open_shop.told("limit", "set", "--company", "co_xyz", "--calls", "100", "--tokens", "5000")
    assert told == "the limits of company co_xyz are changed\n"
    own = {"calls": 100, "tokens": 5000, "rate": None, "burst": None, "per_day": None}
    assert open_shop.json("limit", "list")["companies"] == {"co_xyz": own}

    throttle = {"rate": 20, "burst": 7, "per_day": "off"}
    assert open_shop.json("limit", "set", "--key", key, "--rate", "20", "--burst", "7", "--per-day", "off") == {"key": key, **throttle}
    assert open_shop.json("limit", "list")["keys"] == {key: throttle}
    head, *rows = (line.split("  ") for line in open_shop.told("limit", "list").splitlines())
    assert [[cell.strip() for cell in row if cell.strip()] for row in [head, *rows]] == [
        ["OF", "CALLS/MINUTE", "TOKENS/MINUTE", "RATE", "BURST", "PER DAY"],
        ["(configuration)", "600", "off", "10", "5", "1000"],
        ["company co_xyz", "100", "5000", "-", "-", "-"],
        [f"key {key}", "-", "-", "20", "7", "off"]]

    assert open_shop.json("limit", "clear", "--company", "co_xyz", "--calls") == {"company": "co_xyz", **own, "calls": None}
    assert open_shop.json("limit", "clear", "--key", key) == {"key": key, "rate": None, "burst": None, "per_day": None}
    open_shop.told("limit", "clear", "--company", "co_xyz")
    assert open_shop.json("limit", "list") == {"configuration": EXAMPLE, "companies": {}, "keys": {}}


def test_the_list_of_a_company_is_its_own_and_its_keys(open_shop):  # noqa: F811
    open_shop.told("company", "add", "co_b", "--limit", "5")
    key = open_shop.json("key", "create", "co_b")["id"]
    open_shop.told("limit", "set", "--key", key, "--per-day", "9")
    open_shop.told("limit", "set", "--company", "co_xyz", "--rate", "9")
    told = open_shop.json("limit", "list", "--company", "co_b")
    assert list(told["companies"]) == ["co_b"] and list(told["keys"]) == [key]
    open_shop.told("key", "revoke", key)
    assert open_shop.json("limit", "list")["keys"] == {}, "a revoked key is limited by nothing"


@pytest.mark.parametrize("code, arguments", [
    (USAGE, ["set", "--company", "co_xyz"]), (USAGE, ["set", "--calls", "5"]), (USAGE, ["clear"]),
    (USAGE, ["set", "--company", "co_xyz", "--key", "a" * 12, "--rate", "5"]),
    (USAGE, ["set", "--company", "co_xyz", "--calls", "0"]), (USAGE, ["set", "--company", "co_xyz", "--calls", "off"]),
    (USAGE, ["set", "--company", "co_xyz", "--burst", "off"]), (USAGE, ["set", "--company", "co_xyz", "--rate", "10001"]),
    (USAGE, ["set", "--company", "co_xyz", "--tokens", "5x"]), (USAGE, ["set", "--company", "co_xyz", "--per-day", "-1"]),
    (NOT_FOUND, ["set", "--company", "co_none", "--calls", "5"]), (NOT_FOUND, ["set", "--key", "a" * 12, "--rate", "5"]),
    (NOT_FOUND, ["list", "--company", "co_none"]),
], ids=str)
def test_limit_errors(open_shop, code, arguments):  # noqa: F811
    open_shop.refused(code, "limit", *arguments)


def test_a_window_is_a_companys(open_shop):  # noqa: F811
    key = open_shop.json("key", "create", "co_xyz")["id"]
    assert "--calls" in open_shop.refused(USAGE, "limit", "set", "--key", key, "--calls", "5")
