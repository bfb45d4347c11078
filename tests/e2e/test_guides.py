"""The guides of the reference page: every command in them, run as it stands."""

import html
import json
import os
import re
import subprocess

import pytest

from filemint_node import DEADLINE_S, PDF, PPTX, ROOT

GUIDES = ROOT / "api/docs"
PROGRAMS = {
    "start": {"curl": 1},
    "errors": {"curl": 1},
    "limits": {"curl": 1},
    "downloads": {"curl": 2, "browser": 1, "python": 1, "node": 1},  # browser: test_reference_page.py
}


def blocks(guide, kind):
    text = (GUIDES / f"{guide}.html").read_text()
    return [html.unescape(block) for block in re.findall(rf'<pre><code class="{kind}">(.*?)</code></pre>', text, re.DOTALL)]


def run(node, folder, *command):
    env = dict(os.environ, FILEMINT_URL=node.url, FILEMINT_API_KEY=node.key)
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=DEADLINE_S)


def shell(node, folder, guide):
    done = run(node, folder, "bash", "-euo", "pipefail", "-c", "\n".join(blocks(guide, "curl")))
    assert done.returncode == 0, done
    return done.stdout


def stored(node, path=PDF):
    return node.download(path, node.token(path)).body


def test_every_block_of_the_guides_is_known_here():
    for guide, kinds in PROGRAMS.items():
        found = re.findall(r'<code class="(\w+)"', (GUIDES / f"{guide}.html").read_text())
        assert {kind: found.count(kind) for kind in found} == kinds, guide


def test_getting_started_mints_two_tokens(node, tmp_path):
    minted = json.loads(shell(node, tmp_path, "start"))
    assert minted["data"]["access_tokens"].keys() == {PDF, PPTX}


def test_the_guide_to_errors_shows_403(node, tmp_path):
    assert shell(node, tmp_path, "errors") == "403\n"


def test_the_guide_to_limits_shows_the_three_figures(node, tmp_path):
    told = [line.partition(":")[0] for line in shell(node, tmp_path, "limits").splitlines()]
    assert told == ["X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"]


def test_the_guide_to_curl_downloads_and_resumes(node, tmp_path):
    shell(node, tmp_path, "downloads")
    assert (tmp_path / "context.pdf").read_bytes() == (tmp_path / "part.pdf").read_bytes() == stored(node)


@pytest.mark.parametrize("kind, command", [("python", ["/usr/bin/python3", "download.py"]), ("node", ["node", "download.mjs"])])
def test_the_guide_to_a_program_downloads_and_tells_a_refusal(node, tmp_path, kind, command):
    (program,) = blocks("downloads", kind)
    script = tmp_path / command[1]
    script.write_text(program)
    done = run(node, tmp_path, *command)
    assert done.returncode == 0, done
    assert (tmp_path / "context.pdf").read_bytes() == stored(node)
    script.write_text(program.replace("co_xyz", "co_abc"))
    refused = run(node, tmp_path, *command)
    assert refused.returncode == 1 and "FORBIDDEN" in refused.stderr, refused
