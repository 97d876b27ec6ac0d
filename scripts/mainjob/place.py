# SPDX-License-Identifier: Apache-2.0
"""Where the main job is done: a sandbox that it starts, and calls of programs in it."""
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile

from mainjob.outcome import Failed, last_line, own_line

COMMAND_SECONDS = 60


class Result:
    def __init__(self, code, out, text):
        self.code, self.out, self.text = code, out, text


class Place:
    """A sandbox, a directory for files, and the environment in which programs are called."""

    def __init__(self, options):
        self.options = options
        self.bin = os.path.abspath(options.bin)
        self.work = tempfile.mkdtemp(prefix="jpki-work-")
        self.fresh = options.once and options.dir is None
        self.dir = self.choose_directory()
        self.env = dict(os.environ, LC_ALL="C.UTF-8")
        self.sandbox = None
        self.troubles = open(self.file("troubles"), "w+", encoding="utf-8", errors="replace")
        self.state = {}

    def choose_directory(self):
        if self.options.dir is not None:
            return os.path.abspath(self.options.dir)
        if self.fresh:
            return tempfile.mkdtemp(prefix="jpki-", dir="/tmp")
        return None

    def in_dir(self, *names):
        return os.path.join(self.state["directory"], *names)

    def program(self, name):
        return os.path.join(self.bin, name)

    def dir_option(self):
        return [] if self.dir is None else ["--dir", self.dir]

    def call(self, *argv, expect=0, pin=None):
        """Run a program; its PIN, if it takes one, goes in by a pipe and nowhere else."""
        fds = ()
        if pin is not None:
            read_end, write_end = os.pipe()
            os.write(write_end, pin.encode() + b"\n")
            os.close(write_end)
            argv += ("--pin-fd", str(read_end))
            fds = (read_end,)
        try:
            done = subprocess.run(argv, env=self.env, stdin=subprocess.DEVNULL, pass_fds=fds,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                  timeout=COMMAND_SECONDS, check=False)
        except subprocess.TimeoutExpired:
            raise Failed(f"{argv[0]} did not end within {COMMAND_SECONDS} seconds") from None
        except FileNotFoundError:
            raise Failed(f"{argv[0]} is not installed") from None
        finally:
            for fd in fds:
                os.close(fd)
        text = done.stdout.decode(errors="replace")
        if expect is not None and done.returncode != expect:
            raise Failed(f"{os.path.basename(argv[0])} {argv[1] if len(argv) > 1 else ''} ended "
                         f"with {done.returncode}, not {expect}: {last_line(text)}")
        return Result(done.returncode, done.stdout, text)

    def start(self):
        """The sandbox gets a session of its own, so that Ctrl-C reaches us alone, and a signal
        from the kernel should we be killed."""
        self.sandbox = subprocess.Popen(
            ["setpriv", "--pdeathsig", "TERM", self.program("jpki-sandbox"), "up", "--json"]
            + self.dir_option(),
            env=self.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, start_new_session=True)
        line = self.sandbox.stdout.readline()
        if not line:
            reason = self.sandbox.stderr.read().decode(errors="replace")
            self.sandbox.wait()
            raise Failed(f"the sandbox does not start: {own_line(reason)}")
        self.state = json.loads(line)
        for name, value in exports(self.call(self.program("jpki-sandbox"), "env",
                                             *self.dir_option()).text):
            self.env[name] = value

    def trouble(self):
        """What the sandbox said; its first line, the others are advice."""
        self.troubles.seek(0)
        return self.troubles.readline().strip() or "(it said nothing)"

    def stop(self):
        if self.sandbox is not None and self.sandbox.poll() is None:
            self.sandbox.send_signal(signal.SIGTERM)
            try:
                self.sandbox.wait(timeout=COMMAND_SECONDS)
            except subprocess.TimeoutExpired:
                self.sandbox.kill()
                self.sandbox.wait()
        shutil.rmtree(self.work, ignore_errors=True)
        if self.fresh:
            shutil.rmtree(self.dir, ignore_errors=True)

    def file(self, name, content=None):
        path = os.path.join(self.work, name)
        if content is not None:
            with open(path, "wb") as out:
                out.write(content)
        return path


def exports(text):
    """What the printed environment does to a shell, found out by a shell."""
    names = re.findall(r"^export (\w+)=", text, re.M)
    script = text + "".join(f"printf '%s\\0' \"${name}\"\n" for name in names)
    out = subprocess.run(["/bin/sh", "-c", script], stdout=subprocess.PIPE, check=True).stdout
    return list(zip(names, out.decode().split("\0")))
