#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the harness does for the other scripts: whatever becomes of a test, nothing of it stays behind."""
import contextlib
import os
import signal
import subprocess
import sys

from harness import PATIENCE, Directory, main, test, wait_until, works_in, write_text

# A test with a directory, a daemon and a program that nobody knows of, which ignores being told to end.
SCRIPT = """import subprocess, sys, time, harness
class Fixture:
    def __init__(self):
        self.dir = harness.Directory()
        harness.write_text(self.dir.file("log"), "")
        listen = ("import signal, socket, sys; s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]); s.listen();"
                  "signal.pause()")
        self.daemon = harness.Daemon([sys.executable, "-c", listen, self.dir.file("socket")], self.dir.file("socket"),
                                     self.dir.file("log"))
        self.daemon.start()
        stays = "import signal, sys; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); signal.pause()"
        self.other = subprocess.Popen([sys.executable, "-c", stays, self.dir.file("x")], stdout=subprocess.PIPE)
        self.other.stdout.readline()
        print(self.dir.path, flush=True)
        WHAT
harness.main(Fixture)
"""


class Nothing:
    def close(self):
        pass


def begin(top, what):
    """The process of such a test, and its directory once all is there."""
    path = top.file("test.py")
    write_text(path, SCRIPT.replace("WHAT", what))
    search = os.pathsep.join([os.path.dirname(os.path.abspath(__file__)), *sys.path])
    process = subprocess.Popen([sys.executable, "-B", path], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               env={**os.environ, "PYTHONPATH": search})
    assert process.stdout.readline() == b"1..0\n"
    return process, process.stdout.readline().decode().strip()


def programs_in(directory):
    return [pid for pid in os.listdir("/proc") if pid.isdigit() and works_in(directory, pid)]


def assert_nothing_is_left(directory):
    assert directory.startswith("/tmp/jpki-"), directory
    wait_until("its programs are gone", lambda: not programs_in(directory))
    assert not os.path.exists(directory)


@test
def of_a_test_whose_fixture_fails_nothing_is_left(_):
    with contextlib.closing(Directory()) as top:
        process, directory = begin(top, "raise AssertionError('the fixture failed')")
        _, told = process.communicate(timeout=PATIENCE)
        assert process.returncode == 1 and b"the fixture failed" in told, told
        assert_nothing_is_left(directory)


@test
def of_a_test_that_is_told_to_end_nothing_is_left(_):
    with contextlib.closing(Directory()) as top:
        process, directory = begin(top, "while True: time.sleep(0.1)")  # a pause would miss a signal just before it
        assert len(programs_in(directory)) == 2
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE)
        assert process.returncode == 128 + signal.SIGTERM, process.returncode
        assert_nothing_is_left(directory)


if __name__ == "__main__":
    main(Nothing)
