"""Each query of each panel and rule, asked of a real Prometheus that scrapes real nodes under load."""

import contextlib
import json
import math
import re
import shutil
import subprocess
import sys
import urllib.parse

import pytest

from authority import Authority, listener
from cluster import Cluster
from filemint_node import MINT, PDF, ROOT, Node, eventually, request_bytes, serve
from load import Load, mint_bytes
from node_config import free_port
from object_keys import PREFIX
from prometheus_server import Prometheus

sys.path.insert(0, str(ROOT / "tests/tools"))
from credential_server import CredentialServer  # noqa: E402
from head_server import Storage  # noqa: E402

GRAFANA = ROOT / "deploy/grafana"
RUNBOOKS = ROOT / "deploy/runbooks"
DASHBOARDS = {file.stem: json.loads(file.read_text()) for file in sorted(GRAFANA.glob("*.json"))}
CHECK = ["node", ROOT / "tests/web/check_dashboards.mjs"]
PROVOKED = {"OK", "UNAUTHORIZED", "FORBIDDEN", "RESOURCE_NOT_FOUND", "RATE_LIMIT_EXCEEDED", "SERVICE_UNAVAILABLE"}

PANELS = [
    pytest.param(panel, target["expr"], id=f"{name}: {panel['title']} {target['refId']}")
    for name, dashboard in DASHBOARDS.items() for panel in dashboard["panels"] for target in panel.get("targets", [])
]


# ---- nodes, load and Prometheus

def work_of_all_kinds(node, small_key):
    """Mints on each backend, and calls that are refused for one reason each."""
    calls = [
        mint_bytes(node, ["uploads/co_xyz/a", "uploads/co_xyz/b"]),
        mint_bytes(node, [PDF], source="magikarp"),
        mint_bytes(node, ["uploads/co_xyz/missing"], source="magikarp"),
        mint_bytes(node, [PREFIX + "a"], source="objects"),
        mint_bytes(node, ["uploads/co_other/a"]),
        mint_bytes(node, ["uploads/co_small/a"], key=small_key),
        request_bytes("POST", MINT, [], b"{}"),
    ]

    async def work(client, index, turn):
        return [await client.ask(calls[turn % len(calls)])]

    return work


def work_without_room(node):
    """Calls at once on a node that takes on one at a time."""
    call = mint_bytes(node, [f"uploads/co_xyz/{i}" for i in range(500)])

    async def work(client, index, turn):
        return [await client.ask(call)]

    return work


def company_of_its_own(node, name, limit):
    for command in (["company", "add", name], ["company", "limit", name, str(limit)],
                    ["grant", "add", name, "betaimages", f"uploads/{name}"]):
        assert node.cli(*command).returncode == 0, command
    return node.told_by_cli("key", "create", name)["key"]


@pytest.fixture(scope="module")
def nodes(tmp_path_factory):
    """One with room for all, a source on a storage by a cloud's credentials, one with room for a single request and a TLS listener too."""
    folder = tmp_path_factory.mktemp("nodes")
    larger, demo = Node(folder / "larger"), Node(folder / "demo")
    larger.stop()
    demo.stop()
    with Storage() as storage, contextlib.closing(CredentialServer()) as cloud:
        larger.config.write_text(
            f"{larger.config.read_text()}  - {{name: objects, type: s3, bucket: files, addressing: path, endpoint: '{storage.url}', "
            f"credentials: instance, credentials_endpoint: '{cloud.url}', check_exists: true, exists_cache_life: 1s}}\n")
        larger.told_by_cli("grant", "add", "co_xyz", "--source", "objects", "--prefix", PREFIX.rstrip("/"))
        yield from both_nodes(folder, larger, demo)


def both_nodes(folder, larger, demo):
    wide = serve(larger, folder / "wide")
    secure = listener(f"127.0.0.1:{free_port()}", Authority(folder / "authority").issue("server", days=90))
    narrow = serve(demo, folder / "narrow", max_in_flight=1, listeners=f"[{{listen: 127.0.0.1:{free_port()}}}, {secure}]")
    yield wide, narrow
    wide.stop()
    narrow.stop()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    with Cluster(tmp_path_factory.mktemp("cluster"), ["node1", "node2"]) as made:
        made.all_up()
        yield made


@pytest.fixture(scope="module")
def prometheus(nodes, cluster, tmp_path_factory):
    wide, narrow = nodes
    small_key = company_of_its_own(wide, "co_small", limit=50)
    assert wide.cli("company", "limit", "co_xyz", "10000000").returncode == 0
    targets = [urllib.parse.urlsplit(node.admin_url).netloc for node in (*nodes, *cluster.nodes.values())]
    server = Prometheus(tmp_path_factory.mktemp("prometheus") / "server", targets)
    try:
        eventually(lambda: len(server.query("up == 1")) == len(targets), "every target is up")
        with contextlib.ExitStack() as loads:
            loads.enter_context(Load(wide, work_of_all_kinds(wide, small_key), clients=4))
            loads.enter_context(Load(narrow, work_without_room(narrow), clients=4))
            for each in cluster.nodes.values():
                loads.enter_context(Load(each, work_without_room(each), clients=1))
            eventually(lambda: codes_seen(server) >= PROVOKED, "two scrapes saw each code of the load")
            for _ in range(2):  # rules of one group read those of another
                server.await_evaluation()
        yield server
    finally:
        server.stop()


def codes_seen(server):
    """Those that have become more between two scrapes."""
    return {labels["code"] for labels, _ in server.query("sum by (code) (rate(filemint_requests_total[1m])) > 0")}


# ---- queries

def asked(expression, chosen=None):
    """As Grafana asks it when its variables have these values; all values for those not chosen."""
    expression = re.sub(r"\$__rate_interval|\$__range", "1m", expression)
    return re.sub(r"\$(\w+)", lambda name: (chosen or {}).get(name[1], ".*"), expression)


def assert_finite(expression, series):
    assert series, f"no data: {expression}"
    assert all(math.isfinite(value) for _, value in series), f"{expression}: {series}"


@pytest.mark.parametrize("panel, expression", PANELS)
def test_every_query_of_every_panel_has_data_of_its_panels_shape(prometheus, panel, expression):
    series = prometheus.query(asked(expression))
    assert_finite(expression, series)
    target = next(each for each in panel["targets"] if each["expr"] == expression)
    for labels, _ in series:
        wanted = set(re.findall(r"{{(\w+)}}", target["legendFormat"]))
        assert wanted <= labels.keys(), "its legend names labels that it has"
        if panel["type"] != "stat":
            assert labels.keys() - {"__name__", "job", "instance"} <= wanted, "its legend tells its lines apart"
    if panel["type"] == "stat":
        assert len(series) == 1
    if panel["type"] == "heatmap":
        assert target["format"] == "heatmap"
        buckets = sorted((float(labels["le"]), value) for labels, value in series)
        assert len(buckets) > 5 and buckets[-1][0] == math.inf
        counts = [value for _, value in buckets]
        assert counts == sorted(counts) and counts[-1] > 0
    if panel["fieldConfig"]["defaults"]["unit"] == "percentunit":
        assert all(0 <= value <= 1 for _, value in series), series


@pytest.mark.parametrize("name", DASHBOARDS)
def test_each_variable_has_values_and_each_value_gives_data(prometheus, name):
    variables = [each for each in DASHBOARDS[name]["templating"]["list"] if each["type"] == "query"]
    assert {"job", "instance"} <= {each["name"] for each in variables}
    for variable in variables:
        series, label = re.fullmatch(r"label_values\((.*), (\w+)\)", variable["query"]["query"]).groups()
        values = prometheus.api(f"label/{label}/values", **{"match[]": asked(series)})
        assert values, variable["name"]
        for value in values:
            uses = [target["expr"] for panel in DASHBOARDS[name]["panels"] for target in panel.get("targets", [])
                    if f"${variable['name']}" in target["expr"]]
            assert any(prometheus.query(asked(each, {variable["name"]: value})) for each in uses), (variable["name"], value)


def test_the_backends_and_phases_have_lines_of_their_own(prometheus):
    def lines(title, label):
        panel = next(each for each in DASHBOARDS["filemint-minting"]["panels"] if each["title"] == title)
        return [{labels[label] for labels, _ in prometheus.query(asked(target["expr"]))} for target in panel["targets"]]

    assert lines("Calls by backend", "backend") == [{"magikarp", "betaimages", "objects"}] * 3
    assert lines("Probes by outcome", "backend") == lines("Circuits that are not closed", "backend") == [{"objects"}]
    for quantile in ("p50", "p90", "p99"):
        assert lines(f"Phases, {quantile}", "phase") == [{"queue", "auth", "limit", "parse", "mint", "write"}]


def test_every_recording_rule_has_finite_values(prometheus):
    rules = prometheus.rules("record")
    assert len(rules) >= 15
    for rule in rules:
        assert rule["health"] == "ok", rule
        assert_finite(rule["name"], prometheus.query(rule["name"]))
        level = rule["name"].split(":")[0]
        for labels, value in prometheus.query(rule["name"]):
            named = labels.keys() - {"__name__", "job", "instance"}
            assert named <= set(level.split("_")), "its first part tells its labels"
            if ":ratio" in rule["name"]:
                assert 0 <= value <= 1, (rule["name"], value)


def test_every_alert_has_data_to_compare(prometheus):
    alerts = prometheus.rules("alert")
    assert len(alerts) >= 13
    for alert in alerts:
        assert alert["health"] == "ok", alert
        bare, comparisons = re.subn(r"\s*(==|[<>]=?)\s*(\([\d. *]+\)|[\d.e+]+)", "", alert["query"])
        assert comparisons, alert["query"]
        every_part = re.sub(r"\bor\b", "and", bare)
        assert_finite(every_part, prometheus.query(every_part))


# ---- metrics

def names_in(expression):
    """The families that an expression reads itself; names of recording rules have colons."""
    return {re.sub(r"_(bucket|sum|count)$", "", name) for name in re.findall(r"(?<![\w:])filemint_\w+(?!\w*:)", expression)}


def exported_by(node):
    return set(re.findall(r"^# TYPE (\w+) ", node.admin("/metrics").body.decode(), re.MULTILINE))


def exported_by_the_code():
    """Families whose names stand in the code, those too that a node exports at some times alone."""
    text = "".join(file.read_text() for room in ("metrics", "http", "src", "actors")
                   for file in sorted((ROOT / room).rglob("*.cpp")))
    return set(re.findall(r'"(filemint_\w+)"', text))


def test_every_metric_is_on_a_panel_or_on_the_list_of_those_that_are_not(nodes):
    on_panels = set().union(*(names_in(expression) for _, expression in (each.values for each in PANELS)))
    listed = dict(re.findall(r"^(\w+): (.+)$", (GRAFANA / "not_on_panels.txt").read_text(), re.MULTILINE))
    exported = exported_by(nodes[0]) | exported_by_the_code()
    assert exported_by(nodes[0]) <= exported_by_the_code()
    assert exported - on_panels - listed.keys() == set()
    assert listed.keys() <= exported - on_panels, "the list has none that is gone or on a panel"
    assert on_panels <= exported, "panels read what is exported"


def test_a_nodes_metrics_are_named_as_prometheus_wants(nodes):
    lint = subprocess.run(["promtool", "check", "metrics"], input=nodes[0].admin("/metrics").body, capture_output=True)
    assert (lint.returncode, lint.stderr) == (0, b"")


# ---- files

def test_the_dashboards_are_what_their_generator_writes():
    done = subprocess.run([GRAFANA / "make_dashboards.py", "--check"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_the_dashboards_are_valid_by_grafanas_schema():
    done = subprocess.run([*CHECK, *GRAFANA.glob("*.json")], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("good, bad, told", [
    ('"displayMode": "table"', '"displayMode": "tabel"', "tabel"),
    ('"showColorScale"', '"showColourScale"', "showColourScale"),
    ('"schemaVersion": 39,', "", "schemaVersion"),
])
def test_the_schema_check_finds_a_fault(tmp_path, good, bad, told):
    text = (GRAFANA / "filemint-minting.json").read_text()
    assert good in text
    (tmp_path / "bad.json").write_text(text.replace(good, bad, 1))
    done = subprocess.run([*CHECK, tmp_path / "bad.json"], capture_output=True, text=True)
    assert done.returncode == 1
    assert told in done.stderr and "bad.json:" in done.stderr


def test_the_generators_check_finds_a_change(tmp_path):
    copy = shutil.copytree(GRAFANA, tmp_path / "grafana")
    file = copy / "filemint-node.json"
    file.write_text(file.read_text().replace("Run queue", "Run queues"))
    done = subprocess.run([copy / "make_dashboards.py", "--check"], capture_output=True, text=True)
    assert done.returncode == 1 and "filemint-node.json" in done.stderr
