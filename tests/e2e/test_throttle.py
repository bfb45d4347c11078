"""A key's throttle, its count of the day, the tokens of a company: refused with what is true, in force within a second."""

import collections
import time

import pytest

from error_world import left_today
from filemint_node import IN_FORCE_S, PDF, PPTX, eventually, serve
from load import Client, all_at_once, mint_bytes
from test_contract_mint import error
from test_window import rate

CLIENTS = 64


def mint(node, path=PDF, key=None):
    return node.mint({"filePaths": [path]}, key)


def at_once(node, count):
    """That many mints by 64 clients at once."""

    async def work(index):
        client, answers = Client(node.url), []
        try:
            for turn in range(index, count, CLIENTS):
                answers.append(await client.ask(mint_bytes(node, [f"uploads/co_xyz/{turn}"], source="betaimages")))
        finally:
            await client.close()
        return answers

    return [answer for answers in all_at_once(work, CLIENTS) for answer in answers]


def codes(answers):
    return collections.Counter(answer.code_or_none for answer in answers)


def test_a_burst_passes_and_then_the_rate(served):
    node = served(throttle_rate=1, throttle_burst=5, calls_per_minute=100_000)
    began = time.monotonic()
    answers = at_once(node, 128)
    took = time.monotonic() - began
    told = codes(answers)
    assert set(told) == {None, "THROTTLED"}
    assert 5 <= told[None] <= 5 + took
    for answer in answers:
        assert rate(answer)[0] == 100_000 and rate(answer)[1] <= 100_000 - 1
    last = eventually(lambda: next((answer for answer in [mint(node)] if answer.status != 200), None), "it is throttled")
    refused = error(last, 429, "THROTTLED", "Too many requests. Slow down and try again.", {"retry_after_seconds": 1})
    assert refused["Retry-After"] == "1" and refused["RateLimit"].startswith('"auto_generator";r=')
    time.sleep(int(refused["Retry-After"]))
    assert mint(node).status == 200, "who waits as long as he was told passes"


def test_credentials_come_before_the_throttle_and_it_before_the_window_and_the_body(served):
    left_today()
    node = served(throttle_per_day=1, calls_per_minute=1)
    other = node.told_by_cli("key", "create", "co_xyz")["key"]
    assert mint(node).status == 200
    error(node.mint({"filePaths": [PDF]}, key="x"), 401, "INVALID_API_KEY")
    refused = error(node.mint(b"{"), 429, "THROTTLED")
    assert rate(refused)[:2] == (1, 0)
    eventually(lambda: node.mint(b"{", other).code == "RATE_LIMIT_EXCEEDED", "the other key is known", IN_FORCE_S)
    error(node.mint(b"{", other), 429, "RATE_LIMIT_EXCEEDED")
    assert node.cli("limit", "set", "--company", "co_xyz", "--calls", "10").returncode == 0
    eventually(lambda: mint(node, key=other).status == 200, "refused calls have left its one call a day", IN_FORCE_S)
    error(mint(node, key=other), 429, "THROTTLED")


def test_health_takes_from_the_same_day(served):
    left_today()
    node = served(throttle_per_day=2, calls_per_minute=100_000)

    def health():
        return node.ask("GET", "/health", node.bearer())

    assert health().status == 200 and mint(node).status == 200
    assert error(health(), 429, "THROTTLED")["Retry-After"]
    assert mint(node).status == 429


def test_a_day_has_its_calls_and_not_one_more(served):
    left_today()
    node = served(throttle_per_day=100)
    told = codes(at_once(node, 640))
    assert told == {None: 100, "THROTTLED": 540}
    refused = error(mint(node), 429, "THROTTLED")
    midnight = 86_400 - time.time() % 86_400
    assert midnight - 1 <= int(refused["Retry-After"]) <= midnight + 2


@pytest.mark.parametrize("end", ["stop", "kill9"])
def test_a_days_count_survives_the_node(served, tmp_path, fresh_node, end):
    left_today()
    node = served(throttle_per_day=100)
    assert codes(at_once(node, 60)) == {None: 60}
    if end == "kill9":
        time.sleep(1)  # what was counted a second ago is kept
    getattr(node, end)()
    node = serve(fresh_node, tmp_path / "again", throttle_per_day=100)
    try:
        assert codes(at_once(node, 128)) == {None: 40, "THROTTLED": 88}
    finally:
        node.stop()


def test_tokens_are_counted_by_distinct_paths_and_may_be_overdrawn_once(served):
    node = served(tokens_per_minute=3)
    assert node.mint({"filePaths": [PDF, PDF]}).status == 200
    error(node.mint(b"{"), 400, "INVALID_PAYLOAD")
    assert node.mint({"filePaths": [PDF, PPTX]}).status == 200
    refused = error(mint(node), 429, "RATE_LIMIT_EXCEEDED", details={"category": "tokens"})
    assert rate(refused)[:2] == (3, 0)
    assert refused["RateLimit-Policy"] == '"tokens";q=3;w=60'
    assert 55 <= int(refused["Retry-After"]) <= 61


def test_limits_that_the_cli_sets_are_in_force_within_a_second(fresh_node):
    node = fresh_node
    id_ = node.key.split("_")[1]
    other = node.told_by_cli("key", "create", "co_xyz")["key"]
    eventually(lambda: mint(node, key=other).status == 200, "the key is known", IN_FORCE_S)

    def set_and_see(arguments, wanted):
        assert node.cli("limit", *arguments).returncode == 0
        eventually(lambda: mint(node).code_or_none == wanted, f"{arguments} is in force", IN_FORCE_S)

    set_and_see(["set", "--key", id_, "--per-day", "1"], "THROTTLED")
    assert mint(node, key=other).status == 200, "another key of the company"
    set_and_see(["clear", "--key", id_], None)
    set_and_see(["set", "--company", "co_xyz", "--per-day", "1"], "THROTTLED")
    eventually(lambda: mint(node, key=other).code_or_none == "THROTTLED", "so is the other key", IN_FORCE_S)
    set_and_see(["set", "--key", id_, "--per-day", "off"], None)
    set_and_see(["set", "--company", "co_xyz", "--tokens", "1"], "RATE_LIMIT_EXCEEDED")
    set_and_see(["clear", "--company", "co_xyz", "--tokens"], None)
    set_and_see(["set", "--company", "co_xyz", "--calls", "1"], "RATE_LIMIT_EXCEEDED")
    set_and_see(["clear", "--company", "co_xyz"], None)
