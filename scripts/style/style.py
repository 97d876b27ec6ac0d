# SPDX-License-Identifier: Apache-2.0
"""What the style rules share: the list of files, C without comments, and how breaches are told.

A rule is a program beside this file. It reads the tree whose root is its only argument (default:
this repository), prints one line per breach, "file:line: what is wrong", and exits 1 if there was
one. A rule whose tool is missing exits 77 and says which package brings it.
"""
import os
import re
import shutil
import subprocess
import sys

ROOT = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(__file__), "../.."))
HERE = os.path.dirname(os.path.abspath(__file__))
SKIP = 77

_breaches = 0


def breach(path, line, text):
    """Tell one breach of the rule."""
    global _breaches
    _breaches += 1
    print(f"{path}:{line}: {text}")


def done():
    """Leave with the rule's verdict."""
    sys.exit(1 if _breaches else 0)


def need(tool, package):
    """Leave unless the tool is there."""
    if shutil.which(tool) is None:
        print(f"{tool} is not installed (Debian package {package})")
        sys.exit(SKIP)


def files(*suffixes, under=("",)):
    """Paths relative to the root, sorted: those git knows or would add, or all outside of git."""
    if os.path.exists(os.path.join(ROOT, ".git")):
        command = ["git", "-C", ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        found = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout.decode().split("\0")
    else:
        found = [
            os.path.relpath(os.path.join(folder, name), ROOT)
            for folder, _, names in os.walk(ROOT)
            for name in names
        ]
    return sorted(
        path
        for path in set(found)
        if path
        and path.startswith(tuple(under))
        and (not suffixes or path.endswith(suffixes))
        and os.path.isfile(os.path.join(ROOT, path))
    )


def read(path):
    """The text of a file, or None if it is not UTF-8 text."""
    with open(os.path.join(ROOT, path), "rb") as stream:
        data = stream.read()
    if b"\0" in data:
        return None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return None


def is_script(path):
    """Whether a file starts with #! and an interpreter."""
    with open(os.path.join(ROOT, path), "rb") as stream:
        return stream.read(2) == b"#!"


def rows(name):
    """The rows of a table beside the rules: fields parted by ' | ', '#' starts a comment line."""
    with open(os.path.join(HERE, name), encoding="utf-8") as stream:
        for line in stream:
            if line.strip() and not line.startswith("#"):
                yield [field.strip() for field in line.split(" | ")]


_TOKEN = re.compile(r"""//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'""", re.DOTALL)


def code_only(text):
    """C source with comments and the insides of literals blanked; lines stay where they were."""

    def blank(match):
        token = match.group(0)
        kept = re.sub(r"[^\n]", " ", token)
        return kept if token[0] == "/" else token[0] + kept[1:-1] + token[-1]

    return _TOKEN.sub(blank, text)


def line_of(text, offset):
    """The line number of an offset."""
    return text.count("\n", 0, offset) + 1


def runs_test(text, path, name):
    """Whether the text of a test program has a test of that name and runs it."""
    word = re.escape(name)
    if path.endswith(".py"):
        return re.search(rf"^@test\ndef {word}\(", text, re.MULTILINE) is not None
    return re.search(rf"^static void {word}\(", text, re.MULTILINE) and re.search(rf"\w\(\s*{word}[,)]", text)


def text_in(path, folder):
    """The text of a file in a folder, or None if there is no such file in it."""
    if not path.startswith(folder) or not os.path.isfile(os.path.join(ROOT, path)):
        return None
    return read(path)
