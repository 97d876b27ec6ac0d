#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""jpki login against a service that was written from docs/card-protocol.md, and that page's examples."""
import hashlib
import json
import os
import re
import sys

from card_service import Service, common_name, key_id, message
from harness import main, read_text, test
from test_jpki_cli import PASSWORD, PIN, Card, Terminal, expect

NOBODY = "9999"  # a PIN that would cost a try if it were sent
CODE = "123456"
PAGE = os.path.join(os.environ.get("JPKI_TEST_ROOT", os.getcwd()), "docs", "card-protocol.md")


class Both:
    def __init__(self):
        self.card = Card()
        ca = self.card.dir.file("auth-ca.pem")
        assert self.card.jpki("cert", "export", "--ca", "--out", ca).code == 0
        self.service = Service(self.card.dir, [key_id(ca)])

    def login(self, url, *argv, pin=PIN, **more):
        return self.card.jpki("login", url, "--yes", "--code", CODE, *argv, password=pin, **more)

    def close(self):
        self.service.close()
        self.card.close()


def example(name):
    return re.search(rf"<!-- example: {name}[^>]*-->\n```[a-z]*\n(.*?)```", read_text(PAGE), re.DOTALL).group(1)


@test
def the_page_s_example_is_what_a_service_computes(_):
    octets = bytes.fromhex("".join(example("message").split()))
    assert message(json.loads(example("challenge")), "https://login.example.jp") == octets
    digest = hashlib.sha256(octets).digest()
    assert bytes.fromhex(example("digest")) == digest
    assert bytes.fromhex(example("DigestInfo")) == bytes.fromhex("3031300d060960864801650304020105000420") + digest


@test
def a_challenge_that_would_lead_elsewhere_is_refused_before_the_pin(both):
    for uri in ("https://shop.example.evil.example/", "https://evil.example/", "javascript:alert(1)"):
        _, url = both.service.login(redirect_uri=uri)
        expect(both.login(url, pin=NOBODY), 5, "another origin than is shown")
    assert both.card.tries()["auth"] == 3 and not both.service.sent


@test
def wishes_that_cannot_be_told_are_refused_before_the_pin(both):
    for wishes in ({"attributes": True}, {"wants": ["name"]}, {"attributes": True, "wants": ["income"]}):
        _, url = both.service.login(**wishes)
        expect(both.login(url, pin=NOBODY), 5, "gave a challenge that cannot be used")
    assert both.card.tries()["auth"] == 3 and not both.service.sent


@test
def the_auth_key_alone_answers_a_plain_login(both):
    challenge, url = both.service.login()
    expect(both.login(url), 0, "見本商店 (https://shop.example)", "a pseudonym, and neither")
    answer = both.service.answer(challenge)
    assert sorted(answer) == ["certificate", "code", "signature"] and answer["code"] == CODE, answer
    assert both.service.is_signed(challenge, answer)[0]
    assert not both.service.is_signed(challenge, answer, "http://localhost:1")[0]
    assert not both.service.is_signed(challenge | {"redirect_uri": "https://shop.example/"}, answer)[0]


@test
def both_keys_answer_if_attributes_are_asked_for(both):
    challenge, url = both.service.login(attributes=True, wants=["name", "birthdate"])
    result = both.login(url, "--json", pin=f"{PIN}\n{PASSWORD}\n")
    expect(result, 0, "It asks for your name, your date of birth.", "signature password")
    assert "your address" not in result.err, result
    answer = both.service.answer(challenge)
    assert sorted(answer) == ["certificate", "code", "sign", "signature"], answer
    is_signed, auth = both.service.is_signed(challenge, answer)
    assert is_signed
    is_signed, sign = both.service.is_signed(challenge, answer["sign"])
    assert is_signed and sign != auth and common_name(sign) != common_name(auth)
    assert not both.service.is_signed(challenge, answer["sign"] | {"certificate": answer["certificate"]})[0]


@test
def a_wrong_password_sends_nothing(both):
    challenge, url = both.service.login(attributes=True, wants=["address"])
    expect(both.login(url, pin=f"{PIN}\nWRONG123\n"), 4, "tries left: 4")
    assert not [path for path, _ in both.service.sent if challenge["session"] in path]
    expect(both.login(url, pin=f"{PIN}\n{PASSWORD}\n"), 0)
    assert both.card.tries() == {"auth": 3, "sign": 5}


@test
def a_refusal_is_sent_without_a_card(both):
    challenge, url = both.service.login()
    expect(both.card.jpki("login", url, "--deny"), 2, "--code is needed")
    result = both.card.jpki("login", url, "--deny", "--code", CODE, "--json", JPKI_READER="direct:/nowhere")
    assert result.code == 0 and result.json()["denied"] is True and result.json()["sub"] is None, result
    assert both.service.answer(challenge) == {"denied": True, "code": CODE}


@test
def a_refusal_that_is_not_taken_is_told(both):
    challenge, url = both.service.login()
    both.service.answers[f"/v1/logins/{challenge['session']}/answer"] = (400, {"title": "bad request", "status": 400})
    expect(both.card.jpki("login", url, "--deny", "--code", CODE), 5, both.service.origin)


@test
def nothing_in_a_name_can_hide_who_asks(both):
    name = "A\u202eB\x1b[2J\n<!-- <b>C"
    provider = {"name": name, "client_id": "shop", "origin": "https://shop.example"}
    _, url = both.service.login(provider=provider)
    result = expect(both.login(url), 0, "https://shop.example", "A\ufffdB\ufffd[2J\ufffd‹!-- ‹b>C")
    assert "\x1b" not in result.err and "\u202e" not in result.err, result


@test
def a_person_at_a_terminal_sees_the_wishes_before_both_pins(both):
    challenge, url = both.service.login(attributes=True, wants=["name", "address", "birthdate", "gender"])
    terminal = Terminal(both.card, "login", url, "--code", CODE)
    terminal.expect("Log in? [y/N] ")
    assert "your name, your address, your date of birth, your sex" in terminal.seen
    assert "tries left" not in terminal.seen
    terminal.type("y\n")
    terminal.expect("authentication PIN (tries left: 3): ")
    terminal.type(PIN + "\n")
    terminal.expect("(tries left: 5): ")
    terminal.type(PASSWORD + "\n")
    terminal.expect("Logged in.")
    assert terminal.code() == 0
    assert both.service.is_signed(challenge, both.service.answer(challenge)["sign"])[0]


if __name__ == "__main__":
    sys.exit(main(Both))
