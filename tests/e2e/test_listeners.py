"""Several listeners: unix sockets, IPv6, the ways of /verify, and the admin port with TLS and a token."""

import json
import os
import signal
import stat
import subprocess

import pytest

from authority import Authority, listener
from filemint_node import DEADLINE_S, MINT, PDF, Connection, eventually, serve
from node_config import changed, free_port
from test_contract_mint import error
from test_running import refused


def clients_logged(node, request_id):
    return eventually(lambda: [line["client"] for line in node.log_lines() if line.get("request_id") == request_id], "the line is written")


def asked(url, node, request_id, **terms):
    with Connection(url, **terms) as client:
        return client.ask("POST", MINT, [*node.bearer(), ("X-Request-Id", request_id)], json.dumps({"filePaths": [PDF]}).encode())


# ---- several at once

def test_tcp_tls_and_a_unix_socket_at_once(served, tmp_path):
    authority = Authority(tmp_path / "authority")
    ports = free_port(), free_port()
    path = tmp_path / "filemint.sock"
    secure = listener(f"[::1]:{ports[1]}", authority.issue("server"))
    node = served(listeners=f"[{{listen: 127.0.0.1:{ports[0]}}}, {secure}, {{listen: unix:{path}}}]")
    assert asked(f"http://127.0.0.1:{ports[0]}", node, "plain").status == 200
    assert asked(f"https://[::1]:{ports[1]}", node, "secure", tls=authority.client()).status == 200
    assert asked(f"unix:{path}", node, "local").status == 200
    assert clients_logged(node, "plain") == ["127.0.0.1"]
    assert clients_logged(node, "secure") == ["::1"]
    assert clients_logged(node, "local") == ["unix"]
    node.stop()
    assert not path.exists()


def test_two_nodes_with_one_place_in_common_do_not_both_start(served, fresh_node):
    node = served()
    config = node.config.with_name("second.yaml")
    config.write_text(changed(node.config.read_text(), path=fresh_node.folder / "second.db", admin="127.0.0.1:0"))
    assert "in use" in refused(node, 1, config)


# ---- IPv6

def test_ipv6_alone(served):
    node = served(listen=f"\"[::1]:{free_port()}\"")
    assert node.url.startswith("http://[::1]:")
    answer = node.mint({"filePaths": [PDF], "urls": True})
    assert answer.data["urls"][PDF].startswith(f"{node.url}/files/magikarp/")
    with pytest.raises(OSError):
        Connection(node.url.replace("[::1]", "127.0.0.1"))


def test_both_families_on_one_listener_and_an_ipv4_client_is_one_address(served):
    port = free_port()
    node = served(listen=f"\"[::]:{port}\"", max_connections_per_address=2)
    assert asked(f"http://127.0.0.1:{port}", node, "four").status == 200
    assert asked(f"http://[::1]:{port}", node, "six").status == 200
    assert clients_logged(node, "four") == ["127.0.0.1"]
    assert clients_logged(node, "six") == ["::1"]
    held = [Connection(f"http://127.0.0.1:{port}") for _ in range(2)]
    assert [each.ask("GET", "/nowhere").status for each in held] == [404, 404]
    with Connection(f"http://127.0.0.1:{port}") as third:
        assert third.is_closed()
    assert asked(f"http://[::1]:{port}", node, "other").status == 200, "it has a cap of its own"


# ---- unix sockets

@pytest.fixture
def path(tmp_path):
    return tmp_path / "filemint.sock"


def test_curl_mints_through_a_unix_socket(served, path):
    node = served(listeners=f"[{{listen: unix:{path}}}]")
    done = subprocess.run(
        ["curl", "-s", "--unix-socket", path, f"http://localhost{MINT}", "-H", f"Authorization: Bearer {node.key}",
         "-H", "Content-Type: application/json",
         "-d", json.dumps({"filePaths": [PDF], "urls": True})], capture_output=True, text=True, timeout=DEADLINE_S)
    data = json.loads(done.stdout)["data"]
    assert data["urls"][PDF].startswith("http://localhost/files/magikarp/")
    download = subprocess.run(["curl", "-s", "--unix-socket", path, data["urls"][PDF]], capture_output=True, timeout=DEADLINE_S)
    assert download.stdout.startswith(b"%PDF")


@pytest.mark.parametrize("mode, umask", [(None, 0o077), ("0600", 0), ("0666", 0o027)])
def test_a_unix_socket_has_the_mode_that_is_asked_for(served, path, mode, umask):
    before = os.umask(umask)
    try:
        served(listeners=f"[{{listen: unix:{path}{f', socket_mode: {mode}' if mode else ''}}}]")
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == int(mode or "0660", 8)


def test_clients_of_a_unix_socket_have_no_cap_an_address(served, path):
    node = served(listeners=f"[{{listen: unix:{path}}}]", max_connections_per_address=1)
    held = [node.connect() for _ in range(5)]
    assert [each.ask("GET", "/nowhere").status for each in held] == [404] * 5


def test_a_stale_socket_is_replaced_and_a_live_one_is_in_use(served, fresh_node, tmp_path, path):
    node = served(listeners=f"[{{listen: unix:{path}}}]")
    config = node.config.with_name("second.yaml")
    config.write_text(changed(node.config.read_text(), path=fresh_node.folder / "second.db", admin="127.0.0.1:0"))
    assert "in use" in refused(node, 1, config)
    assert node.mint({"filePaths": [PDF]}).status == 200, "the other's start took nothing away"
    node.kill9()
    assert path.exists()
    again = served(listeners=f"[{{listen: unix:{path}}}]")
    assert again.mint({"filePaths": [PDF]}).status == 200
    again.stop()
    assert not path.exists()


def test_a_file_in_a_sockets_place_is_not_touched(fresh_node, path):
    fresh_node.stop()
    path.write_text("precious")
    config = fresh_node.config.with_name("changed.yaml")
    config.write_text(changed(fresh_node.config.read_text(), listeners=f"[{{listen: unix:{path}}}]"))
    assert "no socket" in refused(fresh_node, 1, config)
    assert path.read_text() == "precious"


# ---- /verify by one way alone

def test_a_listener_answers_verify_by_the_way_that_it_is_fixed_to(served):
    ports = {way: free_port() for way in ("both", "nginx", "envoy")}
    node = served(listeners="[" + ", ".join(f"{{listen: 127.0.0.1:{port}, verify: {way}}}" for way, port in ports.items()) + "]")
    target = f"/files/magikarp/{PDF}?token={node.token()}"
    by_nginx = [("X-Original-URI", target), ("X-Original-Method", "GET")]
    for way, port in ports.items():
        with Connection(f"http://127.0.0.1:{port}") as client:
            assert client.ask("GET", "/verify", by_nginx).status == (403 if way == "envoy" else 200)
            assert client.ask("GET", f"/verify{target}").status == (403 if way == "nginx" else 200)


# ---- the admin port

def test_the_admin_ports_token_is_asked_for_metrics_alone(served, tmp_path):
    (tmp_path / "token").write_text("a-long-admin-token\n")
    node = served(admin_section=f"{{listen: 127.0.0.1:{free_port()}, token: 'file:{tmp_path}/token'}}")
    assert node.admin("/livez").status == 200 and node.admin("/readyz").status == 200
    for headers in ([], [("Authorization", "Bearer a-long-admin-tokem")], [("Authorization", "Bearer a-long-admin-token1")],
                    [("Authorization", "Basic a-long-admin-token")], node.bearer()):
        answer = node.admin("/metrics", headers=headers)
        error(answer, 401, "UNAUTHORIZED")
        assert answer["WWW-Authenticate"].startswith("Bearer")
    assert b"filemint_build_info" in node.admin("/metrics", headers=[("Authorization", "Bearer a-long-admin-token")]).body
    assert "a-long-admin-token" not in (node.config.parent / "filemint.log").read_text() + node.told()


def test_a_signal_has_the_admin_ports_token_read_anew(served, tmp_path):
    file = tmp_path / "token"
    file.write_text("the-first-admin-token\n")
    node = served(admin_section=f"{{listen: 127.0.0.1:{free_port()}, token: 'file:{file}'}}")

    def seen_with(token):
        return node.admin("/metrics", headers=[("Authorization", f"Bearer {token}")]).status

    def reloads_told():
        return [line["message"] for line in node.log_lines() if "read anew" in line["message"] or "refused" in line["message"]]

    def signalled(last, count):
        node.process.send_signal(signal.SIGHUP)
        eventually(lambda: reloads_told().count(last) == count, last)

    file.write_text("the-second-admin-token\n")
    assert seen_with("the-first-admin-token") == 200 and seen_with("the-second-admin-token") == 401, "not before the signal"
    signalled("the master key was read anew", 1)
    assert seen_with("the-first-admin-token") == 401 and seen_with("the-second-admin-token") == 200
    file.unlink()
    signalled("the configuration is refused, the former one stays", 1)
    assert seen_with("the-second-admin-token") == 200, "one that is not there changes nothing"
    file.write_text("the-second-admin-token\n")
    signalled("the master key was read anew", 2)
    assert reloads_told().count("the admin token was read anew") == 1, "it was the same the second time"
    told = node.log() + node.told()
    assert f"admin.token: {file}: No such file or directory" in told
    assert "admin-token" not in told


def test_an_admin_token_that_is_not_there_is_told(fresh_node):
    fresh_node.stop()
    config = fresh_node.config.with_name("changed.yaml")
    config.write_text(changed(fresh_node.config.read_text(), admin_section="{listen: 127.0.0.1:0, token: 'env:FILEMINT_UNSET'}"))
    assert "admin.token: the environment variable FILEMINT_UNSET is not set" in refused(fresh_node, 3, config)


def test_the_admin_port_takes_tls_and_a_unix_socket(fresh_node, tmp_path, path):
    authority = Authority(tmp_path / "authority")
    fresh_node.stop()
    node = serve(fresh_node, tmp_path / "secure", tls=authority.client(),
                 admin_section=listener(f"127.0.0.1:{free_port()}", authority.issue("admin")))
    assert node.admin_url.startswith("https:") and b"filemint_certificate_expiry" in node.admin("/metrics").body
    node.stop()
    node = serve(fresh_node, tmp_path / "local", admin_section=f"{{listen: unix:{path}}}")
    assert node.admin("/readyz").status == 200
    node.stop()


def test_an_open_admin_port_is_warned_of(fresh_node):
    fresh_node.stop()
    config = fresh_node.config.with_name("changed.yaml")
    config.write_text(changed(fresh_node.config.read_text(), admin_section="{listen: \"0.0.0.0:9\"}"))
    done = fresh_node.cli("config", "check", config)
    assert done.returncode == 0 and "warning: admin.listen: whoever reaches 0.0.0.0:9" in done.stderr
    assert json.loads(fresh_node.cli("config", "check", config, "--json").stdout)["warnings"]
    for place in ("127.0.0.1:9", "\"[::1]:9\"", "unix:/run/f"):
        config.write_text(changed(fresh_node.config.read_text(), admin_section=f"{{listen: {place}}}"))
        assert fresh_node.cli("config", "check", config).stderr == ""
