#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Linked sites and mandates in Chromium: from the portal to a site and back, unlinked and refused; giving and taking
a mandate, and acting for somebody, which each page says."""
import datetime
import json

from test_portal import NARROWEST, Shown, english_alone, quiet
from test_portald import Browser

from harness import main, test, wait_until

PAGES = ("linkage", "linkage/tax", "linkage/nothing", "mandates")


def narrow(driver):
    driver.width(width=NARROWEST)
    assert driver.run(script="document.documentElement.scrollWidth") <= NARROWEST
    driver.width(width=1280)


class Other(Browser):
    """Somebody else, who gives a mandate without a browser."""

    def __init__(self, shown):
        super().__init__(shown.origin)
        assert self.log_in("uruu") == "/#/sessions"

    def give(self, *scopes):
        until = (datetime.date.today() + datetime.timedelta(days=30)).isoformat()
        body = {"scopes": scopes, "until": until, "own_name": "うるう", "proxy_name": "花"}
        status, _, text = self.ask("/v1/mandates", "POST", json.dumps(body).encode(),
                                   **{"Content-Type": "application/json"})
        assert status == 201, text
        return json.loads(text)


@test
def pages_are_accessible_in_both_languages_and_colours(shown):
    driver = shown.inside()
    for language, scheme in (("日本語", "light"), ("English", "dark")):
        driver.click(role="button", name=language)
        driver.scheme(scheme=scheme)
        for page in PAGES:
            driver.visit(path=page)
            assert driver.axe() == [], (page, language, scheme)
            assert driver.count(at="h1") == 1, page
            narrow(driver)
            if language == "English":
                english_alone(driver)
    driver.click(role="button", name="日本語")
    driver.scheme(scheme="light")
    quiet(driver)


@test
def a_site_says_what_it_learns_is_linked_gone_to_and_come_back_from(shown):
    driver = shown.inside()
    driver.visit(path="linkage")
    assert driver.texts(at="main .chip") == ["未連携", "未連携"]
    driver.click(role="link", name="見本税務サイト の詳しい内容")
    driver.wait(text="このサイトに伝わる情報")
    assert "氏名・住所・生年月日・性別・個人番号・証明書は伝わりません。" in driver.text(at="main")
    driver.click(role="button", name="同意して連携する")
    driver.wait(text="連携しました")
    assert driver.axe() == []
    driver.click(role="link", name="見本税務サイト へ移る")
    driver.wait(text="このサイトでのあなたの番号")
    assert "見本税務サイト（試験用・非公式）" in driver.text(at="h1") and "花子" not in driver.text(at="body")
    driver.click(role="link", name="ポータルに戻る")
    driver.wait(text="外部サイトとの連携")
    driver.wait(text="連携中")
    driver.visit(path="history")
    driver.wait(text="証明を保存")
    option = "[...document.querySelectorAll('main option')].find((one) => one.textContent === '見本税務サイト')"
    wait_until("the site can be chosen", lambda: driver.run(script=f"{option} !== undefined"))
    site = driver.run(script=f"{option}.value")
    driver.choose(label="機関", value=site)
    wait_until("only that site is shown", lambda: driver.run(script="location.hash").endswith("body=" + site))
    driver.wait(text="証明を保存")
    assert all("見本税務サイト" in text for text in driver.texts(at="main .cards > li"))
    driver.complaints()


@test
def what_is_unlinked_is_refused_and_out(shown):
    driver = shown.inside()
    driver.visit(path="linkage/tax")
    driver.wait(text="連携を解除する")
    site = driver.run(script="document.querySelector('main a.button.main').href")
    driver.click(role="button", name="連携を解除する")
    driver.wait(text="見本税務サイト との連携を解除しますか")
    assert driver.axe() == []
    driver.confirm()
    driver.wait(text="連携を解除しました")

    def is_out():
        driver.goto(url=site.replace("/enter", "/"))
        return "ログインしていません" in driver.text(at="body")

    wait_until("the site knows", is_out)
    driver.goto(url=site)
    driver.wait(text="このサイトに伝わる情報")
    assert driver.run(script="location.hash") == "#/linkage/tax?ui_locales=ja", "in the site's language"
    driver.complaints()


@test
def a_linked_site_sends_a_notice_and_is_switched_off(shown):
    driver = shown.inside()
    driver.visit(path="linkage/pension")
    driver.click(role="button", name="同意して連携する")
    driver.wait(text="連携しました")
    driver.click(role="link", name="見本年金サイト へ移る")
    driver.wait(text="このサイトでのあなたの番号")
    driver.run(script="void Object.assign(document.body.appendChild(document.createElement('form')),"
               " {method: 'post', action: '/remind'}).submit()")
    driver.wait(text="ポータルにお知らせを送りました")
    driver.goto(url=shown.url + "#/linkage")
    driver.wait(text="外部サイトとの連携")
    driver.visit(path="notices")
    driver.wait(text="「お客様の記録の控え」の準備ができました。")
    assert "見本年金サイト" in driver.text(at="main .cards")
    driver.click(role="button", name="見本年金サイトからのお知らせを止める")
    driver.wait(text="止めています")
    assert driver.axe() == []
    narrow(driver)
    driver.click(role="button", name="English")
    driver.click(role="button", name="Let Sample pension site send notices")
    driver.wait(text="Sample pension site may send notices")
    driver.click(role="button", name="日本語")
    driver.complaints()


@test
def a_mandate_is_given_by_a_code_and_ended(shown):
    driver = shown.inside()
    driver.visit(path="mandates")
    driver.fill(label="代理人の呼び名", value="<b>母</b>")
    driver.fill(label="相手に表示するあなたの呼び名", value="花")
    driver.click(role="button", name="代理人用のコードを作る")
    driver.wait(text="このコードを、代理人になる人にだけ伝えてください。")
    assert driver.run(script="[...document.querySelectorAll('#give ~ form input[maxlength]')].map((one) => one.value).join('')") == ""
    code = driver.text(at="main .copyable code")
    assert len(code) == 14 and code[4] == code[9] == "-", code
    assert driver.axe() == [] and driver.count(at="main td b") == 0
    driver.fill(label="コード", value=code)
    driver.click(role="button", name="代理人として登録する")
    driver.wait(text="自分のコードは使えません。")
    driver.fill(label="コード", value="ABCD-EFGH-JKLM")
    driver.click(role="button", name="代理人として登録する")
    driver.wait(text="このコードは使えません。")
    driver.click(role="button", name="「<b>母</b>」さんとの代理を終了する")
    driver.confirm()
    driver.wait(text="代理を終了しました")
    driver.complaints()


@test
def whoever_acts_for_another_reads_so_on_each_page(shown):
    driver, other = shown.inside(), Other(shown)
    code = other.give("information")["code"]
    driver.visit(path="mandates")
    driver.fill(label="コード", value=code)
    driver.click(role="button", name="代理人として登録する")
    driver.wait(text="代理人になりました")
    driver.click(role="button", name="「うるう」さんの代理で操作する")
    driver.wait(text="「うるう」さんの代理で操作しています")
    assert driver.run(script="location.hash") == "#/information"
    assert driver.axe() == []
    narrow(driver)
    driver.visit(path="history")
    driver.wait(text="「うるう」さんから、このページの代理は任されていません。")
    driver.visit(path="sessions")
    driver.wait(text="このページは、あなた自身のものです。")
    assert "「うるう」さんの代理で操作しています" in driver.text(at="main")
    driver.visit(path="information")
    driver.choose(label="市区町村 (必須)", value="13101")
    driver.run(script="document.querySelector('.tick').click()")
    driver.click(role="button", name="取り寄せる")
    driver.wait(text="もう待つものはありません。")
    assert len(other.answer_of("/v1/self-information")[1]["requests"]) == 1
    driver.click(role="button", name="自分の操作に戻る")
    assert driver.count(at="main .acting") == 0
    driver.complaints()


@test
def an_ended_mandate_is_told_where_it_is_used(shown):
    driver, other = shown.inside(), Other(shown)
    given = other.give("information", "history")
    driver.visit(path="mandates")
    driver.fill(label="コード", value=given["code"])
    driver.click(role="button", name="代理人として登録する")
    driver.wait(text="代理人になりました")
    # The newest comes first, behind the word that it is there; one is from the test before.
    newest = "#others ~ .frame tbody tr button.main"
    wait_until("it is listed", lambda: driver.count(at=newest) == 2)
    driver.run(script=f"document.querySelector('{newest}').click()")
    driver.wait(text="「うるう」さんの代理で操作しています")
    assert other.answer_of("/v1/mandates/" + given["id"], "DELETE")[0] == 204
    driver.visit(path="history")
    driver.wait(text="この操作は許可されていません。")
    driver.complaints()


if __name__ == "__main__":
    main(Shown)
