#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Attacks on a platform that runs with everything behind it. Each begins with something good that is
then spoilt in one place, so that nothing but the check in question can have refused it."""
import base64
import collections
import concurrent.futures
import contextlib
import hashlib
import http.server
import json
import os
import socket
import socketserver
import threading

from harness import UnixConnection, ask, main, run, test, wait_until
from rsa_keys import write_key
from provider import login_message, sign
from test_issuing import certificate
from whole_site import VALID_S, WholeSite

BODY_MAX = 64 * 1024
REVOKED = "certificate does not count: revoked"


class Person:
    """Somebody with a card: keys and certificates by kind."""

    def __init__(self, site):
        card = site.card()
        self.requests, self.keys = {}, {}
        for kind in ("sign", "auth"):
            self.requests[kind] = site.key()
            self.keys[kind] = site.dir.file("csr", str(site.keys))
        answer = site.post(f"/v1/cards/{card}/certificates", {"requests": self.requests})
        self.certs, self.files = {}, {}
        for kind in ("sign", "auth"):
            self.certs[kind] = certificate(answer, kind)
            self.files[kind] = self.keys[kind] + ".der"
            with open(self.files[kind], "wb") as f:
                f.write(self.certs[kind])
            status = lambda kind=kind: (site.status_of(self.files[kind]) or {}).get("status")
            wait_until("the responder knows the certificate", lambda: status() == "good")

    def serial(self, kind):
        text = run("openssl", "x509", "-inform", "DER", "-noout", "-serial", data=self.certs[kind]).stdout.decode()
        return int(text.split("=")[1], 16)


class Relay:
    """Between platform and responder: passes on, or does what it is told to."""

    def __init__(self, path, responder):
        self.spoil = None  # of an honest answer, what is sent instead: (HTTP status, octets)
        self.kept = []  # honest answers
        relay = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                question = self.rfile.read(int(self.headers["Content-Length"]))
                connection = UnixConnection(responder, 10)
                connection.request("POST", self.path, question, {"Content-Type": "application/ocsp-request"})
                answer = connection.getresponse().read()
                connection.close()
                relay.kept.append(answer)
                status, answer = (200, answer) if relay.spoil is None else relay.spoil(answer)
                self.send_response(status)
                self.send_header("Content-Type", "application/ocsp-response")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def address_string(self):
                return "unix"

            def log_message(self, *_):
                pass

        self.server = socketserver.ThreadingUnixStreamServer(path, Handler)
        self.server.handle_error = lambda *_: None  # the platform hangs up on what it does not want
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Attacked(WholeSite):
    def __init__(self):
        super().__init__()
        self.person, self.somebody = Person(self), Person(self)
        for name in ("thief", "forger"):
            write_key(self.dir.file(name))

    def open(self, client="bank"):
        status, login = self.provider.ask("POST", "/v1/logins", {"client_id": client})
        assert status == 201, login
        return login

    def answer(self, login, key=None, cert=None, message=None, **changes):
        """The honest answer to a login but for the changes; None takes a member away."""
        body = {
            "certificate": self.provider.encrypt(cert or self.person.certs["auth"]),
            "signature": base64.b64encode(
                sign(key or self.person.keys["auth"], message or login_message(login))
            ).decode(),
            "secret": login.get("secret"),
        } | changes
        body = {name: value for name, value in body.items() if value is not None}
        return self.provider.ask("POST", f"/v1/logins/{login['session']}/answer", body)

    def redeem(self, login, secret=None):
        body = {"secret": secret or login["secret"]}
        return self.provider.ask("POST", f"/v1/logins/{login['session']}/redeem", body)

    def still_good(self, login):
        """Whatever was refused has not changed this login."""
        assert self.redeem(login)[0] == 409
        status, body = self.answer(login)
        assert status == 204, body
        assert self.redeem(login)[0] == 200

    def verdict(self, key=None, cert=None, **changes):
        question = self.provider.document(key or self.person.keys["sign"], cert or self.person.certs["sign"])
        status, body = self.provider.ask("POST", "/v1/verifications", question | changes)
        assert status == 201, body
        if body["verdict"] != "valid":
            assert "attributes" not in body, body
        return body["verdict"], body["reasons"]

    def forge(self, kind, own_ca=False):
        """This person's certificate for the thief's key, signed by the forger's; with own_ca it also
        names the forger's key as its CA's, as a CA of the same name would."""
        tbs = children(self.person.certs[kind])[0]
        tbs = replace_one(tbs, modulus(self.person.keys[kind]), modulus(self.dir.file("thief")))
        tbs = replace_one(tbs, key_id_of(self.person.certs[kind]), key_id_of(self_signed(self.dir.file("thief"))))
        if own_ca:
            with open(self.dir.file("anchors", kind + "-ca.pem"), "rb") as f:
                tbs = replace_one(tbs, key_id_of(f.read()), key_id_of(self_signed(self.dir.file("forger"))))
        _, algorithm, _ = children(self.person.certs[kind])
        bits = tlv(0x03, b"\0" + sign(self.dir.file("forger"), tbs))
        return tlv(0x30, tbs + algorithm + bits)

    def revoke(self, who, kind, reason):
        serial = who.serial(kind)
        body = {"request_id": f"attack-{kind}-{serial}", "kind": kind, "serial": serial, "reason": reason}
        status, answer = ask(self.authority_socket, "POST", "/v1/revocations", body)
        assert status in (200, 201), answer
        wait_until("revoked", lambda: (self.status_of(who.files[kind]) or {}).get("status") == "revoked")

    @contextlib.contextmanager
    def without(self, daemon):
        daemon.kill()
        try:
            yield
        finally:
            daemon.start()
            wait_until("all is well again", lambda: self.verdict()[0] == "valid")

    @contextlib.contextmanager
    def relayed(self):
        """With somebody between the platform and the responder."""
        relay = Relay(self.dir.file("relay.sock"), self.ocsp_socket)
        self.restart_platform(self.dir.file("relay.sock"))
        try:
            yield relay
        finally:
            self.restart_platform()
            relay.close()
            os.unlink(self.dir.file("relay.sock"))

    def restart_platform(self, ocsp=None):
        assert self.platformd.stop() == 0
        self.configure_platform(ocsp)
        self.platformd.start()


def tlv(tag, contents):
    size = len(contents)
    length = size.to_bytes((size.bit_length() + 7) // 8 or 1, "big")
    return bytes([tag]) + (length if size < 128 else bytes([0x80 + len(length)]) + length) + contents


def children(der):
    """The elements in a SEQUENCE, each with its header."""
    def measure(at):
        first = der[at + 1]
        octets = first & 0x7F if first & 0x80 else 0
        return 2 + octets, int.from_bytes(der[at + 2 : at + 2 + octets], "big") if octets else first

    at, found = measure(0)[0], []
    while at < len(der):
        header, length = measure(at)
        found.append(der[at : at + header + length])
        at += header + length
    return found


def modulus(key):
    text = run("openssl", "rsa", "-in", key, "-noout", "-modulus").stdout.decode()
    return bytes.fromhex(text.strip().split("=")[1])


def self_signed(key):
    return run("openssl", "req", "-x509", "-key", key, "-subj", "/CN=x", "-days", "1").stdout


def key_id_of(cert):
    """subjectKeyIdentifier of a certificate, PEM or DER."""
    form = "PEM" if cert.startswith(b"-----") else "DER"
    text = run("openssl", "x509", "-inform", form, "-noout", "-ext", "subjectKeyIdentifier", data=cert).stdout.decode()
    return bytes.fromhex(text.split()[-1].replace(":", ""))


def replace_one(octets, old, new):
    assert octets.count(old) == 1 and len(old) == len(new), (octets.count(old), len(old), len(new))
    return octets.replace(old, new)


def refused(answer, status, words=""):
    assert answer[0] == status and words in answer[1]["detail"], answer


UNKNOWN = ("indeterminate", ["revocation-not-checked"])


@test
def what_is_good_is_good(site):
    assert site.verdict() == ("valid", [])
    login = site.open()
    assert site.answer(login)[0] == 204
    status, first = site.redeem(login)
    assert status == 200 and first["sub"], first
    other = site.open("shop")
    assert site.answer(other)[0] == 204
    assert site.redeem(other)[1]["sub"] != first["sub"]


@test
def an_answer_counts_once_whoever_repeats_it(site):
    login = site.open()
    assert site.answer(login)[0] == 204
    refused(site.answer(login), 409, "answered already")
    refused(site.answer(login, site.somebody.keys["auth"], site.somebody.certs["auth"]), 409)
    assert site.redeem(login)[0] == 200
    refused(site.redeem(login), 404)
    refused(site.answer(login), 404)


@test
def an_answer_is_for_one_session_one_provider_one_origin_and_one_moment(site):
    login, other, shop = site.open(), site.open(), site.open("shop")
    for lie in (
        {"session": other["session"]},
        {"nonce": other["nonce"]},
        {"provider": shop["provider"]},
        {"expires_at": login["expires_at"] + 1},
    ):
        refused(site.answer(login, message=login_message(login | lie)), 422, "did not sign this login")
    refused(site.answer(login, message=login_message(other)), 422, "did not sign this login")
    refused(site.answer(shop, message=login_message(login)), 422, "did not sign this login")
    for origin in ("http://127.0.0.1:80", "https://127.0.0.1", "http://127.0.0.1.example", "http://127.0.0.l"):
        message = login_message(login, origin)
        refused(site.answer(login, message=message), 422, "another origin")
    site.still_good(login)
    site.still_good(shop)


@test
def the_digest_of_a_document_in_place_of_a_nonce_is_worth_nothing(site):
    document = b"I sell my house"
    login = site.open() | {"nonce": base64.b64encode(hashlib.sha256(document).digest()).decode()}
    # What a card signs for such a login is no signature of the document, ...
    signature = base64.b64encode(sign(site.person.keys["auth"], login_message(login))).decode()
    digest = {"alg": "SHA-256", "value": login["nonce"]}
    auth = site.provider.encrypt(site.person.certs["auth"])
    assert site.verdict(digest=digest, signature=signature, certificate=auth)[0] != "valid"
    # ... and a signature of a document, or of the nonce as it came, is no login.
    login = site.open()
    for message in (document, base64.b64decode(login["nonce"])):
        refused(site.answer(login, message=message), 422, "did not sign this login")
    site.still_good(login)


@test
def a_login_that_was_passed_on_needs_the_openers_code_and_gives_the_passer_nothing(site):
    login = site.open()
    wrong = f"{(int(login['code']) + 1) % 1000000:06}"
    refused(site.answer(login, secret=None), 403, "opened by somebody else")
    refused(site.answer(login, secret=site.open()["secret"]), 403)
    refused(site.redeem(login, secret=site.open()["secret"]), 403)
    for _ in range(3):
        refused(site.answer(login, secret=None, code=wrong), 403)
    refused(site.answer(login, secret=None, code=login["code"]), 403, "too many wrong codes")
    site.still_good(login)
    # Whoever was given the address alone learns neither secret nor code, nor who logs in.
    login = site.open()
    seen = site.provider.ask("GET", "/v1/logins/" + login["session"])[1]
    assert "secret" not in seen and "code" not in seen, seen


@test
def a_certificate_of_somebody_who_only_claims_to_be_the_ca_is_refused(site):
    thief = site.dir.file("thief")
    forged = {(kind, own_ca): site.forge(kind, own_ca) for kind in ("sign", "auth") for own_ca in (False, True)}
    for cert in forged.values():
        run("openssl", "x509", "-inform", "DER", "-noout", data=cert)
    # The thief's signatures hold, so that only the CA's name is left to decide.
    assert site.verdict(thief, forged["sign", False]) == ("invalid", ["issuer-forged"])
    verdict, reasons = site.verdict(thief, forged["sign", True])
    assert verdict == "indeterminate" and "issuer-unknown" in reasons, reasons
    login = site.open()
    refused(site.answer(login, thief, forged["auth", False]), 422, "issuer-forged")
    refused(site.answer(login, thief, forged["auth", True]), 422, "not from a CA that is listed")
    site.still_good(login)


@test
def keys_and_certificates_are_for_their_purpose_and_their_holder(site):
    person, somebody = site.person, site.somebody
    assert site.verdict(somebody.keys["sign"]) == ("invalid", ["signature-broken"])
    assert site.verdict(person.keys["auth"], person.certs["auth"])[0] != "valid"
    other = {"alg": "SHA-256", "value": base64.b64encode(hashlib.sha256(b"x").digest()).decode()}
    assert site.verdict(digest=other) == ("invalid", ["signature-broken"])
    login = site.open()
    refused(site.answer(login, somebody.keys["auth"]), 422, "another card")
    refused(site.answer(login, person.keys["sign"], person.certs["sign"]), 422)
    site.still_good(login)


@test
def a_verdict_is_told_to_the_tenant_who_asked(site):
    question = site.provider.document(site.person.keys["sign"], site.person.certs["sign"])
    made = site.provider.ask("POST", "/v1/verifications", question)[1]
    url = "/v1/verifications/" + made["id"]
    status, again = site.provider.ask("GET", url)
    assert status == 200 and made == again | {key: made[key] for key in ("holder", "attributes")}, again
    refused(site.other_provider.ask("GET", url), 404)
    refused(ask(site.platform_socket, "GET", url), 403)
    key = site.provider.tenant_key
    for authorization in ("", "B", "Bearer", "Bearer ", key, "Basic " + key, "Bearer " + key[:-1], f"Bearer {key}A"):
        refused(site.provider.ask("GET", url, authorization=authorization), 403)


@test
def malformed_input_is_the_senders_fault_and_decides_nothing(site):
    good = site.provider.document(site.person.keys["sign"], site.person.certs["sign"])
    parts = good["certificate"].split(".")
    cert = site.person.certs["sign"]
    for changes, status in (
        ({"certificate": ".".join(parts[:4])}, 400),
        ({"certificate": ".".join([*parts, ""])}, 400),
        ({"certificate": ".".join(["e30", *parts[1:]])}, 400),
        ({"certificate": ".".join([*parts[:4], "AAAA"])}, 400),
        ({"certificate": ".".join([*parts[:4], "A" * 22])}, 422),
        ({"certificate": ".".join([parts[0], "A" * 342, *parts[2:]])}, 422),
        ({"certificate": site.provider.encrypt(b"hello")}, 400),
        ({"certificate": site.provider.encrypt(cert[:-1])}, 400),
        ({"certificate": site.provider.encrypt(cert + b"\0")}, 400),
        ({"certificate": site.provider.encrypt(b"")}, 400),
        ({"signature": good["signature"][:-1]}, 400),
        ({"signature": "*" + good["signature"][1:]}, 400),
        ({"signature": 1}, 400),
        ({"digest": {"alg": "SHA-1", "value": good["digest"]["value"]}}, 400),
        ({"digest": {"alg": "SHA-512", "value": good["digest"]["value"]}}, 400),
        ({"digest": {"alg": "SHA-256", "value": base64.b64encode(b"x" * 200).decode()}}, 400),
        ({"digest": good["digest"] | {"more": 1}}, 400),
        ({"more": 1}, 400),
    ):
        refused(site.provider.ask("POST", "/v1/verifications", good | changes), status)
    for signature in ("", "AAAA"):  # no signature, rather than none that can be read
        answer = site.provider.ask("POST", "/v1/verifications", good | {"signature": signature})
        assert answer[0] == 400 or answer[1]["verdict"] == "invalid", answer
    for text in (b"", b"{", b"[]", b"{}{}", b'{"client_id":"bank","client_id":"shop"}', b'{"client_id":"\xff"}', b"[" * 5000):
        assert post_raw(site, "/v1/logins", text) == 400, text
    assert site.provider.ask("POST", "/v1/verifications", good)[1]["verdict"] == "valid"


def post_raw(site, url, octets):
    """The status; a server that has seen enough does not take the rest."""
    head = f"POST {url} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(octets)}\r\n\r\n"
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(60)
        s.connect(site.platform_socket)
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            s.sendall(head.encode() + octets)
        return int(s.recv(12).split()[1])


@test
def a_body_past_the_limit_is_not_read(site):
    frame = len(json.dumps({"client_id": ""}))
    for size, status in ((BODY_MAX, 404), (BODY_MAX + 1, 413)):
        text = json.dumps({"client_id": "a" * (size - frame)}).encode()
        assert len(text) == size and post_raw(site, "/v1/logins", text) == status, size
    login = site.open()
    text = json.dumps({"certificate": "x" * (1 << 20), "signature": "AA==", "secret": login["secret"]}).encode()
    assert post_raw(site, f"/v1/logins/{login['session']}/answer", text) == 413
    site.still_good(login)


@test
def nothing_is_good_while_nobody_can_be_asked(site):
    login = site.open()
    with site.without(site.ocspd):
        assert site.verdict() == UNKNOWN
        refused(site.answer(login), 503, "cannot be found out")
    with site.without(site.signerd_ocsp):
        assert site.verdict() == UNKNOWN
        refused(site.answer(login), 503, "cannot be found out")
    with site.without(site.signerd_token):
        question = site.provider.document(site.person.keys["sign"], site.person.certs["sign"])
        assert site.provider.ask("POST", "/v1/verifications", question)[0] == 503
        assert site.answer(login)[0] == 503
    site.still_good(login)


@test
def an_authority_that_is_silent_for_too_long_makes_everything_unknown(site):
    with site.without(site.authorityd):
        def reasons():
            return site.status_of(site.person.files["sign"])["reasons"]

        wait_until("it is later", lambda: reasons() == ["ocsp-try-later"], 3 * VALID_S)
        assert site.verdict() == UNKNOWN
        refused(site.answer(site.open()), 503, "cannot be found out")


@test
def somebody_between_platform_and_responder_can_only_keep_silent(site):
    victim = Person(site)
    key, cert = victim.keys["sign"], victim.certs["sign"]
    with site.relayed() as relay:
        assert site.verdict() == ("valid", [])
        of_another = relay.kept[-1]
        assert site.verdict(key, cert) == ("valid", [])
        old = relay.kept[-1]
        for spoil in (
            lambda answer: (200, old),
            lambda answer: (200, of_another),
            lambda answer: (200, flip(answer, len(answer) // 2)),
            lambda answer: (200, answer.replace(b"\x80\x00\x18\x0f", b"\x82\x00\x18\x0f", 1)),
            lambda answer: (200, answer[:-1]),
            lambda answer: (200, b""),
            lambda answer: (200, bytes.fromhex("30030a0100")),
            lambda answer: (200, bytes.fromhex("30030a0103")),
            lambda answer: (200, b"\0" * 1000000),
            lambda answer: (500, answer),
            lambda answer: (302, answer),
        ):
            relay.spoil = spoil
            assert site.verdict(key, cert) == UNKNOWN, spoil(old)
        relay.spoil = None
        assert site.verdict(key, cert) == ("valid", [])
        # And what was good before the certificate was revoked does not come back.
        site.revoke(victim, "sign", "keyCompromise")
        assert site.verdict(key, cert) == ("invalid", ["revoked"])
        relay.spoil = lambda answer: (200, old)
        assert site.verdict(key, cert) == UNKNOWN


def flip(octets, at):
    return octets[:at] + bytes([octets[at] ^ 1]) + octets[at + 1 :]


@test
def revoked_and_held_certificates_are_refused_alike(site):
    lost, stolen = Person(site), Person(site)
    login = site.open()
    told = []
    for person, reason in ((lost, "certificateHold"), (stolen, "keyCompromise")):
        for kind in ("sign", "auth"):
            site.revoke(person, kind, reason)
        assert site.verdict(person.keys["sign"], person.certs["sign"]) == ("invalid", ["revoked"])
        told.append(site.answer(login, person.keys["auth"], person.certs["auth"]))
        refused(told[-1], 422, REVOKED)
    assert told[0][1]["detail"] == told[1][1]["detail"]
    site.still_good(login)
    assert site.verdict() == ("valid", [])


class Crowd:
    """Connections to the platform's port, CROWD at a time by each of THREADS."""

    def __init__(self, site):
        self.site = site
        self.heard = collections.Counter()
        self.lock = threading.Lock()

    def come(self, says, end):
        """2560 of them: each says something, then end() hears what it may and they are gone."""
        with concurrent.futures.ThreadPoolExecutor(THREADS) as pool:
            for future in [pool.submit(self.come_once, says, end) for _ in range(ROUNDS * THREADS)]:
                future.result()
        assert post_raw(self.site, "/v1/logins", b"{}") == 400

    def come_once(self, says, end):
        sockets = [socket.create_connection(("127.0.0.1", self.site.platform_port), 30) for _ in range(CROWD)]
        for s in sockets:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                s.sendall(says)
        for s in sockets:
            with s, contextlib.suppress(ConnectionResetError, BrokenPipeError, OSError):
                heard = end(s)
                with self.lock:
                    self.heard[heard] += 1


CROWD, THREADS, ROUNDS = 64, 8, 5
GET = b"GET /v1/keys HTTP/1.1\r\nHost: x\r\n\r\n"
SLOW = b"POST /v1/logins HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"


def status_heard(s):
    said = s.recv(12)
    return int(said.split()[1]) if said else 0


def half_close_and_hear(s):
    s.shutdown(socket.SHUT_WR)
    return status_heard(s)


def descriptors(process):
    return len(os.listdir(f"/proc/{process.pid}/fd"))


def resident_kib(process):
    with open(f"/proc/{process.pid}/status", encoding="utf-8") as f:
        return int(next(line.split()[1] for line in f if line.startswith("VmRSS:")))


@test
def ten_thousand_bad_connections_leave_the_platform_as_it_was(site):
    process = site.platformd.process
    warm_up = Crowd(site)
    warm_up.come_once(GET, status_heard)
    before, memory = descriptors(process), resident_kib(process)
    for says, end, expected in (
        (b"", lambda s: None, {None}),
        (b"\x16\x03\x01\x02\0 this is TLS or nonsense\r\n\r\n", status_heard, {400, 0}),
        (SLOW, lambda s: None, {None}),
        (GET, half_close_and_hear, {200, 503, 0}),
    ):
        crowd = Crowd(site)
        crowd.come(says, end)
        assert set(crowd.heard) <= expected, crowd.heard
        assert site.verdict() == ("valid", [])
    assert crowd.heard[200] > 0 and crowd.heard[200] + crowd.heard[503] > ROUNDS * THREADS * CROWD / 2, crowd.heard
    wait_until("all of them are forgotten", lambda: descriptors(process) <= before, 60)
    assert process.poll() is None
    assert site.platformd.is_sanitized() or resident_kib(process) < memory + 32 * 1024
    login = site.open()
    site.still_good(login)


if __name__ == "__main__":
    main(Attacked)
