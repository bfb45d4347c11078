"""A source on S3, as tests configure one."""


import pytest

from object_keys import granted_prefixes
from node_config import written

KEY_ID, SECRET = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
BUCKET = "stored-files"


def source(folder, name, key_id=KEY_ID, secret=SECRET, session_token=None, bucket=BUCKET, more=None, **keys):
    """Its YAML, its credentials in files."""
    for file, text in (("id", key_id), ("secret", secret), ("session", session_token)):
        if text:
            (folder / file).write_text(text + "\n")
    keys = {"bucket": bucket, **keys, "access_key_id": f"file:{folder}/id", "secret_access_key": f"file:{folder}/secret"}
    if session_token:
        keys["session_token"] = f"file:{folder}/session"
    keys |= more or {}
    return f"  - name: {name}\n    type: s3\n" + "".join(f"    {key}: {written(value)}\n" for key, value in keys.items())


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


def minted(node, keys, **members):
    """Each path's URL."""
    data = node.mint({"filePaths": keys, "source": "objects", "urls": True, **members}).data
    assert list(data["urls"]) == list(data["access_tokens"]) == keys
    for key in keys:
        assert data["urls"][key].endswith("?" + data["access_tokens"][key])
    return data["urls"]
