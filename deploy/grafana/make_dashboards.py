#!/usr/bin/python3
"""Writes the dashboards beside this file; with --check only tells whether they are what it would write.

    deploy/grafana/make_dashboards.py [--check]
"""

import json
import pathlib
import sys

from panels import dashboard, datasource_variable, heatmap, label_variable, lines, query, row, stat

HERE = pathlib.Path(__file__).resolve().parent

NODE = 'job=~"$job", instance=~"$instance"'
BACKEND = f'{NODE}, backend=~"$backend"'
JOB = 'job=~"$job"'
FAILURES = "INTERNAL_SERVER_ERROR|SERVICE_UNAVAILABLE|GATEWAY_TIMEOUT"
MINTING = 'route=~"file-access|access-tokens"'
SLO_S = 0.05
QUANTILES = {"p50": 0.5, "p90": 0.9, "p99": 0.99}


def rate(metric, labels=NODE):
    return f"rate({metric}{{{labels}}}[$__rate_interval])"


def total(metric, labels=NODE, by=""):
    return f"sum{f' by ({by}) ' if by else ''}({rate(metric, labels)})"


def quantile(q, histogram, labels, by=""):
    return f"histogram_quantile({q}, {total(f'{histogram}_bucket', labels, f'{by}, le' if by else 'le')})"


def quantiles(histogram, labels, by=""):
    """A line for each of p50, p90 and p99 and each value of a label."""
    return [query(quantile(q, histogram, labels, by), f"{{{{{by}}}}} {name}" if by else name)
            for name, q in QUANTILES.items()]


def share(part, whole):
    """0, not nothing, while no part has happened yet."""
    return f"({part} or 0 * {whole}) / {whole}"


def mean(histogram, labels, by):
    return f"{total(f'{histogram}_sum', labels, by)} / {total(f'{histogram}_count', labels, by)}"


def variables(*more):
    return [
        datasource_variable(),
        label_variable("job", "Job", "filemint_build_info"),
        label_variable("instance", "Node", 'filemint_build_info{job=~"$job"}'),
        *more,
    ]


def minting():
    calls = "filemint_call_duration_seconds"
    answers = total("filemint_requests_total", f"{NODE}, {MINTING}")
    failed = total("filemint_requests_total", f'{NODE}, {MINTING}, code=~"{FAILURES}"')
    refused = total("filemint_requests_total", f'{NODE}, {MINTING}, code!~"OK|{FAILURES}"')
    windows = "filemint_window_remaining_ratio"
    panels = [
        row("At a glance"),
        stat("Calls, p99", "Of calls that got their tokens; red from the objective's 50 ms on.",
             quantile(0.99, calls, BACKEND), unit="s", limit=SLO_S),
        stat("Over 50 ms, last hour", "The objective: at most 1 % in 30 days. By recording rule, whatever node is chosen.",
             f"max(job:filemint_calls_slow:ratio_rate1h{{{JOB}}})", unit="percentunit", limit=0.01, decimals=2),
        stat("Minting calls", "Answers of the minting routes, whatever their code.", answers, unit="reqps"),
        stat("Tokens", "Tokens minted.", total("filemint_tokens_minted_total", BACKEND), unit="ops"),
        stat("Failed", "Minting calls that ended in 500, 503 or 504.", share(failed, answers), unit="percentunit",
             limit=0.01, decimals=2),
        stat("Refused", "Minting calls that ended in a 4xx.", share(refused, answers), unit="percentunit", limit=0.2,
             decimals=2),

        row("Latency"),
        lines("Calls by backend", "From a call's first byte until its answer is ready, without the wait for its body.",
              *quantiles(calls, BACKEND, "backend"), unit="s", log=True, limit=SLO_S),
        lines("Minting by backend", "From the first to the last token of a call, looking for its files included.",
              *quantiles("filemint_mint_duration_seconds", f'{BACKEND}, outcome="ok"', "backend"), unit="s", log=True),
        heatmap("Calls: $backend", "How long calls took. Colour: calls a second.",
                total(f"{calls}_bucket", BACKEND, "le"), repeat="backend"),
        *(lines(f"Phases, {name}", "Where the time of all minting calls goes; write is the client's reading too.",
                query(quantile(q, "filemint_phase_seconds", NODE, "phase"), "{{phase}}"), unit="s", width=8, log=True)
          for name, q in QUANTILES.items()),
        heatmap("Phase: $phase", "How long a phase took. Colour: calls a second.",
                total("filemint_phase_seconds_bucket", f'{NODE}, phase=~"$phase"', "le"), repeat="phase"),
        lines("Mean time by phase", "Stacked: what a call takes on the average.",
              query(mean("filemint_phase_seconds", NODE, "phase"), "{{phase}}"), unit="s", stacked=True),
        lines("How fast the error budget burns", "1 uses it up in exactly 30 days. By recording rule.",
              *(query(f"job:filemint_calls_slow:ratio_rate{window}{{{JOB}}} / 0.01", f"{{{{job}}}} {window}")
                for window in ("5m", "1h", "6h", "3d")), limit=1),

        row("Throughput"),
        lines("Requests by route", "Answers, whatever their code.",
              query(total("filemint_requests_total", by="route"), "{{route}}"), unit="reqps"),
        lines("Tokens by backend", "Tokens minted.",
              query(total("filemint_tokens_minted_total", BACKEND, "backend"), "{{backend}}"), unit="ops"),
        lines("Paths in a call", "Distinct ones, of calls that got their tokens.",
              *quantiles("filemint_batch_paths", NODE)),
        lines("Mints by outcome", "refused: a file is missing; failed: the backend; late: past the deadline.",
              query(total("filemint_mint_duration_seconds_count", BACKEND, "backend, outcome"),
                    "{{backend}} {{outcome}}"), unit="reqps"),

        row("Storages that are asked whether files exist"),
        lines("Probes by outcome", "HEADs. forbidden: 403; rejected: a wrong region or endpoint; throttled: the storage said slow down.",
              query(total("filemint_storage_probes_total", BACKEND, "backend, outcome"), "{{backend}} {{outcome}}"), unit="ops"),
        lines("Time of a probe", "From the node to the storage and back.",
              *quantiles("filemint_storage_probe_duration_seconds", BACKEND, "backend"), unit="s", log=True),
        lines("Circuits that are not closed", "1 while a storage is left alone (open), or tried again (half_open).",
              query(f'sum by (backend, state) (filemint_storage_circuit_state{{{BACKEND}, state!="closed"}})', "{{backend}} {{state}}")),
        lines("Calls held back", "Refused with 503 without asking: the circuit was open, or too many calls waited.",
              query(total("filemint_storage_calls_held_back_total", BACKEND, "backend"), "{{backend}}"), unit="reqps"),
        lines("Files that need no probe", "The share of them that the node remembered.",
              query(share(total("filemint_storage_cache_lookups_total", f'{BACKEND}, result="hit"', "backend"),
                          total("filemint_storage_cache_lookups_total", BACKEND, "backend")), "{{backend}}"), unit="percentunit"),
        lines("Skew of the storage's clock", "How far it is from a node's, by its answers' Date.",
              query(f"abs(filemint_storage_clock_skew_seconds{{{BACKEND}}})", "{{instance}} {{backend}}"), unit="s", limit=5),

        row("Refusals and failures"),
        lines("Refusals by code", "All routes.",
              query(total("filemint_requests_total", f'{NODE}, code!~"OK|{FAILURES}"', "code"), "{{code}}"),
              unit="reqps", stacked=True),
        lines("Failures by code", "All routes. 503: the node had no room.",
              query(total("filemint_requests_total", f'{NODE}, code=~"{FAILURES}"', "code"), "{{code}}"),
              unit="reqps", stacked=True),

        row("Limits near"),
        lines("Calls whose window is nearly used up", "The share of calls with at most that part of the window left.",
              query(f"""{total(f'{windows}_bucket', NODE + ', le=~"0.01|0.05|0.1|0.2"', 'le')}"""
                    f" / ignoring (le) group_left () {total(f'{windows}_count')}", "at most {{le}} left"),
              unit="percentunit", limit=0.1),
        lines("Refused by a limit", "RATE_LIMIT_EXCEEDED: a company's window; THROTTLED: a key's throttle, or a storage that says slow down.",
              query(total("filemint_requests_total", f'{NODE}, code=~"RATE_LIMIT_EXCEEDED|THROTTLED"', "code"),
                    "{{code}}"), unit="reqps"),
        heatmap("What windows have left", "The part that a company's window had left after each call.",
                total(f"{windows}_bucket", NODE, "le"), unit="percentunit"),
    ]
    return dashboard(
        "filemint-minting", "filemint: minting", "How long minting calls take, and what becomes of them.",
        variables(label_variable("backend", "Backend", f"filemint_tokens_minted_total{{{NODE}}}"),
                  label_variable("phase", "Phase", f"filemint_phase_seconds_count{{{NODE}}}")), panels)


def node():
    here = "{{instance}}"
    budget = 'budget=~"body_bytes|answer_bytes"'

    def gauge(metric, labels=NODE):
        return f"{metric}{{{labels}}}"

    def grown(metric):
        return query(f"increase({metric}{{{NODE}}}[$__rate_interval])", here)

    panels = [
        row("At a glance"),
        stat("Nodes up", "That answer on their admin port.", f"sum(up{{{NODE}}})", limit=1, low=True),
        stat("Fullest budget", "Of all nodes and budgets.",
             f"max({gauge('filemint_budget_used')} / {gauge('filemint_budget_limit')})", unit="percentunit", limit=0.8),
        stat("Oldest store state", "Since a node last read its store with success.",
             f"max({gauge('filemint_store_age_seconds')})", unit="s", limit=30),
        stat("Certificate expires in", "The first one to; nothing without TLS.",
             f"min({gauge('filemint_certificate_expiry_timestamp_seconds')} - time())", unit="s",
             limit=14 * 86_400, low=True),
        stat("Credentials end in", "The first of those that a cloud gives out; nothing without such.",
             f"min({gauge('filemint_credentials_expiry_timestamp_seconds')} - time())", unit="s", limit=120, low=True),
        lines("Versions", "Nodes by what they run.",
              query(f"count by (version) ({gauge('filemint_build_info')})", "{{version}}"), width=8, height=4),

        row("Saturation"),
        lines("Budgets", "How much of what the node takes on at most is taken. Above it the answer is 503.",
              query(f"{gauge('filemint_budget_used')} / {gauge('filemint_budget_limit')}", f"{here} {{{{budget}}}}"),
              unit="percentunit", limit=0.8),
        lines("Requests in flight", "Not answered yet.", query(gauge("filemint_requests_in_flight"), here)),
        lines("Bytes of bodies and unsent answers", "What requests hold in memory.",
              query(gauge("filemint_budget_used", f"{NODE}, {budget}"), f"{here} {{{{budget}}}}"), unit="bytes"),
        lines("Mailboxes", "Messages that wait for the actors of a kind: where calls queue up.",
              query(f"sum by (kind) ({gauge('filemint_mailbox_messages')})", "{{kind}}")),
        lines("Run queue", "Actors that wait for their turn on a core.",
              query(gauge("filemint_run_queue_actors"), f"{here} core {{{{core}}}}")),
        lines("Queueing, p99", "Between a call's first byte and its first stage: the core is busy when it grows.",
              query(quantile(0.99, "filemint_phase_seconds", f'{NODE}, phase="queue"', "instance"), here), unit="s"),
        lines("Connections open", "Of clients.", query(gauge("filemint_connections_open"), here)),
        lines("New connections", "Clients should keep theirs.",
              query(rate("filemint_connections_total"), here), unit="cps"),

        row("State"),
        lines("Store age", "Since the store was last read with success.",
              query(gauge("filemint_store_age_seconds"), here), unit="s", limit=30),
        lines("Log lines dropped", "The log did not keep up, or could not be written.", grown("filemint_log_lines_dropped_total")),
        lines("Actors started anew", "A fault of the node's: look at the log.", grown("filemint_actor_restarts_total")),
        lines("Steps of the wall clock", "By over 2 s: look at NTP.", grown("filemint_wall_clock_steps_total")),
        lines("Reloads of the configuration", "By SIGHUP. refused: the former one stays in force; the log says why.",
              query(f"increase(filemint_config_reloads_total{{{NODE}}}[$__rate_interval])", f"{here} {{{{outcome}}}}")),
        lines("Age of credentials", "Since a cloud gave them out. It is renewed when three quarters of their life are over.",
              query(gauge("filemint_credentials_age_seconds"), f"{here} {{{{backend}}}}"), unit="s"),
        lines("Renewals of credentials", "failed: the log says why; calls are refused once the credentials have ended.",
              query(f"increase(filemint_credentials_renewals_total{{{NODE}}}[$__rate_interval])", f"{here} {{{{backend}}}} {{{{outcome}}}}")),
        lines("Time of a scrape", "How long a node took to tell its metrics.",
              query(f"scrape_duration_seconds{{{NODE}}}", here), unit="s"),
    ]
    panels += [
        row("Cluster"),
        lines("Peers that are up", "As each node sees it, by its heartbeats.",
              query(f"""sum by (instance) ({gauge('filemint_cluster_peer_state', f'{NODE}, state="up"')})""", here)),
        lines("Peers suspect, down or left", "1 while a node does not hear that peer; left: it ended by intent.",
              query(gauge("filemint_cluster_peer_state", f'{NODE}, state!="up"'), f"{here} {{{{peer}}}} {{{{state}}}}")),
        lines("Round trip of heartbeats", "The last one to each peer.",
              query(gauge("filemint_cluster_round_trip_seconds"), f"{here} {{{{peer}}}}"), unit="s"),
        lines("Bytes over links", "Inside TLS, both directions.",
              query(f"sum by (instance, direction) ({rate('filemint_cluster_link_bytes_total')})",
                    f"{here} {{{{direction}}}}"), unit="Bps"),
        lines("New links", "Few, but for restarts.",
              query(f"increase(filemint_cluster_links_total{{{NODE}}}[$__rate_interval])", f"{here} {{{{peer}}}}")),
        lines("Links that failed", "By reason; lost: the peer ended or the network; silent: no heartbeat.",
              query(f"sum by (instance, reason) (increase(filemint_cluster_link_failures_total{{{NODE}}}"
                    "[$__rate_interval]))", f"{here} {{{{reason}}}}")),
    ]
    return dashboard("filemint-node", "filemint: nodes", "How full the nodes are, and how they fare.", variables(),
                     panels)


def main():
    behind = []
    for made in (minting(), node()):
        file = HERE / f"{made['uid']}.json"
        text = json.dumps(made, indent=2, ensure_ascii=False) + "\n"
        if "--check" not in sys.argv[1:]:
            file.write_text(text)
        elif not file.exists() or file.read_text() != text:
            behind.append(file.name)
    if behind:
        sys.exit(f"not what make_dashboards.py writes: {', '.join(behind)}")


if __name__ == "__main__":
    main()
