#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Applying for a procedure in a sandbox, from the search to the municipality's decision: with a login by card, the
card's signature, which libjpki makes and the platform judges, and xmlsec1 as a judge of what the municipality gets."""
import base64
import hashlib
import json
import os
import re
import socket
import subprocess
import urllib.parse

from harness import Directory, main, program, read_text, run, take_own_network, test, wait_until, write_text
from library import ROOT, Library
from sandbox_party import exchange
from test_portald import Browser
from test_sandbox import Sandbox, environment

CITY = "13101"
NAME = "児童手当等の受給資格及び額の認定請求"
SECTIONS = ("body", "target", "eligible", "allowance", "money", "goods", "fee", "method", "requirements")
PASSWORDS = {"hanako": "ABC123", "futago-a": "ABC123"}
ANSWERS = {"phone": "03-0000-0000", "child_name": "番号　太郎", "child_birth_date": "2026-10-01", "lives_together": "yes",
           "children": "1", "bank": "見本銀行本店", "account": "0000001", "holder": "バンゴウ　ハナコ"}


def signer(directory):
    """The example that has a card sign a digest, with the other key."""
    text = read_text(os.path.join(ROOT, "examples", "sign-with-card.c"))
    for word in ("JPKI_USE_", "JPKI_CERTIFICATE_"):
        assert word + "AUTH" in text
        text = text.replace(word + "AUTH", word + "SIGN")
    library = Library("jpki", directory)
    return library.compile(library.source("sign.c", text), "sign", "-std=c99", "-D_POSIX_C_SOURCE=200809L")


class Citizen(Browser):
    """Somebody who has logged in with the card, which is in the reader."""

    def __init__(self, shared, persona):
        super().__init__(shared.origin)
        self.shared, self.persona = shared, persona
        place = self.log_in(persona)
        assert place == "/#/sessions", place

    def do(self, method, path, body=None, expect=200):
        data = None if body is None else json.dumps(body).encode()
        fields = {} if body is None else {"Content-Type": "application/json"}
        status, _, text = self.ask(path, method, data, **fields)
        assert status == expect, (method, path, status, text)
        return json.loads(text) if text.startswith(b"{") else text

    def answer(self, one, expect=200, **changes):
        answers = [{"field": field, "value": value} for field, value in (ANSWERS | changes).items()]
        return self.do("PUT", one + "/answers", {"answers": answers}, expect)

    def draft(self):
        """The path of a complete one."""
        one = "/v1/applications/" + self.do("POST", "/v1/applications", {"psid": self.shared.psid}, 201)["id"]
        assert self.answer(one) == {"problems": []}
        return one

    def sign(self, one):
        """What is submitted: the card's signature of what was prepared."""
        prepared = self.do("POST", one + "/preparation", {})
        assert prepared["alg"] == "SHA-256" and ANSWERS["child_name"] in prepared["document"], prepared
        return self.shared.sign(base64.b64decode(prepared["digest"]), PASSWORDS[self.persona])


PORTAL_AT = 5  # in a block


def claims(claim, first):
    try:
        claim.bind(f"\0jpki-sandbox-ports-{first}")
    except OSError:
        return False
    return True


class Shared:
    def __init__(self, signs_digests=True):
        take_own_network()  # where the block of ports that is claimed below is no other test's
        self.dir = Directory()
        self.program = signer(self.dir) if signs_digests else None
        self.box = self.start_elsewhere(Sandbox(is_new=False))
        self.origin = self.box.state["urls"]["portal"]
        self.env = environment(self.box)
        self.insert("hanako")
        self.psid = None  # by the first test

    @staticmethod
    def start_elsewhere(box):
        """With other ports than it had before: the provider of logins has to know the portal there as well."""
        had = re.search(r"^port = (\d+)$", read_text(os.path.join(box.dir, "conf", "portald.conf")), re.MULTILINE).group(1)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as claim:
            # As a sandbox claims a block of ports (src/sandbox/ports.c).
            wait_until("the block of ports is claimed", lambda: claims(claim, int(had) - PORTAL_AT), 300)
            box.start()
        assert not box.state["urls"]["portal"].endswith(":" + had), box.state["urls"]
        return box

    def insert(self, persona):
        self.box.call("persona", "card", persona)
        wait_until("the card is in the reader", lambda: self.jpki("card", "info").returncode == 0)
        wait_until("its sign certificate is known", lambda: self.status(persona) == "good")

    def jpki(self, *argv, secret=""):
        return subprocess.run([program("jpki"), *argv], input=secret.encode(), stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, env=self.env, timeout=120, check=False)

    def status(self, persona):
        done = self.jpki("cert", "status", "--sign", "--json", "--pin-fd", "0", secret=PASSWORDS[persona] + "\n")
        return json.loads(done.stdout).get("status") if done.stdout else None

    def revoke(self, persona):
        """Its sign certificate. Responder and platform hear of that each by itself, and in either order."""
        document = self.dir.file("document")
        write_text(document, "a contract")
        done = self.jpki("sign", document, "--yes", "--pin-fd", "0", secret=PASSWORDS[persona] + "\n")
        assert done.returncode == 0, done
        self.box.call("act", persona, "revoke-sign")

        def is_refused():
            done = self.jpki("verify", document, "--platform", self.env["JPKI_PLATFORM"])
            return done.returncode == 1 and b"revoked" in done.stdout + done.stderr

        wait_until("the responder knows", lambda: self.status(persona) == "revoked")
        wait_until("the platform knows", is_refused)

    def sign(self, digest, password):
        files = [self.dir.file(name) for name in ("certificate", "signature")]
        script = 'exec 3<"$1"; shift; exec "$@"'
        with open(self.dir.file("pin"), "w", encoding="ascii") as f:
            f.write(password + "\n")
        done = subprocess.run(["sh", "-c", script, "sh", f.name, self.program, *files,
                               "direct:" + os.path.join(self.box.dir, "card/direct.sock")],
                              input=digest, capture_output=True, check=False, timeout=60)
        assert done.returncode == 0, done
        body = {}
        for path in files:
            with open(path, "rb") as f:
                body[os.path.basename(path)] = base64.b64encode(f.read()).decode()
        return body

    def secret(self, name):
        return read_text(os.path.join(self.box.dir, "providers", name)).strip()

    def find(self, path, password=None, **more):
        """Ask at a published path."""
        word = hashlib.sha256((password or self.secret("finder.password")).encode()).hexdigest()
        data = json.dumps({"id": "finder", "password": word} | more).encode()
        status, _, body = exchange(f"{self.origin}/Application/api/v1/ws/{path}", "POST", data,
                                   {"Content-Type": "application/json"})
        assert status == 200, (status, body)
        return json.loads(body)

    def search(self, **query):
        """What anybody finds at our own path."""
        _, _, body = exchange(f"{self.origin}/v1/procedures?{urllib.parse.urlencode(query | {'limit': '100'})}")
        return json.loads(body)["procedures"]

    def municipality(self, method, path, body=None, key="13101-clerk.key"):
        fields = {"Authorization": "Bearer " + self.secret(key), "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        status, _, text = exchange(f"{self.origin}/v1/municipality/applications{path}", method, data, fields)
        return status, text

    def judge(self, document):
        """What xmlsec1 says, which knows the CA alone."""
        path = self.dir.file("application.xml")
        with open(path, "wb") as f:
            f.write(document)
        return run("xmlsec1", "--verify", "--trusted-pem", os.path.join(self.box.dir, "anchors", "sign.pem"),
                   "--enabled-key-data", "x509", path, check=False).returncode

    def close(self):
        self.box.close()
        self.dir.close()


@test
def where_personas_live_procedures_are_offered(shared):
    _, _, body = exchange(shared.origin + "/v1/municipalities")
    codes = {row["code"] for row in json.loads(body)["municipalities"]}
    personas = json.loads(shared.box.call("persona", "list", "--json").stdout)["personas"]
    assert {persona["municipality"] for persona in personas} <= codes, codes


@test
def each_standard_procedure_is_found_with_its_form(shared):
    texts = json.loads(read_text(os.path.join(ROOT, "data", "procedures.json")))["texts"]
    names = {text["content"]["name"]: text for text in texts}
    published = shared.find("eLinkServProcListSearch", cityCode=CITY)["eLinkServProcInfoList"]
    assert sorted(row["officialName"] for row in published) == sorted(names), published
    for name, text in names.items():
        found = shared.search(municipality=CITY, words=name, online="yes")
        psids = [row["psid"] for row in found if row["name"] == name]
        assert len(psids) == 1 and psids[0] in {row["psid"] for row in published}, (name, found)
        _, _, body = exchange(f"{shared.origin}/v1/procedures/{psids[0]}")
        assert json.loads(body)["form"] == text["form"], body
    events = {event for text in texts for event in text["content"]["events"]}
    for event in sorted(events | {"pregnancy", "disability", "leisure"}):
        assert shared.search(municipality=CITY, event=event), event


def words_without_english(part):
    """Texts of a procedure that whoever reads no Japanese cannot read."""
    if isinstance(part, list):
        return [found for one in part for found in words_without_english(one)]
    if not isinstance(part, dict):
        return []
    own = [part[name] for name in ("name", "alias", "summary", "label", "help", "condition", "title")
           if not part.get(name, "").isascii() and not part.get(name + "_en", "").strip()]
    own += [name for name in SECTIONS if name in part and not part.get(name + "_en")]
    return own + [found for value in part.values() for found in words_without_english(value)]


@test
def each_standard_text_and_form_is_there_in_english(shared):
    texts = json.loads(read_text(os.path.join(ROOT, "data", "procedures.json")))["texts"]
    assert words_without_english([{"label": "氏名"}, {"fee": [{"paragraph": "無料"}]}]) == ["氏名", "fee"]
    assert words_without_english(texts) == []
    for words in ("child allowance", "NURSERY", "earthquake"):
        found = shared.search(municipality=CITY, words=words)
        assert found and all("name_en" in row and "summary_en" in row for row in found), (words, found)


@test
def what_each_person_has_takes_more_files_than_one(shared):
    texts = json.loads(read_text(os.path.join(ROOT, "data", "procedures.json")))["texts"]
    kinds = [kind for text in texts for kind in text.get("form", {}).get("attachments", []) if "ごと" in kind["label"]]
    assert kinds and all(kind.get("max_files", 1) > 1 for kind in kinds), kinds


@test
def a_procedure_is_found_by_the_published_path_and_by_our_own(shared):
    assert shared.find("eLinkServProcListSearch", "another", cityCode=CITY)["result"]["errors"] == ["EE000"]
    found = shared.find("eLinkServProcListSearch", cityCode=CITY, keyword=["児童手当", "認定"])
    psids = [row["psid"] for row in found["eLinkServProcInfoList"] if row["officialName"] == NAME]
    assert len(psids) == 1 and found["result"]["hitCount"] == str(len(found["eLinkServProcInfoList"])), found
    shared.psid = psids[0]
    detail = shared.find("eLinkServProcDetailSearch", psid=shared.psid)
    assert detail["result"]["resultName"] == "OK" and NAME in json.dumps(detail, ensure_ascii=False), detail
    _, _, body = exchange(f"{shared.origin}/v1/procedures?municipality={CITY}&words=%E8%AA%8D%E5%AE%9A&online=yes")
    assert shared.psid in [row["psid"] for row in json.loads(body)["procedures"]], body
    _, _, body = exchange(f"{shared.origin}/v1/procedures/{shared.psid}")
    assert set(ANSWERS) <= {field["name"] for field in json.loads(body)["form"]["fields"]}, body
    assert json.loads(body)["place"]["name_en"] == "Chiyoda City, Tokyo", body


@test
def nobody_applies_without_a_login_for_what_is_signed(shared):
    status, _, body = exchange(shared.origin + "/v1/applications", "POST", json.dumps({"psid": shared.psid}).encode(),
                               {"Content-Type": "application/json"})
    assert status == 403, body


@test
def anybody_applies_for_what_is_not_signed(shared):
    psid = shared.search(municipality=CITY, event="leisure")[0]["psid"]
    fields = {"Content-Type": "application/json"}

    def ask(method, path, body, expect):
        status, _, text = exchange(shared.origin + path, method, json.dumps(body).encode(), fields)
        assert status == expect, (path, status, text)
        return json.loads(text)

    begun = ask("POST", "/v1/applications", {"psid": psid}, 201)
    one = "/v1/applications/" + begun["id"]
    said = {"name": "見本　一郎", "phone": "03-0000-0000", "class": "tennis", "from": "2026-12-01", "is_first": "yes"}
    body = {"answers": [{"field": field, "value": value} for field, value in said.items()]}
    ask("PUT", one + "/answers", body, 403)
    fields["Authorization"] = "Bearer " + begun["ticket"]
    assert ask("PUT", one + "/answers", body, 200) == {"problems": []}
    receipt = ask("POST", one + "/submission", {}, 200)["receipt"]
    status, body = shared.municipality("GET", "/" + receipt)
    pulled = json.loads(body)
    assert status == 200 and {row["field"]: row["value"] for row in pulled["answers"]} == said, pulled
    assert "applicant" not in pulled and "signer" not in pulled, pulled
    assert shared.municipality("PUT", f"/{receipt}/state", {"state": "received"})[0] == 204


@test
def what_was_changed_after_it_was_signed_is_refused(shared):
    citizen = Citizen(shared, "hanako")
    one = citizen.draft()
    signed = citizen.sign(one)
    citizen.answer(one, account="9999999")
    citizen.do("POST", one + "/submission", signed, 422)
    citizen.do("POST", one + "/preparation", {})
    citizen.do("POST", one + "/submission", signed, 422)
    assert citizen.do("GET", one)["state"] == "draft"


@test
def an_application_is_its_applicant_s_and_no_other_s(shared):
    citizen, other = Citizen(shared, "hanako"), Citizen(shared, "uruu")
    one = citizen.draft()
    signed = citizen.sign(one)
    other.do("GET", one, expect=404)
    other.answer(one, expect=404)
    other.do("POST", one + "/submission", signed, 404)
    other.do("GET", one + "/document", expect=404)
    assert other.do("GET", "/v1/applications") == {"applications": []}
    assert citizen.do("GET", one)["state"] == "draft"


@test
def from_the_card_s_signature_to_the_municipality_s_decision(shared):
    citizen = Citizen(shared, "hanako")
    one = citizen.draft()
    receipt = citizen.do("POST", one + "/submission", citizen.sign(one))["receipt"]
    assert receipt.startswith(CITY + "-"), receipt
    document = citizen.do("GET", one + "/document")
    assert shared.judge(document) == 0
    assert shared.judge(document.replace("番号　太郎".encode(), "番号　次郎".encode())) != 0

    status, body = shared.municipality("GET", "?state=submitted")
    assert status == 200 and [row["receipt"] for row in json.loads(body)["applications"]] == [receipt], body
    status, body = shared.municipality("GET", "/" + receipt)
    pulled = json.loads(body)
    assert status == 200 and pulled["applicant"] == {
        "name": "番号　花子", "address": "東京都千代田区見本町一丁目２番３号", "birth_date": "1990-04-15",
        "sex": "female"}, pulled
    assert {row["field"]: row["value"] for row in pulled["answers"]} == ANSWERS, pulled
    assert shared.municipality("GET", f"/{receipt}/document") == (200, document)
    assert shared.municipality("GET", "/" + receipt, key="13101-editor.key")[0] == 403

    assert shared.municipality("PUT", f"/{receipt}/state", {"state": "completed"})[0] == 409, "not received yet"
    for state, note in (("received", ""), ("returned", "口座番号を確かめてください")):
        assert shared.municipality("PUT", f"/{receipt}/state", {"state": state, "note": note})[0] == 204
    assert citizen.do("GET", one)["steps"][-1]["note"] == "口座番号を確かめてください"
    citizen.answer(one, account="0000002")
    assert citizen.do("POST", one + "/submission", citizen.sign(one))["receipt"] == receipt
    for state in ("received", "completed"):
        assert shared.municipality("PUT", f"/{receipt}/state", {"state": state})[0] == 204
    shown = citizen.do("GET", one)
    assert shown["state"] == "completed" and shown["round"] == 2, shown
    assert [step["state"] for step in shown["steps"]] == [
        "draft", "submitted", "received", "returned", "submitted", "received", "completed"], shown
    citizen.do("POST", one + "/withdrawal", expect=409)


@test
def what_a_revoked_certificate_signed_is_refused(shared):
    shared.insert("futago-a")
    citizen = Citizen(shared, "futago-a")
    one = citizen.draft()
    signed = citizen.sign(one)
    shared.revoke("futago-a")
    citizen.do("POST", one + "/submission", signed, 422)
    assert citizen.do("GET", one)["state"] == "draft"
    rows = [row for row in json.loads(shared.municipality("GET", "")[1])["applications"] if row["name"] == NAME]
    assert len(rows) == 1 and rows[0]["name_en"].startswith("Claim for certification"), rows


if __name__ == "__main__":
    main(Shared)
