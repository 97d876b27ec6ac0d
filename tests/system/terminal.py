# SPDX-License-Identifier: Apache-2.0
"""A program with a terminal of its own, and somebody who reads and types."""
import os
import pty
import select
import signal
import termios
import time


class Terminal:
    def __init__(self, argv, environment):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ.update(environment)
            os.execv(argv[0], argv)
        self.seen = ""
        self.at = 0  # what expect_next has passed

    def read(self):
        ready, _, _ = select.select([self.fd], [], [], 0.2)
        if not ready:
            return True
        try:
            piece = os.read(self.fd, 4096)
        except OSError:
            return False
        self.seen += piece.decode(errors="replace")
        return piece != b""

    def expect(self, text):
        """Shown by now, or within a time that is enough on a slow machine."""
        end = time.monotonic() + 60
        while text not in self.seen:
            assert self.read() and time.monotonic() < end, (text, self.seen[-2000:])

    def expect_next(self, text):
        """The same behind what was expected before."""
        end = time.monotonic() + 60
        while text not in self.seen[self.at :]:
            assert self.read() and time.monotonic() < end, (text, self.seen[self.at :])
        self.at = self.seen.index(text, self.at) + len(text)

    def type(self, text):
        os.write(self.fd, text.encode())

    def answer(self, question, text):
        self.expect_next(question)
        self.type(text + "\n")

    def echoes(self):
        return bool(termios.tcgetattr(self.fd)[3] & termios.ECHO)

    def code(self):
        """Reads to the end; the exit code."""
        while self.read():
            pass
        _, status = os.waitpid(self.pid, 0)
        os.close(self.fd)
        return os.waitstatus_to_exitcode(status)

    def kill(self):
        os.kill(self.pid, signal.SIGKILL)
        assert self.code() == -signal.SIGKILL
