"""Keys that are hard to put into a URL: 2,000 of them, the same in each run."""

import random
import urllib.parse

PREFIX = "uploads/co_xyz/"
MOST_BYTES = 1_024
PIECES = [
    "a", "Z", "7", "-", "_", ".", "~", " ", "+", "%", "%41", "100%20off", "'", '"', ";", "=", "&", "#", "?", "!", "*", "(", ")", ",",
    ":", "@", "$", "[", "]", "{", "}", "|", "^", "`", "<", ">", "\u00e9", "e\u0301", "\u4e2d\u6587", "\U0001f600", "\u202e", "\ufffd",
    "C++ notes.txt", "2023-10-25", "14:12:16.9",
]
OPAQUE_PIECES = [*PIECES, "%2e", "%2E%2e", "%2f", "%5C", "%00", "%25", "%252e"]
FORBIDDEN = ("%2e", "%2f", "%5c", "%00", "%25")  # the contract's path rules


def is_legal(path):
    segments = path.split("/")
    return not any(s in ("", ".", "..") for s in segments) and not any(escape in path.lower() for escape in FORBIDDEN)


def object_keys(count=2_000, seed=2026):
    draw = random.Random(seed)
    keys = {PREFIX + "2023-10-25/14:12:16.9/x", PREFIX + "C++ notes.txt", PREFIX + "100%20off.txt", PREFIX + "q" * (MOST_BYTES - len(PREFIX))}
    while len(keys) < count:
        segments = ["".join(draw.choices(PIECES, k=draw.randint(1, 12))) for _ in range(draw.randint(1, 5))]
        path = PREFIX + "/".join(segments)
        if len(path.encode()) <= MOST_BYTES and is_legal(path):
            keys.add(path)
    return sorted(keys)


def opaque_keys(count=500, seed=2027):
    """Such that only `path_rules: opaque` takes: leading slashes, empty segments, percent sequences."""
    draw = random.Random(seed)
    names = ["a//b", "//a", "a/", "a//", "%2e%2e/a", "100%25", "100%2520off.txt", "/%2f/"]
    keys = {start + PREFIX + name for name in names for start in ("", "/")} | {"/" + PREFIX + "x"}
    while len(keys) < count:
        segments = ["".join(draw.choices(OPAQUE_PIECES, k=draw.choice((0, 1, 2, 8)))) for _ in range(draw.randint(1, 6))]
        path = draw.choice(("", "/")) + PREFIX + "/".join(segments)
        if not is_legal(path) and not any(segment in (".", "..") for segment in segments):
            keys.add(path)
    return sorted(keys)


NAMES = ["a.pdf", "it's (1)*&=;,+~.pdf", 'say "hi".txt', "100%25 %.txt", "größe 日本語 \U0001f600.pdf", "'", " x ", "e\u0301", "a" * 255]


def disposition_of(name):
    """The Content-Disposition by which a file is saved under that name: written here once more, from the RFCs."""
    plain = "".join("_" if char in '"\\%' or not " " <= char <= "~" else char for char in name)
    full = "" if plain == name else "; filename*=UTF-8''" + urllib.parse.quote(name, safe="")
    return f'attachment; filename="{plain}"{full}'


def granted_prefixes(path_rules="strict"):
    """What co_xyz is granted on a source of tests."""
    prefix = PREFIX.rstrip("/")
    return [prefix, "/" + prefix] if path_rules == "opaque" else [prefix]
