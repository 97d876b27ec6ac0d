#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The desk of a municipality at the portal of a real sandbox, in Chromium: a procedure is written, found and applied
for, and the application is worked on."""
import json
import os
import re
import sys
import urllib.error
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../system"))

from driver import by_keyboard, every_page, quiet  # noqa: E402 pylint: disable=wrong-import-position
from harness import main, test, wait_until  # noqa: E402 pylint: disable=wrong-import-position
from test_portal import ROWS, Shown  # noqa: E402 pylint: disable=wrong-import-position

CODE, NAME = "marathon", "区民マラソン大会の参加申込"
PAGES = ("start", "inbox", "mandates", "procedures", f"procedures/{CODE}")
CHILD, PARENT = ("見本　こども", "2016-05-05"), ("見本　親", "1992-03-03")


class Desk(Shown):
    """Somebody who has logged in at the desk, and applicants who need no login."""

    def __init__(self):
        super().__init__()
        if self.reason is None:
            self.url = self.origin + "/office"

    def invitation(self, role):
        with open(os.path.join(self.box.dir, f"providers/13101-{role}.invitation"), encoding="ascii") as file:
            return file.read().strip()

    def take(self, role):
        self.driver.visit(path="start")
        self.driver.fill(label="招待コード", value=self.invitation(role))
        self.driver.click(role="button", name="担当になる")

    def ask(self, method, path, body=None, ticket=None):
        fields = {"Content-Type": "application/json"} if body is not None else {}
        if ticket is not None:
            fields["Authorization"] = f"Bearer {ticket}"
        asked = urllib.request.Request(self.origin + path, method=method, headers=fields,
                                       data=None if body is None else json.dumps(body).encode())
        with urllib.request.urlopen(asked, timeout=60) as answer:
            text = answer.read()
            return json.loads(text) if text else None

    def apply(self, psid, runner):
        """An application without a card: its number and what opens it again."""
        begun = self.ask("POST", "/v1/applications", {"psid": psid})
        one = f"/v1/applications/{begun['id']}"
        self.ask("PUT", one + "/answers", {"answers": [{"field": "runner", "value": runner}]}, begun["ticket"])
        return self.ask("POST", one + "/submission", {}, begun["ticket"])["receipt"], one, begun["ticket"]


def only_refusals(driver, *statuses):
    """Nothing but answers of these kinds was complained of, and nobody else was asked."""
    found = driver.complaints()
    assert found["strangers"] == [], found
    assert all(any(status in text for status in statuses) for text in found["complaints"]), found


@test
def nobody_gets_in_without_a_login_and_a_duty(desk):
    driver = desk.outside()
    with urllib.request.urlopen(desk.url, timeout=60) as answer:
        policy, text = answer.headers["Content-Security-Policy"], answer.read().decode()
    assert "unsafe-inline" not in policy and " style=" not in text, (policy, text)
    assert "試験用・非公式。政府のサイトではありません" in driver.text(at="header")
    driver.wait(text="職員のカードでログインしてください")
    assert driver.axe() == []
    only_refusals(driver, "403")
    desk.log_in()
    driver.complaints()
    driver.wait(text="まだどの市区町村の担当でもありません。")
    assert driver.texts(at="nav a") == ["はじめに"]
    for page in ("inbox", "mandates", "procedures", f"procedures/{CODE}"):
        driver.visit(path=page)
        driver.wait(text="あなたの担当ではないため")
        assert driver.axe() == [], page
    desk.driver.visit(path="start")
    driver.fill(label="招待コード", value="A" * 43)
    driver.click(role="button", name="担当になる")
    driver.wait(text="この招待コードは使えません。")
    only_refusals(driver, "403")


@test
def an_invitation_opens_what_it_is_for(desk):
    driver = desk.inside()
    desk.take("clerk")
    driver.wait(text="担当になりました")
    assert driver.texts(at="nav a") == ["はじめに", "届いた申請", "代理の登録"]
    driver.visit(path="procedures")
    driver.wait(text="あなたの担当ではないため")
    desk.take("editor")
    wait_until("the menu has both", lambda: driver.texts(at="nav a") == ["はじめに", "届いた申請", "代理の登録", "手続の編集"])
    desk.take("clerk")  # once more: it was used
    driver.wait(text="この招待コードは使えません。")
    only_refusals(driver, "403")


@test
def a_procedure_is_written_published_and_found(desk):
    driver = desk.inside()
    driver.visit(path="procedures")
    driver.fill(label="整理名", value=CODE)
    driver.click(role="button", name="書きはじめる")
    driver.wait(text="まだ保存していません。")
    driver.fill(label="手続の名前", value=NAME)
    driver.fill(label="ひとことで言うと", value="秋に区内を走る大会です。")
    driver.fill(label="内容", value="10キロを走ります。\n\n<script>alert(1)</script>")
    driver.fill(label="手続の名前(英語)", value="Ward marathon")
    driver.fill(label="内容(英語)", value="You run ten kilometres.")
    driver.run(script="[...document.querySelectorAll('.tick')].find((one) => one.textContent === 'ポータルで申請できるようにする').click()")
    driver.fill(label="質問の文", value="走る人の名前")
    driver.fill(label="項目名", value="runner")
    driver.run(script="[...document.querySelectorAll('.tick')].find((one) => one.textContent === 'カードの署名が必要').click()")
    assert "走る人の名前" in driver.text(at="#preview ~ div"), "the preview draws the form"
    assert driver.axe() == []
    driver.hold(method="PUT", path=f"/v1/municipality/drafts/{CODE}")
    driver.click(role="button", name="下書きを保存する")
    wait_until("it is kept", lambda: driver.held() == 1)
    driver.run(script="document.querySelector('main form textarea').focus()")
    assert driver.focused()["tag"] != "TEXTAREA", "nobody types what would be gone when it is read anew"
    driver.release()
    driver.wait(text="下書きを保存しました")
    driver.wait(text="第1版を開いています。")
    assert desk.ask("GET", "/v1/procedures?municipality=13101&words=%E3%83%9E%E3%83%A9%E3%82%BD%E3%83%B3")["hits"] == 0
    driver.click(role="button", name="第1版を公開する")
    driver.wait(text="受付のしかた")
    driver.fill(label="担当課", value="スポーツ課")
    driver.fill(label="担当課(英語)", value="Sports Division")
    assert driver.axe() == []
    driver.click(role="button", name="受付をはじめる")
    driver.wait(text="市民に見えるページを開く")
    psid = re.search(r"\d{12}", driver.text(at="a[href^='/#/procedures/']"))[0]
    driver.run(script="document.querySelector(\"a[href^='/#/procedures/']\").click()")
    driver.wait(text="スポーツ課")
    assert NAME in driver.text(at="main") and "<script>alert(1)</script>" in driver.text(at="main")
    driver.click(role="button", name="English")
    driver.wait(text="You run ten kilometres.")
    driver.wait(text="Sports Division")
    assert "スポーツ課" not in driver.text(at="main"), "who is in charge is told in one language"
    assert driver.text(at="main h1 ~ section h2") == "Ward marathon", "the name"
    driver.wait(text="The municipality has not written all of this in English")
    assert "秋に区内を走る大会です。" in driver.text(at="main"), "what is not there in English is shown in Japanese"
    driver.click(role="button", name="日本語")
    found = desk.ask("GET", "/v1/procedures?municipality=13101&words=kilometres")
    assert [one["psid"] for one in found["procedures"]] == [psid], found
    driver.goto(url=desk.url + "#/start")
    only_refusals(driver, "404")  # of a draft that was not there yet


@test
def of_two_windows_the_second_one_is_told(desk):
    driver = desk.inside()
    driver.visit(path=f"procedures/{CODE}")
    driver.wait(text="第1版を開いています。")
    token = driver.run(script="fetch('/v1/me').then((answer) => answer.json()).then((me) => me.csrf)")
    status = driver.run(script=f"""fetch('/v1/municipality/drafts/{CODE}', {{method: 'PUT', headers: {{'Content-Type': 'application/json',
      'X-CSRF-Token': {json.dumps(token)}}}, body: JSON.stringify({{based_on: 1, content: {{category: 'other', events: [],
      name: '別の版', summary: 's'}}}})}}).then((answer) => answer.status)""")
    assert status == 200
    driver.click(role="button", name="下書きを保存する")
    driver.wait(text="いまの状態とぶつかるため、できませんでした。")
    driver.visit(path="procedures")
    driver.wait(text="第1版を公開中")
    without = driver.run(script=f"""fetch('/v1/municipality/drafts/{CODE}', {{method: 'PUT', headers: {{'Content-Type': 'application/json'}},
      body: JSON.stringify({{based_on: 2, content: {{category: 'other', events: [], name: 'x', summary: 's'}}}})}})
      .then((answer) => answer.status)""")
    assert without == 403, "a change without the session's token"
    only_refusals(driver, "409", "403")


def kept(driver):
    """How much this tab has of what was typed and not sent."""
    return driver.run(script="Object.keys(sessionStorage).filter((key) => key.startsWith('openjpki.typed.')).length")


@test
def what_was_typed_outlives_a_reload_and_the_session_and_is_its_own_versions(desk):
    driver = desk.inside()
    driver.visit(path=f"procedures/{CODE}")
    driver.wait(text="第2版を開いています。")
    summary = "document.querySelector('form input[maxlength=\"300\"]')?.value"
    before = driver.run(script=summary)
    driver.fill(label="ひとことで言うと", value="途中まで書いた𠮷野家と葛󠄀城")
    driver.reload()
    driver.wait(text="前に入力して、まだ送っていない内容を元に戻しました。")
    assert driver.run(script=summary) == "途中まで書いた𠮷野家と葛󠄀城" and driver.axe() == []
    driver.forget()
    driver.click(role="button", name="下書きを保存する")
    driver.wait(text="時間が過ぎたため、ログインが終わりました。入力の途中だった内容は残っています。")
    desk.log_in()
    driver.visit(path=f"procedures/{CODE}")
    driver.wait(text="前に入力して、まだ送っていない内容を元に戻しました。")
    driver.click(role="button", name="第1版を開く")
    driver.wait(text="第1版を開いています。")
    assert "途中まで書いた" not in driver.run(script=summary), "it was not written into this version"
    driver.reload()
    driver.wait(text="第2版を開いています。")
    driver.click(role="button", name="元に戻した内容を消す")
    wait_until("what is saved is there", lambda: driver.run(script=summary) == before)
    assert kept(driver) == 0
    driver.complaints()


@test
def a_procedure_is_not_taken_away_by_one_press(desk):
    driver = desk.inside()
    driver.visit(path="procedures")
    driver.click(role="button", name="「スポーツ教室の参加の申込」の受付をやめる")
    driver.wait(text="すでに届いた申請はそのままです。")
    assert driver.axe() == [] and driver.focused()["text"] == "やめる"
    driver.press(key="Escape")
    wait_until("nothing happens", lambda: driver.count(at="dialog") == 0)
    driver.click(role="button", name="「スポーツ教室の参加の申込」の受付をやめる")
    driver.confirm()
    driver.wait(text="受付をやめました")
    wait_until("it is offered no more", lambda: driver.count(at="button[aria-label^='「スポーツ教室の参加の申込」']") == 0)
    quiet(driver)


@test
def an_application_is_taken_returned_and_completed(desk):
    driver = desk.inside()
    psid = desk.ask("GET", "/v1/procedures?municipality=13101&words=%E3%83%9E%E3%83%A9%E3%82%BD%E3%83%B3")["procedures"][0]["psid"]
    receipt, one, ticket = desk.apply(psid, "見本　花子<b>")
    driver.visit(path="inbox")
    driver.wait(text=receipt)
    assert driver.axe() == []
    driver.visit(path=f"inbox/{receipt}")
    driver.wait(text="走る人の名前")
    assert "見本　花子<b>" in driver.text(at="#answers ~ dl") and driver.axe() == []
    # twice in the same moment: once it is done
    driver.run(script="(() => { const b = [...document.querySelectorAll('button')].find((one) => one.textContent === '受け取る');"
                      " b.click(); b.click(); })()")
    driver.wait(text="「処理中」にしました")
    states = [step["state"] for step in desk.ask("GET", one, ticket=ticket)["steps"]]
    assert states.count("received") == 1 and states[-1] == "received", states
    driver.reload()
    states = [step["state"] for step in desk.ask("GET", one, ticket=ticket)["steps"]]
    assert states.count("received") == 1 and states[-1] == "received", states
    driver.fill(label="申請者に伝えること", value="ふりがなも書いてください。")
    driver.reload()
    driver.wait(text="申請者に伝えること")
    assert driver.run(script="document.querySelector('textarea').value") == "ふりがなも書いてください。"
    driver.click(role="button", name="補正を求める")
    assert driver.axe() == []
    driver.confirm()
    driver.wait(text="「補正待ち」にしました")
    assert kept(driver) == 0, "it was sent"
    told = desk.ask("GET", one, ticket=ticket)
    assert told["state"] == "returned" and told["steps"][-1]["note"] == "ふりがなも書いてください。", told
    desk.ask("PUT", one + "/answers", {"answers": [{"field": "runner", "value": "見本　花子（みほん　はなこ）"}]}, ticket)
    desk.ask("POST", one + "/submission", {}, ticket)
    driver.reload()
    driver.click(role="button", name="受け取る")
    driver.wait(text="「処理中」にしました")
    driver.click(role="button", name="認めて完了する")
    driver.confirm()
    driver.wait(text="「完了」にしました")
    assert desk.ask("GET", one, ticket=ticket)["state"] == "completed"
    wait_until("nothing is left to do", lambda: driver.count(at="#decide") == 0)
    quiet(driver)


@test
def what_changed_meanwhile_is_a_conflict_and_filters_find(desk):
    driver = desk.inside()
    psid = desk.ask("GET", "/v1/procedures?municipality=13101&words=%E3%83%9E%E3%83%A9%E3%82%BD%E3%83%B3")["procedures"][0]["psid"]
    receipt, one, ticket = desk.apply(psid, "見本　太郎")
    driver.visit(path=f"inbox/{receipt}")
    driver.wait(text="走る人の名前")
    desk.ask("POST", one + "/withdrawal", ticket=ticket)
    driver.click(role="button", name="受け取る")
    driver.wait(text="いまの状態とぶつかるため、できませんでした。")
    driver.visit(path="inbox")
    driver.choose(label="状態", value="withdrawn")
    # The receipt number was in the list before as well.
    wait_until("only those are listed", lambda: driver.texts(at=f"{ROWS} .chip") == ["取下げ"])
    assert receipt in driver.text(at="main")
    driver.choose(label="状態", value="rejected")
    driver.wait(text="申請はありません。")
    driver.visit(path="inbox/13101-20200101-000001")
    driver.wait(text="見つかりません。")
    only_refusals(driver, "409", "404")


@test
def a_parent_is_recorded_and_the_mandate_ended(desk):
    """Of a child who was never at the portal: the sandbox had it recorded when both had their cards."""
    desk.box.call("persona", "card", "kodomo")
    desk.box.call("persona", "card", "oya")
    driver = desk.inside()
    driver.visit(path="mandates")
    wait_until("one is recorded", lambda: driver.count(at=ROWS) == 1)
    assert driver.texts(at=f"{ROWS} td:nth-child(2)") == [PARENT[0]], driver.text(at="main")
    assert driver.axe() == []
    driver.click(role="button", name="「見本　こども」さんについての「見本　親」さんの代理を終了する")
    driver.confirm()
    driver.wait(text="代理を終了しました")
    wait_until("it is over", lambda: driver.texts(at=f"{ROWS} .chip") == ["終了"])
    for name, birth in ((CHILD[0], "2016-05-06"), CHILD):
        driver.fill(label="本人: 氏名", value=name)
        driver.fill(label="本人: 生年月日", value=birth)
        driver.fill(label="代理人: 氏名", value=PARENT[0].replace("\u3000", ""))
        driver.fill(label="代理人: 生年月日", value=PARENT[1])
        driver.click(role="button", name="登録する")
        driver.wait(text="代理を登録しました" if birth == CHILD[1] else "住民の登録に見つかりません。")
        assert driver.axe() == []
    wait_until("there are two", lambda: driver.count(at=ROWS) == 2)
    assert driver.count(at=f"{ROWS} button.danger") == 1, driver.text(at="main")
    only_refusals(driver, "404")


@test
def every_page_is_accessible_narrow_and_in_both_languages(desk):
    driver = desk.inside()
    every_page(driver, PAGES)
    by_keyboard(driver, desk.url + "#/inbox", 12, {"届いた申請", "代理の登録", "手続の編集", "ログアウト"})
    quiet(driver)


@test
def who_logs_out_is_out(desk):
    driver = desk.inside()
    driver.visit(path="mandates")
    driver.fill(label="本人: 氏名", value=CHILD[0])
    assert kept(driver) == 1
    driver.leave(at=desk.origin, name="ログアウト")  # by way of the authentication app, to the portal's first page
    driver.wait(text="カードでログイン")
    desk.is_in = False
    assert kept(driver) == 0, "what he had typed is nobody's"
    driver.goto(url=desk.url + "#/inbox")
    driver.wait(text="職員のカードでログインしてください")
    assert "届いた申請" not in driver.texts(at="nav a")


if __name__ == "__main__":
    sys.exit(main(Desk))
