"""Keys that are hard to put into a URL: 2,000 of them, the same in each run."""

import random

PREFIX = "uploads/co_xyz/"
MOST_BYTES = 1_024
PIECES = [
    "a", "Z", "7", "-", "_", ".", "~", " ", "+", "%", "%41", "100%20off", "'", '"', ";", "=", "&", "#", "?", "!", "*", "(", ")", ",",
    ":", "@", "$", "[", "]", "{", "}", "|", "^", "`", "<", ">", "\u00e9", "e\u0301", "\u4e2d\u6587", "\U0001f600", "\u202e", "\ufffd",
    "C++ notes.txt", "2023-10-25", "14:12:16.9",
]
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
