# SPDX-License-Identifier: Apache-2.0
"""A sandbox that is used at a steady rate, and what must not grow meanwhile (scripts/soak).

People log in, sign, have signatures verified, move, which revokes a certificate, and a provider asks
for the latest attributes; time jumps. Memory, open files and threads of every program, and the
databases' sizes for each operation, are as steady in the last third as in the second: the first one
is for caches and pools to fill.
"""
import contextlib
import itertools
import json
import os
import re
import sqlite3
import statistics
import subprocess
import threading
import time

from harness import ask, program, read_text, run, wait_until, write_text
from sandbox_party import Party
from test_sandbox import Sandbox, environment

BANK, SERVICE = "sample-bank", "accounts"
PIN, PASSWORD = "1234\n", "ABC123\n"
PERSONA = "X-JPKI-Sandbox-Persona"
KIB, MIB = 1 << 10, 1 << 20
# What may be more in the last third than in the second: so much, and this part of what there was.
MEASURES = {"memory": (MIB, 0.05), "files": (3, 0.05), "threads": (2, 0.05)}
SHORT = 120  # seconds; below it pools still fill
SHORT_MEMORY = 4 * MIB
ONCE = 13  # acts, until each was done


class Steady(AssertionError):
    """What was not, each in a line."""


def status_of(pid):
    """Memory of its own, open files, threads; None if it is gone."""
    try:
        status = dict(re.findall(r"^(\w+):\s+(\d+)", read_text(f"/proc/{pid}/status"), re.MULTILINE))
        return {"memory": int(status["RssAnon"]) * KIB, "threads": int(status["Threads"]),
                "files": len(os.listdir(f"/proc/{pid}/fd"))}
    except (OSError, KeyError):
        return None


def used_bytes(path):
    """What is in a database, with what waits in its write-ahead log; files grow in jumps."""
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=60)) as db:
        size, pages, free = (db.execute(f"PRAGMA {name}").fetchone()[0]
                             for name in ("page_size", "page_count", "freelist_count"))
    return size * (pages - free)


def database_sizes(directory):
    return {name: used_bytes(os.path.join(folder, name))
            for folder, _, names in os.walk(directory) for name in names if name.endswith(".db")}


class Samples:
    """Taken every so often in a thread of its own, beside how much was done by then."""

    def __init__(self, pids, directory, done, seconds):
        self.pids, self.directory, self.done = pids, directory, done
        self.taken, self.over = [], threading.Event()
        self.pause = max(0.2, seconds / 300)
        self.thread = threading.Thread(target=self.take)
        self.thread.start()

    def take(self):
        while not self.over.wait(self.pause):
            self.taken.append({"done": self.done(), "databases": database_sizes(self.directory),
                               "programs": {name: status_of(pid) for name, pid in self.pids.items()}})

    def stop(self):
        self.over.set()
        self.thread.join()
        return self.taken


def thirds(samples):
    size = len(samples) // 3
    return samples[size:2 * size], samples[2 * size:]


def judge_program(name, second, last, seconds):
    """What grows of a program."""
    gone = [sample for sample in second + last if sample["programs"][name] is None]
    if gone:
        yield f"{name}: it ended"
        return
    for measure, (more, part) in MEASURES.items():
        if measure == "memory" and seconds < SHORT:
            more = SHORT_MEMORY
        before, after = (statistics.median(s["programs"][name][measure] for s in third) for third in (second, last))
        if after > before + more + part * before:
            yield f"{name}: {measure} {before:.0f}, then {after:.0f}"


def judge_database(name, second, last, seconds):
    """Whether an operation costs more of the disk than it did; a page or some more is chance."""
    def each(third):
        return ((third[-1]["databases"][name] - third[0]["databases"][name])
                / max(1, third[-1]["done"] - third[0]["done"]))
    before, after = each(second), each(last)
    chance = (32 if seconds >= SHORT else 512) * KIB / max(1, last[-1]["done"] - last[0]["done"])
    if after > 1.3 * before + chance:
        yield f"{name}: {before:.0f} bytes for an operation, then {after:.0f}"


def judge(samples, seconds):
    """All that was not steady."""
    assert len(samples) >= 9, f"{len(samples)} samples are too few"
    second, last = thirds(samples)
    return [*itertools.chain.from_iterable(judge_program(name, second, last, seconds) for name in samples[0]["programs"]),
            *itertools.chain.from_iterable(judge_database(name, second, last, seconds) for name in second[0]["databases"])]


class Soak:
    """A sandbox, and everybody who uses it."""

    def __init__(self):
        self.box = Sandbox(is_new=False).start()
        self.env = environment(self.box)
        self.party = Party(self.box)
        self.document = os.path.join(self.box.dir, "log", "contract.txt")
        self.key = read_text(os.path.join(self.box.dir, "providers", BANK + ".key")).strip()
        self.logged = {}
        self.homes = itertools.cycle(["兵庫県神戸市中央区見本町２番", "兵庫県神戸市中央区見本町７番"])
        self.counts = {"login": 0, "sign": 0, "verify": 0, "move": 0, "latest": 0, "clock": 0}
        write_text(self.document, "a contract")
        self.box.call("persona", "card", "hanako")
        wait_until("the card is in the reader", lambda: self.jpki("card", "info").returncode == 0)
        self.holder = self.consent()
        self.box.call("clock", "+1d")  # from when it counts
        self.sign()

    def close(self):
        self.box.close()

    def done(self):
        return sum(self.counts.values())

    def jpki(self, *words, secret=""):
        """At the sandbox's time."""
        return subprocess.run([program("jpki-sandbox"), "exec", "--dir", self.box.dir, program("jpki"), *words],
                              env=self.env, input=secret.encode(), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              timeout=120, check=False)

    def bank(self, method, path, body=None):
        return ask(os.path.join(self.box.dir, "platform/platform.sock"), method, path, body,
                   fields={"Authorization": f"Bearer {self.key}"})

    def consent(self):
        given = self.jpki("consent", "give", "--platform", self.env["JPKI_PLATFORM"], BANK, SERVICE, "--yes",
                          "--pin-fd", "0", secret=PASSWORD)
        assert given.returncode == 0, given
        status, consent = self.bank("POST", "/v1/consents", json.loads(given.stdout))
        assert status == 201, (status, consent)
        return consent["holder"]

    # ---- what is done ----

    def login(self):
        answer = self.party.redeem(self.party.log_in({PERSONA: "hanako"}))[2]
        status, _, told = self.party.userinfo(answer["access_token"])
        assert status == 200 and told["name"], (status, told)

    def sign(self):
        wait_until("the card is in the reader", lambda: self.jpki("card", "info").returncode == 0)
        signed = self.jpki("sign", self.document, "--yes", "--force", "--pin-fd", "0", secret=PASSWORD)
        assert signed.returncode == 0, signed
        # A responder learns of a new certificate a moment later.
        wait_until("it is valid", lambda: self.is_valid().returncode == 0)

    def is_valid(self):
        return self.jpki("verify", self.document, "--platform", self.env["JPKI_PLATFORM"])

    def verify(self):
        said = self.is_valid()
        assert said.returncode == 0, said

    def events(self):
        """The bank's, all of them."""
        found, after = [], None
        while True:
            status, page = self.bank("GET", "/v1/events" + (f"?after={after}" if after else ""))
            assert status == 200, page
            if not page["events"]:
                return found
            found += page["events"]
            after = found[-1]["id"]

    def newer(self):
        return sum(event["type"] == "holder.data_may_have_changed" for event in self.events())

    def move(self):
        """A certificate is revoked, the bank is told, and asks: no event is lost."""
        home, before = next(self.homes), self.newer()
        self.box.call("move", "hanako", "--address", home, "--municipality", "28100")
        wait_until("the bank is told", lambda: self.newer() == before + 1, 120)
        status, latest = self.bank("POST", f"/v1/holders/{self.holder}/latest", {"service": SERVICE})
        assert status == 200 and latest["attributes"]["address"] == home, (status, latest)
        self.counts["latest"] += 1
        self.sign()

    def clock(self):
        self.box.call("clock", "+1h")
        wait_until("it is valid", lambda: self.is_valid().returncode == 0)

    # ---- the run ----

    def run(self, seconds, others=None):
        """
        All of that at a steady rate, each at least once; what was not steady. Other programs that are
        looked at as well are given by names and process ids.
        """
        rhythm = itertools.cycle(["verify", "login", "verify", "sign", "verify", "login", "verify", "verify", "clock",
                                  "verify", "login", "move"])
        least = self.done() + ONCE
        # But for the card, which is another program after each move.
        pids = {row["name"]: row["pid"] for row in self.box.status()["programs"] if row["name"] != "jpki-softcard"}
        pids |= others or {}
        self.logged = self.log_sizes()
        samples = Samples(pids, self.box.dir, self.done, seconds)
        end = time.monotonic() + seconds
        try:
            while time.monotonic() < end or self.done() < least:
                act = next(rhythm)
                getattr(self, act)()
                self.counts[act] += 1
        finally:
            taken = samples.stop()
        return judge(taken, seconds)

    def log_sizes(self):
        folder = os.path.join(self.box.dir, "log")
        return {name: os.path.getsize(os.path.join(folder, name)) for name in os.listdir(folder) if name.endswith(".log")}

    def errors(self):
        """Lines that were logged in the last run and must not be: failures, and answers that are the server's fault."""
        found = []
        for name in sorted(self.log_sizes()):
            with open(os.path.join(self.box.dir, "log", name), encoding="utf-8", errors="replace") as stream:
                stream.seek(self.logged.get(name, 0))
                found += [line.strip() for line in stream
                          if '"level":"error"' in line or re.search(r'"status":5\d\d', line)]
        return found

    def audit_is_sound(self):
        run(program("jpkictl"), "audit", "verify", "--socket", os.path.join(self.box.dir, "platform/platform.sock"))
