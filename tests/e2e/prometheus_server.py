"""Debian's Prometheus on a free port of loopback, with our example configuration and rules."""

import json
import pathlib
import re
import subprocess
import urllib.error
import urllib.parse
import urllib.request

from filemint_node import DEADLINE_S, ROOT, eventually, free_port

DEPLOY = ROOT / "deploy/prometheus"


class Prometheus:
    """Scrapes these targets (host:port) each second, and evaluates the rules as often."""

    def __init__(self, folder, targets):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True)
        self.url = f"http://127.0.0.1:{free_port()}"
        (self.folder / "prometheus.yml").write_text(example_for(targets))
        for rules in ("recording.yml", "alerts.yml"):
            (self.folder / rules).write_text((DEPLOY / rules).read_text())
        with open(self.folder / "log", "wb") as log:
            self.process = subprocess.Popen(
                ["prometheus", "--config.file", self.folder / "prometheus.yml", "--storage.tsdb.path", self.folder / "data",
                 "--web.listen-address", self.url.removeprefix("http://")],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            eventually(self.is_ready, "Prometheus is ready")
        except BaseException:
            self.stop()
            raise

    def is_ready(self):
        assert self.process.poll() is None, (self.folder / "log").read_text()[-4_000:]
        try:
            with urllib.request.urlopen(f"{self.url}/-/ready", timeout=DEADLINE_S) as answer:
                return answer.status == 200
        except OSError:
            return False

    def api(self, what, **parameters):
        url = f"{self.url}/api/v1/{what}?{urllib.parse.urlencode(parameters, doseq=True)}"
        try:
            with urllib.request.urlopen(url, timeout=DEADLINE_S) as answer:
                return json.load(answer)["data"]
        except urllib.error.HTTPError as refused:
            raise AssertionError(f"{parameters}: {refused.read().decode()}") from None

    def query(self, expression):
        """Now: pairs of a series' labels and its value."""
        data = self.api("query", query=expression)
        assert data["resultType"] == "vector", expression
        return [(series["metric"], float(series["value"][1])) for series in data["result"]]

    def rules(self, kind):
        return [rule for group in self.api("rules", type=kind)["groups"] for rule in group["rules"]]

    def await_evaluation(self):
        """Until each group of rules was evaluated once more."""
        def latest():
            return {group["name"]: group["lastEvaluation"] for group in self.api("rules")["groups"]}

        before = latest()
        eventually(lambda: all(at != before[name] for name, at in latest().items()), "the rules are evaluated")

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(timeout=DEADLINE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def example_for(targets):
    """The example, with other targets and each interval a second."""
    text = (DEPLOY / "prometheus.yml").read_text()
    text, intervals = re.subn(r"_interval: \w+", "_interval: 1s", text)
    text, lists = re.subn(r"targets: \[.*?\]", lambda _: f"targets: {json.dumps(targets)}", text)
    assert (intervals, lists) == (2, 1), "the example has changed"
    return text
