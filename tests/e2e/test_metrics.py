"""What a node's own metrics say about calls, each made one after the other."""

import json
import re
import time

from filemint_node import MINT, PDF, PPTX, eventually

PAUSE_S = 1


def value(node, series):
    """Of a series as it is printed, labels included."""
    text = node.admin("/metrics").body.decode()
    found = re.search(rf"^{re.escape(series)} (\S+)$", text, re.MULTILINE)
    assert found, f"{series} is not exported"
    return float(found[1])


def test_a_call_counts_once_on_its_backend_when_it_gets_its_tokens(served):
    node = served()
    node.token(PDF)
    node.token("uploads/co_xyz/a.png", source="betaimages")
    node.token("uploads/co_xyz/b.png", source="betaimages")
    assert node.mint({"filePaths": ["uploads/co_xyz/missing"], "source": "magikarp"}).status == 404
    assert node.mint({"filePaths": ["uploads/co_other/a"], "source": "betaimages"}).status == 403
    assert value(node, 'filemint_call_duration_seconds_count{backend="magikarp"}') == 1
    assert value(node, 'filemint_call_duration_seconds_count{backend="betaimages"}') == 2
    for backend in ("magikarp", "betaimages"):
        whole = value(node, f'filemint_call_duration_seconds_sum{{backend="{backend}"}}')
        minting = value(node, f'filemint_mint_duration_seconds_sum{{backend="{backend}",outcome="ok"}}')
        assert 0 < minting < whole


def test_a_client_that_keeps_its_body_back_does_not_make_a_call_long(fresh_node):
    body = json.dumps({"filePaths": [PDF, PPTX]}).encode()
    with fresh_node.connect() as client:
        head = [*fresh_node.bearer(), ("Content-Length", str(len(body))), ("Expect", "100-continue")]
        lines = "".join(f"{name}: {field}\r\n" for name, field in [("Host", "localhost"), *head])
        client.send(f"POST {MINT} HTTP/1.1\r\n{lines}\r\n".encode())
        while b"100 Continue\r\n\r\n" not in client.buffer:
            client.more()
        time.sleep(PAUSE_S)
        client.send(body)
        assert client.reply().status == 200
    assert value(fresh_node, 'filemint_phase_seconds_sum{phase="parse"}') < PAUSE_S
    assert value(fresh_node, 'filemint_call_duration_seconds_sum{backend="magikarp"}') < PAUSE_S


def test_each_call_tells_what_its_window_has_left(served):
    node = served(calls_per_minute=4)
    assert [node.mint({"filePaths": [PDF]}).status for _ in range(5)] == [200] * 4 + [429]
    assert node.mint({"filePaths": [PDF]}, key="fm_unknown").status == 401  # a stranger has no window
    buckets = {bound: value(node, f'filemint_window_remaining_ratio_bucket{{le="{bound}"}}')
               for bound in ("0.01", "0.2", "0.5", "1", "+Inf")}
    assert buckets == {"0.01": 2, "0.2": 2, "0.5": 4, "1": 5, "+Inf": 5}, "left were 3, 2, 1 and 0, and 0 again"


def test_budgets_tell_their_limits_and_what_is_taken(served):
    node = served(max_in_flight=7, max_connections=50)
    assert value(node, 'filemint_budget_limit{budget="requests"}') == 7
    assert value(node, 'filemint_budget_limit{budget="connections"}') == 50
    assert value(node, 'filemint_budget_used{budget="connections"}') == 0
    with node.connect() as client:
        client.send(b"GET /files/")
        clients = [node.connect() for _ in range(2)]
        assert clients[1].ask("GET", "/").status == 404  # so all were accepted
        assert value(node, 'filemint_budget_used{budget="connections"}') == 3
        for each in clients:
            each.socket.close()
    for budget in ("requests", "body_bytes", "answer_bytes"):
        assert value(node, f'filemint_budget_used{{budget="{budget}"}}') == 0


def test_a_log_on_a_full_disk_loses_lines_that_count_and_no_call(served):
    node = served(file="/dev/full")
    lost = "filemint_log_lines_dropped_total"
    before = value(node, lost)
    assert before >= 1, "that it serves"
    with node.connect() as client:
        for _ in range(100):
            assert client.ask("POST", MINT, node.bearer(), json.dumps({"filePaths": [PDF]}).encode()).status == 200
    eventually(lambda: value(node, lost) >= before + 100, "each call's line is counted")
