#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every row of docs/comparison.md leads somewhere: pages and their headings (scripts/style/links), files, tests,
commands of the programs, routes of the interfaces; or it says why not. And no row is missing."""
import json
import os
import re
import subprocess

from harness import BIN, Directory, main, read_text, test

ROOT = os.environ.get("JPKI_TEST_ROOT", os.getcwd())
PAGE = os.path.join(ROOT, "docs/comparison.md")
OPENAPI = os.path.join(BIN, "../openapi")
# Rows of each part, by their first cells.
MOCKPASS = {"run": 3, "protocols": 1, "discovery": 1, "client": 1, "client keys": 1, "strictness": 1, "login": 2,
            "personas": 2, "consent": 2, "tokens": 1, "debug": 2, "sign": 1, "faults": 2, "state": 1, "audit": 1,
            "tests": 1}
SIMULATOR = {"two ways to set it up", "client registration is real", "response", "named faults at authorize",
             "named faults in the ID token", "named faults in the identity token", "interactive mode", "key rotation",
             "honesty"}
REFERENCE = tuple(range(1, 25))
LINK = re.compile(r"\[[^]]+\]\(([^)]+)\)")
CODE = re.compile(r"`([^`]+)`(?: \(([a-z-]+)\))?(?:: (\w+(?:, \w+)*))?")
ROUTE = re.compile(r"(GET|POST|PUT|PATCH|DELETE) (/\S*)")
COMMAND = re.compile(r"(jpki[a-z-]*)((?: [a-z-]+)*)")
OPTION = re.compile(r"--[a-z-]+")
# Names of fields and parameters, which have to be in the sources.
FIELD = re.compile(r"X-JPKI-[A-Za-z-]+|[a-z]+_[a-z]+")


def parts():
    """[heading, its rows as lists of cells]."""
    found = []
    for line in read_text(PAGE).splitlines():
        if line.startswith("## "):
            found.append([line[3:], []])
        elif line.startswith("| ") and not line.startswith(("| area", "| no. |")):
            found[-1][1].append([cell.strip() for cell in line.strip("|").split(" | ")])
    return found


def rows():
    return [row for _, part in parts() for row in part]


def sources():
    for folder, _, names in os.walk(os.path.join(ROOT, "src")):
        for name in names:
            if name.endswith((".c", ".h")):
                yield read_text(os.path.join(folder, name))


def needs_test(path, names):
    text = read_text(os.path.join(ROOT, path))
    for name in filter(None, (names or "").split(", ")):
        assert re.search(rf"\b(?:def|void) {name}\(", text), f"{path} has no {name}"


def needs_route(method, path, name):
    assert name, f"{method} {path}: of which interface?"
    with open(os.path.join(OPENAPI, name + ".json"), encoding="utf-8") as file:
        known = json.load(file)["paths"]
    assert method.lower() in known.get(path, {}), f"{name} has no {method} {path}"


def help_of(program, words):
    done = subprocess.run([os.path.join(BIN, program), *words, "--help"], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=60, env={"LC_ALL": "C"}, check=False)
    # A program that only knows the word as an argument of its own shows another usage.
    assert done.returncode == 0 and f"Usage: {' '.join([program, *words])} " in done.stdout, (program, words, done)
    return done.stdout


def followed(cell):
    """How many things it leads to; all of them are there."""
    count, last_help = 0, ""
    for target in LINK.findall(cell):
        assert os.path.exists(os.path.join(ROOT, "docs", target.split("#")[0])), target
        count += 1
    for code, name, tests in CODE.findall(cell):
        route, command = ROUTE.fullmatch(code), COMMAND.fullmatch(code)
        if route:
            needs_route(*route.groups(), name)
        elif command:
            last_help = help_of(command.group(1), command.group(2).split())
        elif OPTION.fullmatch(code):
            assert code in last_help, code
            continue
        elif FIELD.fullmatch(code):
            assert any(f'"{code}"' in text for text in sources()), code
            continue
        elif code.startswith(("tests/", "./")):
            assert os.path.exists(os.path.join(ROOT, code)), code
            if tests:
                needs_test(code, tests)
        else:
            raise AssertionError(f"{code} is no page, test, command or route")
        count += 1
    return count


@test
def no_row_is_missing(_):
    mockpass, simulator, reference = (part for _, part in parts())
    counted = {}
    for row in mockpass:
        counted[row[0]] = counted.get(row[0], 0) + 1
    assert counted == MOCKPASS, counted
    assert {row[0] for row in simulator} == SIMULATOR and len(simulator) == len(SIMULATOR), simulator
    assert tuple(int(row[0]) for row in reference) == REFERENCE, reference
    assert all(len(row) == 3 and all(row) for row in rows()), [row for row in rows() if len(row) != 3]


@test
def every_row_leads_somewhere_or_says_why_not(_):
    for row in rows():
        assert followed(row[-1]) > 0 or re.match(r"no: \w", row[-1]), row


@test
def what_leads_nowhere_is_noticed(_):
    for cell in ("`jpki-sandbox nonsense`", "`GET /v1/nothing` (platform)", "`GET /v1/keys`", "[x](nothing.md)",
                 "`tests/system/test_comparison.py`: nobody_wrote_this", "`tests/nothing.py`", "`something`",
                 "`jpki login` with `--nonsense`", "`X-JPKI-Nonsense`"):
        try:
            followed(cell)
        except (AssertionError, OSError):
            continue
        raise AssertionError(f"{cell} was not noticed")


if __name__ == "__main__":
    main(Directory)
