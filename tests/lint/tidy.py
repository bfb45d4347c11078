"""clang-tidy over every .cpp in a build directory's compile_commands.json, two at a time.

A file that was clean is skipped for as long as it, the headers of ours that it reaches, its command and the checks stay
the same: BUILD/tidy-clean holds a name for each such state.
"""

import concurrent.futures
import hashlib
import json
import pathlib
import re
import subprocess
import sys

TIDY = "clang-tidy-19"
ROOT = pathlib.Path.cwd()
INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"', re.MULTILINE)


def reached(file, seen):
    """Adds the file and every header of ours that it includes, directly or not."""
    if file in seen or not file.is_file():
        return
    text = file.read_text()
    seen[file] = text
    for target in INCLUDE.findall(text):
        for base in (ROOT, file.parent):
            reached(base / target, seen)


def state_of(entry, checks):
    seen = {}
    reached(pathlib.Path(entry["file"]), seen)
    digest = hashlib.sha256(checks)
    digest.update(entry["command"].encode())
    for file, text in sorted(seen.items()):
        digest.update(f"\0{file}\0{text}".encode())
    return digest.hexdigest()


def tidy(build, entry):
    return subprocess.run(
        [TIDY, "--quiet", f"-p={build}", entry["file"]], stdin=subprocess.DEVNULL, capture_output=True, text=True)


def main(build):
    entries = [entry for entry in json.loads((build / "compile_commands.json").read_text())
               if pathlib.Path(entry["file"]).is_relative_to(ROOT) and "/build/" not in entry["file"]]
    checks = b"".join(file.read_bytes() for file in sorted(ROOT.glob(".clang-tidy")) + sorted(ROOT.glob("*/.clang-tidy")))
    checks += subprocess.run([TIDY, "--version"], check=True, capture_output=True).stdout
    clean = build / "tidy-clean"
    clean.mkdir(exist_ok=True)

    states = {entry["file"]: state_of(entry, checks) for entry in entries}
    todo = [entry for entry in entries if not (clean / states[entry["file"]]).exists()]
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
        for entry, done in zip(todo, pool.map(lambda entry: tidy(build, entry), todo)):
            if done.returncode == 0:
                (clean / states[entry["file"]]).touch()
            else:
                failed += 1
                print(done.stdout.strip() or done.stderr.strip(), flush=True)
    for stale in clean.iterdir():
        if stale.name not in states.values():
            stale.unlink()
    print(f"clang-tidy: {len(todo)} of {len(entries)} files looked at, {failed} with findings")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
