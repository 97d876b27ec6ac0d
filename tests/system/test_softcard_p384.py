#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A card of the next generation by a CA of one's own: P-384 keys through every command, judged by openssl."""
import json
import os
import re
import subprocess
import time

from harness import Daemon, Directory, main, program, run, test, write_text

PASSWORD, PIN = "CANARY9PIN3", "4071"
PERSON = {
    "name": "見本　太郎",
    "address": "東京都千代田区見本町四丁目５番６号",
    "birth_date": "1980-02-17",
    "sex": "male",
    "mynumber": "900000000154",
    "municipality": "13101",
    "expiry": time.strftime("%Y-02-17", time.gmtime(time.time() + 9 * 366 * 86400)),
    "security_code": "2285",
    "pins": {"auth": PIN, "sign": PASSWORD, "text": "5082", "juki": "6093"},
}
SHA384, ECDSA = "sha384", "ecdsa-with-SHA384"


class Result:
    def __init__(self, done):
        self.code, self.out, self.err = done.returncode, done.stdout.decode(), done.stderr.decode()

    def json(self):
        return json.loads(self.out)

    def __repr__(self):
        return f"exit {self.code}, out {self.out!r}, err {self.err!r}"


class Site:
    def __init__(self):
        self.dir = Directory()
        self.ca, self.card, self.direct = self.dir.file("ca"), self.dir.file("card"), self.dir.file("direct")
        write_text(self.dir.file("person.json"), json.dumps(PERSON))
        done = self.make("card", "ca", "--option", "algorithm=p384")
        assert done.returncode == 0, done.stderr
        self.daemon = Daemon([program("jpki-softcard"), "serve", self.card, "--direct", self.direct], self.direct,
                             self.dir.file("log"))
        self.daemon.start()
        self.document = self.dir.file("document.txt")
        write_text(self.document, "これは試験です\n")

    def make(self, card, ca, *more):
        return run(program("jpki-softcard"), "make", "-o", self.dir.file(card), "--own-ca", self.dir.file(ca),
                   "--json", self.dir.file("person.json"), *more, check=False)

    def jpki(self, *argv, password=None, anchors=True):
        env = {"PATH": os.environ["PATH"], "LC_ALL": "C", "JPKI_READER": "direct:" + self.direct}
        env.update({key: value for key, value in os.environ.items() if key.endswith("SAN_OPTIONS")})
        if anchors:
            env |= {"JPKI_ANCHORS": self.anchors(), "JPKI_CARD_ANCHORS": os.path.join(self.ca, "card-anchors")}
        pipe = []
        if password is not None:
            reader, writer = os.pipe()
            os.write(writer, password.encode())
            os.close(writer)
            argv += ("--pin-fd", str(reader))
            pipe = [reader]
        try:
            return Result(subprocess.run([program("jpki"), *argv], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                         stderr=subprocess.PIPE, env=env, pass_fds=pipe, start_new_session=True,
                                         timeout=60, check=False))
        finally:
            for fd in pipe:
                os.close(fd)

    def must(self, *argv, **more):
        result = self.jpki(*argv, **more)
        assert result.code == 0, result
        assert PASSWORD not in result.out + result.err, result
        return result

    def anchors(self, name=""):
        return os.path.join(self.ca, "anchors", name)

    def export(self, kind):
        """The certificate on the card, as a file in PEM."""
        path = self.dir.file(kind + ".pem")
        which = ("--sign",) if kind == "sign" else ()
        self.must("cert", "export", *which, "--force", "--out", path, password=PASSWORD if which else None)
        return path

    def close(self):
        self.daemon.close()
        self.dir.close()


def openssl(*argv, code=0):
    done = run("openssl", *argv, check=False)
    said = (done.stdout + done.stderr).decode(errors="replace")
    assert (done.returncode == 0) == (code == 0), (argv, said)
    return said


def judged(result, code, reasons):
    """An own CA publishes no revocation: that it was not asked is all that is missing from valid."""
    assert result.code == code and [row["name"] for row in result.json()["reasons"]] == reasons, result


@test
def a_ca_certifies_keys_of_its_own_kind_only(site):
    """No card is made, and the next one of the right kind is."""
    for ca, more, sentence in (("ca", (), "an own CA with P-384 keys certifies no RSA keys"),
                               ("rsa-ca", ("--option", "algorithm=p384"),
                                "an own CA with RSA keys certifies no P-384 keys")):
        if ca == "rsa-ca":
            assert site.make("rsa", ca).returncode == 0
        done = site.make("refused", ca, *more)
        assert done.returncode == 2 and sentence in done.stderr.decode(), done
        assert not os.path.exists(site.dir.file("refused"))
    assert site.make("second", "ca", "--option", "algorithm=p384").returncode == 0


@test
def openssl_finds_nothing_wrong_with_the_certificates(site):
    for kind in ("sign", "auth"):
        ca, cert = site.anchors(kind + ".pem"), site.export(kind)
        other = site.anchors("auth.pem" if kind == "sign" else "sign.pem")
        assert ": OK" in openssl("verify", "-x509_strict", "-policy_check", "-check_ss_sig", "-CAfile", ca, cert)
        openssl("verify", "-CAfile", other, cert, code=2)
        for path in (ca, cert):
            text = openssl("x509", "-in", path, "-noout", "-text")
            assert "NIST CURVE: P-384" in text and len(re.findall(f"Signature Algorithm: {ECDSA}", text)) == 2, text


@test
def data_on_the_card_stay_with_rsa(site):
    roots = os.listdir(os.path.join(site.ca, "card-anchors"))
    assert len(roots) == 2
    for name in roots:
        assert "2048 bit" in openssl("pkey", "-pubin", "-in", os.path.join(site.ca, "card-anchors", name), "-noout",
                                     "-text")
    read = site.must("read", "attrs", "--json", password="5082").json()
    assert read["verdict"] == "valid" and read["attributes"]["name"] == PERSON["name"], read


@test
def the_certificates_are_shown_and_verified(site):
    shown = site.must("cert", "show", "--json").json()
    assert (shown["key_algorithm"], shown["key_bits"]) == ("P-384", 384), shown
    assert "Key: P-384, 384 bits" in site.must("cert", "show").out
    judged(site.jpki("cert", "verify", "--json"), 7, ["revocation-not-checked"])
    judged(site.jpki("cert", "verify", "--json", anchors=False), 7, ["issuer-unknown", "revocation-not-checked"])
    info = site.must("card", "info", "--json").json()
    assert info["has_sign_certificate"] and info["auth_not_after"] == shown["not_after"], info
    findings = {row["check"]: row for row in site.must("doctor", "--json").json()["findings"]}
    assert {row["severity"] for row in findings.values()} == {"fine"}, findings
    assert "you configured" in findings["authority"]["text"], findings


@test
def a_signature_is_ecdsa_with_sha_384(site):
    result = site.must("sign", site.document, "--yes", "--json", password=PASSWORD).json()
    assert result["digest_algorithm"] == "SHA-384", result
    assert openssl("dgst", "-sha384", "-r", site.document).split()[0] == result["digest"]
    verify = ["cms", "-verify", "-binary", "-inform", "DER", "-in", result["signature"], "-content", site.document,
              "-CAfile", site.anchors("sign.pem")]
    assert "successful" in openssl(*verify)
    text = openssl("cms", "-cmsout", "-print", "-noout", "-inform", "DER", "-in", result["signature"])
    assert "algorithm: " + ECDSA in text and "algorithm: " + SHA384 in text, text
    judged(site.jpki("verify", site.document, "--json"), 7, ["revocation-not-checked"])
    judged(site.jpki("verify", site.document, "--json", anchors=False), 1, ["issuer-unknown", "revocation-not-checked"])
    write_text(site.document, "これは試験でした\n")
    openssl(*verify, code=4)
    judged(site.jpki("verify", site.document, "--json"), 1, ["document-changed"])


main(Site)
