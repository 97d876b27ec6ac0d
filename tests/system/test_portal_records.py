#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What bodies hold about the people of a sandbox: under codes of their own, and never under what says who it is."""
import contextlib
import glob
import os
import sqlite3

from harness import main, test, wait_until
from test_sandbox import Sandbox


class Shared:
    def __init__(self):
        self.box = Sandbox(is_new=False).start()
        self.box.call("persona", "card", "hanako")
        self.provider = os.path.join(self.box.dir, "portal/provider.db")
        self.register = os.path.join(self.box.dir, "register/register.db")

    def close(self):
        self.box.close()


def rows(path, sql):
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        return database.execute(sql).fetchall()


@test
def bodies_hold_records_of_a_persona_each_under_a_code_of_its_own(shared):
    wait_until("the registers are filled", lambda: rows(shared.provider, "SELECT 1 FROM holding LIMIT 1"))
    held = rows(shared.provider, "SELECT DISTINCT body, code FROM holding")
    assert {"M13101", "HEALTHINS01", "PENSION01"} <= {body for body, _ in held}, held
    assert len({code for _, code in held}) == len(held) and {len(code) for _, code in held} == {16}, held
    names = {info for (info,) in rows(shared.provider, "SELECT info FROM holding WHERE body = 'M13101'")}
    assert {"TM00000000000001", "TM00000000000002"} <= names, names


@test
def the_register_told_the_codes_with_a_record_and_nobody_keeps_who_it_is(shared):
    assert ("codes.told", "disclosure") in rows(shared.register, "SELECT act, outcome FROM audit")
    residents = [value for row in rows(shared.register, "SELECT id, name FROM resident") for value in row]
    assert residents
    for path in glob.glob(shared.provider + "*"):
        with open(path, "rb") as file:
            kept = file.read()
        for value in (*residents, "123456789018"):
            assert value.encode() not in kept, path


if __name__ == "__main__":
    main(Shared)
