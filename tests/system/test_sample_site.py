#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A sample site, at a provider that says what it should not: other issuers, other audiences, others' signatures, what
is late, and answers for another browser. None of that lets anybody in, and none of it lets anybody out."""
import json
import subprocess
import urllib.parse

from fake_portal import FakePortal, Key
from harness import Directory, free_port, main, program, test, wait_until, write_text
from sandbox_party import exchange


class Shared:
    def __init__(self):
        self.top = Directory()
        self.key, self.stranger = Key(self.top.file("portal.pem")), Key(self.top.file("stranger.pem"))
        self.portal = FakePortal(self.key, free_port())
        own = Key(self.top.file("site.pem"))
        write_text(self.top.file("site.jwk"), json.dumps(own.private()))
        self.origin = f"http://127.0.0.1:{(port := free_port())}"
        self.process = subprocess.Popen([program("jpki-sample-site"), "tax", "見本", str(port), self.top.file("site.jwk"),
                                         self.portal.issuer.removesuffix("/sso")], stdout=subprocess.PIPE)
        wait_until("the site serves", self.serves)

    def serves(self):
        try:
            return exchange(self.origin + "/")[0] == 200
        except OSError:
            return False

    def close(self):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()
        self.portal.close()
        self.top.close()


class Visitor:
    """A browser at the site; its cookie."""

    def __init__(self, shared):
        self.shared, self.cookie = shared, ""

    def get(self, path):
        status, fields, body = exchange(self.shared.origin + path, fields={"Cookie": self.cookie})
        if fields["Set-Cookie"]:
            self.cookie = fields["Set-Cookie"].split(";")[0]
        return status, fields["Location"], body.decode()

    def set_out(self):
        status, address, _ = self.get("/enter")
        assert status == 303 and address.startswith(self.shared.portal.issuer + "/authorize?"), (status, address)
        sent = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(address).query))
        self.shared.portal.nonce = sent["nonce"]
        return sent

    def come_back(self, sent, **changes):
        query = {"code": "c", "state": sent["state"], "iss": self.shared.portal.issuer} | changes
        return self.get("/callback?" + urllib.parse.urlencode({k: v for k, v in query.items() if v is not None}))[0]

    def is_in(self):
        return "person-1" in self.get("/")[2]


def enter(shared):
    visitor = Visitor(shared)
    assert visitor.come_back(visitor.set_out()) == 303 and visitor.is_in()
    return visitor


@test
def nobody_is_in_who_has_not_come_from_the_portal(shared):
    visitor = Visitor(shared)
    assert not visitor.is_in() and visitor.get("/callback?code=c&state=s")[0] == 400 and not visitor.is_in()


@test
def what_it_asks_for_is_bound_and_signed(shared):
    visitor = Visitor(shared)
    sent = visitor.set_out()
    assert sent["scope"] == "openid" and sent["code_challenge_method"] == "S256", sent
    assert visitor.come_back(sent) == 303
    form = shared.portal.asked[-1]
    assert form["client_assertion"].count(".") == 2 and form["code_verifier"] and form["code"] == "c", form


@test
def an_answer_counts_once_for_the_browser_that_set_out_and_from_whom_it_went_to(shared):
    visitor, other = Visitor(shared), Visitor(shared)
    sent = visitor.set_out()
    assert other.come_back(sent) == 400 and not other.is_in(), "another browser"
    assert visitor.come_back(sent, state="x") == 400 and not visitor.is_in()
    assert visitor.come_back(sent, iss="http://127.0.0.1:1/sso") == 400 and not visitor.is_in(), "another issuer"
    assert visitor.come_back(sent, iss=None) == 400 and not visitor.is_in()
    assert visitor.come_back(sent) == 303 and visitor.is_in()
    assert visitor.come_back(sent) == 400, "a second time"


@test
def tokens_that_are_not_for_it_let_nobody_in(shared):
    for claims in ({"aud": "pension"}, {"iss": "http://127.0.0.1:1/sso"}, {"nonce": "x"}, {"nonce": None}, {"exp": 1},
                   {"exp": None}, {"aud": None}):
        visitor = Visitor(shared)
        sent = visitor.set_out()
        shared.portal.claims = claims
        assert visitor.come_back(sent) == 403 and not visitor.is_in(), claims
        shared.portal.claims = {}
    visitor = Visitor(shared)
    sent = visitor.set_out()
    shared.portal.signer = shared.stranger
    assert visitor.come_back(sent) == 403 and not visitor.is_in(), "another's signature"
    shared.portal.signer = shared.key


@test
def a_refusal_is_shown(shared):
    visitor = Visitor(shared)
    sent = visitor.set_out()
    assert visitor.come_back(sent, code=None, error="consent_required") == 403 and not visitor.is_in()


def say(shared, token):
    return exchange(shared.origin + "/ended", "POST", b"logout_token=" + token.encode(),
                    {"Content-Type": "application/x-www-form-urlencoded"})[0]


@test
def a_logout_counts_if_it_is_the_portal_s_and_for_this_site(shared):
    visitor = enter(shared)
    for changes in ({"aud": "pension"}, {"iss": "x"}, {"events": {}}, {"exp": 1}, {"nonce": "n"}):
        assert say(shared, shared.portal.logout(**changes)) == 400 and visitor.is_in(), changes
    shared.portal.signer = shared.stranger
    assert say(shared, shared.portal.logout()) == 400 and visitor.is_in()
    shared.portal.signer = shared.key
    assert say(shared, shared.portal.logout(sid="login-2")) == 204 and visitor.is_in(), "another login"
    assert say(shared, shared.portal.logout(sub="person-2")) == 204 and visitor.is_in(), "another person"
    assert say(shared, shared.portal.logout(sid="login-1")) == 204 and not visitor.is_in()
    visitor = enter(shared)
    assert say(shared, shared.portal.logout()) == 204 and not visitor.is_in(), "all logins of a person"


@test
def an_id_token_is_no_logout_token(shared):
    visitor = enter(shared)
    assert say(shared, shared.portal.token("n")) == 400 and visitor.is_in()


if __name__ == "__main__":
    main(Shared)
