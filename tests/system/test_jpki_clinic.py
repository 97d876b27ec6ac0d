#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""jpki-clinic in a sandbox: people show their cards at a clinic and at a pharmacy, the insurer answers through the
exchange, what they consent to is read and nothing else, and they see all of it. Refusals first."""
import base64
import contextlib
import glob
import json
import os
import pty
import sqlite3
import subprocess

from cardproxy import CardProxy
from harness import Directory, ask, main, program, run, test, wait_until, write_text
from test_portald import Browser, configuration
from test_sandbox import Sandbox, environment

CLINIC = program("jpki-clinic")
INVALID, USAGE, ABSENT, DENIED, REMOTE, UNKNOWN = 1, 2, 3, 4, 5, 7
PIN = "1234"


class Done:
    def __init__(self, done):
        self.code, self.out, self.err = done.returncode, done.stdout.decode(), done.stderr.decode()

    def json(self):
        return json.loads(self.out)

    def __repr__(self):
        return f"{self.code}\n{self.out}\n{self.err}"


class Shared:
    def __init__(self):
        self.box = Sandbox(is_new=False).start()
        self.direct = self.path("card/direct.sock")
        self.environment = {key: value for key, value in environment(self.box).items() if key.startswith("JPKI")}
        self.environment |= {"JPKI_READER": "direct:" + self.direct, "LC_ALL": "C", "PATH": os.environ["PATH"]}
        self.holder = None
        self.plug("hanako")

    def path(self, below):
        return os.path.join(self.box.dir, below)

    def plug(self, persona):
        if self.holder != persona:
            self.box.call("persona", "card", persona)
        self.holder = persona

    def run(self, *words, pin=None, **more):
        done = subprocess.run([CLINIC, *words, *(() if pin is None else ("--pin-fd", "0"))],
                              input=b"" if pin is None else pin.encode() + b"\n", capture_output=True,
                              env=self.environment | more, timeout=120, check=False, start_new_session=True)
        return Done(done)

    def check(self, *words, consent="none", pin=PIN, **more):
        return self.run("check", "--json", "--consent", consent, *words, pin=pin, **more)

    def photo(self, *words, consent="none", **more):
        return self.run("check", "--json", "--photo", "--yes", "--consent", consent, *words, **more)

    def at_pharmacy(self):
        return {"JPKI_TERMINAL_KEY_FILE": self.path("providers/pharmacy-terminal.key"),
                "JPKI_OPERATOR_KEY_FILE": self.path("providers/pharmacy-operator.key")}

    def rows(self, sql):
        with contextlib.closing(sqlite3.connect(f"file:{self.path('portal/portal.db')}?mode=ro", uri=True)) as db:
            return db.execute(sql).fetchall()

    def checked(self):
        return self.rows("SELECT count(*) FROM eligibility_lookup WHERE method > 0")[0][0]

    def operate(self, path, body):
        run("curl", "--silent", "--fail", "--unix-socket", self.path("portal/portal.sock"), "--json", json.dumps(body),
            "http://localhost" + path)

    def trouble(self, **what):
        status, answer = ask(self.path("card/control.sock"), "POST", "/v1/trouble", what)
        assert status in (200, 204), (status, answer)

    def browser(self, persona):
        browser = Browser(self.box.state["urls"]["portal"])
        browser.log_in(persona)
        return browser

    def close(self):
        self.box.close()


def expect(done, code, *texts):
    assert done.code == code, done
    for text in texts:
        assert text in done.err, (text, done)
    return done


@test
def wrong_command_lines_and_keys_end_with_2_and_ask_nothing(shared):
    before = shared.checked()
    bad = shared.path("bad.key")
    write_text(bad, "\n")
    expect(shared.check(JPKI_PORTAL=""), USAGE, "--portal and --terminal-key-file are needed")
    expect(shared.check(JPKI_TERMINAL_KEY_FILE=""), USAGE, "--portal and --terminal-key-file are needed")
    expect(shared.check("--portal", shared.environment["JPKI_PORTAL"] + "/x"), USAGE, "without a path")
    expect(shared.check("--portal", "http://portal.example"), INVALID, "only for this computer itself")
    expect(shared.check("--wait", "601"), USAGE, "at most 600")
    expect(shared.check(consent="medicine,address"), USAGE, "medicine, check-up or cost")
    expect(shared.check(consent=""), USAGE, "medicine, check-up or cost")
    expect(shared.check(JPKI_TERMINAL_KEY_FILE=bad), USAGE, "the file is empty")
    expect(shared.check(JPKI_TERMINAL_KEY_FILE=shared.path("nowhere")), USAGE, "there is no file")
    expect(shared.photo(JPKI_OPERATOR_KEY_FILE=""), USAGE, "--operator-key-file")
    expect(shared.run("check", pin=PIN), USAGE, "nobody can be asked here; --consent")
    expect(shared.run("read", "x", "address"), USAGE, "medicine, check-up or cost")
    expect(shared.run("show", "a/b"), USAGE, "no name of a lookup")
    assert shared.checked() == before


@test
def an_operator_of_a_portal_adds_clinics_and_keys_and_revokes_them(_):
    with contextlib.closing(Directory()) as top:
        conf = configuration(top)

        def portald(*words, expect=0):
            done = run(program("jpki-portald"), "clinic", *words, "--config", conf, check=False)
            assert done.returncode == expect, (words, done)
            return done.stdout.decode()

        portald("add", "139999901", "見本", "Sample", expect=USAGE)
        portald("key", "1399999011", "terminal", "desk", expect=ABSENT)
        portald("add", "1399999011", "見本", "Sample")
        assert len(portald("key", "1399999011", "terminal", "desk").strip()) == 43
        portald("key", "1399999011", "owner", "desk", expect=USAGE)
        keys = json.loads(portald("list", "--json"))["clinics"][0]["keys"]
        assert [key["role"] for key in keys] == ["terminal"], keys
        assert "1399999011  見本 (Sample)" in portald("list") and keys[0]["id"] in portald("list")
        certificate = top.file("terminal.pem")
        run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-384", "-sha384", "-nodes",
            "-subj", "/CN=t", "-keyout", top.file("terminal.key"), "-out", certificate)
        portald("bind", "1399999011", keys[0]["id"], top.file("nowhere"), expect=USAGE)
        portald("bind", "1399999011", keys[0]["id"], conf, expect=USAGE)
        portald("bind", "1399999029", keys[0]["id"], certificate, expect=ABSENT)
        portald("bind", "1399999011", keys[0]["id"], certificate)
        portald("revoke", "1399999029", keys[0]["id"], expect=ABSENT)
        portald("revoke", "1399999011", keys[0]["id"])
        portald("revoke", "1399999011", keys[0]["id"], expect=ABSENT)
        assert keys[0]["id"] not in portald("list")


@test
def a_terminal_or_operator_that_is_none_looks_nothing_up(shared):
    before = shared.checked()
    key = shared.path("some.key")
    write_text(key, "nobodys".ljust(43, "-") + "\n")
    expect(shared.check(JPKI_TERMINAL_KEY_FILE=key), DENIED, "no terminal's key")
    expect(shared.check(JPKI_TERMINAL_KEY_FILE=shared.environment["JPKI_OPERATOR_KEY_FILE"]), DENIED,
           "no terminal's key")
    expect(shared.photo(JPKI_OPERATOR_KEY_FILE=key), DENIED, "no operator's key")
    expect(shared.photo(JPKI_OPERATOR_KEY_FILE=shared.environment["JPKI_TERMINAL_KEY_FILE"]), DENIED,
           "no operator's key")
    expect(shared.photo(JPKI_OPERATOR_KEY_FILE=shared.at_pharmacy()["JPKI_OPERATOR_KEY_FILE"]), DENIED,
           "of another clinic")
    assert shared.checked() == before


@test
def a_wrong_pin_is_told_with_the_tries_that_are_left(shared):
    before = shared.checked()
    expect(shared.check(pin="4321"), DENIED, "tries left: 2")
    expect(shared.check(pin="12345"), DENIED, "nothing was sent to the card")
    expect(shared.check(pin="4321"), DENIED, "tries left: 1")
    expect(shared.check(), DENIED, "only one try is left", "--last-try")
    assert shared.checked() == before
    assert expect(shared.check("--last-try"), 0).json()["state"] == "insured"
    assert shared.checked() == before + 1


@test
def a_card_that_is_none_or_is_pulled_out_is_told(shared):
    before = shared.checked()
    expect(shared.check(JPKI_READER="direct:" + shared.path("nowhere")), ABSENT, "nobody serves a card there")
    foreign = shared.path("foreign")
    with contextlib.closing(CardProxy(foreign, atr=bytes.fromhex("3BE000FF8131FE4514"),
                                      answer=lambda command: b"\x6a\x82")):
        expect(shared.check(JPKI_READER="direct:" + foreign), ABSENT, "no My Number Card")
    for after in range(1, 60):
        shared.trouble(remove_after=after)
        done = shared.check()
        shared.trouble()
        ask(shared.path("card/control.sock"), "POST", "/v1/insertion", {"inserted": True})
        if done.code == 0:
            break
        assert done.code == ABSENT and ("removed" in done.err or "no card in the reader" in done.err), (after, done)
        assert shared.checked() == before, after
    assert 8 < after < 59, after


@test
def the_pin_opens_what_the_insurer_says(shared):
    told = expect(shared.check(), 0).json()
    assert (told["state"], told["method"], told["operator"], told["consents"]) == ("insured", "pin", None, []), told
    assert told["insurance"]["insurer_number"] == "99990001" and told["insurance"]["share_percent"] == 30, told
    assert told["insurance"]["limit_category"] == "ウ" and told["insurance"]["valid_until"] is None, told
    assert shared.run("show", told["lookup"], "--json").json()["insurance"] == told["insurance"]
    text = shared.run("show", told["lookup"], LC_ALL="ja_JP.UTF-8").out
    assert "資格があります" in text and "限度額適用区分: ウ" in text, text


@test
def a_photo_is_confirmed_by_somebody_and_marked_so(shared):
    told = expect(shared.photo(), 0).json()
    assert told["method"] == "photo" and told["operator"].startswith("受付"), told
    shared.plug("kao")  # a card that has no PIN at all
    assert shared.check().code in (ABSENT, DENIED)
    told = expect(shared.photo(), 0).json()
    assert told["insurance"]["share_percent"] == 10 and told["insurance"]["symbol"] is None, told
    done = shared.run("check", "--photo", "--consent", "none")
    expect(done, USAGE, "nobody can be asked here")


@test
def who_changed_the_insurer_has_the_new_one_and_who_lost_it_has_none(shared):
    shared.plug("uruu")
    told = expect(shared.check(), 0).json()
    assert told["insurance"]["insurer"] == "例示市国民健康保険" and not told["is_changed"], told
    shared.plug("showa")
    told = expect(shared.check(), INVALID).json()
    assert told["state"] == "expired" and told["insurance"]["valid_until"] is not None, told


@test
def a_change_since_the_last_time_is_told(shared):
    shared.plug("uruu")
    assert not expect(shared.check(), 0).json()["is_changed"]
    with contextlib.closing(sqlite3.connect(f"file:{shared.path('portal/provider.db')}?mode=ro", uri=True)) as db:
        code = next(row[0] for row in db.execute("SELECT code, answer FROM holding WHERE info = 'TM99000000000104'")
                    if "例示市国民健康保険" in row[1].decode())
    text = base64.urlsafe_b64encode(code).decode().rstrip("=")
    shared.operate("/v1/provider/records", {"body": "HEALTHINS01", "code": text, "info": "TM99000000000104",
                                            "records": []})
    told = expect(shared.check(), INVALID).json()
    assert told["state"] == "not-insured" and told["is_changed"] and told["insurance"] is None, told
    assert not expect(shared.check(**shared.at_pharmacy()), INVALID).json()["is_changed"]


@test
def what_was_consented_to_is_read_there_and_nothing_else(shared):
    shared.plug("hanako")
    told = expect(shared.check(consent="medicine,cost"), 0).json()
    assert told["consents"] == ["medicine", "cost"], told
    lookup = told["lookup"]
    expect(shared.run("read", lookup, "check-up"), DENIED, "not consented")
    read = expect(shared.run("read", lookup, "medicine", "--json"), 0).json()
    assert read["state"] == "ready" and "Medicine" in {item["name_en"] for item in read["items"]}, read
    assert "薬剤名" in expect(shared.run("read", lookup, "medicine", LC_ALL="ja_JP.UTF-8"), 0).out
    expect(shared.run("read", lookup, "medicine", **shared.at_pharmacy()), ABSENT, "no such lookup")
    elsewhere = expect(shared.check(**shared.at_pharmacy()), 0).json()["lookup"]
    expect(shared.run("read", elsewhere, "medicine", **shared.at_pharmacy()), DENIED, "not consented")


@test
def each_consent_is_asked_for_by_itself_in_the_person_s_language(shared):
    shared.plug("hanako")
    reader, writer = os.pipe()
    os.write(writer, PIN.encode() + b"\n")
    os.close(writer)
    person, terminal = pty.openpty()
    try:
        os.write(person, b"y\nn\ny\n")
        done = Done(subprocess.run([CLINIC, "check", "--json", "--pin-fd", str(reader)], stdin=terminal, pass_fds=[reader],
                                   capture_output=True, env=shared.environment | {"LC_ALL": "ja_JP.UTF-8"}, timeout=120,
                                   check=False))
    finally:
        for fd in (reader, person, terminal):
            os.close(fd)
    assert expect(done, 0).json()["consents"] == ["medicine", "cost"], done
    asked = [done.err.find(f"「{kind}」の閲覧に同意しますか。") for kind in ("薬剤・診療の情報", "健診の結果", "医療費の情報")]
    assert asked == sorted(asked) and asked[0] > done.err.find("見本内科クリニック") >= 0, done.err


@test
def who_was_looked_up_sees_it_and_withdraws(shared):
    shared.plug("hanako")
    lookup = expect(shared.check(consent="cost"), 0).json()["lookup"]
    expect(shared.run("read", lookup, "cost", "--json"), 0)
    own, other = shared.browser("hanako"), shared.browser("futago-a")
    assert other.answer_of("/v1/me/eligibility")[1]["lookups"] == []
    seen = own.answer_of("/v1/me/eligibility")[1]["lookups"]
    assert {"pin", "photo"} <= {row["method"] for row in seen}, seen
    assert {"1399999011", "1399999029"} == {row["clinic"] for row in seen}, seen
    consent = seen[0]["consents"][0]
    assert (consent["kind"], consent["readings"], consent["withdrawn_at"]) == ("cost", 1, 0), consent
    path = f"/v1/me/eligibility/consents/{consent['id']}/withdraw"
    assert other.ask(path, "POST")[0] == 404
    for row in seen:  # the clinic may have another consent of the same kind
        for given in row["consents"]:
            if row["clinic"] == "1399999011" and given["kind"] == "cost":
                assert own.ask(f"/v1/me/eligibility/consents/{given['id']}/withdraw", "POST")[0] == 204
    assert own.ask(path, "POST")[0] == 409
    expect(shared.run("read", lookup, "cost"), DENIED, "not consented")
    records = own.answer_of("/v1/history?body=C1399999011&limit=100")[1]["records"]
    assert {"eligibility", "pulled"} <= {row["what"] for row in records}, records


@test
def neither_certificate_nor_name_nor_insurance_is_kept_at_the_portal_s_clinics(shared):
    for table in ("eligibility_lookup", "eligibility_consent", "eligibility_reading", "clinic_key"):
        kept = repr(shared.rows(f"SELECT * FROM {table}"))
        for text in ("花子", "123456789018", "99990001", "見本健康保険組合"):
            assert text not in kept, (table, text)
    for path in glob.glob(shared.path("portal/portal.db*")):
        with open(path, "rb") as file:
            kept = file.read()
        for name in ("terminal", "operator"):
            with open(shared.path(f"providers/clinic-{name}.key"), "rb") as key:
                assert key.read().strip() not in kept, (path, name)


@test
def a_card_that_was_suspended_opens_nothing(shared):
    shared.plug("futago-b")
    expect(shared.check(), 0)
    before = shared.checked()
    shared.box.call("act", "futago-b", "loss")

    def is_refused():
        done = shared.check()
        return done.code == INVALID and "revoked, or is suspended" in done.err

    wait_until("the responder knows", is_refused)
    counted = shared.checked()
    expect(shared.photo(), INVALID, "revoked, or is suspended")
    assert shared.checked() == counted and counted >= before


@test
def an_insurer_that_is_down_is_told_and_asked_again(shared):
    shared.plug("hanako")
    shared.operate("/v1/provider/conduct", {"body": "HEALTHINS01", "mode": "down", "delay_seconds": 0})
    told = expect(shared.check("--wait", "0"), UNKNOWN).json()
    assert told["state"] == "asking" and told["insurance"] is None, told
    shared.box.call("clock", "+11s")
    told = expect(shared.run("show", told["lookup"], "--wait", "0", "--json"), UNKNOWN).json()
    assert told["state"] == "no-answer", told
    shared.operate("/v1/provider/conduct", {"body": "HEALTHINS01", "mode": "answers", "delay_seconds": 0})
    shared.box.call("clock", "+5m")
    wait_until("the insurer is asked again",
               lambda: shared.run("show", told["lookup"], "--wait", "0", "--json").json()["state"] != "no-answer")


if __name__ == "__main__":
    main(Shared)
