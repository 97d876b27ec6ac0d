#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What each act at the counter leaves on the card: whether its holder logs in and signs, or why not."""
import datetime
import json
import os
import shutil
import signal
import subprocess
import tempfile

from harness import main, program, read_text, test, wait_until, write_text
from test_sandbox import ABSENT, INTERNAL, REMOTE, USAGE, Sandbox, environment
from test_sandbox_clock import refuse_instrumented

JST = datetime.timezone(datetime.timedelta(hours=9))
TODAY = datetime.datetime.now(JST).date()
SOON = (TODAY + datetime.timedelta(days=40)).isoformat()
# What the register does by itself, which nobody asks for, when a time comes or the next card was
# handed over; the sandbox makes a person no second card (tests/component/test_register_acts.c).
OWN = {"lapse", "expire", "next-card"}
GOOD, REVOKED, NONE = "good", "revoked", "none"


class Shared:
    """One sandbox; what its card in the reader can do, asked as its holder would."""

    def __init__(self):
        self.box = Sandbox(is_new=False).start()
        self.env = environment(self.box)
        self.top = tempfile.mkdtemp(prefix="jpki-sys-")
        self.document = os.path.join(self.top, "document")
        self.pins = {}
        self.before = []  # of a command, for another time than the machine's
        self.last = None  # what stood last
        for person in json.loads(self.box.call("persona", "list", "--json").stdout)["personas"]:
            self.pins[person["name"]] = {"auth": person["pin_auth"], "sign": person["pin_sign"]}
        write_text(self.document, "a contract")

    def close(self):
        self.box.close()
        shutil.rmtree(self.top)

    def jpki(self, *words, pin=""):
        done = subprocess.run([*self.before, program("jpki"), *words], env=self.env, input=(pin + "\n").encode(),
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        return done.returncode, (done.stdout + done.stderr).decode()

    def plug(self, persona):
        self.box.call("persona", "card", persona)
        wait_until("the card is in the reader", lambda: self.jpki("card", "info")[0] == 0)

    def act(self, persona, act, *words, expect=0):
        done = self.box.call("act", persona, act, *words, "--json", expect=expect)
        if expect == ABSENT:
            return done.stderr.decode()
        wait_until("the card is in the reader", lambda: self.jpki("card", "info")[0] == 0)
        return json.loads(done.stdout) if expect == 0 else done.stderr.decode()

    def login(self, persona):
        code, text = self.jpki("login", self.env["JPKI_PLATFORM"], "--client", "sample-bank", "--yes",
                               "--pin-fd", "0", pin=self.pins[persona]["auth"])
        return GOOD if code == 0 else REVOKED if code == 1 and "does not count: revoked" in text else text

    def sign(self, persona):
        code, text = self.jpki("sign", self.document, "--yes", "--force", "--pin-fd", "0",
                               pin=self.pins[persona]["sign"])
        if code != 0:
            return NONE if "no sign" in text.lower() or "no signature" in text.lower() else text
        code, text = self.jpki("verify", self.document, "--platform", self.env["JPKI_PLATFORM"])
        return GOOD if code == 0 else REVOKED if code == 1 and "revoked" in text else text

    def status(self, kind, persona):
        code, text = self.jpki("cert", "status", *(["--sign"] if kind == "sign" else []), "--pin-fd", "0",
                               "--json", pin=self.pins[persona][kind])
        return json.loads(text).get("status") if code in (0, 1) else text

    def stands(self, persona, login, sign):
        """Both, as they should be, and so says the responder; it may take the daemons a moment."""
        was, self.last = self.last, (persona, login, sign)
        asked = [("login", login, self.login), ("sign", sign, self.sign)]
        if was != self.last:  # the responder hears of it by itself, and may do so last
            asked += [(f"status of {kind}", expected, lambda persona, kind=kind: self.status(kind, persona))
                      for kind, expected in (("auth", login), ("sign", sign)) if expected != NONE]
        for what, expected, ask in asked:
            found = []

            def is_so(ask=ask, expected=expected, found=found):
                found[:] = [ask(persona)]
                return found == [expected]
            try:
                wait_until(f"{persona}: {what} is {expected}", is_so)
            except AssertionError as error:
                raise AssertionError(f"{error}, but {found}") from error


def expect(acted, state, revocation, new="", rewritten=False):
    told = (acted["state"], acted["revocation"], acted["rewritten"])
    assert told == (state, revocation, rewritten), acted
    assert acted["new_sign_certificate"] == ("s" in new), acted
    assert acted["new_auth_certificate"] == ("a" in new), acted


HOME = ("--address", "兵庫県神戸市中央区見本町２番", "--municipality", "28100")
# Of one person, one behind the other: the act, what it becomes, what the card gets, what it can do.
LIFE = (
    (("name", "--name", "番号　華子"), ("active", "done", "s", True), GOOD, GOOD),
    (("sex", "--sex", "unknown"), ("active", "done", "s", True), GOOD, GOOD),
    (("birth", "--birth-date", "1990-04-16"), ("active", "done", "s", True), GOOD, GOOD),
    (("naturalisation", "--name", "番号　桜子"), ("active", "done", "s", True), GOOD, GOOD),
    (("move", *HOME), ("active", "done", "s", True), GOOD, GOOD),
    (("move-out", "--date", TODAY.isoformat()), ("active", "none", "", False), GOOD, GOOD),
    (("move-in", "--date", TODAY.isoformat(), "--address", "東京都港区見本二丁目", "--municipality", "13103"),
     ("active", "done", "s", True), GOOD, GOOD),
    (("keep",), ("active", "none", "", False), GOOD, GOOD),
    (("pin-reset", "--pin", "auth"), ("active", "none", "", False), GOOD, GOOD),
    (("loss",), ("suspended", "done", "", False), REVOKED, REVOKED),
    (("found",), ("active", "done", "sa", False), GOOD, GOOD),
    (("revoke-sign",), ("active", "done", "", False), GOOD, REVOKED),
    (("issue",), ("active", "none", "s", False), GOOD, GOOD),
    (("revoke",), ("active", "done", "", False), REVOKED, REVOKED),
    (("stay", "--stay-until", SOON), ("active", "none", "", True), REVOKED, REVOKED),
    # They end with the stay, in less than three months.
    (("issue",), ("active", "none", "sa", False), GOOD, GOOD),
    (("renew",), ("active", "done", "sa", False), GOOD, GOOD),
    (("leak",), ("active", "done", "", False), REVOKED, REVOKED),
    (("issue",), ("active", "none", "sa", False), GOOD, GOOD),
    (("reissue",), ("replaced", "done", "", False), REVOKED, REVOKED),
)
# What ends a card, each of another person.
ENDS = (("nagai", "return", "returned"), ("john", "death", "lapsed"), ("koukou", "abroad", "lapsed"))


@test
def acts_are_told_completely_and_happen_to_cards_that_are_there(shared):
    shared.plug("hanako")
    assert "no act" in shared.act("hanako", "lapse", expect=USAGE)
    assert "persona card" in shared.act("john", "death", expect=ABSENT)
    assert "the card is active" in shared.act("hanako", "destroy", expect=INTERNAL)
    assert "not renewed yet" in shared.act("hanako", "renew", expect=INTERNAL)
    assert "all its certificates" in shared.act("hanako", "issue", expect=INTERNAL)
    assert "no period" in shared.act("hanako", "keep", expect=INTERNAL)
    shared.stands("hanako", GOOD, GOOD)


@test
def every_act_of_a_life_leaves_the_card_as_it_should_be(shared):
    for words, becomes, login, sign in LIFE:
        expect(shared.act("hanako", *words), *becomes)
        shared.stands("hanako", login, sign)
    assert "the card is replaced" in shared.act("hanako", "issue", expect=INTERNAL)


@test
def what_is_written_on_the_card_is_true_after_each_change(shared):
    code, text = shared.jpki("read", "attrs", "--json", "--pin-fd", "0", pin=shared.pins["hanako"]["auth"])
    read = json.loads(text.splitlines()[0])
    assert code == 0 and read["verdict"] == "valid", text
    told = read["attributes"]
    assert (told["name"], told["address"], told["birth_date"]) == (
        "番号　桜子", "東京都港区見本二丁目", "1990-04-16"), told


@test
def a_child_has_nothing_to_sign_with_and_gets_a_new_auth_certificate(shared):
    shared.plug("kodomo")
    expect(shared.act("kodomo", "move", *HOME), "active", "none", "", True)
    expect(shared.act("kodomo", "loss"), "suspended", "done")
    expect(shared.act("kodomo", "found"), "active", "done", "a")
    shared.stands("kodomo", GOOD, NONE)


@test
def what_ends_a_card_ends_login_and_signature(shared):
    for persona, act, state in ENDS:
        shared.plug(persona)
        expect(shared.act(persona, act), state, "done")
        shared.stands(persona, REVOKED, REVOKED)


@test
def an_interrupted_recovery_goes_on_with_the_keys_that_wait(shared):
    shared.plug("uruu")
    shared.act("uruu", "loss")
    shared.box.status()
    signer = shared.box.pids()["jpki-signerd-ca"]
    os.kill(signer, signal.SIGSTOP)  # it is there and does not answer
    try:
        shared.act("uruu", "found", expect=REMOTE)
    finally:
        os.kill(signer, signal.SIGCONT)
    shared.plug("uruu")
    expect(shared.act("uruu", "found"), "active", "none", "sa")
    shared.stands("uruu", GOOD, GOOD)


@test
def what_the_register_does_by_itself_ends_a_card_too(shared):
    refuse_instrumented(program("jpki"))
    for persona, words in (("watanabe", ("stay", "--stay-until", SOON)),
                           ("taisho", ("move-out", "--date", TODAY.isoformat()))):
        shared.plug(persona)
        expect(shared.act(persona, *words), "active", "none", "", words[0] == "stay")
    shared.box.call("clock", "+42d")
    shared.before = [program("jpki-sandbox"), "exec", "--dir", shared.box.dir]
    for persona, state in (("watanabe", "expired"), ("taisho", "lapsed")):
        shared.plug(persona)
        shared.stands(persona, REVOKED, REVOKED)
        assert f"the card is {state}" in shared.act(persona, "issue", expect=INTERNAL)


@test
def every_act_of_the_register_was_tried(_):
    path = os.path.join(os.environ["JPKI_TEST_BIN"], "../openapi/register-orders.json")
    schema = json.loads(read_text(path))["paths"]
    known = set(OWN)
    for route in ("/v1/residents/{id}/acts", "/v1/cards/{id}/acts"):
        body = schema[route]["post"]["requestBody"]["content"]["application/json"]["schema"]
        known |= set(body["properties"]["act"]["enum"])
    tried = {words[0] for words, *_ in LIFE} | {act for _, act, _ in ENDS} | {"destroy"} | OWN
    assert tried - {"issue"} == known and len(known) == 24, tried ^ known


if __name__ == "__main__":
    main(Shared)
