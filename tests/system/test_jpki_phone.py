#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""jpki phone: hanako's card enrols a phone whose keys OpenSSL has made, and puts it on hold."""
import json
import os
import re
import subprocess

import prepared
from harness import Directory, main, program, run, test, wait_until

PASSWORD = "ABC123"
KEYS = {"authority", "out", "sign_serial", "auth_serial", "not_after"}


class Sandbox:
    """A sandbox with hanako's card, and what a phone has: two keys and a request for each."""

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
        for phone in ("a", "b"):
            os.mkdir(self.dir.file(phone))
            for key in ("sign", "auth"):
                run("openssl", "req", "-new", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=phone", "-outform", "DER",
                    "-keyout", self.file(phone, f"{key}.key"), "-out", self.file(phone, f"{key}.csr"))

    def file(self, phone, name):
        return os.path.join(self.dir.file(phone), name)

    def sandbox(self, *argv):
        return run(program("jpki-sandbox"), *argv, "--dir", self.home)

    def jpki(self, *argv, secret=None, **more):
        if secret is not None:
            argv = (*argv, "--pin-fd", "0")
        return subprocess.run([program("jpki"), *argv], input=(secret or "").encode(), stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, env=self.env | more, timeout=60, check=False)

    def enrol(self, phone, *argv, auth="auth.csr", secret=PASSWORD, **more):
        return self.jpki("phone", "enrol", "--sign-request", self.file(phone, "sign.csr"), "--auth-request",
                         self.file(phone, auth), "--out", self.dir.file(phone), *argv, secret=secret, **more)

    def tries(self):
        pins = json.loads(self.jpki("pin", "status", "--json").stdout)["pins"]
        return next(pin["tries_left"] for pin in pins if pin["name"] == "sign")

    def revoked(self):
        """serial -> reason, of the sign certificates, from the authority's own list."""
        page = json.loads(run("curl", "-s", "--unix-socket", f"{self.home}/authority/authority.sock",
                              "http://x/v1/revocations?since=0").stdout)
        return {(entry["kind"], entry["serial"]): entry["reason"] for entry in page["entries"]}

    def text(self, phone, name):
        return run("openssl", "x509", "-in", self.file(phone, name), "-noout", "-text").stdout.decode()

    def close(self):
        self.sandbox("down")
        self.dir.close()


def expect(done, code, *words):
    text = (done.stdout + done.stderr).decode()
    assert done.returncode == code and all(word in text for word in words), done
    assert PASSWORD not in text, text


@test
def what_cannot_be_is_refused_before_the_password(box):
    expect(box.enrol("a", "--yes", secret="WRONG1", JPKI_AUTHORITY=""), 2, "My Number Portal")
    expect(box.enrol("a", "--yes", secret="WRONG1", auth="sign.csr"), 2, "one key")
    expect(box.enrol("a", "--yes", secret="WRONG1", auth="sign.key"), 2, "no PKCS#10")
    expect(box.enrol("a", "--yes", secret="WRONG1", auth="nothing"), 2, "nothing")
    expect(box.enrol("a", secret="WRONG1"), 2, "--yes")
    os.rename(box.file("a", "auth.csr"), box.file("a", "auth.pem"))
    expect(box.enrol("a", "--yes", "--force", auth="auth.pem", secret="WRONG1"), 2, "is the file that is read")
    os.rename(box.file("a", "auth.pem"), box.file("a", "auth.csr"))
    expect(box.jpki("phone", "suspend", secret="WRONG1"), 2, "--yes")
    assert box.tries() == 5


@test
def without_a_phone_none_is_put_on_hold(box):
    expect(box.jpki("phone", "suspend", "--yes", secret=PASSWORD), 1, "no phone")


@test
def a_phone_has_certificates_for_its_keys_that_openssl_takes(box):
    done = box.enrol("a", "--yes", "--json")
    expect(done, 0, "The phone you had before ends")
    told = json.loads(done.stdout)
    assert set(told) == KEYS and told["authority"] == box.env["JPKI_AUTHORITY"], told
    for kind, policy in (("sign", "1.2.392.200149.8.5.1.1.40"), ("auth", "2.999.8.5.1.3.40")):
        run("openssl", "verify", "-CAfile", box.file("a", f"{kind}-ca.pem"), "-ignore_critical", box.file("a", f"{kind}.pem"))
        assert policy in box.text("a", f"{kind}.pem"), kind
        pair = [run("openssl", "pkey", "-in", box.file("a", f"{kind}.key"), "-pubout").stdout,
                run("openssl", "x509", "-in", box.file("a", f"{kind}.pem"), "-noout", "-pubkey").stdout]
        assert pair[0] == pair[1], kind
    assert box.revoked() == {}
    expect(box.enrol("a", "--yes", secret="WRONG1"), 2, "sign.pem")


@test
def the_next_phone_ends_the_one_before(box):
    first = json.loads(box.enrol("b", "--yes", "--json").stdout)
    assert sorted(box.revoked().values()) == ["superseded", "superseded"], box.revoked()
    assert ("sign", first["sign_serial"]) not in box.revoked()


@test
def a_lost_phone_is_put_on_hold_once(box):
    done = box.jpki("phone", "suspend", "--yes", "--json", secret=PASSWORD)
    expect(done, 0, "neither signs nor logs in")
    assert set(json.loads(done.stdout)) == {"authority", "held_at"}, done
    assert sorted(box.revoked().values()).count("certificateHold") == 2, box.revoked()
    expect(box.jpki("phone", "suspend", "--yes", secret=PASSWORD), 1, "no phone")


if __name__ == "__main__":
    main(Sandbox)
