#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Three generations of the sign CA live at once: certificates, lists and OCSP of each, judged by openssl."""
import os
import random
import re
import subprocess
import time

from harness import UnixConnection, ask, main, run, test, wait_until, write_text
from rsa_keys import requests
from test_ocspd import AUTHORITYD, HOLDER, Site, end_of_day

KILLS = 6
LIST = "sign-Tokyo-to-Chiyoda-ku"


class Generations(Site):
    """The site of test_ocspd with keys for generations 2 and 3 of the sign CA."""

    def __init__(self):
        self.keys = requests()
        super().__init__()
        self.authority_conf = self.dir.file("authority.conf")
        self.serials = {}
        self.leaf = {}

    @staticmethod
    def ca_keys():
        keys = Site.ca_keys()
        return keys | {f"sign-ca-g{n}": keys["sign-ca"] for n in (2, 3)}

    def make_signer(self, zone, keys):
        if zone == "ocsp":
            keys = keys | {f"ocsp-sign-g{n}": "role = ocsp\n" for n in (2, 3)}
        return super().make_signer(zone, keys)

    def ca(self, n):
        return self.dir.file("sign-ca.pem" if n == 1 else f"sign-ca-g{n}.pem")

    def responder(self, n):
        return self.dir.file("sign-ocsp.pem" if n == 1 else f"sign-ocsp-g{n}.pem")

    def init_ca(self, *words, check=True):
        return run(AUTHORITYD, "init-ca", "--config", self.authority_conf, *words, check=check)

    def rotate(self, n):
        """The next generation, with its responder; the authority is not running meanwhile."""
        write_text(self.ca(n), self.init_ca("--generation", str(n), "sign").stdout.decode())
        pem = run(AUTHORITYD, "issue-ocsp", "--config", self.authority_conf, "--generation", str(n), "sign").stdout
        write_text(self.responder(n), pem.decode())

    def issue_of(self, n):
        """A certificate, which has to be of that generation."""
        self.requests += 1
        status, body = self.send(self.request_body())
        assert status == 200, body
        path = self.dir.file("csr", f"{body['serial']}.pem")
        write_text(path, "-----BEGIN CERTIFICATE-----\n" + "\n".join(
            re.findall(".{1,64}", body["certificate"])) + "\n-----END CERTIFICATE-----\n")
        run("openssl", "verify", "-CAfile", self.ca(n), "-partial_chain", path)
        self.leaf[body["serial"]] = path
        self.serials.setdefault(n, []).append(body["serial"])
        return body["serial"]

    def request_body(self):
        return {"request_id": f"g-{self.requests}", "kind": "sign", "request": next(self.keys),
                "not_after": end_of_day(100), "prefecture": "Tokyo-to", "window_id": "13101003A",
                "municipality": "Chiyoda-ku", "holder": HOLDER}

    def fetch_list(self, name):
        """In PEM, from the authority."""
        connection = UnixConnection(self.authority.path, 20)
        connection.request("GET", "/v1/crls/" + name)
        answer = connection.getresponse()
        der = answer.read()
        assert answer.status == 200, (name, der)
        pem = self.dir.file(name + ".crl")
        write_text(pem, run("openssl", "crl", "-inform", "DER", data=der).stdout.decode())
        return pem

    def configure_all(self):
        several = {key: "\n".join(f"{value if i == 0 else key + ' = ' + value}" for i, value in enumerate(values))
                   for key, values in (("sign_ca", [self.ca(n) for n in (1, 2, 3)]),
                                       ("sign_certificate", [self.responder(n) for n in (1, 2, 3)]),
                                       ("sign_key", ["ocsp-sign", "ocsp-sign-g2", "ocsp-sign-g3"]))}
        self.configure(**several)

    def says(self, n, serial, digest=None):
        """What the responder says about a number under the key of a generation."""
        text = run("openssl", "ocsp", "-url", f"{self.base}/sign", "-issuer", self.ca(n), "-CAfile", self.ca(n),
                   "-timeout", "10", *([digest] if digest else []), "-serial", str(serial), "-signer",
                   self.dir.file("bank.pem"), "-signkey", self.dir.file("bank.key"), check=False)
        text = text.stdout.decode() + text.stderr.decode()
        if "Responder Error" in text:
            return text
        assert "Response verify OK" in text and "WARNING" not in text, text
        return re.search(rf"^{serial}: (\w+)", text, re.MULTILINE).group(1)


@test
def a_generation_is_refused_that_is_skipped_or_has_no_key(site):
    site.authority.stop()
    for words, says in (
        (("--generation", "3", "sign"), "generation 2 of the sign CA is not made yet"),
        (("--generation", "2", "auth"), "no key auth-ca-g2"),
        (("--generation", "0", "sign"), "--generation is a number from 1 to 9"),
        (("--generation", "10", "sign"), "--generation is a number from 1 to 9"),
        (("--from", "2030-01-01", "sign"), "--from is for later generations"),
        (("--generation", "2", "--from", "2030-02-30", "sign"), "--from"),
    ):
        done = site.init_ca(*words, check=False)
        assert done.returncode != 0 and says in done.stderr.decode(), (words, done)
    site.authority.start()
    assert ask(site.authority.path, "GET", "/v1/cas/sign?generation=2")[0] == 404
    site.issue_of(1)
    site.issue_of(1)


@test
def killed_at_any_moment_a_generation_is_made_once(site):
    site.authority.stop()
    moments = random.Random(7)
    for _ in range(KILLS):
        with subprocess.Popen([AUTHORITYD, "init-ca", "--config", site.authority_conf, "--generation", "2", "sign"],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as made:
            time.sleep(moments.uniform(0.005, 0.08))
            made.kill()
    site.rotate(2)
    first = site.init_ca("--generation", "2", "sign").stdout
    assert first.decode() == open(site.ca(2), encoding="ascii").read()
    serial = run("openssl", "x509", "-in", site.ca(2), "-noout", "-serial").stdout.decode()
    assert int(serial.split("=")[1], 16) == max(site.serials[1]) + 1, serial
    names = {run("openssl", "x509", "-in", site.ca(n), "-noout", "-subject").stdout for n in (1, 2)}
    assert len(names) == 1
    site.authority.start()
    site.issue_of(2)
    site.issue_of(2)


@test
def a_third_one_issues_while_two_are_in_force(site):
    site.authority.stop()
    site.rotate(3)
    site.authority.start()
    site.issue_of(3)
    site.issue_of(3)
    answer = ask(site.authority.path, "GET", "/v1/cas/sign")[1]
    assert answer["generation"] == 3
    numbers = [serial for n in (1, 2, 3) for serial in site.serials[n]]
    assert len(set(numbers)) == 6 and numbers == sorted(numbers)
    # By the key of another generation none of them is one of its certificates.
    for n in (1, 2, 3):
        for other in {1, 2, 3} - {n}:
            for serial in site.serials[n]:
                done = run("openssl", "verify", "-CAfile", site.ca(other), "-partial_chain", site.leaf[serial],
                           check=False)
                assert done.returncode != 0, (n, other)


@test
def each_list_is_by_its_generation_and_openssl_finds_the_right_one(site):
    for n in (1, 2, 3):
        site.revoke("sign", site.serials[n][0], "superseded")
    assert ask(site.authority.path, "POST", "/v1/crls")[0] == 201
    names = {1: LIST, 2: LIST + "-g2", 3: LIST + "-g3"}
    pems = {n: site.fetch_list(name) for n, name in names.items()}
    for n, pem in pems.items():
        for other in (1, 2, 3):
            text = run("openssl", "crl", "-in", pem, "-noout", "-CAfile", site.ca(other), check=False).stderr.decode()
            assert ("verify OK" in text) == (n == other), (n, other, text)
        text = run("openssl", "crl", "-in", pem, "-noout", "-text").stdout.decode()
        listed = [int(found, 16) for found in re.findall(r"Serial Number: ([0-9A-F]+)", text)]
        assert listed == [site.serials[n][0]], (n, listed)
    # All anchors and all lists in one heap: same names, same distribution points.
    anchors, lists = site.dir.file("all.pem"), site.dir.file("all.crl")
    write_text(anchors, "".join(open(site.ca(n), encoding="ascii").read() for n in (1, 2, 3)))
    write_text(lists, "".join(open(pems[n], encoding="ascii").read() for n in (3, 1, 2)))
    for n in (1, 2, 3):
        revoked, good = site.serials[n]
        argv = ["openssl", "verify", "-CAfile", anchors, "-CRLfile", lists, "-crl_check", "-extended_crl"]
        run(*argv, site.leaf[good])
        done = run(*argv, site.leaf[revoked], check=False)
        assert "certificate revoked" in done.stderr.decode(), done


@test
def each_responder_answers_for_its_generation_and_knows_no_other_numbers(site):
    site.configure_all()
    site.register("bank")
    site.ocspd.start()
    wait_until("ready", lambda: ask(site.socket, "GET", "/readyz")[0] == 200)
    for digest in (None, "-sha256"):
        for n in (1, 2, 3):
            for owner in (1, 2, 3):
                revoked, good = site.serials[owner]
                expected = ("revoked", "good") if n == owner else ("unknown", "unknown")
                assert (site.says(n, revoked, digest), site.says(n, good, digest)) == expected, (n, owner)
    # Kept answers, too: those of the same number under two keys are two.
    revoked, good = site.serials[2]
    for _ in range(3):
        assert site.says(2, good) == "good" and site.says(1, good) == "unknown"
        assert site.says(2, revoked) == "revoked" and site.says(3, revoked) == "unknown"


@test
def what_is_revoked_later_is_told_by_its_responder_alone(site):
    good = site.serials[1][1]
    site.revoke("sign", good, "keyCompromise")
    wait_until("revoked", lambda: site.says(1, good) == "revoked")
    assert site.says(3, good) == "unknown"


@test
def a_responder_with_settings_of_unequal_number_does_not_start(site):
    site.ocspd.stop()
    site.configure(sign_ca=site.ca(1) + "\nsign_ca = " + site.ca(2))
    done = run(site.ocspd.argv[0], "--config", site.config, check=False)
    assert done.returncode == 2 and "equally often" in done.stderr.decode(), done
    site.configure(sign_ca=site.ca(2), sign_key="ocsp-sign")
    done = run(site.ocspd.argv[0], "--config", site.config, check=False)
    assert done.returncode == 2 and os.path.basename(site.responder(1)) in done.stderr.decode(), done


if __name__ == "__main__":
    main(Generations)
