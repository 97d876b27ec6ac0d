#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""jpkictl as an operator uses it: refusals first, then daemons that are there, that are not, and that are not ready."""
import http.server
import json
import os
import shutil
import socketserver
import subprocess
import threading

from harness import Daemon, Directory, free_port, main, program, read_text, run, test, wait_until, write_text

EXTENSIONS = """[ca]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[holder]
keyUsage = critical, nonRepudiation
authorityKeyIdentifier = keyid
authorityInfoAccess = OCSP;URI:http://ocsp.openjpki.test/sign
[responder]
keyUsage = critical, digitalSignature
extendedKeyUsage = OCSPSigning
noCheck = yes
authorityKeyIdentifier = keyid
"""
JPKICTL = program("jpkictl")
SIGNERD = program("jpki-signerd")


class Answer(http.server.BaseHTTPRequestHandler):
    """/readyz of a daemon that can, or cannot, do its work."""

    def do_GET(self):
        ready = self.server.ready and self.path == "/readyz"
        body = self.server.body if ready else b'{"title": "no", "status": 503, "detail": "the disk is full"}'
        self.send_response(200 if ready else 503)
        self.send_header("Content-Type", "application/json" if ready else "application/problem+json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def address_string(self):
        return "unix"

    def log_message(self, *_):
        pass


class Authority:
    """A CA, certificates and a responder of openssl's; certificates are good unless revoked is called."""

    def __init__(self, folder, name):
        self.folder = folder
        self.path = os.path.join(folder, name)
        self.serial = 0
        self.index = self.path + ".index"
        write_text(self.index, "")
        write_text(self.path + ".ext", EXTENSIONS)
        self.make("ca", signer=None)

    def file(self, name):
        return f"{self.path}-{name}"

    def make(self, name, section=None, signer="ca"):
        key, request, cert = (self.file(name + end) for end in (".key", ".csr", ".pem"))
        subject = f"/C=JP/O=OpenJPKI TEST/CN={name}"
        run("openssl", "req", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", request, "-subj", subject)
        self.serial += 1
        by = ["-CA", self.file(signer + ".pem"), "-CAkey", self.file(signer + ".key")] if signer else ["-signkey", key]
        run(
            *["openssl", "x509", "-req", "-in", request, "-out", cert, "-days", "30", "-sha256"],
            *["-set_serial", str(self.serial), "-extfile", self.path + ".ext", "-extensions", section or name, *by],
        )
        return cert

    def list(self, serial, state, date=""):
        with open(self.index, "a", encoding="utf-8") as f:
            f.write(f"{state}\t301231235959Z\t{date}\t{serial:02X}\tunknown\t/CN=x\n")


class Responder:
    """openssl ocsp; what it is asked is printed into a log."""

    def __init__(self, authority, signer, *more):
        self.port = free_port()
        self.log = authority.file("responder.log")
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                ["openssl", "ocsp", "-port", str(self.port), "-index", authority.index, "-text", "-resp_key_id"]
                + ["-CA", authority.file("ca.pem"), "-rsigner", authority.file(signer + ".pem")]
                + ["-rkey", authority.file(signer + ".key"), *(more or ("-nmin", "5"))],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        wait_until("openssl ocsp waits", lambda: b"waiting for OCSP client" in open(self.log, "rb").read())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


class Site:
    def __init__(self):
        self.dir = Directory()
        os.mkdir(self.dir.file("keys"), 0o700)
        write_text(self.dir.file("pass"), "a passphrase of tests\n")
        self.signer = self.dir.file("signer.sock")
        self.http = self.dir.file("http.sock")
        self.config = self.dir.file("ctl.conf")
        signerd = self.dir.file("signerd.conf")
        write_text(
            signerd,
            f"[signer]\nsocket = {self.signer}\nkeys = {self.dir.file('keys')}\npassphrase_file = {self.dir.file('pass')}\n"
            f"[key asker]\nrole = verifier\nallow_uid = {os.getuid()}\n",
        )
        run(SIGNERD, "keygen", "--config", signerd, "asker")
        write_text(self.dir.file("asker.pem"), run(SIGNERD, "certificate", "--config", signerd, "asker").stdout.decode())
        self.authority = Authority(self.dir.path, "a")
        self.cert = self.authority.make("holder")
        self.authority.make("responder")
        self.signerd = Daemon([SIGNERD, "serve", "--config", signerd], self.signer, self.dir.file("log"))
        self.server = socketserver.UnixStreamServer(self.http, Answer)
        self.server.ready = True
        self.server.body = b"{}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def configure(self, text):
        write_text(self.config, text)

    def status(self, code):
        done = run(JPKICTL, "status", "--config", self.config, "--json", check=False)
        assert done.returncode == code, (done.returncode, done.stdout, done.stderr)
        return {row["name"]: row for row in json.loads(done.stdout)["daemons"]}

    def cert_status(self, code, port, cert=None, anchors=None):
        anchors = anchors or self.authority.file("ca.pem")
        self.configure(
            f"[verifier]\nsigner = {self.signer}\nkey = asker\ncertificate = {self.dir.file('asker.pem')}\n"
            f"anchors = {anchors}\nocsp_base = http://127.0.0.1:{port}\n"
        )
        done = run(JPKICTL, "cert", "status", "--config", self.config, "--json", cert or self.cert, check=False)
        assert done.returncode == code, (done.returncode, done.stdout, done.stderr)
        return json.loads(done.stdout) if done.stdout else done.stderr.decode()

    def close(self):
        self.signerd.close()
        self.server.shutdown()
        self.server.server_close()
        self.dir.close()


def assert_refused(text, *argv):
    done = run(JPKICTL, *argv, check=False)
    assert done.returncode == 2, (done.returncode, done.stderr)
    assert text in done.stderr.decode(), done.stderr


@test
def a_faulty_configuration_is_told_and_ends_with_2(site):
    assert_refused("--config is needed", "status")
    assert_refused("no such file", "status", "--config", site.dir.file("nothing"))
    for text, sentence in (
        ("", "there is no section [daemon NAME]"),
        ("[daemon a]\nsocket = relative\n", "socket"),
        ("[daemon a]\nprotocol = ftp\nsocket = /s\n", "[daemon a]: protocol: must be http or signer"),
        ("[daemon a]\nsocket = /s\ncolour = red\n", "has no key colour"),
        ("".join(f"[daemon d{i}]\nsocket = /s\n" for i in range(17)), "16"),
    ):
        site.configure(text)
        assert_refused(sentence, "status", "--config", site.config)


@test
def a_daemon_that_is_not_there_is_told_and_ends_with_5(site):
    site.configure(f"[daemon s]\nprotocol = signer\nsocket = {site.signer}\n[daemon h]\nsocket = {site.dir.file('none')}\n")
    rows = site.status(5)
    assert not rows["s"]["ready"] and "not running" in rows["s"]["why"], rows
    assert not rows["h"]["ready"] and rows["h"]["why"], rows


@test
def what_a_daemon_says_of_itself_is_passed_on(site):
    """When it read its files again, and what it warns of; a word that is none is not printed as it came."""
    site.configure(f"[daemon h]\nprotocol = http\nsocket = {site.http}\n")
    said = {"status": "ready", "reloaded_at": 1700000000, "reload_refused": True,
            "warnings": ["certificate_ends_soon", "\u001b[2J"]}
    site.server.body = json.dumps(said).encode()
    try:
        row = site.status(0)["h"]
        assert (row["reloaded_at"], row["reload_refused"], row["ready"]) == (1700000000, True, True), row
        assert row["warnings"] == ["certificate_ends_soon", "?"], row
        text = run(JPKICTL, "status", "--config", site.config).stdout.decode()
        assert text == ("h: ready\n  2023-11-15T07:13:20+09:00: what it found in its files was refused; its log says why\n"
                        "  warning: certificate_ends_soon\n  warning: ?\n"), text
        site.server.body = json.dumps(said | {"reload_refused": False, "warnings": []}).encode()
        text = run(JPKICTL, "status", "--config", site.config).stdout.decode()
        assert text == "h: ready\n  2023-11-15T07:13:20+09:00: it has read its files again\n", text
        # What is no such answer is no reason to call it not ready.
        for body in (b"[]", b'{"reloaded_at": "yesterday", "warnings": 7}'):
            site.server.body = body
            assert run(JPKICTL, "status", "--config", site.config).stdout.decode() == "h: ready\n", body
    finally:
        site.server.body = b"{}"


@test
def daemons_that_answer_are_ready(site):
    site.signerd.start()
    site.configure(f"[daemon s]\nprotocol = signer\nsocket = {site.signer}\n[daemon h]\nsocket = {site.http}\n")
    rows = site.status(0)
    assert rows["s"] == {"name": "s", "protocol": "signer", "ready": True, "why": None, "reloaded_at": None,
                         "reload_refused": None, "warnings": []}, rows
    assert rows["h"]["ready"], rows
    text = run(JPKICTL, "status", "--config", site.config).stdout.decode()
    assert text == "s: ready\nh: ready\n", text


@test
def a_daemon_that_is_not_ready_says_why(site):
    site.server.ready = False
    rows = site.status(5)
    assert rows["s"]["ready"] and not rows["h"]["ready"], rows
    assert rows["h"]["why"] == "the disk is full", rows
    text = run(JPKICTL, "status", "--config", site.config, check=False).stdout.decode()
    assert text == "s: ready\nh: not ready: the disk is full\n", text


@test
def a_daemon_of_another_protocol_is_not_ready(site):
    site.configure(f"[daemon s]\nsocket = {site.signer}\n[daemon h]\nprotocol = signer\nsocket = {site.http}\n")
    rows = site.status(5)
    assert not rows["s"]["ready"] and not rows["h"]["ready"], rows


@test
def a_status_needs_a_verifier_and_an_authority(site):
    site.configure("[daemon a]\nsocket = /s\n")
    assert_refused("needs signer, key, certificate and anchors", "cert", "status", "--config", site.config, site.cert)
    site.configure("[verifier]\nocsp_base = http://x\nocsp_socket = /s\n")
    assert_refused("not both", "cert", "status", "--config", site.config, site.cert)
    assert_refused("--config is needed", "cert", "status", site.cert)
    other = Authority(site.dir.path, "b")
    assert "no authority" in site.cert_status(1, 1, anchors=other.file("ca.pem"))


@test
def nothing_is_known_without_a_responder(site):
    assert site.cert_status(7, free_port())["reasons"] == ["ocsp-unavailable"]


@test
def a_certificate_that_the_responder_does_not_know_is_unknown(site):
    with Responder(site.authority, "responder") as responder:
        found = site.cert_status(7, responder.port)
    assert found["status"] == "unknown" and found["serial"] == 2, found


@test
def a_good_certificate_is_good_and_the_question_was_signed_by_the_verifier(site):
    site.authority.list(2, "V")
    with Responder(site.authority, "responder") as responder:
        found = site.cert_status(0, responder.port)
        text = run(JPKICTL, "cert", "status", "--config", site.config, site.cert).stdout.decode()
        asked = read_text(responder.log)
    assert found["status"] == "good" and found["reason"] is None and found["reasons"] == [], found
    assert text.startswith("serial number 2: good\nas of 20"), text
    assert "Signature Algorithm: sha256WithRSAEncryption" in asked, asked
    assert "CN=asker" in asked.replace(" ", ""), asked


@test
def a_revoked_certificate_is_revoked_with_its_reason(site):
    shutil.copy(site.authority.index, site.authority.index + ".good")
    write_text(site.authority.index, "")
    site.authority.list(2, "R", "260901000000Z,affiliationChanged")
    with Responder(site.authority, "responder") as responder:
        found = site.cert_status(1, responder.port)
        text = run(JPKICTL, "cert", "status", "--config", site.config, site.cert, check=False).stdout.decode()
    assert found["status"] == "revoked" and found["reason"] == "affiliationChanged", found
    assert found["revoked_at"] == "2026-09-01T00:00:00Z", found
    assert "since 2026-09-01T09:00:00+09:00\naffiliationChanged: " in text, text
    os.replace(site.authority.index + ".good", site.authority.index)


@test
def an_answer_by_nobody_appointed_is_not_believed(site):
    site.authority.make("stranger", section="holder")
    with Responder(site.authority, "stranger") as responder:
        found = site.cert_status(7, responder.port)
    assert found["status"] == "unknown" and found["reasons"] == ["ocsp-responder"], found


@test
def without_the_signer_nothing_is_asked(site):
    site.signerd.stop()
    with Responder(site.authority, "responder") as responder:
        assert "not running" in site.cert_status(5, responder.port)
        assert "OCSP Request Data" not in read_text(responder.log)


@test
def the_sample_is_a_configuration(_site):
    assert "socket =" in run(JPKICTL, "sample").stdout.decode()


if __name__ == "__main__":
    main(Site)
