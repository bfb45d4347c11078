"""deploy/edge/envoy. No Envoy runs here: its files are parsed, and their Lua is run by HAProxy's."""

import json
import subprocess
import sys

import pytest
import yaml

from filemint_node import ROOT

sys.path.insert(0, str(ROOT / "tests/tools"))
from edge_servers import EDGE  # noqa: E402

FILES = ["ext_authz.yaml", "jwt_authn.yaml"]
PATH = "/parcels/uploads/co_xyz/granted%20file.txt"
SUB = "uploads/co_xyz/granted file.txt"


def manager(name):
    """Its HTTP connection manager, and its clusters' names."""
    resources = yaml.safe_load((EDGE / "envoy" / name).read_text())["static_resources"]
    (listener,) = resources["listeners"]
    return listener["filter_chains"][0]["filters"][0]["typed_config"], {cluster["name"] for cluster in resources["clusters"]}


@pytest.mark.parametrize("name", FILES)
def test_paths_pass_as_they_come_and_no_filter_is_optional(name):
    config, clusters = manager(name)
    assert config["normalize_path"] is False and config["merge_slashes"] is False
    assert config["path_with_escaped_slashes_action"] == "REJECT_REQUEST"
    filters = [each["name"].rsplit(".", 1)[1] for each in config["http_filters"]]
    verifiers = ["ext_authz"] if name == FILES[0] else ["jwt_authn", "lua"]
    assert filters == ["cors", *verifiers, "router"]
    assert clusters == {"filemint", "files"}
    (host,) = config["route_config"]["virtual_hosts"]
    assert [route["route"]["cluster"] for route in host["routes"]] == ["files"]
    (method,) = host["routes"][0]["match"]["headers"]
    assert (method["name"], method["string_match"]["safe_regex"]["regex"]) == (":method", "GET|HEAD|OPTIONS")  # a preflight needs a route


def test_ext_authz_asks_below_verify_and_fails_closed():
    authz = manager(FILES[0])[0]["http_filters"][1]["typed_config"]
    assert authz["http_service"]["path_prefix"] == "/verify" and authz["failure_mode_allow"] is False


STUB = """
local function asked(path, method, claims)
  local answer = 200
  envoy_on_request({
    headers = function() return { get = function(_, name) return ({ [":path"] = path, [":method"] = method })[name] end } end,
    streamInfo = function() return { dynamicMetadata = function() return { get = function() return claims and { claims = claims } end } end } end,
    respond = function(_, head) answer = tonumber(head[":status"]) end,
  })
  return answer
end
"""


@pytest.mark.parametrize("path, method, claims, status", [
    (PATH + "?token=x", "GET", {"sub": SUB}, 200),
    (PATH, "HEAD", {"sub": SUB}, 200),
    (PATH, "HEAD", {"sub": SUB, "method": "GET"}, 403),
    (PATH, "OPTIONS", {"sub": SUB}, 403),
    (PATH, "OPTIONS", {"sub": SUB, "method": "OPTIONS"}, 403),
    (PATH, "GET", None, 403),
    (PATH, "GET", {"sub": "other"}, 403),
    ("/other/uploads/co_xyz/granted%20file.txt", "GET", {"sub": SUB}, 403),
    ("/parcels/a%2Fb", "GET", {"sub": "a/b"}, 403),
    ("/parcels/%2e", "GET", {"sub": "."}, 403),
    ("/parcels/a//b", "GET", {"sub": "a//b"}, 403),
    ("/parcels/a/./b", "GET", {"sub": "a/./b"}, 403),
    ("/parcels/a/..", "GET", {"sub": "a/.."}, 403),
    ("/parcels/a#b", "GET", {"sub": "a#b"}, 403),
    ("/parcels/a\\b", "GET", {"sub": "a\\b"}, 403),
    ("/parcels/a%25b", "GET", {"sub": "a%b"}, 403),
    ("/parcels/a..b/.c", "GET", {"sub": "a..b/.c"}, 200),
])
def test_the_script_holds_a_token_to_its_path(tmp_path, path, method, claims, status):
    script = manager(FILES[1])[0]["http_filters"][2]["typed_config"]["default_source_code"]["inline_string"]
    table = "nil" if claims is None else "{" + ", ".join(f"{name} = {json.dumps(value)}" for name, value in claims.items()) + "}"
    check = f"local answer = asked({json.dumps(path)}, {json.dumps(method)}, {table})\nassert(answer == {status}, answer)\n"
    (tmp_path / "script.lua").write_text(script + STUB + check)
    (tmp_path / "haproxy.cfg").write_text(f"global\n  lua-load {tmp_path}/script.lua\n")
    done = subprocess.run(["haproxy", "-c", "-f", tmp_path / "haproxy.cfg"], capture_output=True, text=True, timeout=30, check=False)
    assert "assert" not in done.stderr and "script.lua:" not in done.stderr, done.stderr
    assert done.returncode in (0, 2), done.stderr  # 2: nothing to listen on
