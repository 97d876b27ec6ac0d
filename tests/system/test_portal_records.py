#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What bodies hold about the people of a sandbox: under codes of their own, and never under what says who it is."""
import contextlib
import datetime
import glob
import json
import os
import sqlite3

from harness import Directory, main, run, test, wait_until
from test_portald import PORTALD, Browser, configuration
from test_sandbox import Sandbox

JST = datetime.timezone(datetime.timedelta(hours=9))


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
    held = []

    def are_filled():  # one body behind the other
        held[:] = rows(shared.provider, "SELECT DISTINCT body, code FROM holding")
        return {"M13101", "HEALTHINS01", "PENSION01"} <= {body for body, _ in held}

    wait_until("the registers are filled", are_filled)
    assert len({code for _, code in held}) == len(held) and {len(code) for _, code in held} == {16}, held
    names = {info for (info,) in rows(shared.provider, "SELECT info FROM holding WHERE body = 'M13101'")}
    assert {"TM00000000000001", "TM00000000000002"} <= names, names


def but_for_households(path):
    """Everything in a database but what a municipality knows of its own residents."""
    tables = {name for (name,) in rows(path, "SELECT name FROM sqlite_schema WHERE type = 'table'")}
    assert {"household", "household_person", "holding"} <= tables, tables
    return repr({table: rows(path, f'SELECT * FROM "{table}"') for table in tables - {"household", "household_person"}})


@test
def the_register_told_the_codes_with_a_record_and_nobody_keeps_who_it_is(shared):
    assert ("codes.told", "disclosure") in rows(shared.register, "SELECT act, outcome FROM audit")
    residents = rows(shared.register, "SELECT id, name FROM resident")
    assert residents
    for path in glob.glob(shared.provider + "*"):
        with open(path, "rb") as file:
            kept = file.read()
        for value in (*(resident for resident, _ in residents), "123456789018"):
            assert value.encode() not in kept, path
    told = but_for_households(shared.provider)
    for _, name in residents:
        assert name not in told, name


@test
def a_municipality_has_thousands_of_people(_):
    with contextlib.closing(Directory()) as top:
        conf = configuration(top, provider_database=top.file("provider.db"))
        for words in (("13101",), ("13101", "0"), ("13101", "x"), ("13101", "1000001"), ("1310", "5"), ("99999", "5")):
            done = run(PORTALD, "registers", "fill", "--config", conf, *words, check=False)
            assert done.returncode == 2, (words, done)
        filed = run(PORTALD, "registers", "fill", "--config", conf, "01100", "3000").stdout.decode()
        assert filed.startswith("3000 "), filed
        people = rows(top.file("provider.db"), "SELECT count(DISTINCT code), count(DISTINCT body) FROM holding")
        assert people == [(3000, 1)], people
        before = rows(top.file("provider.db"), "SELECT * FROM holding")
        run(PORTALD, "registers", "fill", "--config", conf, "01100", "500")
        assert rows(top.file("provider.db"), "SELECT * FROM holding") == before


NUMBERS = ("123456789018", "900000000171")


def all_that_can_be_read(browser, box):
    """The answers of all routes that are read without an id."""
    document = browser.answer_of("/openapi.json")[1]
    for path, methods in document["paths"].items():
        if "get" in methods and "{" not in path and path not in ("/login", "/login/callback", "/openapi.json"):
            yield path, browser.ask(path)
        if "get" in methods and "{" not in path:
            yield path, (200, None, run("curl", "--silent", "--unix-socket", os.path.join(box.dir, "portal/portal.sock"),
                                        "http://portal" + path).stdout)


@test
def the_individual_number_is_in_no_answer_and_what_is_hidden_is_counted(shared):
    for persona, hidden in (("hanako", 0), ("kakushi", 3)):
        browser = Browser(shared.box.state["urls"]["portal"])
        browser.log_in(persona)
        wait_until("what the municipality asked is answered", lambda b=browser, n=hidden:
                   b.answer_of("/v1/history")[1]["hidden"] == n)
        seen = set()
        for path, (status, _, body) in all_that_can_be_read(browser, shared.box):
            text = body if isinstance(body, bytes) else body.encode()
            assert status < 500, (path, status)
            assert not any(number.encode() in text for number in NUMBERS), path
            seen.add(path)
        assert {"/v1/me", "/v1/history", "/v1/self-information", "/v1/applications", "/v1/audit", "/metrics"} <= seen, seen


@test
def a_move_at_the_counter_moves_the_household(shared):
    home = ("SELECT p.body, p.code, h.former_address, p.since FROM household_person AS p JOIN household AS h"
            " ON h.id = p.household WHERE p.code IS NOT NULL AND p.name LIKE '%花子%'")
    told = "SELECT body, code FROM holding WHERE info = 'TM00000000000001'"
    (body, old, former, _), = rows(shared.provider, home)
    assert body == "M13101" and (body, old) in rows(shared.provider, told), (body, former)
    address, = rows(shared.register, "SELECT address FROM resident WHERE name LIKE '%花子%'")[0]
    shared.box.call("move", "hanako", "--address", "大阪府大阪市北区見本一丁目１番１号", "--municipality", "27100")
    wait_until("the household has moved", lambda: rows(shared.provider, home)[0][0] == "M27100")
    (_, code, former, since), = rows(shared.provider, home)
    assert former == address and since > "2026", (former, since)
    assert ("M27100", code) in rows(shared.provider, told) and ("M13101", old) not in rows(shared.provider, told)
    assert ("person.relocated", "M27100") in rows(shared.provider, "SELECT act, outcome FROM audit")
    assert ("codes.told", "relocation") in rows(shared.register, "SELECT act, outcome FROM audit")


@test
def whoever_leaves_reads_that_and_since_when(shared):
    """The municipality does not fall silent: whoever was logged in before asks it about the household."""
    today = datetime.datetime.now(JST).date().isoformat()
    shared.box.call("persona", "card", "fumei")
    browser = Browser(shared.box.state["urls"]["portal"])
    browser.log_in("fumei")
    shared.box.call("act", "fumei", "move-out", "--date", today)
    told = "SELECT 1 FROM holding WHERE body = 'M13103' AND info = 'TM00000000000001' AND instr(answer, '転出')"
    wait_until("the household has left", lambda: rows(shared.provider, told))
    wish = json.dumps({"infos": ["TM00000000000001"], "area": "13103"}).encode()
    status, _, body = browser.ask("/v1/self-information", "POST", wish, **{"Content-Type": "application/json"})
    assert status == 201, (status, body)
    read = []

    def is_ready():
        read[:] = browser.answer_of("/v1/self-information/" + json.loads(body)["id"])[1]["items"]
        return read[0]["state"] == "ready"

    wait_until("the municipality answered", is_ready)
    items = read[0]["records"][0]["items"]
    assert [(item["name"], item["content"]) for item in items] == [
        ("住民でなくなった日", today), ("住民でなくなった事由", "転出")], items


@test
def whoever_is_registered_is_asked_about_once_it_is_said_what_there_is(shared):
    """Without a persona: Osaka has nothing of her under these names, and nobody logs in."""
    def post(where, path, body):
        words = "--fail-with-body", "--unix-socket", os.path.join(shared.box.dir, where), "--json", json.dumps(body)
        return run("curl", "--silent", *words, "http://localhost" + path).stdout
    resident, = rows(shared.register, "SELECT id FROM resident WHERE name LIKE '%花子%'")[0]
    told = post("register/counter.sock", f"/v1/residents/{resident}/exchange-codes", {"bodies": ["PORTAL", "M27100"]})
    codes = json.loads(told)["codes"]
    given = "SELECT count(*) FROM exchange_log WHERE what = 0 AND giver = 'M27100' AND info = 'TM00000000000002'"
    portal = os.path.join(shared.box.dir, "portal/portal.db")
    assert rows(portal, given) == [(0,)]
    post("portal/portal.sock", "/v1/provider/people", {
        "seed": "somebody", "birth_date": "1990-04-15", "sex": "female", "place": "大阪府大阪市",
        "holds": ["TM00000000000002"], "codes": codes, "is_linked": True})
    post("portal/portal.sock", "/v1/provider/questions", {
        "asker": "M13101", "provider": "M27100", "duty": "JM99000000000010", "procedure": "JT99000000000101",
        "info": "TM00000000000002", "department": "tax", "is_hidden": False, "codes": codes})
    wait_until("Osaka has answered", lambda: rows(portal, given) == [(1,)])


if __name__ == "__main__":
    main(Shared)
