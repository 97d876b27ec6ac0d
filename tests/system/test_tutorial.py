#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""docs/tutorial.md and its translation are true, command by command (test_readme.py), and are ten commands until the
account is open. The bank listens at a free port instead of the page's."""
import os
import re
import shutil
import time

from harness import Directory, free_port, main, read_text, test
from test_readme import ROOT, commands, differences, play

PORT = "4711"
TEN = 10
MINUTES_MAX = 10
WAIT = "for i in $(seq 600); do curl -s -o bank.html http://127.0.0.1:%d/ && break; sleep 0.1; done; rm -f bank.html"
HEADING = re.compile(r"^## .*$", re.MULTILINE)


def steps_of(page, port):
    text = read_text(os.path.join(ROOT, "docs", page))
    return commands(text.replace(PORT, str(port)))


def first_part(page):
    """Commands under the first heading."""
    return commands(HEADING.split(read_text(os.path.join(ROOT, "docs", page)))[1])


def stand_in_the_repository(folder):
    """What of it the page needs."""
    os.mkdir(folder)
    shutil.copytree(os.path.join(ROOT, "examples"), os.path.join(folder, "examples"))
    for path in (os.path.dirname(folder), folder):
        os.chmod(path, 0o755)


def is_true(folder, page):
    port = free_port()
    steps = steps_of(page, port)
    stand_in_the_repository(folder)
    began = time.monotonic()
    wrong = differences(steps, play(steps, folder, WAIT % port))
    assert not wrong, "\n".join(wrong)
    assert time.monotonic() - began < 60 * MINUTES_MAX


@test
def the_account_is_open_behind_ten_commands(_):
    for page in ("tutorial.md", "tutorial.ja.md"):
        first = first_part(page)
        assert len(first) == TEN, (page, len(first))
        assert any(line.startswith("口座番号") for line in first[-1][1]), (page, first[-1])


@test
def both_languages_have_the_same_commands(_):
    said = [[command.replace("; export LANG=ja_JP.UTF-8", "") for command, _ in steps_of(page, 1)]
            for page in ("tutorial.md", "tutorial.ja.md")]
    assert said[0] == said[1]


@test
def what_the_tutorial_says_happens(fixture):
    is_true(fixture.file("english"), "tutorial.md")


@test
def what_the_tutorial_says_in_japanese_happens(fixture):
    is_true(fixture.file("japanese"), "tutorial.ja.md")


if __name__ == "__main__":
    main(Directory)
