#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The tour of README.md and README.ja.md is true: its blocks, fenced as "console tour", are run in their order by
one bash in an empty folder, and what they print is what the page says. In a page "..." stands for any text, and
alone on a line for any lines."""
import os
import re
import subprocess

from harness import BIN, Directory, Skip, main, program, read_text, test

ROOT = os.environ.get("JPKI_TEST_ROOT", os.getcwd())
BLOCK = re.compile(r"^```console tour\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PROMPT = "$ "
LEAST = 20  # commands: fewer mean that the blocks are no longer found
MARK = "@@ command "
OTHERS = ("opensc-tool", "pkcs11-tool", "scriptor", "curl")
# What a person does not type: leave nothing behind, and wait until the card that was started in the background can
# be reached.
LEAVE = ("kill $(jobs -p) 2>/dev/null", "wait", 'jpki-sandbox down --dir "$here/box" > /dev/null 2>&1')
WAIT = "for i in $(seq 300); do test -S control && break; sleep 0.1; done"


def commands(text):
    """[command, lines it shall print] of all blocks. A command goes on behind a backslash."""
    found = []
    for block in BLOCK.findall(text):
        for line in block.splitlines():
            if found and found[-1][0].endswith("\\"):
                found[-1][0] += "\n" + line
            elif line.startswith(PROMPT):
                found.append([line[len(PROMPT):], []])
            else:
                assert found, f"output before the first command: {line}"
                found[-1][1].append(line)
    return found


def pattern(lines):
    """Of all that a command may print; each line ends with a line feed."""
    parts = ["(?:.*\n)*" if line == "..." else ".*".join(re.escape(part) for part in line.split("...")) + "\n"
             for line in lines]
    return re.compile("".join(parts))


def script(steps, wait):
    lines = []
    for number, (command, _) in enumerate(steps):
        lines += [f"echo '{MARK}{number}'", f"(exit $status)\n{command}\nstatus=$?"]
        if command.endswith("&"):
            lines.append(wait)
    return "\n".join(["status=0 here=$PWD", *lines, *LEAVE, ""])


def play(steps, folder, wait=WAIT):
    """What each command printed, on standard output and error together; wait is done behind one in the background."""
    env = {key: value for key, value in os.environ.items() if not key.startswith(("LC_", "LANG", "JPKI_"))}
    share = {key: value for key, value in os.environ.items() if key == "JPKI_TEST_SHARE"}
    done = subprocess.run(["bash", "-c", script(steps, wait)], cwd=folder, stdin=subprocess.DEVNULL, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=280, check=False,
                          env={**env, **share, "LANG": "C.UTF-8", "PERL_BADLANG": "0", "PATH": f"{BIN}:{os.environ['PATH']}"})
    said = re.split(rf"^{MARK}\d+\n", done.stdout, flags=re.MULTILINE)[1:]
    assert len(said) == len(steps), done.stdout
    return said


def differences(steps, said):
    return [f"$ {command}\nshall print\n" + "\n".join(lines) + f"\nand printed\n{text}"
            for (command, lines), text in zip(steps, said) if not pattern(lines).fullmatch(text)]


def is_true(folder, page):
    if os.environ.get("JPKI_TEST_SANITIZE", "none") != "none":
        raise Skip("the library that programs of others load is built with a sanitizer")
    missing = [name for name in OTHERS if program_of(name) is None]
    if missing:
        raise Skip(f"{', '.join(missing)} not installed")
    steps = commands(read_text(os.path.join(ROOT, page)))
    assert len(steps) >= LEAST, f"{page} has a tour of {len(steps)} commands"
    os.mkdir(folder)
    # As root the programs of a sandbox have users of their own, who have to come through.
    for path in (os.path.dirname(folder), folder):
        os.chmod(path, 0o755)
    wrong = differences(steps, play(steps, folder))
    assert not wrong, "\n".join(wrong)


def program_of(name):
    for folder in os.environ["PATH"].split(os.pathsep):
        if os.access(os.path.join(folder, name), os.X_OK):
            return name
    return None


@test
def a_page_that_is_not_true_is_noticed(fixture):
    told = "```console tour\n$ echo one; echo two\n%s\n$ false\n$ echo $?\n1\n```\n"
    for page, wrong in (("one\ntwo", 0), ("...", 0), ("o...\nt...o", 0), ("one\n...", 0), ("two\none", 1), ("one", 1),
                        ("one\ntwo\nthree", 1), ("o...\nx...", 1)):
        steps = commands(told % page)
        assert len(differences(steps, play(steps, fixture.path))) == wrong, page
    assert not commands("```console\n$ echo one\n```\n")


@test
def the_tour_in_english_is_true(fixture):
    is_true(fixture.file("english"), "README.md")


@test
def the_tour_in_japanese_is_true(fixture):
    is_true(fixture.file("japanese"), "README.ja.md")


if __name__ == "__main__":
    assert program("jpki")
    main(Directory)
