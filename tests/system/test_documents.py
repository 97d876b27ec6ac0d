#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Whole documents at jpki-platformd, made and judged by programs of other houses as well: what pdfsig
and openssl say of a document is what the platform says, with lists of revocations it can look up."""
import base64
import hashlib
import json
import os
import re
import urllib.error
import urllib.request

from harness import Directory, main, program, read_text, run, test, write_text
from test_platformd import Site

HOLDERS = "holder", "expired", "foreign"
# What pdfsig says of a signature, and our reason for the same.
BROKEN = {"Digest Mismatch.": "document-changed", "Signature is Invalid.": "signature-broken"}
CERTIFICATE = {"Certificate has Expired": "expired", "Certificate issuer is unknown.": "issuer-unknown"}


def write_octets(path, octets):
    with open(path, "wb") as stream:
        stream.write(octets)


def octets_of(path):
    with open(path, "rb") as stream:
        return stream.read()


def page(text):
    """A document of one page, with nothing signed."""
    objects = [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
               b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 300]/Contents 4 0 R>>",
               b"<</Length %d>>\nstream\n%s\nendstream" % (len(text), text)]
    out, places = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    tail = b"xref\n0 5\n0000000000 65535 f \n%strailer\n<</Size 5/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n"
    return out + tail % (table, len(out))


class Fixture:
    def __init__(self):
        self.site, self.made = Site(), Directory()
        run(os.environ["JPKI_TEST_MAKE_SIGNED"], self.made.path)
        self.site.configure(sign_cas=self.made.file("cas"), revocation="crl", crls=self.made.file("good"))
        self.key = self.site.add_tenant("bank").stdout.decode().strip()
        run(program("jpki-platformd"), "tenant", "verifier", "--config", self.site.config, "bank")
        self.site.daemon.start()
        write_octets(self.made.file("page.pdf"), page(b"pay 100 yen"))
        for name in HOLDERS:
            self.add_holder(name)

    def add_holder(self, name):
        """A database of NSS with his key and certificate, and with the CA that is believed."""
        place = f"sql:{self.made.file('nss-' + name)}"
        os.mkdir(self.made.file("nss-" + name))
        run("openssl", "pkey", "-inform", "DER", "-in", self.made.file(name + ".key"), "-out", self.made.file("key.pem"))
        run("openssl", "pkcs12", "-export", "-inkey", self.made.file("key.pem"), "-in", self.made.file(name + ".pem"),
            "-name", name, "-passout", "pass:test", "-out", self.made.file(name + ".p12"))
        run("certutil", "-N", "-d", place, "--empty-password")
        run("certutil", "-A", "-d", place, "-n", "ca", "-t", "C,C,C", "-i", self.made.file("cas", "sign-ca.pem"))
        run("pk12util", "-i", self.made.file(name + ".p12"), "-d", place, "-W", "test")

    def pdfsig(self, name, *argv):
        return run("pdfsig", "-nssdir", f"sql:{self.made.file('nss-' + name)}", *argv, check=False).stdout.decode()

    def sign(self, name, source, out, *options):
        self.pdfsig(name, "-add-signature", "-nick", name, *options, self.made.file(source), self.made.file(out))
        return octets_of(self.made.file(out))

    def outside(self, octets, name="holder"):
        """What pdfsig says of each signature: (of signature, of certificate, whether of all)."""
        write_octets(self.made.file("judged.pdf"), octets)
        text = self.pdfsig(name, "-no-ocsp", self.made.file("judged.pdf"))
        parts = text.split("Signature #")[1:]
        return [(re.search(r"Signature Validation: (.*)", part)[1],
                 (re.search(r"Certificate Validation: (.*)", part) or ("", ""))[1].strip(),
                 "- Total document signed" in part) for part in parts]

    def judged(self, form, octets, **more):
        body = json.dumps({"form": form, "content": base64.b64encode(octets).decode()} | more).encode()
        request = urllib.request.Request(self.site.origin + "/v1/document-verifications", body, {
            "Content-Type": "application/json", "Authorization": f"Bearer {self.key}"})
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def cms(self, *argv, signers=("holder",)):
        """A structure that openssl made, with the document in it."""
        out, with_keys = self.made.file("out.p7s"), []
        for name in signers:
            with_keys += ["-signer", self.made.file(name + ".pem"), "-inkey", self.made.file(name + ".key")]
        run("openssl", "cms", "-sign", "-binary", "-nodetach", "-nosmimecap", "-md", "sha256", "-keyform", "DER",
            "-outform", "DER", "-in", self.made.file("document"), "-out", out, *with_keys, *argv)
        return octets_of(out)

    def close(self):
        self.site.close()
        self.made.close()


def same(fixture, octets, name="holder"):
    """Both judge it: signature by signature the same. Returns ours."""
    others = fixture.outside(octets, name)
    status, answer = fixture.judged("pdf", octets)
    assert status == 201 and others and len(others) == len(answer["signatures"]), (others, answer)
    for (signature, certificate, is_whole), ours in zip(others, answer["signatures"]):
        told = signature, certificate, is_whole, ours
        assert ours["covers"] == ("document" if is_whole else "revision"), told
        if signature == "Signature is Valid.":
            assert not set(BROKEN.values()) & set(ours["reasons"]), told
        else:
            assert BROKEN[signature] in ours["reasons"] and ours["verdict"] == "invalid", told
        # NSS does not know the critical policies of a good certificate, and says that of nothing else.
        assert (ours["reasons"] == []) == (signature == "Signature is Valid." and certificate not in CERTIFICATE), told
        if certificate in CERTIFICATE:
            assert CERTIFICATE[certificate] in ours["reasons"], told
    return answer


@test
def a_document_without_a_signature_is_refused_where_pdfsig_finds_none(fixture):
    plain = octets_of(fixture.made.file("page.pdf"))
    assert fixture.outside(plain) == []
    status, answer = fixture.judged("pdf", plain)
    assert status == 400 and "no signature" in answer["detail"], answer


@test
def what_was_changed_is_invalid_for_both(fixture):
    good = fixture.sign("holder", "page.pdf", "signed.pdf")
    assert same(fixture, good)["verdict"] == "valid"
    assert same(fixture, good.replace(b"100 yen", b"900 yen"))["reasons"] == ["document-changed"]


@test
def a_signature_by_another_key_is_invalid_for_both(fixture):
    good = octets_of(fixture.made.file("signed.pdf"))
    gap = re.search(rb"/Contents\s*<([0-9a-f]+?)(00)*>", good)
    last = gap.end(1) - 40  # in the signature's own octets, which end the structure
    digit = b"0" if good[last:last + 1] != b"0" else b"1"
    answer = same(fixture, good[:last] + digit + good[last + 1:])
    assert answer["reasons"] == ["signature-broken"], answer


@test
def certificates_that_do_not_count_are_valid_for_neither(fixture):
    for name, verdict, reason in (("expired", "invalid", "expired"), ("foreign", "indeterminate", "issuer-unknown")):
        answer = same(fixture, fixture.sign(name, "page.pdf", name + ".pdf"), name)
        assert answer["verdict"] == verdict and reason in answer["reasons"], answer
        assert "attributes" not in answer["signatures"][0], answer


@test
def of_two_signatures_the_first_is_over_less_for_both(fixture):
    both = fixture.sign("holder", "signed.pdf", "both.pdf")
    answer = same(fixture, both)
    assert answer["verdict"] == "valid", answer
    assert [part["covers"] for part in answer["signatures"]] == ["revision", "document"], answer


@test
def a_revision_behind_the_signature_is_seen_by_both(fixture):
    good = octets_of(fixture.made.file("signed.pdf"))
    answer = same(fixture, good + b"4 0 obj\n<</Length 11>>\nstream\npay 900 yen\nendstream\nendobj\n%%EOF\n")
    assert answer["verdict"] == "indeterminate" and answer["reasons"] == ["added-later"], answer
    assert answer["signatures"][0]["verdict"] == "valid", answer


@test
def what_openssl_put_in_its_place_is_valid_for_both(fixture):
    """DER where pdfsig writes BER, other hashes, the attribute that names the certificate."""
    good = octets_of(fixture.made.file("signed.pdf"))
    gap = re.search(rb"/Contents\s*<([0-9a-f]+)>", good)
    write_octets(fixture.made.file("covered"), good[:gap.start(1) - 1] + good[gap.end(1) + 1:])
    for options in (("-md", "sha384"), ("-md", "sha512"), ("-md", "sha256", "-cades")):
        run("openssl", "cms", "-sign", "-binary", "-nosmimecap", "-keyform", "DER", "-outform", "DER",
            "-signer", fixture.made.file("holder.pem"), "-inkey", fixture.made.file("holder.key"),
            "-in", fixture.made.file("covered"), "-out", fixture.made.file("covered.p7s"), *options)
        digits = octets_of(fixture.made.file("covered.p7s")).hex().encode()
        assert len(digits) <= len(gap[1])
        made = good[:gap.start(1)] + digits.ljust(len(gap[1]), b"0") + good[gap.end(1):]
        assert same(fixture, made)["verdict"] == "valid", options


@test
def beside_its_document_ber_is_read_and_nothing_behind_it(fixture):
    out = fixture.made.file("beside.p7s")
    run("openssl", "cms", "-sign", "-binary", "-nosmimecap", "-md", "sha256", "-keyform", "DER", "-outform", "DER",
        "-signer", fixture.made.file("holder.pem"), "-inkey", fixture.made.file("holder.key"),
        "-in", fixture.made.file("document"), "-out", out)
    octets = octets_of(out)
    octets = b"\x30\x80" + octets[2 + (octets[1] & 0x7F):] + b"\0\0"  # as a program that streams begins it
    digest = base64.b64encode(hashlib.sha256(octets_of(fixture.made.file("document"))).digest()).decode()
    beside = {"digest": {"alg": "SHA-256", "value": digest}}
    status, answer = fixture.judged("cms", octets, **beside)
    assert status == 201 and answer["verdict"] == "valid", answer
    status, answer = fixture.judged("cms", octets + b"\0", **beside)
    assert status == 400, answer


@test
def a_document_in_ber_is_refused_by_name_and_valid_in_der(fixture):
    streamed = fixture.cms("-stream")
    assert streamed[:2] == b"\x30\x80"
    status, answer = fixture.judged("cms", streamed)
    assert status == 400 and answer["type"] == "urn:openjpki:problem:not-der", answer
    write_octets(fixture.made.file("ber.p7s"), streamed)
    run("openssl", "cms", "-cmsout", "-inform", "DER", "-outform", "DER", "-in", fixture.made.file("ber.p7s"),
        "-out", fixture.made.file("der.p7s"))
    status, answer = fixture.judged("cms", octets_of(fixture.made.file("der.p7s")))
    assert status == 201 and answer["verdict"] == "valid", answer


@test
def of_several_signers_each_is_judged_as_openssl_does(fixture):
    """openssl has one verdict for all, so it is asked for each alone as well."""
    def openssl(octets):
        write_octets(fixture.made.file("asked.p7s"), octets)
        return run("openssl", "cms", "-verify", "-inform", "DER", "-in", fixture.made.file("asked.p7s"), "-CAfile",
                   fixture.made.file("cas", "sign-ca.pem"), "-purpose", "any", "-out", os.devnull,
                   check=False).returncode == 0

    alone = {name: openssl(fixture.cms(signers=(name,))) for name in ("holder", "expired")}
    assert alone == {"holder": True, "expired": False}, alone
    mixed = fixture.cms(signers=("holder", "expired"))
    status, answer = fixture.judged("cms", mixed)
    assert status == 201 and len(answer["signatures"]) == 2, answer
    verdicts = sorted(part["verdict"] == "valid" for part in answer["signatures"])
    assert verdicts == sorted(alone.values()) and answer["reasons"] == ["expired"], answer
    assert not openssl(mixed) and answer["verdict"] == "invalid", answer
    assert not [part for part in answer["signatures"] if "attributes" in part], answer


@test
def no_log_and_no_database_has_what_was_in_the_documents(fixture):
    for path in (fixture.site.dir.file("log"), fixture.site.dir.file("db", "p.db")):
        assert "試験　太郎".encode() not in octets_of(path), path
    assert "yen" not in read_text(fixture.site.dir.file("log"))


if __name__ == "__main__":
    main(Fixture)
