"""testssl.sh against a node: its findings on protocols, ciphers and vulnerabilities, none of which may be above LOW."""

import argparse
import collections
import json
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
from authority import Authority, listener  # noqa: E402
from filemint_node import Node, serve  # noqa: E402
from node_config import free_port  # noqa: E402

LOOKS = ["--protocols", "--std", "--fs", "--server-preference", "--vulnerable"]
GOOD_ENOUGH = {"OK", "INFO", "LOW"}
NOT_OURS = {"engine_problem"}  # of the openssl that testssl.sh runs


def looked_at(port, file):
    command = ["testssl", "--quiet", "--warnings", "off", "--color", "0", "--jsonfile", str(file), *LOOKS, f"127.0.0.1:{port}"]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=1_800)
    findings = json.loads(file.read_text()) if file.exists() else []
    if not any(each["id"].startswith("TLS1_3") for each in findings):
        raise SystemExit(f"testssl.sh did not get through, {done.returncode}: {done.stdout[-2_000:]}{done.stderr[-2_000:]}")
    return findings


def main():
    options = argparse.ArgumentParser(prog="dev testssl", description="testssl.sh against a node")
    options.add_argument("--json", type=pathlib.Path, help="where the findings are to be left")
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder, port = pathlib.Path(name), free_port()
        authority = Authority(folder / "authority")
        demo = Node(folder / "demo")
        demo.stop()
        secure = listener(f"127.0.0.1:{port}", authority.issue("server"))
        node = serve(demo, folder / "served", tls=authority.client(), listeners=f"[{secure}]")
        try:
            findings = looked_at(port, folder / "findings.json")
            assert node.ask("GET", "/nowhere").status == 404, "the node serves on"
        finally:
            node.stop()
    if asked.json:
        asked.json.write_text(json.dumps(findings, indent=1))
    bad = [each for each in findings if each["severity"] not in GOOD_ENOUGH and each["id"] not in NOT_OURS]
    for each in bad or [each for each in findings if each["severity"] == "LOW"]:
        print(f"{each['severity']} {each['id']}: {each['finding']}")
    told = collections.Counter(each["severity"] for each in findings)
    print(f"testssl.sh: {len(findings)} findings,", ", ".join(f"{count} {severity}" for severity, count in sorted(told.items())))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
