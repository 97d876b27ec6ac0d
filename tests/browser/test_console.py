#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The console of a real sandbox's platform in Chromium: in by a card, and what is done there is done."""
import csv
import http.server
import io
import json
import os
import subprocess
import sys
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../system"))

from driver import NARROWEST, Driver, missing, quiet  # noqa: E402 pylint: disable=wrong-import-position
from harness import Directory, Skip, ask, main, program, read_text, test, wait_until  # noqa: E402 pylint: disable=wrong-import-position
from test_sandbox import Sandbox, environment  # noqa: E402 pylint: disable=wrong-import-position

PIN, PASSWORD, BANK = "1234\n", "ABC123\n", "sample-bank"
PAGES = ("overview", "verifications", "holders", "consents", "events", "webhooks", "keys", "members", "fees", "settings")
ROWS = "main table tbody tr"


class Receiver(http.server.BaseHTTPRequestHandler):
    """The bank's server for webhooks."""
    calls = []

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        Receiver.calls.append((self.headers["webhook-id"], json.loads(body)["type"]))
        self.send_response(204)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


class Shown:
    """A sandbox with a bank that has verified, heard of a consent and been called; its console in a browser."""

    def __init__(self):
        self.box = self.driver = self.server = None
        self.reason = missing("console")
        if self.reason is not None:
            return
        self.box = Sandbox(is_new=False).start()
        self.box.call("persona", "card", "hanako")
        self.env = environment(self.box)
        self.url = self.env["JPKI_PLATFORM"] + "/console/"
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.files = Directory()
        self.driver = Driver(self.env["JPKI_PLATFORM"])
        self.is_in = False

    def jpki(self, *argv, secret=""):
        return subprocess.run([program("jpki"), *argv, "--pin-fd", "0"], input=secret.encode(), env=self.env,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120, check=False)

    def call(self, method, path, body=None):
        """As the bank's program, by its key."""
        key = read_text(f"{self.box.dir}/providers/{BANK}.key").strip()
        return ask(f"{self.box.dir}/platform/platform.sock", method, path, body,
                   fields={"Authorization": f"Bearer {key}"})

    def use(self):
        """The driver, or a skip with the reason."""
        if self.reason is not None:
            raise Skip(self.reason)
        return self.driver

    def log_in(self, url, locale="ja-JP", scheme="light", landmark=None):
        """By the command that the page shows, with the card of the sandbox; landmark is what comes up."""
        driver = self.use()
        driver.open(locale=locale, scheme=scheme)
        driver.goto(url=url)
        driver.click(role="button", name="ログインを始める" if locale == "ja-JP" else "Begin to log in")
        driver.wait(text="jpki login --code")
        words = driver.text(at="#command").split()
        assert words[:3] == ["jpki", "login", "--code"] and words[3] == driver.text(at="#code"), words
        done = self.jpki(*words[1:], "--yes", secret=PIN)
        assert done.returncode == 0, done
        driver.settle()
        driver.wait(text=landmark or ("見本銀行" if locale == "ja-JP" else "Tenant"))
        self.is_in = True

    def inside(self):
        """Logged in, whichever test was before."""
        if self.use() and not self.is_in:
            self.log_in(json.loads(self.box.call("console", "--json").stdout)["url"])
        return self.driver

    def close(self):
        if self.driver is not None:
            self.driver.close()
        if self.server is not None:
            self.server.shutdown()
            self.server.server_close()
            self.files.close()
        if self.box is not None:
            self.box.close()


@test
def the_command_refuses_what_it_does_not_know(shown):
    shown.use()
    for words, text in ((("--tenant", "nobody"), "no tenant nobody"), (("--tenant", "../providers/sample-bank"), "no tenant"),
                        (("--operator", "--tenant", BANK), "--operator"), (("--operator", "--name", "x"), "--operator")):
        done = shown.box.call("console", *words, expect=2)
        assert text in done.stderr.decode() and done.stdout == b"", done


@test
def who_is_not_logged_in_sees_the_login_alone(shown):
    driver = shown.use()
    driver.open(locale="ja-JP", scheme="light")
    driver.goto(url=shown.url + "#/keys")
    driver.wait(text="ログインを始める")
    assert driver.count(at="nav") == 0 and driver.text(at="main h1") == "カードでログイン"
    assert "試験用・非公式。政府のサイトではありません" in driver.text(at="header")
    assert driver.axe() == []
    complaints = driver.complaints()
    assert complaints["strangers"] == [], complaints
    assert all("403" in text for text in complaints["complaints"]), complaints  # that nobody is logged in


@test
def an_invitation_that_is_none_lets_nobody_in(shown):
    driver = shown.use()
    driver.open(locale="en-GB", scheme="light")
    driver.goto(url=shown.url + "#/login?invitation=" + "x" * 43)
    driver.click(role="button", name="Begin to log in")
    driver.wait(text="You may not do that.")
    assert driver.count(at="#command") == 0


@test
def a_stranger_with_a_card_is_told_that_he_is_no_member(shown):
    driver = shown.use()
    driver.open(locale="en-GB", scheme="light")
    driver.goto(url=shown.url)
    driver.click(role="button", name="Begin to log in")
    driver.wait(text="jpki login --code")
    shown.jpki(*driver.text(at="#command").split()[1:], "--yes", secret=PIN)
    driver.wait(text="You may not do that.")
    assert driver.count(at="nav") == 0


@test
def a_card_and_an_invitation_lead_in(shown):
    shown.use()
    shown.log_in(json.loads(shown.box.call("console", "--json").stdout)["url"])
    shown.driver.wait(text="見本銀行")
    assert shown.driver.text(at="main h1") == "概要"
    session = [cookie for cookie in shown.driver.cookies() if cookie["name"] == "jpki_console"]
    assert session and session[0]["httpOnly"] and session[0]["sameSite"] == "Strict", session


@test
def every_page_is_accessible_in_both_languages_and_colours(shown):
    """axe-core's rules, among them the contrast of all texts, on pages with and without anything in them."""
    driver = shown.inside()
    driver.complaints()
    for language, scheme in (("日本語", "light"), ("English", "dark")):
        driver.click(role="button", name=language)
        driver.scheme(scheme=scheme)
        for page in PAGES:
            driver.visit(path=page)
            assert driver.axe() == [], (page, language, scheme)
            assert driver.count(at="main .note.bad") == 0, (page, driver.text(at="main"))
            assert driver.count(at="h1") == 1, page
    driver.click(role="button", name="日本語")
    driver.scheme(scheme="light")
    quiet(driver)


@test
def english_pages_have_no_japanese_left(shown):
    driver = shown.inside()
    driver.click(role="button", name="English")
    assert driver.run(script="document.documentElement.lang") == "en"
    for page in PAGES[1:]:
        driver.visit(path=page)
        words = driver.text(at="main")
        foreign = [letter for letter in words if "ぁ" <= letter <= "ヶ" or "一" <= letter <= "龥"]
        assert foreign == [] or page == "settings", (page, words)
    driver.click(role="button", name="日本語")
    assert driver.text(at="main h1") == "設定"


@test
def the_choice_of_colours_is_kept(shown):
    driver = shown.inside()
    driver.scheme(scheme="light")
    paper = "getComputedStyle(document.body).backgroundColor"
    light = driver.run(script=paper)
    driver.choose(label="明るさ", value="dark")
    dark = driver.run(script=paper)
    assert dark != light
    driver.goto(url=shown.url)
    driver.settle()
    assert driver.run(script=paper) == dark
    driver.choose(label="明るさ", value="auto")
    assert driver.run(script=paper) == light


@test
def it_fits_the_narrowest_screen(shown):
    driver = shown.inside()
    for language in ("English", "日本語"):
        driver.click(role="button", name=language)
        driver.width(width=NARROWEST)
        for page in PAGES:
            driver.visit(path=page)
            assert driver.run(script="document.documentElement.scrollWidth") <= NARROWEST, (page, language)
        driver.width(width=1280)


@test
def it_works_without_a_mouse(shown):
    """From the top: skip link, languages, colours, way out, menu; every place can be seen."""
    driver = shown.inside()
    driver.goto(url=shown.url + "#/overview")
    driver.reload()
    seen = []
    for _ in range(6 + len(PAGES)):
        driver.press(key="Tab")
        at = driver.focused()
        assert at["visible"], at
        seen.append(at["text"])
    assert seen[:3] == ["本文へ", "日本語", "English"] and "ログアウト" in seen, seen
    names = driver.texts(at="nav a")
    assert seen[-len(names) - 1:-1] == names or seen[-len(names):] == names, (seen, names)
    while driver.focused()["text"] != "鍵":
        driver.press(key="Shift+Tab")
    driver.press(key="Enter")
    wait_until("the page's head has the focus",
               lambda: driver.focused() == {"tag": "H1", "text": "鍵", "visible": True})
    driver.run(script="document.querySelector('.skip').focus()")
    driver.press(key="Enter")
    assert driver.focused()["tag"] == "H1" and driver.run(script="location.hash") == "#/keys"


@test
def a_key_is_made_shown_once_used_and_revoked(shown):
    driver = shown.inside()
    driver.visit(path="keys")
    before = driver.count(at=ROWS)
    driver.fill(label="名前", value="=見本<b>鍵</b>")
    driver.choose(label="役割", value="auditor")
    driver.click(role="button", name="鍵を作る")
    driver.wait(text="この鍵は今だけ表示されます")
    key = driver.text(at=".note.good code")
    assert driver.axe() == []
    path = f"{shown.box.dir}/platform/platform.sock"
    bearer = {"Authorization": f"Bearer {key}"}
    assert ask(path, "GET", "/v1/tenant", fields=bearer)[1]["role"] == "auditor"
    driver.click(role="button", name="移しました")
    driver.settle()
    assert driver.count(at=ROWS) == before + 1
    assert key not in driver.run(script="document.documentElement.outerHTML")
    driver.click(role="button", name="=見本<b>鍵</b> を無効にする")
    assert driver.axe() == [] and driver.focused()["text"] == "やめる"
    driver.press(key="Escape")
    assert driver.count(at="dialog") == 0 and ask(path, "GET", "/v1/tenant", fields=bearer)[0] == 200
    driver.click(role="button", name="=見本<b>鍵</b> を無効にする")
    driver.confirm()
    driver.wait(text="を無効にしました")
    wait_until("the list is without it", lambda: driver.count(at=ROWS) == before)
    assert ask(path, "GET", "/v1/tenant", fields=bearer)[0] == 403
    quiet_but(driver, ())


def quiet_but(driver, words):
    """The same, but for what was to be refused."""
    found = driver.complaints()
    assert found["strangers"] == [], found
    assert [text for text in found["complaints"] if not any(word in text for word in words)] == [], found


@test
def a_refusal_is_told_in_words(shown):
    driver = shown.inside()
    driver.visit(path="holders/" + "x" * 43)
    driver.wait(text="見つかりません。もう無いか")
    assert driver.count(at=".note.bad code") == 1, "the request's number"
    assert driver.axe() == []
    quiet_but(driver, ("404",))


def counted_today(driver):
    """The last row of the first chart's table, by verdict."""
    cells = driver.run(script="[...document.querySelector('main figure tbody tr:last-child').children]"
                       ".map((cell) => cell.textContent)")
    return dict(zip(("valid", "invalid", "indeterminate"), map(int, cells[1:])))


@test
def what_was_verified_is_listed_counted_and_forgotten(shown):
    driver = shown.inside()
    paper = shown.files.file("contract.txt")
    with open(paper, "w", encoding="utf-8") as out:
        out.write("見本の契約")
    done = shown.jpki("sign", "--yes", paper, secret=PASSWORD)
    assert done.returncode == 0, done
    said = subprocess.run([program("jpki"), "verify", paper, "--platform", shown.env["JPKI_PLATFORM"], "--json"],
                          env=shown.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120, check=False)
    made = json.loads(said.stdout)
    driver.visit(path="verifications")
    assert made["id"] in driver.text(at="main table"), (made, driver.text(at="main"))
    driver.choose(label="判定", value="indeterminate" if made["verdict"] != "indeterminate" else "valid")
    driver.wait(text="検証はまだありません")
    driver.choose(label="判定", value="")
    driver.wait(text=made["id"])
    driver.visit(path="overview")
    driver.wait(text=made["id"])
    counted = counted_today(driver)
    assert counted[made["verdict"]] == 1 and sum(counted.values()) == 1, counted
    driver.click(role="link", name=made["id"])
    driver.wait(text="基本4情報は、検証したその応答で一度だけ渡されます")
    assert "見本" not in driver.text(at="main .facts") and driver.axe() == []
    saved = driver.download(role="button", name="署名された報告を保存")
    report = shown.files.file("report.jws")
    with open(report, "w", encoding="utf-8") as out:
        out.write(saved["text"])
    judged = subprocess.run([program("jpki"), "verify", "--report", report, "--platform", shown.env["JPKI_PLATFORM"], "--json"],
                            env=shown.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120, check=False)
    assert judged.returncode == 0 and made["id"] in judged.stdout.decode(), (judged, saved)
    driver.click(role="button", name="この検証を忘れさせる")
    driver.confirm()
    driver.wait(text="検証を消しました")
    assert shown.call("GET", f"/v1/verifications/{made['id']}")[0] == 404


@test
def a_webhook_is_called_and_called_again_on_demand(shown):
    driver = shown.inside()
    driver.visit(path="webhooks")
    driver.fill(label="通知先のURL", value=f"http://127.0.0.1:{shown.server.server_address[1]}/hook")
    driver.click(role="button", name="通知先を加える")
    driver.wait(text="この秘密は今だけ表示されます")
    assert driver.text(at=".note.good code").startswith("whsec_")
    given = shown.jpki("consent", "give", "--platform", shown.env["JPKI_PLATFORM"], "--attributes", "name", BANK,
                       "accounts", "--yes", secret=PASSWORD)
    assert given.returncode == 0, given
    assert shown.call("POST", "/v1/consents", json.loads(given.stdout))[0] == 201
    wait_until("the bank was called", lambda: len(Receiver.calls) == 1)
    event, kind = Receiver.calls[0]
    assert kind == "consent.given"
    driver.visit(path="consents")
    driver.wait(text="accounts")
    assert driver.axe() == []
    driver.visit(path="events")
    driver.wait(text=event)
    assert "同意がありました" in driver.text(at="main table") and driver.axe() == []
    driver.visit(path="webhooks")
    driver.run(script="document.querySelector('main table a').click()")
    driver.wait(text="届きました")
    assert driver.axe() == []
    driver.click(role="button", name=f"{event} をもう一度送る")
    driver.wait(text="1件を送り直します")
    wait_until("it was called again", lambda: len(Receiver.calls) == 2)
    assert Receiver.calls[1] == (event, kind)
    driver.click(role="button", name="この通知先をやめる")
    driver.confirm()
    driver.wait(text="通知先をやめました")
    driver.wait(text="通知先はまだありません")
    quiet_but(driver, ())


@test
def the_statement_is_saved_for_a_spreadsheet(shown):
    driver = shown.inside()
    driver.visit(path="fees")
    driver.wait(text="合計")
    saved = driver.download(role="button", name="CSVで保存")
    assert saved["name"].startswith("openjpki-fees-") and saved["text"].startswith("\ufeff項目,"), saved
    rows = list(csv.reader(io.StringIO(saved["text"][1:])))
    status, month = shown.call("GET", "/v1/fees?month=" + saved["name"][len("openjpki-fees-"):-len(".csv")])
    assert status == 200 and rows[-1] == ["合計", "", "", str(month["yen"])], (rows, month)
    assert [row[1:] for row in rows[1:-1]] == [[str(line["count"]), str(line["yen_each"]), str(line["yen"])]
                                               for line in month["lines"]]
    quiet_but(driver, ())


@test
def somebody_is_invited_and_removed(shown):
    driver = shown.inside()
    driver.visit(path="members")
    driver.fill(label="名前", value="新人")
    driver.click(role="button", name="メンバーを招待する")
    driver.wait(text="このリンクは今だけ表示されます")
    assert driver.text(at=".note.good code").startswith(shown.url + "#/login?invitation=")
    assert driver.axe() == []
    names = [row["name"] for row in shown.call("GET", "/v1/tenant/members")[1]["members"]]
    assert "新人" in names, names
    driver.click(role="button", name="新人 を外す")
    driver.confirm()
    driver.wait(text="「新人」を外しました")
    assert "新人" not in [row["name"] for row in shown.call("GET", "/v1/tenant/members")[1]["members"]]
    quiet_but(driver, ())


@test
def a_script_that_got_in_would_not_run(shown):
    driver = shown.inside()
    driver.complaints()
    for attempt in ("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=1>')", "document.createElement('script').text = 'window.ran = 1'",
                    "document.createElement('script').src = '//evil.example/x.js'"):
        tried = f"(() => {{ try {{ {attempt}; return 'done'; }} catch (error) {{ return error.name; }} }})()"
        assert driver.run(script=tried) == "TypeError", attempt
    driver.run(script="document.body.setAttribute('style', 'color: red')")
    wait_until("the browser has said so", lambda: violations(driver))
    assert driver.run(script="getComputedStyle(document.body).color") != "rgb(255, 0, 0)"
    assert driver.run(script="window.ran ?? null") is None


def violations(driver):
    found = driver.complaints()
    return [text for text in found["complaints"] if "Content Security Policy" in text or "TrustedScript" in text]


@test
def the_first_page_is_kept_as_pictures(shown):
    driver = shown.inside()
    driver.goto(url=shown.url + "#/overview")
    driver.settle()
    for scheme in ("light", "dark"):
        driver.scheme(scheme=scheme)
        for width in (NARROWEST, 1280):
            driver.width(width=width)
            driver.picture(f"overview-{scheme}-{width}")
    driver.scheme(scheme="light")


@test
def whoever_logs_out_is_out(shown):
    driver = shown.inside()
    driver.click(role="button", name="ログアウト")
    driver.wait(text="カードでログイン")
    shown.is_in = False
    assert driver.count(at="nav") == 0
    driver.goto(url=shown.url + "#/keys")
    driver.wait(text="ログインを始める")
    shown.log_in(shown.url, locale="en-GB", scheme="dark")  # a member needs no invitation
    assert driver.text(at="main h1") == "Overview"
    assert driver.run(script="document.documentElement.lang") == "en"


@test
def the_operator_sees_all_bills_and_checks_the_log(shown):
    """The same card, by another invitation; what the browser computes is what jpkictl does."""
    driver = shown.use()
    told = shown.box.call("console", "--operator", "--json")
    shown.log_in(json.loads(told.stdout)["url"], landmark="請求の内訳")
    assert driver.texts(at="nav a") == ["事業者", "請求の内訳", "監査記録", "設定"]
    driver.wait(text=BANK)
    for page in ("tenants", f"tenants/{BANK}", "statements", "audit"):
        driver.visit(path=page)
        assert driver.axe() == [] and driver.count(at=".note.bad") == 0, page
    driver.visit(path=f"tenants/{BANK}")
    driver.fill(label="月の上限", value="1234")
    driver.click(role="button", name="保存する")
    driver.wait(text="保存しました")
    assert shown.call("GET", "/v1/tenant")[1]["quota"] == 1234
    driver.click(role="button", name="手続きを記録する")
    driver.wait(text="申請済み")
    driver.visit(path="audit")
    driver.click(role="button", name="記録を検査する")
    driver.wait(text="すべて揃っています")
    root = driver.text(at=".note.good code")
    size = int("".join(letter for letter in driver.text(at=".note.good p") if letter.isdigit()))
    told = ask(f"{shown.box.dir}/platform/platform.sock", "GET", f"/v1/audit/tree?size={size}")[1]
    assert told == {"size": size, "root": root}, (told, root)
    quiet_but(driver, ("403",))  # before the login
    driver.visit(path="keys")
    assert driver.text(at="main h1") == "このページはありません"


if __name__ == "__main__":
    sys.exit(main(Shown))
