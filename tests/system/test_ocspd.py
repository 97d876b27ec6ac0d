#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""jpki-ocspd behind a real authority and two real signerds, judged by `openssl ocsp`: refusals first."""
import base64
import datetime
import http.client
import os
import re
import resource
import shutil
import socket
import struct
import time

from harness import Daemon, Directory, ask, free_port, main, program, read_text, run, test, wait_until, write_text
from rsa_keys import write_key

AUTHORITYD = program("jpki-authorityd")
OCSPD = program("jpki-ocspd")
SIGNERD = program("jpki-signerd")
SUBJECT = "OU=OpenJPKI TEST Certification Authority,OU=OpenJPKI TEST for {},O=OpenJPKI TEST,C=JP"
DAY = 86400
VALID_S = 15  # long enough for a busy machine, short enough to wait for
REQUEST_MAX = 16384
CROWD, ROUNDS = 100, 20
HOLDER = {
    "name": "番号　花子",
    "birth": "419900415",
    "sex": "2",
    "address": "東京都千代田区見本町一丁目２番３号",
    "name_substitutes": "00000",
    "address_substitutes": "0" * 17,
}


def end_of_day(days):
    """23:59:59 in Japan, some days ahead."""
    return (int(time.time()) + 9 * 3600) // DAY * DAY + days * DAY - 9 * 3600 - 1


class Site:
    """Two zones of signerd, the authority, the responder, and a verifier who asks."""

    def __init__(self):
        self.dir = Directory()
        for name in ("ca", "ca/keys", "ocsp", "ocsp/keys", "db", "csr"):
            os.mkdir(self.dir.file(name), 0o700)
        self.port = free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        self.requests = 0
        self.signer_ca = self.make_signer("ca", self.ca_keys())
        self.signer_ocsp = self.make_signer("ocsp", {"ocsp-sign": "role = ocsp\n", "ocsp-auth": "role = ocsp\n"})
        self.authority = self.make_authority()
        self.socket = self.dir.file("o.sock")
        self.config = self.dir.file("ocsp.conf")
        self.configure()
        self.ocspd = Daemon([OCSPD, "--config", self.config], self.socket, self.dir.file("ocspd.log"))
        for name in ("bank", "stranger", "leaver"):
            self.make_verifier(name)

    @staticmethod
    def ca_keys():
        return {
            "sign-ca": f"role = ca\nsubject = {SUBJECT.format('digital signature')}\n"
                       "policies = 1.2.392.200149.8.5.1.0.20\n",
            "auth-ca": f"role = ca\nsubject = {SUBJECT.format('user authentication')}\n"
                       "policies = 1.2.392.200149.8.5.1.3.30\npurposes = 1.3.6.1.5.5.7.3.2\n",
        }

    def make_signer(self, zone, keys):
        config, path = self.dir.file(zone + "-signer.conf"), self.dir.file(zone, "s.sock")
        write_text(self.dir.file(zone, "pass"), "a passphrase of this test\n")
        write_text(config, f"[signer]\nsocket = {path}\nkeys = {self.dir.file(zone, 'keys')}\n"
                   f"passphrase_file = {self.dir.file(zone, 'pass')}\n"
                   + "".join(f"[key {key}]\nallow_uid = {os.getuid()}\n{rows}" for key, rows in keys.items()))
        for key in keys:
            run(SIGNERD, "keygen", "--config", config, key)
        daemon = Daemon([SIGNERD, "serve", "--config", config], path, self.dir.file(zone + "-signer.log"))
        daemon.start()
        return daemon

    def make_authority(self):
        config, path = self.dir.file("authority.conf"), self.dir.file("a.sock")
        write_text(config, f"[authority]\nsocket = {path}\npeers = {os.getuid()}\n"
                   f"database = {self.dir.file('db', 'a.db')}\nsigner = {self.signer_ca.path}\n"
                   f"ocsp_signer = {self.signer_ocsp.path}\npublish_changed_s = 1\n")
        for command, suffix in (("init-ca", "-ca.pem"), ("issue-ocsp", "-ocsp.pem")):
            for kind in ("sign", "auth"):
                pem = run(AUTHORITYD, command, "--config", config, kind).stdout.decode()
                write_text(self.dir.file(kind + suffix), pem)
        daemon = Daemon([AUTHORITYD, "--config", config], path, self.dir.file("authorityd.log"))
        daemon.start()
        return daemon

    def configure(self, **changes):
        keys = {"socket": self.socket, "port": self.port, "authority": self.authority.path,
                "signer": self.signer_ocsp.path, "poll_ms": 50, "valid_s": VALID_S}
        for kind in ("sign", "auth"):
            keys[kind + "_ca"] = self.dir.file(kind + "-ca.pem")
            keys[kind + "_certificate"] = self.dir.file(kind + "-ocsp.pem")
        write_text(self.config, "[ocsp]\n" + "".join(f"{k} = {v}\n" for k, v in (keys | changes).items()))

    def make_verifier(self, name):
        """A key and a certificate of somebody who may have been registered."""
        run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", self.dir.file(name + ".key"),
            "-out", self.dir.file(name + ".pem"), "-days", "10", "-subj", f"/C=JP/O=OpenJPKI TEST/CN={name}",
            "-addext", "basicConstraints=critical,CA:FALSE", "-addext", "keyUsage=critical,digitalSignature")

    def register(self, name):
        der = run("openssl", "x509", "-in", self.dir.file(name + ".pem"), "-outform", "DER").stdout
        answer = ask(self.authority.path, "POST", "/v1/verifiers",
                     {"name": name, "certificate": base64.b64encode(der).decode()})
        assert answer[0] == 201, answer

    def request(self, kind, **changes):
        """What a register sends for a new key."""
        self.requests += 1
        path = self.dir.file("csr", str(self.requests))
        write_key(path)
        csr = run("openssl", "req", "-new", "-key", path, "-subj", "/CN=card", "-sha256", "-outform", "DER").stdout
        body = {"request_id": f"r-{self.requests}", "kind": kind, "request": base64.b64encode(csr).decode(),
                "not_after": end_of_day(100), "prefecture": "Tokyo-to", "window_id": "13101003A"}
        if kind == "sign":
            body |= {"municipality": "Chiyoda-ku", "holder": HOLDER}
        return body | changes

    def send(self, body):
        return ask(self.authority.path, "POST", "/v1/certificates", body)

    def issue(self, kind):
        """The serial number of a new certificate."""
        status, body = self.send(self.request(kind))
        assert status == 200, body
        return body["serial"]

    def revoke(self, kind, serial, reason):
        answer = ask(self.authority.path, "POST", "/v1/revocations",
                     {"request_id": f"revoke-{kind}-{serial}", "kind": kind, "serial": serial, "reason": reason})
        assert answer[0] == 201, answer

    def openssl(self, kind, serial, *more, signer="bank", digest=None, check=False):
        """What `openssl ocsp` says, with what it complains about."""
        argv = ["openssl", "ocsp", "-url", f"{self.base}/{kind}", "-issuer", self.dir.file(kind + "-ca.pem"),
                "-CAfile", self.dir.file(kind + "-ca.pem"), "-timeout", "10"]
        argv += [digest] if digest else []
        argv += ["-serial", str(serial)]
        if signer:
            argv += ["-signer", self.dir.file(signer + ".pem"), "-signkey", self.dir.file(signer + ".key")]
        done = run(*argv, *more, check=check)
        return done.stdout.decode() + done.stderr.decode()

    def status(self, kind, serial, **how):
        """good, revoked, unknown, or the responder's refusal; the answer must verify."""
        text = self.openssl(kind, serial, **how)
        refusal = re.search(r"Responder Error: (\w+)", text)
        if refusal:
            return refusal.group(1)
        assert "Response verify OK" in text and "WARNING" not in text, text
        return re.search(rf"^{serial}: (\w+)", text, re.MULTILINE).group(1)

    def raw(self, method, path, body=None, kind="application/ocsp-request"):
        """Status and bytes of one exchange over TCP."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, body, {"Content-Type": kind} if body is not None else {})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def close(self):
        for daemon in (self.ocspd, self.authority, self.signer_ocsp, self.signer_ca):
            daemon.close()
        self.dir.close()


def refusal(number):
    """An OCSPResponse of a status alone (RFC 6960, 4.2.1)."""
    return bytes((0x30, 3, 0x0A, 1, number))


MALFORMED, SIG_REQUIRED = refusal(1), refusal(5)


@test
def a_wrong_configuration_is_told_and_ends_with_2(site):
    for changes, words in (
        ({"colour": "red"}, "no key colour"),
        ({"poll_ms": 900001}, "poll_ms"),
        ({"valid_s": 0}, "valid_s"),
        ({"refresh_s": VALID_S}, "valid_s is not more than refresh_s"),
        ({"refresh_s": 1, "poll_ms": 1001}, "poll_ms is longer than refresh_s"),
        ({"sign_certificate": site.dir.file("auth-ocsp.pem")}, "auth-ocsp.pem"),
        ({"sign_certificate": site.dir.file("sign-ca.pem")}, "not for OCSP signing"),
        ({"auth_ca": site.dir.file("nothing.pem")}, "no such file"),
    ):
        site.configure(**changes)
        for more in (["--check-config"], []):
            done = run(OCSPD, "--config", site.config, *more, check=False)
            assert done.returncode == 2 and words in done.stderr.decode(), (changes, done)
    site.configure()
    run(OCSPD, "--config", site.config, "--check-config")


@test
def responder_certificates_are_delegated_by_each_ca_with_nocheck(site):
    for kind in ("sign", "auth"):
        ca, responder = site.dir.file(kind + "-ca.pem"), site.dir.file(kind + "-ocsp.pem")
        run("openssl", "verify", "-CAfile", ca, "-purpose", "ocsphelper", "-x509_strict", responder)
        text = run("openssl", "x509", "-in", responder, "-noout", "-text").stdout.decode()
        assert "OCSP No Check" in text and "OCSP Signing" in text and "CA:TRUE" not in text, text


@test
def without_an_authority_it_starts_is_not_ready_and_says_later(site):
    site.register("bank")
    site.register("leaver")
    site.authority.stop()
    site.ocspd.start()
    assert ask(site.socket, "GET", "/livez")[0] == 200
    assert ask(site.socket, "GET", "/readyz")[0] == 503
    assert site.status("auth", 1) == "unauthorized"  # nobody is known yet
    assert site.raw("POST", "/auth", b"")[1] == MALFORMED
    site.authority.start()
    wait_until("ready", lambda: ask(site.socket, "GET", "/readyz")[0] == 200)


@test
def who_does_not_sign_must_and_strangers_learn_nothing(site):
    for kind in ("sign", "auth"):
        assert site.status(kind, 1, signer=None) == "sigrequired"
        assert site.status(kind, 1, signer="stranger") == "unauthorized"
        assert "unauthorized" in site.openssl(kind, 1, "-no_certs", signer="stranger")
        forged = ["-no_certs", "-signer", site.dir.file("stranger.pem"), "-signkey", site.dir.file("stranger.key")]
        assert "unauthorized" in site.openssl(kind, 1, *forged, signer=None)


@test
def what_is_no_request_or_too_long_is_refused(site):
    for body in (b"", b"\x30\x00", b"\x30\x80", os.urandom(100), b"\x30" * REQUEST_MAX):
        assert site.raw("POST", "/sign", body) == (200, MALFORMED), body[:8]
    assert site.raw("POST", "/sign", b"\x30" * (REQUEST_MAX + 1))[0] == 413
    assert site.raw("POST", "/sign", b"{}", "application/json")[0] == 415
    assert site.raw("PUT", "/sign", b"")[0] == 405
    assert site.raw("POST", "/token", b"")[0] == 404
    assert site.raw("GET", "/auth/AAAA") == (200, MALFORMED)
    assert site.raw("GET", "/auth/!!!!") == (200, MALFORMED)
    assert site.raw("GET", "/auth/" + "A" * 4090)[0] == 200
    assert site.raw("GET", "/auth/" + "A" * 4091)[0] == 414


@test
def good_revoked_and_unknown_are_told_apart_for_both_kinds_of_certid(site):
    site.sign, site.auth = site.issue("sign"), [site.issue("auth") for _ in range(2)]
    wait_until("good", lambda: site.status("sign", site.sign) == "good")
    wait_until("good", lambda: site.status("auth", site.auth[1]) == "good")
    site.revoke("sign", site.sign, "affiliationChanged")
    site.revoke("auth", site.auth[1], "keyCompromise")
    wait_until("revoked", lambda: site.status("auth", site.auth[1]) == "revoked")
    for digest in ("-sha1", "-sha256"):
        assert site.status("sign", site.sign, digest=digest) == "revoked"
        assert "Reason: affiliationChanged" in site.openssl("sign", site.sign, digest=digest)
        assert "Reason: keyCompromise" in site.openssl("auth", site.auth[1], digest=digest)
        assert site.status("auth", site.auth[0], digest=digest) == "good"
        for never in (site.auth[1] + 1, 2**31, 2**32 + 2, 2**80):
            assert site.status("auth", never, digest=digest) == "unknown"
    # A certificate of the other CA.
    other = ["-issuer", site.dir.file("sign-ca.pem"), "-serial", str(site.sign)]
    assert f"{site.sign}: unknown" in site.openssl("auth", site.auth[0], *other)


@test
def answers_are_by_key_repeat_the_nonce_and_say_until_when(site):
    text = site.openssl("auth", site.auth[0], "-resp_text")
    key_id = run("openssl", "x509", "-in", site.dir.file("auth-ocsp.pem"), "-noout", "-ext",
                 "subjectKeyIdentifier").stdout.decode().split()[-1].replace(":", "")
    assert f"Responder Id: {key_id}" in text and "Response verify OK" in text, text
    assert "OCSP Nonce" in text and "WARNING" not in text, text
    times = [datetime.datetime.strptime(re.search(what + r" Update: (.*) GMT", text).group(1), "%b %d %H:%M:%S %Y")
             for what in ("This", "Next")]
    assert (times[1] - times[0]).total_seconds() == VALID_S, text
    text = site.openssl("auth", site.auth[0], "-no_nonce", "-resp_text")
    assert "OCSP Nonce" not in text and "Response verify OK" in text, text


@test
def curl_gets_an_answer_with_the_request_in_the_path(site):
    ca, files = site.dir.file("auth-ca.pem"), [site.dir.file(name) for name in ("request", "response")]
    run("openssl", "ocsp", "-issuer", ca, "-serial", str(site.auth[1]), "-signer", site.dir.file("bank.pem"),
        "-signkey", site.dir.file("bank.key"), "-reqout", files[0])
    with open(files[0], "rb") as f:
        plain = base64.b64encode(f.read()).decode()
    escaped = plain.replace("+", "%2B").replace("/", "%2F").replace("=", "%3D")
    for text in (plain, escaped):
        done = run("curl", "-sS", "--noproxy", "*", "-o", files[1], "-w", "%{http_code} %{content_type}",
                   f"{site.base}/auth/{text}")
        assert done.stdout == b"200 application/ocsp-response", done
        # With the request openssl compares nonces, with the serial number it looks for the answer.
        for more in (["-reqin", files[0]], ["-no_nonce", "-issuer", ca, "-serial", str(site.auth[1])]):
            done = run("openssl", "ocsp", "-respin", files[1], "-CAfile", ca, *more)
            said = done.stdout.decode() + done.stderr.decode()
            assert "Response verify OK" in said and "Nonce" not in said, said
        assert f"{site.auth[1]}: revoked" in said, said
    done = run("curl", "-sS", "--noproxy", "*", "--data-binary", f"@{files[0]}", "-H",
               "Content-Type: application/ocsp-request", "-o", files[1], f"{site.base}/auth")
    run("openssl", "ocsp", "-reqin", files[0], "-respin", files[1], "-CAfile", ca)


@test
def a_registered_verifier_is_answered_until_it_is_removed(site):
    serial = site.auth[0]
    text = site.openssl("auth", serial, "-no_certs", signer="leaver")
    assert "Response verify OK" in text and f"{serial}: good" in text, text
    assert site.status("auth", serial, signer="leaver") == "good"
    assert ask(site.authority.path, "DELETE", "/v1/verifiers/leaver")[0] in (200, 204)
    wait_until("refused", lambda: site.status("auth", serial, signer="leaver") == "unauthorized")
    assert "unauthorized" in site.openssl("auth", serial, "-no_certs", signer="leaver")
    assert site.status("auth", serial) == "good"


@test
def a_number_that_waits_for_its_signature_is_unknown_and_good_when_it_has_one(site):
    pending, number = site.request("auth"), site.auth[1] + 1

    def is_reserved():
        """A worker that never had a signerd does not come as far as that."""
        assert site.send(pending)[0] == 503
        status, body = ask(site.authority.path, "GET", f"/v1/certificates/auth/{number}")
        return status == 200 and body["state"] == "pending"

    site.signer_ca.kill()
    wait_until("a number is reserved", is_reserved)
    site.signer_ca.start()
    after = site.issue("auth")
    assert after == number + 1
    wait_until("good", lambda: site.status("auth", after) == "good")
    assert site.status("auth", after - 1) == "unknown"
    status, body = site.send(pending)
    assert status == 200 and body["serial"] == after - 1, body
    wait_until("good", lambda: site.status("auth", after - 1) == "good")


@test
def a_number_that_an_old_copy_of_the_database_spends_stays_unknown(site):
    """signerd has signed another certificate under it, which this database does not know."""
    site.authority.stop()
    shutil.copytree(site.dir.file("db"), site.dir.file("old"))
    site.authority.start()
    lost = site.issue("auth")
    site.authority.stop()
    shutil.rmtree(site.dir.file("db"))
    os.rename(site.dir.file("old"), site.dir.file("db"))
    site.authority.start()
    # ocspd has seen the lost one: it must begin again, as after every restored copy.
    site.ocspd.kill()
    site.ocspd.start()
    wait_until("ready", lambda: ask(site.socket, "GET", "/readyz")[0] == 200)
    status, body = site.send(site.request("auth"))
    assert status == 500, body
    after = site.issue("auth")
    assert after == lost + 1, (after, lost)
    wait_until("good", lambda: site.status("auth", after) == "good")
    assert site.status("auth", lost) == "unknown"


@test
def lists_are_published_without_being_asked_for(site):
    def entries():
        lists = ask(site.authority.path, "GET", "/v1/crls")[1]["crls"]
        return {entry["name"]: (entry["entries"], entry["number"]) for entry in lists}

    wait_until("a list", lambda: entries().get("auth-Tokyo-to", (0, 0))[0] == 1)
    before = entries()
    serial = site.issue("auth")
    site.revoke("auth", serial, "superseded")
    wait_until("a new list", lambda: entries()["auth-Tokyo-to"][0] == 2)
    wait_until("the full one, too", lambda: entries()["auth-full"][0] == 2)
    after = entries()
    changed = {name for name in before if after[name] != before[name]}
    assert changed == {"auth-Tokyo-to", "auth-full"}, (before, after)


@test
def a_signerd_that_is_away_means_later(site):
    site.signer_ocsp.kill()
    assert site.status("auth", site.auth[0]) == "trylater"
    assert ask(site.socket, "GET", "/readyz")[0] == 503
    assert site.status("auth", site.auth[0], signer="stranger") == "unauthorized"
    site.signer_ocsp.start()
    wait_until("good", lambda: site.status("auth", site.auth[0]) == "good")


@test
def after_a_kill_it_knows_everything_again(site):
    site.ocspd.kill()
    assert run("openssl", "ocsp", "-url", site.base, "-issuer", site.dir.file("auth-ca.pem"), "-serial", "1",
               check=False).returncode != 0
    site.ocspd.start()
    wait_until("good", lambda: site.status("auth", site.auth[0]) == "good")
    assert site.status("auth", site.auth[1]) == "revoked"
    assert site.status("sign", site.sign) == "revoked"


@test
def without_the_authority_answers_go_on_for_a_while_and_never_turn_good(site):
    site.authority.kill()
    killed = time.monotonic()
    said = site.status("auth", site.auth[0])
    if time.monotonic() - killed < VALID_S - 5:
        assert said == "good", said
    while time.monotonic() - killed < VALID_S + 1:
        assert site.status("auth", site.auth[1]) in ("revoked", "trylater")
        time.sleep(0.5)
    for serial in (*site.auth, site.auth[1] + 1000):
        assert site.status("auth", serial) == "trylater"
    assert site.status("auth", 1, signer=None) == "sigrequired"
    site.authority.start()
    wait_until("good", lambda: site.status("auth", site.auth[0]) == "good")
    assert site.status("auth", site.auth[1]) == "revoked"


def dial(site):
    s = socket.socket()
    s.settimeout(60)
    s.connect(("127.0.0.1", site.port))
    return s


def leave(s):
    s.close()


def reset(s):
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    s.close()


def hear_refusal(s):
    assert s.recv(64)[:12] in (b"", b"HTTP/1.1 400"), "a refusal or an end"
    s.close()


def half_close_and_hear(s):
    """64 requests wait for a worker; one more gets 503 at once, and may be cut off by it."""
    answer = b""
    try:
        s.shutdown(socket.SHUT_WR)
        while data := s.recv(4096):
            answer += data
    except OSError:
        pass
    assert answer[:12] in (b"", b"HTTP/1.1 503") or answer.endswith(MALFORMED), answer[:80]
    s.close()
    return answer.endswith(MALFORMED)


HEAD = b"POST /sign HTTP/1.1\r\nHost: x\r\nContent-Type: application/ocsp-request\r\nContent-Length: "


@test
def ten_thousand_bad_connections_do_no_harm(site):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 4 * CROWD)), hard))
    descriptors = f"/proc/{site.ocspd.process.pid}/fd"
    before = len(os.listdir(descriptors))
    for says, end in (
        (b"", leave),
        (b"\x16\x03\x01\x02 this is TLS or nonsense\r\n\r\n\r\n", hear_refusal),
        (b"POST /sign HTTP/1.1\r\nHost: ", reset),
        (HEAD + b"100\r\n\r\n\x30", leave),
        (HEAD + b"2\r\n\r\n\x30\x00", half_close_and_hear),
    ):
        for number in range(ROUNDS):
            crowd = [dial(site) for _ in range(CROWD)]
            for s in crowd:
                s.sendall(says)
            if number == 0 and end is not half_close_and_hear:  # in the middle of them
                assert site.raw("POST", "/sign", b"") == (200, MALFORMED)
            answered = sum(bool(end(s)) for s in crowd)
            assert end is not half_close_and_hear or answered > CROWD // 4, answered
            # A client that only leaves is faster than a server that has to find out.
            wait_until("it noticed", lambda: len(os.listdir(descriptors)) <= before + CROWD, 60)
        assert site.status("auth", site.auth[0]) == "good"
    wait_until("their descriptors are closed", lambda: len(os.listdir(descriptors)) <= before + 1, 60)


@test
def more_slow_connections_than_it_holds_keep_nobody_out(site):
    """512 are held; the longest idle one gives way."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 1024)), hard))
    slow = [dial(site) for _ in range(600)]
    for s in slow:
        try:
            s.sendall(b"POST /sign HT")
        except OSError:
            pass  # it gave way
    assert site.status("auth", site.auth[1]) == "revoked"
    assert site.status("auth", site.auth[0]) == "good"
    for s in slow:
        s.close()
    assert site.ocspd.process.poll() is None


@test
def with_a_refresh_answers_are_of_the_quarter_of_an_hour(site):
    site.ocspd.stop()
    site.configure(refresh_s=900, valid_s=1800)
    if time.time() % 900 > 870:
        time.sleep(900 - time.time() % 900 + 1)
    site.ocspd.start()
    wait_until("good", lambda: site.status("auth", site.auth[0]) == "good")
    text = site.openssl("auth", site.auth[0])
    tick = int(time.time()) // 900 * 900
    for what, moment in (("This", tick), ("Next", tick + 900)):
        said = datetime.datetime.strptime(re.search(what + r" Update: (.*) GMT", text).group(1), "%b %d %H:%M:%S %Y")
        assert said.replace(tzinfo=datetime.timezone.utc).timestamp() == moment, text
    site.revoke("auth", site.auth[0], "superseded")
    time.sleep(1)  # twenty times poll_ms: only the next quarter tells
    assert site.status("auth", site.auth[0]) == "good" or time.time() >= tick + 900


@test
def the_logs_name_no_serial_number_and_it_stops_when_told(site):
    assert site.ocspd.stop() == 0
    log = read_text(site.dir.file("ocspd.log"))
    assert "feed.current" in log and "feed.failure" in log, log[-500:]
    assert "serial" not in log, log[-500:]


if __name__ == "__main__":
    main(Site)
