#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Consent, move, newer attributes, fee, withdrawal: hanako, a sandbox, and a verifier that is openssl and a socket."""
import base64
import json
import os
import re
import secrets
import signal
import subprocess

import prepared
from harness import Directory, ask, main, program, read_text, run, test, wait_until, write_text

PASSWORD, PIN = "ABC123", "1234"
NEW_HOME = "兵庫県神戸市中央区見本町２番"
ORIGIN = "https://authority.openjpki.test"
CONSENT = {"type": "OpenJPKI consent v1", "verifier": "pf", "provider": "bank", "service": "accounts"}


class Site:
    """A sandbox with hanako's card, and a platform that applied, was certified and gave notice."""

    def __init__(self):
        self.dir = Directory()
        os.chmod(self.dir.path, 0o711)
        self.home = self.dir.file("s")
        prepared.make_at(self.home)
        self.sandbox("up", "--detach")
        self.env = {"PATH": os.environ["PATH"], "LC_ALL": "C"}
        self.env.update(re.findall(r"export (PCSCLITE_CSOCK_NAME|J\w+)='([^']*)'", self.sandbox("env").stdout.decode()))
        self.sandbox("persona", "card", "hanako")
        wait_until("the card is in the reader", lambda: self.jpki("card", "info").returncode == 0)
        self.key, self.pem = self.dir.file("pf.key"), self.dir.file("pf.pem")
        run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", self.key, "-out", self.pem, "-days",
            "30", "-subj", "/C=JP/O=OpenJPKI TEST/CN=pf", "-addext", "basicConstraints=critical,CA:FALSE",
            "-addext", "keyUsage=critical,digitalSignature")
        self.old = None

    def sandbox(self, *argv):
        return run(program("jpki-sandbox"), *argv, "--dir", self.home)

    def now(self):
        return json.loads(self.sandbox("clock", "--json").stdout)["unix"]

    def ctl(self, *argv, check=True):
        socket = ("--socket", f"{self.home}/authority/authority.sock")
        return run(program("jpkictl"), *argv, *socket, "--json", check=check)

    def jpki(self, *argv, secret=None, **more):
        """At the sandbox's time, as its holder would."""
        if secret is not None:
            argv = (*argv, "--pin-fd", "0")
        return subprocess.run([program("jpki-sandbox"), "exec", "--dir", self.home, program("jpki"), *argv],
                              input=(secret or "").encode(), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              env=self.env | more, timeout=60, check=False)

    def sign(self, name, document):
        """The document as hanako's card signs it, and the signature."""
        path = self.dir.file(name)
        write_text(path, json.dumps(document))
        done = self.jpki("sign", path, "--yes", secret=PASSWORD)
        assert done.returncode == 0, done
        with open(path + ".p7s", "rb") as f:
            return read_text(path).encode(), f.read()

    def certificate(self, name):
        """Of whoever signed a document, DER."""
        pem = run("openssl", "pkcs7", "-inform", "DER", "-in", self.dir.file(name) + ".p7s", "-print_certs").stdout
        for one in re.findall(rb"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----\n", pem, re.DOTALL):
            text = run("openssl", "x509", "-noout", "-ext", "keyUsage", data=one).stdout
            if b"Non Repudiation" in text:
                return run("openssl", "x509", "-outform", "DER", data=one).stdout
        raise AssertionError(pem)

    def ask(self, act, path, **members):
        """A question of the verifier, signed by openssl."""
        frame = {"origin": ORIGIN, "act": act, "at": self.now(), "nonce": encode(secrets.token_bytes(32)),
                 "request_id": secrets.token_hex(8)}
        request = json.dumps({**frame, **members}).encode()
        signature = run("openssl", "cms", "-sign", "-binary", "-outform", "DER", "-signer", self.pem, "-inkey", self.key,
                        data=request).stdout
        body = {"request": encode(request), "signature": encode(signature)}
        return ask(f"{self.home}/authority/verifier.sock", "POST", f"/v1/verifier/{path}", body)

    def hand_on(self, name, document):
        text, signature = self.sign(name, document)
        return self.ask("consent", "consents", document=encode(text), signature=encode(signature))

    def latest(self, certificate, **more):
        status, body = self.ask("latest", "latest", provider="bank", service="accounts", certificate=encode(certificate),
                                **more)
        assert status == 200, (status, body)
        return body

    def fees(self):
        month = self.ctl("fees", "--verifier", "pf", "--month", self.month())
        return json.loads(month.stdout)["statements"]

    def month(self):
        return subprocess.run(["date", "-d", f"@{self.now()}", "+%Y-%m"], env={"TZ": "Asia/Tokyo", **self.env},
                              stdout=subprocess.PIPE, check=True).stdout.decode().strip()

    def pid(self, name):
        rows = json.loads(self.sandbox("status", "--json").stdout)["programs"]
        return next(row["pid"] for row in rows if row["name"] == name)

    def close(self):
        self.sandbox("down")
        self.dir.close()


def encode(data):
    return base64.b64encode(data).decode()


@test
def a_body_becomes_a_verifier_step_by_step(site):
    def state(*argv):
        return json.loads(site.ctl("verifier", *argv).stdout)["state"]

    assert site.ctl("verifier", "apply", "pf", check=False).returncode == 2
    assert site.ctl("verifier", "certify", "pf", check=False).returncode != 0
    assert state("apply", "pf", "--title", "見本プラットフォーム", "--role", "platform") == "applied"
    assert site.ctl("verifier", "notify", "pf", check=False).returncode != 0
    assert state("cert", "pf", site.pem) == "applied"
    status, body = site.ask("link", "links", want="newest", issuer="00", serial=2)
    assert status == 422 and "no verifier" in body["detail"], body
    assert state("certify", "pf") == "certified"
    assert state("notify", "pf", "--provider", "bank", "--provider-title", "見本銀行", "--service", "accounts",
                 "--service-title", "口座") == "active"
    listed = json.loads(site.ctl("verifier", "list").stdout)["parties"]
    assert [row["state"] for row in listed if row["name"] == "pf"] == ["active"], listed
    assert state("suspend", "pf") == "suspended"
    assert site.ask("link", "links", want="newest", issuer="00", serial=2)[0] == 422
    assert state("resume", "pf") == "active"
    assert site.ask("link", "links", want="newest", issuer="00", serial=2)[1]["outcome"] == "unknown"
    shown = json.loads(site.ctl("verifier", "show", "pf").stdout)
    assert shown["services"][0]["service"] == "accounts" and len(shown["services"][0]["polling_id"]) == 32, shown


@test
def a_consent_is_for_a_service_that_notice_was_given_of(site):
    now = site.now()
    status, body = site.hand_on("other.json", {**CONSENT, "service": "loans", "attributes": ["name"], "at": now})
    assert status == 403 and "no notice" in body["detail"], body
    status, body = site.hand_on("consent.json", {**CONSENT, "attributes": ["name", "address"], "at": now})
    assert status == 201 and body["withdrawn_at"] is None, body
    assert (body["valid_from"] + 9 * 3600) % 86400 == 0 and now < body["valid_from"] <= now + 86400, body
    site.old = site.certificate("consent.json")
    assert site.latest(site.old) == {"outcome": "consent-not-yet-valid"}


@test
def after_a_move_the_newer_address_is_told_and_charged_once(site):
    site.sandbox("move", "hanako", "--address", NEW_HOME, "--municipality", "28100")
    site.sandbox("clock", "+1d")
    told = site.latest(site.old, request_id="hit-1")
    assert told["outcome"] == "given" and told["attributes"]["address"] == NEW_HOME, told
    assert set(told["attributes"]) == {"name", "name_substitutes", "address", "address_substitutes"}, told
    trace = site.sandbox("trace").stdout.decode()
    assert "F5 ⑦" in trace and "F5 ⑧" in trace, trace
    os.kill(site.pid("jpki-authorityd"), signal.SIGKILL)
    again = {}

    def answers():
        try:
            again.update(site.latest(site.old, request_id="hit-1"))
        except (OSError, AssertionError):
            return False
        return True
    wait_until("the authority is there again", answers)
    assert again == told, again
    wait_until("the card is in the reader", lambda: site.jpki("card", "info").returncode == 0)
    site.sign("new.json", {})
    assert site.latest(site.certificate("new.json")) == {"outcome": "not-revoked"}
    link = site.ask("link", "links", want="newest", certificate=encode(site.old))[1]
    assert (link["outcome"], link["serial"]) == ("found", told["serial"]), link
    [statement] = site.fees()
    assert statement["yen"] == 20, statement
    assert {"item": "attributes", "count": 1, "yen_each": 20, "yen": 20} in statement["lines"], statement


@test
def what_the_responder_answers_is_counted_though_it_dies(site):
    anchor = f"{site.home}/anchors/sign.pem"
    with open(site.dir.file("old.pem"), "wb") as f:
        f.write(run("openssl", "x509", "-inform", "DER", data=site.old).stdout)
    url = json.loads(site.sandbox("status", "--json").stdout)["urls"]["ocsp"] + "/sign"

    def question():
        done = run("openssl", "ocsp", "-issuer", anchor, "-cert", site.dir.file("old.pem"), "-url", url, "-noverify",
                   "-signer", site.pem, "-signkey", site.key, check=False)
        return b"revoked\n" in done.stdout  # for openssl, which goes by the machine's time, not yet

    def counted():
        [statement] = site.fees()
        return sum(line["count"] for line in statement["lines"] if line["item"] == "sign-check")
    wait_until("the responder knows the verifier", question)
    answered = 1 + sum(question() for _ in range(4))
    assert answered == 5
    os.kill(site.pid("jpki-ocspd"), signal.SIGKILL)
    wait_until("all that was answered is counted", lambda: counted() == answered)
    [statement] = site.fees()
    assert statement["yen"] == 20, statement  # checks are waived, says the table that comes along


@test
def the_holder_sees_it_and_ends_it_at_once(site):
    alone = {name: value for name, value in site.env.items() if name != "JPKI_AUTHORITY"}
    refused = subprocess.run([program("jpki"), "consent", "list", "--pin-fd", "0"], input=b"9999", env=alone,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    assert refused.returncode == 2 and b"J-LIS" in refused.stderr, refused
    listed = site.jpki("consent", "list", "--json", secret=PIN)
    assert listed.returncode == 0, listed
    view = json.loads(listed.stdout)
    [given] = view["consents"]
    assert given["provider_title"] == "見本銀行" and given["attributes"] == ["name", "address"], given
    assert [row["consent"] for row in view["disclosures"]] == [given["id"]], view
    text = site.jpki("consent", "list", secret=PIN).stdout.decode()
    assert "見本銀行" in text and given["id"] in text and "Last told" in text, text
    assert site.jpki("consent", "withdraw", given["id"], secret=PIN).returncode == 2  # nobody agreed
    assert site.jpki("consent", "withdraw", "0" * 32, "--yes", secret=PIN).returncode != 0
    assert site.latest(site.old, request_id="hit-1")["outcome"] == "given"
    done = site.jpki("consent", "withdraw", given["id"], "--yes", "--json", secret=PIN)
    assert done.returncode == 0 and json.loads(done.stdout)["consent"] == given["id"], done
    assert site.latest(site.old) == {"outcome": "consent-withdrawn"}
    assert site.latest(site.old, request_id="hit-1") == {"outcome": "consent-withdrawn"}
    [statement] = site.fees()
    assert statement["yen"] == 20, statement
    polling_id = json.loads(site.ctl("verifier", "show", "pf").stdout)["services"][0]["polling_id"]
    changes = site.ask("consent-changes", "consent-changes", polling_id=polling_id, since=0)[1]["changes"]
    assert [row["state"] for row in changes] == ["given", "withdrawn"], changes


@test
def no_number_of_a_certificate_is_in_the_audit_log(site):
    log = run(program("jpkictl"), "audit", "list", "--socket", f"{site.home}/authority/authority.sock", "--json").stdout
    records = [record for line in log.decode().splitlines() for record in json.loads(line)["records"]]
    acts = {record["act"] for record in records}
    assert {"link.answered", "latest.answered", "consent.given", "consent.withdrawn", "usage.counted"} <= acts, acts
    assert all(set(record) == {"seq", "at", "actor", "act", "subject", "commitment", "outcome", "trace_id", "leaf"}
               for record in records)
    assert {record["actor"] for record in records if record["act"] == "latest.answered"} == {"verifier:pf"}


if __name__ == "__main__":
    main(Site)
