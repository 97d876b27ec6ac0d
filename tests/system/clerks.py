# SPDX-License-Identifier: Apache-2.0
"""Clerks of a register without cards of ours: openssl signs for them, so what they sign is put together
by somebody who has never seen our code."""
import base64
import hashlib
import json
import os
import threading
import time
import urllib.parse

from harness import UnixConnection, ask, run, write_text
from rsa_keys import write_key
from provider import login_message

ORIGIN = "https://register.openjpki.test"
COUNTER = "000000001"
AGAIN = ("session-unknown", "filing-stale", "filing-session")
WAIT_S = 60


def b64(data):
    return base64.b64encode(data).decode()


def day_end(now):
    """23:59:59 in Japan, four years from now."""
    day = 86400
    return (int(now) + 9 * 3600) // day * day + 4 * 365 * day + day - 1 - 9 * 3600


class Clerk:
    """One clerk: two keys with certificates, and a session once there is something to ask."""

    def __init__(self, site, name, counter=COUNTER):
        self.site, self.name, self.counter_id = site, name, counter
        self.lock = threading.RLock()
        self.session, self.offset = None, 0
        self.id = None

    def file(self, name):
        return self.site.dir.file(f"clerk-{self.name}-{name}")

    def make_keys(self):
        for kind in ("sign", "auth"):
            write_key(self.file(kind))

    def certify(self, now):
        """By the authority, as at another municipality's counter."""
        for kind in ("sign", "auth"):
            request = run("openssl", "req", "-new", "-key", self.file(kind), "-subj", "/CN=card", "-sha256",
                          "-outform", "DER").stdout
            body = {"request_id": f"clerk-{self.name}-{kind}-{int(now)}", "kind": kind, "request": b64(request),
                    "not_after": day_end(now), "prefecture": "Tokyo-to", "window_id": "131010001"}
            if kind == "sign":
                holder = {"name": "窓口　一葉", "birth": "319800401", "sex": "3", "address": "東京都千代田区",
                          "name_substitutes": "00000", "address_substitutes": "0000000"}
                body |= {"municipality": "Chiyoda-ku", "holder": holder}
            status, answer = ask(self.site.authority_socket, "POST", "/v1/certificates", body)
            assert status == 200, answer
            setattr(self, kind + "_serial", answer["serial"])
            with open(self.file(kind + ".der"), "wb") as f:
                f.write(base64.b64decode(answer["certificate"]))
            pem = run("openssl", "x509", "-inform", "DER", "-in", self.file(kind + ".der")).stdout
            write_text(self.file(kind + ".pem"), pem.decode())

    def now(self):
        return int(time.time()) + self.offset

    def sign(self, document, key=None):
        """CMS, detached, as openssl makes it."""
        key = key or self
        return run("openssl", "cms", "-sign", "-binary", "-outform", "DER", "-md", "sha256", "-nosmimecap",
                   "-signer", key.file("sign.pem"), "-inkey", key.file("sign"), data=document).stdout

    def application(self, challenge="", municipality="00000", window="", name=None, **changes):
        with open(self.file("auth.der"), "rb") as f:
            auth = f.read()
        text = json.dumps({"origin": ORIGIN, "challenge": challenge, "name": name or "窓口　一葉", "municipality": municipality,
                           "window": window, "auth_certificate": b64(auth), "at": self.now(), **changes}).encode()
        return {"application": b64(text), "signature": b64(self.sign(text))}

    def http(self, method, url, body=None, token=None):
        """One exchange, as harness.ask, with the session's token."""
        connection = UnixConnection(self.site.counter, WAIT_S)
        try:
            headers = {} if body is None else {"Content-Type": "application/json"}
            if token:
                headers["Authorization"] = "Bearer " + token
            connection.request(method, url, None if body is None else json.dumps(body).encode(), headers)
            answer = connection.getresponse()
            text = answer.read()
            return answer.status, json.loads(text) if text else None
        finally:
            connection.close()

    def challenge(self):
        status, challenge = self.http("POST", "/v1/challenges", {"counter": self.counter_id})
        if status == 201:
            self.offset = challenge["expires_at"] - 60 - int(time.time())
        return status, challenge

    def answer(self, challenge, key=None, **changes):
        """The body that logs in; changes are made to what is signed."""
        key = key or self
        told = {"provider": {"client_id": challenge["counter"]}, **challenge, **changes}
        message = login_message(told, told["origin"])
        signature = run("openssl", "dgst", "-sha256", "-sign", key.file("auth"), data=message).stdout
        with open(self.file("auth.der"), "rb") as f:
            return {"session": challenge["session"], "certificate": b64(f.read()), "signature": b64(signature)}

    def log_in(self):
        """None, or the refusal."""
        status, challenge = self.challenge()
        if status != 201:
            return status, challenge
        status, session = self.http("POST", "/v1/sessions", self.answer(challenge))
        if status != 201:
            return status, session
        self.session, self.id = session, session["clerk"]
        return None

    def once_logged_in(self, do):
        """do(session), and once more in a new session if there was none, or the clock was moved."""
        for _ in range(2):
            with self.lock:
                refusal = self.log_in() if self.session is None else None
                session = self.session
            if refusal is not None:
                return refusal
            status, answer = do(session)
            if status < 400 or not (answer or {}).get("detail", "").startswith(AGAIN):
                break
            with self.lock:
                if self.session is session:
                    self.session = None
        return status, answer

    def get(self, url):
        return self.once_logged_in(lambda session: self.http("GET", url, token=session["token"]))

    def request(self, path, body=None, **changes):
        """What is signed, as JSON."""
        told = {"origin": ORIGIN, "session": self.session["session"], "counter": self.counter_id,
                "request_id": os.urandom(16).hex(), "at": self.now(), "path": path, **changes}
        if body is not None:
            told["body"] = body
        return json.dumps(told).encode()

    def send(self, document, signature=None, session=None):
        session = session or self.session
        message = {"request": b64(document), "signature": b64(signature or self.sign(document))}
        return self.http("POST", "/v1/filings", message, token=session["token"])

    def file_order(self, path, body=None):
        """The reply as it came, and what was signed."""
        sent = []

        def do(session):
            document = self.request(path, body)
            sent.append(document)
            return self.send(document, session=session)

        status, reply = self.once_logged_in(do)
        return status, reply, sent[-1] if sent else None

    def confirm(self, request_id, document):
        return self.file_order(f"/v1/filings/{request_id}/confirmation", {"digest": hashlib.sha256(document).hexdigest()})[:2]


def unpack(status, reply):
    """The order's own status and answer."""
    if status != 201:
        return status, reply
    return reply["status"], json.loads(reply["answer"]) if reply["answer"] else None


class Clerks:
    """Two clerks who may do everything between them: the first one asks, the second one confirms."""

    def __init__(self, site):
        self.site = site
        self.first, self.second = Clerk(site, "first"), Clerk(site, "second")

    def bootstrap(self, command, conf):
        """While the register does not run; the authority does."""
        now = self.site.now() if hasattr(self.site, "now") else time.time()
        for kind in ("sign", "auth"):
            status, answer = ask(self.site.authority_socket, "GET", f"/v1/cas/{kind}")
            assert status == 200, answer
            with open(self.site.dir.file("clerk-anchors", kind + ".der"), "wb") as f:
                f.write(base64.b64decode(answer["certificate"]))
        for clerk in (self.first, self.second):
            clerk.offset = int(now - time.time())
            clerk.make_keys()
            clerk.certify(now)
        challenge = run(command, "bootstrap", "--config", conf).stdout.decode().strip()
        write_text(self.site.dir.file("application.json"), json.dumps(self.first.application(challenge)))
        done = run(command, "bootstrap", "--config", conf, "--application", self.site.dir.file("application.json"))
        self.first.id = done.stdout.decode().strip()

    def enrol(self):
        roles = ["administrator", "approver"]
        status, answer = unpack(*self.first.file_order("/v1/clerks", {**self.second.application(), "roles": roles})[:2])
        assert status == 201, answer
        roles = ["administrator", "registrar", "issuer", "loss-line"]
        status, answer = unpack(*self.second.file_order(f"/v1/clerks/{self.first.id}/roles", {"roles": roles})[:2])
        assert status == 201, answer
        self.first.session = None

    def post(self, path, body=None):
        status, reply, document = self.first.file_order(urllib.parse.unquote(path), body)
        if status == 202:
            status, reply = unpack(*self.second.confirm(reply["request_id"], document))
        return unpack(status, reply)

    def get(self, path):
        return self.first.get(path)
