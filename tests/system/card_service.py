# SPDX-License-Identifier: Apache-2.0
"""A service that asks for a card's answer, written from docs/card-protocol.md with openssl only.

It shares no code with the clients it judges: message, DigestInfo and JWE are made and read here.
"""
import base64
import contextlib
import hashlib
import hmac
import http.server
import json
import os
import threading
import time

from harness import run
from rsa_keys import write_key


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def from_base64url(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def message(challenge, origin):
    """What the page says is signed for a login."""
    fields = [
        b"OpenJPKI login v1",
        origin.encode(),
        challenge["provider"]["client_id"].encode(),
        challenge.get("redirect_uri", "").encode(),
        challenge["session"].encode(),
        hashlib.sha256(base64.b64decode(challenge["nonce"])).digest(),
        str(challenge["expires_at"]).encode(),
    ]
    return b"".join(len(field).to_bytes(4, "big") + field for field in fields)


class Platform:
    """The key that certificates are encrypted to."""

    def __init__(self, directory):
        self.key = directory.file("platform-key.pem")
        write_key(self.key)
        shown = run("openssl", "rsa", "-in", self.key, "-noout", "-modulus").stdout.decode()
        modulus = bytes.fromhex(shown.strip().partition("=")[2])
        key = {"e": "AQAB", "kty": "RSA", "n": base64url(modulus)}
        thumbprint = hashlib.sha256(json.dumps(key, separators=(",", ":")).encode()).digest()
        self.jwk = key | {"use": "enc", "alg": "RSA-OAEP-256", "kid": base64url(thumbprint)}

    def decrypt(self, jwe):
        """Of a compact JWE as the page says: RSA-OAEP-256 and A128CBC-HS256."""
        header, wrapped, iv, text, tag = jwe.split(".")
        assert json.loads(from_base64url(header))["alg"] == "RSA-OAEP-256", header
        assert json.loads(from_base64url(header))["enc"] == "A128CBC-HS256", header
        options = "rsa_padding_mode:oaep", "rsa_oaep_md:sha256", "rsa_mgf1_md:sha256"
        words = [word for option in options for word in ("-pkeyopt", option)]
        key = run("openssl", "pkeyutl", "-decrypt", "-inkey", self.key, *words, data=from_base64url(wrapped)).stdout
        iv, text = from_base64url(iv), from_base64url(text)
        covered = header.encode() + iv + text + (len(header) * 8).to_bytes(8, "big")
        assert hmac.new(key[:16], covered, hashlib.sha256).digest()[:16] == from_base64url(tag)
        return run("openssl", "enc", "-d", "-aes-128-cbc", "-K", key[16:].hex(), "-iv", iv.hex(), data=text).stdout


def key_id(pem):
    """The subject key identifier of a certificate, as lower-case digits."""
    shown = run("openssl", "x509", "-in", pem, "-noout", "-ext", "subjectKeyIdentifier").stdout.decode()
    return shown.splitlines()[1].strip().replace(":", "").lower()


def public_key(directory, der):
    path, pem = directory.file("shown.der"), directory.file("shown.pem")
    with open(path, "wb") as f:
        f.write(der)
    text = run("openssl", "x509", "-inform", "DER", "-in", path, "-noout", "-pubkey").stdout
    with open(pem, "wb") as f:
        f.write(text)
    return pem


def verifies(directory, der, signature, data):
    """Whether the key in a certificate signed data by RSASSA-PKCS1-v1_5 with SHA-256."""
    path = directory.file("shown.sig")
    with open(path, "wb") as f:
        f.write(signature)
    pem = public_key(directory, der)
    return run("openssl", "dgst", "-sha256", "-verify", pem, "-signature", path, data=data, check=False).returncode == 0


def recovered(directory, der, signature):
    """What is under the padding of a signature (RFC 8017, 9.2), whatever it is."""
    path, pem = directory.file("shown.sig"), public_key(directory, der)
    with open(path, "wb") as f:
        f.write(signature)
    return run("openssl", "pkeyutl", "-verifyrecover", "-pubin", "-inkey", pem, "-in", path).stdout


def common_name(der):
    shown = run("openssl", "x509", "-inform", "DER", "-noout", "-subject", "-nameopt", "multiline", data=der)
    lines = shown.stdout.decode().splitlines()
    return [line.split("=", 1)[1].strip() for line in lines if "commonName" in line][0]


class Service:
    """Listens on a port of this computer; what it was sent is in `sent`."""

    def __init__(self, directory, issuers):
        service = self
        self.directory, self.issuers = directory, issuers
        self.platform = Platform(directory)
        self.sent = []
        self.pages = {}  # path: what GET answers: JSON, bytes, or the text of a page
        self.answers = {}  # path: (status, body) of POST; 204 if not there

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def reply(self, status, body):
                data = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
                kind = "application/octet-stream" if isinstance(body, bytes) else "application/json"
                if isinstance(body, str):
                    data, kind = body.encode(), "text/html; charset=utf-8"
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                with contextlib.suppress(OSError):
                    self.wfile.write(data)

            def do_GET(self):
                if self.path == "/v1/keys":
                    self.reply(200, {"keys": [service.platform.jwk]})
                elif self.path in service.pages:
                    self.reply(200, service.pages[self.path])
                else:
                    self.reply(404, {"title": "not found", "status": 404})

            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                service.sent.append((self.path, body))
                self.reply(*service.answers.get(self.path, (204, None)))

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            def handle_error(self, *_):
                """A client that has seen enough, of an answer that is too large."""

        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        self.origin = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def login(self, **changes):
        """Opens one; its challenge and its address."""
        session = base64url(os.urandom(16))
        challenge = {
            "session": session,
            "nonce": base64.b64encode(os.urandom(32)).decode(),
            "expires_at": int(time.time()) + 200,
            "provider": {"name": "見本商店", "client_id": "shop", "origin": "https://shop.example"},
            "issuers": self.issuers,
            "redirect_uri": "https://shop.example/back?x=1",
        } | changes
        self.pages[f"/v1/logins/{session}"] = challenge
        return challenge, f"{self.origin}/v1/logins/{session}"

    def signing(self, octets, is_bare=False, has_document=True, **changes):
        """Asks for a signature; what it says and its address."""
        session = base64url(os.urandom(16))
        signing = {
            "session": session,
            "provider": {"name": "見本銀行", "client_id": "bank", "origin": "https://bank.example"},
            "platform": self.origin,
            "title": "口座開設申込書",
            "digest": base64.b64encode(hashlib.sha256(octets).digest()).decode(),
            "form": "hash" if is_bare else "digestinfo",
            "document": has_document,
            "expires_at": int(time.time()) + 600,
        } | changes
        self.pages[f"/v1/signings/{session}"] = signing
        if has_document:
            self.pages[f"/v1/signings/{session}/document"] = octets
        return signing, f"{self.origin}/v1/signings/{session}"

    def signed(self, signing):
        """What was sent for it, once: certificate and signature."""
        path = f"/v1/signings/{signing['session']}/answer"
        (body,) = [body for sent, body in self.sent if sent == path]
        return self.platform.decrypt(body["certificate"]), base64.b64decode(body["signature"]), body["code"]

    def answer(self, challenge):
        """What was sent for it, once."""
        (body,) = [body for path, body in self.sent if path == f"/v1/logins/{challenge['session']}/answer"]
        return body

    def is_signed(self, challenge, part, origin=None):
        """Whether a part of an answer is by the key of its certificate; the certificate."""
        der = self.platform.decrypt(part["certificate"])
        signature = base64.b64decode(part["signature"])
        return verifies(self.directory, der, signature, message(challenge, origin or self.origin)), der

    def close(self):
        self.server.shutdown()
        self.server.server_close()
