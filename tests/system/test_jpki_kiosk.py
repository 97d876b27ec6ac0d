#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""jpki-kiosk in a sandbox: people show their cards at a machine in a shop, pay, and get a certificate of their
municipality out of the register, once for each payment, whatever dies in between. Refusals first."""
import contextlib
import datetime
import glob
import hashlib
import json
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import time

from harness import Directory, ask, main, program, run, test, wait_until
from test_portald import configuration
from test_sandbox import Sandbox, environment

KIOSK = program("jpki-kiosk")
USAGE, ABSENT, DENIED, CONFLICT = 2, 3, 4, 6
PIN = "1234"
FEE = 200
KILLS = 8


def open_day():
    """The first of two days to come on which machines work: the sandbox's clock goes forward alone, and nothing is
    given around New Year (data/kiosk.tsv)."""
    day = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=9))).date() + datetime.timedelta(days=1)
    while not (1, 3) < (day.month, day.day) < (12, 28):
        day += datetime.timedelta(days=1)
    return day


DAY = open_day()


class Done:
    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out.decode(), err.decode()

    def json(self):
        return json.loads(self.out)

    def __repr__(self):
        return f"{self.code}\n{self.out}\n{self.err}"


class Shared:
    def __init__(self):
        self.box = Sandbox(is_new=False).start()
        self.environment = {key: value for key, value in environment(self.box).items() if key.startswith("JPKI")}
        self.environment |= {"LC_ALL": "C", "PATH": os.environ["PATH"],
                             "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "")}
        self.coins, self.papers = self.path("kiosk-box.json"), self.path("kiosk-papers")
        os.mkdir(self.papers, 0o700)
        self.holder = None
        self.plug("hanako")
        self.set_clock(DAY, "12:00")

    def path(self, below):
        return os.path.join(self.box.dir, below)

    def plug(self, persona):
        if self.holder != persona:
            self.box.call("persona", "card", persona)
        self.holder = persona

    def set_clock(self, day, time_of_day):
        self.box.call("clock", "--set", f"{day}T{time_of_day}:00+09:00")
        wait_until("cards are judged at the new time", lambda: self.run().code == 0, 120)

    def words(self, *words):
        """At the sandbox's time, by which shops are open."""
        return [program("jpki-sandbox"), "exec", "--dir", self.box.dir, KIOSK, "--json", "--coin-box", self.coins,
                "--reader", "direct:" + self.path("card/direct.sock"), "--pin-fd", "0", *words]

    def run(self, *words, pin=PIN, folder=None):
        done = subprocess.run(self.words("--output", folder or self.papers, *words), input=pin.encode() + b"\n",
                              capture_output=True, env=self.environment, timeout=120, check=False,
                              start_new_session=True)
        return Done(done.returncode, done.stdout, done.stderr)

    def buy(self, kind="resident", insert=FEE, **how):
        """Once the responder knows a card that was issued a moment ago: until then the machine says so, for nothing."""
        done = []

        def is_decided():
            done[:] = [self.run("--certificate", kind, "--insert", str(insert), **how)]
            return "cannot be found out now" not in done[0].err

        wait_until("the card is known", is_decided)
        return done[0]

    def kept(self):
        if not os.path.exists(self.coins):
            return 0, False
        with open(self.coins, encoding="utf-8") as f:
            coins = json.load(f)
        return coins["kept"], "pending" in coins

    def printed(self):
        return sorted(os.path.basename(path)[:-len(".pdf")] for path in glob.glob(self.papers + "/*.pdf"))

    def rows(self, sql):
        with contextlib.closing(sqlite3.connect(f"file:{self.path('portal/portal.db')}?mode=ro", uri=True)) as db:
            return db.execute(sql).fetchall()

    def check_number(self, number):
        done = run("curl", "-s", self.environment["JPKI_PORTAL"] + "/v1/certificates-issued/" + number)
        return json.loads(done.stdout)

    def close(self):
        self.box.close()


@test
def what_is_missing_or_wrong_is_said(shared):
    done = subprocess.run([KIOSK], env=shared.environment, capture_output=True, check=False)
    assert done.returncode == USAGE and b"--coin-box" in done.stderr, done
    done = shared.run(pin="9999")
    assert done.code == DENIED, done
    assert shared.run().code == 0, "the right PIN sets the counter back"
    done = shared.run("--terminal-key-file", shared.path("providers/13101-clerk.key"))
    assert done.code == DENIED and "terminal's key" in done.err, done
    assert shared.kept() == (0, False)


@test
def what_a_municipality_gives_is_listed(shared):
    offers = shared.run().json()["certificates"]
    listed = {one["kind"]: one["fee"] for one in offers}
    assert listed == {"resident": FEE, "resident-items": 250, "household": FEE, "seal": FEE, "tax": FEE, "family": 450,
                      "family-addresses": 300}, listed
    assert all(one["is_open"] and one["refused"] is None for one in offers), offers
    shared.plug("john")  # of a municipality that takes no part
    done = shared.buy()
    assert shared.run().json()["certificates"] == [] and done.code == ABSENT, done
    assert "does not give" in done.err and shared.kept() == (0, False), done
    shared.plug("hanako")


@test
def operators_see_what_is_given_where(shared):
    """While the portal runs."""
    conf = shared.path("conf/portald.conf")

    def operate(*words):
        return run(program("jpki-portald"), "kiosk", *words, "--config", conf).stdout.decode()

    offers = json.loads(operate("offers", "--json"))["certificates"]
    family = [(one["municipality"], one["fee"], one["hours"]) for one in offers if one["kind"] == "family"]
    assert family == [("13101", 450, "09:00-17:00"), ("27100", 450, "06:30-23:00")], family
    assert "13101  seal  200  06:30-23:00  印鑑登録証明書\n" in operate("offers")


@test
def operators_add_list_renew_and_revoke_machines(_):
    with contextlib.closing(Directory()) as top:
        conf = configuration(top)

        def portald(*words, expect=0):
            done = run(program("jpki-portald"), "kiosk", *words, "--config", conf, check=False)
            assert done.returncode == expect, (words, done)
            return done.stdout.decode()

        portald("add", "shop", "見本商店", expect=USAGE)
        assert portald("list") == "" and json.loads(portald("list", "--json")) == {"terminals": []}
        keys = {portald("add", "SHOP-2", "見本商店").strip(), portald("renew", "SHOP-2").strip()}
        assert {len(key) for key in keys} == {43} and len(keys) == 2, keys
        assert portald("list") == "SHOP-2  見本商店\n"
        assert json.loads(portald("list", "--json"))["terminals"][0]["id"] == "SHOP-2"
        portald("revoke", "SHOP-2")
        portald("revoke", "SHOP-2", expect=ABSENT)
        assert portald("list") == ""


@test
def what_there_is_is_listed_in_the_language_of_the_machine(shared):
    words = [word for word in shared.words() if word != "--json"]
    for language, name, note in (("en_GB.UTF-8", "certificate of a registered seal", "Certificates are in Japanese"),
                                 ("ja_JP.UTF-8", "印鑑登録証明書", "日本語で印刷されます")):
        told = subprocess.run(words, input=PIN.encode() + b"\n", env=shared.environment | {"LC_ALL": language},
                              stdout=subprocess.PIPE, timeout=120, check=True, start_new_session=True).stdout.decode()
        assert name in told and note in told, told
        assert (re.search("[ぁ-ヶ一-龥]", told) is None) == language.startswith("en"), told


@test
def what_is_not_for_this_person_is_said_and_costs_nothing(shared):
    before = shared.kept()
    for words in (("passport",), ("seal", "--items", "head"), ("resident", "--items", "number")):
        done = shared.run("--certificate", words[0], "--insert", "1000", *words[1:])
        assert done.code != 0 and shared.kept() == before, done
    shared.plug("kakushi")  # protected from somebody who looks for her
    offers = shared.run().json()["certificates"]
    assert {one["kind"] for one in offers} >= {"resident", "household", "seal", "tax", "family"}, offers
    assert {one["refused"] for one in offers} == {"protected"}, offers
    for kind in ("resident", "household", "tax"):
        done = shared.buy(kind)
        assert done.code == CONFLICT and "counter of the municipality" in done.err, done
    shared.plug("heisei")  # of a municipality that gives nothing at machines
    assert shared.buy("seal").code == ABSENT and shared.kept() == before
    shared.plug("hanako")


@test
def too_little_money_buys_nothing_and_nothing_is_sold_at_night(shared):
    done = shared.buy(insert=FEE - 1)
    assert done.code == DENIED and "200 yen" in done.err and shared.kept() == (0, False), done
    shared.set_clock(DAY, "23:00")
    done = shared.buy()
    assert done.code == CONFLICT and "not given at this hour" in done.err, done
    shared.set_clock(DAY + datetime.timedelta(days=1), "06:30")
    assert shared.printed() == [] and shared.kept() == (0, False)


@test
def who_pays_gets_what_the_register_has(shared):
    done = shared.buy(insert=1000)
    assert done.code == 0, done
    number = done.json()["number"]
    assert shared.printed() == [number] and shared.kept() == (FEE, False), done
    path = os.path.join(shared.papers, number + ".pdf")
    run("qpdf", "--check", path)
    text = run("pdftotext", "-layout", path, "-").stdout.decode()
    for part in ("住民票の写し", "東京都千代田区見本町一丁目２番３号", "1990年4月15日", "東京都千代田区長", number, "TEST 試験用"):
        assert part in text, (part, text)
    assert "123456789018" not in text and "番号" in text, "the individual number is on none"
    with open(path, "rb") as f:
        digest = hashlib.sha256(f.read()).hexdigest()
    said = shared.check_number(number)
    assert (said["sha256"], said["is_void"], said["kind"]) == (digest, False, "resident"), said
    notes = shared.rows("SELECT receiver, giver, told FROM exchange_log WHERE receiver = 'SHOP-1'")
    assert len(notes) == 1 and notes[0][1] == "M13101" and "住民票の写し" in notes[0][2], notes
    logged = ask(shared.path("register/counter.sock"), "GET", "/v1/audit")[1]["records"]
    assert [row["outcome"] for row in logged if row["act"] == "extract.told"][-2:] == ["municipality", "resident"]


def household(box):
    """What the municipality has in its own registers of somebody of hanako's household: names, by relation."""
    with contextlib.closing(sqlite3.connect(f"file:{box}?mode=ro", uri=True)) as db:
        return db.execute("SELECT relation, name FROM household_person WHERE household IN (SELECT household FROM"
                          " household_person WHERE name LIKE '番号%花子') ORDER BY place").fetchall()


@test
def each_kind_is_printed_from_the_registers_of_the_municipality(shared):
    shared.set_clock(DAY + datetime.timedelta(days=1), "10:00")  # at an office's hours
    people = household(shared.path("portal/provider.db"))
    assert [row[0] for row in people][:2] == ["head", "spouse"] and len(people) >= 3, people
    seal = "番号", "印鑑登録証明書", "第1号", "架空"
    wanted = {"household": (FEE, ("世帯全員", "続柄", "妻", "本籍", *(name for _, name in people))),
              "seal": (FEE, seal), "tax": (FEE, ("所得・課税証明書", "合計所得金額", "円")),
              "family": (450, ("戸籍全部事項証明書", "本籍", "父", "母", *(name for _, name in people))),
              "family-addresses": (300, ("戸籍の附票の写し", "前の住所", "見本町一丁目２番３号"))}
    for kind, (fee, parts) in wanted.items():
        before = shared.kept()[0]
        words = ("--items", "head,origin") if kind == "household" else ()
        done = shared.run("--certificate", kind, "--insert", str(fee), *words)
        assert done.code == 0 and shared.kept() == (before + fee, False), done
        path = os.path.join(shared.papers, done.json()["number"] + ".pdf")
        run("qpdf", "--check", path)
        text = run("pdftotext", "-layout", path, "-").stdout.decode()
        for part in (*parts, "TEST試験用", "千代田区長"):
            assert part.replace("　", "") in text.replace("　", "").replace(" ", ""), (kind, part, text)
        assert "123456789018" not in text
        assert shared.check_number(done.json()["number"])["kind"] == kind
    told = [row[0] for row in shared.rows("SELECT told FROM exchange_log WHERE receiver = 'SHOP-1'")]
    for name in ("世帯全員", "印鑑登録", "所得・課税", "戸籍証明書", "戸籍の附票"):
        assert sum(name in words for words in told) == 1, (name, told)
    assert not any("花子" in words for words in told), told
    for path in glob.glob(shared.papers + "/*.pdf"):
        os.unlink(path)
    os.unlink(shared.coins)


@test
def a_machine_that_is_killed_sells_each_paper_once(shared):
    """Whatever moment it dies at: as many papers that count as fees that were kept, nothing void in a hand."""
    shots = random.Random(33)
    began = time.monotonic()
    assert shared.buy().code == 0
    usual = time.monotonic() - began
    earlier = {row[0] for row in shared.rows("SELECT number FROM kiosk_issued")} - set(shared.printed())
    for shot in range(KILLS):
        kind = ("resident", "household", "seal", "tax")[shot % 4]
        machine = subprocess.Popen(shared.words("--output", shared.papers, "--certificate", kind, "--insert", str(FEE)),
                                   stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                   env=shared.environment, start_new_session=True)
        machine.stdin.write(PIN.encode() + b"\n")
        machine.stdin.close()
        time.sleep(shots.uniform(0.3, 1.1) * usual)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(machine.pid, signal.SIGKILL)  # a session of its own
        machine.wait()
        if shared.kept()[1]:
            done = shared.run()
            assert done.code == 0 and not shared.kept()[1], done
    good = [number for number in shared.printed() if not shared.check_number(number)["is_void"]]
    assert good == shared.printed(), "no void paper is in anybody's hand"
    assert shared.kept() == (FEE * len(good), False), (shared.kept(), good)
    issued = shared.rows("SELECT number FROM kiosk_issued WHERE is_void = 0 ORDER BY number")
    assert [row[0] for row in issued if row[0] not in earlier] == good, (issued, good)


@test
def money_goes_back_where_no_paper_can_be_written(shared):
    before = shared.kept()[0]
    done = shared.buy(folder=shared.path("nowhere"))
    assert done.code != 0 and shared.kept() == (before, False), (done, shared.kept())
    last = shared.rows("SELECT number, is_void FROM kiosk_issued ORDER BY rowid DESC LIMIT 1")[0]
    assert last[1] == 1 and shared.check_number(last[0])["is_void"], last


@test
def a_card_that_was_lost_gets_nothing(shared):
    before = shared.kept()
    shared.plug("uruu")
    assert shared.run().code == 0
    shared.box.call("act", "uruu", "loss")
    done = []

    def refused():
        done[:] = [shared.run()]
        return done[0].code != 0

    wait_until("the card is refused", refused, 120)
    assert "revoked" in done[0].err or "suspended" in done[0].err or "any more" in done[0].err, done
    assert shared.kept() == before


@test
def a_blocked_pin_gets_nothing(shared):
    shared.plug("heisei")
    for _ in range(3):
        assert shared.run("--last-try", pin="9999").code == DENIED
    done = shared.run("--last-try")
    assert done.code == DENIED and "locked" in done.err, done


@test
def the_individual_number_is_in_no_file_of_the_portal(shared):
    shutil.rmtree(shared.papers)
    for path in glob.glob(shared.path("portal/*")):
        if os.path.isfile(path):
            with open(path, "rb") as f:
                assert b"123456789018" not in f.read(), path


if __name__ == "__main__":
    main(Shared)
