#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""scripts/power-loop in short: it strikes inside transactions, nothing is lost, and a loss would be noticed."""
import importlib.machinery
import importlib.util
import os

import power_judge as judge
import powered
from harness import Skip, main, test

CUTS, KILLS = (3, 7), 10  # on one machine, on three
SEED = 20261126
SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "scripts", "power-loop")
ROOMS = ("authorityd", "registerd")


def load():
    loader = importlib.machinery.SourceFileLoader("power_loop", SCRIPT)
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("power_loop", loader))
    loader.exec_module(module)
    return module


class Fixture:
    def __init__(self):
        self.loop, self.site = load(), None

    def strike(self, machines, cuts, kills):
        """The loop after that; its site is kept."""
        self.need()
        self.close()
        self.site = self.loop.PowerSite(machines)
        loop = self.loop.Loop(self.site, 3, SEED)
        return self.loop.go_on(loop, [(self.loop.Cutter(loop).cut, cuts), (self.loop.Killer(loop).kill, kills)])

    @staticmethod
    def need():
        if powered.reason():
            raise Skip(powered.reason())

    def left(self):
        """Copies of the databases of daemons that have ended."""
        return [self.site.survivors(name, False) for name in ROOMS]

    def noticed(self, told, damage, words):
        """Damage is SQL for the authority's or the register's copy."""
        left = dict(zip(ROOMS, self.left()))
        for room, sql in damage.items():
            database = judge.open_database(left[room], self.loop.FILES[room][0])
            database.executescript("DROP TRIGGER audit_remove; DROP TRIGGER audit_change;" + sql)
            database.close()
        found = judge.authority(left["authorityd"], told, True) + judge.register(left["registerd"], told)
        found += [*judge.between(*left.values()), *judge.half_done(*left.values())]
        assert any(words in sentence for sentence in found), (words, found)

    def close(self):
        if self.site is not None:
            self.site.close()
        self.site = None


def check(loop, strikes):
    assert not loop.lost, loop.lost
    hits = sum(strike[3] for strike in loop.strikes)
    print(f"# {strikes} strikes, {hits} in a transaction, {loop.told.answers} acknowledged")
    assert len(loop.strikes) == strikes and hits * 3 >= strikes, loop.strikes
    assert loop.told.certificates and loop.told.revocations and loop.told.lists and loop.told.requests
    assert loop.told.orders


@test
def nothing_acknowledged_is_missing_after_cuts_of_one_or_all_of_three_machines(fixture):
    check(fixture.strike(3, CUTS[1], 0), CUTS[1])


@test
def nothing_acknowledged_is_missing_after_cuts_and_kills_of_one_machine(fixture):
    fixture.struck = fixture.strike(1, CUTS[0], KILLS)
    check(fixture.struck, CUTS[0] + KILLS)
    told = fixture.struck.told
    assert told.meters and told.feeds and told.disclosures and told.questions
    assert {"given", "withdrawn"} <= set(told.consents.values()), told.consents
    whom = {(what, who.split(" ")[0]) for what, _, who, _ in fixture.struck.strikes}
    assert {("kill", name) for name in fixture.loop.ROOMS} < whom, whom


@test
def what_the_authority_lost_would_be_noticed(fixture):
    fixture.need()
    told = fixture.struck.told
    kind, serial = next(iter(told.certificates))
    given = next(consent for consent, state in told.consents.items() if state == "given")
    withdrawn = next(consent for consent, state in told.consents.items() if state == "withdrawn")
    hit = next(iter(told.disclosures))
    which = f"kind = '{kind}' AND serial = {serial}"
    for sql, words in (
        (f"UPDATE certificate SET certificate = x'00' WHERE {which}", "is another"),
        (f"DELETE FROM certificate WHERE {which}", f"{kind} certificate {serial} is missing"),
        (f"DELETE FROM certificate WHERE {which}", f"serial numbers of the {kind} CA are not dense"),
        ("UPDATE revocation SET number = number + 1 WHERE number = (SELECT max(number) FROM revocation)", "are not dense"),
        ("DELETE FROM overtaken_event; DELETE FROM revocation", "(certificateHold) is missing"),
        ("UPDATE crl SET number = number - 1 WHERE name = 'sign-full'", "the list sign-full went back"),
        ("UPDATE crl SET seen = seen - 1 WHERE name = 'sign-full'", "lists of different publications"),
        ("DELETE FROM crl_file_part WHERE file = (SELECT file FROM crl WHERE name = 'sign-full')", "has 0 of its 1 parts"),
        ("UPDATE crl_file_part SET bytes = x'00' WHERE file = (SELECT file FROM crl WHERE name = 'sign-full')", "went back"),
        ("UPDATE usage SET count = count + 1", "questions are charged, and"),
        ("UPDATE meter_total SET total = total - 1", "was told to have"),
        ("UPDATE meter SET number = number - 1", "batch"),
        ("UPDATE feed_edition SET last = 1", "feed went back"),
        ("DELETE FROM feed_item", "feed is missing"),
        ("DELETE FROM feed_item WHERE kind = 'sign' AND from_digest IS NOT NULL", "no deltas lead from edition"),
        ("DELETE FROM revocation WHERE kind = 'sign' AND number = (SELECT min(number) FROM revocation WHERE kind = 'sign')",
         "revocations, and others had happened"),
        ("UPDATE feed_part SET bytes = x'3000'", "the sign feed: "),
        (f"DELETE FROM consent WHERE id = '{given}'", f"consent {given} is missing"),
        (f"UPDATE consent SET withdrawn_at = 1 WHERE id = '{given}'", f"consent {given} is not given"),
        (f"UPDATE consent SET withdrawn_at = NULL WHERE id = '{withdrawn}'", f"consent {withdrawn} is not withdrawn"),
        ("DELETE FROM consent_event WHERE number = 1", "changes of consents are not dense"),
        ("UPDATE consent_event SET state = 'given'", "are not those of the consents"),
        (f"DELETE FROM disclosure WHERE request_id = '{hit}'", f"the disclosure {hit} is missing"),
        (f"UPDATE disclosure SET at = at + 1 WHERE request_id = '{hit}'", f"the disclosure {hit} is another"),
        ("UPDATE usage SET count = count + 1 WHERE item = 'attributes'", "disclosures are charged, and"),
        ("UPDATE usage SET item = 'link' WHERE item = 'attributes'", "something is charged that nobody had: link"),
        ("DELETE FROM audit WHERE act = 'link.answered'", "times link.answered, and 0 records"),
        ("DELETE FROM audit WHERE act = 'consent.given'", "times consent.given, and 0 records"),
        ("DELETE FROM audit WHERE seq = 2", "audit log is not dense"),
        ("UPDATE audit SET act = 'certificate.revoked' WHERE seq = 2", "record 2 of the audit log does not verify"),
        ("DELETE FROM audit WHERE seq = (SELECT max(seq) FROM audit WHERE act = 'certificate.issued')", "times certificate.issued"),
        ("UPDATE certificate SET certificate = NULL, tbs = x'00' WHERE serial = 2", "certificates that were not signed"),
    ):
        fixture.noticed(told, {"authorityd": sql}, words)


@test
def a_feed_is_late_that_does_not_tell_what_is_revoked_whatever_the_last_number_is(fixture):
    fixture.need()
    left = fixture.left()[0]
    assert judge.late_feeds(left) == []
    database = judge.open_database(left, "authority.db")
    # A hold, as it were, that everybody was told of becomes final: nobody is told again.
    database.executescript("""
        INSERT INTO overtaken_event SELECT number, request_id, kind, serial, revoked_at, reason, 0 FROM revocation
            WHERE number = (SELECT min(number) FROM revocation WHERE kind = 'auth');
        UPDATE revocation SET request_id = 'final', number = (SELECT max(number) + 1 FROM event)
            WHERE number = (SELECT min(number) FROM revocation WHERE kind = 'auth');""")
    assert database.execute("SELECT max(number) FROM event").fetchone() == database.execute(
        "SELECT number FROM revocation WHERE request_id = 'final'").fetchone()
    assert judge.late_feeds(left) == []
    for kind, late in ("auth", ["auth"]), ("sign", ["sign", "auth"]):
        database.execute("""
            INSERT INTO revocation SELECT (SELECT max(number) + 1 FROM event), ?1, ?1, min(serial), 1, 1 FROM certificate
            WHERE kind = ?1 AND serial NOT IN (SELECT serial FROM revocation WHERE kind = ?1)""", (kind,))
        database.commit()
        assert judge.late_feeds(left) == late, kind
    database.close()


@test
def what_the_register_lost_would_be_noticed(fixture):
    fixture.need()
    for sql, words in (
        ("UPDATE resident SET address = 'x'", "is not as acknowledged"),
        ("DELETE FROM resident", "resident"),
        ("DELETE FROM card", "card"),
        ("DELETE FROM filing", "orders of it are there"),
        ("UPDATE issue SET certificate = x'00'", "the register has a certificate that the authority has not"),
        ("DELETE FROM issue", "the authority has a certificate that the register did not ask for"),
        ("UPDATE revocation SET request_id = 'nobody' WHERE id = 1", "the authority has no such revocation"),
        ("UPDATE revocation SET state = 'pending' WHERE id = 1", "orders that were not delivered"),
        ("UPDATE issue SET certificate = NULL, ca_certificate = NULL", "requests without a certificate"),
    ):
        fixture.noticed(fixture.struck.told, {"registerd": sql}, words)


@test
def what_changed_for_clients_would_be_noticed(fixture):
    fixture.need()
    told = fixture.struck.told
    which, digest = next(iter(told.certificates.items()))
    for note in (lambda: told.note_certificate(*which, b"another"),
                 lambda: told.note_lists({"sign-full": (1, digest)}),
                 lambda: told.note_lists({"sign-full": (told.lists["sign-full"][0], digest)}),
                 lambda: told.note_disclosure(next(iter(told.disclosures)), {"serial": 2, "charged_at": 0})):
        try:
            note()
        except fixture.loop.Trouble:
            continue
        raise AssertionError("nothing was said")


if __name__ == "__main__":
    powered.enter(__file__)
    main(Fixture)
