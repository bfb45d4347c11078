"""Where secrets go that an operator holds: the admin port, TLS, configurations, references, the master key."""

import json
import pathlib
import signal

from filemint_node import MINT, PDF, Node, eventually
from node_config import changed

JSON = [("Content-Type", "application/json")]


def at_the_admin_port(walk):
    token = walk.admin_token
    for credential in (token, token[:-1], token + "x", token.upper(), f"{token} {token}", walk.password):
        for field in (f"Bearer {credential}", f"Basic {credential}", credential):
            walk.ask("GET", "/metrics", [("Authorization", field)], url=walk.node.admin_url, place="an answer of the admin port")
        walk.ask("GET", f"/metrics?token={credential}", url=walk.node.admin_url, place="an answer of the admin port")
    right = [("Authorization", f"Bearer {token}")]
    walk.ask("GET", "/metrics", right * 2, url=walk.node.admin_url, place="an answer of the admin port")
    told = walk.ask("GET", "/metrics", right, url=walk.node.admin_url)
    assert told.startswith(b"HTTP/1.1 200 ")
    walk.canaries.hear("/metrics", told)
    walk.ask("GET", "/metrics", right, place="an answer")


def over_tls(walk):
    for secret in (walk.keys["good"], walk.admin_token, walk.password):
        walk.note_tokens(walk.ask("POST", MINT, [("Authorization", f"Bearer {secret}"), *JSON], json.dumps({"filePaths": [PDF]}).encode(), url=walk.tls_url))
    walk.say(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", url=walk.tls_url.replace("https", "http"))


def in_wrong_configurations(walk):
    wrong, login = walk.folder / "wrong.yaml", f"https://u:{walk.password}@h"
    for text in (f"sources: [{{name: a, root: r, public_url: '{login}/x'}}]", f"sources: [{{name: a, root: r, public_url: 'x:{walk.password}'}}]",
                 f"sources: [{{name: '{login}', root: r}}]", f"admin: {{listen: 'x:{walk.password}'}}", f"admin: {{listen: '{login}:80'}}",
                 f"admin: {{listen: ['{login}']}}", f"listeners: [{{listen: 'u:{walk.password}@h:80'}}]", f"listeners: [{{listen: 'x:{walk.password}'}}]",
                 f"cors: {{origins: ['{login}']}}", f"http: {{trusted_proxies: ['{login}']}}", f"http: {{client_address_header: '{login}'}}",
                 f"default_source: '{login}'", f"'{login}': 1", f"admin: {{'{login}': 1}}", f"log: {{level: '{login}'}}", f"workers: '{login}'",
                 f"admin: {{token: {walk.admin_token}}}", f"admin: {{token: [{walk.admin_token}]}}", f"admin: {{token: 'env:{walk.admin_token}'}}"):
        wrong.write_text(text + "\n")
        walk.cli("config", "check", str(wrong))
        walk.cli("config", "check", str(wrong), "--json")
        walk.cli("serve", "--config", str(wrong))
    walk.cli("mint", PDF, "--url", f"{login}:1", env={"FILEMINT_API_KEY": walk.keys["good"]})
    walk.cli("serve", "--config", f"{login}/filemint.yaml")


def with_references_to_what_is_wrong(walk):
    """What stands behind them is read at the start, once nobody else has the store; by the check the certificates and keys are."""
    wrong, given, pem = walk.folder / "wrong.yaml", walk.demo.config.read_text(), walk.pair[1].read_text()
    certificate, short, another = walk.pair[0], walk.folder / "tls/short.key", walk.folder / "tls/another.pem"
    short.write_text(pem[:-80])
    another.write_text(walk.authority.file.read_text())
    admin = '{{listen: "127.0.0.1:0", token: "{}"}}'.format
    twice = walk.folder / "twice.token"
    twice.write_text(walk.admin_token * 2_000)
    for changes in ({"listeners": walk.listeners((certificate, short))}, {"listeners": walk.listeners((another, walk.pair[1]))},
                    {"listeners": walk.listeners((walk.pair[1], walk.pair[1]))}, {"listeners": walk.listeners((certificate, json.dumps(pem)))},
                    {"admin_section": admin(f"file:{twice}")}, {"admin_section": admin(f"file:{walk.folder}/admin.token/x")},
                    {"master_key": f"file:{walk.folder}/admin.token"}, {"master_key": f"file:{walk.pair[1]}"}):
        wrong.write_text(changed(given, **{**walk.terms, **changes}))
        walk.cli("serve", "--config", str(wrong))
        walk.cli("config", "check", str(wrong), fails="listeners" in changes)
        walk.cli("config", "check", str(wrong), "--json", fails="listeners" in changes)


def a_master_key_by_env(walk):
    master, other = (walk.canaries.secrets[f"the {name}master key"] for name in ("", "other "))
    config = walk.demo.config.with_name("by_env.yaml")
    config.write_text(changed(walk.node.config.read_text(), master_key="env:CANARY_MASTER_KEY"))
    for text in (other, other[:-5], f"{other}{other}", f"{master}{walk.password}", walk.password, walk.keys["good"]):
        walk.cli("serve", "--config", str(config), env={"CANARY_MASTER_KEY": text})
        walk.cli("master-key", "rotate", "--new", "env:CANARY_MASTER_KEY", "--config", str(config), env={"CANARY_MASTER_KEY": text})
        walk.cli("signing-key", "list", "--config", str(config), env={"CANARY_MASTER_KEY": text}, fails=False)
    served = walk.node
    walk.node = Node(walk.folder / "by_env", config=config, env={"CANARY_MASTER_KEY": master})
    walk.node.key = served.key
    assert walk.node.mint({"filePaths": [PDF]}).status == 200
    of_the_process(walk)
    walk.node.process.send_signal(signal.SIGHUP)
    eventually(lambda: b'config_reloads_total{outcome="unchanged"} 1' in
               walk.ask("GET", "/metrics", [("Authorization", f"Bearer {walk.admin_token}")], url=walk.node.admin_url), "it has read all anew")
    walk.node.stop()
    walk.canaries.hear("output", walk.node.output.read_bytes())
    walk.node = served


def a_wrong_master_key(walk):
    """At SIGHUP, in every way that it can be wrong."""
    key, kept = walk.node.folder.parent / "demo/data/master.key", walk.folder / "other.key"
    right = key.read_text()
    other = walk.canaries.secrets["the other master key"]
    log = walk.demo.folder / "data/filemint.log"
    for text in (other, other[:-5], f"{other}{other}", f"{walk.keys['good']}", f"key={other}"):
        before = log.read_text().count('"error"') + log.read_text().count(" error ")
        key.write_text(text + "\n")
        walk.node.process.send_signal(signal.SIGHUP)
        eventually(lambda: log.read_text().count('"error"') + log.read_text().count(" error ") > before, "it says that the key is wrong")
        walk.cli("master-key", "rotate", "--new", f"file:{kept}")
        walk.cli("serve", "--config", str(walk.node.config))
    key.write_text(right)


def of_the_process(walk):
    """What others may read of it, and of its children, of which it has none."""
    proc = pathlib.Path(f"/proc/{walk.node.process.pid}")
    for name in ("cmdline", "status", "comm"):
        walk.canaries.hear(f"/proc/PID/{name}", (proc / name).read_bytes())
    for children in proc.glob("task/*/children"):
        assert children.read_text() == "", "a node starts no other program"
