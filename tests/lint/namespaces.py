"""A test file's names stand in a namespace called as the file is, so that several can be compiled as one."""

import pathlib
import sys


def main():
    failed = False
    for folder in ("tests/unit", "tests/integration"):
        for file in sorted(pathlib.Path(folder).rglob("*_test.cpp")):
            opened = [line for line in file.read_text().splitlines() if line.startswith("namespace ")]
            if not any(line.removesuffix(" {").split("::")[-1].split()[-1] == file.stem for line in opened):
                print(f"{file}: has no namespace {file.stem}")
                failed = True
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
