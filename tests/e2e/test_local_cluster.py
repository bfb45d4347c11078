"""./dev cluster: nodes on loopback with PostgreSQL and HAProxy, as one command runs them."""

import collections
import json
import os
import pathlib
import signal
import subprocess
import sys
import threading

import pytest

from filemint_node import BINARY, IN_FORCE_S, MINT, PDF, ROOT, Connection, eventually

sys.path.insert(0, str(ROOT / "tests/cluster"))
from cluster_parts import status_of  # noqa: E402


class Cluster:
    def __init__(self, folder):
        self.file = folder / "cluster.json"
        self.output = folder / "output"
        with open(self.output, "wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, ROOT / "tests/cluster/local_cluster.py", "3", "--json", self.file], stdin=subprocess.DEVNULL,
                stdout=output, stderr=output, env=dict(os.environ, FILEMINT_BUILD=str(BINARY.parent)))
        try:
            eventually(lambda: self.lives() and self.file.exists(), "the cluster is ready", 60)
        except BaseException:
            self.process.kill()
            self.process.wait()
            raise

    def lives(self):
        assert self.process.poll() is None, self.output.read_text()
        return True

    def told(self):
        return json.loads(self.file.read_text())

    def cli(self, *words):
        done = subprocess.run(
            [BINARY, *words, "--config", self.told()["config"]], stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=30)
        assert done.returncode == 0, done
        return done.stdout


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    made = Cluster(tmp_path_factory.mktemp("cluster"))
    yield made
    if made.process.poll() is None:
        made.process.send_signal(signal.SIGTERM)
        made.process.wait(timeout=60)


def mint(url, key):
    body = json.dumps({"filePaths": [PDF], "source": "magikarp"}).encode()
    with Connection(url) as connection:
        return connection.ask("POST", MINT, [("Authorization", f"Bearer {key}"), ("Content-Type", "application/json")], body)


def test_any_node_and_the_proxy_answer_with_one_key(cluster):
    told = cluster.told()
    assert len(told["nodes"]) == 3
    for url in [told["proxy_url"], *(node["url"] for node in told["nodes"])]:
        token = mint(url, told["key"]).data["access_tokens"][PDF]
        for node in told["nodes"]:  # a token of any node opens the file on any other
            with Connection(node["url"]) as connection:
                answer = connection.ask("GET", f"/files/magikarp/{PDF}?token={token}")
            assert answer.status == 200 and answer.body.startswith(b"%PDF")


def test_a_key_that_was_revoked_opens_no_node_any_more(cluster):
    told = cluster.told()
    key = json.loads(cluster.cli("key", "create", "co_xyz", "--json"))["key"]
    for node in told["nodes"]:
        eventually(lambda node=node: mint(node["url"], key).status == 200, "every node knows the key", IN_FORCE_S)
    cluster.cli("key", "revoke", key.split("_")[1])
    for node in told["nodes"]:
        eventually(lambda node=node: mint(node["url"], key).status == 401, "no node takes it any more", IN_FORCE_S)


def caller_of(cluster, company, calls_a_minute, urls, *limits):
    """Of a company with a limit of its own: its key. One call to each of these passes before they all know it."""
    cluster.cli("company", "add", company)
    cluster.cli("grant", "add", company, "magikarp", "uploads/co_xyz")
    cluster.cli("limit", "set", "--company", company, "--calls", str(calls_a_minute), *limits)
    key = json.loads(cluster.cli("key", "create", company, "--json"))["key"]
    for url in urls:
        eventually(lambda url=url: mint(url, key).status == 200, "every node knows the key", IN_FORCE_S)
    return key


def counted(urls, key, calls):
    """So many calls to each of these, by two callers each, all at once: how many were answered how."""
    answers = []

    def call(url):
        body = json.dumps({"filePaths": [PDF], "source": "magikarp"}).encode()
        head = [("Authorization", f"Bearer {key}"), ("Content-Type", "application/json")]
        with Connection(url) as connection:
            for _ in range(calls // 2):
                answers.append(connection.ask("POST", MINT, head, body).status)

    threads = [threading.Thread(target=call, args=(url,)) for url in urls for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return collections.Counter(answers)


def test_the_nodes_admit_one_limit_together(cluster):
    urls = [node["url"] for node in cluster.told()["nodes"]]
    key = caller_of(cluster, "co_one_limit", 120, urls)
    assert counted(urls, key, 100) == {200: 120 - len(urls), 429: 300 - (120 - len(urls))}


def test_all_of_a_limit_can_be_used_at_any_single_node(cluster):
    for number, node in enumerate(cluster.told()["nodes"]):
        key = caller_of(cluster, f"co_single_{number}", 300, [node["url"]])
        assert counted([node["url"]], key, 400) == {200: 299, 429: 101}


def test_a_keys_day_is_one_for_all_nodes(cluster):
    urls = [node["url"] for node in cluster.told()["nodes"]]
    key = caller_of(cluster, "co_by_day", 1_000, urls, "--per-day", "25")
    assert counted(urls, key, 20) == {200: 25 - len(urls), 429: 60 - (25 - len(urls))}


def test_a_limit_outlasts_the_node_that_counted_it(cluster):
    """Each node is killed in turn, so whoever owned the window is among them: others know what it has given."""
    urls = [node["url"] for node in cluster.told()["nodes"]]
    key = caller_of(cluster, "co_outlasts", 90, urls)
    assert counted(urls, key, 40)[200] == 90 - len(urls)
    for number in range(len(urls)):
        told = cluster.told()["nodes"]
        os.kill(told[number]["pid"], signal.SIGKILL)
        others = [url for url in urls if url != told[number]["url"]]
        assert counted(others, key, 10) == {429: 20}
        eventually(lambda number=number, told=told: cluster.told()["nodes"][number]["pid"] != told[number]["pid"],
                   "another process is told")
        eventually(lambda number=number: mint_or_none(urls[number], key) is not None, "it answers again")


def test_a_node_that_dies_is_started_again(cluster):
    told = cluster.told()
    os.kill(told["nodes"][0]["pid"], signal.SIGKILL)
    for _ in range(20):  # meanwhile the proxy has the others
        assert mint(told["proxy_url"], told["key"]).status in (200, 429)
    eventually(lambda: cluster.told()["nodes"][0]["pid"] != told["nodes"][0]["pid"], "another process is told")
    eventually(lambda: mint_or_none(told["nodes"][0]["url"], told["key"]) is not None, "it answers again")
    assert cluster.told()["nodes"][1:] == told["nodes"][1:]


def mint_or_none(url, key):
    try:
        return mint(url, key)
    except OSError:
        return None


def test_all_end_with_it(cluster):
    told = cluster.told()
    pids = [*(node["pid"] for node in told["nodes"]), told["postgres_pid"]]
    folder = pathlib.Path(told["config"]).parents[1]
    cluster.process.send_signal(signal.SIGTERM)
    eventually(lambda: status_of(told["nodes"][0]["admin_url"], "/readyz") != 200, "they end")
    cluster.process.send_signal(signal.SIGTERM)  # one more, as Ctrl-C twice, changes nothing
    assert cluster.process.wait(timeout=60) == 0, cluster.output.read_text()
    assert not any(pathlib.Path(f"/proc/{pid}").exists() for pid in pids)
    assert not folder.exists()
