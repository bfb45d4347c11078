"""The example configuration, the rules and the alerts, by promtool; and the alerts' runbook pages."""

import re
import shutil
import subprocess

import pytest

from filemint_node import ROOT

DEPLOY = ROOT / "deploy/prometheus"
TESTS = ROOT / "tests/e2e/alerts_test.yml"
ALERTS = dict(re.findall(r"- alert: (\w+)\n(.*?)(?=\n +- alert: |\n\n|\Z)", (DEPLOY / "alerts.yml").read_text(), re.DOTALL))


def promtool(*arguments):
    return subprocess.run(["promtool", *arguments], capture_output=True, text=True)


def test_promtool_accepts_the_example_and_all_its_rules():
    done = promtool("check", "config", DEPLOY / "prometheus.yml")
    assert done.returncode == 0, done.stderr
    assert "2 rule files found" in done.stdout
    done = promtool("check", "rules", "--lint=all", "--lint-fatal", DEPLOY / "recording.yml", DEPLOY / "alerts.yml")
    assert done.returncode == 0, done.stdout + done.stderr


def test_alerts_fire_when_they_should_and_only_then():
    done = promtool("test", "rules", TESTS)
    assert done.returncode == 0, done.stdout + done.stderr


# One fault for each alert and for each way in which a rule goes wrong: the tests above must see it.
@pytest.mark.parametrize("file, good, bad", [
    ("recording.yml", "1 - sum by (job) (rate(filemint_call_duration_seconds_bucket", "1 - sum by (job) (rate(filemint_calls_bucket"),
    ("recording.yml", "or 0 * sum by (job) (job_route_code:filemint_requests:rate5m)", ""),
    ("recording.yml", 'route=~"file-access|access-tokens"', 'route="file-access"'),
    ("recording.yml", "GATEWAY_TIMEOUT", "GATEWAY_TIMEOUT|FORBIDDEN"),
    ("alerts.yml", "ratio_rate1h > (14.4 * 0.01) and", "ratio_rate1h > (14.4 * 0.01) or"),
    ("alerts.yml", "ratio_rate6h > (6 * 0.01)", "ratio_rate6h > (60 * 0.01)"),
    ("alerts.yml", "ratio_rate3d > (1 * 0.01) and", "ratio_rate3d > (5 * 0.01) and"),
    ("alerts.yml", "(1 * 0.01)", "(0.1 * 0.01)"),
    ("alerts.yml", "ratio_rate5m > 0.01", "ratio_rate5m >= 0"),
    ("alerts.yml", "} > 0.2", "} > 0.1"),
    ("alerts.yml", "nearly_full:ratio_rate5m > 0.1", "nearly_full:ratio_rate5m > 0.01"),
    ("alerts.yml", "filemint_budget_used:ratio > 0.8", "filemint_budget_used:ratio > 0.95"),
    ("alerts.yml", 'up{job="filemint"}', "up"),
    ("alerts.yml", '{state="down"} == 1', '{state!="up"} == 1'),
    ("alerts.yml", "filemint_store_age_seconds > 30", "filemint_store_age > 30"),
    ("alerts.yml", "1209600", "604800"),
    ("alerts.yml", "172800", "1728000"),
    ("alerts.yml", "increase(filemint_log_lines_dropped_total[10m])", "filemint_log_lines_dropped_total"),
    ("alerts.yml", "filemint_actor_restarts_total[15m]", "filemint_actor_restarts_total[1h]"),
    ("alerts.yml", "increase(filemint_wall_clock_steps_total", "increase(filemint_clock_steps_total"),
    ("alerts.yml", "time() < 180", "time() < 360"),
    ("alerts.yml", "filemint_credentials_age_seconds < 0.25", "filemint_credentials_age_seconds < 1"),
    ("alerts.yml", '{outcome="failed"}[10m])) > 10', '{outcome="failed"}[10m])) > 2'),
    ("alerts.yml", 'filemint_credentials_renewals_total{outcome!="failed"}', 'filemint_credentials_renewals_total{outcome="unchanged"}'),
])
def test_the_tests_of_the_alerts_see_a_fault(tmp_path, file, good, bad):
    shutil.copytree(DEPLOY, tmp_path / "deploy/prometheus")
    (tmp_path / "tests/e2e").mkdir(parents=True)
    copy = shutil.copy(TESTS, tmp_path / "tests/e2e")
    rules = tmp_path / "deploy/prometheus" / file
    assert good in rules.read_text()
    rules.write_text(rules.read_text().replace(good, bad))
    assert promtool("test", "rules", copy).returncode != 0


@pytest.mark.parametrize("alert", ALERTS)
def test_each_alert_is_tested_both_ways_and_has_a_runbook_page(alert):
    cases = re.findall(rf"alertname: {alert}\b.*?exp_alerts:(?: (\[\]))?", TESTS.read_text(), re.DOTALL)
    assert "[]" in cases and "" in cases
    assert re.search(r"severity: (page|ticket) ", ALERTS[alert])
    page = re.search(r"runbook_url: (\S+)", ALERTS[alert])[1]
    assert page == f"deploy/runbooks/{alert}.md"
    text = (ROOT / page).read_text()
    assert text.startswith(f"# {alert}\n")
    for part in ("## What it means", "## Look at", "## What to do"):
        assert f"\n{part}\n" in text


def test_each_runbook_page_has_its_alert():
    pages = {file.stem for file in (ROOT / "deploy/runbooks").glob("*.md")}
    assert pages == set(ALERTS)
