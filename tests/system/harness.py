# SPDX-License-Identifier: Apache-2.0
"""What system tests share: TAP, the programs under test, HTTP over Unix sockets."""
import atexit
import contextlib
import ctypes
import fcntl
import http.client
import json
import os
import random
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import traceback

import kept

BIN = os.environ.get("JPKI_TEST_BIN", os.path.join(os.getcwd(), "build", "bin"))


class Skip(Exception):
    """This cannot be tried here; the text says why."""


TESTS = []


def test(function):
    """Its name is the sentence that is reported. Only the script's own: others lend their fixture."""
    if function.__module__ == "__main__":
        TESTS.append(function)
    return function


def main(make_fixture):
    """Run all tests with one fixture, which has close(); print TAP."""
    signal.signal(signal.SIGTERM, give_up)
    print(f"1..{len(TESTS)}", flush=True)
    fixture = make_fixture()
    failed = 0
    try:
        for number, function in enumerate(TESTS, 1):
            failed += not run_one(number, function, fixture)
    finally:
        fixture.close()
    sys.exit(1 if failed else 0)


def give_up(number, _):
    """Of a test that took too long: as if it had failed, so that nothing of it stays."""
    sys.exit(128 + number)


def run_one(number, function, fixture):
    name = function.__name__.replace("_", " ")
    try:
        function(fixture)
    except Skip as reason:
        print(f"ok {number} - {name} # SKIP {reason}", flush=True)
        return True
    except Exception:  # pylint: disable=broad-except
        for line in traceback.format_exc(limit=3).splitlines():
            print(f"# {line}", flush=True)
        print(f"not ok {number} - {name}", flush=True)
        return False
    print(f"ok {number} - {name}", flush=True)
    return True


def as_nobody(function):
    """What function returns when user 65534 calls it; only root can ask. No program is started:
    this user may not be able to read where the tests lie."""
    read_end, write_end = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
            os.write(write_end, json.dumps(function()).encode())
        finally:
            os._exit(0)
    os.close(write_end)
    with os.fdopen(read_end, "rb") as stream:
        said = stream.read()
    os.waitpid(pid, 0)
    return json.loads(said)


# How long what is expected soon may take where a machine has much else to do.
PATIENCE = 60
ABANDONED_SECONDS = 5  # for programs that nobody needs any more, to end by themselves
LINES_TOLD = 12  # the last of a log, where a daemon did not end well


def wait_until(what, condition, seconds=PATIENCE):
    """Wait for a condition that is expected soon; asking may take a program, so ever less often."""
    end, pause = time.monotonic() + seconds, 0.02
    while time.monotonic() < end:
        if condition():
            return
        time.sleep(pause)
        pause = min(pause * 1.3, 0.2)
    raise AssertionError(f"not within {seconds} s: {what}")


def listens(path):
    with socket.socket(socket.AF_UNIX) as s:
        try:
            s.connect(path)
        except OSError:
            return False
    return True


def connect(path):
    """A connection that gives up in the end."""
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(PATIENCE)
    s.connect(path)
    return s


PORTS = (12000, 32000)  # above the sandboxes', below those that the kernel gives to clients
HELD = []


def free_port():
    """A port that is ours while this process lives: nobody else is given it, and who listens there asks to have it
    again, as daemons do."""
    while True:
        s = socket.socket()
        try:
            s.bind(("127.0.0.1", random.randrange(*PORTS)))
        except OSError:
            s.close()
            continue
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        HELD.append(s)
        return s.getsockname()[1]


CLONE_NEWNET, SIOCSIFFLAGS, IFF_UP = 0x40000000, 0x8914, 1


def take_own_network():
    """For what has one port on each machine: from here on nobody else's are seen. Only root can have that; for others
    a second run at the same time is in the way."""
    if ctypes.CDLL(None).unshare(CLONE_NEWNET) == 0:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            fcntl.ioctl(s, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", IFF_UP))


class Daemon:
    """A program that listens on a Unix socket; its log is kept over restarts."""

    def __init__(self, argv, path, log, **environment):
        self.argv, self.path, self.log = argv, path, log
        self.more = environment
        self.process = None
        atexit.register(self.abandon)

    def start(self):
        self.launch()
        self.wait_for_socket()

    def launch(self):
        # LeakSanitizer cannot look into a process that hardened itself.
        options = os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"
        environment = dict(os.environ, ASAN_OPTIONS=options) | self.more
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                self.argv, stdin=subprocess.DEVNULL, stderr=log, stdout=log, env=environment
            )

    def wait_for_socket(self):
        # Keys take long to open where there is little time for it: many tests at once, a sanitizer.
        wait_until(f"{self.argv[0]} listens", lambda: self.process.poll() is not None or listens(self.path))
        assert self.process.poll() is None, f"{self.argv[0]} ended: {read_text(self.log)[-500:]}"

    def is_sanitized(self):
        """Built with a sanitizer, which locks no memory and gives none back."""
        return "libasan" in read_text(f"/proc/{self.process.pid}/maps")

    def keep_metrics(self):
        if any(os.path.basename(word).startswith(kept.HTTP_DAEMONS) for word in self.argv):
            kept.keep_metrics(self.path)

    def abandon(self):
        """Of a test whose fixture failed behind it, and that nobody can close."""
        if self.process is not None and self.process.poll() is None:
            self.kill()

    def kill(self):
        """As a power cut would end it."""
        self.process.kill()
        self.process.wait()

    def stop(self):
        self.keep_metrics()
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(timeout=PATIENCE)
        if status != 0:
            print("".join(f"# {line}\n" for line in read_text(self.log).splitlines()[-LINES_TOLD:]), end="", flush=True)
        return status

    def close(self):
        if self.process is not None and self.process.poll() is None:
            self.keep_metrics()
            self.kill()
        # A status that the route's row, and so the document of the API, does not have.
        log = read_text(self.log) if self.process is not None else ""
        assert "http.undeclared" not in log, log


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout):
        super().__init__("localhost", timeout=timeout)
        self.unix_path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.unix_path)


def ask(path, method, url, body=None, timeout=PATIENCE, fields=None):
    """One exchange; the status and the JSON of the answer (None if there is none)."""
    connection = UnixConnection(path, timeout)
    try:
        headers = dict(fields or {}, **({} if body is None else {"Content-Type": "application/json"}))
        data = None if body is None else json.dumps(body).encode()
        connection.request(method, url, data, headers)
        answer = connection.getresponse()
        text = answer.read()
        return answer.status, json.loads(text) if text else None
    finally:
        connection.close()


def run(*argv, data=None, check=True):
    """A program that ends by itself: what it printed."""
    done = subprocess.run(argv, input=data, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120)
    if check and done.returncode != 0:
        raise AssertionError(f"{argv[0]} ended with {done.returncode}: {done.stderr.decode()}")
    return done


def program(name):
    return os.path.join(BIN, name)


def read_text(path):
    with open(path, encoding="utf-8", errors="replace") as f:
        return f.read()


def write_text(path, text, mode=0o600):
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w", encoding="utf-8") as f:
        f.write(text)


def make_clock(directory, offset=0):
    """A sandbox's directory with nothing in it but its clock, which sandbox builds are told of."""
    write_text(os.path.join(directory, ".jpki-sandbox"), "OpenJPKI sandbox, version 1\n")
    path = os.path.join(directory, "clock")
    with open(path, "wb") as f:
        f.write(struct.pack("=8sIIq", b"JPKITIME", 1, 0, offset))
    os.environ["JPKI_SANDBOX_CLOCK"] = path
    return path


def works_in(directory, pid):
    """Whether the command line of a process names something below a directory; zombies have none."""
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as f:
            return os.fsencode(directory + "/") in f.read()
    except OSError:
        return False


class Directory:
    """A directory of the test's own, short enough for socket paths."""

    def __init__(self):
        self.path = tempfile.mkdtemp(prefix="jpki-", dir="/tmp")
        atexit.register(self.abandon)

    def file(self, *parts):
        return os.path.join(self.path, *parts)

    def abandon(self):
        """Of a test whose fixture failed behind it, and that nobody can close; with whatever works in there."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            left = [int(pid) for pid in os.listdir("/proc") if pid.isdigit() and works_in(self.path, pid)]
            for pid in left:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, number)
            end = time.monotonic() + ABANDONED_SECONDS
            while any(works_in(self.path, pid) for pid in left) and time.monotonic() < end:
                time.sleep(0.02)
        kept.keep_directory(self.path)
        shutil.rmtree(self.path, ignore_errors=True)

    def close(self):
        atexit.unregister(self.abandon)
        kept.keep_directory(self.path)
        shutil.rmtree(self.path)
