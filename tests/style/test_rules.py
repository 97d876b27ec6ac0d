#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Each style rule refuses bad samples and accepts good ones (samples.py). Prints TAP."""
import os
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
from samples import LAYERS, ROOMS, SAMPLES

RULES = os.path.abspath(os.path.join(os.path.dirname(__file__), "../../scripts/style"))
SKIP = 77


def write(root, files):
    for path, text in files.items():
        full = os.path.join(root, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "w", encoding="utf-8") as stream:
            stream.write(text)
        if text.startswith("#!"):
            os.chmod(full, 0o755)
    os.symlink(os.path.join(RULES, "../../.clang-format"), os.path.join(root, ".clang-format"))


def judge(rule, files, expected):
    """("ok", "not ok" or "skip", what the rule said)."""
    environment = {key: value for key, value in os.environ.items() if key != "JPKI_BUILD"}
    with tempfile.TemporaryDirectory() as root:
        write(root, {"layers.txt": LAYERS, "ARCHITECTURE.md": ROOMS, **files})
        run = subprocess.run(
            [os.path.join(RULES, rule), root],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=environment,
            check=False,
        )
    if run.returncode == SKIP:
        return "skip", run.stdout.strip()
    held = run.returncode == 0 if expected is None else run.returncode == 1 and expected in run.stdout
    return "ok" if held else "not ok", f"exit {run.returncode}: {run.stdout.strip()}"


def report(number, verdict, name, said):
    if verdict == "skip":
        print(f"ok {number} - {name} # SKIP {said}")
        return
    print(f"{verdict} {number} - {name}")
    if verdict != "ok":
        print("\n".join(f"# {line}" for line in said.splitlines()))


def untried_rules():
    rules = {name for name in os.listdir(RULES) if "." not in name and name not in ("run", "__pycache__")}
    return sorted(rules - {rule for rule, _, _, expected in SAMPLES if expected is not None})


def main():
    print(f"1..{len(SAMPLES) + 1}")
    failed = 0
    for number, (rule, shows, files, expected) in enumerate(SAMPLES, 1):
        verdict, said = judge(rule, files, expected)
        does = "accepts" if expected is None else "refuses"
        report(number, verdict, f"{rule} {does} {shows}", said)
        failed += verdict == "not ok"
    untried = untried_rules()
    failed += bool(untried)
    verdict = "not ok" if untried else "ok"
    report(len(SAMPLES) + 1, verdict, "every rule has a sample that it refuses", " ".join(untried))
    sys.exit(1 if failed else 0)


main()
