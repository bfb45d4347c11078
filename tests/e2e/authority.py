"""A certificate authority of a test's own, by the openssl command line."""

import pathlib
import ssl
import subprocess


def openssl(*arguments, text=None):
    done = subprocess.run(["openssl", *map(str, arguments)], input=text, capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done
    return done.stdout


class Authority:
    def __init__(self, folder, name="test authority"):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.file, self.key = self.folder / "ca.pem", self.folder / "ca.key"
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", self.key,
                "-out", self.file, "-days", "30", "-subj", f"/CN={name}")

    def issue(self, name, days=10, subject="localhost"):
        """(certificate, key) as files in the folder; days may be negative."""
        certificate, key, request = (self.folder / f"{name}.{end}" for end in ("pem", "key", "csr"))
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out", request,
                "-subj", f"/CN={subject}")
        extensions = self.folder / f"{name}.ext"
        extensions.write_text("subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1\nbasicConstraints=CA:FALSE\n")
        openssl("x509", "-req", "-in", request, "-CA", self.file, "-CAkey", self.key, "-CAcreateserial", "-out", certificate,
                "-days", days, "-extfile", extensions)
        return certificate, key

    def client(self, version=None, certificate=None):
        """What a client of that authority speaks TLS by; `version` fixes it to one."""
        context = ssl.create_default_context(cafile=self.file)
        context.minimum_version = version or ssl.TLSVersion.TLSv1_2
        if version:
            context.maximum_version = version
        if certificate:
            context.load_cert_chain(*certificate)
        return context


def listener(place, pair, **tls):
    """YAML of one listener with TLS."""
    terms = {"certificate": pair[0], "key": pair[1], **tls}
    return f"{{listen: \"{place}\", tls: {{{', '.join(f'{key}: {value}' for key, value in terms.items())}}}}}"
