# SPDX-License-Identifier: Apache-2.0
"""What is left on the disks of an issuing site, read without its programs, beside what its clients
were told (power_clients.Told). Each look yields a sentence for everything that is not as it must be."""
import hashlib
import itertools
import math
import os
import sqlite3

import power_feed

REASONS = {1: "keyCompromise", 3: "affiliationChanged", 4: "superseded", 5: "cessationOfOperation", 6: "certificateHold"}
# Acts of the audit log, and what there has to be one for each of.
AUTHORITY_ACTS = {
    "certificate.issued": "SELECT count(*) FROM certificate WHERE certificate IS NOT NULL "
                          " AND request_id NOT LIKE 'responder-%'",
    "responder.issued": "SELECT count(*) FROM certificate WHERE certificate IS NOT NULL "
                        " AND request_id LIKE 'responder-%'",
    "usage.counted": "SELECT coalesce(sum(number), 0) FROM meter",
    "certificate.revoked": "SELECT count(*) FROM event",
    "consent.given": "SELECT count(*) FROM consent",
    "consent.withdrawn": "SELECT count(*) FROM consent WHERE withdrawn_at IS NOT NULL",
}
CHARGED = ("sign-check", "auth-check", "attributes")  # links cost nothing
REGISTER_ACTS = {
    "resident.registered": "SELECT count(*) FROM resident",
    "card.registered": "SELECT count(*) FROM card",
    "certificate.requested": "SELECT count(*) + (SELECT count(*) FROM audit WHERE act = 'certificate.refused') FROM issue",
    "certificate.received": "SELECT count(*) FROM issue WHERE certificate IS NOT NULL",
    "filing.received": "SELECT count(*) FROM filing",
    "revocation.delivered": "SELECT count(*) FROM revocation WHERE state = 'done'",
}


def open_database(folder, name):
    return sqlite3.connect(f"file:{os.path.join(folder, name)}?mode=rw", uri=True)


def unsound(database, is_thorough):
    for pragma in ("integrity_check" if is_thorough else "quick_check", "foreign_key_check"):
        rows = database.execute(f"PRAGMA {pragma}").fetchall()
        if rows not in ([("ok",)], []):
            yield f"{pragma}: {rows[:3]}"


def field(data):
    return len(data).to_bytes(4, "big") + data


def leaf_of(row):
    """RFC 9162, 2.1.1, over the fields of a record, each with its length."""
    seq, at, actor, act, subject, commitment, outcome, trace_id, _ = row
    parts = [b"OpenJPKI audit v1", seq.to_bytes(8, "big"), at.to_bytes(8, "big"), actor.encode(), act.encode(),
             subject.encode(), commitment, outcome.encode(), trace_id.encode()]
    return hashlib.sha256(b"\0" + b"".join(map(field, parts))).digest()


def audit(database, acts):
    """Dense, each record with its leaf, and one for each act."""
    rows = database.execute("SELECT seq, at, actor, act, subject, commitment, outcome, trace_id, leaf FROM audit ORDER BY seq").fetchall()
    if [row[0] for row in rows] != list(range(1, len(rows) + 1)):
        yield "the audit log is not dense"
    for row in rows:
        if leaf_of(row) != row[8]:
            yield f"record {row[0]} of the audit log does not verify"
    for act, sql in acts.items():
        done, noted = database.execute(sql).fetchone()[0], sum(row[3] == act for row in rows)
        if done != noted:
            yield f"{done} times {act}, and {noted} records of it"


def serials(database):
    """Each number of a CA belongs to one certificate, is free, or spent; none is missing."""
    for kind, following in database.execute("SELECT kind, next_serial FROM ca").fetchall():
        used = [row[0] for table in ("certificate", "free_serial", "spent_serial")
                for row in database.execute(f"SELECT serial FROM {table} WHERE kind = ?", (kind,))]
        if sorted(used) != list(range(2, following)):
            yield f"the serial numbers of the {kind} CA are not dense"


def certificates(database, told):
    found = {(kind, serial): hashlib.sha256(der).hexdigest() for kind, serial, der in database.execute(
        "SELECT kind, serial, certificate FROM certificate WHERE certificate IS NOT NULL")}
    for which, digest in told.certificates.items():
        if found.get(which) != digest:
            yield f"{which[0]} certificate {which[1]} is {'another' if which in found else 'missing'}"


def revocations(database, told):
    """Numbers from 1 without a gap; every acknowledged one under its number; no event twice."""
    rows = database.execute("SELECT number, kind, serial, reason FROM event ORDER BY number").fetchall()
    if [row[0] for row in rows] != list(range(1, len(rows) + 1)):
        yield "the numbers of revocations are not dense"
    found = {}
    for number, kind, serial, reason in rows:
        if found.setdefault((kind, serial, REASONS.get(reason)), number) != number:
            yield f"{kind} certificate {serial} was revoked twice for the same reason"
    for which, number in told.revocations.items():
        if which not in found:
            yield f"the revocation of {which[0]} certificate {which[1]} ({which[2]}) is missing"
        elif number is not None and found[which] != number:
            yield f"the revocation of {which[0]} certificate {which[1]} has number {found[which]}, not {number}"


def parts_of(database, file):
    """The bytes of a list."""
    return [row[0] for row in database.execute("SELECT bytes FROM crl_file_part WHERE file = ? ORDER BY part", (file,))]


def lists(database, told):
    """All of one publication, whole, and not older than those that were told of."""
    rows = database.execute("SELECT name, kind, number, this_update, seen, file FROM crl WHERE number > 0").fetchall()
    if len({(row[3], row[4]) for row in rows}) > 1:
        yield f"lists of different publications: {[(row[0], row[2], row[4]) for row in rows]}"
    if told.lists and {row[0] for row in rows} < set(told.lists):
        yield "a list is missing"
    for name, kind, number, _, _, file in rows:
        (expected,) = database.execute("SELECT parts FROM crl_file WHERE id = ? AND is_published = 1", (file,)).fetchone()
        parts = parts_of(database, file)
        if len(parts) != expected:
            yield f"the list {name} has {len(parts)} of its {expected} parts"
        before, digest = told.lists.get(name, (0, None))
        if number < before or (number == before and hashlib.sha256(b"".join(parts)).hexdigest() != digest):
            yield f"the list {name} went back from number {before} to {number}"
        last = database.execute("SELECT last FROM crl_number WHERE kind = ?", (kind,)).fetchone()[0]
        if number > last:
            yield f"the list {name} has number {number}, and {last} is the last"


def usage(database, told):
    """Each question that was told of is charged, and once."""
    for meter, (number, asked) in told.meters.items():
        known = database.execute("SELECT number FROM meter WHERE id = ?", (meter,)).fetchone()
        if known is None or known[0] < number:
            yield f"batch {number} of meter {meter} is missing: {known}"
        for kind, total in asked.items():
            counted = database.execute("SELECT total FROM meter_total WHERE meter = ? AND kind = ?", (meter, kind)).fetchone()
            if counted is None or counted[0] < total:
                yield f"meter {meter} was told to have {total} {kind} questions, and has {counted}"
    for kind in ("sign", "auth"):
        charged, counted = (database.execute(sql, (what,)).fetchone()[0] for sql, what in (
            ("SELECT coalesce(sum(count), 0) FROM usage WHERE item = ?", kind + "-check"),
            ("SELECT coalesce(sum(total), 0) FROM meter_total WHERE kind = ?", kind)))
        if charged != counted:
            yield f"{charged} {kind} questions are charged, and {counted} were asked"


def feeds(database, told, is_thorough):
    """The snapshots and deltas that were handed out, or later ones; no edition twice."""
    for kind, (edition, digest) in told.feeds.items():
        last = database.execute("SELECT last FROM feed_edition WHERE kind = ?", (kind,)).fetchone()
        if last is None or last[0] < edition:
            yield f"the {kind} feed went back from edition {edition} to {last}"
        if database.execute("SELECT count(*) FROM feed_item WHERE kind = ? AND edition >= ? AND from_digest IS NULL",
                            (kind, edition)).fetchone()[0] == 0:
            yield f"the snapshot {edition} of the {kind} feed is missing"
        yield from edition_of(database, kind, edition, digest)
        yield from feed(database, kind, told.snapshots.get(kind, b"") if is_thorough else b"")
    for (kind, edition), digest in told.deltas.items():
        if edition not in kept_editions(database, kind):
            yield f"the delta {edition} of the {kind} feed is missing"
        yield from edition_of(database, kind, edition, digest)


def kept_editions(database, kind):
    return {row[0] for row in database.execute("SELECT edition FROM feed_item WHERE kind = ?", (kind,))}


def item_bytes(database, kind, edition):
    parts = database.execute("SELECT bytes FROM feed_part WHERE kind = ? AND edition = ? ORDER BY part", (kind, edition))
    return b"".join(row[0] for row in parts)


def edition_of(database, kind, edition, digest):
    data = item_bytes(database, kind, edition)
    if data and hashlib.sha256(data).hexdigest() != digest:
        yield f"edition {edition} of the {kind} feed is another one"


def feed_items(database, kind, since=0):
    """Those of later editions, as far as their bytes are kept."""
    return [item for edition in sorted(kept_editions(database, kind)) if edition > since
            for item in power_feed.items_of(item_bytes(database, kind, edition))]


def without_deltas_before(items):
    """From the first snapshot on: nobody can take what comes before it."""
    return list(itertools.dropwhile(lambda item: item.is_delta, items))


def events_of(database, kind):
    return database.execute("SELECT number, serial, is_release FROM event WHERE kind = ? ORDER BY number", (kind,)).fetchall()


def feed(database, kind, snapshot):
    """Each snapshot and delta behind the snapshot, or behind the first that is kept, tells exactly what had
    happened, and one leads to the other."""
    try:
        start = power_feed.items_of(snapshot)
        items = start + feed_items(database, kind, start[0].edition if start else 0)
    except power_feed.Broken as why:
        yield f"the {kind} feed: {why}"
        return
    for sentence in power_feed.unsound(without_deltas_before(items), events_of(database, kind)):
        yield f"the {kind} feed: {sentence}"


def late_feeds(folder):
    """The kinds whose feed does not tell yet what is revoked. It does not go on for an event that changes
    nothing of that, as when a hold that it has told of becomes final: the number of its last state may stay
    behind that of the last event."""
    database = open_database(folder, "authority.db")
    try:
        late = []
        for kind in ("sign", "auth"):
            copy = power_feed.Copy()
            for item in without_deltas_before(feed_items(database, kind)):
                copy.take(item)
            if copy.state.revoked != power_feed.revoked_by(events_of(database, kind), math.inf):
                late.append(kind)
        return late
    finally:
        database.close()


def consents(database, told):
    """Each as its holder was told, and each change under its own number."""
    found = dict(database.execute("SELECT id, withdrawn_at IS NOT NULL FROM consent"))
    for consent, state in told.consents.items():
        if consent not in found:
            yield f"consent {consent} is missing"
        elif state != "ending" and found[consent] != (state == "withdrawn"):
            yield f"consent {consent} is not {state}"
    changes = database.execute("SELECT number, consent, state FROM consent_event ORDER BY number").fetchall()
    if [row[0] for row in changes] != list(range(1, len(changes) + 1)):
        yield "the numbers of changes of consents are not dense"
    expected = sorted([(consent, "given") for consent in found] + [(consent, "withdrawn") for consent in found if found[consent]])
    if sorted((consent, state) for _, consent, state in changes) != expected:
        yield "the changes of consents are not those of the consents"


def disclosures(database, told):
    """What was told is kept, and charged once; and every answer stands in the audit log."""
    found = {row[0]: row[1:] for row in database.execute("SELECT request_id, serial, at FROM disclosure")}
    for request, said in told.disclosures.items():
        if found.get(request) != said:
            yield f"the disclosure {request} is {'another' if request in found else 'missing'}"
    (charged,) = database.execute("SELECT coalesce(sum(count), 0) FROM usage WHERE item = 'attributes'").fetchone()
    if charged != len(found):
        yield f"{charged} disclosures are charged, and {len(found)} were made"
    for (item,) in database.execute("SELECT DISTINCT item FROM usage"):
        if item not in CHARGED:
            yield f"something is charged that nobody had: {item}"
    for act, count in told.questions.items():
        (noted,) = database.execute("SELECT count(*) FROM audit WHERE act = ?", (act,)).fetchone()
        if noted < count:
            yield f"{count} times {act}, and {noted} records of it"


def authority(folder, told, is_thorough=False):
    database = open_database(folder, "authority.db")
    try:
        looks = (unsound(database, is_thorough), serials(database), certificates(database, told),
                 revocations(database, told), lists(database, told), usage(database, told), feeds(database, told, is_thorough),
                 consents(database, told), disclosures(database, told), audit(database, AUTHORITY_ACTS))
        return [f"authority: {sentence}" for look in looks for sentence in look]
    finally:
        database.close()


def residents(database, told):
    found = {row[0]: (row[1], row[2]) for row in database.execute("SELECT id, address, municipality FROM resident")}
    for resident, home in told.residents.items():
        if resident not in found:
            yield f"resident {resident} is missing"
        elif found[resident] != home and not is_moving(database, resident, home):
            yield f"resident {resident} is not as acknowledged"
    cards = dict(database.execute("SELECT serial, resident FROM card"))
    for card, resident in told.cards.items():
        if cards.get(card) != resident:
            yield f"card {card} is missing"


def is_moving(database, resident, home):
    """Whether there is a later move, whose answer nobody got: the acknowledged one is an act before."""
    acts = [row[0] for row in database.execute(
        "SELECT details FROM act WHERE resident = ? AND name = 'move' ORDER BY rowid", (resident,))]
    return bool(acts) and (len(acts) == 1 or home[0] in acts[-2])


def orders(database, told):
    """What clerks signed and was done is there with its answer, as often as they were told."""
    for path, count in told.orders.items():
        done = database.execute("SELECT count(*) FROM filing WHERE path = ? AND state = 'done'",
                                (path,)).fetchone()[0]
        if done < count:
            yield f"{path} was done {count} times, and {done} orders of it are there"


def held_certificates(database, told):
    """Those that were handed on are kept by the register, too."""
    found = {hashlib.sha256(row[0]).hexdigest() for row in database.execute(
        "SELECT certificate FROM issue WHERE certificate IS NOT NULL")}
    for (kind, serial), digest in told.certificates.items():
        if digest not in found:
            yield f"{kind} certificate {serial} is missing"


def register(folder, told, is_thorough=False):
    database = open_database(folder, "register.db")
    try:
        looks = (unsound(database, is_thorough), residents(database, told), held_certificates(database, told), orders(database, told),
                 audit(database, REGISTER_ACTS))
        return [f"register: {sentence}" for look in looks for sentence in look]
    finally:
        database.close()


def between(authority_folder, register_folder):
    """What the register has from the authority is there: it was kept before it was answered."""
    ours, theirs = open_database(register_folder, "register.db"), open_database(authority_folder, "authority.db")
    try:
        issued = dict(theirs.execute("SELECT request_id, certificate FROM certificate"))
        for request, der in ours.execute("SELECT request_id, certificate FROM issue WHERE certificate IS NOT NULL"):
            if issued.get(request) != der:
                yield f"request {request}: the register has a certificate that the authority has not"
        events = {row[0] for row in theirs.execute("SELECT request_id FROM event")}
        for (request,) in ours.execute("SELECT request_id FROM revocation WHERE state = 'done'"):
            if request not in events:
                yield f"order {request}: done, says the register, and the authority has no such revocation"
    finally:
        ours.close()
        theirs.close()


def half_done(authority_folder, register_folder):
    """What is still to be resumed: nothing, once all are up and everybody was answered."""
    ours, theirs = open_database(register_folder, "register.db"), open_database(authority_folder, "authority.db")
    try:
        for database, sql, what in (
            (ours, "SELECT count(*) FROM issue WHERE certificate IS NULL", "requests without a certificate"),
            (ours, "SELECT count(*) FROM revocation WHERE state <> 'done'", "orders that were not delivered"),
            (theirs, "SELECT count(*) FROM certificate WHERE certificate IS NULL", "certificates that were not signed"),
        ):
            if count := database.execute(sql).fetchone()[0]:
                yield f"{count} {what}"
        known = {row[0] for row in ours.execute("SELECT request_id FROM issue")}
        # Clerks had theirs before there was anybody to ask the register, responders have theirs without it.
        for (request,) in theirs.execute("SELECT request_id FROM certificate"):
            if request not in known and not request.startswith(("clerk-", "responder-", "feed-")):
                yield f"request {request}: the authority has a certificate that the register did not ask for"
    finally:
        ours.close()
        theirs.close()
