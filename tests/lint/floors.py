"""Includes run down the house: a file may include its own room's headers and those of the rooms below, nothing else. Of some
rooms below it may include a list of headers alone."""

import pathlib
import re
import sys

FLOORS = [["core", "metrics"], ["api", "store"], ["backends"], ["actors"], ["http"], ["src"]]
FLOOR = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}
# All that a room may include of another one (DESIGN.md, "What `http` sees of the actors").
DOORS = {("http", "actors"): {"ask_throttle", "blocking_pool", "cluster/resolver", "core_context", "core_entrance", "exchange", "fetcher", "inbox", "prober", "remote_signer", "stages"}}
# What a room must not know although it stands in no room of ours.
FOREIGN = {
    **{room: r"caf/|boost/beast" for room in ("core", "metrics", "api", "store", "backends")},
    "actors": r"boost/beast",
}
INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]')


def offences(root):
    for room in FLOOR:
        for file in sorted((root / room).rglob("*.[ch]pp")):
            for number, line in enumerate(file.read_text().splitlines(), 1):
                include = INCLUDE.match(line)
                if not include:
                    continue
                bracket, target = include.groups()
                other, _, header = target.removesuffix(".hpp").partition("/")
                where = f"{file.relative_to(root)}:{number}"
                if bracket == '"' and other not in FLOOR:
                    yield f'{where}: "{target}" is not written "room/file.hpp"'
                elif bracket == '"' and other != room and FLOOR[other] >= FLOOR[room]:
                    yield f"{where}: {room} must not include {other} ({target})"
                elif bracket == '"' and header not in DOORS.get((room, other), {header}):
                    yield f"{where}: {room} must not include {target}: see DOORS"
                elif bracket == "<" and re.match(FOREIGN.get(room, r"(?!)"), target):
                    yield f"{where}: {room} must not know {target}"


if __name__ == "__main__":
    found = list(offences(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")))
    print("\n".join(found), end="\n" if found else "")
    sys.exit(1 if found else 0)
