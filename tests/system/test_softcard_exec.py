#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""jpki-softcard exec, trace and many cards, with a program of PC/SC that is linked to pcsclite."""
import glob
import os
import shutil
import signal
import struct
import subprocess
import time

from harness import Directory, connect, listens, main, program, read_text, run, test, wait_until

PLAY, MAKE_CARD = os.environ["JPKI_TEST_PCSC_PLAY"], os.environ["JPKI_TEST_MAKE_CARD"]
SELECT, VERIFY = "00A4040C0AD392F000260100000001", "0020009804" + b"1234".hex()
PIECE = f"establish c0 2\nlist c0\nconnect c0 h0 - 2 3\ntransmit h0 {SELECT}\ntransmit h0 {VERIFY}\nstatus h0\n"
LINE = "connect 2 -> 00000000"


class Fixture:
    def __init__(self):
        self.dir = Directory()
        run(MAKE_CARD, self.dir.path)
        self.card = self.dir.file("card")

    def close(self):
        self.dir.close()

    def copy(self, name):
        for ending in ("", ".counters", ".key"):
            shutil.copy(self.card + ending, self.dir.file(name) + ending)
        return self.dir.file(name)

    def execute(self, *argv, data="", options=()):
        return subprocess.run([program("jpki-softcard"), "exec", *options, self.card, *argv], input=data.encode(),
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60,
                              env={**os.environ, "TMPDIR": self.dir.path})

    def is_clean(self):
        return not glob.glob(self.dir.file("jpki-softcard-*"))


@test
def a_command_has_the_card_in_its_reader(fixture):
    done = fixture.execute("--", PLAY, data=PIECE)
    assert done.returncode == 0 and LINE in done.stdout.decode(), done
    assert "reader 3B888001000041E0B381A1003B" in done.stdout.decode(), done
    done = fixture.execute(PLAY, data=PIECE, options=("--atr", "contact"))
    assert "reader 3BE000FF8131FE4514" in done.stdout.decode(), done
    assert fixture.is_clean()


@test
def its_exit_status_is_the_commands(fixture):
    assert fixture.execute("sh", "-c", "exit 9").returncode == 9
    assert fixture.execute("sh", "-c", "kill -9 $$").returncode == 128 + 9
    done = fixture.execute("--", "sh", "-c", 'echo "$@"', "sh", "one", "two", options=("--trouble", "latency_ms=1"))
    assert done.stdout == b"one two\n", done
    done = fixture.execute("no-such-command")
    assert done.returncode == 127 and b"no-such-command" in done.stderr, done
    done = fixture.execute("--")
    assert done.returncode == 2 and b"which command" in done.stderr, done
    assert fixture.is_clean()


@test
def a_card_that_cannot_be_opened_runs_no_command(fixture):
    done = run(program("jpki-softcard"), "exec", fixture.dir.file("nothing"), "touch", fixture.dir.file("ran"),
               check=False)
    assert done.returncode == 2 and b"no such card" in done.stderr, done
    assert not os.path.exists(fixture.dir.file("ran"))
    done = fixture.execute("true", options=("--trouble", "nonsense=1"))
    assert done.returncode == 2 and b"there are remove_after, " in done.stderr, done


@test
def a_signal_is_passed_on_and_all_is_cleaned_up(fixture):
    with subprocess.Popen([program("jpki-softcard"), "exec", fixture.card, "sh", "-c",
                           f"trap 'exit 7' TERM; echo $PPID > {fixture.dir.file('pid')}; while :; do sleep 0.1; done"],
                          env={**os.environ, "TMPDIR": fixture.dir.path}) as process:
        wait_until("the command runs", lambda: os.path.exists(fixture.dir.file("pid")))
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 7
    assert fixture.is_clean()


@test
def a_trace_says_everything_but_the_pin(fixture):
    trace = fixture.dir.file("trace")
    fixture.execute(PLAY, data=PIECE, options=("--trace", trace))
    text = read_text(trace)
    assert text == f"> 00A4040C SELECT {SELECT[10:].lower()}\n< 9000 done\n" \
        "> 00200098 VERIFY, 4 bytes not shown\n< 9000 done\n", text
    assert os.stat(trace).st_mode & 0o777 == 0o600


@test
def trace_follows_a_card_until_it_is_gone(fixture):
    script = f'{program("jpki-softcard")} trace $JPKI_SOFTPCSC > {fixture.dir.file("live")} & ' \
        f"sleep 0.5; {PLAY}; sleep 0.3"
    assert fixture.execute("sh", "-c", script, data=PIECE).returncode == 0
    wait_until("the trace is written", lambda: "VERIFY, 4 bytes not shown" in read_text(fixture.dir.file("live")))
    done = run(program("jpki-softcard"), "trace", fixture.dir.file("nobody"), check=False)
    assert done.returncode == 2, done


@test
def troubles_begin_with_the_card(fixture):
    done = fixture.execute(PLAY, data=PIECE, options=("--trouble", "mute_after=1"))
    assert "transmit 2 9000 -> 00000000\ntransmit -> 80100016" in done.stdout.decode(), done
    began = time.monotonic()
    fixture.execute(PLAY, data=PIECE, options=("--trouble", "latency_ms=400"))
    assert time.monotonic() - began > 0.8


def on_a_terminal(fixture, trouble):
    """What jpki says on standard error, which is a terminal."""
    ours, theirs = os.openpty()
    done = subprocess.run([program("jpki-softcard"), "exec", "--trouble", trouble, fixture.card, "--",
                           program("jpki"), "pin", "status"], stdout=subprocess.PIPE, stderr=theirs, timeout=60,
                          env={**os.environ, "TMPDIR": fixture.dir.path, "LC_ALL": "C"})
    os.close(theirs)
    os.set_blocking(ours, False)
    try:
        return done, os.read(ours, 4096).decode()
    except BlockingIOError:
        return done, ""
    except OSError:  # nothing was written, and nobody is there to write any more
        return done, ""
    finally:
        os.close(ours)


@test
def who_waits_for_a_slow_card_is_told_so_once(fixture):
    done, said = on_a_terminal(fixture, "latency_ms=120")
    assert done.returncode == 0 and said.count("still waiting") == 1, (done, said)
    done, said = on_a_terminal(fixture, "latency_ms=0")
    assert done.returncode == 0 and said == "", (done, said)
    done = fixture.execute(program("jpki"), "pin", "status", options=("--trouble", "latency_ms=120"))
    assert done.returncode == 0 and done.stderr == b"", done


@test
def many_cards_are_one_process_and_each_is_its_own(fixture):
    names = [f"card-{number}" for number in range(20)]
    cards, sockets = [fixture.copy(name) for name in names], fixture.dir.file("sockets")
    os.mkdir(sockets)
    path = os.path.join(sockets, "card-19.direct")
    # LeakSanitizer cannot look into a process that hardened itself.
    environment = {**os.environ, "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"}
    with subprocess.Popen([program("jpki-softcard"), "serve", *cards, "--socket-dir", sockets],
                          stderr=subprocess.DEVNULL, env=environment) as process:
        wait_until("the last card serves", lambda: process.poll() is not None or listens(path))
        assert len(os.listdir(sockets)) == 40
        assert len(os.listdir(f"/proc/{process.pid}/task")) == 1
        sessions = [connect(os.path.join(sockets, f"{name}.direct")) for name in names]
        for number, session in enumerate(sessions):
            for command in (SELECT, "002000980430303030" if number == 7 else VERIFY):
                session.sendall(struct.pack(">H", len(command) // 2) + bytes.fromhex(command))
                assert session.recv(4)[:2] == b"\0\2"
        for session in sessions:
            session.close()
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0
    assert not os.listdir(sockets)
    for number, card in enumerate(cards):
        shown = run(program("jpki-softcard"), "show", "--json", card).stdout.decode()
        assert ('"tries":2' in shown) == (number == 7), shown


@test
def ways_that_fit_one_card_only_are_refused_for_many(fixture):
    cards = [fixture.copy("one"), fixture.copy("two")]
    for options in (("--direct", "x"), (), ("--socket-dir", fixture.dir.path, "--pcsc", "x")):
        done = run(program("jpki-softcard"), "serve", *cards, *options, check=False)
        assert done.returncode == 2, done


if __name__ == "__main__":
    main(Fixture)
