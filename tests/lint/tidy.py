"""clang-tidy over every .cpp in a build directory's compile_commands.json, two at a time.

Most of a file's time goes to the libraries' headers. So files of a room are looked at together, each batch as one
translation unit that includes them; where that has a finding, or names clash, each of its files is looked at alone.

A file that was clean is skipped for as long as it, the headers of ours that it reaches, its command and the checks stay
the same: BUILD/tidy-clean holds a name for each such state.
"""

import concurrent.futures
import hashlib
import json
import pathlib
import re
import shlex
import shutil
import subprocess
import sys

TIDY = "clang-tidy-19"
ROOT = pathlib.Path.cwd()
INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"', re.MULTILINE)
# Types, aliases, constants and functions that a file declares without a qualifier.
DECLARED = re.compile(
    r"^(?:using|struct|class|enum class) (?!namespace)(\w+)|^(?!using|namespace|TEST|typedef)\w[\w:<>,&* ]*[ *&](\w+) ?[({=;\[]", re.MULTILINE)
BATCH = 16


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


def room_of(entry):
    return pathlib.Path(entry["file"]).relative_to(ROOT).parts[0]


def home_of(entry):
    """A room or, since tests open their room's namespaces, a folder of tests."""
    return pathlib.Path(entry["file"]).parent if room_of(entry) == "tests" else room_of(entry)


def options_of(entry):
    """What it is compiled with, without what names it."""
    words = shlex.split(entry["command"])
    return tuple(words[1:words.index("-o")])


def names_of(file):
    """What other files of its room must not declare: nothing for one with a namespace of its own, as tests have (namespaces.py)."""
    text = file.read_text()
    if re.search(rf"^namespace (?:\w+::)*{file.stem} {{$", text, re.MULTILINE):
        return set()
    return {name for pair in DECLARED.findall(text) for name in pair if name}


def batches_of(entries):
    """Lists of files that have no name of their own in common, as far as that is seen from the first column."""
    open_ones, batches = {}, []
    for entry in entries:
        names = names_of(pathlib.Path(entry["file"]))
        ours = open_ones.setdefault((home_of(entry), options_of(entry)), [])
        fitting = next((each for each in ours if len(each[0]) < BATCH and not each[1] & names), None)
        if fitting is None:
            fitting = ([], set())
            ours.append(fitting)
            batches.append(fitting[0])
        fitting[0].append(entry)
        fitting[1].update(names)
    return batches


def looked_at(*command):
    return subprocess.run([TIDY, "--quiet", *command], stdin=subprocess.DEVNULL, capture_output=True, text=True)


def said_by(done):
    return done.stdout.strip() or done.stderr.strip()


def is_clean(build, number, batch, rooms):
    """All of it, as one translation unit with its room's checks."""
    room = room_of(batch[0])
    folder = build / "tidy-batches" / room
    folder.mkdir(parents=True, exist_ok=True)
    checks = ROOT / room / ".clang-tidy"
    if checks.exists():
        shutil.copy(checks, folder)
    unit = folder / f"{number}.cpp"
    unit.write_text("".join(f'#include "{entry["file"]}"\n' for entry in batch))
    told_of = "tests" if room == "tests" else "|".join(rooms)
    return looked_at(f"--header-filter=^{ROOT}/({told_of})/[^:]*\\.[ch]pp$", unit, "--", *options_of(batch[0])).returncode == 0


def findings(build, number, batch, rooms):
    """By file, what is said of it."""
    if len(batch) > 1 and is_clean(build, number, batch, rooms):
        return [(entry, None) for entry in batch]
    alone = [(entry, looked_at(f"-p={build}", entry["file"])) for entry in batch]
    return [(entry, None if done.returncode == 0 else said_by(done) or f"{entry['file']}: {TIDY} ended with {done.returncode}")
            for entry, done in alone]


def main(build):
    build = build.resolve()
    listed = [entry for entry in json.loads((build / "compile_commands.json").read_text())
              if pathlib.Path(entry["file"]).is_relative_to(ROOT) and "/build/" not in entry["file"]]
    entries = list({entry["file"]: entry for entry in listed}.values())  # some are compiled into two targets
    checks = b"".join(file.read_bytes() for file in sorted(ROOT.glob(".clang-tidy")) + sorted(ROOT.glob("*/.clang-tidy")))
    checks += subprocess.run([TIDY, "--version"], check=True, capture_output=True).stdout
    clean = build / "tidy-clean"
    clean.mkdir(exist_ok=True)
    shutil.rmtree(build / "tidy-batches", ignore_errors=True)

    states = {entry["file"]: state_of(entry, checks) for entry in entries}
    rooms = sorted({room_of(entry) for entry in entries})
    todo = [entry for entry in entries if not (clean / states[entry["file"]]).exists()]
    batches, failed = batches_of(todo), 0
    with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
        for found in pool.map(lambda each: findings(build, *each, rooms), enumerate(batches)):
            for entry, told in found:
                if told is not None:
                    failed += 1
                    print(told, flush=True)
                else:
                    (clean / states[entry["file"]]).touch()
    for stale in clean.iterdir():
        if stale.name not in states.values():
            stale.unlink()
    print(f"clang-tidy: {len(todo)} of {len(entries)} files looked at, {failed} with findings")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
