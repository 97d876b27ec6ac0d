#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Notices on the portal's pages, in a real sandbox in Chromium: chosen, sent by a municipality, counted, read, put away;
and mail addresses, with a real mail server."""
import json
import os
import re
import sys
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../system"))

from driver import NARROWEST, Driver, missing, quiet  # noqa: E402 pylint: disable=wrong-import-position
from harness import main, test, wait_until  # noqa: E402 pylint: disable=wrong-import-position
from test_portal import PLACE, Shown  # noqa: E402 pylint: disable=wrong-import-position
from test_portal_mail import Shared as Mails  # noqa: E402 pylint: disable=wrong-import-position
from test_sandbox import environment  # noqa: E402 pylint: disable=wrong-import-position


class Told(Shown):
    """The same sandbox with a mail server, and what that took."""

    def __init__(self):
        self.box = self.driver = self.mails = None
        self.reason = missing("portal")
        if self.reason is not None:
            return
        self.mails = Mails()
        self.box = self.mails.box
        self.box.call("persona", "card", "hanako")
        self.env = environment(self.box)
        self.origin = self.box.state["urls"]["portal"]
        self.url = self.origin + "/"
        self.driver = Driver(self.origin)
        self.is_in = False

    def send(self, event, topic, parameters):
        body = {"key": f"{event}-{topic}", "to": "subscribers", "event": event, "topic": topic, "parameters": parameters}
        request = urllib.request.Request(f"{self.origin}/v1/municipality/notices", json.dumps(body).encode(), {
            "Authorization": f"Bearer {self.mails.key}", "Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            assert answer.status == 204

    def close(self):
        if self.driver is not None:
            self.driver.close()
        if self.mails is not None:
            self.mails.close()


@test
def somebody_chooses_what_to_hear_of_and_is_told(shown):
    driver = shown.inside()
    driver.visit(path="notices")
    driver.wait(text="選んだものはありません。")
    driver.choose(label="都道府県 (必須)", value="東京都")
    driver.choose(label="市区町村 (必須)", value=PLACE)
    driver.choose(label="出来事", value="birth")
    driver.click(role="button", name="加える")
    driver.wait(text="東京都千代田区: 出産")
    shown.send("birth", "checkup.due", {"checkup": "乳幼児健診", "from": "2030-01-01", "until": "2030-03-31"})
    driver.visit(path="start")
    driver.wait(text="お知らせ（未読1件）")
    driver.visit(path="notices")
    driver.wait(text="「乳幼児健診」を2030年1月1日から2030年3月31日までに受けてください。")
    assert "東京都千代田区" in driver.text(at="main .cards"), driver.text(at="main .cards")
    assert driver.axe() == []
    driver.click(role="button", name="やさしい言葉")
    driver.wait(text="健康しんだんのお知らせ")
    driver.click(role="button", name="English")
    driver.click(role="button", name="Plain words")
    driver.wait(text="A check-up is due")
    driver.click(role="button", name="日本語")
    quiet(driver)


@test
def a_notice_is_read_and_put_away(shown):
    driver = shown.inside()
    driver.hold(path="/v1/notices/count", times=1)
    driver.visit(path="start")
    driver.visit(path="notices")
    driver.click(role="button", name="「健診のお知らせ」を既読にする")
    wait_until("nothing is unread", lambda: "未読" not in driver.text(at="nav"))
    driver.release()  # how many there were, which comes last
    assert "未読" not in driver.text(at="nav")
    driver.click(role="button", name="「健診のお知らせ」をしまう")
    driver.wait(text="お知らせはありません。")
    driver.choose(label="表示", value="archive")
    driver.wait(text="乳幼児健診")
    assert driver.axe() == []
    driver.click(role="button", name="「健診のお知らせ」を受信箱に戻す")
    driver.wait(text="お知らせはありません。")
    driver.width(width=NARROWEST)
    assert driver.run(script="document.documentElement.scrollWidth") <= NARROWEST
    driver.width(width=1280)
    quiet(driver)


@test
def an_address_is_given_proved_and_deleted(shown):
    driver = shown.inside()
    driver.visit(path="notices")
    driver.fill(label="メールアドレス (必須)", value="hanako@example.test")
    assert driver.run(script="[...document.querySelectorAll('form button')].every((one) => one.disabled)"), "no consent yet"
    driver.run(script="document.querySelector('form .tick').click()")
    driver.click(role="button", name="登録する")
    driver.wait(text="確認待ち")
    assert driver.axe() == []
    _, text = shown.mails.mail(1)
    driver.fill(label="メールで届いた6桁の番号 (必須)", value=re.search(r"\b[0-9]{6}\b", text)[0])
    driver.click(role="button", name="確認する")
    driver.wait(text="確認済み")
    driver.click(role="button", name="アドレスを削除する")
    driver.wait(text="メールアドレスを削除しました")
    quiet(driver)


if __name__ == "__main__":
    main(Told)
