#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""scripts/crash-loop: that it kills inside transactions, loses nothing, and would notice if something were lost."""
import importlib.machinery
import importlib.util
import os
import sqlite3

from harness import main, test

KILLS = 10
SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "scripts", "crash-loop")


def load():
    loader = importlib.machinery.SourceFileLoader("crash_loop", SCRIPT)
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("crash_loop", loader))
    loader.exec_module(module)
    return module


class Fixture:
    def __init__(self):
        self.loop = load()
        self.site = self.loop.start()
        self.killer, self.known = self.loop.crash(self.site, KILLS, 3, 20261123)

    def close(self):
        self.loop.close(self.site)


def assert_noticed(fixture, words):
    lost = fixture.loop.missing(fixture.site, fixture.known)
    assert len(lost) == 1 and words in lost[0], lost


@test
def nothing_acknowledged_is_missing_after_kills_inside_transactions(fixture):
    assert fixture.killer.kills == KILLS
    assert fixture.killer.in_transaction * 3 >= KILLS, fixture.killer.in_transaction
    assert fixture.known.serials and fixture.known.verdicts and fixture.known.revoked
    # The signatures hold; without an OCSP responder that is all that can be said.
    assert set(fixture.known.verdicts.values()) == {"indeterminate"}, fixture.known.verdicts
    lost = fixture.loop.missing(fixture.site, fixture.known)
    assert not lost, lost


@test
def what_was_lost_would_be_noticed(fixture):
    known = fixture.known
    known.cards.add("0" * 15)
    assert_noticed(fixture, "card 000000000000000 is missing")
    known.cards.remove("0" * 15)
    known.serials.append(("auth", 4000000000))
    assert_noticed(fixture, "auth certificate 4000000000 is missing")
    known.serials[-1] = known.serials[0]
    assert_noticed(fixture, "twice")
    known.serials.pop()
    known.revoked.append(4000000000)
    assert_noticed(fixture, "not revoked once")
    known.revoked.pop()
    known.verdicts["none"] = "valid"
    assert_noticed(fixture, "verification none")
    del known.verdicts["none"]
    resident = next(iter(known.residents))
    home = known.residents[resident]
    known.residents[resident] = (home[0] + "１", home[1])
    assert_noticed(fixture, "not as acknowledged")
    known.residents[resident] = home


@test
def every_database_is_sound_and_damage_would_be_noticed(fixture):
    site = fixture.site
    for daemon in fixture.loop.daemons_of(site):
        assert daemon.stop() == 0
    assert fixture.loop.unsound(site) == []
    database = site.dir.file("register", "register.db")
    with sqlite3.connect(database) as connection:
        page = connection.execute("PRAGMA page_size").fetchone()[0]
    connection.close()
    with open(database, "r+b") as f:
        f.seek(page)
        f.write(b"\xff" * page)
    try:
        assert fixture.loop.unsound(site)
    except sqlite3.DatabaseError:
        pass


if __name__ == "__main__":
    main(Fixture)
