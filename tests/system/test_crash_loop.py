#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""scripts/crash-loop in short: it kills inside transactions, nothing is lost, and a loss would be noticed."""
import importlib.machinery
import importlib.util
import os
import sqlite3

from harness import main, test

KILLS = 15  # each step and each daemon once
SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "scripts", "crash-loop")


def load():
    loader = importlib.machinery.SourceFileLoader("crash_loop", SCRIPT)
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("crash_loop", loader))
    loader.exec_module(module)
    return module


class Fixture:
    def __init__(self):
        self.loop = load()
        self.site = self.loop.WholeSite()
        try:
            self.killer, self.known = self.loop.crash(self.site, KILLS, 3, 20261123)
        except BaseException:
            self.site.close()
            raise

    def close(self):
        self.site.close()

    def noticed(self, look, words):
        lost = list(look(self.site, self.known))
        assert len(lost) == 1 and words in lost[0], lost


@test
def nothing_acknowledged_is_missing_after_kills_inside_transactions(fixture):
    killer, known = fixture.killer, fixture.known
    assert len(killer.kills) == KILLS
    assert killer.in_transaction() * 3 >= KILLS, killer.kills
    assert {step for step, _, _ in killer.kills} == {"issue", "verify", "move"}
    assert {name for _, name, _ in killer.kills} == set(fixture.site.daemons())
    assert known.serials and known.revoked and known.redeemed and known.subjects and known.lists
    assert known.told_revoked == len(known.revoked)
    # Of revoked certificates, too: some were found to be so by the platform.
    assert {"valid", "invalid"} <= set(known.verdicts.values()) <= {"valid", "invalid", "indeterminate"}
    lost = fixture.loop.missing(fixture.site, known)
    assert not lost, lost


@test
def what_register_or_authority_lost_would_be_noticed(fixture):
    loop, known = fixture.loop, fixture.known
    known.cards.add("0" * 15)
    fixture.noticed(loop.missing_at_register, "card 000000000000000 is missing")
    known.cards.remove("0" * 15)
    resident = next(iter(known.residents))
    home = known.residents[resident]
    known.residents[resident] = (home[0] + "１", home[1])
    fixture.noticed(loop.missing_at_register, "not as acknowledged")
    known.residents[resident] = home
    known.serials.append(("auth", 4000000000))
    fixture.noticed(loop.missing_at_authority, "auth certificate 4000000000 is missing")
    known.serials[-1] = known.serials[0]
    fixture.noticed(loop.missing_at_authority, "twice")
    known.serials.pop()


@test
def a_revocation_that_somebody_forgot_would_be_noticed(fixture):
    loop, known = fixture.loop, fixture.known
    good = next(serial for kind, serial in known.serials if kind == "sign" and serial not in known.revoked)
    known.revoked[good] = fixture.site.dir.file("certs", f"sign-{good}")
    fixture.noticed(loop.missing_at_authority, "not revoked once")
    fixture.noticed(loop.missing_on_lists, "is on 0 lists of places and 0 times")
    fixture.noticed(loop.missing_at_responder, "not told to be revoked")
    del known.revoked[good]
    name = next(iter(known.lists))
    number = known.lists[name]
    known.lists[name] += 1000000
    fixture.noticed(loop.missing_on_lists, "does not come after")
    known.lists[name] = number


@test
def a_good_answer_after_a_revocation_would_be_noticed(fixture):
    loop = fixture.loop
    good = {"status": "good", "this_update": "2026-11-25T00:00:10Z"}
    known_at = 1795564810  # that time
    loop.check_status(1, None, known_at, known_at)
    loop.check_status(1, dict(good, status="revoked"), known_at, known_at - 5)
    loop.check_status(1, good, known_at + 0.5, known_at + 0.4)  # as of before the acknowledgement
    for asked, since in ((known_at, known_at - 0.1), (known_at + loop.VALID_S + 1, known_at + 0.5)):
        try:
            loop.check_status(1, good, asked, since)
        except loop.Trouble:
            continue
        raise AssertionError("nothing was said")


@test
def what_the_platform_lost_would_be_noticed(fixture):
    loop, known, site = fixture.loop, fixture.known, fixture.site
    known.verdicts["none"] = "valid"
    fixture.noticed(loop.missing_at_platform, "verification none")
    del known.verdicts["none"]
    login = site.provider.ask("POST", "/v1/logins", {"client_id": "bank"})[1]
    known.redeemed.append((login["session"], login["secret"]))
    fixture.noticed(loop.missing_at_platform, "can be redeemed again")
    known.redeemed.pop()
    auth, subject = known.subjects[0]
    known.subjects[0] = (auth, subject[::-1])
    fixture.noticed(loop.missing_at_platform, "became somebody else")
    known.subjects[0] = (auth, subject)


@test
def every_database_is_sound_and_damage_would_be_noticed(fixture):
    site = fixture.site
    assert fixture.loop.stop_all(site) == []
    assert fixture.loop.unsound(site) == []
    for name in ("registerd", "authorityd", "platformd"):
        damage(site.database(name))
        try:
            assert any(sentence.startswith(name) for sentence in fixture.loop.unsound(site))
        except sqlite3.DatabaseError:
            pass


def damage(path):
    with sqlite3.connect(path) as connection:
        page = connection.execute("PRAGMA page_size").fetchone()[0]
    connection.close()
    with open(path, "r+b") as f:
        f.seek(page)
        f.write(b"\xff" * page)


if __name__ == "__main__":
    main(Fixture)
