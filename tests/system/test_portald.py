#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""jpki-portald in a sandbox: people log in at the real authentication app with their cards, its tokens are judged
also when they are wrong, and logins end on either side. Its configuration first, refusals first."""
import contextlib
import glob
import json
import os
import sqlite3
import urllib.parse

from harness import Directory, main, program, run, test, wait_until, write_text
from sandbox_party import OIDC, decode, exchange
from test_sandbox import Sandbox

PORTALD = program("jpki-portald")
PERSONA, FAULT = "X-JPKI-Sandbox-Persona", "X-JPKI-Sandbox-Fault"


class Browser:
    """One that keeps cookies; everything is on 127.0.0.1, so each server is sent those of all."""

    def __init__(self, origin):
        self.origin, self.cookies, self.csrf = origin, {}, ""

    def ask(self, address, method=None, data=None, **fields):
        fields = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items()), "User-Agent": "Firefox/128 Linux",
                  "X-CSRF-Token": self.csrf} | fields
        status, answer, body = exchange(urllib.parse.urljoin(self.origin, address), method, data, fields)
        for cookie in answer.get_all("Set-Cookie") or ():
            name, value = cookie.split(";")[0].split("=", 1)
            self.cookies.pop(name, None)
            if value:
                self.cookies[name] = value
        return status, answer.get("Location"), body

    def answer_of(self, path, method=None):
        status, _, body = self.ask(path, method)
        return status, json.loads(body) if body else None

    def away(self, persona, page="sessions", **fields):
        """Log in as somebody, until the browser is led back: that address of the portal."""
        status, address, body = self.ask(f"/login?page={page}")
        assert status == 303, (status, body)
        status, address, body = self.ask(address, **{PERSONA: persona}, **fields)
        assert status == 303, (status, body)
        while not address.startswith(self.origin + "/login/callback?"):
            found = []

            def moved_on():
                found[:] = self.ask(address)
                assert found[0] in (200, 303), found
                return found[0] == 303

            wait_until("the browser is back", moved_on)
            address = found[1]
        return address

    def log_in(self, persona, page="sessions", **fields):
        place = self.ask(self.away(persona, page, **fields))[1]
        if not place.startswith("/#/login/"):
            self.csrf = self.answer_of("/v1/me")[1]["csrf"]
        return place


class Shared:
    def __init__(self):
        self.box = Sandbox(is_new=False).start()
        self.origin = self.box.state["urls"]["portal"]
        self.provider = self.box.state["urls"]["authapp"]

    def browser(self):
        return Browser(self.origin)

    def refusals(self):
        """Why nobody was let in, as operators read it."""
        with open(os.path.join(self.box.dir, "log", "jpki-portald.log"), encoding="utf-8") as f:
            events = [json.loads(line) for line in f if line.startswith("{")]
        return [event["reason"] for event in events if event["event"] == "login.refused"]

    def close(self):
        self.box.close()


def configuration(top, **changes):
    keys = {"socket": top.file("p.sock"), "origin": "https://portal.example", "database": top.file("p.db"),
            "signer": top.file("s.sock"), "issuer": "https://op.example/api/realms/main"} | changes
    path = top.file("p.conf")
    write_text(path, "[portal]\n" + "".join(f"{k} = {v}\n" for k, v in keys.items() if v is not None))
    return path


@test
def a_wrong_command_line_or_configuration_is_told_and_ends_with_2(shared):
    with contextlib.closing(Directory()) as top:
        done = run(PORTALD, check=False)
        assert done.returncode == 2 and b"--config FILE is missing" in done.stderr, done
        os.mkdir(top.file("empty"))
        for changes, text in (
            ({"origin": "http://portal.example"}, "http is for addresses on this computer"),
            ({"origin": "https://portal.example/"}, "an origin is"),
            ({"issuer": "op.example"}, "issuer"),
            ({"issuer": None}, "issuer"),
            ({"operator_peers": "root"}, "operator_peers"),
            ({"pages_dir": top.file("nothing")}, "pages_dir"),
            ({"pages_dir": top.file("empty")}, "index.html"),
            ({"office_dir": top.file("empty")}, "office_dir"),
            ({"register": "/" + "x" * 200}, "p.conf"),
            ({"operators_socket": top.file("o.sock")}, "operators_origin"),
            ({"operators_origin": "https://api.example"}, "operators_origin"),
            ({"operators_port": "8444", "operators_origin": "http://api.example"}, "operators_origin"),
            ({"operators_proxies": "1000"}, "operators_proxies"),
            ({"operators_socket": top.file("o.sock"), "operators_origin": "https://api.example",
              "operators_proxies": "nobody"}, "operators_proxies"),
            ({"colour": "red"}, "no key colour"),
        ):
            done = run(PORTALD, "--config", configuration(top, **changes), "--check-config", check=False)
            assert done.returncode == 2 and text in done.stderr.decode(), (changes, done)
        run(PORTALD, "--config", configuration(top), "--check-config")
        done = run(PORTALD, "--config", configuration(top), check=False)
        assert done.returncode == 5 and b"s.sock" in done.stderr, done


@test
def people_of_municipalities_are_invited_listed_and_dismissed(shared):
    del shared
    with contextlib.closing(Directory()) as top:
        path = configuration(top)

        def municipality(*words, expect=0):
            done = run(PORTALD, "municipality", words[0], "--config", path, *words[1:], check=False)
            assert done.returncode == expect, (words, done)
            return done.stdout.decode()

        municipality("invite", "13101", "clerk", "窓口", expect=3)  # no such municipality yet
        municipality("add", "13101", "東京都", "千代田区")
        municipality("invite", "13101", "mayor", "窓口", expect=2)
        municipality("invite", "--days", "3651", "13101", "clerk", "窓口", expect=2)
        first, second = (municipality("invite", "13101", "clerk", "窓口").strip() for _ in range(2))
        assert len(first) == 43 and first != second
        staff = json.loads(municipality("staff", "13101", "--json"))["staff"]
        assert [(one["role"], one["name"], one["is_invited"]) for one in staff] == [("clerk", "窓口", True)] * 2, staff
        assert f"{staff[0]['id']}  clerk  窓口" in municipality("staff", "13101")
        municipality("dismiss", "13101", "--", staff[0]["id"])
        municipality("dismiss", "13101", "--", staff[0]["id"], expect=3)
        left = json.loads(municipality("staff", "13101", "--json"))["staff"]
        assert [one["id"] for one in left] == [staff[1]["id"]]


@test
def the_sandbox_says_where_it_is(shared):
    assert f"Portal for citizens: {shared.origin}/".encode() in shared.box.call("status").stdout
    assert f"JPKI_PORTAL={shared.origin}".encode() in shared.box.call("env").stdout.replace(b"'", b"")
    assert shared.browser().answer_of("/readyz")[1]["status"] == "ready"
    assert shared.browser().answer_of("/v1/me")[0] == 403


@test
def tokens_that_are_not_as_they_have_to_be_open_nothing(shared):
    assert shared.browser().log_in("uruu") == "/#/sessions", "without a fault it does"
    for fault, why in (("wrong_nonce", "a token of another login"),
                       ("wrong_audience", "a token for somebody else"),
                       ("bad_signature", "no key of this set made the signature"),
                       ("unsigned_token", "this is no token"),
                       ("unknown_kid", "no key of this set made the signature"),
                       ("expired_token", "a token that does not count now"),
                       ("clock_skew", "a token that does not count now")):
        browser, before = shared.browser(), shared.refusals()
        assert browser.log_in("hanako", **{FAULT: fault}) == "/#/login/refused", fault
        assert browser.answer_of("/v1/me")[0] == 403, fault
        told = shared.refusals()[len(before):]
        assert len(told) == 1 and told[0].startswith(why), (fault, told)


@test
def a_card_opens_the_account_of_its_holder_and_no_other(shared):
    first, second, other = shared.browser(), shared.browser(), shared.browser()
    places = [first.log_in("hanako"), second.log_in("hanako", page=""), other.log_in("uruu")]
    assert places == ["/#/sessions", "/#/", "/#/sessions"], places
    accounts = [browser.answer_of("/v1/me")[1]["account"] for browser in (first, second, other)]
    assert accounts[0] == accounts[1] != accounts[2], accounts
    sessions = first.answer_of("/v1/sessions")[1]["sessions"]
    assert [row["current"] for row in sessions].count(True) == 1 and len(sessions) == 2, sessions
    assert {row["browser"] for row in sessions} == {"Firefox, Linux"}, sessions


@test
def the_register_knows_whose_account_it_is_and_the_portal_does_not(shared):
    browser = shared.browser()
    browser.log_in("hanako")
    with contextlib.closing(sqlite3.connect(os.path.join(shared.box.dir, "portal", "portal.db"))) as db:
        codes = [row[0] for row in db.execute("SELECT code FROM account")]
        reference, token = db.execute("SELECT person_reference, id_token FROM session WHERE csrf = ?",
                                      (browser.csrf,)).fetchone()
    assert len(codes) == len(set(codes)) == 2 and {len(code) for code in codes} == {16}, codes
    claims = json.loads(decode(token.split(".")[1]))
    assert claims["person_reference"] == reference and not {"name", "address"} & set(claims), claims
    head = json.loads(decode(reference.split(".")[0]))
    assert len(reference.split(".")) == 5 and head["alg"] == "RSA-OAEP-256", head


@test
def a_reference_is_not_for_clients_that_are_not_marked(shared):
    query = urllib.parse.urlencode({"response_type": "code", "client_id": "sample-shop", "state": "s",
                                    "scope": "openid person_reference", "redirect_uri": "http://127.0.0.1/callback"})
    status, fields, _ = exchange(f"{shared.provider}{OIDC}/auth?{query}")
    assert status in (302, 303) and "error=invalid_scope" in fields["Location"], (status, fields["Location"])


@test
def nothing_that_says_who_somebody_is_is_kept(shared):
    browser = shared.browser()
    browser.log_in("hanako")
    for path in glob.glob(os.path.join(shared.box.dir, "portal", "portal.db*")):
        with open(path, "rb") as f:
            data = f.read()
        for text in ("花子", "123456789018", "hanako", browser.cookies["jpki_portal"]):
            assert text.encode() not in data, (path, text)


@test
def another_browser_does_not_come_back_with_it_and_a_code_counts_once(shared):
    attacker, victim = shared.browser(), shared.browser()
    address = attacker.away("hanako")
    assert victim.ask(address)[1] == "/#/login/other-browser"
    assert "jpki_portal" not in victim.cookies
    kept = dict(attacker.cookies)
    assert attacker.ask(address)[1] == "/#/sessions"
    attacker.cookies = kept
    assert attacker.ask(address)[1] == "/#/login/refused", "the provider takes a code once"


@test
def a_logout_ends_the_login_on_both_sides(shared):
    browser = shared.browser()
    browser.log_in("hanako")
    status, answer = browser.answer_of("/v1/logout", "POST")
    assert status == 200 and answer["address"].startswith(shared.provider + OIDC + "/logout?"), answer
    assert browser.answer_of("/v1/me")[0] == 403 and "jpki_portal" not in browser.cookies
    status, address, _ = browser.ask(answer["address"])
    assert status == 303 and address == shared.origin + "/", (status, address)


@test
def a_logout_at_the_provider_is_told_and_ends_the_session(shared):
    browser = shared.browser()
    shared.browser().log_in("uruu")
    browser.log_in("hanako")
    with contextlib.closing(sqlite3.connect(os.path.join(shared.box.dir, "portal", "portal.db"))) as db:
        token = db.execute("SELECT id_token FROM session WHERE csrf = ?", (browser.csrf,)).fetchone()[0]
    assert exchange(f"{shared.provider}{OIDC}/logout?id_token_hint={token}")[0] == 200
    wait_until("the session is over", lambda: browser.answer_of("/v1/me")[0] == 403)


@test
def all_sessions_end_at_once(shared):
    first, second = shared.browser(), shared.browser()
    first.log_in("hanako")
    second.log_in("hanako")
    with contextlib.closing(sqlite3.connect(os.path.join(shared.box.dir, "portal", "portal.db"))) as db:
        sid = db.execute("SELECT sid FROM session WHERE csrf = ?", (second.csrf,)).fetchone()[0]
    status, told = first.answer_of("/v1/sessions", "DELETE")
    assert status == 200 and told["others"] == told["others_asked"] >= 1, told
    assert told["address"].startswith(shared.provider + OIDC + "/logout?"), told
    assert second.answer_of("/v1/me")[0] == 403
    with contextlib.closing(sqlite3.connect(os.path.join(shared.box.dir, "authapp", "authapp.db"))) as db:
        assert db.execute("SELECT ended FROM access_grant WHERE id = ?", (sid,)).fetchone()[0] == 1, "there as well"


@test
def its_log_is_an_operator_s_and_holds(shared):
    assert shared.browser().answer_of("/v1/audit")[0] == 403
    acts = json.loads(run("curl", "--silent", "--unix-socket", os.path.join(shared.box.dir, "portal", "portal.sock"),
                          "http://localhost/v1/audit").stdout)["records"]
    assert {"account.made", "session.opened", "session.ended"} <= {row["act"] for row in acts}, acts


if __name__ == "__main__":
    main(Shared)
