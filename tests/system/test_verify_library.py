# SPDX-License-Identifier: Apache-2.0
"""libjpki-verify as somebody outside uses it: pkg-config, the public header, the shared library."""
import os
import re

from harness import Directory, main, program, run, test, write_text
from library import Library

CXX = """
#include <jpki/verify.h>
int main()
{
    jpki_verifier *verifier = nullptr;
    jpki_error error;
    int rc = jpki_verifier_new(&verifier, &error);
    jpki_verifier_free(verifier);
    return rc;
}
"""


class Fixture:
    def __init__(self):
        self.directory = Directory()
        self.public = Library("jpki-verify", self.directory)
        run(os.environ["JPKI_TEST_MAKE_SIGNED"], self.directory.path)
        self.sample = self.public.example("verify-document")

    def path(self, name):
        return self.directory.file(name)

    def judge(self, lists, signature="document.p7s", document="document", cas="cas", at=None):
        """Exit code, and what was printed, by lines."""
        done = run(
            self.sample, self.path(cas), self.path(lists), self.path(document), self.path(signature),
            *([] if at is None else [str(at)]), check=False
        )
        return done.returncode, done.stdout.decode().splitlines(), done.stderr.decode()

    def close(self):
        self.directory.close()


def expect(fixture, code, verdict, reasons, **how):
    got, lines, complaint = fixture.judge(**how)
    assert got == code, (got, lines, complaint)
    assert lines[0] == verdict, lines
    told = [line.split(": ")[0] for line in lines[1:] if re.match(r"[a-z-]+: ", line)]
    assert told == reasons, lines
    return lines


@test
def exactly_the_listed_functions_are_exported(fixture):
    fixture.public.check_exports()


@test
def it_needs_libcrypto_and_libc_alone(fixture):
    fixture.public.check_needs("libcrypto.so.3")


@test
def it_is_found_at_run_time_and_hides_what_is_inside(fixture):
    fixture.public.check_hidden(["jpki_verifier_new", "jpki_report_attribute"],
                                 ["document_verify", "err_set", "x509_cert_parse"])


@test
def a_program_in_cxx_takes_the_header(fixture):
    fixture.public.check_cxx(CXX)


@test
def the_version_is_one(fixture):
    fixture.public.check_version("jpki/verify.h", "jpki_verify_version")


@test
def what_is_missing_or_garbage_is_told_and_is_no_verdict(fixture):
    for how in ({"signature": "nowhere"}, {"signature": "document"}, {"document": "nowhere"}, {"cas": "nowhere"}):
        code, lines, complaint = fixture.judge("good", **how)
        assert code == 2 and lines == [] and complaint, (how, code, lines, complaint)


@test
def a_changed_document_is_invalid(fixture):
    write_text(fixture.path("changed"), "Document\n")
    lines = expect(fixture, 1, "invalid", ["document-changed"], lists="good", document="changed")
    assert len(lines) == 2, lines  # nobody is named


@test
def a_revoked_or_suspended_certificate_is_invalid(fixture):
    expect(fixture, 1, "invalid", ["revoked"], lists="revoked")
    expect(fixture, 1, "invalid", ["held"], lists="held")


@test
def an_expired_certificate_is_invalid(fixture):
    expect(fixture, 1, "invalid", ["expired"], lists="good", signature="expired.p7s")


@test
def a_time_long_ago_is_before_the_certificate(fixture):
    expect(fixture, 1, "invalid", ["not-yet-valid", "issuer-not-valid"], lists="good", at=1000000000)


@test
def without_a_list_that_holds_it_is_indeterminate(fixture):
    for lists, reason in (
        ("empty", "crl-missing"),
        ("nowhere", "crl-missing"),
        ("stale", "crl-expired"),
        ("foreign", "crl-other-issuer"),
        ("forged", "crl-forged"),
    ):
        expect(fixture, 7, "indeterminate", [reason], lists=lists)


@test
def an_unlisted_ca_is_indeterminate_whatever_its_name(fixture):
    unknown = ["issuer-unknown", "revocation-not-checked"]
    lines = expect(fixture, 7, "indeterminate", unknown, lists="good", signature="foreign.p7s")
    assert len(lines) == 3, lines  # nobody is named
    expect(fixture, 7, "indeterminate", unknown, lists="good", cas="foreign-cas")
    expect(fixture, 7, "indeterminate", unknown, lists="good", cas="empty")


@test
def a_good_document_is_valid_and_names_the_holder(fixture):
    lines = expect(fixture, 0, "valid", [], lists="good")
    assert lines[1:] == ["氏名: 試験　太郎", "住所: 兵庫県神戸市中央区見本町1丁目1番1号", "生年月日: 419900217", "性別: 1"], lines


@test
def reasons_are_told_in_japanese_and_english(fixture):
    _, lines, _ = fixture.judge("revoked")
    assert lines[1] == "revoked: 証明書は失効しています。 (The certificate has been revoked.)", lines


@test
def our_own_program_and_the_library_agree(fixture):
    for anchors, code in (("cas", 7), ("foreign-cas", 1)):
        done = run(program("jpki"), "verify", "--anchors", fixture.path(anchors), fixture.path("document"), fixture.path("document.p7s"), check=False)
        assert done.returncode == code, (done.returncode, done.stdout.decode())


main(Fixture)
