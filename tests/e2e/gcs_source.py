"""A source on Google Cloud Storage, as tests configure one."""

import json

import pytest

from authority import openssl
from object_keys import granted_prefixes
from node_config import written

BUCKET = "stored-files"
HMAC_ID, HMAC_SECRET = "GOOGTS7C7FUP3AIRVJTE2BCDKINBTES3HC2GY5CBFJDCQ2SYHV6A6XXVTJFSA", "bGoa+V7g/yqDXvKRqq+JTFn4uQZbPiQJo4pf9RzJ"


def service_account():
    """Its JSON key, as Google writes such a file."""
    return {
        "type": "service_account", "project_id": "project", "private_key_id": "0123456789abcdef",
        "private_key": openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"),
        "client_email": "signer+1@project.iam.gserviceaccount.com", "client_id": "1", "token_uri": "https://oauth2.googleapis.com/token",
    }


def source(folder, name, account=None, **keys):
    """Its YAML, credentials in files: the account's, text or JSON; an interoperability key where there is none."""
    if account:
        (folder / "account.json").write_text(account if isinstance(account, str) else json.dumps(account, indent=2))
        keys["service_account"] = f"file:{folder}/account.json"
    else:
        (folder / "id").write_text(HMAC_ID + "\n")
        (folder / "secret").write_text(HMAC_SECRET + "\n")
        keys |= {"signer": "hmac", "access_key_id": f"file:{folder}/id", "secret_access_key": f"file:{folder}/secret"}
    keys = {"bucket": BUCKET, **keys}
    return f"  - name: {name}\n    type: gcs\n" + "".join(f"    {key}: {written(value)}\n" for key, value in keys.items())


@pytest.fixture
def stored(served, fresh_node, tmp_path):
    """Serves a source `objects`, signed for by `account`; tests say its other keys."""
    def start(account=None, level="info", **keys):
        fresh_node.stop()
        fresh_node.config.write_text(fresh_node.config.read_text() + source(tmp_path, "objects", account, **keys))
        for prefix in granted_prefixes(keys.get("path_rules", "strict")):
            fresh_node.told_by_cli("grant", "add", "co_xyz", "--source", "objects", "--prefix", prefix)
        return served(level=level)
    return start
