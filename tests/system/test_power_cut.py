#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Served cards that are killed, or whose disk loses its power, at each operation that writes.

What a card does inside is tests/component/test_card_power.c; here it is the program as it is started.
The disk is tests/support/powercut, in a mount namespace of this test's own.
"""
import os
import re
import shutil
import signal
import socket
import struct
import subprocess

import powered
from harness import Directory, Skip, listens, main, program, read_text, run, test, wait_until

OPERATIONS_MAX = 40
SELECT = "00A4040C0AD392F000260100000001"
# Name, file as P2, the right PIN, a wrong one, another one, tries.
PINS = (("auth", "98", b"1234", b"0000", b"5678", 3), ("sign", "9B", b"ABC123", b"WRONG1", b"XYZ789", 5))


class Disk:
    """The disk with a card on it, and the program that serves it."""

    def __init__(self):
        self.dir = Directory()
        self.disk = self.card = None
        self.starts = self.cuts = self.kills = 0
        if powered.reason():
            return
        os.mkdir(self.dir.file("made"), 0o700)
        run(os.environ["JPKI_TEST_MAKE_CARD"], self.dir.file("made"))
        self.disk = powered.PowerDisk(self.dir.file("disk"))
        self.platter, self.mount = self.disk.platter, self.disk.mount
        self.order, self.is_off = self.disk.order, self.disk.is_off

    @staticmethod
    def need():
        if powered.reason():
            raise Skip(powered.reason())

    def fresh(self, with_card=True):
        """The same card as before, whatever has become of it."""
        self.end()
        self.order("cut none")
        shutil.rmtree(self.platter)
        os.mkdir(self.platter, 0o700)
        for name in ("card", "card.counters", "card.key") if with_card else ():
            shutil.copy(self.dir.file("made", name), self.platter)
        self.order("on")

    def serve(self):
        self.starts += 1
        direct, log = self.dir.file(f"direct{self.starts}"), self.dir.file("log")
        with open(log, "ab") as stream:
            self.card = subprocess.Popen(
                [program("jpki-softcard"), "serve", os.path.join(self.mount, "card"), "--direct", direct],
                stdin=subprocess.DEVNULL, stdout=stream, stderr=stream)
        wait_until("the card serves", lambda: self.card.poll() is not None or listens(direct))
        assert self.card.poll() is None, read_text(log)[-500:]
        return Session(direct)

    def end(self):
        if self.card is not None:
            self.card.kill()
            self.card.wait()
        self.card = None

    def was_killed(self):
        """Whether the order to kill was carried out."""
        try:
            self.kills += self.card.wait(timeout=0.5) == -signal.SIGKILL
            return True
        except subprocess.TimeoutExpired:
            return False

    def close(self):
        self.end()
        if self.disk is not None:
            self.disk.close()
            print(f"# {self.starts} starts, {self.kills} kills, {self.cuts} cuts")
        self.dir.close()


class Session:
    """One client on the direct socket, with the JPKI application selected."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(60)
        self.socket.connect(path)
        assert self.send(SELECT) == "9000"

    def send(self, command):
        """The status word; None if the card is gone."""
        data = bytes.fromhex(command)
        try:
            self.socket.sendall(struct.pack(">H", len(data)) + data)
            with self.socket.makefile("rb") as f:
                head = f.read(2)
                return f.read(struct.unpack(">H", head)[0]).hex().upper() if len(head) == 2 else None
        except (BrokenPipeError, ConnectionResetError):
            return None

    def verify(self, file, pin=b""):
        return self.send(f"002000{file}{len(pin):02X}{pin.hex()}" if pin else f"002000{file}")

    def change(self, file, pin):
        return self.send(f"002401{file}{len(pin):02X}{pin.hex()}")

    def tries(self, file):
        answer = self.verify(file)
        assert re.fullmatch("63C.", answer), answer
        return int(answer[3], 16)


def each_operation(disk, order, act):
    """act(session) with the nth operation ordered to go wrong, until it goes right: yields each answer."""
    for nth in range(1, OPERATIONS_MAX):
        disk.fresh()
        session = disk.serve()
        before = act(session, None)
        disk.order(order.format(nth))
        answer = act(session, before)
        if order.startswith("kill"):
            went_wrong = disk.was_killed()
        else:
            went_wrong = disk.is_off()
            disk.cuts += went_wrong
        disk.end()
        disk.order("on" if disk.is_off() else "kill-at 0")
        yield answer, went_wrong
        if not went_wrong:
            assert nth > 2, nth
            return
    raise AssertionError("it never came to an end")


ORDERS = ("kill-at {}", "cut-at {} none", "cut-at {} all", "cut-at {} some 7")


def wrong_pins(disk, order):
    for _, file, right, wrong, _, most in PINS:
        def act(session, before, file=file, wrong=wrong):
            return session.tries(file) if before is None else session.verify(file, wrong)
        for answer, went_wrong in each_operation(disk, order, act):
            assert answer in (None, "6581", f"63C{most - 1:X}"), answer
            session = disk.serve()
            tries = session.tries(file)
            assert tries in (most - 1, most), tries
            assert tries == most - 1 or answer != f"63C{most - 1:X}", (answer, tries)
            assert went_wrong or answer == f"63C{most - 1:X}", answer
            assert session.verify(file, right) == "9000"


@test
def a_wrong_pin_that_was_answered_is_counted_by_a_card_that_is_killed(disk):
    disk.need()
    wrong_pins(disk, ORDERS[0])


@test
def a_wrong_pin_that_was_answered_is_counted_whatever_a_power_cut_loses(disk):
    disk.need()
    for order in ORDERS[1:]:
        wrong_pins(disk, order)


@test
def a_pin_that_is_changed_meanwhile_is_the_old_or_the_new_one(disk):
    disk.need()
    for order in ORDERS:
        for _, file, right, _, new, _ in PINS:
            def act(session, before, file=file, right=right, new=new):
                return session.verify(file, right) if before is None else session.change(file, new)
            for answer, went_wrong in each_operation(disk, order, act):
                assert answer in (None, "6581", "9000"), answer
                session = disk.serve()
                is_new = session.verify(file, new) == "9000"
                is_old = session.verify(file, right) == "9000"
                assert is_new != is_old, (order, answer, is_new, is_old)
                assert is_new or answer != "9000", (order, answer)
                assert went_wrong or is_new


@test
def a_card_that_was_not_made_can_be_made_again(disk):
    disk.need()
    for order in ORDERS:
        for nth in range(1, OPERATIONS_MAX):
            disk.fresh(with_card=False)
            disk.order(order.format(nth))
            card = os.path.join(disk.mount, "card")
            done = run(program("jpki-softcard"), "make", "-o", card, "--serial", "47", check=False)
            is_cut = disk.is_off()
            disk.cuts += is_cut
            disk.kills += done.returncode == -signal.SIGKILL
            if is_cut:
                disk.order("on")
            if not os.path.exists(card):
                assert done.returncode != 0
                disk.order("kill-at 0")
                run(program("jpki-softcard"), "make", "-o", card, "--serial", "47")
            assert b'"serial":"47"' in run(program("jpki-softcard"), "show", "--json", card).stdout
            if done.returncode == 0:
                break
        assert 15 < nth < OPERATIONS_MAX - 1, (order, nth)


if __name__ == "__main__":
    powered.enter(__file__)
    main(Disk)
