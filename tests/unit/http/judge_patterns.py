#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every pattern of a form in the sources, held against texts by src/http/pattern.c and by Python's
re: texts that fit, and those that nearly do. And whatever they do not agree on would be noticed.

usage: judge_patterns.py PROGRAM SOURCES    (pattern_fits, src)
"""
import glob
import json
import os
import random
import re
import subprocess
import sys
import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import sre_parse

PROGRAM, SOURCES = sys.argv[1:]
TEXTS = 80  # of each kind, for each pattern
# By another function of its own, and tested there: a password of a card, which needs to look ahead.
BY_HAND = {"^(?=.*[A-Z])(?=.*[0-9])[A-Z0-9]{6,16}$"}
STRANGE = "\n\r\t /+=-_.*?0129AZazGg\u007f\u0080éアンヴ\u2028\u2029\ufeff𠮷"
FORM = re.compile(r'\bhttp_form\b\)?\s*\w*\s*(?:=\s*)?\{')
WORDS = re.compile(r'\s*((?:"(?:\\.|[^"\\])*"\s*)+),')


def patterns_of(folder):
    found = set()
    for path in glob.glob(os.path.join(folder, "**/*.[ch]"), recursive=True):
        with open(path, encoding="utf-8") as file:
            text = file.read()
        for begin in FORM.finditer(text):
            words = WORDS.match(text, begin.end())
            if words is None:
                assert path.endswith("member.h"), f"{path}: a form without a pattern"
                continue
            parts = re.findall(r'"((?:\\.|[^"\\])*)"', words.group(1))
            found.add("".join(json.loads(f'"{part}"') for part in parts))
    return sorted(found)


def compiled(pattern):
    """As ECMA-262 means it: "." is no end of a line, "$" the very end."""
    outside = re.sub(r"\[[^]]*\]|\\.|\.", lambda m: r"[^\n\r\u2028\u2029]" if m.group() == "." else m.group(), pattern)
    return re.compile(re.sub(r"\$$", r"\\Z", outside))


def a_text(tree, dice):
    """One that fits, most likely."""
    text = ""
    for kind, value in tree:
        name = str(kind)
        if name == "LITERAL":
            text += chr(value)
        elif name == "ANY":
            text += dice.choice("aZ9 アé𠮷")
        elif name == "IN":
            first, last = [(v, v) if str(k) == "LITERAL" else v for k, v in [dice.choice(value)]][0]
            text += chr(dice.choice((first, last, dice.randint(first, last))))
        elif name == "MAX_REPEAT":
            least, most, inner = value
            most = min(int(most), max(least, 9000))
            times = dice.choice((least, most if most < 9000 else least + 70, dice.randint(least, min(most, least + 6))))
            text += "".join(a_text(inner, dice) for _ in range(times))
        elif name == "SUBPATTERN":
            text += a_text(value[3], dice)
        elif name == "BRANCH":
            text += a_text(dice.choice(value[1]), dice)
        else:
            assert name == "AT", name
    return text


def nearly(text, dice):
    at, end = sorted((dice.randint(0, len(text)), dice.randint(0, len(text))))
    strange = dice.choice(STRANGE)
    return dice.choice((
        text[:at] + text[at + 1:], text[:at] + strange + text[at:], text[:at] + strange + text[at + 1:],
        text + strange, strange + text, text + "\n", text[:at], text[at:], text[:at] + text[end:],
        text[:end] + text[at:], text + text, text.swapcase(), text[::-1], "",
    ))


def answers(pairs):
    lines = "".join(f"{pattern.encode().hex()} {text.encode().hex()}\n" for pattern, text in pairs)
    done = subprocess.run([PROGRAM], input=lines, capture_output=True, text=True, check=True)
    return done.stdout.split("\n")[:-1]


def disagreements(pattern, dice):
    """(how many fit, [(text, what the program said)])"""
    tree = sre_parse.parse(pattern)
    texts = [a_text(tree, dice) for _ in range(TEXTS)]
    texts += [nearly(text, dice) for text in texts] + [nearly(nearly(text, dice), dice) for text in texts]
    judge = compiled(pattern)
    expected = ["1" if judge.match(text) else "0" for text in texts]
    heard = answers([(pattern, text) for text in texts])
    assert len(heard) == len(texts)
    return expected.count("1"), [(t, h) for t, e, h in zip(texts, expected, heard) if e != h]


def main():
    seed = int(os.environ.get("JPKI_TEST_SEED", random.randrange(2**32)))
    dice = random.Random(seed)
    failed = 0
    samples = ("^(a|ab)c$", "^[a-z]{1,3}x$", "^(a{2}|a{3})$")
    patterns = [pattern for pattern in patterns_of(SOURCES) if pattern not in BY_HAND]

    assert len(patterns) > 60, len(patterns)
    print(f"# seed {seed}\n1..{len(samples) + len(patterns)}")
    for number, pattern in enumerate(samples + tuple(patterns), 1):
        fit, wrong = disagreements(pattern, dice)
        is_right = bool(wrong) if pattern in samples else fit >= TEXTS and not wrong
        failed += not is_right
        print(f"{'ok' if is_right else 'not ok'} {number} - {pattern!r}")
        for text, heard in ([] if is_right else wrong[:5]):
            print(f"# {text!r}: {heard}")
    return failed > 0


sys.exit(main())
