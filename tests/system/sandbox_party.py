# SPDX-License-Identifier: Apache-2.0
"""A relying party of a sandbox and the browser in front of it, with the standard library and openssl only."""
import base64
import hashlib
import json
import os
import tempfile
import urllib.error
import urllib.parse
import urllib.request

from harness import PATIENCE, run, wait_until
from provider import spki_of

OIDC = "/api/realms/main/protocol/openid-connect"
CALLBACK = "http://127.0.0.1:4711/callback"
SCOPE = "openid name"


class Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def exchange(url, method=None, data=None, fields=None):
    """Status, fields and body as they came; no redirect is followed."""
    request = urllib.request.Request(url, data, fields or {}, method=method)
    try:
        with urllib.request.build_opener(Stay).open(request, timeout=PATIENCE) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


def decode(part):
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


class Party:
    """The shop of a sandbox, whose profile is "basic"."""

    def __init__(self, box):
        self.origin = box.state["urls"]["authapp"]
        with open(os.path.join(box.dir, "authapp/clients/sample-shop.secret"), encoding="utf-8") as f:
            self.secret = f.read().strip()

    def url(self, **parameters):
        query = {"response_type": "code", "client_id": "sample-shop", "scope": SCOPE, "nonce": os.urandom(9).hex(),
                 "state": "s-" + os.urandom(4).hex(), "redirect_uri": CALLBACK} | parameters
        self.sent = query
        return f"{self.origin}{OIDC}/auth?{urllib.parse.urlencode({k: v for k, v in query.items() if v is not None})}"

    def open(self, fields=None, **parameters):
        """Where the browser is sent, and its cookie."""
        status, answer, body = exchange(self.url(**parameters), fields=fields)
        return status, answer.get("Location"), (answer.get("Set-Cookie") or "").split(";")[0], body

    def browse(self, address, cookie):
        """What a browser does that waits: until it is back at the relying party."""
        found = []

        def is_back():
            status, answer, body = exchange(address, fields={"Cookie": cookie})
            assert status in (200, 303), (status, body)
            if status == 303:
                found.append(dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(answer["Location"]).query)))
            return status == 303

        wait_until("the browser is back", is_back)
        return found[0]

    def log_in(self, fields=None, **parameters):
        status, address, cookie, body = self.open(fields, **parameters)
        assert status == 303 and address.startswith(self.origin), (status, address, body)
        result = self.browse(address, cookie)
        assert result["state"] == self.sent["state"], result
        return result

    def post(self, path, form, fields=None):
        pair = base64.b64encode(f"sample-shop:{self.secret}".encode()).decode()
        status, answer, body = exchange(self.origin + OIDC + path, data=urllib.parse.urlencode(form).encode(),
                                        fields={"Authorization": "Basic " + pair} | (fields or {}))
        return status, answer, json.loads(body) if body else None

    def redeem(self, result, fields=None):
        form = {"grant_type": "authorization_code", "code": result["code"], "redirect_uri": self.sent["redirect_uri"]}
        return self.post("/token", form, fields)

    def userinfo(self, access, fields=None):
        status, answer, body = exchange(self.origin + OIDC + "/userinfo",
                                        fields={"Authorization": "Bearer " + access} | (fields or {}))
        return status, answer, json.loads(body) if body else None

    def keys(self, fields=None):
        return exchange(self.origin + OIDC + "/certs", fields=fields)

    def judge(self, token, now):
        """What a relying party has to find wrong with an ID token (Core 1.0, 3.1.3.7), in words."""
        header, payload, signature = token.split(".")
        head, claims = json.loads(decode(header)), json.loads(decode(payload))
        jwks = {key["kid"]: key for key in json.loads(self.keys()[2])["keys"]}
        wrong = []
        if head["alg"] != "RS256":
            wrong.append("alg")
        elif head["kid"] not in jwks:
            wrong.append("kid")
        elif not signed_by(jwks[head["kid"]], f"{header}.{payload}".encode(), decode(signature)):
            wrong.append("signature")
        wrong += [name for name, expected in (("aud", "sample-shop"), ("nonce", self.sent["nonce"]),
                                              ("iss", self.origin + "/api/realms/main")) if claims[name] != expected]
        if claims["exp"] <= now:
            wrong.append("exp")
        if claims["iat"] > now + 60:
            wrong.append("iat")
        return wrong, claims


def signed_by(jwk, data, signature):
    with tempfile.TemporaryDirectory(dir="/tmp") as top:
        for name, contents in (("key", spki_of(jwk)), ("signature", signature), ("data", data)):
            with open(os.path.join(top, name), "wb") as f:
                f.write(contents)
        done = run("openssl", "dgst", "-sha256", "-keyform", "DER", "-verify", os.path.join(top, "key"), "-signature",
                   os.path.join(top, "signature"), os.path.join(top, "data"), check=False)
        return done.returncode == 0


def at_hash(access):
    return base64.urlsafe_b64encode(hashlib.sha256(access.encode()).digest()[:16]).rstrip(b"=").decode()


class Control:
    """The control API of a sandbox."""

    def __init__(self, box):
        self.origin = box.state["urls"]["page"]

    def ask(self, method, path, body=None, **fields):
        data = None if body is None else json.dumps(body).encode()
        if data is not None:
            fields = {"Content-Type": "application/json"} | fields
        status, _, text = exchange(self.origin + path, method, data, fields)
        return status, json.loads(text) if text else None
