#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Kinds of cards, disputed behaviours and the end of a card: what the command line says, it does."""
import json
import os
import re
import signal
import socket
import struct
import subprocess

from harness import Directory, Skip, ask, listens, main, program, read_text, run, test, wait_until

ISD, LAST_COMMAND = "00A4040C07A0000001510000", "80FC0000"


class Card:
    """A blank card of an unusual kind, served by whoever asks for it."""

    def __init__(self):
        self.dir = Directory()
        self.file, self.direct = self.dir.file("card"), self.dir.file("direct")
        self.control, self.log = self.dir.file("control"), self.dir.file("log")
        self.process = None
        run(program("jpki-softcard"), "make", "-o", self.file, "--kind", "iphone", "--option", "first-command=6f00")

    def start(self, *options):
        self.stop()
        command = [program("jpki-softcard"), "serve", self.file, "--direct", self.direct, "--control", self.control]
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen([*command, *options], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        wait_until("the card serves", lambda: self.process.poll() is not None or listens(self.control))
        assert self.process.poll() is None, read_text(self.log)

    def stop(self):
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            assert self.process.wait(timeout=60) == 0

    def close(self):
        self.stop()
        self.dir.close()

    def show(self):
        return json.loads(run(program("jpki-softcard"), "show", "--json", self.file).stdout)

    def answers(self, *commands):
        """What a session on the direct socket is told, one status word for each command."""
        words = []
        with socket.socket(socket.AF_UNIX) as s, s.makefile("rb") as f:
            s.settimeout(60)
            s.connect(self.direct)
            for command in commands:
                data = bytes.fromhex(command)
                s.sendall(struct.pack(">H", len(data)) + data)
                words.append(f.read(struct.unpack(">H", f.read(2))[0])[-2:].hex())
        return words


@test
def what_is_no_kind_or_option_makes_no_card(card):
    for wrong in (["--kind", "wood"], ["--option", "reselect"], ["--option", "fci=none,pss-salt=300"]):
        path = card.dir.file("wrong")
        done = run(program("jpki-softcard"), "make", "-o", path, *wrong, check=False)
        assert done.returncode == 2 and done.stderr, done
        assert not os.path.exists(path)
    done = run(program("jpki-softcard"), "serve", card.file, "--control", card.control, "--option", "fci=all",
               check=False)
    assert done.returncode == 2 and b"none, template" in done.stderr, done


@test
def failures_are_told_in_the_language_of_who_asks(card):
    env = dict(os.environ, LC_ALL="ja_JP.UTF-8")
    for words, told in (
        (("make", "-o", card.dir.file("wrong"), "--kind", "wood"), "カードの種類は plastic、"),
        (("make", "--kind", "plastic"), "--output が必要です"),
        (("show", card.dir.file("none")), f"{card.dir.file('none')}: このカードのファイルはありません"),
        (("serve", card.file, "--control", card.control, "--option", "fci=all"), "オプション fci の値は次のどれか"),
    ):
        done = subprocess.run([program("jpki-softcard"), *words], env=env, stderr=subprocess.PIPE, check=False)
        assert done.returncode == 2 and told in done.stderr.decode(), done


@test
def the_manual_has_every_option_with_its_values(card):
    listed = run(program("jpki-softcard"), "options").stdout.decode()
    options = dict(line.split("=") for line in listed.splitlines() if not line.startswith(" "))
    assert len(options) == 18, listed
    page = read_text(os.path.join(os.path.dirname(__file__), "../../man/jpki-softcard.1"))
    written = dict(re.findall(r"^\.It Cm (\S+) Ns = Ns Cm (.+)$", page, re.MULTILINE))
    assert {name: values.replace(" ", "") for name, values in written.items()} == options


@test
def a_card_is_what_it_was_made_as(card):
    assert card.show()["kind"] == "iphone" and card.show()["options"] == "first-command=6f00"
    assert "first-command=6f00" in run(program("jpki-softcard"), "show", card.file).stdout.decode()
    card.start()
    assert card.answers(ISD, ISD, LAST_COMMAND) == ["6f00", "9000", "9000"]
    assert card.answers(ISD) == ["6f00"], "each session begins with power on"


@test
def serving_overrides_the_card_and_leaves_it(card):
    card.start("--option", "first-command=ok")
    assert card.answers(ISD) == ["9000"]
    card.start()
    assert card.answers(ISD) == ["6f00"]


@test
def its_sockets_are_for_its_user_and_for_one_peer(card):
    for wrong in ("-1", "4294967295", "x"):
        done = run(program("jpki-softcard"), "serve", card.file, "--direct", card.direct, "--peer", wrong, check=False)
        assert done.returncode == 2, (wrong, done.stderr)
    if os.geteuid() != 0:
        raise Skip("not root")
    peer, other, group, folder = 64998, 64997, 64999, card.dir.file("shared")
    os.mkdir(folder)
    os.chown(folder, 0, group)
    os.chmod(folder, 0o2710)
    os.chmod(card.dir.path, 0o711)
    kept, card.control = card.control, os.path.join(folder, "control")
    try:
        for options, wanted in (((), {peer: "000", other: "000"}), (("--peer", str(peer)), {peer: "200", other: "403"})):
            card.start(*options)
            for user, status in wanted.items():
                done = subprocess.run(["curl", "--silent", "--output", "/dev/null", "--write-out", "%{http_code}",
                                       "--unix-socket", card.control, "http://card/v1/card"], user=user, group=group,
                                      extra_groups=[], capture_output=True, timeout=60, check=False)
                assert done.stdout.decode().strip() == status, (options, user, done)
    finally:
        card.stop()
        card.control = kept
        card.start()


@test
def a_card_that_was_tampered_with_is_dead_for_ever(card):
    assert ask(card.control, "POST", "/v1/keys", {"key": "auth"})[0] == 201
    assert card.show()["keys"]["auth"] is True
    assert ask(card.control, "POST", "/v1/tamper", {"destroy": True})[0] == 204
    assert card.answers(ISD, ISD) == ["6f00", "6f00"]
    card.start("--option", "first-command=ok")
    assert card.answers(ISD, ISD, LAST_COMMAND) == ["6f00", "6f00", "6f00"]
    shown = card.show()
    assert shown["dead"] is True and shown["kind"] == "iphone" and not any(shown["keys"].values())
    assert ask(card.control, "POST", "/v1/keys", {"key": "auth"})[0] == 409


if __name__ == "__main__":
    main(Card)
