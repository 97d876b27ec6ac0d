#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""From the portal of a sandbox to the sites beside it: linked, there without the card, back, unlinked and out; and
what somebody's proxy may do. Everything is the real programs."""
import datetime
import json
import os

from harness import main, run, test, wait_until
from test_portald import Browser
from test_sandbox import Sandbox


class Person(Browser):
    """Somebody who has logged in at the portal, with one browser for all sites."""

    def __init__(self, shared, persona):
        super().__init__(shared.origin)
        self.shared = shared
        assert self.log_in(persona) == "/#/sessions"

    def do(self, method, path, body=None, expect=200, **fields):
        data = None if body is None else json.dumps(body).encode()
        if body is not None:
            fields["Content-Type"] = "application/json"
        status, _, text = self.ask(path, method, data, **fields)
        assert status == expect, (method, path, status, text)
        return json.loads(text) if text.startswith(b"{") else text

    def site(self, name):
        return next(one for one in self.do("GET", "/v1/sites")["sites"] if one["id"] == name)

    def link(self, name):
        self.do("PUT", f"/v1/sites/{name}/linkage", expect=204)

    def visit(self, name):
        """On to a site; the addresses that the browser was led through."""
        places = [self.site(name)["address"]]
        while places[-1] is not None and len(places) < 6 and not places[-1].startswith("/#"):
            status, place, self.page = self.ask_at(places[-1])
            assert status in (200, 303), (places, status)
            places.append(place)
        return places

    def ask_at(self, address):
        """Relative addresses are of the site that was asked last."""
        if not address.startswith("http"):
            address = self.at + address
        self.at = "/".join(address.split("/", 3)[:3])
        return self.ask(address)

    def is_in(self, name):
        origin = self.site(name)["address"].removesuffix("/enter")
        return "このサイトでのあなたの番号" in self.ask(origin + "/")[2].decode()

    def history(self):
        return self.do("GET", "/v1/history?what=asserted")["records"]


class Shared:
    def __init__(self):
        self.box = Sandbox(is_new=False).start()
        self.origin, self.people = self.box.state["urls"]["portal"], {}

    def person(self, persona, is_new=False):
        """The same browser again, unless it is to be another one."""
        if is_new or persona not in self.people:
            self.people[persona] = Person(self, persona)
        return self.people[persona]

    def close(self):
        self.box.close()


@test
def a_site_that_is_not_linked_is_not_gone_on_to(shared):
    person = shared.person("hanako")
    assert person.site("tax")["linked_at"] is None
    assert person.visit("tax")[-1] == "/#/linkage/tax?ui_locales=ja" and not person.is_in("tax")
    assert Browser(shared.origin).ask(shared.origin + "/v1/sites")[0] == 403


@test
def a_linked_site_knows_who_comes_without_the_card_and_as_nobody_else_does(shared):
    person = shared.person("hanako")
    person.link("tax")
    person.link("pension")
    assert person.visit("tax")[-2:] == ["/", None] and person.is_in("tax")
    tax = person.page.decode()
    assert person.visit("pension")[-2:] == ["/", None] and person.is_in("pension") and person.is_in("tax")
    names = {page.split("番号: ")[1].split()[0] for page in (tax, person.page.decode())}
    assert len(names) == 2 and person.do("GET", "/v1/me")["account"] not in names, names
    assert "花子" not in tax
    assert [row["receiver"] for row in person.history()][:4] == ["pension", "tax", "pension", "tax"], person.history()


@test
def an_answer_is_not_taken_twice_or_from_another_browser(shared):
    person, other = shared.person("hanako"), shared.person("uruu")
    person.link("tax")
    address = person.visit("tax")[2]
    assert "/callback?code=" in address
    assert person.ask(address)[0] == 400, "a second time"
    assert other.ask(address)[0] == 400 and not other.is_in("tax")


@test
def unlinking_ends_the_session_there(shared):
    person = shared.person("hanako")
    person.link("tax")
    person.visit("tax")
    assert person.is_in("tax")
    person.do("DELETE", "/v1/sites/tax/linkage", expect=204)
    wait_until("the site knows", lambda: not person.is_in("tax"))
    assert person.visit("tax")[-1] == "/#/linkage/tax?ui_locales=ja"
    told = [(row["action"], row["action_en"]) for row in person.history()[:2]]
    assert told == [("外部サイトとの連携：連携の解除", "Another site: You ended the linkage"),
                    ("外部サイトとの連携：このサイト専用のあなたの番号を伝えました",
                     "Another site: It was told what it alone calls you")], told


@test
def a_logout_here_is_one_there(shared):
    person = shared.person("hanako")
    own = shared.person("hanako", is_new=True)
    person.link("pension")
    person.visit("pension")
    assert person.is_in("pension")
    page = person.site("pension")["address"].removesuffix("/enter") + "/"
    own.do("DELETE", "/v1/sessions", expect=200)
    wait_until("the site knows", lambda: "ログインしていません" in person.ask(page)[2].decode())


@test
def a_site_sends_a_notice_to_whoever_has_linked_it_until_that_is_switched_off(shared):
    person = shared.person("hanako", is_new=True)
    person.link("pension")
    person.link("tax")
    person.visit("pension")
    person.visit("tax")
    remind = {name: person.site(name)["address"].removesuffix("/enter") + "/remind" for name in ("pension", "tax")}
    assert person.ask(remind["tax"], "POST", b"")[0] == 403, "the operator's file does not let it"
    assert person.ask(remind["pension"], "POST", b"")[0] == 200
    notice = person.do("GET", "/v1/notices")["notices"][0]
    assert (notice["sender"], notice["sender_id"], notice["link"]) == ("見本年金サイト", "site.pension", "linkage/pension")
    assert "お客様の記録の控え" in notice["text"]["ja"], notice
    assert person.do("GET", "/v1/history?what=notified")["records"][0]["receiver"] == "pension"
    assert [one["id"] for one in person.do("GET", "/v1/notice-senders")["senders"]] == ["site.pension"]
    person.do("PUT", "/v1/notice-senders/site.pension/state", {"is_off": True}, 204)
    assert person.ask(remind["pension"], "POST", b"")[0] == 403
    person.do("PUT", "/v1/notice-senders/site.pension/state", {"is_off": False}, 204)


# ---- somebody's proxy ----

def mandate(giver, taker, *scopes):
    until = (datetime.date.today() + datetime.timedelta(days=30)).isoformat()
    made = giver.do("POST", "/v1/mandates", {"scopes": scopes, "until": until, "own_name": "花", "proxy_name": "うるう"},
                    201)
    taker.do("POST", "/v1/mandates/taking", {"code": made["code"]})
    return made["id"]


@test
def a_proxy_asks_what_is_held_about_the_mandator_and_both_read_that(shared):
    giver, taker = shared.person("hanako", is_new=True), shared.person("uruu")
    acting = {"X-JPKI-Acting-For": mandate(giver, taker, "information")}
    wish = {"infos": ["TM00000000000002"], "area": "13101"}
    one = taker.do("POST", "/v1/self-information", wish, 201, **acting)["id"]
    done = []

    def is_ready():
        done[:] = taker.do("GET", "/v1/self-information/" + one, **acting)["items"]
        return done[0]["state"] not in ("requested", "waiting")

    wait_until("the municipality answered", is_ready)
    taker.do("GET", "/v1/self-information/" + one, expect=404)
    assert giver.do("GET", "/v1/self-information/" + one)["items"][0]["state"] == done[0]["state"]
    for person in (giver, taker):
        assert person.do("GET", "/v1/history?what=acted")["total"] >= 1
    taker.do("GET", "/v1/history", expect=403, **acting)
    giver.do("DELETE", "/v1/mandates/" + acting["X-JPKI-Acting-For"], expect=204)
    taker.do("GET", "/v1/self-information/" + one, expect=403, **acting)


@test
def the_log_holds_all_of_it(shared):
    acts = json.loads(run("curl", "--silent", "--unix-socket", os.path.join(shared.box.dir, "portal", "portal.sock"),
                          "http://localhost/v1/audit").stdout)["records"]
    assert {"site.linked", "site.signed_on", "site.unlinked", "mandate.offered", "mandate.begun", "mandate.used",
            "mandate.ended"} <= {row["act"] for row in acts}


if __name__ == "__main__":
    main(Shared)
