"""A source on Azure Blob Storage, as tests configure one, and Microsoft's own client beside it."""

import base64
import json
import os
import pathlib
import subprocess

import pytest

from filemint_node import ROOT
from object_keys import granted_prefixes
from node_config import written

ACCOUNT, CONTAINER = "filemintaccount", "stored-files"
KEY = base64.b64encode(bytes(range(7, 71))).decode()  # with '+' and '/' in it


def is_blob_name(key):
    """Of the paths that the contract allows, as object_keys draws them: those that Azure can hold."""
    return not any(segment.endswith(".") for segment in key.split("/"))


def source(folder, name, key=KEY, **keys):
    """Its YAML, the account's key in a file."""
    (folder / "account_key").write_text(key + "\n")
    keys = {"account": ACCOUNT, "container": CONTAINER, **keys, "account_key": f"file:{folder}/account_key"}
    return f"  - name: {name}\n    type: azure\n" + "".join(f"    {key}: {written(value)}\n" for key, value in keys.items())


@pytest.fixture
def stored(served, fresh_node, tmp_path):
    """Serves a source `objects`; tests say its keys."""
    def start(level="info", **keys):
        fresh_node.stop()
        fresh_node.config.write_text(fresh_node.config.read_text() + source(tmp_path, "objects", **keys))
        for prefix in granted_prefixes(keys.get("path_rules", "strict")):
            fresh_node.told_by_cli("grant", "add", "co_xyz", "--source", "objects", "--prefix", prefix)
        return served(level=level)
    return start


def answered(command, requests):
    """A line for each."""
    done = subprocess.run(command, input="".join(json.dumps(each) + "\n" for each in requests), capture_output=True, text=True, timeout=60,
                          check=False)
    assert done.returncode == 0, done.stderr[-2_000:]
    lines = done.stdout.splitlines()
    assert len(lines) == len(requests)
    return lines


def their_client(requests):
    """What tests/peers/azure_sas.mjs answers to each."""
    return [json.loads(line) for line in answered(["node", ROOT / "tests/peers/azure_sas.mjs"], requests)]


def our_signer(requests):
    """Each one's query, by this project's code alone."""
    return answered([pathlib.Path(os.environ.get("FILEMINT_BUILD", ROOT / "build/release")) / "tests/sas_tool"], requests)
