"""Secrets that a test sends everywhere, and the search for what became of them."""

import base64
import pathlib
import urllib.parse

CUT = 20  # characters of a secret that tell it apart, wherever it was cut


def parts_of(secret):
    """What of it nobody may see: an API key's id is public, and so are a token's claims."""
    if secret.startswith("fm_"):
        return [secret.split("_")[2]]
    if secret.count(".") == 2:
        return [secret.rpartition(".")[2]]
    return [secret]


def forms_of(secret):
    """The secret's bytes as they are, cut, and in the encodings that programs write."""
    forms = set()
    for part in parts_of(secret):
        raw = [part.encode()]
        try:
            raw.append(base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_" if set(part) & set("-_") else None, validate=True))
        except ValueError:
            pass
        for each in raw:
            forms |= {each, each.hex().encode(), each.hex().upper().encode(), urllib.parse.quote(each).encode(), base64.b64encode(each).rstrip(b"="),
                      base64.urlsafe_b64encode(each).rstrip(b"=")}
        forms |= {part[:CUT].encode(), part[-CUT:].encode()}
    return forms


class Canaries:
    """Named secrets, and all that was said, written and kept, each under the place where it was."""

    def __init__(self):
        self.secrets, self.heard = {}, {}

    def add(self, name, secret):
        assert len(secret) >= 32, f"{name} is too short to be told apart"
        self.secrets[name] = secret
        return secret

    def hear(self, place, text):
        text = text.encode() if isinstance(text, str) else text
        self.heard[place] = self.heard.get(place, b"") + b"\n" + text

    def read(self, *folders, but=()):
        """Each file below the folders, but those of such a name: they hold a secret by purpose."""
        for folder in folders:
            for file in pathlib.Path(folder).rglob("*"):
                if file.is_file() and file.name not in but:
                    self.hear(f"file {file.name}", file.read_bytes())

    def found(self):
        """(the secret's name, the place), for each that was found."""
        return {(name, place) for name, secret in self.secrets.items() for form in forms_of(secret) for place, text in self.heard.items() if form in text}
