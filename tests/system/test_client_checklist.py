#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a client of the card must do (card.md 11.2), point by point, as seen from the card's side of
the wire: a proxy between jpki and the card keeps every command."""
import os
import re
import shutil
import subprocess
import time

from cardproxy import CardProxy
from harness import Skip, main, program, read_text, test
from test_jpki_cli import Card, PASSWORD, PIN, SECRETS, expect
from test_jpki_pcsc import Sandbox
from test_jpki_tools import change

JPKI = "00A4040C0AD392F000260100000001"
ISD = "00A4040C07A0000001510000"
VERIFY, QUERY = "00200080", "00200080"
TEXT_PIN = "2345"


class Wire:
    """A full card behind a proxy; jpki only knows the proxy."""

    def __init__(self):
        self.card = Card("full")
        self.path = self.card.dir.file("wire")
        self.proxy = CardProxy(self.path, self.card.direct)
        self.card.direct_of_card, self.card.direct = self.card.direct, self.path

    def jpki(self, *argv, **more):
        return self.card.jpki(*argv, **more)

    def all_that_need_a_pin(self):
        """Each command that sends a PIN to this card: its arguments and the PIN."""
        yield ("sign", self.card.document, "--yes", "--force"), PASSWORD
        yield ("cert", "show", "--sign"), PASSWORD
        yield ("cert", "export", "--sign", "--out", self.card.dir.file("c.pem"), "--force"), PASSWORD
        yield ("cert", "verify", "--sign"), PASSWORD
        yield ("card", "report", "--out", self.card.dir.file("r"), "--force", "--yes", "--with-pin"), PIN

    def close(self):
        self.proxy.close()
        self.card.close()


def verifies(commands):
    return [i for i, command in enumerate(commands) if command.startswith("0020") and len(command) > 8]


@test
def client_01_a_card_is_known_by_application_and_label_never_by_its_atr(wire):
    foreign = wire.card.dir.file("foreign")
    # The ATR of a My Number Card and not its application; then the other way round.
    proxy = CardProxy(foreign, atr=bytes.fromhex("3BE000FF8131FE4514"), answer=lambda command: b"\x6a\x82")
    expect(wire.jpki("card", "info", JPKI_READER="direct:" + foreign), 3, "no My Number Card")
    assert proxy.sent() == [JPKI], "more than one question went to a card that is not ours"
    proxy.close()
    proxy = CardProxy(foreign, wire.card.direct_of_card, atr=b"\x3b\x00")
    assert wire.jpki("card", "info", JPKI_READER="direct:" + foreign).code == 0
    proxy.close()
    label = bytes.fromhex("4A504B494150494343544F4B454E").ljust(32)
    proxy = CardProxy(foreign, wire.card.direct_of_card,
                      answer=lambda command: label + b"\x90\x00" if command[1] == 0xB0 else None)
    expect(wire.jpki("card", "info", JPKI_READER="direct:" + foreign), 3, "old Basic Resident Register card")
    proxy.close()


@test
def client_02_the_counter_is_asked_before_each_pin_which_is_sent_once(wire):
    for argv, pin in wire.all_that_need_a_pin():
        for given in (pin, "9999" if len(pin) == 4 else "WRONG1"):
            wire.proxy.sent()
            result = wire.jpki(*argv, password=given)
            assert (result.code in (0, 7)) == (given == pin), (argv, result)
            sent = wire.proxy.sent()
            found = verifies(sent)
            assert len(found) == 1, (argv, found)
            at = found[0]
            assert sent[at - 1] == QUERY and sent[at - 2].startswith("00A4020C02"), sent[at - 2:at]
    for left in (3, 2, 1):
        expect(wire.jpki("cert", "show", "--sign", password="WRONG1"), 4, f"tries left: {left}")
    wire.proxy.sent()
    for argv, pin in wire.all_that_need_a_pin():
        if pin == PASSWORD:
            expect(wire.jpki(*argv, password=pin), 4, "--last-try")
    assert verifies(wire.proxy.sent()) == [], "the last try was used without consent"
    assert wire.jpki("cert", "show", "--sign", "--last-try", password=PASSWORD).code == 0
    for argv, pin in wire.all_that_need_a_pin():
        assert wire.jpki(*argv, password=pin).code in (0, 7), argv


@test
def client_03_all_three_words_for_locked_are_and_say_where_to_go(wire):
    for word in ("63C0", "6983", "6984"):
        path = wire.card.dir.file("locked")
        answer = bytes.fromhex(word)
        proxy = CardProxy(path, wire.card.direct_of_card,
                          answer=lambda command, a=answer: a if command == bytes.fromhex(QUERY) else None)
        expect(wire.jpki("cert", "show", "--sign", password=PASSWORD, JPKI_READER="direct:" + path), 4,
               "is locked", "municipality")
        assert verifies(proxy.sent()) == [], word
        proxy.close()
        proxy = CardProxy(path, wire.card.direct_of_card,
                          answer=lambda command, a=answer: a if command[1] == 0x20 and len(command) > 4 else None)
        expect(wire.jpki("cert", "show", "--sign", password=PASSWORD, JPKI_READER="direct:" + path), 4,
               "is locked", "municipality")
        assert len(verifies(proxy.sent())) == 1, word
        proxy.close()


@test
def client_04_passwords_go_in_capitals_and_only_if_they_can_be_right(wire):
    wire.proxy.sent()
    for wrong in ("ABC12", "ABCDEF", "123456", "A" * 16 + "1", "ABC-123", "ＡＢＣ１２３"):
        expect(wire.jpki("cert", "show", "--sign", password=wrong), 4, "nothing was sent")
    report = ("card", "report", "--out", wire.card.dir.file("r"), "--force", "--yes", "--with-pin")
    for wrong in ("123", "12345", "12a4"):
        expect(wire.jpki(*report, password=wrong), 4, "nothing was sent")
    assert verifies(wire.proxy.sent()) == []
    assert wire.jpki("cert", "show", "--sign", password="aBc123").code == 0
    sent = wire.proxy.sent()
    assert sent[verifies(sent)[0]] == VERIFY + "06" + b"ABC123".hex().upper()


@test
def client_05_lengths_come_from_the_objects_and_not_from_the_files(wire):
    wire.proxy.sent()
    der = wire.card.dir.file("c.der")
    assert wire.jpki("cert", "export", "--der", "--out", der, "--force").code == 0
    size = os.path.getsize(der)
    reads = [command for command in wire.proxy.sent() if command.startswith("00B0")]
    last = max(int(command[4:8], 16) + (int(command[8:10], 16) or 256) for command in reads if command[4:8] != "0000")
    assert last == size, (last, size)  # the file behind it has 4096 bytes
    # The attributes of this card have a length in a longer form than it needs (FF 20 82 00 3E).
    code, text = change(wire.card, "text", TEXT_PIN, "1990")
    assert code == 4 and "part of your date of birth" in text, text


@test
def client_06_what_belongs_together_is_one_transaction_that_begins_with_select(_wire):
    if shutil.which("pkcs11-tool") is None:
        raise Skip("pkcs11-tool is not installed")
    sandbox = Sandbox()
    try:
        sandbox.jpki("card", "info")  # skips where there is no pcscd
        script = "while :; do pkcs11-tool --module opensc-pkcs11.so --token-label 'JPKI (User Authentication PIN)' " \
                 "-l --pin %s --sign --id 01 -m SHA256-RSA-PKCS -i %s -o /dev/null && echo .; done"
        # It does not select its application anew when somebody else used the card, so it may fail; we may not.
        with subprocess.Popen(["sh", "-c", script % (PIN, sandbox.document)], env=sandbox.env,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True) as other:
            try:
                assert other.stdout.readline() == b".\n"
                for _ in range(8):
                    done = sandbox.sign()
                    assert done.returncode == 0, done
                    done = sandbox.jpki("pin", "status", "--json")
                    assert b'"name":"sign","tries_left":5' in done.stdout, done
                    time.sleep(0.1)
                assert other.poll() is None and other.stdout.readline() == b".\n"
            finally:
                os.killpg(other.pid, 15)
        assert b'"name":"auth","tries_left":3' in sandbox.jpki("pin", "status", "--json").stdout
    finally:
        sandbox.close()


@test
def client_07_what_a_pin_opened_is_closed_by_the_card_manager(wire):
    for argv, pin in wire.all_that_need_a_pin():
        wire.proxy.sent()
        assert wire.jpki(*argv, password=pin).code in (0, 7), argv
        sent = wire.proxy.sent()
        behind = sent[verifies(sent)[-1]:]
        assert ISD in behind, (argv, behind)
        # Nothing is signed or read with rights between that and the end.
        assert not [c for c in behind[behind.index(ISD) + 1:] if c.startswith("802A")], behind


@test
def client_08_no_pin_number_or_attribute_is_in_a_trace_or_log(wire):
    for argv, pin in wire.all_that_need_a_pin():
        result = wire.jpki(*argv, "--trace", password=pin)
        for secret in (PASSWORD, "abc123", TEXT_PIN + "\n", PASSWORD.encode().hex(), TEXT_PIN.encode().hex(),
                       PIN.encode().hex(), "試験", "試験".encode().hex(), b"19900217".hex()):
            assert secret not in result.err and secret.upper() not in result.err, (argv, secret)
        assert re.search(r"VERIFY, \d+ bytes not shown", result.err), (argv, result.err)
    log = read_text(wire.card.daemon.log)
    for secret in SECRETS + ("試験",):
        assert secret not in log, secret


@test
def client_09_the_individual_number_is_not_asked_for_unless_that_is_the_command(wire):
    wire.proxy.sent()
    for argv, pin in wire.all_that_need_a_pin():
        if argv[:2] != ("card", "report"):  # which selects every file, and reads none that a PIN protects
            assert wire.jpki(*argv, password=pin).code in (0, 7), argv
    for argv in (("card", "info"), ("pin", "status"), ("doctor",), ("cert", "show")):
        assert wire.jpki(*argv).code == 0, argv
    sent = wire.proxy.sent()
    text = False
    for command in sent:
        if command.startswith("00A4040C"):
            text = command.endswith("D3921000310001010408")
        assert not (text and command == "00A4020C020001"), "the file of the individual number was selected"
    help_text = subprocess.run([program("jpki"), "read", "mynumber", "--help"], stdout=subprocess.PIPE, check=True,
                               env={"LC_ALL": "C"}).stdout.decode()
    assert "--show" in help_text and "--purpose" in help_text, "the number is shown without being asked for"


if __name__ == "__main__":
    main(Wire)
