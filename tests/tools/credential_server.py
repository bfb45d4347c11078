"""A stand-in for those who give out credentials: EC2's metadata service (IMDSv2 alone), the endpoint of ECS and EKS, STS, Azure's
metadata service and App Service's, Azure's user delegation keys, Google's metadata server and signBlob. It answers by their published formats and is
as strict about requests as they are; a test says how long credentials last, and what is wrong with the answers."""

import base64
import datetime
import email.utils
import functools
import hashlib
import http.server
import json
import threading
import time
import urllib.parse
import xml.sax.saxutils

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding

ROLE = "filemint-role"
REFUSALS = {
    "aws": (200, {"Code": "AssumeRoleUnauthorizedAccess", "Message": "EC2 cannot assume the role"}),
    "container": (500, {"code": "InternalServerError", "message": "unable to get credentials"}),
    "sts": (403, '<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>AccessDenied</Code>'
                 "<Message>Not authorized to perform sts:AssumeRoleWithWebIdentity</Message></Error></ErrorResponse>"),
    "azure": (400, {"error": "invalid_request", "error_description": "Identity not found"}),
    "google": (503, "try again later"),
}


def at(moment):
    return datetime.datetime.fromtimestamp(moment, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


@functools.cache  # it is checked, which takes as long as dozens of signatures
def loaded(private_key):
    return serialization.load_pem_private_key(private_key.encode(), None)


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 128  # signatures are asked for 64 at once


class CredentialServer:
    """`life`: of what it gives out, in seconds. `trouble`: None, "refuse", "silent" (no answer), "slow" (2 s late), "garbage" or "reset".
    `skew`: by how many seconds its clock is ahead. `secrets`: all that nobody may see. `asked`: (method, target) of each request."""

    def __init__(self, life=3600):
        self.life, self.trouble, self.skew, self.serial = life, None, 0, 0
        self.given, self.secrets, self.asked = [], [], []
        self.web_identity_token, self.authorization, self.app_service_header = None, None, None
        self.account = {"client_email": "signer@project.iam.gserviceaccount.com"}  # of Google's, with its private_key: what signBlob signs by
        self.blob_trouble = None  # (status, body) of signBlob alone
        self.signing, self.most_signing = 0, 0  # at once
        self.lock, self.stopping = threading.Lock(), threading.Event()
        self.server = Server(("127.0.0.1", 0), self.handler())
        self.server.daemon_threads = True
        self.port, self.url = self.server.server_port, f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def close(self):
        self.stopping.set()
        self.server.shutdown()
        self.server.server_close()

    def now(self):
        return time.time() + self.skew

    def secret(self, kind):
        """A new one, of 40 characters or more, with all that base64 has."""
        text = base64.b64encode(hashlib.sha512(f"{kind} {self.serial} {self.port}".encode()).digest()).decode()
        self.secrets.append(text)
        return text

    def aws_keys(self):
        with self.lock:
            self.serial += 1
            keys = {"AccessKeyId": f"ASIA{self.serial:016d}", "SecretAccessKey": self.secret("key"), "Token": self.secret("session"),
                    "Expiration": at(self.now() + self.life)}
            self.given.append(keys)
            return keys

    # ---- each gives (status, body, further fields); None: there is no such thing

    def aws(self, ask):
        if (ask.command, ask.path) == ("PUT", "/latest/api/token"):
            ttl = ask.headers["X-aws-ec2-metadata-token-ttl-seconds"]
            return (200, "AQAEA" + self.secret("metadata")[:51] + "==", {}) if 1 <= int(ttl or 0) <= 21_600 else (400, "", {})
        if not ask.path.startswith("/latest/meta-data/iam/security-credentials/"):
            return None
        token = ask.headers["X-aws-ec2-metadata-token"] or ""
        if not token.startswith("AQAEA"):
            return 401, "", {}
        if ask.path.endswith("/"):
            return 200, ROLE, {}
        if not ask.path.endswith("/" + ROLE):
            return 404, "", {}
        return 200, {"Code": "Success", "LastUpdated": at(self.now()), "Type": "AWS-HMAC", **self.aws_keys()}, {}

    def container(self, ask):
        if ask.path != "/v2/credentials/7e6c1d92":
            return None
        if self.authorization and ask.headers["Authorization"] != self.authorization:
            return 403, {"code": "AccessDenied", "message": "no"}, {}
        return 200, {"RoleArn": "arn:aws:iam::123456789012:role/task", **self.aws_keys()}, {}

    def sts(self, ask):
        if (ask.command, ask.path) != ("POST", "/"):
            return None
        form = dict(urllib.parse.parse_qsl(ask.body, strict_parsing=True))
        assert form["Action"] == "AssumeRoleWithWebIdentity" and form["Version"] == "2011-06-15" and form["RoleSessionName"], form
        if form["WebIdentityToken"] != self.web_identity_token:
            return 400, REFUSALS["sts"][1].replace("AccessDenied", "InvalidIdentityToken"), {}
        keys = self.aws_keys()
        members = "".join(f"<{name}>{xml.sax.saxutils.escape(value)}</{name}>" for name, value in (
            ("SessionToken", keys["Token"]), ("SecretAccessKey", keys["SecretAccessKey"]), ("Expiration", keys["Expiration"]),
            ("AccessKeyId", keys["AccessKeyId"])))
        return 200, ('<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleWithWebIdentityResult>'
                     f"<Credentials>{members}</Credentials><AssumedRoleUser><Arn>{form['RoleArn']}</Arn></AssumedRoleUser>"
                     "</AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>"), {}

    def azure(self, ask):
        target = urllib.parse.urlsplit(ask.path)
        query = dict(urllib.parse.parse_qsl(target.query))
        if target.path in ("/metadata/identity/oauth2/token", "/msi/token"):
            machine = target.path.startswith("/metadata")
            known = ask.headers["Metadata"] == "true" if machine else ask.headers["X-IDENTITY-HEADER"] == self.app_service_header
            if not known or query.get("resource") != "https://storage.azure.com/" or query.get("api-version") != ("2018-02-01" if machine else "2019-08-01"):
                return 400, REFUSALS["azure"][1], {}
            self.serial += 1
            self.bearer = "eyJ0eXAi" + self.secret("entra").rstrip("=").replace("+", "-").replace("/", "_")
            self.secrets.append(self.bearer)
            return 200, {"access_token": self.bearer, "expires_in": "3599", "expires_on": str(int(self.now()) + 3599), "resource": query["resource"],
                         "token_type": "Bearer"}, {}
        if query != {"restype": "service", "comp": "userdelegationkey"} or ask.command != "POST":
            return None
        if ask.headers["Authorization"] != f"Bearer {self.bearer}" or not ask.headers["x-ms-version"]:
            return 403, "\ufeff<Error><Code>AuthenticationFailed</Code></Error>", {}
        wanted = ask.body.partition("<Expiry>")[2].partition("</Expiry>")[0]
        value = self.secret("delegation")
        key = {"SignedOid": "6dc1a5f5-oid", "SignedTid": "72f988bf-tid", "SignedStart": ask.body.partition("<Start>")[2].partition("<")[0],
               "SignedExpiry": min(wanted, at(self.now() + self.life)), "SignedService": "b", "SignedVersion": ask.headers["x-ms-version"], "Value": value}
        self.given.append(key)
        return 200, '\ufeff<?xml version="1.0" encoding="utf-8"?><UserDelegationKey>' + "".join(f"<{k}>{v}</{k}>" for k, v in key.items()) + "</UserDelegationKey>", {}

    def google(self, ask):
        flavor = {"Metadata-Flavor": "Google"}
        account = "/computeMetadata/v1/instance/service-accounts/default/"
        if ask.path == f"/v1/projects/-/serviceAccounts/{urllib.parse.quote(self.account['client_email'], safe='')}:signBlob":
            return self.sign_blob(ask)
        if not ask.path.startswith(account):
            return None
        if ask.headers["Metadata-Flavor"] != "Google":
            return 403, "", flavor
        if ask.path == account + "email":
            return 200, self.account["client_email"], flavor
        self.serial += 1
        self.bearer = "ya29." + self.secret("google").rstrip("=").replace("+", "-").replace("/", "_")
        self.secrets.append(self.bearer)
        return 200, {"access_token": self.bearer, "expires_in": self.life, "token_type": "Bearer"}, flavor

    def sign_blob(self, ask):
        if ask.command != "POST" or ask.headers["Authorization"] != f"Bearer {self.bearer}":
            return 401, {"error": {"code": 401, "message": "invalid authentication credentials", "status": "UNAUTHENTICATED"}}, {}
        with self.lock:
            self.signing += 1
            self.most_signing = max(self.most_signing, self.signing)
        try:
            if self.blob_trouble == "silent":
                self.stopping.wait(60)
            elif self.blob_trouble:
                return *self.blob_trouble, {}
            signed = loaded(self.account["private_key"]).sign(base64.b64decode(json.loads(ask.body)["payload"], validate=True), padding.PKCS1v15(), hashes.SHA256())
            return 200, {"keyId": "1", "signedBlob": base64.b64encode(signed).decode()}, {}
        finally:
            with self.lock:
                self.signing -= 1

    def answer(self, ask):
        for kind in ("aws", "container", "azure", "google", "sts"):
            answered = getattr(self, kind)(ask)
            if answered is None:
                continue
            if self.trouble == "refuse" and (kind != "aws" or ask.path.endswith("/" + ROLE)):
                return *REFUSALS[kind], {"Metadata-Flavor": "Google"}
            return answered
        return 404, "", {}

    def handler(self):
        owner = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def date_time_string(self, timestamp=None):
                return email.utils.formatdate(owner.now(), usegmt=True)

            def handle_one(self):
                self.body = self.rfile.read(int(self.headers["Content-Length"] or 0)).decode()
                owner.asked.append((self.command, self.path))
                if owner.trouble == "silent":
                    owner.stopping.wait(60)
                if owner.trouble == "slow":
                    owner.stopping.wait(2)
                if owner.trouble in ("silent", "reset"):
                    self.close_connection = True
                    return
                status, body, fields = owner.answer(self)
                text = (json.dumps(body) if isinstance(body, dict) else body).encode()
                if owner.trouble == "garbage":
                    text = b"<html><body>Sign in to the network</body></html>"
                self.send_response(status)
                for name, value in fields.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            do_GET = do_PUT = do_POST = handle_one

        return Handler
