"""What each configuration of deploy/edge/ is held to, with a node and its server's files."""

import base64
import hmac
import json
import time
import urllib.parse

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from edge_servers import ORIGIN
from filemint_node import Connection, Node, eventually, serve
from object_keys import object_keys
from test_tokens_interop import raw_signing_key, text

SOURCE = "parcels"
FOLDER = "uploads/co_xyz"
GRANTED, OTHER = f"{FOLDER}/granted file.txt", f"{FOLDER}/other.txt"
NAMES = [f"{FOLDER}/{name}" for name in (
    "C++ notes.txt", "2023-10-25/14:12:16.9/x", 'a "quoted" name.txt', "größe/€/😀.png", "cafe\u0301", "~a;b=c&d.txt", "#?.txt",
    "'()*!,$@[]{}|^`<>")]


class Edge:
    """A node with an edge source whose files `server` serves."""

    def __init__(self, folder, server, **changes):
        self.server = server
        for path in (GRANTED, OTHER, *NAMES):
            server.keep(path)
        self.demo = demo = Node(folder / "demo")
        demo.stop()
        algorithm = changes.pop("edge_algorithm", "hs256")
        demo.config.write_text(demo.config.read_text() + f"""  - name: {SOURCE}
    type: edge
    public_url: {server.url}/{SOURCE}
    algorithm: "{algorithm}"
""")
        demo.told_by_cli("grant", "add", "co_xyz", "--source", SOURCE, "--prefix", FOLDER)
        self.node = serve(demo, folder / "served", clock_skew="0s", **changes)

    def mint(self, *paths, **members):
        """Each path's target, the token in it."""
        urls = self.node.mint({"filePaths": list(paths), "source": SOURCE, "urls": True, **members}).data["urls"]
        assert all(url.startswith(self.server.url + "/") for url in urls.values())
        return [urls[path].removeprefix(self.server.url) for path in paths]

    def token(self, path=GRANTED, **members):
        return self.mint(path, **members)[0].split("?token=")[1]

    def ask(self, target, method="GET", headers=()):
        with Connection(self.server.url, documented=False) as connection:
            return connection.ask(method, target, headers)

    def refuses(self, target, method="GET", headers=()):
        answer = self.ask(target, method, headers)
        known = target.startswith(f"/{SOURCE}/")
        assert answer.status in ((400, 401, 403) if known else (400, 401, 403, 404)), answer
        assert GRANTED.encode() not in answer.body and OTHER.encode() not in answer.body
        return answer

    def signed(self, header=(), **changes):
        """A token by the source's own key, members of its header and claims changed; None leaves one out."""
        token = self.token()
        algorithm, _, raw = raw_signing_key(self.demo, kid_of(token))
        parts = []
        for part, more in ((claims("." + token), dict(header)), (claims(token), changes)):
            kept = {name: value for name, value in {**part, **more}.items() if value is not None}
            parts.append(text(json.dumps(kept).encode()))
        message = ".".join(parts)
        return f"{message}.{text(signature_of(algorithm, raw, message.encode()))}"

    def stop(self):
        self.node.stop()


def claims(token):
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def signature_of(algorithm, raw, message):
    if algorithm == "HS256":
        return hmac.digest(raw, message, "sha256")
    key = ec.derive_private_key(int.from_bytes(raw, "big"), ec.SECP256R1())
    r, s = decode_dss_signature(key.sign(message, ec.ECDSA(hashes.SHA256())))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def kid_of(token):
    return claims(f".{token.split('.')[0]}")["kid"]


def target_of(path, token):
    return f"/{SOURCE}/{urllib.parse.quote(path)}?token={token}"


class Downloads:
    """Its subclasses have a fixture `edge`."""

    GOES_BY_KID = True

    def test_a_good_token_downloads_its_file(self, edge):
        (target,) = edge.mint(GRANTED)
        answer = edge.ask(target)
        assert (answer.status, answer.body) == (200, GRANTED.encode())
        assert "private" in answer["Cache-Control"] and answer["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer["Content-Security-Policy"] and answer["Referrer-Policy"] == "no-referrer"
        assert answer["Access-Control-Allow-Origin"] is None
        head = edge.ask(target, "HEAD")
        assert head.status == 200 and head["Content-Length"] == str(len(GRANTED))
        part = edge.ask(target, headers=[("Range", "bytes=1-3")])
        assert (part.status, part.body) == (206, GRANTED.encode()[1:4])
        bearer = [("Authorization", f"Bearer {edge.token()}")]
        assert edge.ask(target.split("?")[0], headers=bearer).body == GRANTED.encode()
        edge.refuses(target.split("?")[0])

    def test_hard_names(self, edge):
        """`%` stands in none: no edge lets it through, as another reader could decode it twice."""
        paths = [*NAMES, *(key for key in object_keys(60) if "%" not in key and len(max(key.encode().split(b"/"), key=len)) < 256)]
        for path, target in zip(paths, edge.mint(*paths)):
            edge.server.keep(path)
            answer = edge.ask(target)
            assert (answer.status, answer.body.decode()) == (200, path), target

    def test_a_token_opens_no_other_file(self, edge):
        assert edge.ask(target_of(GRANTED, edge.token())).status == 200
        edge.refuses(target_of(OTHER, edge.token()))
        edge.refuses(target_of(f"{FOLDER}/none.txt", edge.token()))
        edge.refuses(target_of(GRANTED, edge.node.token(GRANTED, source="betaimages")))

    def test_a_wrong_token_opens_nothing(self, edge):
        token = edge.token()
        head, payload, signature = token.split(".")
        flipped = ("B" if signature[0] == "A" else "A") + signature[1:]
        none = "eyJhbGciOiJub25lIn0"  # {"alg":"none"}
        other = edge.token(OTHER).split(".")
        zeros = "A" * len(signature)
        for wrong in ("", "x", "a.b.c", f"{head}.{payload}.", f"{head}.{payload}", f"{head}.{payload}.{flipped}", f"{head}.{payload}.{zeros}",
                      f"{none}.{payload}.", f"{none}.{payload}.{signature}", f"{head}.{other[1]}.{signature}", token[:-2],
                      token + "." + signature):
            edge.refuses(target_of(GRANTED, wrong))
        edge.refuses(f"{target_of(GRANTED, token)}&token={edge.token(OTHER)}")
        edge.refuses(f"{target_of(GRANTED, edge.token(OTHER))}&token={token}")

    def test_each_claim_counts(self, edge):
        assert edge.ask(target_of(GRANTED, edge.signed())).status == 200
        assert edge.ask(target_of(GRANTED, edge.signed(method="GET"))).status == 200
        edge.refuses(target_of(GRANTED, edge.signed(method="HEAD")))
        now = int(time.time())
        for changes in (dict(iss="other"), dict(iss=None), dict(aud="betaimages"), dict(aud=None), dict(exp=now - 1), dict(exp=None),
                        dict(exp="never"), dict(exp=0), dict(sub=None), dict(sub=OTHER), dict(sub=GRANTED + "x"), dict(sub="")):
            edge.refuses(target_of(GRANTED, edge.signed(**changes)))
        for header in (dict(alg="none"), dict(alg="HS512"), dict(alg="EdDSA"), dict(alg=None)):
            edge.refuses(target_of(GRANTED, edge.signed(header)))
        for kid in ("other", "", None):
            assert self.GOES_BY_KID == (edge.ask(target_of(GRANTED, edge.signed(dict(kid=kid)))).status == 401)

    def test_a_token_ends(self, edge):
        (target,) = edge.mint(GRANTED, expiresIn=4)  # whole seconds: at least three
        assert edge.ask(target).status == 200
        eventually(lambda: edge.ask(target).status in (401, 403), "the token has expired", 12)

    def test_only_what_was_asked_about_is_served(self, edge):
        """nginx opens what it has decoded, merged and resolved; the token is for the target as it came."""
        token, up = edge.token(), f"/{SOURCE}/{FOLDER}"
        granted, other = "granted%20file.txt", "other.txt"
        for path in (
                f"{up}/./{granted}", f"{up}//{granted}", f"/{SOURCE}//{FOLDER}/{granted}", f"//{SOURCE}/{FOLDER}/{granted}",
                f"{up}/%2e/{granted}", f"{up}%2f{granted}", f"{up}/x/../{granted}", f"{up}/x/%2e%2e/{granted}", f"{up}/%2E%2e/co_xyz/{granted}",
                f"{up}/{granted}/", f"{up}/{granted}/.", f"{up}/{granted}%00", f"{up}/{granted}#", f"{up}/{granted}%2f..%2f{granted}",
                f"{up}/{granted}/../{other}", f"{up}/{granted}/%2e%2e/{other}", f"{up}/{granted}%2f%2e%2e%2f{other}",
                f"{up}/{granted}/..%5c{other}", f"{up}/{granted}\\..\\{other}", f"/%70arcels/{FOLDER}/{other}", f"{up}/{granted}/..;/{other}",
                f"{up}/%252e%252e/co_xyz/{granted}"):
            edge.refuses(f"{path}?token={token}")
        edge.refuses(f"http://localhost{up}/{other}?token={token}")

    def test_what_stands_behind_a_fragment_is_no_way_round(self, edge):
        """A token of `other.txt#x` does not open `other.txt`, which is what nginx takes `other.txt#x` for."""
        token = edge.token(f"{OTHER}#x")
        for target in (f"/{SOURCE}/{OTHER}#x?token={token}", f"/{SOURCE}/{OTHER}?token={token}#x"):
            edge.refuses(target)
            edge.refuses(target, headers=[("Authorization", f"Bearer {token}")])

    def test_a_backslash_passes_for_no_token(self, edge):
        """Not even for one of that very name: a server may take it for a slash."""
        file = edge.server.files / SOURCE / "a\\b"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(OTHER)
        edge.refuses(f"/{SOURCE}/a\\b?token={edge.signed(sub=file.name)}")

    def test_a_forged_original_is_overwritten(self, edge):
        token = edge.token()
        granted = [("X-Original-URI", target_of(GRANTED, token)), ("X-Original-Method", "GET")]
        edge.refuses(target_of(OTHER, token), headers=granted)
        edge.refuses(f"/{SOURCE}/{OTHER}", headers=granted)
        other = [("X-Original-URI", target_of(OTHER, token)), ("X-Original-Method", "DELETE")]
        assert edge.ask(target_of(GRANTED, token), headers=other).status == 200
        assert edge.ask(target_of(GRANTED, token), "DELETE", headers=granted).status in (403, 405)

    def test_only_reading_is_allowed(self, edge):
        (target,) = edge.mint(GRANTED)
        assert edge.ask(target).status == 200  # so that an answer may be kept
        for method in ("POST", "PUT", "DELETE", "PATCH"):
            assert edge.refuses(target, method).status == 403
        assert (edge.server.files / SOURCE / GRANTED).read_text() == GRANTED

    def test_a_browser_may_ask_before(self, edge):
        path = f"/{SOURCE}/{GRANTED}".replace(" ", "%20")
        asked = [("Origin", ORIGIN), ("Access-Control-Request-Method", "GET"), ("Access-Control-Request-Headers", "range")]
        answer = edge.ask(path, "OPTIONS", asked)
        assert answer.status == 204 and answer["Access-Control-Allow-Origin"] == ORIGIN and answer["Vary"] == "Origin"
        assert "GET" in answer["Access-Control-Allow-Methods"] and "Range" in answer["Access-Control-Allow-Headers"]
        stranger = edge.ask(path, "OPTIONS", [("Origin", "https://evil.example"), *asked[1:]])
        assert stranger["Access-Control-Allow-Origin"] is None and stranger["Access-Control-Allow-Methods"] is None
        target = target_of(GRANTED, edge.token())
        shown = edge.ask(target, headers=asked[:1])
        assert shown.status == 200 and shown["Access-Control-Allow-Origin"] == ORIGIN and shown["Vary"] == "Origin"
        assert "Content-Range" in shown["Access-Control-Expose-Headers"]
        assert edge.ask(target, headers=[("Origin", "https://evil.example")])["Access-Control-Allow-Origin"] is None

    def test_folders_are_not_served(self, edge):
        token = edge.token(f"{FOLDER}/2023-10-25")
        assert edge.ask(target_of(f"{FOLDER}/2023-10-25", token)).status in (301, 404)

    def test_no_log_holds_a_token(self, edge):
        token, wrong = edge.token(), edge.token(OTHER)
        edge.ask(target_of(GRANTED, token))
        edge.refuses(target_of(GRANTED, wrong))
        logged = eventually(lambda: (lines := edge.server.access_log()) and "granted" in lines and lines, "requests are logged")
        assert token not in logged and wrong not in logged and "token=" not in logged


class Asked(Downloads):
    """Of those that ask /verify."""

    ENDS_WITHIN_S = 1.0  # what has been revoked

    def revoke(self, edge, token):
        edge.node.told_by_cli("token", "revoke", f"--jti={claims(token)['jti']}")

    def test_a_revoked_token_ends(self, edge):
        token, other = edge.token(), edge.token()
        assert edge.ask(target_of(GRANTED, token)).status == 200
        self.revoke(edge, token)
        eventually(lambda: edge.ask(target_of(GRANTED, token)).status == 401, "the revocation", self.ENDS_WITHIN_S + 1)
        assert edge.ask(target_of(GRANTED, other)).status == 200

    def test_refusals_tell_why(self, edge):
        target = f"/{SOURCE}/{OTHER}"
        assert edge.ask(target).status == 401
        assert edge.ask(f"{target}?token={edge.token()}").status == 403


class Offline(Downloads):
    """Of those that have the key."""

    def test_a_revocation_does_not_reach_it(self, edge):
        """As its page says: short lives alone help."""
        token = edge.token()
        edge.node.told_by_cli("token", "revoke", f"--jti={claims(token)['jti']}")
        asked = [("X-Original-URI", target_of(GRANTED, token)), ("X-Original-Method", "GET")]
        eventually(lambda: edge.node.ask("GET", "/verify", asked).status == 401, "the node knows")
        time.sleep(0.1)
        assert edge.ask(target_of(GRANTED, token)).status == 200
