#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The drop-in library, judged by pcscd, which is asked the same, and by programs of PC/SC in Debian."""
import os
import re
import select
import shutil
import socket
import subprocess
import threading
import time

from harness import Directory, Skip, ask, listens, main, program, read_text, run, test, wait_until, write_text
from test_softcard import READER, SCRIPT, Card

PLAY, MAKE_CARD = os.environ["JPKI_TEST_PCSC_PLAY"], os.environ["JPKI_TEST_MAKE_CARD"]
LIBRARY = os.path.join(os.path.dirname(os.path.dirname(program("x"))), "lib-softpcsc")
SELECT, VERIFY, TELL = "00A4040C0AD392F000260100000001", "0020009804" + b"1234".hex(), "00200098"
SIGN = "802A009702313200"
NAME = "OpenJPKI Software Card 00 00"
MODULE = "/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so"
PLUG_AND_PLAY = "\\\\?PnP?\\Notification"
# Of programs that are not ours, a sanitizer's library is refused by the loader.
IS_SANITIZED = os.environ.get("JPKI_TEST_SANITIZE", "none") != "none"


class Player:
    """A process that makes calls of PC/SC."""

    def __init__(self, environment):
        self.process = subprocess.Popen([PLAY], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        env={**os.environ, **environment})

    def begin(self, line):
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()

    def is_waiting(self, seconds=0.3):
        return not select.select([self.process.stdout], [], [], seconds)[0]

    def end(self):
        assert not self.is_waiting(60), "no answer"
        return self.process.stdout.readline().decode().strip()

    def play(self, line):
        self.begin(line)
        return self.end()

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


class Stage:
    """A card, how it is reached, and players before it."""

    def __init__(self, directory):
        self.dir = directory
        os.mkdir(directory)
        run(MAKE_CARD, directory)
        self.control = os.path.join(directory, "control")
        self.log = os.path.join(directory, "log")
        self.process, self.environment, self.players = None, {}, {}
        self.watcher = None

    def start(self, argv, path=None):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            env={**os.environ, **({} if path is None else {"PATH": path})})
        wait_until("the card serves", lambda: self.process.poll() is not None or listens(self.control))
        assert self.process.poll() is None, read_text(self.log)

    def serve_command(self, *more):
        return [program("jpki-softcard"), "serve", os.path.join(self.dir, "card"), "--control", self.control, *more]

    def insert(self, inserted):
        assert ask(self.control, "POST", "/v1/insertion", {"inserted": inserted})[0] == 204

    def trouble(self, **body):
        assert ask(self.control, "POST", "/v1/trouble", body)[0] == 204

    def player(self, name):
        if name not in self.players:
            self.players[name] = Player(self.environment)
        return self.players[name]

    def ready(self, *names):
        """New players that have a context and know the reader."""
        self.exit_all()
        for name in names:
            assert self.player(name).play("establish c0 2") == "establish -> 00000000"
            assert self.player(name).play("list c0") == "list -> 00000000"
        return [self.players[name] for name in names]

    def exit_all(self):
        for player in self.players.values():
            player.kill()
        self.players.clear()

    def close(self):
        self.exit_all()
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(timeout=60)

    def perform(self, piece):
        """What a piece gave, line by line. "a: LINE" is played; "a? LINE" has to wait for "a."."""
        said = []
        for step in piece.strip().splitlines():
            name, kind, line = step.strip()[0], step.strip()[1], step.strip()[2:].strip()
            if name == "!":
                said.append(self.act(*step.strip()[1:].split()))
            elif kind == ":":
                said.append(f"{name} {self.player(name).play(line)}")
            elif kind == "?":
                self.player(name).begin(line)
                said.append(f"{name} {line}: " + ("waits" if self.player(name).is_waiting() else "does not wait"))
            else:
                said.append(f"{name} {self.player(name).end()}")
        self.exit_all()
        return said

    def act(self, what, *words):
        if what == "insert":
            self.insert(words[0] == "1")
        elif what == "kill":
            self.players.pop(words[0]).kill()
            time.sleep(1)  # until it is noticed, which nobody is told
        else:
            self.trouble(**{words[0]: int(words[1])})
        return what


class Drop(Stage):
    def __init__(self, directory):
        super().__init__(directory)
        self.socket = os.path.join(directory, "pcsc")
        self.environment = {"JPKI_SOFTPCSC": self.socket, "LD_LIBRARY_PATH": LIBRARY}
        self.start(self.serve_command("--pcsc", self.socket, "--direct", os.path.join(directory, "direct")))


class Real(Stage):
    """pcscd, in namespaces of its own."""

    def __init__(self, directory):
        super().__init__(directory)
        pcscd = os.path.join(directory, "pcscd")
        os.makedirs(os.path.join(pcscd, "conf"))
        os.makedirs("/run/pcscd", exist_ok=True)
        write_text(os.path.join(pcscd, "conf", "reader"), READER)
        self.environment = {"PCSCLITE_CSOCK_NAME": os.path.join(pcscd, "pcscd.comm")}
        self.start(["unshare", *Card.namespaces(), "sh", "-c", SCRIPT, "sh", pcscd,
                    *self.serve_command("--vpcd", "127.0.0.1:35963")], os.environ["PATH"] + ":/usr/sbin:/sbin")
        wait_until("a card in the reader", self.has_card)
        self.watcher = Player(self.environment)  # who is in nobody's way
        for line in ("establish c0 2", "list c0"):
            self.watcher.play(line)

    def has_card(self):
        said = self.perform("a: establish c0 2\na: list c0\na: change c0 0 - 0")
        return "change 0022" in said[-1]

    def insert(self, inserted):
        """It looks for a card every now and then."""
        super().insert(inserted)
        wait_until("that is noticed", lambda: bool(self.state() & 0x20) == inserted)

    def state(self):
        return int(self.watcher.play("change c0 0 - 0").split()[1], 16)

    def close(self):
        if self.watcher is not None:
            self.watcher.kill()
        super().close()


# Played to both. The state of a reader that somebody else gives back is no event for pcscd's clients, is one for ours.
ARGUMENTS = f"""
a: establish c0 2
a: list c0
a: groups c0
a: establish c1 9
a: valid c0
a: valid c5
a: release c5
a: cancel c5
a: connect c0 h0 - 7 3
a: connect c0 h0 - 0 3
a: connect c0 h0 - 2 0
a: connect c0 h0 - 2 1
a: connect c0 h1 - 2 8
a: connect c0 h1 nosuch 2 3
a: connect c5 h1 - 2 3
a: connect c0 h2 - 2 3
a: status h2
a: status h9
a: transmit h2 {SELECT}
a: transmit h2 00
a: transmit h2 {SELECT} 1
a: transmit h2 {SELECT} 2
a: transmit h2 {SELECT} 10 1
a: transmit h2 {SELECT} 10 4
a: transmit h9 00
a: zeros h2 65544
a: zeros h2 65548
a: zeros h2 65549
a: zeros h2 65535
a: attribute h2 0x10100
a: attribute h2 0x12345
a: set h2 0x90303
a: control h2 0x42000D48
a: control h2 0x1
a: end h2 0
a: begin h2
a: begin h2
a: end h2 0
a: end h2 7
a: end h2 0
a: end h2 0
a: reconnect h2 7 3 0
a: reconnect h2 2 0 0
a: reconnect h2 2 3 9
a: reconnect h2 2 3 3
a: disconnect h2 9
a: disconnect h2 0
a: disconnect h2 0
a: release c0
a: release c0
"""
PROTOCOLS = f"""
a: establish c0 2
a: list c0
a: connect c0 h0 - 2 1
a: status h0
a: transmit h0 {SELECT} 10 1
a: disconnect h0 0
a: connect c0 h0 - 2 4
a: status h0
a: disconnect h0 1
a: connect c0 h0 - 2 7
a: status h0
a: connect c0 h1 - 2 1
a: disconnect h0 1
a: connect c0 h0 - 3 0
a: status h0
a: transmit h0 {SELECT} 10 4
a: transmit h0 {SELECT} 10 2
a: disconnect h0 0
a: connect c0 h0 - 3 3
a: status h0
a: disconnect h0 2
"""
SHARED = f"""
a: establish c0 2
b: establish c0 2
a: list c0
b: list c0
a: connect c0 h0 - 2 3
b: connect c0 h0 - 2 3
a: transmit h0 {SELECT}
b: transmit h0 {VERIFY}
b: transmit h0 00200098
a: begin h0
b? transmit h0 00200098
a: transmit h0 00200098
a: end h0 0
b.
a: begin h0
b? begin h0
a: end h0 1
b.
a: transmit h0 00200098
a: status h0
b: reconnect h0 2 3 0
a: reconnect h0 2 3 0
b: begin h0
b: end h0 0
a: reconnect h0 2 3 1
a: transmit h0 00200098
b: transmit h0 00200098
b: status h0
b: end h0 0
b: reconnect h0 2 3 2
b: transmit h0 00200098
a: begin h0
a: disconnect h0 1
b: transmit h0 00200098
b: disconnect h0 2
"""
EXCLUSIVE = """
a: establish c0 2
b: establish c0 2
a: list c0
b: list c0
a: connect c0 h0 - 1 3
b: connect c0 h0 - 2 3
b: connect c0 h0 - 1 3
b: connect c0 h0 - 3 3
b: change c0 0 - 0
a: status h0
a: reconnect h0 1 3 0
b: change c0 0 - 0
a: begin h0
b: connect c0 h0 - 2 3
a: end h0 0
a: disconnect h0 0
b: connect c0 h0 - 2 3
b: connect c0 h1 - 1 3
b: begin h0
a? connect c0 h0 - 2 3
b: end h0 0
a.
b: change c0 0 - 0
"""
DEATHS = f"""
a: establish c0 2
b: establish c0 2
a: list c0
b: list c0
a: connect c0 h0 - 2 3
b: connect c0 h0 - 2 3
a: begin h0
b? begin h0
!kill a
b.
b: reconnect h0 2 3 0
b: transmit h0 {SELECT}
a: establish c0 2
a: list c0
a: connect c0 h0 - 2 3
a: release c0
b: transmit h0 00200098
b: transmit h0 {SELECT}
a: establish c0 2
a: list c0
a: connect c0 h0 - 2 3
!kill a
b: transmit h0 00200098
a: establish c0 2
a: list c0
a: connect c0 h0 - 2 3
a: begin h0
a: release c0
b: transmit h0 00200098
b: reconnect h0 2 3 0
a: establish c0 2
a: list c0
a: connect c0 h0 - 2 3
a: begin h0
a: disconnect h0 0
b: transmit h0 00200098
"""
REMOVAL = f"""
a: establish c0 2
a: list c0
a: connect c0 h0 - 2 3
a: begin h0
a: change c0 0 - 0
!insert 0
a: transmit h0 {SELECT}
a: transmit h0 {SELECT}
a: status h0
a: end h0 0
a: begin h0
a: reconnect h0 2 3 0
a: connect c0 h1 - 2 3
a: connect c0 h1 - 3 0
a: status h1
a: disconnect h1 0
a: change c0 0 - +
a: change c0 0 - 0
a: change c0 100 - +
!insert 1
a: transmit h0 {SELECT}
a: change c0 0 - +
a: reconnect h0 2 3 0
a: transmit h0 {SELECT}
a: disconnect h0 0
!insert 0
a: connect c0 h1 - 2 3
!insert 1
"""
WAITING = f"""
a: establish c0 2
a: list c0
a: change c0 0
a: change c0 100
a: change c0 0 nosuch 0
a: change c9 0 - 0
a: change c0 0 - 0
a: change c0 100 - +
a: change c0 0 - 1
a: change c0 0 - 0x10
a: change c0 0 - 0x20
a: change c0 0 - 0x120
a: change c0 0 - 0xA0
a: change c0 0 - 0x4
a: change c0 0 - 0x8
a: change c0 0 - 0x220
a: change c0 0 - 0x420
a: change c0 0 - 0x40
a: change c0 0 - 2
a: change c0 0 {PLUG_AND_PLAY} 0
a: change c0 100 {PLUG_AND_PLAY} 0 - +
a: cancel c0
a: change c0 100 - 0x20
a: cancel c0 200
a: change c0 10000 - 0x20
a? change c0 10000 - 0x20
!insert 0
a.
a? change c0 10000 - 0x10
!insert 1
a.
a: connect c0 h0 - 2 3
a: change c0 0 - 0x20
a: change c0 0 - 0x120
b: establish c0 2
b: list c0
b: change c0 0 - 0
a: disconnect h0 0
a: connect c0 h0 - 1 3
b: change c0 0 - 0x120
b: change c0 0 - 0
b: change c0 0 - 0xA0
a: disconnect h0 0
b: change c0 0 - 0xA0
"""
TEXTS = "\n".join(f"a: text {code}" for code in (0, 1, *range(0x80100001, 0x80100073)))


class Stages:
    """The fixture: a card served to the library, and on demand one in pcscd's reader."""

    def __init__(self):
        self.dir = Directory()
        self.drop, self.real = Drop(self.dir.file("drop")), None

    def compare(self, piece):
        """pcscd and the library give the same to the same calls."""
        if self.real is None:
            reason = Card.why_no_reader(("pcscd", "unshare", "ip"))
            if reason is not None:
                raise Skip(reason)
            self.real = Real(self.dir.file("real"))
        expected, given = self.real.perform(piece), self.drop.perform(piece)
        assert len(expected) == len(given)
        for one, other in zip(expected, given):
            assert one == other, f"pcscd: {one}; the library: {other}"

    def client(self, *argv, check=True, data=None, **environment):
        """A program that does not know what it talks to."""
        if IS_SANITIZED:
            raise Skip("the library is built with a sanitizer")
        if shutil.which(argv[0]) is None:
            raise Skip(f"{argv[0]} is not installed")
        done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60, input=data,
                              env={**os.environ, **self.drop.environment, "LC_ALL": "C", **environment})
        text = done.stdout.decode(errors="replace")
        assert not check or done.returncode == 0, text
        return text

    def close(self):
        for stage in (self.drop, self.real):
            if stage is not None:
                stage.close()
        self.dir.close()


@test
def it_has_the_symbols_of_pcsclite_and_its_name(_):
    theirs = next(path for path in ("/usr/lib/x86_64-linux-gnu/libpcsclite.so.1", "/usr/lib/libpcsclite.so.1")
                  if os.path.exists(path))
    ours = os.path.join(LIBRARY, "libpcsclite.so.1")
    names = [{tuple(line.split()[1:]) for line in run("nm", "-D", "--defined-only", path).stdout.decode().splitlines()}
             for path in (theirs, ours)]
    assert len(names[0]) > 20 and names[0] == names[1], names[0] ^ names[1]
    for path in (theirs, ours):
        assert "libpcsclite.so.1" in re.search(r"SONAME.*", run("readelf", "-d", path).stdout.decode())[0]
        assert "Version definition" not in run("readelf", "-V", path).stdout.decode()


@test
def what_it_is_given_is_checked_as_pcscd_does(stages):
    stages.compare(ARGUMENTS)


@test
def protocols_are_chosen_as_by_pcscd(stages):
    stages.compare(PROTOCOLS)


@test
def shared_handles_transactions_and_resets_are_as_under_pcscd(stages):
    stages.compare(SHARED)


@test
def exclusive_use_is_as_under_pcscd(stages):
    stages.compare(EXCLUSIVE)


@test
def who_dies_or_lets_go_of_everything_leaves_what_pcscd_leaves(stages):
    stages.compare(DEATHS)


@test
def a_card_that_is_pulled_out_is_noticed_as_under_pcscd(stages):
    stages.compare(REMOVAL)


@test
def waiting_for_changes_ends_as_with_pcscd(stages):
    stages.compare(WAITING)


@test
def failures_are_told_in_the_same_words(stages):
    stages.compare(TEXTS)


@test
def without_readers_there_is_no_service(stages):
    for given in ({}, {"JPKI_SOFTPCSC": ""}, {"JPKI_SOFTPCSC": "=/x"}, {"JPKI_SOFTPCSC": "/x:" * 16 + "/x"}):
        player = Player({"LD_LIBRARY_PATH": LIBRARY, **given})
        assert player.play("establish c0 2") == "establish -> 8010001D", given
        player.kill()
    player = Player({**stages.drop.environment, "JPKI_SOFTPCSC": "/nonexistent:" + stages.dir.file("nobody")})
    assert player.play("establish c0 2") == "establish -> 00000000"
    assert player.play("list c0") == "list -> 8010002E"
    player.kill()


@test
def a_reader_comes_and_goes_with_its_server(stages):
    """And has the name it is given."""
    other = Drop(stages.dir.file("other"))
    player = Player({**stages.drop.environment,
                     "JPKI_SOFTPCSC": f"First={stages.drop.socket}:Second={other.socket}"})
    assert player.play("establish c0 2") == "establish -> 00000000"
    assert player.play("connect c0 h0 First 2 3") == "connect 2 -> 00000000"
    assert player.play("connect c0 h1 Second 2 3") == "connect 2 -> 00000000"
    player.begin(f"change c0 20000 {PLUG_AND_PLAY} 0")
    assert player.is_waiting()
    other.close()
    assert player.end() == "change 0002  -> 00000000"
    assert player.play("status h1") == "status -> 80100017"
    assert player.play("disconnect h1 0") == "disconnect -> 80100017"
    assert player.play("status h1") == "status -> 80100003"
    assert player.play("change c0 0 Second 0") == "change 000E  -> 00000000"
    assert player.play("connect c0 h1 Second 2 3") == "connect 0 -> 80100009"
    assert player.play(f"transmit h0 {SELECT}") == "transmit 2 9000 -> 00000000"
    player.begin("change c0 20000 Second 4")
    assert player.is_waiting()
    again = Drop.__new__(Drop)
    again.__dict__.update(other.__dict__)
    again.start(again.serve_command("--pcsc", again.socket))
    assert player.end().startswith("change 0022 3B88")
    player.kill()
    again.close()


@test
def a_child_process_does_not_keep_its_parents_card(stages):
    """The second is alone once the first has let the card go, while the first one's child still lives."""
    first, second = stages.drop.ready("a", "b")
    assert first.play("connect c0 h0 - 1 3") == "connect 2 -> 00000000"
    assert first.play("fork") == "fork -> 00000000"
    assert second.play("connect c0 h0 - 1 3") == "connect 0 -> 8010000B"
    first.kill()
    wait_until("the card is free", lambda: second.play("connect c0 h0 - 1 3") == "connect 2 -> 00000000")


@test
def any_bytes_and_dead_clients_hurt_nobody_else(stages):
    player, = stages.drop.ready("a")
    assert player.play("connect c0 h0 - 2 3") == "connect 2 -> 00000000"
    assert player.play(f"transmit h0 {SELECT}") == "transmit 2 9000 -> 00000000"
    noises = [b"", b"\0", b"\xff" * 4000, b"\1\0\0\4\1\2\3\0" * 500, b"\1\0\0\0", b"\1\xff\xff\xff", b"\2\0\0\4",
              b"\1\0\0\4\1\2\3", b"\1\0\0\4\x08\0\0\0" * 3000, b"\1\0\0\5\5\0\0\0\0"]
    for noise in noises:
        with socket.socket(socket.AF_UNIX) as s:
            s.connect(stages.drop.socket)
            try:
                s.sendall(noise)
            except OSError:
                pass
    assert player.play(f"transmit h0 {TELL}") == "transmit 2 63C3 -> 00000000"


@test
def the_library_and_the_direct_socket_take_turns(stages):
    player, = stages.drop.ready("a")
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(60)
        s.connect(os.path.join(stages.drop.dir, "direct"))
        s.sendall(b"\0\x0f" + bytes.fromhex(SELECT))
        assert s.recv(4) == b"\0\2\x90\0"
        player.begin("connect c0 h0 - 2 3")
        assert player.is_waiting()
    assert player.end() == "connect 2 -> 00000000"
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(0.3)
        s.connect(os.path.join(stages.drop.dir, "direct"))
        s.sendall(b"\0\x0f" + bytes.fromhex(SELECT))
        try:
            assert not s.recv(4), "two sessions have the card"
        except TimeoutError:
            pass
        assert player.play("disconnect h0 0") == "disconnect -> 00000000"
        s.settimeout(60)
        assert s.recv(4) == b"\0\2\x90\0"  # at once, not after pcscd's five seconds


@test
def a_wrong_pin_is_counted_for_everybody_and_on_disk(stages):
    first, second = stages.drop.ready("a", "b")
    for player in (first, second):
        assert player.play("connect c0 h0 - 2 3") == "connect 2 -> 00000000"
    first.play(f"transmit h0 {SELECT}")
    assert first.play("transmit h0 002000980430303030") == "transmit 2 63C2 -> 00000000"
    assert second.play(f"transmit h0 {TELL}") == "transmit 2 63C2 -> 00000000"
    shown = run(program("jpki-softcard"), "show", "--json", os.path.join(stages.drop.dir, "card")).stdout
    assert b'"auth":{"set":true,"tries":2' in shown, shown
    stages.drop.process.kill()
    stages.drop.process.wait()
    stages.drop.start(stages.drop.serve_command("--pcsc", stages.drop.socket, "--direct",
                                                os.path.join(stages.drop.dir, "direct")))
    assert first.play(f"transmit h0 {TELL}") == "transmit -> 80100017"
    third, = stages.drop.ready("c")
    third.play("connect c0 h0 - 2 3")
    third.play(f"transmit h0 {SELECT}")
    assert third.play(f"transmit h0 {VERIFY}") == "transmit 2 9000 -> 00000000"
    assert third.play(f"transmit h0 {TELL}") == "transmit 2 63C3 -> 00000000"


@test
def a_card_that_goes_in_mid_command_is_not_transacted_and_then_removed(stages):
    player, = stages.drop.ready("a")
    player.play("connect c0 h0 - 2 3")
    stages.drop.trouble(remove_after=1)
    assert player.play(f"transmit h0 {SELECT}") == "transmit 2 9000 -> 00000000"
    assert player.play(f"transmit h0 {TELL}") == "transmit -> 80100016"
    assert player.play(f"transmit h0 {TELL}") == "transmit -> 80100069"
    assert player.play("reconnect h0 2 3 0") == "reconnect 0 -> 8010000C"
    stages.drop.insert(True)
    assert player.play("reconnect h0 2 3 0") == "reconnect 2 -> 00000000"
    assert player.play(f"transmit h0 {SELECT}") == "transmit 2 9000 -> 00000000"


# ---- programs that know nothing of us ----


@test
def opensc_finds_reader_and_card(stages):
    assert re.search(rf"^0 +Yes +{NAME}$", stages.client("opensc-tool", "-l"), re.MULTILINE)
    assert "3b:88:80:01:00:00:41:e0:b3:81:a1:00:3b" in stages.client("opensc-tool", "-a")
    assert "jpki" in stages.client("opensc-tool", "-n").split()
    assert len(re.findall(r"^X\.509 Certificate", stages.client("pkcs15-tool", "--dump"), re.MULTILINE)) == 4


@test
def opensc_takes_the_library_from_its_configuration(stages):
    conf = stages.dir.file("opensc.conf")
    write_text(conf, f"app default {{ reader_driver pcsc {{ provider_library = {LIBRARY}/libpcsclite.so.1; }} }}\n")
    assert "jpki" in stages.client("opensc-tool", "-n", LD_LIBRARY_PATH="", OPENSC_CONF=conf).split()


def sign_with(stages, slot, pin, key, name):
    data, signature = stages.dir.file("data"), stages.dir.file(f"signature-{name}")
    write_text(data, "to be signed\n")
    text = stages.client("pkcs11-tool", "--module", MODULE, "--slot-index", str(slot), "--login", "--pin", pin,
                         "--sign", "--id", key, "-m", "SHA256-RSA-PKCS", "-i", data, "-o", signature, check=False)
    return text, data, signature


@test
def both_keys_sign_and_openssl_accepts_it(stages):
    for slot, pin, key in ((0, "1234", "01"), (1, "ABC123", "02")):
        certificate, public = stages.dir.file("certificate.pem"), stages.dir.file("public.pem")
        text = stages.client("pkcs15-tool", "--verify-pin", "--auth-id", key, "--pin", pin, "--read-certificate", key)
        write_text(certificate, text[text.index("-----BEGIN"):])
        write_text(public, run("openssl", "x509", "-in", certificate, "-noout", "-pubkey").stdout.decode())
        _, data, signature = sign_with(stages, slot, pin, key, key)
        done = run("openssl", "dgst", "-sha256", "-verify", public, "-signature", signature, data)
        assert b"Verified OK" in done.stdout


@test
def pkcs11_tool_finds_no_error_on_either_slot(stages):
    for slot, pin in ((0, "1234"), (1, "ABC123")):
        assert "No errors" in stages.client("pkcs11-tool", "--module", MODULE, "--slot-index", str(slot), "--login",
                                            "--pin", pin, "--test")


@test
def four_processes_sign_at_once(stages):
    """25 times each, and none fails."""
    def worker(number):
        for _ in range(25):
            text, _, signature = sign_with(stages, number % 2, ("1234", "ABC123")[number % 2],
                                           ("01", "02")[number % 2], f"worker-{number}")
            if not os.path.exists(signature) or os.path.getsize(signature) != 256:
                failures.append(text)
                return
            os.unlink(signature)

    failures = []
    stages.client("opensc-tool", "-l")  # skips where it cannot be tried
    threads = [threading.Thread(target=worker, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures, failures[0]


@test
def scriptor_sends_what_it_is_told(stages):
    script = stages.dir.file("script")
    write_text(script, f"{SELECT}\n00A4020C020006\n00B0000020\n")
    text = stages.client("scriptor", "-r", NAME, script)
    assert "Using T=1" in text and "4A 50 4B 49 41 50 49 43 43 54 4F 4B 45 4E" in text, text


@test
def pyscard_reads_the_card(stages):
    script = "import smartcard.System as s; c = s.readers()[0].createConnection(); c.connect(); " \
        f"print(c.getATR()[:2], c.transmit(list(bytes.fromhex('{SELECT}'))))"
    if not os.path.exists("/usr/lib/python3/dist-packages/smartcard"):
        raise Skip("python3-pyscard is not installed")
    assert "[59, 136] ([], 144, 0)" in stages.client("/usr/bin/python3", "-c", script)


@test
def jpki_reads_the_card(stages):
    done = subprocess.run([program("jpki"), "card", "info"], stdout=subprocess.PIPE, timeout=60, check=True,
                          env={**os.environ, **stages.drop.environment, "LC_ALL": "C"})
    assert NAME in done.stdout.decode() and "JPKIAPICCTOKEN2" in done.stdout.decode()


if __name__ == "__main__":
    main(Stages)
