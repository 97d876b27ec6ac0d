#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""jpki cert revoke: hanako's card and a sandbox; then whoever is asked knows it."""
import json
import os
import re
import subprocess

import prepared
from harness import Directory, free_port, main, program, run, test, wait_until, write_text

PASSWORD = "ABC123"
PIN = "1234"
KEYS = {"certificate", "serial", "authority", "revoked_at", "reason"}


class Sandbox:
    """A sandbox with hanako's card, by pcscd where that is permitted, else by the card's own socket."""

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
        self.document = self.dir.file("document")
        write_text(self.document, "document\n")
        assert self.jpki("sign", self.document, "--yes", secret=PASSWORD).returncode == 0
        wait_until("the responder knows both", lambda: self.verdict() == "valid" and self.status() == "good")

    def sandbox(self, *argv):
        return run(program("jpki-sandbox"), *argv, "--dir", self.home)

    def jpki(self, *argv, secret=None, **more):
        if secret is not None:
            argv = (*argv, "--pin-fd", "0")
        return subprocess.run([program("jpki"), *argv], input=(secret or "").encode(), stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, env=self.env | more, timeout=60, check=False)

    def revoke(self, *argv, secret=None, **more):
        return self.jpki("cert", "revoke", *argv, secret=secret, **more)

    def status(self, *kind):
        done = self.jpki("cert", "status", *kind, "--json", secret=PASSWORD if kind else None)
        return json.loads(done.stdout).get("status")

    def verdict(self):
        done = self.jpki("verify", self.document, "--platform", self.env["JPKI_PLATFORM"], "--json")
        return json.loads(done.stdout).get("verdict")

    def tries(self):
        pins = json.loads(self.jpki("pin", "status", "--json").stdout)["pins"]
        return {pin["name"]: pin["tries_left"] for pin in pins if pin["name"] in ("auth", "sign")}

    def audit(self):
        listed = run(program("jpkictl"), "audit", "list", "--socket", f"{self.home}/authority/authority.sock", "--json")
        return [line for line in listed.stdout.decode().split("{") if '"certificate.revoked"' in line]

    def close(self):
        self.sandbox("down")
        self.dir.close()


def expect(done, code, *words):
    text = (done.stdout + done.stderr).decode()
    assert done.returncode == code and all(word in text for word in words), done
    assert PASSWORD not in text, text


@test
def nothing_is_sent_without_an_authority_and_a_reason_of_the_holder(box):
    expect(box.revoke("--yes", secret="9999", JPKI_AUTHORITY=""), 2, "municipality", "J-LIS")
    expect(box.revoke("--yes", secret="9999", JPKI_AUTHORITY="", LC_ALL="ja_JP.UTF-8"), 2, "市区町村")
    expect(box.revoke("--yes", "--reason", "superseded", secret="9999"), 2, "keyCompromise")
    expect(box.revoke("--yes", "--authority", "http://ca.example", secret="9999"), 1, "this computer itself")
    expect(box.revoke("--yes", "--authority", box.env["JPKI_AUTHORITY"] + "/x", secret="9999"), 2, "authority")
    assert box.tries() == {"auth": 3, "sign": 5}


@test
def nobody_revokes_without_being_asked(box):
    expect(box.revoke("--sign", secret=PASSWORD), 2, "--yes", "cannot be undone")
    expect(box.revoke("--sign", "--yes", secret="WRONG1"), 4, "tries left: 4")
    assert box.audit() == []


@test
def an_authority_that_is_away_or_another_service_revokes_nothing(box):
    expect(box.revoke("--yes", "--authority", f"http://127.0.0.1:{free_port()}", secret=PIN), 5)
    expect(box.revoke("--yes", "--authority", box.env["JPKI_PLATFORM"], secret=PIN), 5)
    # The same authority under another name: what was signed is not for it.
    other = box.env["JPKI_AUTHORITY"].replace("127.0.0.1", "localhost")
    expect(box.revoke("--yes", "--authority", other, secret=PIN), 1, "another service")
    assert box.audit() == [] and box.status() == "good"


@test
def holders_reach_nothing_else_of_the_authority(box):
    for path in ("/v1/revocations", "/v1/cas/sign", "/v1/audit", "/v1/certificates/sign/2"):
        asked = run("curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", box.env["JPKI_AUTHORITY"] + path)
        assert asked.stdout == b"404", (path, asked)
    document = json.loads(run("curl", "-s", box.env["JPKI_AUTHORITY"] + "/openapi.json").stdout)
    paths = [path for path in document["paths"] if path.startswith("/v1/")]
    assert sorted(paths) == [
        "/v1/holder/consents", "/v1/holder/phones", "/v1/holder/phones/suspensions",
        "/v1/holder/revocations", "/v1/holder/withdrawals"], paths


@test
def a_sign_certificate_is_revoked_and_everybody_knows_and_auth_is_untouched(box):
    status = json.loads(box.sandbox("status", "--json").stdout)
    assert status["urls"]["authority"] == box.env["JPKI_AUTHORITY"]
    done = box.revoke("--sign", "--reason", "keyCompromise", "--yes", "--json", secret=PASSWORD)
    expect(done, 0, "for ever")
    first = json.loads(done.stdout)
    assert set(first) == KEYS and first["certificate"] == "sign" and first["reason"] == "keyCompromise", first
    assert first["authority"] == box.env["JPKI_AUTHORITY"], first
    wait_until("the responder says so", lambda: box.status("--sign") == "revoked")
    told = json.loads(box.jpki("cert", "status", "--sign", "--json", secret=PASSWORD).stdout)
    assert (told["serial"], told["revoked_at"], told["reason"]) == (
        first["serial"], first["revoked_at"], "keyCompromise"), (told, first)
    wait_until("the platform says so", lambda: box.verdict() == "invalid")
    assert box.status() == "good"
    login = box.jpki("login", box.env["JPKI_PLATFORM"], "--client", "sample-bank", "--yes", secret=PIN)
    assert login.returncode == 0, login
    assert len(box.audit()) == 1 and '"holder"' in box.audit()[0], box.audit()
    again = box.revoke("--sign", "--yes", "--json", secret=PASSWORD)
    assert again.returncode == 0 and json.loads(again.stdout) == first, again
    assert len(box.audit()) == 1


@test
def an_auth_certificate_is_revoked_with_its_pin(box):
    done = box.revoke("--yes", secret=PIN)
    expect(done, 0, "Revoked since ", ": cessationOfOperation")
    wait_until("the responder says so", lambda: box.status() == "revoked")
    login = box.jpki("login", box.env["JPKI_PLATFORM"], "--client", "sample-bank", "--yes", secret=PIN)
    assert login.returncode == 1, login


if __name__ == "__main__":
    main(Sandbox)
