#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The soak of ./check --full in short: a sandbox that is used, steady; and that it would notice what grows."""
import subprocess
import sys

from harness import main, test
from soak import KIB, MIB, SHORT, Soak, judge

SECONDS = 20
LEAK_SECONDS = 8


class Lazy:
    """The sandbox is for the last two tests."""

    def __init__(self):
        self.soak = None

    def close(self):
        if self.soak is not None:
            self.soak.close()


def series(count=90, databases=lambda i: 100 * i, **growth):
    """Samples of a program that is steady but for what is given: by how much it grows each time."""
    start = {"memory": 20 * MIB, "files": 20, "threads": 8}
    return [{"done": i, "databases": {"a.db": MIB + databases(i)},
             "programs": {"d": {name: value + growth.get(name, 0) * i for name, value in start.items()}}}
            for i in range(count)]


@test
def what_is_steady_is_said_to_be(_):
    assert judge(series(), SHORT) == []
    # Whatever is filled in the first third may be.
    early = series()
    for sample in early[:25]:
        sample["programs"]["d"] = {"memory": 0, "files": 1, "threads": 1}
    assert judge(early, SHORT) == []


@test
def what_grows_is_told_by_its_name(_):
    for growth, word in (({"memory": 100 * KIB}, "memory"), ({"files": 1}, "files"), ({"threads": 0.5}, "threads")):
        [line] = judge(series(**growth), SHORT)
        assert line.startswith(f"d: {word} "), line
    assert judge(series(memory=KIB), SHORT) == []  # that much may come of anything


@test
def a_disk_that_an_operation_costs_ever_more_of_is_told(_):
    [line] = judge(series(databases=lambda i: 100 * i * i), SHORT)
    assert line.startswith("a.db: "), line
    assert judge(series(databases=lambda i: 5000 * i), SHORT) == []  # much, but always the same


@test
def a_program_that_ended_and_a_run_that_was_too_short_are_told(_):
    ended = series()
    ended[-1]["programs"]["d"] = None
    assert judge(ended, SHORT) == ["d: it ended"]
    try:
        judge(series(count=8), SHORT)
    except AssertionError as error:
        assert "too few" in str(error)
    else:
        raise AssertionError("eight samples were enough")


@test
def a_sandbox_that_is_used_is_steady(lazy):
    lazy.soak = soak = Soak()
    wrong = soak.run(SECONDS) + soak.errors()
    assert not wrong, wrong
    soak.audit_is_sound()
    assert soak.counts["verify"] > 0 and soak.counts["login"] > 0, soak.counts


# Five more files and three more MiB a second, or nothing of that.
PROGRAM = """
import sys, time
files, pieces = [], []
while True:
    time.sleep(0.2)
    if sys.argv[1] == "leaks":
        files.append(open("/dev/null"))
        pieces.append(b"x" * (600 << 10))
"""


@test
def a_program_that_leaks_is_noticed_beside_those_that_do_not(lazy):
    kinds = ("leaks", "holds")
    programs = {kind: subprocess.Popen([sys.executable, "-c", PROGRAM, kind]) for kind in kinds}
    try:
        wrong = lazy.soak.run(LEAK_SECONDS, {kind: process.pid for kind, process in programs.items()})
    finally:
        for process in programs.values():
            process.kill()
            process.wait()
    assert any(line.startswith("leaks: files ") for line in wrong), wrong
    assert any(line.startswith("leaks: memory ") for line in wrong), wrong
    assert all(line.startswith("leaks: ") for line in wrong), wrong


if __name__ == "__main__":
    sys.exit(main(Lazy))
