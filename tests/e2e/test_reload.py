"""SIGHUP: what a running node takes up of its configuration, what needs a restart, and what it refuses."""

import calendar
import json
import re
import signal
import time

import pytest

from filemint_node import IN_FORCE_S, MINT, PDF, eventually
from load import Load, minting
from node_config import free_port
from test_contract_mint import error

BETA = {"filePaths": ["uploads/co_xyz/a"], "source": "betaimages"}


def edit(text, key, value):
    """Puts a value in a configuration's text; `betaimages.root` is that source's."""
    source, _, name = key.rpartition(".")
    before, text = text.split(f"name: {source}", 1) if source else ("", text)
    text, count = re.subn(rf"^(\s*){name}:[^\n]*$", rf"\g<1>{name}: {value}", text, count=1, flags=re.MULTILINE)
    assert count, f"no {key} in the configuration"
    return f"{before}name: {source}{text}" if source else text


def reloads(node):
    found = re.findall(r'^filemint_config_reloads_total\{outcome="(\w+)"\} (\d+)', node.admin("/metrics").body.decode(), re.M)
    return {outcome: int(count) for outcome, count in found}


def reload(node, changes=(), text=None):
    """Writes the configuration with those changes, sends SIGHUP and waits until it was read. Returns how that ended, and
    the log's lines about it."""
    text = text or node.config.read_text()
    for key, value in dict(changes).items():
        text = edit(text, key, value)
    node.config.write_text(text)
    before, logged = reloads(node), len(node.log_lines())
    assert before.keys() == {"applied", "unchanged", "refused"}
    node.process.send_signal(signal.SIGHUP)
    after = eventually(lambda: (now := reloads(node)) != before and now, "the configuration was read")
    outcome, = [each for each in after if after[each] != before[each]]
    assert after[outcome] == before[outcome] + 1
    return outcome, [line for line in node.log_lines()[logged:] if line["message"].startswith("the configuration")]


def applied(node, **changes):
    changes = {key.replace("__", "."): value for key, value in changes.items()}
    outcome, lines = reload(node, changes)
    assert outcome == "applied", lines
    return lines


def admitted(node, most=100):
    """How many calls pass until one is refused, and that refusal."""
    with node.connect() as connection:
        for count in range(most):
            answer = connection.ask("POST", MINT, [*node.bearer(), ("Content-Type", "application/json")], json.dumps(BETA).encode())
            if answer.status != 200:
                return count, answer
    raise AssertionError(f"{most} calls passed")


# ---- limits

def test_the_windows_of_running_companies_take_the_new_limit(served):
    node = served(calls_per_minute=10)
    assert admitted(node)[0] == 10
    lines = applied(node, calls_per_minute=25)
    assert {"key": "mint.calls_per_minute", "from": "10", "to": "25"}.items() <= lines[0].items()
    count, refused = admitted(node)
    assert count == 15, "what was admitted is not forgotten"
    applied(node, calls_per_minute=5)
    count, refused = admitted(node)
    assert count == 0 and refused["X-RateLimit-Limit"] == "5"
    assert int(refused["X-RateLimit-Reset"]) > time.time()
    assert node.cli("company", "limit", "co_xyz", "30").returncode == 0
    eventually(lambda: node.mint(BETA).status == 200, "the company's own limit counts", IN_FORCE_S)
    applied(node, calls_per_minute=7)
    assert node.mint(BETA)["X-RateLimit-Limit"] == "30", "it stays"


def test_throttles_and_the_most_paths_change(fresh_node):
    node = fresh_node
    two = {**BETA, "filePaths": ["uploads/co_xyz/a", "uploads/co_xyz/b"]}
    assert node.mint(two).status == 200
    applied(node, max_paths=1, throttle_per_day=3)
    assert error(node.mint(two), 422, "UNPROCESSABLE_ENTITY").details["max"] == 1
    assert admitted(node)[0] == 2
    error(node.mint(BETA), 429, "THROTTLED")
    applied(node, max_paths=2, throttle_per_day=0)
    assert node.mint(two).status == 200


def test_what_a_connection_may_take_changes(fresh_node):
    node = fresh_node
    large = json.dumps({**BETA, "padding": "x" * 2_000}).encode()
    headers = [("X-Padding", "x" * 3_000)]
    with node.connect() as kept:
        assert kept.ask("GET", "/health", [*node.bearer(), *headers]).status == 200
        applied(node, max_body_bytes="1KiB", max_header_bytes="2KiB", max_connections_per_address=2)
        assert kept.ask("GET", "/health", node.bearer()).status == 200, "the next request is read by the new limits"
        error(kept.ask("GET", "/health", [*node.bearer(), *headers]), 400, "BAD_REQUEST")
    refused = eventually(lambda: node.mint(large), "the connection before is gone")
    assert error(refused, 400, "INVALID_PAYLOAD").details["max_body_bytes"] == 1_024

    def third_is_closed():
        with node.connect() as first, node.connect() as second, node.connect() as third:
            return first.ask("GET", "/health", node.bearer()).status == second.ask("GET", "/health", node.bearer()).status == 200 \
                and third.is_closed()

    eventually(third_is_closed, "the cap an address is in force")
    applied(node, max_body_bytes="1MiB", idle_timeout="100ms", max_connections_per_address=1_000)
    assert node.mint(large).status == 200
    with node.connect() as idle:
        assert idle.ask("GET", "/health", node.bearer()).status == 200
        assert idle.is_closed()
    budgets = node.admin("/metrics").body.decode()
    applied(node, max_in_flight=77, max_connections=88)
    assert 'filemint_budget_limit{budget="requests"} 77' not in budgets
    budgets = node.admin("/metrics").body.decode()
    assert 'filemint_budget_limit{budget="requests"} 77' in budgets and 'filemint_budget_limit{budget="connections"} 88' in budgets


# ---- logging

def test_the_logs_level_and_its_lines_a_request_change(fresh_node):
    node = fresh_node

    def logged(request_id):
        assert node.mint(BETA, headers=[("X-Request-Id", request_id)]).status == 200

    def ids():
        return [line.get("request_id") for line in node.log_lines()]

    logged("first")
    eventually(lambda: "first" in ids(), "it is logged")
    applied(node, access="false")
    logged("second")
    applied(node, access="true")
    logged("third")
    eventually(lambda: "third" in ids(), "it is logged")
    assert "second" not in ids()

    assert applied(node, level="warn") == [], "nothing so small is told any more"
    assert applied(node, level="info"), "it is again"


def test_the_log_goes_on_in_another_file_and_form(fresh_node, tmp_path):
    node = fresh_node
    other = tmp_path / "other.log"
    applied(node, file=other, format="text")
    assert node.mint(BETA, headers=[("X-Request-Id", "elsewhere")]).status == 200
    eventually(lambda: re.search(r" 200 OK .* request_id=elsewhere$", other.read_text(), re.M), "it is logged there")
    assert ' info the configuration has changed key="log.format" from="json" to="text"' in other.read_text()
    other.rename(tmp_path / "moved.log")
    reload(node)
    assert other.exists(), "SIGHUP opens that one anew"


# ---- pages of other origins

def test_origins_come_and_go(fresh_node):
    node, origin = fresh_node, [("Origin", "https://app.example.com")]
    assert node.mint(BETA, headers=origin)["Access-Control-Allow-Origin"] is None
    applied(node, origins="[https://app.example.com]")
    assert node.mint(BETA, headers=origin)["Access-Control-Allow-Origin"] == origin[0][1]
    assert node.ask("OPTIONS", MINT, [*origin, ("Access-Control-Request-Method", "POST")])["Access-Control-Max-Age"] == "600"
    applied(node, origins="[]")
    assert node.mint(BETA, headers=origin)["Access-Control-Allow-Origin"] is None


# ---- sources

def test_a_sources_terms_change(fresh_node, tmp_path):
    node = fresh_node
    token = node.token(PDF)
    gone = {"filePaths": ["uploads/co_xyz/none"], "source": "betaimages"}
    assert node.mint({**gone, "expiresIn": 3_600}).status == 200
    applied(node, betaimages__check_exists="true", betaimages__max_life="2h", betaimages__default_life="60s",
            betaimages__public_url="https://cdn.example.com/beta")
    error(node.mint(gone), 404, "RESOURCE_NOT_FOUND")
    path = {"filePaths": [PDF], "source": "betaimages", "urls": True}
    assert node.mint({**path, "expiresIn": 7_200}).data["expires_in"] == 7_200
    told = node.mint(path).data
    assert told["expires_in"] == 60
    assert told["urls"][PDF].startswith(f"https://cdn.example.com/beta/{PDF}?token=")
    applied(node, betaimages__max_life="90s")
    error(node.mint({**path, "expiresIn": 91}), 422, "UNPROCESSABLE_ENTITY")

    (tmp_path / PDF).parent.mkdir(parents=True)
    (tmp_path / PDF).write_text("of another root")
    applied(node, magikarp__root=tmp_path)
    assert node.download(PDF, token).body == b"of another root", "and a token of before opens it"
    error(node.mint({"filePaths": ["uploads/co_xyz/file_def456/notes.pptx"]}), 404, "RESOURCE_NOT_FOUND")
    applied(node, default_source="betaimages")
    assert node.mint({"filePaths": [PDF]}).data["source"] == "betaimages"


def test_a_longer_life_is_noted_so_that_revocations_last(fresh_node):
    node = fresh_node
    applied(node, betaimages__max_life="3d")
    token = node.token(PDF, source="betaimages", expiresIn=250_000)
    assert node.cli("token", "revoke", "--source", "betaimages", "--path", PDF).returncode == 0
    kept_until, = [each["forget_at"] for each in node.told_by_cli("token", "revocations")]
    assert calendar.timegm(time.strptime(kept_until, "%Y-%m-%dT%H:%M:%SZ")) > time.time() + 250_000
    eventually(lambda: node.download(PDF, token, source="betaimages").status == 401, "it is revoked", IN_FORCE_S)


# ---- what needs a restart

def test_what_needs_a_restart_is_named_and_the_rest_taken(served):
    node = served(calls_per_minute=1_000)
    text = edit(edit(node.config.read_text(), "workers", 7), "issuer", "other")
    text = edit(edit(text, "path", "/none/store.db"), "calls_per_minute", 1_234)
    text = edit(text, "default_source", "magikarp").replace("name: betaimages", "name: newcomer")
    outcome, lines = reload(node, text=text)
    assert outcome == "applied"
    asked = {line["key"]: (line["in_force"], line["wanted"]) for line in lines if line["level"] == "warn"}
    assert asked.keys() == {"workers", "mint.issuer", "store.path", "sources.betaimages", "sources.newcomer"}
    assert asked["workers"] == ("0", "7") and asked["mint.issuer"] == ("filemint", "other")
    assert lines[-1]["changed"] == 1 and lines[-1]["at_restart"] == 5
    answer = node.mint(BETA)
    assert answer.status == 200 and answer["X-RateLimit-Limit"] == "1234"
    assert reload(node)[0] == "unchanged", "they are told again, and nothing else is new"


def test_where_a_node_listens_needs_a_restart(served):
    node = served(admin=f"127.0.0.1:{free_port()}")
    text = node.config.read_text()
    assert "verify: both" in text
    outcome, lines = reload(node, {"drain_idle": "2s"}, text.replace("verify: both", "verify: nginx").replace(node.admin_url[7:], "127.0.0.1:1"))
    assert outcome == "applied"
    asked = {line["key"]: (line["in_force"], line["wanted"]) for line in lines if line["level"] == "warn"}
    assert asked == {"listeners[0].verify": ("both", "nginx"), "admin.listen": (node.admin_url[7:], "127.0.0.1:1")}


def test_a_default_that_needs_a_restart_to_exist_is_refused(fresh_node):
    text = edit(fresh_node.config.read_text(), "default_source", "newcomer").replace("name: betaimages", "name: newcomer")
    outcome, lines = reload(fresh_node, {"calls_per_minute": 9}, text)
    assert outcome == "refused"
    assert "no source is named newcomer" in lines[0]["problem"] and "without a restart" in lines[0]["problem"]
    assert fresh_node.mint(BETA)["X-RateLimit-Limit"] != "9"


# ---- what is wrong

def test_a_wrong_file_changes_nothing_and_says_where(fresh_node):
    node = fresh_node
    good = node.config.read_text()
    text = edit(edit(edit(good, "calls_per_minute", 5), "idle_timeout", "soon"), "betaimages.check_exists", "perhaps")
    text = text.replace("  max_paths:", "  max_path:")
    outcome, lines = reload(node, text=text)
    assert outcome == "refused" and len(lines) == 3
    assert {line["level"] for line in lines} == {"error"}
    for line, wrong in zip(lines, ("soon", "max_path:", "perhaps"), strict=True):
        row = next(n for n, each in enumerate(text.splitlines(), 1) if wrong in each)
        place = re.escape(f"{node.config}:{row}:") + r"(\d+): "
        column = int(re.match(place, line["problem"])[1])
        assert text.splitlines()[row - 1][column - 1:].startswith(wrong.rstrip(":")), line
    checked = node.cli("config", "check", str(node.config))
    assert checked.returncode == 3
    assert [line.split("filemint: ")[-1] for line in checked.stderr.splitlines()] == [line["problem"] for line in lines]
    answer = node.mint(BETA)
    assert answer.status == 200 and answer["X-RateLimit-Limit"] == "100000000"
    outcome, lines = reload(node, {"calls_per_minute": 50}, good)
    assert outcome == "applied" and node.mint(BETA)["X-RateLimit-Limit"] == "50"
    assert node.cli("config", "check", str(node.config)).returncode == 0


@pytest.mark.parametrize("key, value, told", [
    ("betaimages.root", "/none/root", "source betaimages: cannot open its root /none/root"),
    ("file", "/none/filemint.log", "cannot open the log file /none/filemint.log"),
    ("master_key", "file:/none/key", "/none/key"),
])
def test_what_the_system_refuses_changes_nothing(fresh_node, key, value, told):
    outcome, lines = reload(fresh_node, {"calls_per_minute": 5, "origins": "[https://a.example]", key: value})
    assert outcome == "refused"
    assert [told in line["problem"] for line in lines] == [True]
    answer = fresh_node.mint(BETA, headers=[("Origin", "https://a.example")])
    assert answer["X-RateLimit-Limit"] == "100000000" and answer["Vary"] is None
    assert fresh_node.download(PDF, fresh_node.token()).status == 200


def test_a_file_that_is_gone_is_refused(fresh_node):
    node = fresh_node
    before = reloads(node)
    moved = node.config.rename(node.config.with_suffix(".moved"))
    node.process.send_signal(signal.SIGHUP)
    eventually(lambda: reloads(node)["refused"] == before["refused"] + 1, "it is refused")
    assert node.mint(BETA).status == 200
    moved.rename(node.config)
    assert reload(node)[0] == "unchanged"


# ---- under load

def test_no_call_fails_while_the_configuration_changes_again_and_again(fresh_node, tmp_path):
    node = fresh_node
    (tmp_path / "other").mkdir()
    with Load(node, minting(node)) as load:
        for turn in range(40):
            odd = turn % 2
            applied(node, calls_per_minute=100_000_000 - turn, max_in_flight=2_048 - turn, origins=("[]", "[https://a.example]")[odd],
                    level=("debug", "info")[odd], betaimages__max_life=f"{3_600 + turn}s",
                    betaimages__root=(tmp_path, tmp_path / "other")[odd])
            load.wait_for(20)
    assert load.failed == []
    assert load.statuses[200] > 800
