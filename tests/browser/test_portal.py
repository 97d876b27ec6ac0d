#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The portal's pages of a real sandbox in Chromium: read by anybody, and by whoever logs in with a card."""
import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.parse
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../system"))

from driver import JAPANESE, NARROWEST, Driver, missing, quiet  # noqa: E402 pylint: disable=wrong-import-position
from harness import Skip, main, program, run, test, wait_until  # noqa: E402 pylint: disable=wrong-import-position
from test_sandbox import Sandbox, environment  # noqa: E402 pylint: disable=wrong-import-position

PIN = "1234\n"
PLACE = "13101"
TABLET = 768
ANYONE = ("start", "procedures", "status")
CITIZEN = ("applications", "notices", "information", "history", "eligibility", "consents", "linkage", "mandates", "sessions")
REFUSALS = ("other-browser", "cancelled", "refused", "unavailable", "conflict")
ROWS = "main table tbody tr"
LOGIN = re.compile(r"http://127\.0\.0\.1:\d+/v1/logins/[A-Za-z0-9_-]+")


class Shown:
    """A sandbox where a municipality offers procedures and a persona has a card; its portal in a browser."""

    def __init__(self):
        self.box = self.driver = None
        self.reason = missing("portal")
        if self.reason is not None:
            return
        self.box = Sandbox(is_new=False).start()
        self.box.call("persona", "card", "hanako")
        self.env = environment(self.box)
        self.origin = self.box.state["urls"]["portal"]
        self.url = self.origin + "/"
        self.driver = Driver(self.origin)
        self.is_in = False

    def use(self):
        """The driver, or a skip with the reason."""
        if self.reason is not None:
            raise Skip(self.reason)
        return self.driver

    def outside(self, **words):
        driver = self.use()
        driver.open(**{"locale": "ja-JP", "scheme": "light"} | words)
        self.is_in = False
        driver.goto(url=self.url)
        driver.settle()
        return driver

    def show_card(self):
        """What the page of the authentication app asks for, with the card of the sandbox."""
        driver = self.driver
        driver.wait(text="/v1/logins/")
        assert driver.foreigners() == []
        text = driver.text(at="body")
        code = re.search(r"(?m)^\s*(\d{2,8})\s*$", text)
        assert code is not None, text
        done = subprocess.run([program("jpki"), "login", "--code", code[1], LOGIN.search(text)[0], "--yes", "--pin-fd", "0"],
                              input=PIN.encode(), env=self.env, capture_output=True, timeout=120, check=False)
        assert done.returncode == 0, done

    def log_in(self, name="カードでログイン"):
        self.driver.click(role="link", name=name)
        self.show_card()
        self.driver.arrive(at=self.url + "#")
        self.driver.wait(text="ログアウト")
        self.is_in = True

    def inside(self):
        """Logged in, whichever test was before."""
        if self.use() and not self.is_in:
            self.outside()
            self.log_in()
            self.driver.complaints()
        return self.driver

    def close(self):
        if self.driver is not None:
            self.driver.close()
        if self.box is not None:
            self.box.close()


def fits(driver):
    """Nothing is wider than the window, and no table has to be pushed to be read."""
    return driver.run(script="""[document.documentElement, ...document.querySelectorAll(".frame:has(.rows)")]
      .every((one) => one.scrollWidth <= one.clientWidth)""")


def only_that_nobody_is_in(driver):
    """And nothing is in the console: that nobody is logged in is no failure."""
    found = driver.complaints()
    assert found["strangers"] == [] and found["complaints"] == [], found


def english_alone(driver):
    """What is said in the language of the page; texts of a municipality are marked as Japanese."""
    words = driver.run(script="""(() => {
      const copy = document.querySelector("main").cloneNode(true);
      for (const foreign of copy.querySelectorAll("[lang=ja]")) foreign.remove();
      return copy.textContent;
    })()""")
    assert not JAPANESE.search(words), words


def form_in_english(driver):
    """What a standard procedure asks: its labels, choices and helps, however they are marked."""
    words = driver.run(script="""[...document.querySelectorAll("#asked, #questions, #files, #from-card")]
      .map((part) => part.textContent).join(" ")""")
    assert words != "" and not JAPANESE.search(words), words


@test
def the_printed_address_leads_to_the_start_page(shown):
    driver = shown.outside()
    assert driver.text(at="main h1") == "はじめに"
    assert "試験用・非公式。政府のサイトではありません" in driver.text(at="header")
    with urllib.request.urlopen(shown.url, timeout=60) as answer:
        policy, text = answer.headers["Content-Security-Policy"], answer.read().decode()
    assert "unsafe-inline" not in policy and "<script>" not in text and " style=" not in text, (policy, text)
    only_that_nobody_is_in(driver)


@test
def what_is_somebody_s_own_asks_for_a_login(shown):
    driver = shown.outside()
    for page in CITIZEN:
        driver.visit(path=page)
        driver.wait(text="このページは、ログインした本人だけに表示されます。")
        assert driver.axe() == [], page
        assert driver.run(script="document.querySelector('main a.button').getAttribute('href')") == f"/login?page={page}&ui_locales=ja"
    driver.visit(path="nothing")
    assert driver.text(at="main h1") == "このページはありません"
    only_that_nobody_is_in(driver)


@test
def whoever_a_site_sends_is_spoken_to_in_its_language(shown):
    """Until somebody chooses one: the login that follows is in it as well."""
    driver = shown.outside()
    login = "document.querySelector('main a.button').getAttribute('href')"
    for asked, spoken in (("?ui_locales=en", "en"), ("", "en"), ("?ui_locales=fr", "en"), ("?ui_locales=ja", "ja")):
        driver.visit(path="linkage/tax" + asked)
        driver.reload()
        driver.settle()
        assert driver.run(script=login).endswith(f"&ui_locales={spoken}"), asked
        assert driver.run(script="document.documentElement.lang") == spoken, asked
    driver.run(script="document.querySelector('.languages button[lang=en]').click()")
    driver.visit(path="linkage/tax?ui_locales=ja")
    driver.reload()
    driver.settle()
    assert driver.run(script="document.documentElement.lang") == "en"
    only_that_nobody_is_in(driver)


@test
def a_login_that_failed_says_why(shown):
    driver = shown.outside()
    said = set()
    for why in REFUSALS:
        driver.visit(path=f"login/{why}")
        said.add(driver.text(at="main .note.bad"))
        assert driver.axe() == [], why
    assert len(said) == len(REFUSALS), said
    driver.visit(path="login/<img src=x>")
    assert driver.text(at="main .note.bad") == "ログインできませんでした。"
    assert driver.count(at="main img") == 0


@test
def anybody_searches_and_reads_procedures(shown):
    driver = shown.outside()
    driver.visit(path="procedures")
    driver.fill(label="さがす言葉", value="児童手当")
    assert driver.texts(at="fieldset option:checked") == ["すべて", "すべて"] and driver.count(at="fieldset select") == 2
    driver.choose(label="都道府県", value="東京都")
    towns = driver.texts(at="fieldset .field:last-child option")
    assert towns[0] == "選んでください" and "千代田区" in towns and "札幌市" not in towns, towns
    driver.choose(label="市区町村 (必須)", value=PLACE)
    driver.choose(label="都道府県", value="北海道")  # what was chosen is not there
    assert driver.texts(at="fieldset option:checked") == ["北海道", "選んでください"]
    driver.choose(label="都道府県", value="東京都")
    driver.choose(label="市区町村 (必須)", value=PLACE)
    driver.click(role="button", name="English")
    assert driver.texts(at="fieldset option:checked") == ["Tokyo", "Chiyoda City, Tokyo"]
    assert driver.axe() == []
    driver.click(role="button", name="日本語")
    driver.click(role="button", name="さがす")
    driver.wait(text="オンライン申請")
    driver.settle()
    assert "municipality=13101" in driver.run(script="location.hash")
    found = driver.texts(at="main .cards h3")
    assert found and any("児童手当" in name for name in found), found
    query = urllib.parse.urlencode({"words": "児童手当", "municipality": PLACE})
    with urllib.request.urlopen(f"{shown.url}v1/procedures?{query}", timeout=60) as answer:
        hits = json.load(answer)["hits"]
    assert driver.text(at="#found ~ [role=status]") == f"{hits}件" and hits >= len(found), (hits, found)
    assert driver.axe() == []
    driver.run(script="document.querySelector('main .cards a').click()")
    driver.wait(text="問い合わせ先")
    assert "東京都千代田区" in driver.text(at="main .facts") and driver.axe() == []
    driver.run(script="history.back()")
    driver.wait(text="見つかった手続")
    assert driver.run(script="document.querySelector('main input').value") == "児童手当"
    assert driver.texts(at="fieldset option:checked") == ["東京都", "千代田区"]
    driver.fill(label="さがす言葉", value="量子計算機登録届")
    driver.press(key="Enter")
    driver.wait(text="条件に合う手続はありません。")
    only_that_nobody_is_in(driver)


@test
def whoever_searches_again_before_there_is_an_answer_gets_that_one(shown):
    """And neither what was asked first, nor nothing."""
    driver = shown.outside()
    driver.visit(path="procedures")

    def ask(words):
        driver.fill(label="さがす言葉", value=words)
        driver.press(key="Enter")
    driver.hold(path="/v1/procedures")
    ask("児童手当")
    wait_until("it is answered", lambda: driver.held() == 1)
    ask("量子計算機登録届")
    wait_until("so is this", lambda: driver.held() == 2)
    driver.release()
    assert "条件に合う手続はありません。" in driver.text(at="main .empty")
    driver.hold(path="/v1/procedures", times=1)
    ask("給付")
    wait_until("it is answered", lambda: driver.held() == 1)
    ask("児童手当")
    wait_until("the newer answer is there", lambda: driver.count(at="main .cards h3") > 0)
    newer = driver.text(at="#found ~ .cards")
    driver.release()  # the older answer comes last
    assert "児童手当" in newer and driver.text(at="#found ~ .cards") == newer
    only_that_nobody_is_in(driver)


@test
def words_of_a_search_are_text(shown):
    driver = shown.outside()
    driver.visit(path="procedures")
    driver.fill(label="さがす言葉", value="<img src=x onerror=alert(1)>")
    driver.click(role="button", name="さがす")
    driver.wait(text="条件に合う手続はありません。")
    assert driver.count(at="main img") == 0
    driver.visit(path="procedures/000000000000")
    driver.wait(text="見つかりません。")
    assert driver.axe() == []


@test
def what_colours_told_is_told_where_the_system_chooses_them(shown):
    driver = shown.outside()
    driver.forced(yes=True)
    driver.visit(path="procedures")
    here, there, pressed, other, primary, usual = driver.run(script="""[
      ["nav [aria-current]", "borderLeftColor"], ["nav a:not([aria-current])", "borderLeftColor"],
      [".languages [aria-pressed=true]", "backgroundColor"], [".languages [aria-pressed=false]", "backgroundColor"],
      ["main button.main", "backgroundColor"], [".tools button", "backgroundColor"],
    ].map(([at, what]) => getComputedStyle(document.querySelector(at))[what])""")
    assert here != there and pressed != other and primary not in (usual, other), (here, there, pressed, other, primary, usual)
    driver.visit(path="status")
    assert driver.run(script="getComputedStyle(document.querySelector('main .chip')).borderTopStyle") == "solid"
    driver.forced(yes=False)


@test
def a_table_is_reached_by_keyboard_only_where_it_moves(shown):
    driver = shown.outside()
    driver.goto(url=f"{shown.url}#/procedures/{PLACE}0000001")
    driver.settle()
    driver.wait(text="第3子以降")
    for width, moves in ((1280, 0), (NARROWEST, 1)):
        driver.width(width=width)
        wait_until("it is known whether it moves", lambda: driver.count(at="main .frame[role=region][tabindex='0']") == moves)
        assert driver.count(at="main .frame") == 1 and driver.axe() == []
    driver.width(width=1280)


@test
def a_card_leads_in_and_back_to_where_one_was(shown):
    driver = shown.outside()
    driver.visit(path="sessions")
    driver.width(width=NARROWEST)
    driver.click(role="link", name="カードでログイン")
    driver.wait(text="/v1/logins/")
    assert fits(driver), "the page of the authentication app"
    command = re.fullmatch(r"jpki login (\S+) --code (\d+)", driver.text(at="code"))
    assert command and command[1] == LOGIN.search(driver.text(at="body"))[0] and command[2] == driver.text(at="dd.code"), command
    assert ": " not in driver.text(at="#persona option"), "what is said of personas is in English alone"
    shown.show_card()
    driver.arrive(at=shown.url + "#")
    driver.width(width=1280)
    shown.is_in = True
    assert driver.run(script="location.hash") == "#/sessions"
    driver.wait(text="この端末")
    assert len(driver.texts(at=ROWS)) == 1
    session = [cookie for cookie in driver.cookies() if cookie["name"] == "jpki_portal"]
    assert session and session[0]["httpOnly"], session
    provider = shown.box.state["urls"]["authapp"] + "/"
    assert [url for url in driver.complaints()["strangers"] if not url.startswith(provider)] == []


@test
def the_login_is_in_the_language_of_the_portal(shown):
    """Whatever the browser likes: its own language is Japanese."""
    driver = shown.outside()
    driver.click(role="button", name="English")
    driver.click(role="link", name="Log in with your card")
    driver.wait(text="/v1/logins/")
    assert driver.run(script="document.documentElement.lang") == "en"
    assert driver.text(at="h1") == "Log in with your card", driver.text(at="h1")
    driver.complaints()


@test
def every_page_is_accessible_in_both_languages_and_colours(shown):
    driver = shown.inside()
    for language, scheme in (("日本語", "light"), ("English", "dark")):
        driver.click(role="button", name=language)
        driver.scheme(scheme=scheme)
        for page in ANYONE + CITIZEN:
            driver.visit(path=page)
            assert driver.axe() == [], (page, language, scheme)
            assert driver.count(at="main .note.bad") == 0, (page, driver.text(at="main"))
            assert driver.count(at="h1") == 1, page
            if language == "English":
                english_alone(driver)
            title, usual = driver.run(script="document.title"), driver.text(at="main")
            assert title == f"{driver.text(at='main h1')} – {'Portal' if language == 'English' else 'ポータル'}", title
            plain = "Plain words" if language == "English" else "やさしい言葉"
            driver.click(role="button", name=plain)
            assert driver.text(at="main") != usual, (page, "plain words say it as the usual ones do")
            driver.click(role="button", name=plain)
    driver.click(role="button", name="日本語")
    driver.scheme(scheme="light")
    quiet(driver)


@test
def what_is_held_is_asked_for_shown_and_saved(shown):
    driver = shown.inside()
    driver.visit(path="information")
    driver.choose(label="市区町村 (必須)", value=PLACE)
    for label in ("世帯の情報", "地方税（所得・個人住民税）の情報"):
        driver.run(script=f"[...document.querySelectorAll('.tick')].find((one) => one.textContent === '{label}').click()")
    driver.wait(text="2件を選んでいます")
    driver.click(role="button", name="取り寄せる")
    driver.wait(text="もう待つものはありません。")
    assert driver.texts(at="main .chip.good") == ["取得済み", "取得済み"], driver.text(at="main")
    assert driver.axe() == []
    saved = driver.download(role="link", name="JSONで保存")
    told = json.loads(saved["text"])
    assert saved["name"] == f"self-information-{told['id']}.json"
    assert [item["state"] for item in told["items"]] == ["ready", "ready"], told
    content = told["items"][0]["records"][0]["items"][0]["content"]
    assert content in driver.text(at="main"), (content, told)
    flag, since = told["items"][0]["records"][0]["items"][3:5]
    year, income = told["items"][1]["records"][0]["items"][:2]
    assert [row["form"] for row in (flag, since, year, income)] == ["flag", "date", "number", "yen"], told
    shown_rows = driver.texts(at=ROWS)
    for row, said in ((flag, "はい" if flag["content"] == "1" else "いいえ"), (year, year["content"]),
                      (since, "{}年{}月{}日".format(*map(int, since["content"].split("-")))),
                      (income, f"{int(income['content']):,}円")):
        assert f"{row['name']}\t{said}" in shown_rows, (row, shown_rows)
    driver.click(role="button", name="やさしい言葉")
    assert driver.texts(at="main .chip.good") == ["届きました", "届きました"]
    driver.click(role="button", name="やさしい言葉")
    driver.width(width=NARROWEST)
    assert fits(driver)
    driver.visit(path="information")
    driver.wait(text="2件のうち2件が済みました。")
    assert fits(driver) and "世帯の情報、地方税（所得・個人住民税）の情報" in driver.text(at=ROWS), driver.text(at="main")
    driver.width(width=1280)
    driver.media(media="print")
    assert driver.run(script="""["nav", ".tools", ".banner", "main"]
      .map((at) => getComputedStyle(document.querySelector(at)).display !== "none")""") == [False, False, True, True]
    driver.media(media="screen")
    quiet(driver)


@test
def what_cannot_be_had_is_said_in_words(shown):
    driver = shown.inside()
    driver.visit(path="information")
    driver.choose(label="市区町村 (必須)", value="04100")  # a place that the exchange does not connect
    driver.run(script="document.querySelector('.tick').click()")
    driver.click(role="button", name="取り寄せる")
    driver.wait(text="もう待つものはありません。")
    assert driver.texts(at="main section .chip") == ["未対応"] and "この照会に対応していません" in driver.text(at="main")
    assert driver.axe() == []
    driver.visit(path="information/" + "A" * 22)
    driver.wait(text="見つかりません。")
    assert driver.axe() == []
    found = driver.complaints()
    assert found["strangers"] == [] and all("404" in text for text in found["complaints"]), found


def judged(shown, text):
    """What jpkictl says of a record that was saved, with the key of the portal's log."""
    path = os.path.join(shown.box.dir, "saved.json")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return run(program("jpkictl"), "audit", "check", path, "--origin-key",
               os.path.join(shown.box.dir, "note-keys/audit-portal"), check=False)


@test
def the_log_shows_it_and_proves_it(shown):
    driver = shown.inside()
    driver.visit(path="history")
    driver.wait(text="世帯の情報")
    driver.choose(label="できごと", value="given")
    driver.wait(text="2件。")
    count = len(driver.texts(at="main .cards > li"))
    assert count == 2 and driver.text(at="main [role=status].count").startswith("2件。"), driver.text(at="main")
    driver.choose(label="機関", value="PENSION01")
    driver.wait(text="条件に合う記録はありません。")
    assert driver.axe() == []
    driver.choose(label="機関", value="M13101")
    driver.wait(text="証明を保存")
    assert len(driver.texts(at="main .cards > li")) == 2
    assert "番号法附則" in driver.text(at="main .cards"), driver.text(at="main .cards")
    driver.reload()
    driver.wait(text="証明を保存")
    assert len(driver.texts(at="main .cards > li")) == 2, "what was filtered for stands in the address"
    driver.fill(label="この日まで", value="2001-01-01")
    driver.wait(text="条件に合う記録はありません。")
    driver.fill(label="この日まで", value="")
    driver.wait(text="証明を保存")
    saved = driver.download(role="button", name="「「世帯の情報」が提供されました」の証明を保存")
    proof = json.loads(saved["text"])
    assert saved["name"] == f"openjpki-proof-{proof['record']['id']}.json"
    assert proof["record"]["info"] == "TM00000000000001" and len(proof["proof"]["tree"]["root"]) == 64, proof
    told = judged(shown, saved["text"])
    assert told.returncode == 0 and b"TM00000000000001" in told.stdout, told
    assert judged(shown, saved["text"].replace("TM00000000000001", "TM00000000000002")).returncode == 1
    saved = driver.download(role="button", name="一覧を保存（CSV）")
    lines = saved["text"].split("\r\n")
    assert saved["name"] == "openjpki-history.csv" and lines[0].endswith("番号,日時,できごと,受け取った機関,システム・部署,"
                                                                        "提供した機関,目的,内容の種類"), lines[0]
    (line,) = [one for one in lines if "世帯の情報" in one]
    assert len(lines) == 4 and f",{proof['record']['receiver_name']}," in line, lines
    driver.click(role="link", name="開示を求める手続をさがす")
    driver.wait(text="保有個人情報の開示の請求")
    quiet(driver)


def operate(shown, path, **body):
    """What the operator of a test system does to those who are asked."""
    done = run("curl", "--silent", "--fail-with-body", "--unix-socket", os.path.join(shown.box.dir, "portal/portal.sock"),
               "--json", json.dumps(body), "http://portal" + path, check=False)
    assert done.returncode == 0, done.stdout


def request(driver, label):
    driver.visit(path="information")
    driver.choose(label="市区町村 (必須)", value=PLACE)
    driver.run(script=f"[...document.querySelectorAll('.tick')].find((one) => one.textContent === '{label}').click()")
    driver.wait(text="1件を選んでいます")
    driver.click(role="button", name="取り寄せる")


def everything_else_works(driver):
    driver.visit(path="procedures")
    driver.wait(text="児童手当")
    driver.visit(path="sessions")
    driver.wait(text="Chrome")
    driver.visit(path="history")
    driver.wait(text="世帯の情報")


@test
def it_stays_usable_when_nobody_answers(shown):
    driver = shown.inside()
    operate(shown, "/v1/provider/conduct", body="M13101", mode="silent", delay_seconds=0)
    request(driver, "予防接種の情報")
    driver.wait(text="回答待ち")
    everything_else_works(driver)
    operate(shown, "/v1/provider/conduct", body="M13101", mode="down", delay_seconds=0)
    request(driver, "児童手当の情報")
    driver.wait(text="回答待ち")
    everything_else_works(driver)
    now = int(time.time())
    operate(shown, "/v1/outages", body="*", begins=now - 1, ends=now + 120)
    request(driver, "妊娠の届出の情報")
    driver.wait(text="停止中")
    everything_else_works(driver)
    operate(shown, "/v1/provider/conduct", body="M13101", mode="answers", delay_seconds=0)
    driver.complaints()


@test
def it_stays_usable_when_the_register_hangs(shown):
    driver = shown.inside()
    register = shown.box.pids()["jpki-registerd"]
    os.kill(register, signal.SIGSTOP)
    try:
        request(driver, "雇用保険の給付の情報")  # of a body whose code nobody has asked for yet
        driver.wait(text="処理しています。少しお待ちください。")
        driver.wait(text="いまは利用できません。")
        everything_else_works(driver)
    finally:
        os.kill(register, signal.SIGCONT)
    found = driver.complaints()
    assert found["strangers"] == [] and all("503" in text for text in found["complaints"]), found


@test
def it_fits_the_narrowest_screen_and_works_without_a_mouse(shown):
    driver = shown.inside()
    for language in ("English", "日本語"):
        driver.click(role="button", name=language)
        for width in (NARROWEST, TABLET):
            driver.width(width=width)
            for page in ANYONE + CITIZEN:
                driver.visit(path=page)
                assert fits(driver) and driver.count(at="main [role=region]") == 0, (page, language, width)
        driver.width(width=1280)
    driver.goto(url=shown.url + "#/start")
    driver.reload()
    seen = []
    for _ in range(6 + driver.count(at="nav a")):  # the six are those of the head
        driver.press(key="Tab")
        at = driver.focused()
        assert at["visible"], at
        seen.append(at["text"])
    assert seen[:3] == ["本文へ", "日本語", "English"] and "やさしい言葉" in seen and "ログアウト" in seen, seen
    assert set(driver.texts(at="nav a")) <= set(seen), seen
    quiet(driver)


@test
def sessions_end_one_by_one_and_all_at_once(shown):
    shown.inside()
    driver = shown.outside()  # another browser: the session in the one before goes on
    shown.log_in()
    driver.visit(path="sessions")
    before = driver.count(at=ROWS)
    driver.run(script=f"[...document.querySelectorAll('{ROWS}')].find((row) => !row.querySelector('.chip')).querySelector('button').click()")
    driver.wait(text="ログインを終了しました")
    wait_until("the other one is no longer listed", lambda: driver.count(at=ROWS) == before - 1)
    driver.click(role="button", name="すべての端末でログアウトする")
    assert driver.axe() == []
    driver.leave(at=shown.url, inDialog=True)  # by way of the authentication app, where the login is over as well
    driver.wait(text="カードでログイン")
    shown.is_in = False
    driver.complaints()
    shown.log_in()
    driver.visit(path="sessions")
    assert driver.count(at=ROWS) == 1, "all others are over"
    driver.run(script="document.querySelector('main table button').click()")
    driver.wait(text="このページは、ログインした本人だけに表示されます。")
    shown.is_in = False


@test
def pages_are_kept_as_pictures(shown):
    driver = shown.inside()
    driver.width(width=NARROWEST)
    for page in ANYONE + CITIZEN:
        driver.visit(path=page)
        driver.picture(f"{page}-narrow")
    driver.width(width=1280)


@test
def before_a_session_ends_there_is_time_to_go_on(shown):
    driver = shown.inside()
    driver.clock()
    driver.reload()
    driver.visit(path="notices")
    idle = driver.run(script="fetch('/v1/me').then((answer) => answer.json()).then((me) => me.idle_seconds)")
    assert idle > 300 and "ログインを続ける" not in driver.text(at="main")
    driver.later(seconds=idle - 100)
    driver.wait(text="しばらく操作がないため、あと約2分でログインが終わります。")
    assert driver.axe() == []
    driver.later(seconds=50)
    driver.wait(text="あと約1分でログインが終わります。")
    driver.click(role="button", name="ログインを続ける")
    driver.gone(text="でログインが終わります。")
    quiet(driver)
    shown.is_in = False  # with its clock


@test
def whoever_logs_out_is_out_on_both_sides(shown):
    driver = shown.inside()
    driver.leave(at=shown.url, name="ログアウト")
    driver.wait(text="カードでログイン")
    shown.is_in = False
    driver.visit(path="history")
    driver.wait(text="このページは、ログインした本人だけに表示されます。")


if __name__ == "__main__":
    sys.exit(main(Shown))
