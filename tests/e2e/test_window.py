"""The company's window: exactly the limit, whoever asks and by whichever of the route's names."""

import time

import pytest

from filemint_node import IN_FORCE_S, PDF, eventually
from load import Client, all_at_once, mint_bytes
from test_contract_mint import ROUTES, error

CLIENTS = 64


def rate(answer):
    return tuple(int(answer[f"X-RateLimit-{name}"]) for name in ("Limit", "Remaining", "Reset"))


def calls(node, count):
    """That many mints by 64 clients at once, by both names of the route in turn; the answers in any order."""
    per_client = [range(index, count, CLIENTS) for index in range(CLIENTS)]

    async def work(index):
        client, answers = Client(node.url), []
        try:
            for turn in per_client[index]:
                answers.append(await client.ask(mint_bytes(node, [f"uploads/co_xyz/{turn}"], route=ROUTES[turn % 2])))
        finally:
            await client.close()
        return answers

    return [answer for answers in all_at_once(work, CLIENTS) for answer in answers]


@pytest.fixture
def limited(fresh_node, served):
    """A node whose company has that limit, and a window that is empty."""
    def start(limit):
        fresh_node.stop()
        assert fresh_node.cli("company", "limit", "co_xyz", str(limit)).returncode == 0
        return served()

    return start


# By 600 each call asks the window's owner; by 6,400 the cores hold leases.
@pytest.mark.parametrize("limit, asked", [(600, 5_000), (6_400, 7_000)])
def test_of_all_calls_exactly_the_limit_is_admitted(limited, limit, asked):
    node = limited(limit)
    answers = calls(node, asked)
    admitted = [answer for answer in answers if answer.status == 200]
    refused = [answer for answer in answers if answer.status != 200]
    assert len(admitted) == limit
    for answer in refused:
        error(answer, 429, "RATE_LIMIT_EXCEEDED", details={"category": "auto_generator"})
    figures = [rate(answer) for answer in answers]
    assert {each[0] for each in figures} == {limit}
    left = sorted((rate(answer)[1] for answer in admitted), reverse=True)
    assert all(told <= limit - n for n, told in enumerate(left, start=1)), "Remaining is never above the truth"
    if limit == 600:
        assert left == list(range(limit - 1, -1, -1))
    now = time.time()
    for answer in refused:
        told, remaining, reset = rate(answer)
        assert remaining == 0 and now < reset <= now + 61
        assert now + int(answer["Retry-After"]) >= reset - 2
        assert answer["RateLimit-Policy"] == f'"auto_generator";q={limit};w=60'
        assert answer["RateLimit"].startswith('"auto_generator";r=0;t=')


@pytest.mark.waits
def test_who_waits_until_reset_passes(limited):
    """A minute: a window's length can't be set."""
    node = limited(20)
    answers = calls(node, 64)
    resets = {rate(answer)[2] for answer in answers if answer.status == 429}
    assert sum(answer.status == 200 for answer in answers) == 20 and max(resets) - min(resets) <= 1
    time.sleep(max(0, min(resets) - time.time()))
    assert node.mint({"filePaths": [PDF]}).status == 200


def test_a_refused_call_does_not_count_and_an_admitted_one_does_whatever_it_ends_in(limited):
    node = limited(50)
    before = rate(node.mint({"filePaths": [PDF]}))[1]
    assert rate(error(node.mint(b"{"), 400, "INVALID_PAYLOAD"))[1] == before - 1
    assert rate(error(node.mint({"filePaths": ["uploads/co_abc/a"]}), 403, "FORBIDDEN"))[1] == before - 2
    unauthorized = error(node.mint({"filePaths": [PDF]}, key="x"), 401, "INVALID_API_KEY")
    assert unauthorized["X-RateLimit-Limit"] is None
    assert rate(node.mint({"filePaths": [PDF]}))[1] == before - 3
    for _ in range(before - 3):
        assert node.mint({"filePaths": [PDF]}).status == 200
    refused = error(node.mint({"filePaths": [PDF]}), 429, "RATE_LIMIT_EXCEEDED")
    again = error(node.mint({"filePaths": [PDF]}), 429, "RATE_LIMIT_EXCEEDED")
    assert rate(again) == rate(refused), "when the next call passes does not move"


def test_a_higher_limit_lets_calls_through_at_once(fresh_node):
    node = fresh_node
    assert node.cli("company", "limit", "co_xyz", "1").returncode == 0
    eventually(lambda: node.mint({"filePaths": [PDF]}).status == 429, "the limit is in force", IN_FORCE_S)
    assert node.cli("company", "limit", "co_xyz", "100000").returncode == 0
    eventually(lambda: node.mint({"filePaths": [PDF]}).status == 200, "the limit is in force", IN_FORCE_S)
