#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Applications that cards sign through the authentication app, by jpki sign: what is signed, whose signature it may be,
and what becomes of signatures of something else. xmlsec1 judges what comes of it."""
import base64
import contextlib
import json
import os
import re
import sqlite3
import threading

from harness import main, read_text, test, wait_until
from sandbox_party import exchange
from test_portal_apply import PASSWORDS, Citizen, Shared as Applying


class Shared(Applying):
    """Without the example that signs digests: jpki sign does."""

    def __init__(self):
        super().__init__(signs_digests=False)
        self.psid = self.find_psid()
        self.citizen = Citizen(self, "hanako")

    def find_psid(self):
        _, _, body = exchange(f"{self.origin}/v1/procedures?municipality=13101&words=%E8%AA%8D%E5%AE%9A&online=yes")
        rows = [row for row in json.loads(body)["procedures"] if row["name"].startswith("児童手当等の受給資格")]
        assert len(rows) == 1, rows
        return rows[0]["psid"]

    def sign_at(self, address, code, persona="hanako", *more):
        return self.jpki("sign", address, "--code", code, "--yes", "--json", "--pin-fd", "0", *more,
                         secret=PASSWORDS[persona] + "\n")

    def have_signed(self, citizen, one):
        """By the card in the reader, whoever's it is."""
        opened = citizen.do("POST", one + "/signing", expect=201)
        assert opened["state"] == "pending" and re.fullmatch(r"\d{6}", opened["code"]), opened
        done = self.sign_at(opened["address"], opened["code"], self.in_reader)
        assert done.returncode == 0, done
        return opened

    def insert(self, persona):
        super().insert(persona)
        self.in_reader = persona

    def told(self, receipt):
        """The states that the municipality and the applicant can see."""
        return json.loads(self.municipality("GET", "/" + receipt)[1])


@test
def nothing_is_signed_before_it_is_complete(shared):
    citizen = shared.citizen
    one = "/v1/applications/" + citizen.do("POST", "/v1/applications", {"psid": shared.psid}, 201)["id"]
    citizen.do("POST", one + "/signing", expect=400)
    citizen.do("GET", one + "/signing", expect=404)
    citizen.do("POST", one + "/submission", {}, 400)


@test
def what_nobody_has_signed_is_not_submitted(shared):
    citizen = shared.citizen
    one = citizen.draft()
    citizen.do("POST", one + "/submission", {}, 400)
    opened = citizen.do("POST", one + "/signing", expect=201)
    assert opened["address"].startswith(shared.box.state["urls"]["authapp"] + "/v1/signings/"), opened
    assert citizen.do("GET", one + "/signing")["state"] == "pending"
    citizen.do("POST", one + "/submission", {}, 409)
    other = Citizen(shared, "uruu")
    other.do("POST", one + "/signing", expect=404)
    other.do("GET", one + "/signing", expect=404)


@test
def the_card_shows_what_it_signs_and_for_whom(shared):
    citizen = shared.citizen
    one = citizen.draft()
    opened = citizen.do("POST", one + "/signing", expect=201)
    _, _, body = exchange(opened["address"])
    shown = json.loads(body)
    prepared = exchange(opened["address"] + "/document")[2]
    assert shown["title"] == "児童手当等の受給資格及び額の認定請求" and shown["platform"] == shared.origin, shown
    assert shown["text"].startswith("提出先 東京都千代田区（13101）\n"), shown
    digest = re.search(r"SHA-256 (\S+)$", shown["text"])[1]
    assert b"<ds:SignedInfo" in prepared or b"SignedInfo" in prepared, prepared
    assert digest.encode() in prepared, (digest, prepared)
    keys = json.loads(exchange(shared.origin + "/v1/keys")[2])["keys"]
    assert [(key["use"], key["alg"]) for key in keys] == [("enc", "RSA-OAEP-256")], keys


@test
def from_the_card_to_the_municipality(shared):
    citizen = shared.citizen
    one = citizen.draft()
    shared.have_signed(citizen, one)
    assert citizen.do("GET", one + "/signing")["state"] == "signed"
    receipt = citizen.do("POST", one + "/submission", {})["receipt"]
    assert shared.judge(citizen.do("GET", one + "/document")) == 0
    told = shared.told(receipt)
    assert told["applicant"]["name"] == "番号　花子" and told["state"] == "submitted", told
    citizen.do("GET", one + "/signing", expect=404)
    # What was signed once is spent.
    citizen.do("POST", one + "/submission", {}, 409)


@test
def what_was_changed_after_it_was_signed_is_refused(shared):
    citizen = shared.citizen
    one = citizen.draft()
    shared.have_signed(citizen, one)
    citizen.answer(one, account="9999999")
    citizen.do("POST", one + "/submission", {}, 422)
    assert citizen.do("GET", one)["state"] == "draft"


def spend(shared, of, for_):
    """Have the portal take the signing of one application for another's, as if its database had said so."""
    names = [path.rsplit("/", 1)[1] for path in (of, for_)]
    with contextlib.closing(sqlite3.connect(os.path.join(shared.box.dir, "portal", "portal.db"))) as db:
        db.execute("INSERT OR REPLACE INTO application_signing SELECT ?, id, address, code, expires_at, opened"
                   " FROM application_signing WHERE application = ?", (names[1], names[0]))
        db.commit()


@test
def a_signature_of_another_draft_is_refused(shared):
    citizen = shared.citizen
    signed, other = citizen.draft(), citizen.draft()
    shared.have_signed(citizen, signed)
    citizen.do("POST", other + "/preparation", {})
    spend(shared, signed, other)
    citizen.do("POST", other + "/submission", {}, 422)
    assert citizen.do("GET", other)["state"] == "draft"
    assert citizen.do("POST", signed + "/submission", {})["receipt"]


@test
def of_two_submissions_at_once_one_counts(shared):
    citizen = shared.citizen
    one = citizen.draft()
    shared.have_signed(citizen, one)
    answers = []

    def submit():
        answers.append(citizen.ask(one + "/submission", "POST", b"{}", **{"Content-Type": "application/json"})[0])
    threads = [threading.Thread(target=submit) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [200] + [409] * 5, answers
    assert citizen.do("GET", one)["round"] == 1


@test
def whoever_does_not_want_to_sign_has_not(shared):
    citizen = shared.citizen
    one = citizen.draft()
    opened = citizen.do("POST", one + "/signing", expect=201)
    session = opened["address"].rsplit("/", 1)[1]
    status, _, body = exchange(f"{shared.box.state['urls']['authapp']}/v1/signings/{session}/answer", "POST",
                               json.dumps({"code": opened["code"], "denied": True}).encode(),
                               {"Content-Type": "application/json"})
    assert status == 204, body
    assert citizen.do("GET", one + "/signing")["state"] == "denied"
    citizen.do("POST", one + "/submission", {}, 409)
    # Another try is another signing.
    again = citizen.do("POST", one + "/signing", expect=201)
    assert again["address"] != opened["address"]
    assert citizen.do("GET", one + "/signing")["state"] == "pending"


@test
def a_signature_of_somebody_else_is_refused(shared):
    """With a card that is good in every other way, by both doors."""
    citizen = shared.citizen
    one = citizen.draft()
    shared.insert("futago-a")
    shared.have_signed(citizen, one)
    refused = citizen.do("POST", one + "/submission", {}, 422)
    assert "somebody else" in refused["detail"], refused
    assert citizen.do("GET", one)["state"] == "draft"
    # Whose card it is, it counts.
    own = Citizen(shared, "futago-a")
    two = own.draft()
    shared.have_signed(own, two)
    assert own.do("POST", two + "/submission", {})["receipt"]


@test
def what_a_revoked_certificate_signed_is_refused(shared):
    citizen = Citizen(shared, "futago-a")
    one = citizen.draft()
    shared.have_signed(citizen, one)
    shared.revoke("futago-a")
    citizen.do("POST", one + "/submission", {}, 422)
    assert citizen.do("GET", one)["state"] == "draft"


@test
def no_secret_and_no_attribute_is_in_a_log(shared):
    logs = os.path.join(shared.box.dir, "log")
    for name in os.listdir(logs):
        text = read_text(os.path.join(logs, name))
        for secret in ("番号　花子", "東京都千代田区見本町", PASSWORDS["hanako"]):
            assert secret not in text and base64.b64encode(secret.encode()).decode() not in text, (name, secret)


if __name__ == "__main__":
    main(Shared)
