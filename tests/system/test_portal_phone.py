#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A phone that hanako's card has enrolled logs in at the portal and signs what she applies for: the phone is openssl and
docs/card-protocol.md. It leads to the account of the card and to what bodies hold about its holder, and nowhere once it
is on hold."""
import base64
import contextlib
import json
import os
import re
import sqlite3
import subprocess

from card_service import message
from harness import Directory, main, program, run, test, wait_until
from provider import Provider, sign, spki_of
from rsa_keys import write_key
from sandbox_party import exchange
from test_portal_apply import ANSWERS
from test_portald import Browser
from test_sandbox import Sandbox, environment

PASSWORD = "ABC123"
JSON = {"Content-Type": "application/json"}
TAX, PENSION = "TM00000000000002", "TM99000000000124"
EMPLOYMENT = "TM99000000000121"  # of a body that nothing here was asked of


class Keys(Provider):
    """What certificates are encrypted to for an authentication app."""

    def __init__(self, origin, key_file):
        jwk = json.loads(exchange(origin + "/v1/keys")[2])["keys"][0]
        self.kid, self.key_file = jwk["kid"], key_file
        with open(key_file, "wb") as f:
            f.write(spki_of(jwk))


class Shared:
    def __init__(self):
        self.box = Sandbox(is_new=False).start()
        self.origin, self.provider = self.box.state["urls"]["portal"], self.box.state["urls"]["authapp"]
        self.env = environment(self.box)
        self.box.call("persona", "card", "hanako")
        wait_until("the card is in the reader", lambda: self.jpki("card", "info").returncode == 0)
        self.top = Directory()
        self.keys = Keys(self.provider, self.held("platform.key"))
        self.enrol()

    def file(self, name):
        return os.path.join(self.box.dir, name)

    def held(self, name):
        """What the phone has."""
        return self.top.file(name)

    def jpki(self, *argv, secret=""):
        return subprocess.run([program("jpki"), *argv], input=secret.encode(), stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, env=self.env, timeout=60, check=False)

    def enrol(self):
        for kind in ("sign", "auth"):
            write_key(self.held(f"phone-{kind}.key"))
            run("openssl", "req", "-new", "-key", self.held(f"phone-{kind}.key"), "-subj", "/CN=phone", "-outform", "DER",
                "-out", self.held(f"phone-{kind}.csr"))
        os.mkdir(self.held("phone"))
        done = self.jpki("phone", "enrol", "--sign-request", self.held("phone-sign.csr"), "--auth-request",
                         self.held("phone-auth.csr"), "--out", self.held("phone"), "--yes", "--pin-fd", "0", secret=PASSWORD)
        assert done.returncode == 0, done
        self.certificate, self.sign_certificate = (
            run("openssl", "x509", "-in", self.held(f"phone/{kind}.pem"), "-outform", "DER").stdout for kind in ("auth", "sign"))

    def answer(self, address, code, key="phone-auth.key"):
        """What the phone answers a login with; the status."""
        challenge = json.loads(exchange(address)[2])
        signature = sign(self.held(key), message(challenge, self.provider))
        body = {"certificate": self.keys.encrypt(self.certificate), "code": code,
                "signature": base64.b64encode(signature).decode()}
        return exchange(address + "/answer", data=json.dumps(body).encode(), fields={"Content-Type": "application/json"})[0]

    def have_signed(self, browser):
        """An application that the phone has signed, as far as its submission."""
        asked = "/v1/applications"
        status, _, body = browser.ask(asked, "POST", json.dumps({"psid": self.find()}).encode(), **JSON)
        assert status == 201, (status, body)
        one = f"{asked}/{json.loads(body)['id']}"
        answers = [{"field": field, "value": value} for field, value in ANSWERS.items()]
        assert browser.ask(one + "/answers", "PUT", json.dumps({"answers": answers}).encode(), **JSON)[0] == 200
        status, _, body = browser.ask(one + "/signing", "POST", b"")
        assert status == 201, (status, body)
        opened = json.loads(body)
        document = exchange(opened["address"] + "/document")[2]
        reader = Keys(json.loads(exchange(opened["address"])[2])["platform"], self.held("portal.key"))
        answer = {"code": opened["code"], "certificate": reader.encrypt(self.sign_certificate),
                  "signature": base64.b64encode(sign(self.held("phone-sign.key"), document)).decode()}
        status = exchange(opened["address"] + "/answer", data=json.dumps(answer).encode(), fields=JSON)[0]
        assert status == 204, status
        return one

    def find(self):
        """Child allowance, as the municipality offers it."""
        rows = json.loads(exchange(f"{self.origin}/v1/procedures?municipality=13101&words=%E8%AA%8D%E5%AE%9A&online=yes")[2])
        return next(row["psid"] for row in rows["procedures"] if row["name"].startswith("児童手当等の受給資格"))

    def begin(self):
        """A browser that shows the page which waits: that page, and what it says to a phone."""
        browser = Browser(self.origin)
        page = browser.ask(browser.ask("/login?page=sessions")[1])[1]
        status, _, body = browser.ask(page)
        assert status == 200, (status, body)
        shown = re.search(rb'data-address="([^"]+)" data-code="(\d{6})"', body)
        assert shown, body
        return browser, page, shown[1].decode(), shown[2].decode()

    def log_in(self):
        """With the phone; None if it is refused."""
        browser, page, address, code = self.begin()
        status = self.answer(address, code)
        assert status in (204, 422), status
        if status == 422:
            return None
        back = browser.ask(page)[1]
        assert back.startswith(self.origin + "/login/callback?"), back
        place = browser.ask(back)[1]
        assert place == "/#/sessions", place
        browser.csrf = browser.answer_of("/v1/me")[1]["csrf"]
        return browser

    def wish(self, browser, info):
        """Ask what is held about whoever that is, and its address; or the status that refuses it."""
        question = json.dumps({"infos": [info], "area": "13101"}).encode()
        status, _, body = browser.ask("/v1/self-information", "POST", question, **{"Content-Type": "application/json"})
        return "/v1/self-information/" + json.loads(body)["id"] if status == 201 else status

    def read(self, browser, info):
        """What becomes of such a question: state and records."""
        address, found = self.wish(browser, info), []

        def is_answered():
            found[:] = browser.answer_of(address)[1]["items"]
            return found[0]["state"] not in ("requested", "waiting")

        wait_until("the body has answered", is_answered)
        return found

    def traced(self):
        """How the authority has answered the register, in order."""
        with contextlib.closing(sqlite3.connect(self.file("authority/authority.db"))) as db:
            return [row[0] for row in db.execute("SELECT outcome FROM audit WHERE act = 'phone.traced' ORDER BY seq")]

    def close(self):
        self.box.close()
        self.top.close()


@test
def a_phone_opens_the_account_of_the_card_that_enrolled_it(shared):
    card, other, phones = Browser(shared.origin), Browser(shared.origin), []
    assert card.log_in("hanako") == other.log_in("uruu") == "/#/sessions"

    def phone_is_in():  # the responder hears of a new certificate a little later
        phones[:] = [shared.log_in()]
        return phones[0] is not None

    wait_until("the phone has logged in", phone_is_in)
    shared.phone = phones[0]
    accounts = [browser.answer_of("/v1/me")[1]["account"] for browser in (card, shared.phone, other)]
    assert accounts[0] == accounts[1] != accounts[2], accounts
    assert len(shared.phone.answer_of("/v1/sessions")[1]["sessions"]) == 2
    assert shared.traced() == ["found"], shared.traced()


@test
def a_key_that_is_not_the_phones_opens_nothing(shared):
    browser, _, address, code = shared.begin()
    assert shared.answer(address, code, key="phone-sign.key") == 422
    assert browser.answer_of("/v1/me")[0] == 403
    assert shared.traced() == ["found"], "that of before"


@test
def bodies_know_who_has_logged_in_with_the_phone(shared):
    """No session had asked for the municipality's code before; what is held was filed under her own."""
    held = shared.read(shared.phone, TAX)
    assert held[0]["state"] == "ready" and shared.traced()[-2:] == ["found", "found"], (held, shared.traced())
    card, before = Browser(shared.origin), len(shared.traced())
    card.log_in("hanako")
    told = shared.read(card, TAX)
    assert told[0]["records"] == held[0]["records"] != [], (told, held)
    assert len(shared.traced()) == before, "nothing is asked about a card"


@test
def the_phone_signs_what_its_holder_applies_for_and_nobody_else_does(shared):
    """Whoever is logged in: the phone's signature is hers, by way of the sign certificate that enrolled it."""
    one, before = shared.have_signed(shared.phone), len(shared.traced())
    status, _, body = shared.phone.ask(one + "/submission", "POST", b"{}", **JSON)
    assert status == 200 and json.loads(body)["receipt"].startswith("13101-"), (status, body)
    told = shared.phone.answer_of(one)[1]
    assert told["state"] == "submitted" and told["applicant"]["name"] == "番号　花子", told
    assert set(shared.traced()[before:]) == {"found"}, shared.traced()  # for the portal, and for whom the city may ask
    other = Browser(shared.origin)
    other.log_in("uruu")
    one = shared.have_signed(other)
    status, _, body = other.ask(one + "/submission", "POST", b"{}", **JSON)
    assert status != 200 and b"somebody else" in body, (status, body)


@test
def card_and_phone_in_turn_stay_in_one_account(shared):
    accounts = set()
    for log_in in (lambda: Browser(shared.origin), shared.log_in, lambda: Browser(shared.origin)):
        browser = log_in()
        if not browser.csrf:
            browser.log_in("hanako")
        accounts.add(browser.answer_of("/v1/me")[1]["account"])
    assert len(accounts) == 1, accounts


@test
def a_phone_on_hold_logs_in_nowhere_and_its_reference_is_gone(shared):
    done = shared.jpki("phone", "suspend", "--yes", "--pin-fd", "0", secret=PASSWORD)
    assert done.returncode == 0, done
    assert shared.wish(shared.phone, EMPLOYMENT) == 409, "the login of before"
    assert shared.traced()[-1] == "gone", shared.traced()
    wait_until("the phone is refused", lambda: shared.log_in() is None)
    card = Browser(shared.origin)
    assert card.log_in("hanako") == "/#/sessions"
    assert shared.read(card, PENSION)[0]["state"] == "ready"


if __name__ == "__main__":
    main(Shared)
