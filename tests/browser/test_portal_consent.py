#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A service asks somebody for single items, in Chromium: who asks, what for, what is ticked, where it leads, and how it is
taken back; and the status page."""
import base64
import hashlib
import json
import os
import sys
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, HTTPServer

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../system"))

from driver import NARROWEST  # noqa: E402 pylint: disable=wrong-import-position
from harness import main, run, test, wait_until  # noqa: E402 pylint: disable=wrong-import-position
from test_portal import Shown, english_alone  # noqa: E402 pylint: disable=wrong-import-position

TAX = "TM00000000000002"
KEY = {"kty": "EC", "crv": "P-256", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
       "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}


class Back(BaseHTTPRequestHandler):
    """Where the service takes browsers back."""

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write("<!doctype html><title>back</title><p>戻りました".encode())
        if self.path.startswith("/back"):  # and no icon
            self.server.came.append(dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.path).query)))

    def log_message(self, *_):
        pass


class Asked(Shown):
    def __init__(self):
        super().__init__()
        self.service = None
        if self.reason is not None:
            return
        self.service = HTTPServer(("127.0.0.1", 0), Back)
        self.service.came = []
        threading.Thread(target=self.service.serve_forever, daemon=True).start()
        self.back = f"http://127.0.0.1:{self.service.server_port}/back"
        self.client = self.register()

    def at(self, socket, method, path, body):
        done = run("curl", "-sS", "--unix-socket", os.path.join(self.box.dir, "portal", socket), "-X", method, "--json",
                   json.dumps(body), "http://localhost" + path)
        return json.loads(done.stdout)

    def register(self):
        client = self.at("operators.sock", "POST", "/v1/clients", {
            "client_name": "見本銀行", "client_name_en": "Sample Bank", "purpose": "住宅ローンの審査",
            "purpose_en": "To decide on a loan", "actor": "private", "sector": "finance", "environment": "test",
            "apis": ["self-information", "notices"], "infos": [TAX], "redirect_uris": [self.back],
            "token_endpoint_auth_method": "private_key_jwt", "jwks": {"keys": [KEY]},
            "review": dict.fromkeys(("body", "purpose", "law", "value", "support"), "as a test")})["client_id"]
        self.at("portal.sock", "PUT", f"/v1/operators/{client}/state", {
            "state": "approved", "verdicts": dict.fromkeys(("body", "purpose", "law", "value", "support"), "met")})
        return client

    def ask(self, **changes):
        challenge = base64.urlsafe_b64encode(hashlib.sha256(b"v" * 43).digest()).decode().rstrip("=")
        query = {"response_type": "code", "client_id": self.client, "redirect_uri": self.back, "state": "s1",
                 "scope": "self-information", "code_challenge": challenge, "code_challenge_method": "S256"} | changes
        self.driver.goto(url=f"{self.origin}/authorize?{urllib.parse.urlencode(query)}")

    def close(self):
        if self.service is not None:
            self.service.shutdown()
        super().close()


def tick(driver, label):
    driver.run(script=f"[...document.querySelectorAll('.tick')].find((one) => one.textContent === '{label}').click()")


@test
def an_unknown_service_is_led_nowhere(shown):
    driver = shown.outside()
    shown.ask(redirect_uri="https://evil.example/")
    driver.wait(text="このサービスは登録されていないか")
    assert driver.axe() == [] and shown.service.came == []


@test
def a_request_outlives_the_login_and_says_who_asks_for_what(shown):
    driver = shown.outside()
    shown.ask()
    driver.wait(text="サービスから、あなたの情報についての依頼が届いています。")
    assert driver.axe() == []
    shown.log_in()
    driver.wait(text="住宅ローンの審査")
    text = driver.text(at="main")
    assert "見本銀行" in text and "1回だけ" in text and "試験用のサービス" in text, text
    assert driver.axe() == []
    assert driver.run(script="document.querySelector('main button[type=submit]').disabled") is True
    driver.width(width=NARROWEST)
    assert driver.run(script="document.documentElement.scrollWidth") <= NARROWEST
    driver.width(width=1280)
    driver.click(role="button", name="English")
    driver.wait(text="Sample Bank")
    english_alone(driver)
    driver.click(role="button", name="日本語")


@test
def what_is_ticked_is_consented_to_and_the_browser_goes_back(shown):
    driver = shown.inside()
    shown.ask()
    driver.wait(text="住宅ローンの審査")
    driver.choose(label="情報を持つ市区町村 (必須)", value="13101")
    tick(driver, "給与収入")
    driver.wait(text="1項目を選んでいます。")
    driver.click(role="button", name="選んだ項目の提供に同意する")
    shown.driver.wait(text="戻りました")
    wait_until("the browser is back at the service", lambda: shown.service.came)
    came = shown.service.came.pop()
    assert came["state"] == "s1" and len(came["code"]) == 43 and came["iss"] == shown.origin, came
    driver.goto(url=shown.url + "#/consents")
    driver.wait(text="まだ使われていません")
    text = driver.text(at="main")
    assert "給与収入" in text and "合計所得金額" not in text, text
    assert driver.axe() == []


@test
def whoever_does_not_consent_goes_back_as_well(shown):
    driver = shown.inside()
    shown.ask()
    driver.wait(text="住宅ローンの審査")
    driver.click(role="button", name="同意しない")
    shown.driver.wait(text="戻りました")
    wait_until("the browser is back at the service", lambda: shown.service.came)
    came = shown.service.came.pop()
    assert came["error"] == "access_denied" and came["state"] == "s1" and "code" not in came, came


@test
def a_consent_is_taken_back(shown):
    driver = shown.inside()
    driver.goto(url=shown.url + "#/consents")
    driver.wait(text="有効")
    driver.click(role="button", name="見本銀行 への同意を取り消す")
    driver.wait(text="同意を取り消しました")
    driver.wait(text="取消済み")
    assert driver.axe() == []


@test
def notices_are_one_thing_with_its_period(shown):
    driver = shown.inside()
    shown.ask(scope="notices", period="true")
    driver.wait(text="お知らせ情報取得API")
    text = driver.text(at="main")
    assert "90日間、くり返し" in text and "健診のお知らせ" in text and "既読にすることや消すことはできません" in text, text
    assert driver.run(script="document.querySelectorAll('main .tick, main select').length") == 0
    assert driver.axe() == []
    driver.width(width=NARROWEST)
    assert driver.run(script="document.documentElement.scrollWidth") <= NARROWEST
    driver.width(width=1280)
    driver.click(role="button", name="English")
    driver.wait(text="Kinds of notices")
    english_alone(driver)
    driver.click(role="button", name="日本語")
    driver.click(role="button", name="お知らせの提供に同意する")
    shown.driver.wait(text="戻りました")
    wait_until("the browser is back at the service", lambda: shown.service.came)
    assert len(shown.service.came.pop()["code"]) == 43
    driver.goto(url=shown.url + "#/consents")
    driver.wait(text="お知らせの種類")
    assert "納付期限のお知らせ" in driver.text(at="main")
    assert driver.axe() == [], driver.axe()


@test
def everybody_sees_how_the_interfaces_stand(shown):
    driver = shown.outside()
    driver.visit(path="status")
    driver.wait(text="自己情報取得API")
    assert "障害も保守の予定もありません。" in driver.text(at="main") and driver.axe() == []
    shown.at("portal.sock", "POST", "/v1/status/outages", {
        "api": "self-information", "kind": "outage", "text": "情報連携が止まっています", "text_en": "The exchange is down"})
    driver.reload()
    driver.wait(text="情報連携が止まっています")
    assert driver.texts(at="main .chip.bad") == ["障害"] and driver.axe() == []


if __name__ == "__main__":
    main(Asked)
