"""No file grows beyond what one sitting can read: 320 lines, a header 160."""

import pathlib
import subprocess
import sys

LIMITS = {".hpp": 160, ".cpp": 320, ".py": 320, "": 320}


def our_files():
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"], check=True, capture_output=True, text=True)
    return [path for path in map(pathlib.Path, listed.stdout.splitlines()) if path.is_file()]


def main():
    failed = False
    for path in our_files():
        limit = LIMITS.get(path.suffix)
        if limit is None or path.name == "LICENSE" or "corpus" in path.parts:
            continue
        lines = len(path.read_text().splitlines())
        if lines > limit:
            print(f"{path}: {lines} lines, at most {limit}")
            failed = True
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
