#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A sandbox that gets a second generation of its CAs: cards of before and after, side by side."""
import json
import os
import re
import subprocess

from harness import ask, main, program, run, test, wait_until
from test_sandbox import Sandbox, environment
from test_sandbox_clock import execute
from test_sandbox_timing import Real


class Generations(Real):
    """A card is issued by the first generation; then the sandbox is started again with two."""

    def __init__(self):  # pylint: disable=super-init-not-called
        self.box = Sandbox(is_new=False).start()
        self.box.call("persona", "card", "hanako")
        self.first = self.certificate("hanako", "first")
        assert self.box.stop() == 0
        self.box.start("--generations", "2")

    def anchor(self, name):
        return self.path("anchors", name + ".pem")

    def key_id(self, pem, which):
        text = run("openssl", "x509", "-in", pem, "-noout", "-ext", which).stdout.decode()
        return re.search(r"((?:[0-9A-F]{2}:){19}[0-9A-F]{2})", text).group(1)

    def serial(self, pem):
        return int(run("openssl", "x509", "-in", pem, "-noout", "-serial").stdout.decode().split("=")[1], 16)

    def find(self, pem):
        return json.loads(execute(self.box.dir, "jpkictl", "cert", "find", "--json", "--socket",
                                  self.path("authority", "authority.sock"), "--kind", "sign", "--serial",
                                  str(self.serial(pem))).stdout)

    def login(self, name):
        """Who the holder of the card that was put in last is for a provider; None if he was refused."""
        row = next(row for row in json.loads(self.box.call("persona", "list", "--json").stdout)["personas"]
                   if row["name"] == name)
        env = environment(self.box)
        done = subprocess.run(
            [program("jpki"), "login", env["JPKI_PLATFORM"], "--client", "sample-bank", "--yes", "--json",
             "--pin-fd", "0"], env=env, input=row["pin_auth"].encode() + b"\n", stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, check=False, timeout=60)
        return json.loads(done.stdout)["sub"] if done.returncode == 0 else None

    def verify(self, pem):
        """How jpki verify ends for what the card signed for certificate() under that name."""
        env = environment(self.box)
        return subprocess.run(
            [program("jpki"), "verify", pem.replace(".pem", ".txt"), "--platform", env["JPKI_PLATFORM"]], env=env,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False, timeout=60).returncode

    def close(self):
        self.box.close()


@test
def what_is_no_number_of_generations_is_refused(site):
    for number in ("0", "4", "two"):
        done = site.box.call("up", "--generations", number, expect=2)
        assert "--generations is a number from 1 to 3" in done.stderr.decode(), done


@test
def the_card_of_before_keeps_its_certificate_and_the_next_one_is_of_the_new_key(site):
    assert os.path.exists(site.anchor("sign-g2")) and os.path.exists(site.anchor("auth-g2"))
    site.same = site.certificate("hanako", "again")
    assert site.serial(site.same) == site.serial(site.first)
    site.box.call("persona", "card", "john")
    site.second = site.certificate("john", "second")
    for pem, anchor, other in ((site.first, "sign", "sign-g2"), (site.second, "sign-g2", "sign")):
        run("openssl", "verify", "-partial_chain", "-CAfile", site.anchor(anchor), pem)
        assert run("openssl", "verify", "-partial_chain", "-CAfile", site.anchor(other), pem,
                   check=False).returncode != 0
        issuer = site.key_id(site.anchor(anchor), "subjectKeyIdentifier")
        assert site.key_id(pem, "authorityKeyIdentifier") == issuer
    assert site.find(site.first)["generation"] == 1 and site.find(site.second)["generation"] == 2


@test
def cards_of_both_generations_log_in_and_are_verified(site):
    """hanako's card, of the first one, is put in again; then john's, of the second."""
    subjects = {}
    for name, pem in (("hanako", site.same), ("john", site.second)):
        site.box.call("persona", "card", name)
        wait_until(name + " logs in", lambda name=name: subjects.update({name: site.login(name)}) or subjects[name], 60)
        wait_until("the signature is valid", lambda pem=pem: site.verify(pem) == 0, 60)
    assert len(set(subjects.values())) == 2, subjects


@test
def both_are_good_by_ocsp_and_each_in_its_list(site):
    for pem in (site.first, site.second):
        wait_until("good", lambda pem=pem: site.status(pem)["status"] == "good")
    lists = {row["name"]: row for row in ask(site.path("authority", "authority.sock"), "GET", "/v1/crls")[1]["crls"]}
    assert {"sign-full", "sign-full-g2", "auth-full", "auth-full-g2", "sign-arl-g2"} <= lists.keys(), lists.keys()
    assert lists["sign-full-g2"]["generation"] == 2 and lists["sign-full"]["generation"] == 1


@test
def a_revocation_of_the_older_one_is_told_by_the_older_one(site):
    serial = site.serial(site.first)
    answer = ask(site.path("authority", "authority.sock"), "POST", "/v1/revocations",
                 {"request_id": "generations-1", "kind": "sign", "serial": serial, "reason": "superseded"})
    assert answer[0] == 201, answer
    wait_until("revoked", lambda: site.status(site.first)["status"] == "revoked")
    assert site.status(site.second)["status"] == "good"


@test
def it_stays_so_when_it_is_started_without_the_option(site):
    assert site.box.stop() == 0
    site.box.start()
    site.second = site.certificate("john", "third")
    wait_until("good", lambda: site.status(site.second)["status"] == "good")
    assert site.status(site.first)["status"] == "revoked"


if __name__ == "__main__":
    main(Generations)
