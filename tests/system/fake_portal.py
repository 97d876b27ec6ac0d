# SPDX-License-Identifier: Apache-2.0
"""An OpenID provider that says what a test wants: for sites that have to refuse what a portal never says."""
import base64
import http.server
import json
import os
import re
import subprocess
import threading
import time
import urllib.parse

from harness import run


def encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Key:
    """A key on P-256, by the openssl of the system."""

    def __init__(self, path):
        self.path = path
        run("openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", path)
        point = run("openssl", "ec", "-in", path, "-pubout", "-outform", "DER").stdout[-64:]
        self.jwk = {"kty": "EC", "crv": "P-256", "x": encode(point[:32]), "y": encode(point[32:]), "use": "sig",
                    "alg": "ES256", "kid": os.path.basename(path)}

    def private(self):
        text = run("openssl", "ec", "-in", self.path, "-text", "-noout").stdout.decode()
        digits = re.search(r"priv:\s*((?:[0-9a-f]{2}[:\s]*)+)pub:", text)[1]
        octets = bytes.fromhex(re.sub(r"[^0-9a-f]", "", digits))
        return self.jwk | {"d": encode(octets[-32:].rjust(32, b"\0"))}

    def sign(self, claims, typ="JWT"):
        head = encode(json.dumps({"alg": "ES256", "kid": self.jwk["kid"], "typ": typ}).encode())
        text = f"{head}.{encode(json.dumps(claims).encode())}"
        der = subprocess.run(["openssl", "dgst", "-sha256", "-sign", self.path], input=text.encode(),
                             capture_output=True, check=True).stdout
        return f"{text}.{encode(raw(der))}"


def raw(der):
    """Both numbers of an ECDSA signature, 32 octets each."""
    numbers, at = b"", 2
    for _ in range(2):
        length = der[at + 1]
        numbers += der[at + 2:at + 2 + length].lstrip(b"\0").rjust(32, b"\0")
        at += 2 + length
    return numbers


class FakePortal:
    """issuer: what it is; claims: what its next ID token says beside what it should."""

    def __init__(self, key, port):
        self.key, self.issuer, self.claims, self.signer = key, f"http://127.0.0.1:{port}/sso", {}, key
        self.asked = []
        portal = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def answer(self, body):
                data = json.dumps(body).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def do_GET(self):
                at = portal.issuer
                self.answer({"/sso/.well-known/openid-configuration": {
                    "issuer": at, "authorization_endpoint": at + "/authorize", "token_endpoint": at + "/token",
                    "userinfo_endpoint": at + "/userinfo", "jwks_uri": at + "/keys"},
                    "/sso/keys": {"keys": [portal.key.jwk]}}[self.path])

            def do_POST(self):
                form = dict(urllib.parse.parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
                portal.asked.append(form)
                self.answer({"access_token": "a", "token_type": "Bearer", "expires_in": 300,
                             "id_token": portal.token(portal.nonce)})

        self.nonce = ""
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def token(self, nonce):
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": "tax", "sub": "person-1", "sid": "login-1", "nonce": nonce, "iat": now,
                  "exp": now + 300} | self.claims
        return self.signer.sign({name: value for name, value in claims.items() if value is not None})

    def logout(self, **changes):
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": "tax", "sub": "person-1", "iat": now, "exp": now + 300, "jti": "j",
                  "events": {"http://schemas.openid.net/event/backchannel-logout": {}}} | changes
        return self.signer.sign({name: value for name, value in claims.items() if value is not None}, "logout+jwt")

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()
