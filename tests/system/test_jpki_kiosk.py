#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""jpki-kiosk in a sandbox: people show their cards at a machine in a shop, pay, and get a certificate of their
municipality out of the register, once for each payment, whatever dies in between. Refusals first."""
import contextlib
import glob
import hashlib
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import time

from harness import ask, main, program, run, test, wait_until
from test_sandbox import Sandbox, environment

KIOSK = program("jpki-kiosk")
USAGE, ABSENT, DENIED, CONFLICT = 2, 3, 4, 6
PIN = "1234"
FEE = 200
KILLS = 8


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
        self.environment |= {"LC_ALL": "C", "PATH": os.environ["PATH"]}
        self.coins, self.papers = self.path("kiosk-box.json"), self.path("kiosk-papers")
        os.mkdir(self.papers, 0o700)
        self.holder = None
        self.plug("hanako")
        self.set_clock("2026-12-01T12:00:00+09:00")

    def path(self, below):
        return os.path.join(self.box.dir, below)

    def plug(self, persona):
        if self.holder != persona:
            self.box.call("persona", "card", persona)
        self.holder = persona

    def set_clock(self, time_of_day):
        self.box.call("clock", "--set", time_of_day)
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
        return self.run("--certificate", kind, "--insert", str(insert), **how)

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
    listed = {one["kind"]: one["fee"] for one in shared.run().json()["certificates"]}
    assert listed == {"resident": FEE, "resident-items": 250}, listed
    shared.plug("john")  # of a municipality that takes no part
    done = shared.buy()
    assert shared.run().json()["certificates"] == [] and done.code == ABSENT, done
    assert "does not give" in done.err and shared.kept() == (0, False), done
    shared.plug("hanako")


@test
def too_little_money_buys_nothing_and_nothing_is_sold_at_night(shared):
    done = shared.buy(insert=FEE - 1)
    assert done.code == DENIED and "200 yen" in done.err and shared.kept() == (0, False), done
    shared.set_clock("2026-12-01T23:00:00+09:00")
    done = shared.buy()
    assert done.code == CONFLICT and "not given at this hour" in done.err, done
    shared.set_clock("2026-12-02T06:30:00+09:00")
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


@test
def a_machine_that_is_killed_sells_each_paper_once(shared):
    """Whatever moment it dies at: as many papers that count as fees that were kept, nothing void in a hand."""
    shots = random.Random(33)
    began = time.monotonic()
    assert shared.buy().code == 0
    usual = time.monotonic() - began
    for _ in range(KILLS):
        machine = subprocess.Popen(shared.words("--output", shared.papers, "--certificate", "resident", "--insert", str(FEE)),
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
    assert [row[0] for row in issued] == good, (issued, good)


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
