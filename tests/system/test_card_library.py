#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""libjpki as somebody outside uses it, with a software card."""
import json
import os
import subprocess

from harness import Daemon, Directory, main, program, run, test, write_text
from library import BUILD, Library

SOFTPCSC = os.path.join(BUILD, "lib-softpcsc")
PERSON = {
    "name": "見本　太郎",
    "address": "東京都千代田区見本町四丁目５番６号",
    "birth_date": "1980-02-17",
    "sex": "male",
    "mynumber": "900000000154",
    "municipality": "13101",
    "expiry": "2035-02-17",
    "security_code": "2285",
    "pins": {"auth": "4071", "sign": "CANARY9PIN3", "text": "5082", "juki": "6093"},
}
CXX = """
#include <jpki/jpki.h>
#include <jpki/verify.h>
int main()
{
    jpki_card *card = nullptr;
    jpki_error error;
    jpki_data *code = nullptr;
    if (jpki_code_b("1990-04-15", "2035", "1234", &code, &error) != 0 || jpki_data_bytes(code).size != 14)
        return 2;
    jpki_data_free(code);
    if (jpki_fault_verdict(JPKI_FAULT_CARD_COPIED) != JPKI_INVALID)
        return 3;
    return jpki_card_open("replay:/nowhere", &card, &error) == -JPKI_ERROR_ABSENT ? 0 : 1;
}
"""


class OwnCard:
    """A card with everything on it, by a CA of one's own."""

    def __init__(self, directory):
        self.directory = directory
        write_text(directory.file("person.json"), json.dumps(PERSON))
        run(program("jpki-softcard"), "make", "-o", directory.file("own"), "--own-ca", directory.file("ca"),
            "--json", directory.file("person.json"))
        self.anchors = directory.file("ca/card-anchors")

    def serve(self, name, *options):
        socket = self.directory.file(name)
        daemon = Daemon([program("jpki-softcard"), "serve", self.directory.file("own"), "--direct", socket, *options],
                        socket, self.directory.file(name + ".log"))
        daemon.start()
        return daemon


class Fixture:
    """A card that serves on its socket, another one, and the examples."""

    def __init__(self):
        self.directory = Directory()
        self.public = Library("jpki", self.directory)
        self.show, self.sign = self.public.example("show-card"), self.public.example("sign-with-card")
        self.read = self.public.example("read-attributes")
        run(os.environ["JPKI_TEST_MAKE_CARD"], self.directory.path)
        self.socket = self.path("direct")
        self.card = Daemon([program("jpki-softcard"), "serve", self.path("card"), "--direct", self.socket],
                           self.socket, self.path("log"))
        self.card.start()
        write_text(self.path("message"), "to be signed\n")
        self.own = OwnCard(self.directory)

    def path(self, name):
        return self.directory.file(name)

    def shown(self):
        done = run(self.show, f"direct:{self.socket}", check=False)
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    def signed(self, pin):
        """sign-with-card over the digest of the message."""
        digest = run("openssl", "dgst", "-sha256", "-binary", self.path("message")).stdout
        write_text(self.path("pin"), pin + "\n")
        script = 'exec "$1" "$2" "$3" "$4" 3<"$5"'
        return subprocess.run(["sh", "-c", script, "sh", self.sign, self.path("certificate"), self.path("signature"),
                               f"direct:{self.socket}", self.path("pin")], input=digest, capture_output=True, check=False,
                              timeout=60)

    def attributes(self, pin, *options, anchors=()):
        """read-attributes with the card of its own CA."""
        daemon = self.own.serve("own.direct", *options)
        try:
            done = subprocess.run([self.read, "direct:" + daemon.path, *anchors], input=f"{pin}\n".encode(),
                                  capture_output=True, check=False, timeout=60)
        finally:
            daemon.close()
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    def close(self):
        self.card.close()
        self.directory.close()


@test
def exactly_the_listed_functions_are_exported(fixture):
    fixture.public.check_exports()


@test
def it_needs_libcrypto_and_libpcsclite_alone(fixture):
    fixture.public.check_needs("libcrypto.so.3", "libpcsclite.so.1")


@test
def it_is_found_at_run_time_and_hides_what_is_inside(fixture):
    fixture.public.check_hidden(["jpki_card_open", "jpki_card_sign", "jpki_card_read_number"], ["icc_open", "err_set", "x509_cert_parse"])


@test
def a_program_in_cxx_takes_both_headers(fixture):
    fixture.public.check_cxx(CXX)


@test
def the_version_is_one(fixture):
    fixture.public.check_version("jpki/jpki.h", "jpki_version")


@test
def without_a_card_there_is_a_sentence(fixture):
    done = run(fixture.show, "direct:" + fixture.path("nowhere"), check=False)
    assert done.returncode == 1 and done.stdout == b"" and b"nowhere" in done.stderr, done


@test
def the_example_shows_the_card(fixture):
    code, out, complaint = fixture.shown()
    assert code == 0 and out.endswith("JPKIAPICCTOKEN2: 3 tries left\n"), (code, out, complaint)


@test
def a_pin_that_cannot_be_right_costs_nothing(fixture):
    for pin in ("", "123", "12345", "ABCD", "x" * 40):
        done = fixture.signed(pin)
        assert done.returncode == 1 and done.stderr, done
    assert "3 tries left" in fixture.shown()[1]


@test
def the_card_signs_and_openssl_agrees(fixture):
    done = fixture.signed("1234")
    assert done.returncode == 0, done
    key = run("openssl", "x509", "-inform", "DER", "-in", fixture.path("certificate"), "-pubkey", "-noout").stdout.decode()
    write_text(fixture.path("key"), key)
    done = run("openssl", "dgst", "-sha256", "-verify", fixture.path("key"), "-signature", fixture.path("signature"),
               fixture.path("message"))
    assert b"Verified OK" in done.stdout
    for name in ("signature", "certificate"):
        os.remove(fixture.path(name))


@test
def a_wrong_pin_costs_one_try_and_the_last_is_kept(fixture):
    for left in (2, 1, 1):
        done = fixture.signed("0000")
        assert done.returncode == 1 and done.stderr, done
        assert f"{left} tries left" in fixture.shown()[1], left
    assert not os.path.exists(fixture.path("signature"))


@test
def the_last_try_is_kept_even_from_the_right_pin(fixture):
    done = fixture.signed("1234")
    assert done.returncode == 1 and b"only one try is left" in done.stderr, done
    assert "1 tries left" in fixture.shown()[1]


@test
def the_attributes_of_a_genuine_card_are_shown(fixture):
    code, out, complaint = fixture.attributes("5082", anchors=[fixture.own.anchors])
    assert (code, out, complaint) == (0, f"{PERSON['name']}\n{PERSON['address']}\n", ""), (code, out, complaint)


@test
def nothing_is_shown_of_a_card_of_an_unknown_issuer(fixture):
    code, out, complaint = fixture.attributes("5082")
    assert code == 1 and out == "" and complaint.startswith("issuer-unknown: "), (code, out, complaint)


@test
def nothing_is_shown_of_a_changed_or_copied_card(fixture):
    for trouble, fault in (("forged_byte=40", "attributes-changed"), ("copied=1", "card-copied")):
        code, out, complaint = fixture.attributes("5082", "--trouble", trouble, anchors=[fixture.own.anchors])
        assert code == 1 and out == "" and complaint.startswith(fault + ": "), (trouble, code, out, complaint)


@test
def of_several_cards_one_has_to_be_chosen(fixture):
    """The library knows no option; jpki names its own."""
    first, second = fixture.path("first"), fixture.path("second")
    daemons = [fixture.own.serve("own.direct", "--pcsc", first)]
    try:
        fixture.card.stop()
        daemons.append(Daemon([*fixture.card.argv, "--pcsc", second], fixture.socket, fixture.path("log")))
        daemons[-1].start()
        both = dict(os.environ, JPKI_SOFTPCSC=f"First={first}:Second={second}", LD_LIBRARY_PATH=SOFTPCSC, LC_ALL="C")
        done = subprocess.run([fixture.show], env=both, capture_output=True, check=False, timeout=60)
        assert done.returncode == 1 and done.stderr == b"2 cards are there: 'First', 'Second'\n", done
        done = subprocess.run([fixture.show, "second"], env=both, capture_output=True, check=False, timeout=60)
        assert done.returncode == 0 and done.stdout.startswith(b"Second, JPKIAPICCTOKEN2: "), done
        done = subprocess.run([program("jpki"), "card", "info"], env=both, capture_output=True, check=False, timeout=60)
        assert done.returncode == 2 and b"'First', 'Second'; choose one with --reader\n" in done.stderr, done
    finally:
        for daemon in daemons:
            daemon.close()
        fixture.card.start()


@test
def nothing_is_shown_without_the_right_pin(fixture):
    for pin, text in (("0000", "tries left: 2"), ("", "1 to 16 characters"), ("50825", "4 digits"), ("5082" * 5, "16")):
        code, out, complaint = fixture.attributes(pin, anchors=[fixture.own.anchors])
        assert code == 1 and out == "" and text in complaint, (pin, code, out, complaint)
    code, out, complaint = fixture.attributes("5082", anchors=[fixture.path("nowhere")])
    assert code == 1 and out == "" and "no directory" in complaint, (code, out, complaint)


main(Fixture)
