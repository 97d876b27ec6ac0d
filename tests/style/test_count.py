#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What ./check counts as passed, failed and skipped (scripts/check/count). Prints TAP."""
import json
import os
import subprocess
import sys
import tempfile

COUNT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../../scripts/check/count"))

# what the case shows, entries of meson's log (output, result), lines that must come out
CASES = [
    ("a run without any test has failed", [], ["passed\t0", "failed\tL, L\tran no test"]),
    (
        "a program that dies after its last test has failed",
        [("1..1\nok 1 - a\n", "ERROR")],
        ["passed\t1", "failed\tL, unit / t\terror"],
    ),
    (
        "a program that stops before the end of its plan has failed",
        [("1..3\nok 1 - a\nok 2 - b\n", "OK")],
        ["passed\t2", "failed\tL, unit / t\tstopped before the end of its plan"],
    ),
    ("a program that runs into its time has failed", [("", "TIMEOUT")], ["passed\t0", "failed\tL, unit / t\ttimeout"]),
    (
        "each line that is not ok is a failure",
        [("1..3\nnot ok 1 - a\nok 2 - b\nnot ok 3 - c\n", "FAIL")],
        ["passed\t1", "failed\tL, unit / t: a\tnot ok", "failed\tL, unit / t: c\tnot ok"],
    ),
    (
        "a skipped test keeps its reason",
        [("1..2\nok 1 - a # SKIP no reader\nok 2 - b\n", "OK")],
        ["passed\t1", "skipped\tL, unit / t: a\tno reader"],
    ),
    ("a skipped program keeps its reason", [("1..0 # SKIP no root\n", "SKIP")], ["passed\t0", "skipped\tL, unit / t\tno root"]),
    ("so does one without TAP", [("no root\n", "SKIP")], ["passed\t0", "skipped\tL, unit / t\tno root"]),
    ("comments count as nothing", [("1..1\n# ok - tests\nok 1 - a\n# not ok\n", "OK")], ["passed\t1"]),
    ("a program without TAP is one test", [("whatever\n", "OK")], ["passed\t1"]),
    ("programs add up", [("1..2\nok 1 - a\nok 2 - b\n", "OK"), ("1..1\nok 1 - c\n", "OK")], ["passed\t3"]),
]


def count(entries):
    with tempfile.TemporaryDirectory() as folder:
        log, results = os.path.join(folder, "log"), os.path.join(folder, "results")
        with open(log, "w", encoding="utf-8") as stream:
            for output, result in entries:
                entry = {"name": "openjpki:unit / t", "stdout": output, "result": result}
                stream.write(json.dumps(entry) + "\n")
        subprocess.run([COUNT, "L", log, results], check=True, stdout=subprocess.DEVNULL)
        with open(results, encoding="utf-8") as stream:
            return stream.read().splitlines()


def main():
    failed = 0
    print(f"1..{len(CASES)}")
    for number, (shows, entries, expected) in enumerate(CASES, 1):
        got = count(entries)
        failed += got != expected
        print(f"{'ok' if got == expected else 'not ok'} {number} - {shows}")
        if got != expected:
            print(f"# {got}")
    sys.exit(1 if failed else 0)


main()
