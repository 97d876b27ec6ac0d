# SPDX-License-Identifier: Apache-2.0
"""A sandbox that was up once: its keys are made, its CAs are there, and nothing has happened in it.

Most of a first start is making RSA keys. Tests of what comes after it begin with a copy, which no
other test sees; the first test of a build that wants one makes what is copied. Whatever is about the
first start itself has a start of its own (test_sandbox.py, test_run.py, test_readme.py).
"""
import fcntl
import glob
import hashlib
import os
import subprocess
import tempfile
import time

from harness import BIN, Directory, program

HOME = os.path.dirname(BIN)


def version():
    """What changes with anything that takes part in a start, and every day, as lists and answers age;
    files belong to who made them."""
    programs = sorted(glob.glob(os.path.join(BIN, "*")))
    facts = [(path, os.stat(path).st_mtime_ns, os.stat(path).st_size) for path in programs]
    return hashlib.sha256(repr((os.geteuid(), time.strftime("%F"), facts)).encode()).hexdigest()[:16]


def make(archive):
    directory = Directory()
    try:
        for words in (("up", "--detach"), ("down",)):
            subprocess.run([program("jpki-sandbox"), *words, "--dir", directory.path], stdin=subprocess.DEVNULL,
                           stdout=subprocess.DEVNULL, check=True, timeout=240)
        pack = ["tar", "--numeric-owner", "--warning=no-file-ignored", "-cf", archive + ".new", "-C", directory.path, "."]
        subprocess.run(pack, check=True)
        os.rename(archive + ".new", archive)
    finally:
        directory.close()


def archive_of_this_build():
    with open(os.path.join(HOME, "prepared-sandbox.lock"), "a", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        archive = os.path.join(HOME, f"prepared-sandbox-{version()}.tar")
        if not os.path.exists(archive):
            for old in glob.glob(os.path.join(HOME, "prepared-sandbox-*.tar")):
                os.unlink(old)
            make(archive)
        # Opened under the lock: it may be deleted, and is read all the same.
        return open(archive, "rb")


def fill(directory):
    """Make an empty directory such a sandbox's."""
    with archive_of_this_build() as archive:
        subprocess.run(["tar", "--numeric-owner", "--same-owner", "-xpf", "-", "-C", directory], stdin=archive, check=True)


def make_at(path):
    """The same where there is nothing yet."""
    os.mkdir(path, 0o700)
    fill(path)


def directory_for(parent="/tmp"):
    """A new directory with a sandbox in it that can be started."""
    path = tempfile.mkdtemp(prefix="jpki-sys-", dir=parent)
    fill(path)
    return path
