"""A source whose credentials the stand-in of tests/tools/credential_server.py gives out."""

import json
import sys
import urllib.parse

import pytest

from filemint_node import ROOT, eventually
from object_keys import PREFIX

sys.path.insert(0, str(ROOT / "tests/tools"))
from credential_server import CredentialServer  # noqa: E402

PATH = PREFIX + "a"


@pytest.fixture
def cloud():
    server = CredentialServer()
    yield server
    server.close()


@pytest.fixture
def renewed(served, fresh_node, cloud):
    """Serves a source `objects`; tests say its type and keys."""
    def start(type="s3", await_first=True, level="debug", **keys):
        fresh_node.stop()
        of_type = {"s3": {"bucket": "stored-files", "endpoint": "https://storage.example"},
                   "azure": {"account": "filemintaccount", "container": "stored-files", "addressing": "path", "endpoint": cloud.url},
                   "gcs": {"bucket": "stored-files", "endpoint": "https://storage.example"}}[type]
        text = "".join(f"    {key}: {json.dumps(value)}\n" for key, value in (of_type | keys).items())
        fresh_node.config.write_text(fresh_node.config.read_text() + f"  - name: objects\n    type: {type}\n{text}")
        fresh_node.told_by_cli("grant", "add", "co_xyz", "--source", "objects", "--prefix", PREFIX.rstrip("/"))
        node = served(level=level)
        if await_first:
            eventually(lambda: mint(node).status == 200, "the first credentials have come")
        return node
    return start


def mint(node, **members):
    return node.mint({"filePaths": [PATH], "source": "objects", **members})


def parameters(answer):
    """Of the token."""
    return dict(urllib.parse.parse_qsl(answer.data["access_tokens"][PATH], strict_parsing=True))


def down(node):
    """What /health names."""
    answer = node.ask("GET", "/health", node.bearer())
    return [] if answer.status == 200 else answer.details["services"]


def lines(node, part):
    return [line for line in map(json.loads, node.log().splitlines()) if part in line.get("message", "")]


def metric(node, name, **labels):
    wanted = "{" + ",".join(f'{key}="{value}"' for key, value in labels.items()) + "}"
    for line in node.admin("/metrics").body.decode().splitlines():
        if line.startswith(f"filemint_credentials_{name}{wanted} "):
            return float(line.split()[-1])
    return None
