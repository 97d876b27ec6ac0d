#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The register's counter in Chromium, with jpki agent and the clerks' cards of a real sandbox: a resident is found
and moves, a child is registered, a PIN is set anew with four eyes, a card is issued and handed over; somebody becomes a
clerk, answers the loss line, and is blocked."""
import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.parse
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../system"))

from driver import NARROWEST, Driver, by_keyboard, every_page, missing, quiet  # noqa: E402 pylint: disable=wrong-import-position
from harness import Skip, main, program, read_text, run, take_own_network, test, wait_until, write_text  # noqa: E402 pylint: disable=wrong-import-position
from rsa_keys import write_key  # noqa: E402 pylint: disable=wrong-import-position
from test_jpki_agent import WINDOW  # noqa: E402 pylint: disable=wrong-import-position
from test_sandbox import Sandbox  # noqa: E402 pylint: disable=wrong-import-position

AGENT = 25754  # the port that pages know
COUNTER = "000000001"  # of an office for all municipalities, as both clerks of a sandbox sit at
PIN, PASSWORD = "1234", "CLERK123"
PERSONA_PASSWORD = "ABC123"
BIRTH = "1990-04-15"  # Hanako's
BUTTON = "カードで署名して記録する"
ACTS = {"move": "転居", "move-in": "転入", "abroad": "国外への転出", "death": "死亡", "pin-reset": "暗証番号の再設定"}


def test_number(start):
    """An individual number that nobody can have: its check digit is the right one plus five."""
    digits = [int(digit) for digit in start]
    rest = sum(digit * (n + 1 if n <= 6 else n - 5) for n, digit in enumerate(reversed(digits), 1)) % 11
    return start + str(((0 if rest <= 1 else 11 - rest) + 5) % 10)


class Desk:
    """A sandbox where Hanako has a card, its counter in a browser, and one clerk's card at a time at this computer."""

    def __init__(self):
        self.box = self.driver = self.agent = self.clerk = self.birthday = None
        self.reason = missing("counter")
        if self.reason is not None:
            return
        take_own_network()
        self.box = Sandbox(is_new=False).start()
        self.box.call("persona", "card", "hanako")
        self.url = self.box.state["urls"]["counter"]
        self.window = os.path.join(self.box.dir, "window")
        write_text(self.window, WINDOW, 0o700)
        self.driver = Driver(self.url)

    def born(self):
        """When the child was born: five days before it was first asked, whether or not that is still so."""
        if self.birthday is None:
            self.birthday = self.driver.run(script="new Date(Date.now() - 5 * 86400000).toISOString().slice(0, 10)")
        return self.birthday

    def direct(self, which):
        """The way to a clerk's card; uruu's is in the sandbox's own reader."""
        return "direct:" + os.path.join(self.box.dir, "card/direct.sock" if which == "uruu" else f"clerks/{which}/direct")

    def card(self, which, *answers, options=("--clerk",)):
        """That clerk's card is on the reader, and windows will be answered so. Also forgets how often pages have asked."""
        self.take_away()
        wait_until("the agent's port is free", self.is_free)
        write_text(self.window + ".answers", "".join(answer + "\n" for answer in answers))
        write_text(self.window + ".shown", "")
        env = {"PATH": os.environ["PATH"], "LC_ALL": "C", "JPKI_READER": self.direct(which)}
        env |= {key: value for key, value in os.environ.items() if key.endswith("SAN_OPTIONS")}
        env["ASAN_OPTIONS"] = env.get("ASAN_OPTIONS", "") + ":detect_leaks=0"  # it hardened itself
        with open(os.path.join(self.box.dir, "agent.log"), "ab") as log:
            self.agent = subprocess.Popen([program("jpki"), "agent", "--pinentry", self.window, "--json", *options],
                                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, env=env)
        assert json.loads(self.agent.stdout.readline()) == {"port": AGENT}

    @staticmethod
    def is_free():
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", AGENT)) != 0

    def take_away(self):
        if self.agent is not None:
            self.agent.send_signal(signal.SIGTERM)
            assert self.agent.wait(60) == 0
            self.agent.stdout.close()
            self.agent = None

    def told(self):
        """What the windows have shown."""
        return urllib.parse.unquote(read_text(self.window + ".shown"))

    def windows(self):
        return read_text(self.window + ".shown").count("GETPIN")

    def use(self):
        if self.reason is not None:
            raise Skip(self.reason)
        return self.driver

    def outside(self, **words):
        driver = self.use()
        driver.open(**{"locale": "ja-JP", "scheme": "light"} | words)
        self.clerk = None
        driver.goto(url=self.url + "/#/find")
        driver.settle()
        return driver

    def press_login(self):
        self.driver.fill(label="窓口の番号", value=COUNTER)
        self.driver.click(role="button", name="カードでログイン")

    def inside(self, which="first"):
        """That clerk is logged in, whichever test was before."""
        driver = self.use()
        if self.clerk != which:
            driver = self.outside()
            self.card(which, PIN)
            self.press_login()
            driver.wait(text="ログアウト")
            self.clerk = which
            driver.complaints()
        return driver

    def find_hanako(self):
        self.driver.visit(path="find")
        self.driver.fill(label="生年月日", value=BIRTH)
        self.driver.click(role="button", name="さがす")
        self.driver.wait(text="見つかった住民")
        self.driver.run(script="document.querySelector('main table a').click()")
        self.driver.wait(text="個人番号は、この画面には表示されません。")

    def sign(self, form, which="first", times=1):
        """Press a form's button so often at once, with the card there."""
        self.card(which, *[PERSONA_PASSWORD if which == "uruu" else PASSWORD] * times)
        self.driver.run(script=f"""(() => {{ const form = document.querySelector('form[aria-label="{form}"]');
          for (let i = 0; i < {times}; i++) form.querySelector('button[type=submit], button:not([type])').click(); }})()""")

    def notify(self, act, which="first", times=1, **fields):
        """One of the things that may be notified on this page, by its name in the register and in the form."""
        self.driver.choose(label="届出の種類", value=act)
        for label, value in fields.items():
            self.driver.fill(label=label, value=value)
        self.sign(ACTS[act], which, times)

    def tick(self, text):
        self.driver.run(script=f"[...document.querySelectorAll('.tick')].find((one) => one.textContent.startsWith('{text}')).click()")

    def clerk_files(self, path, body):
        """As the first clerk's program would, on the register's socket."""
        env = {"PATH": os.environ["PATH"], "LC_ALL": "C", "JPKI_READER": self.direct("first")}
        session = os.path.join(self.box.dir, "clerk-session.json")
        jpki = [program("jpki"), "clerk"]

        def call(secret, *words):
            done = subprocess.run([*jpki, *words, "--session", session, "--json", "--pin-fd", "0"], env=env, check=False,
                                  input=secret.encode() + b"\n", capture_output=True, timeout=120)
            assert done.returncode == 0, done
            return json.loads(done.stdout)

        call(PIN, "login", "--socket", os.path.join(self.box.dir, "register/counter.sock"), "--counter", COUNTER)
        file = os.path.join(self.box.dir, "order.json")
        write_text(file, json.dumps(body))
        return call(PASSWORD, "file", path, file)["answer"]

    def fetch(self, method, path, body=None, csrf=True):
        """A request of a script in the page: the status and the text of the answer."""
        token = "(await (await fetch('/v1/sessions/own')).json()).csrf" if csrf else "''"
        fields = "{'Content-Type': 'application/json', 'X-CSRF-Token': token}" if body is not None else "{'X-CSRF-Token': token}"
        told = "undefined" if body is None else f"JSON.stringify({json.dumps(body)})"
        return self.driver.run(script=f"""(async () => {{ const token = {token};
          const answer = await fetch('{path}', {{method: '{method}', headers: {fields}, body: {told}}});
          return [answer.status, await answer.text()]; }})()""")

    def close(self):
        self.take_away()
        if self.driver is not None:
            self.driver.close()
        if self.box is not None:
            self.box.close()


def only_refusals(driver, *statuses):
    """Nothing was forbidden but answers of these kinds; the agent alone was asked beside the register."""
    found = driver.complaints()
    assert all(url.startswith(f"http://127.0.0.1:{AGENT}/") for url in found["strangers"]), found
    assert all(any(status in text for status in statuses) for text in found["complaints"]), found


@test
def without_an_agent_nobody_gets_in(desk):
    driver = desk.outside()
    with urllib.request.urlopen(desk.url + "/", timeout=60) as answer:
        policy, text = answer.headers["Content-Security-Policy"], answer.read().decode()
    assert "unsafe-inline" not in policy and f"connect-src 'self' http://127.0.0.1:{AGENT};" in policy, policy
    assert "<script>" not in text and " style=" not in text
    assert "試験用・非公式。政府のサイトではありません" in driver.text(at="header")
    wait_until("the agent's port is free", desk.is_free)
    assert driver.axe() == []
    desk.press_login()
    driver.wait(text="jpki agent --clerk を起動してください。")
    desk.card("first", PIN, options=())  # one that does nothing for clerks
    desk.press_login()
    wait_until("it answers nothing to the page", lambda: driver.count(at="main button:disabled") == 0)
    assert "jpki agent --clerk を起動してください。" in driver.text(at="main") and desk.windows() == 0
    assert driver.axe() == [] and driver.texts(at="nav a") == []
    only_refusals(driver, "403", "404", "ERR_CONNECTION_REFUSED", "ERR_FAILED", "CORS")


@test
def a_wrong_pin_and_a_closed_window_are_told_apart(desk):
    driver = desk.outside()
    desk.card("first", "9999", "cancel")
    desk.press_login()
    driver.wait(text="カードが答えませんでした。")
    desk.press_login()
    driver.wait(text="カードの画面を閉じたため")
    driver.fill(label="窓口の番号", value="999990001")
    driver.click(role="button", name="カードでログイン")
    driver.wait(text="その市区町村コードはありません。")
    assert driver.cookies() == []
    only_refusals(driver, "403", "400")


@test
def a_clerk_logs_in_with_the_card_and_stays_over_a_reload(desk):
    driver = desk.inside()
    told = desk.told()
    assert f"the register at {desk.url}, counter {COUNTER}" in told, told
    assert "窓口　一葉" in driver.text(at="header")
    session = [cookie for cookie in driver.cookies() if cookie["name"] == "jpki_counter"]
    assert session and session[0]["httpOnly"] and session[0]["sameSite"] == "Strict", session
    driver.reload()
    driver.wait(text="ログアウト")
    assert driver.texts(at="nav a") == ["住民をさがす", "住民の登録", "承認待ちの申請", "職員"]
    quiet(driver)


@test
def a_change_needs_the_token_of_the_session(desk):
    desk.inside()
    body = {"mynumber": "123456789018", "purpose": "tax", "is_identified": True}
    assert desk.fetch("POST", "/v1/residents/by-number", body, csrf=False)[0] == 403
    assert desk.fetch("DELETE", "/v1/sessions/own", csrf=False)[0] == 403
    assert desk.fetch("POST", "/v1/filings", {"request": "e30=", "signature": "AA=="}, csrf=False)[0] == 403
    # what only programs and operators ask is not at this door
    for path in ("/v1/audit", "/metrics"):
        assert desk.fetch("GET", path)[0] == 404, path
    only_refusals(desk.driver, "403", "404")


@test
def a_resident_is_found_and_moves_once(desk):
    driver = desk.inside()
    desk.find_hanako()
    assert "番号　花子" in driver.text(at="main") and driver.axe() == []
    driver.fill(label="新しい住所", value="東京都千代田区見本町四丁目５番６号")
    desk.notify("move", times=3)
    driver.wait(text="記録しました。")
    told = desk.told()
    assert desk.windows() == 1, told
    assert "見本町四丁目５番６号" in told and "/moves" in told and f"for the register at {desk.url}" in told, told
    assert "東京都千代田区見本町四丁目５番６号" in driver.text(at=".facts")
    driver.run(script="document.querySelector('.note.good a').click()")
    driver.wait(text="署名された内容")
    shown = driver.text(at="#signed ~ pre")
    assert json.loads(shown)["body"]["address"] == "東京都千代田区見本町四丁目５番６号"
    assert driver.axe() == [] and "完了" in driver.text(at=".facts")
    driver.reload()
    driver.wait(text="署名された内容")
    assert desk.windows() == 1, "nothing is done again by a reload"
    desk.take_away()
    only_refusals(driver)


@test
def a_child_is_registered_once_and_gets_a_number_that_nobody_sees(desk):
    driver = desk.inside()
    driver.visit(path="arrive")
    born = desk.born()
    for label, value in {"名前": "見本　\U0002adb7", "フリガナ": "ミホン　ミライ", "生年月日": "2020-01-01", "市区町村コード": "13101",
                         "住所": "東京都千代田区見本町一丁目"}.items():
        driver.fill(label=label, value=value)
    desk.sign("住民の登録")
    driver.wait(text="「名前」の4文字目は、証明書で使えない文字です。")
    driver.fill(label="名前", value="見本　みらい")
    driver.fill(label="生年月日", value="2999-01-01")
    desk.sign("住民の登録")
    wait_until("nobody is born in the future", lambda: desk.windows() == 1 and driver.count(at="main button:disabled") == 0)
    assert "記録しました。" not in driver.text(at="main")
    driver.fill(label="生年月日", value=born)
    desk.sign("住民の登録", times=2)
    driver.wait(text="記録しました。")
    assert desk.windows() == 1 and "birth" in desk.told()
    driver.run(script="document.querySelector('main a.button').click()")
    driver.wait(text="カードはありません。")
    facts = driver.text(at=".facts")
    year, month, day = map(int, born.split("-"))
    assert "見本　みらい" in facts and f"{year}年{month}月{day}日" in facts and "居住中" in facts, facts
    assert not re.search(r"(?<![0-9a-f])[0-9]{12}(?![0-9a-f])", driver.text(at="main"))
    driver.visit(path="arrive")  # once more, perhaps by another clerk
    for label, value in {"名前": "見本　未来", "フリガナ": "ミホン　ミライ", "生年月日": born, "市区町村コード": "13101",
                         "住所": "東京都千代田区見本町一丁目"}.items():
        driver.fill(label=label, value=value)
    desk.sign("住民の登録")
    driver.wait(text="同じ名前・同じ生年月日の住民がすでに登録されています。")
    desk.tick("同じ名前・同じ生年月日の住民がいれば")
    desk.sign("住民の登録")
    driver.wait(text="記録しました。")
    assert driver.axe() == []
    only_refusals(driver, "400", "409")


@test
def who_moves_abroad_comes_back_by_moving_in(desk):
    driver = desk.inside()
    driver.visit(path="find")
    driver.fill(label="名前のはじめ", value="見本　未来")
    driver.fill(label="生年月日", value=desk.born())
    driver.click(role="button", name="さがす")
    driver.wait(text="見つかった住民")
    driver.run(script="document.querySelector('main table a').click()")
    driver.wait(text="カードはありません。")
    desk.notify("abroad")
    driver.wait(text="記録しました。")
    wait_until("the page says it", lambda: "国外" in driver.text(at=".facts"))
    today = driver.run(script="new Date(Date.now() + 9 * 3600000).toISOString().slice(0, 10)")
    desk.notify("move-in", **{"転入の日": today, "転入先の住所": "東京都中央区見本町二丁目", "転入先の市区町村コード": "13102"})
    driver.wait(text="記録しました。")
    wait_until("they live here again", lambda: "居住中" in driver.text(at=".facts"))
    only_refusals(driver)


@test
def a_number_is_looked_up_for_a_purpose_only(desk):
    driver = desk.inside()
    driver.visit(path="find")
    driver.fill(label="個人番号(12桁)", value="123456789018")
    driver.choose(label="目的", value="tax")
    driver.click(role="button", name="番号でさがす")
    driver.wait(text="この操作は許可されていません。")  # nobody was identified
    driver.run(script="[...document.querySelectorAll('.tick')].find((one) => one.textContent === '本人確認をした').click()")
    driver.click(role="button", name="番号でさがす")
    driver.wait(text="番号　花子")
    assert "123456789018" not in driver.run(script="document.body.innerHTML"), "it is in no page any more"
    only_refusals(driver, "403")


@test
def a_pin_is_set_anew_by_two_people(desk):
    driver = desk.inside()
    desk.find_hanako()
    driver.run(script="document.querySelector('#cards ~ .frame a').click()")
    driver.wait(text="カードの経過")
    assert driver.axe() == []
    desk.notify("pin-reset")
    driver.wait(text="もう一人の職員の承認を待っています。")
    driver.run(script="document.querySelector('.note.wait a').click()")
    driver.wait(text="自分の申請")
    waiting = driver.run(script="location.hash.split('/').pop()")
    second = desk.inside("second")
    second.visit(path="find")
    second.wait(text="あなたの役割では、このページの仕事はできません。")
    status, text = desk.fetch("POST", "/v1/residents/by-number",
                              {"mynumber": "123456789018", "purpose": "tax", "is_identified": True})
    assert status == 403 and "clerk-role" in text, text
    second.visit(path="filings")
    second.wait(text="カードの届出")
    assert second.axe() == []
    second.visit(path="find")
    second.run(script="""window.alarms = [];
      new MutationObserver(() => window.alarms.push(...[...document.querySelectorAll("main .note.bad")].map((one) => one.textContent)))
        .observe(document.body, {childList: true, subtree: true});""")
    second.visit(path=f"filings/{waiting}")
    second.wait(text="承認して実行する")
    assert second.run(script="window.alarms") == [], "what was signed is what is shown"
    assert second.axe() == []
    desk.sign("承認して実行する", "second")
    second.wait(text="記録しました。")
    wait_until("it is done", lambda: "完了" in second.text(at=".facts"))
    assert json.loads(desk.fetch("GET", f"/v1/filings/{waiting}")[1])["state"] == "done"
    only_refusals(second, "403")


@test
def a_card_is_issued_by_two_people_and_handed_over(desk):
    driver = desk.inside()
    person = {"name": "見本　次郎", "address": "東京都千代田区見本町七丁目", "birth_date": "1985-05-05", "sex": "male",
              "municipality": "13101", "kana": "ミホン　ジロウ", "mynumber": test_number("31415926535")}
    resident = desk.clerk_files("/v1/residents", person)["id"]
    driver.visit(path=f"residents/{resident}")
    driver.wait(text="カードはありません。")
    driver.fill(label="空のカードの製造番号", value="CT-1")
    desk.sign("新しいカードの申請")
    driver.wait(text="記録しました。")
    driver.visit(path="cards/CT-1")
    driver.wait(text="在庫")
    assert "カードを交付する" not in driver.text(at="main"), "it is not made yet"
    for kind, label in (("auth", "利用者証明用の要求"), ("sign", "署名用の要求")):
        key, csr = os.path.join(desk.box.dir, f"ct-{kind}.key"), os.path.join(desk.box.dir, f"ct-{kind}.csr")
        write_key(key)
        write_text(csr, run("openssl", "req", "-new", "-key", key, "-subj", "/CN=card", "-sha256").stdout.decode())
        driver.upload(label=label, path=csr)
    desk.sign("証明書の発行を求める")
    driver.wait(text="もう一人の職員の承認を待っています。")
    driver.run(script="document.querySelector('.note.wait a').click()")
    driver.wait(text="署名された内容")
    waiting = driver.run(script="location.hash.split('/').pop()")
    second = desk.inside("second")
    second.visit(path=f"filings/{waiting}")
    second.wait(text="承認して実行する")
    desk.sign("承認して実行する", "second")
    second.wait(text="証明書を保存")
    saved = json.loads(second.download(role="button", name="証明書を保存")["text"])
    assert set(saved) == {"auth", "auth_ca", "sign", "sign_ca"}, saved
    driver = desk.inside()
    driver.visit(path="cards/CT-1")
    driver.wait(text="カードを交付する")
    desk.sign("カードを交付する")
    driver.wait(text="記録しました。")
    wait_until("the card is active", lambda: "有効" in driver.text(at=".facts"))
    driver.visit(path=f"residents/{resident}")
    driver.wait(text="CT-1")
    only_refusals(driver)


@test
def who_applies_with_a_card_becomes_a_clerk_answers_the_loss_line_and_is_blocked(desk):
    driver = desk.outside()
    desk.box.call("persona", "card", "uruu")
    driver.run(script="document.querySelector('main a[href=\"#/apply\"]').click()")
    driver.wait(text="自分のカードで署名します。")
    assert driver.axe() == []
    driver.fill(label="あなたの名前", value="窓口　うるう")
    driver.fill(label="市区町村コード", value="00000")
    desk.card("uruu", PERSONA_PASSWORD)
    driver.click(role="button", name="カードで署名する")
    driver.wait(text="署名しました。")
    assert f"clerk of the register at {desk.url}" in desk.told() and "窓口　うるう" in desk.told(), desk.told()
    saved = os.path.join(desk.box.dir, "application.json")
    write_text(saved, driver.download(role="button", name="申請を保存")["text"])
    driver.visit(path="find")
    desk.card("uruu", PIN)
    desk.press_login()
    driver.wait(text="このカードは、この登録システムの職員のものではありません。")
    only_refusals(driver, "403")

    admin = desk.inside()
    admin.visit(path="clerks")
    admin.wait(text="職員を加える")
    write_text(saved + ".wrong", "{}")
    admin.upload(label="申請のファイル", path=saved + ".wrong")
    admin.wait(text="これは申請のファイルではありません。")
    admin.upload(label="申請のファイル", path=saved)
    admin.wait(text="窓口　うるう")
    desk.tick("紛失受付")
    desk.sign("職員を加える")
    admin.wait(text="記録しました。")
    wait_until("the clerk is in the list", lambda: "紛失受付" in admin.text(at="main table"))
    only_refusals(admin)

    line = desk.inside("uruu")
    assert line.texts(at="nav a") == ["紛失の電話", "承認待ちの申請"]
    assert desk.fetch("GET", f"/v1/residents?birth_date={BIRTH}")[0] == 403
    assert desk.fetch("GET", "/v1/clerks")[0] == 403
    line.visit(path="loss")
    for width in (1280, NARROWEST):
        line.width(width=width)
        assert line.run(script="document.documentElement.scrollWidth") <= width and line.axe() == []
    for label, value in {"名前(すべて)": "番号花子", "生年月日": BIRTH, "住所の一部": "中央区"}.items():
        line.fill(label=label, value=value)
    line.click(role="button", name="さがす")
    line.wait(text="言われたとおりの人は登録されていません。")
    line.fill(label="住所の一部", value="千代田区見本町")
    line.click(role="button", name="さがす")
    line.wait(text="東京都千代田区")
    assert "一丁目" not in line.text(at="#caller ~ dl") and line.axe() == []
    desk.sign("紛失・一時停止", "uruu")
    line.wait(text="記録しました。")
    assert "一時停止" in line.text(at="main .chip")
    line.width(width=1280)
    only_refusals(line, "403", "404")

    admin = desk.inside()
    admin.visit(path="clerks")
    admin.wait(text="窓口　うるう")
    admin.run(script="[...document.querySelectorAll('main table a')].find((one) => one.textContent === '窓口　うるう').click()")
    admin.wait(text="職員の経過")
    desk.sign("職員を停止する")
    admin.wait(text="記録しました。")
    wait_until("it is seen", lambda: "停止" in admin.text(at=".facts .chip"))
    own = json.loads(desk.fetch("GET", "/v1/sessions/own")[1])["clerk"]
    admin.visit(path=f"clerks/{own}")
    admin.wait(text="ほかの管理者が決めます。")
    assert admin.count(at="main form") == 0
    blocked = desk.outside()
    desk.card("uruu", PIN)
    desk.press_login()
    blocked.wait(text="この職員は停止されています。")
    only_refusals(blocked, "403")


@test
def what_the_register_refuses_is_said(desk):
    driver = desk.inside()
    desk.find_hanako()
    driver.fill(label="空のカードの製造番号", value="CT-1")
    desk.sign("新しいカードの申請")
    driver.wait(text="その製造番号のカードは、ほかの住民のものです。")
    driver.visit(path="cards/NOSUCH")
    driver.wait(text="見つかりません。")
    driver.visit(path="nothing")
    assert driver.text(at="main h1") == "このページはありません"
    only_refusals(driver, "409", "404")


@test
def every_page_is_accessible_narrow_and_in_both_languages(desk):
    driver = desk.inside()
    desk.find_hanako()
    resident = driver.run(script="location.hash.slice(2)")
    clerk = json.loads(desk.fetch("GET", "/v1/clerks")[1])["clerks"][-1]["id"]
    pages = ("find", "arrive", "filings", "clerks", f"clerks/{clerk}", resident, "cards/CT-1")
    every_page(driver, pages)
    by_keyboard(driver, desk.url + "/#/find", 14, {"住民をさがす", "承認待ちの申請", "ログアウト"})
    only_refusals(driver)


@test
def a_session_that_is_over_takes_nothing_that_was_typed(desk):
    driver = desk.inside()
    driver.visit(path="arrive")
    name = "見本　𠮷子"
    for label, value in {"名前": name, "フリガナ": "ミホン　ヨシコ", "生年月日": "2026-01-01", "市区町村コード": "13101",
                         "住所": "東京都千代田区見本町一丁目"}.items():
        driver.fill(label=label, value=value)
    assert desk.fetch("DELETE", "/v1/sessions/own")[0] == 204
    desk.sign("住民の登録")
    driver.wait(text="もう一度ログインすると、入力した内容から続けられます。")
    assert desk.windows() == 0, "no card signs in a session that is over"
    assert driver.focused()["text"].startswith("時間が過ぎたため") and driver.axe() == []
    assert "フリガナ" not in driver.text(at="main")
    desk.card("first", PIN)
    desk.press_login()
    driver.wait(text="ログアウト")
    assert driver.focused() | {"visible": True} == {"tag": "H1", "text": "住民の登録", "visible": True}
    typed = "document.querySelector('form[aria-label=\"住民の登録\"] input').value"
    assert driver.run(script=typed) == name and driver.count(at="main .note.bad") == 0, driver.text(at="main")
    # somebody else finds nothing of it
    assert desk.fetch("DELETE", "/v1/sessions/own")[0] == 204
    desk.sign("住民の登録")
    driver.wait(text="もう一度ログインすると、入力した内容から続けられます。")
    desk.card("second", PIN)
    desk.press_login()
    driver.wait(text="ログアウト")
    assert driver.run(script=f"document.querySelector('form[aria-label=\"住民の登録\"]') === null || {typed} === ''")
    desk.clerk = "second"
    driver.complaints()


@test
def a_session_that_is_over_leads_to_the_login(desk):
    driver = desk.inside()
    desk.find_hanako()
    assert desk.fetch("DELETE", "/v1/sessions/own")[0] == 204
    desk.notify("death")
    driver.wait(text="時間が過ぎたため、ログインが終わりました。")
    desk.clerk = None
    desk.inside()
    desk.find_hanako()
    assert "居住中" in driver.text(at=".facts") and "1990年4月15日" in driver.text(at=".facts")
    driver.click(role="button", name="ログアウト")
    driver.wait(text="カードでログイン")
    desk.clerk = None
    assert [cookie for cookie in driver.cookies() if cookie["name"] == "jpki_counter"] == []


if __name__ == "__main__":
    sys.exit(main(Desk))
