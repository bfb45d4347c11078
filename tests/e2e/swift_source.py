"""A source on OpenStack Swift, as tests configure one."""


import pytest

from object_keys import granted_prefixes
from node_config import written

KEY = "wJalrXUtnFEMI/K7MDENG+bPxRfiCY=EXAMPLEKEY"
ACCOUNT, CONTAINER = "AUTH_test", "stored-files"


def source(folder, name, key=KEY, more=None, **keys):
    """Its YAML, its key in a file."""
    (folder / "temp_url_key").write_text(key + "\n")
    keys = {"account": ACCOUNT, "container": CONTAINER, **keys, "temp_url_key": f"file:{folder}/temp_url_key", **(more or {})}
    return f"  - name: {name}\n    type: swift\n" + "".join(f"    {key}: {written(value)}\n" for key, value in keys.items())


@pytest.fixture
def contained(served, fresh_node, tmp_path):
    """Serves a source `objects`; tests say its keys."""
    def start(level="info", **keys):
        fresh_node.stop()
        fresh_node.config.write_text(fresh_node.config.read_text() + source(tmp_path, "objects", **keys))
        for prefix in granted_prefixes(keys.get("path_rules", "strict")):
            fresh_node.told_by_cli("grant", "add", "co_xyz", "--source", "objects", "--prefix", prefix)
        return served(level=level)
    return start
