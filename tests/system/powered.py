# SPDX-License-Identifier: Apache-2.0
"""Directories whose power can be cut (tests/support/powercut), in a mount namespace of the test's own."""
import os
import subprocess
import sys

from harness import read_text, run

INSIDE = "JPKI_TEST_IN_NAMESPACE"


def namespace():
    user = [] if os.getuid() == 0 else ["-r"]
    return ["unshare", *user, "-m", "--propagation", "private"]


def why_not():
    """Why there are no such directories here, or None."""
    if not os.access("/dev/fuse", os.R_OK | os.W_OK):
        return "/dev/fuse cannot be opened here"
    if run(*namespace(), "true", check=False).returncode != 0:
        return "no mount namespaces here"
    return None


def enter(*argv):
    """Start this program again in a namespace of its own; if there is none, go on without."""
    if INSIDE not in os.environ:
        os.environ[INSIDE] = why_not() or ""
        if not os.environ[INSIDE]:
            os.execvp("unshare", [*namespace(), sys.executable, "-B", *argv])


def reason():
    """Why nothing can be done in this process; empty if it can."""
    return os.environ.get(INSIDE, "not in a namespace")


class PowerDisk:
    """One of them, and the program that makes it. Everything is known of it but what it holds."""

    def __init__(self, directory):
        self.platter, self.mount = directory + ".platter", directory
        for path in (self.platter, self.mount):
            os.mkdir(path, 0o700)
        self.shim = subprocess.Popen([os.environ["JPKI_TEST_POWERCUT"], self.platter, self.mount],
                                     stdout=subprocess.PIPE)
        assert self.shim.stdout.readline() == b"ready\n"

    def order(self, text):
        with open(os.path.join(self.mount, ".powercut"), "wb", buffering=0) as f:
            f.write(text.encode())

    def report(self):
        return read_text(os.path.join(self.mount, ".powercut")).split("\n")

    def is_off(self):
        return "power off" in self.report()[0]

    def unsynced(self):
        """Names of the files whose contents were not synced when the last order struck."""
        return self.report()[1].split()[1:]

    def close(self):
        self.shim.terminate()
        assert self.shim.wait(timeout=60) == 0
        self.shim.stdout.close()
