# SPDX-License-Identifier: Apache-2.0
"""The revocation feed, read by docs/revocation-feed.md alone, by somebody who has never seen our code:
items, states, and whether what was published tells exactly what had happened."""
import hashlib
from collections import namedtuple

PURPOSE = b"OpenJPKI revocation feed, state 1\0"
SNAPSHOT, DELTA = 1, 2
PAGE_BITS = 16

Point = namedtuple("Point", "number digest")
Item = namedtuple("Item", "whole is_delta edition ca_key_id source target body")
State = namedtuple("State", "number first issued gaps revoked")


class Broken(Exception):
    """What is no item, or does not go on from a state; the text says why."""


def element(data, at=0):
    """Tag, contents and end of what begins there."""
    tag, size, at = data[at], data[at + 1], at + 2
    if size >= 0x80:
        octets = size - 0x80
        size, at = int.from_bytes(data[at:at + octets], "big"), at + octets
    if at + size > len(data):
        raise Broken("an item that is cut off")
    return tag, data[at:at + size], at + size


def elements(data):
    at, found = 0, []
    while at < len(data):
        tag, contents, at = element(data, at)
        found.append((tag, contents))
    return found


def number_of(octets):
    return int.from_bytes(octets, "big")


def point_of(contents):
    (_, number), (_, digest) = elements(contents)
    return Point(number_of(number), digest)


def item_of(whole):
    (_, head), _, _, (_, body) = elements(element(whole)[1])
    fields = elements(head)
    (_, _), (_, kind), _, (_, edition), (_, ca_key_id), _, _, _ = fields[:8]
    points, (_, size), (_, digest) = fields[8:-2], fields[-2], fields[-1]
    is_delta = number_of(kind) == DELTA
    if number_of(kind) not in (SNAPSHOT, DELTA) or len(points) != 1 + is_delta:
        raise Broken("neither a snapshot nor a delta")
    if number_of(size) != len(body) or hashlib.sha256(body).digest() != digest:
        raise Broken("a body that is not the head's")
    points = [point_of(contents) for _, contents in points]
    return Item(whole, is_delta, number_of(edition), ca_key_id, points[0] if is_delta else None, points[-1], body)


def items_of(data):
    """Several in a row."""
    at, found = 0, []
    try:
        while at < len(data):
            end = element(data, at)[2]
            found.append(item_of(data[at:end]))
            at = end
    except (IndexError, ValueError) as wrong:
        raise Broken("what is no item") from wrong
    return found


class Bits:
    def __init__(self, data):
        self.bits, self.at = "".join(f"{octet:08b}" for octet in data), 0

    def take(self, count):
        if self.at + count > len(self.bits):
            raise Broken("a body that is cut off")
        self.at += count
        return int(self.bits[self.at - count:self.at] or "0", 2)

    def run(self, bit):
        """How many of them until another one comes, which is left."""
        end = self.bits.find("10"[int(bit)], self.at)
        if end < 0:
            raise Broken("a body that is cut off")
        count, self.at = end - self.at, end
        return count

    def gamma(self):
        return self.take(self.run("0") + 1)

    def serials(self, base):
        count, found = self.gamma() - 1, []
        low = self.take(5) if count else 0
        for _ in range(count):
            high = self.run("1")
            self.take(1)
            found.append(base + (high << low | self.take(low)))
            base = found[-1] + 1
        return found

    def gaps(self, first):
        found = []
        for _ in range(self.take(16)):
            begin = first + self.gamma() - 1
            first = begin + self.gamma()
            found.append((begin, first - 1))
        return tuple(found)

    def end(self):
        if len(self.bits) - self.at >= 8 or "1" in self.bits[self.at:]:
            raise Broken("a body with bits behind its end")


def snapshot_state(item):
    bits = Bits(item.body)
    first, issued = bits.take(32), bits.take(32)
    gaps, revoked = bits.gaps(first), set()
    for page in range(first >> PAGE_BITS, (issued >> PAGE_BITS) + 1):
        revoked |= set(bits.serials(max(first, page << PAGE_BITS)))
    bits.end()
    return State(item.target.number, first, issued, gaps, frozenset(revoked))


def state_after(state, item):
    bits = Bits(item.body)
    first, issued = bits.take(32), bits.take(32)
    gaps = bits.gaps(first) if bits.take(1) else state.gaps
    added, released = set(bits.serials(1)), set(bits.serials(1))
    bits.end()
    if added & state.revoked or released - state.revoked:
        raise Broken("a delta revokes what was revoked, or releases what was not")
    left = (state.revoked | added) - released
    return State(item.target.number, first, issued, gaps, frozenset(serial for serial in left if serial >= first))


def digest_of(state, ca_key_id):
    text = PURPOSE + ca_key_id + state.number.to_bytes(8, "big")
    for number in (state.first, state.issued, len(state.gaps), *(end for gap in state.gaps for end in gap)):
        text += number.to_bytes(4, "big")
    pages = {}
    for serial in sorted(state.revoked):
        pages.setdefault(serial >> PAGE_BITS, []).append(serial & (1 << PAGE_BITS) - 1)
    for page, low in pages.items():
        number = page.to_bytes(2, "big")
        text += number + hashlib.sha256(number + b"".join(one.to_bytes(2, "big") for one in low)).digest()
    return hashlib.sha256(text).digest()


def told_by(item, states):
    """The state that an item leads to; states are known ones, by their digests."""
    if not item.is_delta:
        state = snapshot_state(item)
    elif item.source.digest not in states:
        raise Broken("it goes on from a state that nobody was told of")
    else:
        state = state_after(states[item.source.digest], item)
    if digest_of(state, item.ca_key_id) != item.target.digest:
        raise Broken("the state it leads to is not the one it names")
    return state


class Copy:
    """What a verifier has of one feed: the last state it was told of."""

    def __init__(self):
        self.edition, self.point, self.state = 0, None, None

    def take(self, item):
        known = {self.point.digest: self.state} if self.point else {}
        self.state = told_by(item, known)
        self.point, self.edition = item.target, item.edition


def revoked_by(events, number):
    """Serial numbers that were revoked when that event was the last; events are (number, serial, is_release)."""
    found = set()
    for at, serial, is_release in events:
        if at > number:
            break
        (found.discard if is_release else found.add)(serial)
    return found


def unsound(items, events):
    """Items by edition, of which the first is a snapshot: a sentence for each that tells something else than
    what had happened, or that no verifier could take; and if the last state is not to be reached."""
    states, reached = {}, set()
    for item in items:
        what = f"{'delta' if item.is_delta else 'snapshot'} {item.edition}"
        try:
            state = told_by(item, states)
        except Broken as why:
            yield f"{what}: {why}"
            continue
        states[item.target.digest] = state
        if not reached or (item.is_delta and item.source.digest in reached):
            reached.add(item.target.digest)
        if state.revoked != revoked_by(events, state.number):
            yield f"{what}: tells of {len(state.revoked)} revocations, and others had happened"
    if items and items[-1].target.digest not in reached:
        yield f"no deltas lead from edition {items[0].edition} to {items[-1].edition}"
