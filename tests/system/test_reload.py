#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""jpki-ocspd takes new certificates and keys at SIGHUP, under load, all of them or none."""
import os
import re
import shutil
import signal
import threading
import time

import test_ocspd
from harness import UnixConnection, main, read_text, run, test, wait_until, write_text

SIGHUPS = 20
ASKERS = 3


class Site(test_ocspd.Site):
    """With a second key for each responder."""

    def make_signer(self, zone, keys):
        if zone == "ocsp":
            keys = keys | {"ocsp-sign-2": "role = ocsp\n", "ocsp-auth-2": "role = ocsp\n"}
        return super().make_signer(zone, keys)

    def __init__(self):
        super().__init__()
        self.second = self.issue_second()
        self.register("bank")
        self.ocspd.start()
        self.serial = self.issue("sign")
        wait_until("good", lambda: self.status("sign", self.serial) == "good", 60)

    def issue_second(self):
        """Certificates of the second keys; their names by the settings."""
        config = self.dir.file("second.conf")
        write_text(config, read_text(self.dir.file("authority.conf"))
                   + "ocsp_sign_key = ocsp-sign-2\nocsp_auth_key = ocsp-auth-2\n")
        settings = {}
        self.authority.stop()
        for kind in ("sign", "auth"):
            path = self.dir.file(kind + "-ocsp-2.pem")
            write_text(path, run(test_ocspd.AUTHORITYD, "issue-ocsp", "--config", config, kind).stdout.decode())
            settings |= {kind + "_key": f"ocsp-{kind}-2", kind + "_certificate": path}
        self.authority.start()
        return settings

    def metric(self, name):
        connection = UnixConnection(self.socket, 30)
        connection.request("GET", "/metrics")
        answer = connection.getresponse()
        assert answer.status == 200 and answer.getheader("Content-Type").startswith("text/plain"), answer.status
        return int(re.search(rf"^{re.escape(name)} (-?\d+)$", answer.read().decode(), re.MULTILINE).group(1))

    def reloads(self, result):
        return self.metric(f'jpki_reloads_total{{result="{result}"}}')

    def hang_up(self):
        """Have it reload; what it says of that in its log, and whether it took what it found."""
        before = read_text(self.ocspd.log)
        done, refused = self.reloads("done"), self.reloads("refused")
        self.ocspd.process.send_signal(signal.SIGHUP)
        wait_until("an end of the reload", lambda: self.reloads("done") + self.reloads("refused") > done + refused, 60)
        said = [line for line in read_text(self.ocspd.log)[len(before):].splitlines() if "service.reload" in line]
        assert len(said) == 1, said
        return self.reloads("done") > done, said[0]

    def responder(self):
        """The key that signs: its key identifier, as OpenSSL sees it in an answer."""
        text = self.openssl("sign", self.serial, "-resp_text")
        return re.search(r"Responder Id: (\S+)", text).group(1)


def refuse(site, words, **changes):
    site.configure(**changes)
    taken, said = site.hang_up()
    assert not taken and words in said, (words, said)
    assert site.status("sign", site.serial) == "good"


@test
def what_is_broken_is_not_taken_and_the_old_goes_on(site):
    before = site.responder()
    broken, other = site.dir.file("broken.pem"), site.dir.file("auth-ocsp.pem")
    write_text(broken, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    refuse(site, "broken.pem", sign_certificate=broken)
    refuse(site, "nothing.pem", sign_certificate=site.dir.file("nothing.pem"))
    refuse(site, "auth-ocsp.pem", sign_certificate=other)
    refuse(site, "no key colour", colour="red")
    refuse(site, "not for signerd's key ocsp-sign-2", sign_key="ocsp-sign-2")
    refuse(site, "absent", sign_key="ocsp-nothing")
    assert site.responder() == before


@test
def what_only_a_restart_changes_is_refused_by_name(site):
    for key, value in (("poll_ms", 60), ("valid_s", 60), ("keep_answers", 0), ("signer", "/nonexistent/s.sock"),
                       ("renew_days", 1)):
        refuse(site, f"{key} changes by a restart only", **{key: value})


@test
def without_its_signerd_it_keeps_what_it_has(site):
    site.signer_ocsp.kill()
    site.configure(**site.second)
    taken, said = site.hang_up()
    assert not taken and "reload_refused" in said, said
    site.signer_ocsp.start()
    wait_until("good", lambda: site.status("sign", site.serial) == "good", 60)


@test
def other_keys_answer_after_a_reload(site):
    before = site.responder()
    site.configure(**site.second)
    taken, said = site.hang_up()
    assert taken and "service.reloaded" in said, said
    assert site.status("sign", site.serial) == "good" and site.responder() != before
    site.configure()
    assert site.hang_up()[0] and site.responder() == before


@test
def no_answer_is_lost_while_reloads_come(site):
    request, end = site.dir.file("request.der"), threading.Event()
    # The second request has a nonce and is signed for each asker anew.
    for name, more in (("request.der", ["-no_nonce"]), ("nonce.der", ["-nonce"])):
        run("openssl", "ocsp", "-issuer", site.dir.file("sign-ca.pem"), "-serial", str(site.serial), *more,
            "-signer", site.dir.file("bank.pem"), "-signkey", site.dir.file("bank.key"),
            "-reqout", site.dir.file(name))
    bodies = [open(site.dir.file(name), "rb").read() for name in ("request.der", "nonce.der")]
    bad, counts = [], [0] * ASKERS

    def keep_asking(who):
        while not end.is_set():
            status, answer = site.raw("POST", "/sign", bodies[counts[who] % 2])
            # OCSPResponse: SEQUENCE (two octets of length), ENUMERATED successful.
            if status != 200 or answer[4:7] != b"\x0a\x01\x00":
                bad.append((status, answer[:16]))
            if counts[who] % 50 == 0 and site.status("sign", site.serial) != "good":
                bad.append("openssl")
            counts[who] += 1

    askers = [threading.Thread(target=keep_asking, args=(i,)) for i in range(ASKERS)]
    for asker in askers:
        asker.start()
    for i in range(SIGHUPS):
        site.configure(**(site.second if i % 2 == 0 else {}))
        assert site.hang_up()[0]
        seen = list(counts)
        wait_until("answers go on", lambda: all(a > b for a, b in zip(counts, seen)), 60)
    end.set()
    for asker in askers:
        asker.join()
    assert not bad and os.path.getsize(request) > 0, bad[:3]
    print(f"# {sum(counts)} answers while {SIGHUPS} reloads came", flush=True)


@test
def a_certificate_replaced_under_its_name_is_taken(site):
    """As a program that fetches certificates does it: rename(2)."""
    path = site.dir.file("sign-ocsp.pem")
    kept = read_text(path)
    new = site.dir.file("new.pem")
    shutil.copy(site.second["sign_certificate"], new)
    os.rename(new, path)
    site.configure(sign_key="ocsp-sign-2")
    before = site.responder()
    assert site.hang_up()[0]
    wait_until("the second key answers", lambda: site.responder() != before)
    write_text(path, kept)
    site.configure()
    assert site.hang_up()[0] and site.responder() == before


@test
def metrics_tell_when_certificates_end(site):
    text = run("openssl", "x509", "-in", site.dir.file("sign-ocsp.pem"), "-noout", "-enddate", "-dateopt",
               "iso_8601").stdout.decode()
    ends = time.strftime("%Y-%m-%d %H:%M:%SZ",
                         time.gmtime(site.metric('jpki_ocsp_certificate_ends_seconds{kind="sign",place="0"}')))
    assert ends in text, (ends, text)
    assert site.metric('jpki_ocsp_certificate_ends_soon{kind="sign",place="0"}') == 0
    assert site.metric('jpki_ocsp_renewals_total{result="failed"}') == 0


if __name__ == "__main__":
    main(Site)
