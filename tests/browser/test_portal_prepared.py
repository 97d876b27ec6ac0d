#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A service fills in an application that the person reads and signs: with its certificate through nginx, by a consent
that is given in Chromium with a code and PKCE, to the receipt number that it reads."""
import base64
import hashlib
import json
import os
import re
import sys
import threading
import urllib.parse
from http.server import HTTPServer

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../system"))

from driver import quiet  # noqa: E402 pylint: disable=wrong-import-position
from harness import main, test, wait_until  # noqa: E402 pylint: disable=wrong-import-position
from operators_door import APPROVED, VIEWPOINTS, Door, query_of  # noqa: E402 pylint: disable=wrong-import-position
from test_portal import english_alone  # noqa: E402 pylint: disable=wrong-import-position
from test_portal_applying import NAME, OWN, SCRIPT, Shown as Applying  # noqa: E402 pylint: disable=wrong-import-position
from test_portal_consent import Back  # noqa: E402 pylint: disable=wrong-import-position

ANSWERS = {"phone": "03-0000-0000", "child_name": SCRIPT, "child_birth_date": "2026-10-01", "lives_together": "no",
           "child_address": "東京都千代田区見本町一丁目２番４号", "children": "1", "bank": "見本銀行本店", "account": "0000001"}
FILE, PDF = "加入保険.pdf", b"%PDF-1.7\n" + b"of the service\n" * 10000 + b"%%EOF\n"  # larger than what nginx takes elsewhere
WAITING = 3  # drafts of one service with one person


class Shown(Applying):
    def __init__(self):
        super().__init__()
        self.door = self.service = None
        if self.reason is not None:
            return
        self.service = HTTPServer(("127.0.0.1", 0), Back)
        self.service.came = []
        threading.Thread(target=self.service.serve_forever, daemon=True).start()
        self.back = f"http://127.0.0.1:{self.service.server_port}/back"
        self.door = Door(self.box, "employer", "agency")
        self.clients = {"employer": self.register("employer", "見本商事", "Sample Trading"),
                        "agency": self.register("agency", "見本<b>事務所</b>", "Sample <b>Agency</b>")}
        self.tokens, self.ids = {}, []

    def register(self, who, name, name_en):
        status, client = self.door.post("/v1/clients", {
            "client_name": name, "client_name_en": name_en, "purpose": "児童手当の申請の準備", "purpose_en": "To prepare a claim",
            "actor": "private", "sector": "other", "environment": "test", "apis": ["e-application", "notices"],
            "redirect_uris": [self.back], "token_endpoint_auth_method": "self_signed_tls_client_auth",
            "review": dict.fromkeys(VIEWPOINTS, "as a test")}, who=who)
        assert status == 201, client
        status, body = self.door.operate("PUT", f"/v1/operators/{client['client_id']}/state", APPROVED)
        assert status == 200, body
        return client

    def lead(self, who, verifier, scope="e-application", **more):
        query = query_of(self.clients[who], self.back, verifier, scope, **more)
        self.driver.goto(url=f"{self.origin}/authorize?{query}")

    def came_back(self):
        """What the browser brought the service."""
        self.driver.wait(text="戻りました")
        wait_until("the browser is back at the service", lambda: self.service.came)
        found = self.driver.complaints()  # of the portal's pages until here: the service is the only other one
        assert found["complaints"] == [] and all(one.startswith(self.back) for one in found["strangers"]), found
        return self.service.came.pop()

    def consent(self, who, verifier, button="申請書を用意してもらうことに同意する", **more):
        self.lead(who, verifier, period="true", **more)
        self.driver.wait(text="児童手当の申請の準備")
        self.driver.click(role="button", name=button)
        return self.came_back()

    def redeem(self, who, code, verifier, shown=None):
        return self.door.redeem(self.clients[who], self.back, code, verifier, shown or who)

    def token(self, who, scope="e-application"):
        return "-H", f"Authorization: Bearer {self.tokens[who, scope]}"

    def prepare(self, who="employer", psid=None, answers=None, token=None, shown=None):
        said = ANSWERS if answers is None else answers
        body = {"psid": psid or self.psids[NAME], "answers": [{"field": one, "value": said[one]} for one in said]}
        return self.door.post("/v1/e-applications", body, *(self.token(who) if token is None else token), who=shown or who)

    def look_up(self, one, who="employer", shown=None):
        return self.door.ask("/v1/e-applications/" + one, *self.token(who), who=shown or who)

    def attach(self, one, who="employer", content=PDF, document="other", name=FILE):
        path = os.path.join(self.box.dir, "attached")
        with open(path, "wb") as file:
            file.write(content)
        query = urllib.parse.urlencode({"kind": "insurance", "name": name, "document": document})
        return self.door.ask(f"/v1/e-applications/{one}/files?{query}", "-H", "Content-Type: application/octet-stream",
                             "--data-binary", "@" + path, *self.token(who), who=who)

    def take_back(self, one, who="employer"):
        return self.door.ask("/v1/e-applications/" + one, "-X", "DELETE", *self.token(who), who=who)

    def fetched(self, one, what):
        """What the person's page can read of an application: its status, and its text."""
        return self.driver.run(script=f"""(async () => {{
          const answer = await fetch('/v1/applications/{one}/{what}');
          return [answer.status, await answer.text()];
        }})()""")

    def rows(self):
        """Of the person's applications, as the page lists them."""
        self.driver.goto(url=self.url)  # also from the service, and anew
        self.driver.visit(path="applications")
        wait_until("the list is there", lambda: self.driver.count(at="main table, main .empty") > 0)
        return self.driver.texts(at="main table tbody tr")

    def close(self):
        if self.door is not None:
            self.door.close()
        if self.service is not None:
            self.service.shutdown()
        super().close()


def assert_refused(answer, status, kind):
    assert answer[0] == status and answer[1]["type"].endswith(":" + kind), answer


@test
def without_a_consent_a_service_prepares_nothing(shown):
    shown.inside()
    assert_refused(shown.prepare(token=()), 403, "token-unknown")
    assert_refused(shown.prepare(token=("-H", "Authorization: Bearer " + "A" * 43)), 403, "token-unknown")
    unlimited = query_of(shown.clients["employer"], shown.back, "v" * 43, "e-application")
    shown.driver.run(script=f"location.assign({json.dumps('/authorize?' + unlimited)})")
    assert shown.came_back()["error"] == "invalid_request", "it is for a period"
    shown.lead("employer", "v" * 43, period="true")
    shown.driver.wait(text="児童手当の申請の準備")
    shown.driver.click(role="button", name="同意しない")
    assert shown.came_back()["error"] == "access_denied"
    assert not any("が用意" in row for row in shown.rows())


@test
def the_code_is_redeemed_by_whoever_asked_and_proves_it(shown):
    driver = shown.inside()
    shown.lead("employer", "v" * 43, period="true")
    driver.wait(text="児童手当の申請の準備")
    text = driver.text(at="main")
    assert "見本商事が、あなたの申請書を下書きとして用意したいと言っています。" in text and "30日間" in text, text
    assert driver.axe() == []
    driver.click(role="button", name="English")
    driver.wait(text="Sample Trading")
    english_alone(driver)
    driver.click(role="button", name="日本語")
    driver.click(role="button", name="申請書を用意してもらうことに同意する")
    back = shown.came_back()
    assert back["state"] == "s1" and back["iss"] == shown.origin, back
    assert shown.redeem("employer", back["code"], "v" * 43, shown="agency")[1]["error"] == "invalid_client"
    assert shown.redeem("agency", back["code"], "v" * 43)[1]["error"] == "invalid_grant"
    assert shown.redeem("employer", back["code"], "w" * 43)[1]["error"] == "invalid_grant"
    status, tokens = shown.redeem("employer", back["code"], "v" * 43)
    assert status == 200 and tokens["scope"] == "e-application", tokens
    shown.tokens["employer", "e-application"] = tokens["access_token"]


@test
def what_is_no_form_s_answer_is_refused_and_leaves_nothing(shown):
    shown.inside()
    for answers in ({"nothing": "x"}, {"phone": "x" * 21}, {"child_birth_date": "1.10.2026"}, {"phone": "a\nb"},
                    {"phone": "a\x00b"}, {"lives_together": "perhaps"}, {"child_name": "a\u202eb"}):
        status, body = shown.prepare(answers=answers)
        assert status == 400, (answers, status, body)
    assert_refused(shown.prepare(psid="990000000001"), 404, "procedure-unknown")
    assert_refused(shown.prepare(shown="agency"), 403, "certificate-differs")
    back = shown.consent("agency", "n" * 43, "お知らせの提供に同意する", scope="notices")
    status, tokens = shown.redeem("agency", back["code"], "n" * 43)
    assert status == 200, tokens
    shown.tokens["agency", "notices"] = tokens["access_token"]
    assert_refused(shown.prepare("agency", token=shown.token("agency", "notices")), 403, "not-consented")
    assert not any("が用意" in row for row in shown.rows())


@test
def the_draft_is_the_person_s_and_says_who_prepared_it(shown):
    driver = shown.inside()
    status, body = shown.prepare()
    assert status == 201, body
    shown.ids.append(body["id"])
    status, standing = shown.look_up(body["id"])
    assert status == 200 and standing["state"] == "draft" and standing["receipt"] is None, standing
    assert shown.attach(body["id"], content=b"no PDF")[0] == 400 and shown.attach(body["id"], name="../a.pdf")[0] == 400
    assert shown.attach(body["id"], document="number-notice")[0] == 403
    status, attached = shown.attach(body["id"])
    assert status == 201 and attached == {"number": 1}, attached
    assert shown.attach(body["id"])[0] == 400, "the form asks for one"
    [row] = [row for row in shown.rows() if "が用意" in row]
    assert NAME in row and "見本商事が用意" in row and "下書き" in row, row
    assert driver.axe() == []
    driver.visit(path="notices")
    driver.wait(text="見本商事")
    driver.visit(path="apply/" + body["id"])
    driver.wait(text="「見本商事」が用意した申請書です。")
    assert driver.run(script="document.getElementById('answer-child_name').value") == SCRIPT
    assert driver.count(at="main img, main script") == 0
    link = driver.run(script="document.querySelector('main a[download]').pathname")
    assert driver.texts(at="main a[download]") == [FILE] and link == f"/v1/applications/{body['id']}/files/1", link
    assert shown.fetched(body["id"], "files/1") == [200, PDF.decode()]
    assert_refused(shown.attach(body["id"]), 409, "application-opened")
    shown.look("draft")
    driver.click(role="button", name="English")
    driver.wait(text="Sample Trading")
    english_alone(driver)
    driver.click(role="button", name="日本語")
    quiet(driver)


@test
def another_service_learns_nothing_of_it(shown):
    back = shown.consent("agency", "z" * 43)
    status, tokens = shown.redeem("agency", back["code"], "z" * 43)
    assert status == 200, tokens
    shown.tokens["agency", "e-application"] = tokens["access_token"]
    assert_refused(shown.look_up(shown.ids[0], "agency"), 404, "application-unknown")
    assert_refused(shown.look_up(shown.ids[0], shown="agency"), 403, "certificate-differs")
    begun = shown.ask("POST", "v1/applications", {"psid": shown.psids[OWN]})["id"]  # somebody's own
    assert_refused(shown.look_up(begun), 404, "application-unknown")


@test
def a_service_has_three_drafts_with_a_person(shown):
    driver = shown.inside()
    for number in range(1, WAITING):
        status, body = shown.prepare(answers={"phone": f"03-0000-000{number}"})
        assert status == 201, body
        shown.ids.append(body["id"])
    assert shown.prepare()[0] == 409
    assert sum("見本商事が用意" in row for row in shown.rows()) == WAITING
    driver.visit(path="apply/" + shown.ids[-1])
    driver.click(role="button", name="下書きを消す")
    driver.confirm()
    wait_until("the draft is gone", lambda: shown.look_up(shown.ids[-1])[1]["state"] == "withdrawn")
    status, body = shown.prepare()
    assert status == 201, body
    shown.ids.append(body["id"])


@test
def what_the_service_takes_back_is_said_to_the_person(shown):
    driver, one = shown.inside(), shown.ids[-1]
    assert_refused(shown.take_back(one, "agency"), 404, "application-unknown")
    assert_refused(shown.attach(one, "agency"), 404, "application-unknown")
    assert shown.take_back(one)[0] == 204
    assert_refused(shown.take_back(one), 409, "application-closed")
    assert_refused(shown.attach(one), 409, "application-closed")
    assert any("見本商事が用意し、取り下げ" in row for row in shown.rows())
    driver.visit(path="notices")
    driver.wait(text="用意された申請書が取り下げられました")
    driver.visit(path="apply/" + one)
    driver.wait(text="「見本商事」が、用意したこの申請書を取り下げました。")
    assert driver.count(at="main form") == 0
    shown.look("taken-back")
    driver.click(role="button", name="English")
    driver.wait(text="Sample Trading has taken back this application")
    english_alone(driver)
    driver.click(role="button", name="日本語")
    quiet(driver)


@test
def markup_in_the_name_of_a_service_is_text(shown):
    driver = shown.inside()
    status, body = shown.prepare("agency")
    assert status == 201, body
    assert any("見本<b>事務所</b>が用意" in row for row in shown.rows()) and driver.count(at="main b") == 0
    driver.visit(path="apply/" + body["id"])
    driver.wait(text="「見本<b>事務所</b>」が用意した申請書です。")
    assert driver.count(at="main b") == 0 and driver.axe() == []
    quiet(driver)


@test
def the_person_corrects_it_and_the_card_signs_what_was_shown(shown):
    driver = shown.inside()
    driver.visit(path="apply/" + shown.ids[0])
    driver.wait(text="「見本商事」が用意した申請書です。")
    driver.click(role="button", name="確認へ進む")
    driver.wait(text="直すところが1か所あります")  # the service did not know it
    driver.fill(label="児童の氏名", value="番号　太郎")
    driver.fill(label="口座名義（カナ）", value="バンゴウ　ハナコ")
    driver.click(role="button", name="確認へ進む")
    driver.wait(text="この内容で申請します")
    assert "番号　太郎" in driver.text(at="main") and SCRIPT not in driver.text(at="main")
    assert driver.texts(at="main a[download]") == [FILE]
    driver.click(role="button", name="署名へ進む")
    shown.sign()
    driver.wait(text="提出済み")
    receipt = re.search(r"13101-\d{8}-\d{6}", driver.text(at="main"))[0]
    status, standing = shown.look_up(shown.ids[0])
    assert status == 200 and (standing["state"], standing["receipt"]) == ("submitted", receipt), standing
    assert set(standing) == {"state", "changed_at", "receipt"}, "and nothing of what is in it"
    status, signed = shown.fetched(shown.ids[0], "document")
    digest = base64.b64encode(hashlib.sha256(PDF).digest()).decode()
    assert status == 200 and FILE in signed and digest in signed, signed
    listed = shown.ask("GET", "v1/municipality/applications", key="13101-clerk.key")["applications"]
    assert receipt in {row["receipt"] for row in listed}, listed
    shown.clerk(receipt, "received")
    assert shown.look_up(shown.ids[0])[1]["state"] == "received"


@test
def what_is_prepared_and_told_is_in_the_log(shown):
    driver = shown.inside()
    driver.visit(path="history")
    driver.wait(text="申請の状況")
    text = driver.text(at="main")
    assert NAME in text and "見本商事" in text, text
    assert ANSWERS["account"] not in text and driver.count(at="main b") == 0, text
    assert driver.axe() == []


@test
def a_consent_that_was_taken_back_ends_both_and_leaves_the_draft(shown):
    driver = shown.inside()
    driver.visit(path="consents")
    driver.wait(text="有効")
    driver.click(role="button", name="見本商事 への同意を取り消す")
    driver.wait(text="同意を取り消しました")
    assert_refused(shown.prepare(), 403, "consent-over")
    assert_refused(shown.look_up(shown.ids[0]), 403, "consent-over")
    assert any("見本商事が用意" in row and "下書き" in row for row in shown.rows())
    quiet(driver)


if __name__ == "__main__":
    main(Shown)
