"""The messages of tests/http_corpus; its README says how they are written."""

import dataclasses
import pathlib
import re

FOLDER = pathlib.Path(__file__).resolve().parents[1] / "http_corpus"
JSON = b'{"filePaths":["uploads/co_xyz/a"],"source":"betaimages"}'
ESCAPE = re.compile(r"\\(x[0-9a-f]{2}|[rnt\\])")
REPEAT = re.compile(rb"<(\d+)\*(.*?)>", re.DOTALL)


@dataclasses.dataclass(frozen=True)
class Message:
    name: str  # with its file's
    statuses: tuple
    closed: bool
    raw: bytes  # with {auth} still to be put in

    def bytes_for(self, key):
        return self.raw.replace(b"{auth}", b"Authorization: Bearer " + key.encode())

    @property
    def refused(self):
        return self.closed and self.statuses == (400,)


def unescaped(text):
    def byte(match):
        escape = match[1]
        return chr(int(escape[1:], 16)) if escape[0] == "x" else {"r": "\r", "n": "\n", "t": "\t", "\\": "\\"}[escape]

    raw = ESCAPE.sub(byte, text).encode("latin-1")
    raw = REPEAT.sub(lambda match: int(match[1]) * match[2], raw)
    return raw.replace(b"{json}", JSON).replace(b"{length}", b"%d" % len(JSON))


def messages():
    for file in sorted(FOLDER.glob("*.txt")):
        template, in_rows = "", True
        for line in file.read_text(encoding="utf-8").splitlines():
            if line.startswith("#") or not line:
                continue
            if line[0] in "|>":
                template, in_rows = "" if in_rows else template, False
                template += line[1:] + (r"\r\n" if line[0] == "|" else "")
                continue
            in_rows = True
            answers, name, text = line.split(" :: ", 2)
            statuses = tuple(int(word) for word in answers.split() if word != "closed")
            yield Message(f"{file.stem}: {name}", statuses, answers.endswith("closed"), unescaped(template.replace("$", text)))
