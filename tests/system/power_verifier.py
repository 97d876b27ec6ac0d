# SPDX-License-Identifier: Apache-2.0
"""A verifier at the authority's interface for verifiers, and holders who sign for it: openssl and sockets."""
import base64
import json
import secrets
import time

from harness import ask, run, write_text
from rsa_keys import write_key

ORIGIN = "https://authority.openjpki.test"
PLACE = {"provider": "bank", "service": "accounts"}
CONSENT, WITHDRAWAL = "OpenJPKI consent v1", "OpenJPKI consent withdrawal v1"


def encode(data):
    return base64.b64encode(data).decode()


def cms(document, key, certificate):
    return run("openssl", "cms", "-sign", "-binary", "-outform", "DER", "-md", "sha256", "-nosmimecap", "-signer",
               certificate, "-inkey", key, data=document).stdout


class Holder:
    """A sign certificate and its key, in files."""

    def __init__(self, path, key, der):
        self.key, self.certificate = path + ".key", path + ".pem"
        write_text(self.key, key)
        write_text(self.certificate, run("openssl", "x509", "-inform", "DER", data=der).stdout.decode())

    def sign(self, verifier, document):
        """As the verifier hands it on."""
        text = json.dumps({"verifier": verifier, **PLACE, **document}).encode()
        return {"document": encode(text), "signature": encode(cms(text, self.key, self.certificate))}

    def consent(self, verifier, at):
        return self.sign(verifier, {"type": CONSENT, "attributes": ["name", "address"], "at": at})

    def withdrawal(self, verifier, at):
        return self.sign(verifier, {"type": WITHDRAWAL, "at": at})


class Verifier:
    """Certified, and with notice given of one service."""

    def __init__(self, name, socket, folder):
        self.name, self.socket = name, socket
        self.key, self.certificate = folder(name + ".key"), folder(name + ".pem")
        write_key(self.key)
        run("openssl", "req", "-x509", "-new", "-key", self.key, "-out", self.certificate, "-days", "30", "-subj",
            f"/C=JP/O=OpenJPKI TEST/CN={name}", "-addext", "basicConstraints=critical,CA:FALSE", "-addext",
            "keyUsage=critical,digitalSignature")

    def register(self, authority, kinds):
        der = run("openssl", "x509", "-in", self.certificate, "-outform", "DER").stdout
        party = {"name": self.name, "title": "見本プラットフォーム", "role": "platform", "kinds": list(kinds)}
        notice = {**PLACE, "provider_title": "見本銀行", "service_title": "口座"}
        for path, body in (
            ("", party),
            (f"/{self.name}/certificates", {"certificate": encode(der), "retire": False}),
            (f"/{self.name}/steps", {"step": "certify"}),
            (f"/{self.name}/notices", notice),
        ):
            status, answer = ask(authority, "POST", "/v1/parties" + path, body)
            assert status in (200, 201), (path, status, answer)

    def ask(self, act, path, request_id, **members):
        """Signed anew each time: a nonce is good once, whatever became of the answer."""
        request = json.dumps({"origin": ORIGIN, "act": act, "at": int(time.time()), "nonce": encode(secrets.token_bytes(32)),
                              "request_id": request_id, **members}).encode()
        body = {"request": encode(request), "signature": encode(cms(request, self.key, self.certificate))}
        return ask(self.socket, "POST", "/v1/verifier/" + path, body)
