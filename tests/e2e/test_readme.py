"""What README.md says to type."""

import os
import re
import subprocess

import node_config
from filemint_node import BINARY, DEADLINE_S, ROOT

HEADING = "From nothing to a first token:"


def replaced(text, what, by):
    assert text.count(what) == 1, f"{what} stands {text.count(what)} times in {text}"
    return text.replace(what, by)


def test_from_nothing_to_a_first_token(tmp_path):
    """As it stands, but for the ports, the key, which a reader copies, and the wait until the node serves."""
    (block,) = re.findall(rf"^{HEADING}\n\n((?:    .*\n)+)", (ROOT / "README.md").read_text(), re.MULTILINE)
    port, admin = node_config.free_port(), node_config.free_port()
    script = re.sub("^    ", "", block, flags=re.MULTILINE)
    made = "filemint config example > filemint.yaml\n"
    script = replaced(script, made, f"{made}sed -i 's/127.0.0.1:8080/127.0.0.1:{port}/; s/127.0.0.1:8081/127.0.0.1:{admin}/' filemint.yaml\n")
    script = replaced(script, "filemint key create co_a", "filemint key create co_a | tee key.txt")
    serve = "filemint serve &\n"
    script = replaced(script, serve, f"{serve}trap 'kill $!; wait' EXIT\nuntil curl -fs http://127.0.0.1:{admin}/readyz; do kill -0 $!; sleep 0.05; done\n")
    script = replaced(script, "fm_…", "$(cat key.txt)")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/filemint").symlink_to(BINARY)
    env = {name: value for name, value in os.environ.items() if not name.startswith("FILEMINT_")}
    env |= {"PATH": f"{tmp_path / 'bin'}:{env['PATH']}", "FILEMINT_URL": f"http://127.0.0.1:{port}"}
    done = subprocess.run(["timeout", str(DEADLINE_S), "bash", "-euo", "pipefail", "-c", script], cwd=tmp_path, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, env=env)
    assert done.returncode == 0, done
    assert re.search(r"^uploads/co_a/report\.txt +(\w[\w-]*\.){2}[\w-]+$", done.stdout, re.MULTILINE), done.stdout
    assert (tmp_path / "got/uploads/co_a/report.txt").read_text() == "A report.\n"
