# SPDX-License-Identifier: Apache-2.0
"""How a step ends, and looking for what it expects in what programs say."""


class Failed(Exception):
    """A step does not hold; the text says why."""


class Impossible(Exception):
    """A step cannot be tried on this machine; the text says why."""


def last_line(text):
    lines = [line for line in text.strip().splitlines() if line.strip()]
    return lines[-1].strip() if lines else "(it said nothing)"


def own_line(text):
    """What a program of ours says in its own name; whose turn it is comes in a line below."""
    own = [line for line in text.splitlines() if line.startswith("jpki")]
    return own[-1] if own else last_line(text)


def need(text, part):
    if part not in text:
        raise Failed(f"\"{part}\" is missing in: {last_line(text)}")


def need_in_order(text, parts):
    at = 0
    for part in parts:
        found = text.find(part, at)
        if found < 0:
            raise Failed(f"\"{part}\" is missing, or not in its place")
        at = found + len(part)
