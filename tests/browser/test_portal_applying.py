#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Applying in the portal's pages, from the search to the municipality's decision, with a card that fills the form and
signs, by commands and by jpki agent; and without a login where nothing is signed. The sandbox is real, the browser is
Chromium."""
import base64
import json
import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../system"))

from driver import NARROWEST, quiet  # noqa: E402 pylint: disable=wrong-import-position
from harness import main, program, read_text, test, wait_until, write_text  # noqa: E402 pylint: disable=wrong-import-position
from test_jpki_agent import WINDOW  # noqa: E402 pylint: disable=wrong-import-position
from test_portal_linkage import Other  # noqa: E402 pylint: disable=wrong-import-position
from test_portal import PIN, PLACE, Shown as Portal, english_alone, form_in_english, only_that_nobody_is_in  # noqa: E402 pylint: disable=wrong-import-position

NAME = "児童手当等の受給資格及び額の認定請求"
OWN = "市民マラソン大会の参加申込み"
PASSWORD = "ABC123\n"
ANSWERS = (("電話番号", "03-0000-0000"), ("児童の氏名", "番号　太郎"), ("児童の生年月日", "2026-10-01"),
           ("養育している児童の人数", "1"), ("振込先の金融機関と支店", "見本銀行本店"), ("口座番号", "0000001"),
           ("口座名義（カナ）", "バンゴウ　ハナコ"))
SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(1)>&\"'"
PNG = base64.b64encode(bytes.fromhex("89504e470d0a1a0a0000000049454e44ae426082")).decode()
WHAT, CARE = "何の書類ですか: 写真", "何の書類ですか: 請求者の加入保険が分かる書類"
COMMAND = re.compile(r"jpki sign (\S+) --code (\d{6})")
READING = re.compile(r"jpki read attrs (\S+) --code (\d{6})")
CARD = {"name": "番号　花子", "address": "東京都千代田区見本町一丁目２番３号", "birth_date": "1990-04-15"}
FIELDS = {"name": "name", "address": "address", "birth_date": "birth_date"}  # of the form
MOVED = "大阪府大阪市北区見本町一丁目１番１号"


class Agent:
    """jpki agent beside the card of a sandbox, for the page; what the person types in its windows, one after the other."""

    def __init__(self, shown, *typed):
        self.driver, box = shown.driver, shown.box
        self.window, self.log = os.path.join(box.dir, "window"), os.path.join(box.dir, "agent.log")
        write_text(self.window, WINDOW, 0o700)
        write_text(self.window + ".answers", "".join(line + "\n" for line in typed))
        write_text(self.window + ".shown", "")
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen([program("jpki"), "agent", "--pinentry", self.window, "--json", "--port", "0"],
                                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, env=shown.env)
        self.driver.agent(port=json.loads(self.process.stdout.readline())["port"])

    def asked(self):
        """What the windows said."""
        return urllib.parse.unquote(read_text(self.window + ".shown"))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.driver.agent(port=None)
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(60) == 0
        self.process.stdout.close()


class Shown(Portal):
    def __init__(self):
        super().__init__()
        self.receipt = None
        if self.reason is None:
            self.driver.agent(port=None)
            wait_until("the sign certificate is known", lambda: self.jpki(
                "cert", "status", "--sign", "--json", "--pin-fd", "0").stdout.count(b'"good"') == 1)
            self.psids = {NAME: self.find(NAME), OWN: self.offer_own()}

    def jpki(self, *words, typed=PASSWORD):
        return subprocess.run([program("jpki"), *words], input=typed.encode(), env=self.env, capture_output=True,
                              timeout=120, check=False)

    def ask(self, method, path, body=None, key=None):
        data = None if body is None else json.dumps(body).encode()
        fields = {"Content-Type": "application/json"}
        if key is not None:
            fields["Authorization"] = "Bearer " + read_text(os.path.join(self.box.dir, "providers", key)).strip()
        request = urllib.request.Request(self.url + path, data, fields, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def find(self, name):
        after = ""
        while True:
            page = self.ask("GET", f"v1/procedures?municipality={PLACE}&online=yes{after}")
            for row in page["procedures"]:
                if row["name"] == name:
                    return row["psid"]
            after = "&after=" + page["next"]

    def offer_own(self):
        """A procedure of the municipality's own, for everybody: without a signature."""
        text = self.ask("PUT", "v1/municipality/texts/marathon", {
            "content": {"category": "other", "events": ["leisure"], "name": OWN, "summary": "大会の参加を申し込みます。"},
            "form": {"needs_signature": False, "fields": [
                {"name": "runner", "label": "走る人", "type": "text", "is_required": True, "max_length": 100,
                 "help": "大会の名簿に載せる名前です。"},
                {"name": "course", "label": "コース", "type": "choice", "is_required": True,
                 "options": [{"value": "long", "label": "フル"}, {"value": "short", "label": "ハーフ"}]},
                {"name": "wish", "label": "連絡事項", "type": "lines", "max_length": 300}],
                "attachments": [{"name": "photo", "label": "写真", "types": ["png"], "is_required": True}]}},
            "13101-editor.key")["text"]
        return self.ask("PUT", "v1/municipality/offerings", {
            "text": text, "is_online": True, "department": "広報課", "contact": {"name": "広報課"}},
            "13101-editor.key")["psid"]

    def clerk(self, receipt, state, note=None):
        body = {"state": state} | ({} if note is None else {"note": note})
        self.ask("PUT", f"v1/municipality/applications/{receipt}/state", body, "13101-clerk.key")

    def sign(self):
        """What the page says, with the card in the reader."""
        self.driver.wait(text="署名を待っています。")
        address, code = COMMAND.search(self.driver.text(at="main")).groups()
        done = self.jpki("sign", address, "--code", code, "--yes", "--pin-fd", "0")
        assert done.returncode == 0, done

    def filled(self):
        """What stands in the fields that the card can fill."""
        return {name: self.driver.run(script=f"document.getElementById('answer-{field}').value") for name, field in FIELDS.items()}

    def look(self, name):
        """Accessible, not too wide for a narrow window; and a picture of it."""
        driver = self.driver
        assert driver.axe() == [], name
        driver.width(width=NARROWEST)
        assert driver.run(script="document.documentElement.scrollWidth") <= NARROWEST, name
        driver.picture(name)
        driver.width(width=1280)


def fill(driver, answers=ANSWERS):
    for label, value in answers:
        driver.fill(label=label, value=value)


def reach(driver, name):
    """Tab until what is called so has the focus, which is seen at each stop."""
    for _ in range(80):
        driver.press(key="Tab")
        now = driver.run(script="""(() => {
          const at = document.activeElement;
          return at === document.body ? "" : at.getAttribute("aria-label") ?? at.labels?.[0]?.textContent ?? at.textContent;
        })()""")
        assert now == "" or driver.focused()["visible"], now
        if now.strip().removesuffix(" (必須)") == name:
            return
    raise AssertionError(f"the keyboard does not reach {name}")


def type_answers(driver, answers):
    """What stood in a field is marked when the keyboard gets there, so what is typed takes its place."""
    for label, value in answers:
        reach(driver, label)
        if label.endswith("生年月日"):
            year, month, day = value.split("-")
            value = month + day + year  # of an English browser, which goes on by itself
        driver.type(text=value)


@test
def what_is_signed_begins_with_a_login_and_comes_back_to_it(shown):
    driver = shown.outside()
    driver.visit(path="procedures/" + shown.psids[NAME])
    driver.wait(text="この手続の申請には、カードでのログインが必要です。")
    assert driver.axe() == []
    driver.visit(path="applications")
    driver.wait(text="このページは、ログインした本人だけに表示されます。")
    driver.visit(path="apply/" + "A" * 22)
    driver.settle()
    assert driver.count(at="main .note.bad") == 1 and driver.axe() == []
    driver.complaints()
    driver.visit(path="procedures/" + shown.psids[NAME])
    shown.log_in()
    assert driver.run(script="location.hash") == "#/procedures/" + shown.psids[NAME]
    driver.visit(path="applications")
    driver.wait(text="申請はまだありません。")
    driver.complaints()


@test
def what_is_missing_is_said_above_and_beside_and_found_by_the_keyboard(shown):
    driver = shown.inside()
    driver.visit(path="procedures/" + shown.psids[NAME])
    driver.click(role="button", name="申請を始める")
    driver.wait(text="カードから入るもの")
    assert driver.count(at="#from-card ~ .field") == 3, driver.text(at="main")
    shown.look("fill")
    driver.click(role="button", name="確認へ進む")
    driver.wait(text="直すところが8か所あります")
    assert driver.focused()["text"].startswith("直すところが8か所あります"), driver.focused()
    shown.look("wrong")
    assert driver.run(script="document.title").startswith("エラー: "), "whoever hears the title alone hears it, too"
    wrong = driver.texts(at=".wrong")
    assert wrong.count("日付を入力してください。") == 1 and wrong.count("選んでください。") == 1 and "記入してください。" in wrong, wrong
    assert driver.run(script="""["name", "birthdate", "child_name"].map((one) => document.getElementById(`answer-${one}`)?.autocomplete)
      .join(" ")""") in ("name bday off", "name  off"), "what a browser knows of her it fills in, and not for the child"
    driver.press(key="Tab")
    assert driver.focused()["text"] == "電話番号: 記入してください。", driver.focused()
    driver.press(key="Enter")
    assert driver.run(script="document.activeElement.id") == "answer-phone"
    described = driver.run(script="""document.activeElement.getAttribute('aria-describedby').split(' ')
      .map((id) => document.getElementById(id).textContent).join(' ')""")
    assert "記入してください。" in described and "20文字まで。" in described, described
    fill(driver, ANSWERS[:4] + (("口座番号", "12a"),))
    driver.click(role="button", name="確認へ進む")
    driver.wait(text="直すところが4か所あります")
    assert "書き方がちがいます。上の説明を見てください。" in driver.texts(at=".wrong"), driver.texts(at=".wrong")
    assert driver.run(script="document.getElementById('answer-phone').value") == "03-0000-0000", "what is right stays"
    driver.click(role="button", name="English")
    english_alone(driver)
    form_in_english(driver)
    driver.click(role="button", name="日本語")
    quiet(driver)


@test
def a_procedure_is_found_and_read_in_english(shown):
    driver = shown.inside()
    at = driver.run(script="location.hash")
    driver.click(role="button", name="English")
    driver.visit(path="procedures?words=damage&municipality=" + PLACE)
    driver.wait(text="Proof that a disaster has damaged your home")
    driver.click(role="link", name="Proof that a disaster has damaged your home")
    driver.wait(text="Application for a disaster damage certificate")
    form_in_english(driver)
    english_alone(driver)
    assert driver.axe() == []
    assert driver.run(script="document.title").startswith("Proof that a disaster has damaged your home – ")
    driver.click(role="button", name="日本語")
    driver.wait(text="災害で住まいが被害を受けたことの証明")
    driver.visit(path=at.removeprefix("#/"))
    driver.wait(text="カードから入るもの")
    quiet(driver)


@test
def a_field_that_depends_on_another_comes_and_goes(shown):
    driver = shown.inside()
    assert driver.count(at="#answer-child_address") == 0
    driver.run(script="document.getElementById('answer-lives_together-no').click()")
    driver.fill(label="児童の住所", value=SCRIPT)
    driver.wait(text="請求者の加入保険が分かる書類")
    driver.upload(label="ファイルを付ける", name="保険証.png", type="image/png", base64=PNG)
    driver.wait(text="先に、何の書類かを選んでください。")
    driver.choose(label=CARE, value="other")
    driver.gone(text="先に、何の書類かを選んでください。")
    driver.upload(label="ファイルを付ける", name="no.png", type="image/png", base64=base64.b64encode(b"no picture").decode())
    driver.wait(text="PDF、JPEG、PNGのどれでもないファイルです。")
    driver.wait(text="受け取れないファイルです。")
    assert driver.axe() == []
    driver.upload(label="ファイルを付ける", name="large.png", type="image/png",
                  base64=base64.b64encode(bytes(1000 * 1024 + 1)).decode())
    driver.wait(text="ファイルが大きすぎます。")
    driver.upload(label="ファイルを付ける", name="保険証.png", type="image/png", base64=PNG)
    driver.wait(text="保険証.png")
    assert driver.count(at="#files ~ div input[type=file]") == 0, "one is as many as may be"
    shown.look("files")
    driver.click(role="button", name="保険証.pngを外す")
    driver.gone(text="保険証.png")
    driver.run(script="document.getElementById('answer-lives_together').click()")
    assert driver.count(at="#answer-child_address") == 0
    found = driver.complaints()
    assert found["strangers"] == [] and all("400" in text for text in found["complaints"]), found


@test
def what_is_typed_is_not_lost(shown):
    driver = shown.inside()
    at = driver.run(script="location.hash")
    answer = "document.getElementById('answer-child_name').value"
    driver.fill(label="児童の氏名", value="番号　一郎")
    driver.wait(text="保存しました。")
    driver.reload()
    assert driver.run(script=answer) == "番号　一郎", "the portal has it"
    times = driver.run(script="""performance.getEntriesByType("resource").map((one) => new URL(one.name).pathname)
      .filter((path) => path.startsWith("/v1/applications/")).length""")
    assert times == 1, "once, by whoever is here: a form that is asked for again takes what was typed meanwhile"
    driver.fill(label="児童の氏名", value="番号　二郎")
    driver.reload()  # at once: the portal has it, or this tab
    driver.wait(text="聞かれること")
    assert driver.run(script=answer) == "番号　二郎"
    driver.offline(yes=True)
    driver.fill(label="児童の氏名", value="番号　三郎")
    driver.wait(text="記入した内容を、まだ保存できていません。")
    driver.click(role="button", name="確認へ進む")
    driver.wait(text="インターネットにつながっていません。")
    assert driver.axe() == []
    driver.offline(yes=False)
    driver.gone(text="まだ保存できていません。")
    driver.forget()
    driver.fill(label="児童の氏名", value="番号　四郎")
    driver.wait(text="ログインの期限が切れました。もう一度ログインしてください。記入した内容は残っています。")
    assert driver.axe() == []
    shown.log_in()
    driver.wait(text="保存できていなかった記入内容を、元に戻しました。")
    assert driver.run(script="location.hash") == at and driver.run(script=answer) == "番号　四郎"
    driver.complaints()


@test
def the_card_fills_the_form_by_a_command(shown):
    driver = shown.inside()
    assert set(shown.filled().values()) == {""}
    driver.click(role="button", name="カードから読み取る")
    driver.wait(text="このコンピューターで jpki agent が動いていません。")
    address, code = READING.search(driver.text(at="main")).groups()
    assert address.startswith(shown.origin + "/v1/readings/"), address
    shown.look("card")
    others = "000000" if code != "000000" else "000001"
    for typed, words, status in ((PIN, (address, "--code", others), 4), ("9999\n", (address, "--code", code), 4),
                                 (PIN, (address + "x", "--code", code), 5), (PIN, (address, "--code", code), 0),
                                 (PIN, (address, "--code", code), 5)):  # it counts once
        done = shown.jpki("read", "attrs", *words, "--yes", "--pin-fd", "0", typed=typed)
        assert done.returncode == status, (words, done)
        assert CARD["name"].encode() not in done.stdout + done.stderr, done
    driver.wait(text="カードから読み取りました。")
    assert shown.filled() == CARD
    driver.complaints()


@test
def what_the_card_said_is_not_lost_when_two_hear_of_it(shown):
    """It is told once. The page looks at the very moment when jpki agent says that the card has answered."""
    driver = shown.inside()
    at = driver.run(script="location.hash").removeprefix("#/apply/")
    driver.fill(label="氏名", value="")
    driver.run(script="""(() => { const real = window.fetch; window.fetch = (asked, more) => {
      if (!String(asked).startsWith("http://127.0.0.1:25754/")) return real(asked, more);
      window.asked = [new URL(asked).searchParams.get("address"), JSON.parse(more.body).code];
      return new Promise((done) => { window.answer = () => done(new Response('{"outcome":"answered"}')); });
    }; })()""")
    driver.hold(method="DELETE", path=f"/v1/applications/{at}/reading")
    driver.click(role="button", name="カードから読み取る")
    wait_until("jpki agent is asked", lambda: driver.run(script="window.asked !== undefined"))
    address, code = driver.run(script="window.asked")
    done = shown.jpki("read", "attrs", address, "--code", code, "--yes", "--pin-fd", "0", typed=PIN)
    assert done.returncode == 0, done
    wait_until("the page has taken it", lambda: driver.held() == 1)
    driver.run(script="window.answer()")
    driver.settle()
    driver.release()
    driver.wait(text="カードから読み取りました。")
    assert shown.filled() == CARD
    driver.reload()
    quiet(driver)


@test
def the_card_fills_the_form_by_jpki_agent(shown):
    driver = shown.inside()
    driver.fill(label="氏名", value="")
    with Agent(shown, "cancel", PIN.strip()) as agent:
        driver.click(role="button", name="カードから読み取る")
        driver.wait(text="暗証番号の画面が閉じられました。")
        assert shown.filled()["name"] == ""
        driver.click(role="button", name="カードから読み取る")
        driver.wait(text="カードから読み取りました。")
        assert f"A page of {shown.origin} asks for your name, your address, your date of birth" in agent.asked(), agent.asked()
        assert NAME in agent.asked() and "your sex" not in agent.asked(), agent.asked()
        assert CARD["name"] not in read_text(agent.log) + agent.asked()
    assert shown.filled() == CARD
    shown.look("card-filled")
    driver.fill(label="住所", value=MOVED)
    driver.click(role="button", name="English")
    english_alone(driver)
    driver.click(role="button", name="日本語")
    quiet(driver)


@test
def markup_in_answers_is_text(shown):
    """From here to the signature there are keys alone: Tab, Space, Enter, arrows, and what is typed."""
    driver = shown.inside()
    driver.reload()
    type_answers(driver, [(label, SCRIPT if label == "児童の氏名" else value) for label, value in ANSWERS[:3]])
    reach(driver, "はい")
    driver.press(key="ArrowDown")
    driver.wait(text="児童の住所")
    driver.press(key="ArrowUp")
    driver.gone(text="児童の住所")
    type_answers(driver, ANSWERS[3:])
    reach(driver, "確認へ進む")
    driver.press(key="Enter")
    driver.wait(text="この内容で申請します")
    assert SCRIPT in driver.text(at="main") and driver.count(at="main img, main script") == 0
    assert "東京都千代田区" in driver.text(at="main") and MOVED in driver.text(at="main")
    shown.look("check")
    driver.reload()
    driver.wait(text="この内容で申請します")
    wait_until("the title says it", lambda: driver.run(script="document.title") == f"{NAME} – 申請 – ポータル")
    driver.run(script="history.back()")
    driver.wait(text="聞かれること")
    driver.run(script="history.forward()")
    driver.wait(text="この内容で申請します")
    reach(driver, "記入に戻る")
    driver.press(key="Space")
    driver.wait(text="聞かれること")
    type_answers(driver, ANSWERS[1:2])
    reach(driver, "確認へ進む")
    driver.press(key="Enter")
    driver.wait(text="この内容で申請します")
    driver.wait(text="番号　太郎")
    quiet(driver)


@test
def the_card_signs_and_the_receipt_is_shown(shown):
    driver = shown.inside()
    reach(driver, "署名へ進む")
    driver.press(key="Space")
    driver.wait(text="署名を待っています。")
    shown.look("sign")
    with Agent(shown, PASSWORD.strip()) as agent:
        driver.click(role="button", name="このコンピューターのカードリーダーで署名する")
        driver.wait(text="署名用電子証明書の内容が、記入した内容とちがいます")
        for words in (shown.origin, NAME, "Your certificate goes to the verifier"):
            assert words in agent.asked(), agent.asked()
    assert driver.texts(at="main .note dt") == ["住所"] and MOVED in driver.text(at="main .note")
    assert CARD["address"] in driver.text(at="main .note")
    assert shown.ask("GET", "v1/municipality/applications", key="13101-clerk.key")["applications"] == [], "nothing is sent yet"
    shown.look("differs")
    driver.click(role="button", name="証明書の内容で送信する")
    driver.wait(text="提出済み")
    text = driver.text(at="main")
    shown.receipt = re.search(r"13101-\d{8}-\d{6}", text)[0]
    assert "番号　花子 (署名用電子証明書から)" in text and "1990年4月15日 (" in text and "見本銀行本店" in text, text
    assert CARD["address"] + " (署名用電子証明書から)" in text and MOVED in text, text
    shown.look("receipt")
    paper = driver.download(role="link", name="受付票(PDF)を保存")
    assert paper["text"].startswith("%PDF-"), paper["text"][:20]
    saved = driver.download(role="link", name="署名した申請書(XML)を保存")
    assert "<ds:Signature" in saved["text"] or "Signature" in saved["text"], saved["text"][:200]
    driver.visit(path="applications")
    driver.wait(text=shown.receipt)
    shown.look("list")
    quiet(driver)


@test
def the_municipality_asks_for_a_correction_and_gets_it(shown):
    driver = shown.inside()
    shown.clerk(shown.receipt, "received")
    shown.clerk(shown.receipt, "returned", "口座番号を確かめてください <b>至急</b>")
    driver.visit(path="procedures")
    driver.visit(path="applications")
    driver.wait(text="差戻し（訂正が必要）")
    driver.click(role="link", name=NAME)
    driver.wait(text="市区町村から、次の点を直すよう求められています。")
    assert "口座番号を確かめてください <b>至急</b>" in driver.text(at="main .note.wait") and driver.count(at="main b") == 0
    shown.look("correct")
    driver.fill(label="口座番号", value="0000002")
    driver.fill(label="住所", value="")
    driver.click(role="button", name="確認へ進む")
    driver.click(role="button", name="署名へ進む")
    shown.sign()
    driver.wait(text="提出済み")
    assert shown.receipt in driver.text(at="main"), "the number stays"
    shown.clerk(shown.receipt, "received")
    shown.clerk(shown.receipt, "completed")
    driver.reload()
    driver.wait(text="手続は終わりました。")
    states = driver.texts(at="#steps ~ div tbody td:nth-child(2)")
    assert states == ["完了", "受付済み", "提出済み", "差戻し（訂正が必要）", "受付済み", "提出済み", "下書き"], states
    told = shown.ask("GET", f"v1/municipality/applications/{shown.receipt}", key="13101-clerk.key")
    assert {row["field"]: row["value"] for row in told["answers"]}["account"] == "0000002", told
    driver.click(role="button", name="やさしい言葉")
    driver.wait(text="ぜんぶ終わりました。")
    driver.click(role="button", name="やさしい言葉")
    quiet(driver)


@test
def what_is_not_decided_can_be_withdrawn(shown):
    driver = shown.inside()
    driver.visit(path="procedures/" + shown.psids[OWN])
    driver.click(role="button", name="申請を始める")
    driver.fill(label="走る人", value="番号　花子")
    driver.choose(label="コース (必須)", value="long")
    driver.choose(label=WHAT, value="other")
    driver.upload(label="ファイルを付ける", name="me.png", type="image/png", base64=PNG)
    driver.wait(text="me.png")
    driver.click(role="button", name="確認へ進む")
    driver.click(role="button", name="送信する")
    driver.wait(text="提出済み")
    driver.click(role="button", name="申請を取り下げる")
    assert driver.axe() == []
    driver.confirm()
    driver.wait(text="取り下げられました。")
    assert driver.count(at="main button.danger") == 0
    driver.visit(path="procedures/" + shown.psids[OWN])
    driver.click(role="button", name="申請を始める")
    driver.click(role="button", name="下書きを消す")
    driver.confirm()
    driver.wait(text="取り下げられました。")
    quiet(driver)


@test
def what_bears_an_individual_number_is_not_attached(shown):
    driver = shown.inside()
    driver.visit(path="procedures/" + shown.psids[OWN])
    driver.click(role="button", name="申請を始める")
    driver.wait(text=WHAT)
    assert "マイナンバー(個人番号)が書かれた書類は受け取れません。" in driver.text(at="main")
    for document in ("card-back", "number-notice", "resident-record-number"):
        driver.choose(label=WHAT, value=document)
        driver.wait(text="この書類にはマイナンバー(個人番号)が書かれています。")
        assert driver.run(script="document.getElementById('answer-photo').disabled"), document
        described = driver.run(script="""document.getElementById('answer-photo-document').getAttribute('aria-describedby')
          .split(' ').map((id) => document.getElementById(id).textContent).join(' ')""")
        assert "カードは、番号のない表面だけ" in described and "番号のない書類を選んでください。" in described, described
    shown.look("number")
    driver.choose(label=WHAT, value="card-front")
    driver.gone(text="この書類にはマイナンバー(個人番号)が書かれています。")
    driver.upload(label="ファイルを付ける", name="表面.png", type="image/png", base64=PNG)
    driver.wait(text="表面.png")
    assert driver.run(script="""performance.getEntriesByType('resource').map((one) => one.name)
      .filter((name) => name.includes('/files?')).at(-1).endsWith('document=card-front')""")
    # And the portal refuses it from whoever does not use this page.
    place = driver.run(script="location.hash").removeprefix("#/apply/")
    status = driver.run(script=f"""(async () => {{
      const me = await (await fetch('/v1/me')).json();
      const headers = {{'X-CSRF-Token': me.csrf, 'Content-Type': 'application/octet-stream'}};
      const ask = async (document) => (await fetch('/v1/applications/{place}/files?kind=photo&name=a.png' + document,
        {{method: 'POST', headers, body: 'x'}})).status;
      return [await ask('&document=card-back'), await ask('')];
    }})()""")
    assert status == [403, 400], status
    driver.complaints()


@test
def without_a_login_where_nothing_is_signed(shown):
    driver = shown.outside()
    driver.visit(path="procedures/" + shown.psids[OWN])
    driver.click(role="button", name="申請を始める")
    driver.fill(label="走る人", value="=cmd|' /C calc'!A0")
    driver.fill(label="連絡事項", value="一行目\n二行目")
    driver.choose(label="コース (必須)", value="short")
    driver.click(role="button", name="確認へ進む")
    driver.wait(text="直すところが1か所あります")
    driver.choose(label=WHAT, value="other")
    driver.upload(label="ファイルを付ける", name="me.png", type="image/png", base64=PNG)
    driver.wait(text="me.png")
    driver.click(role="button", name="確認へ進む")
    driver.wait(text="この内容で申請します")
    assert "ハーフ" in driver.text(at="main"), driver.text(at="main")
    shown.look("without-login")
    driver.click(role="button", name="送信する")
    driver.wait(text="受付番号を控えてください。")
    receipt = re.search(r"13101-\d{8}-\d{6}", driver.text(at="main"))[0]
    place = driver.run(script="location.hash")
    driver.reload()
    driver.wait(text=receipt)
    told = shown.ask("GET", f"v1/municipality/applications/{receipt}", key="13101-clerk.key")
    assert {row["field"]: row["value"] for row in told["answers"]}["wish"] == "一行目\n二行目", told
    assert "applicant" not in told, told
    only_that_nobody_is_in(driver)
    # Another browser has not its ticket.
    driver = shown.outside()
    driver.visit(path=place.removeprefix("#/"))
    driver.settle()
    assert receipt not in driver.text(at="main") and driver.count(at="main .note.bad") == 1


@test
def a_proxy_applies_and_everybody_reads_that_he_did(shown):
    driver, other = shown.inside(), Other(shown)
    given = other.give("procedures")
    driver.visit(path="mandates")
    driver.fill(label="コード", value=given["code"])
    driver.click(role="button", name="代理人として登録する")
    driver.wait(text="代理人になりました")
    driver.click(role="button", name="「うるう」さんの代理で操作する")
    driver.wait(text="「うるう」さんの代理で操作しています")
    driver.visit(path="procedures/" + shown.psids[NAME])
    driver.click(role="button", name="申請を始める")
    driver.wait(text="代理人として申請します。")
    assert driver.count(at="#from-card") == 0
    for label, value in (("氏名", "見本　うるう"), ("住所", "東京都千代田区"), ("生年月日", "2000-02-29")):
        driver.fill(label=label, value=value)
    fill(driver)
    driver.run(script="document.getElementById('answer-lives_together').click()")
    driver.click(role="button", name="確認へ進む")
    driver.wait(text="この内容で申請します")
    assert "見本　うるう" in driver.text(at="main") and "署名用電子証明書から" not in driver.text(at="main")
    driver.click(role="button", name="署名へ進む")
    driver.wait(text="代理人のものとして申請書に付き")
    shown.sign()
    driver.wait(text="提出済み")
    text = driver.text(at="main")
    receipt = re.search(r"13101-\d{8}-\d{6}", text)[0]
    assert "代理人: 本人からの委任" in text and given["id"] in text and "番号　花子" not in text, text
    shown.look("proxy")
    paper = driver.download(role="button", name="受付票(PDF)を保存")
    assert paper["name"] == f"receipt-{receipt}.pdf" and paper["text"].startswith("%PDF-"), paper["name"]
    saved = driver.download(role="button", name="署名した申請書(XML)を保存")
    assert "<署名者>申請者の代理人</署名者>" in saved["text"], saved["text"][:500]
    (row,) = [one for one in other.answer_of("/v1/applications")[1]["applications"] if one.get("receipt") == receipt]
    assert row["proxy"] == {"mandate": given["id"], "kind": "given"}, row
    driver.visit(path="applications")
    driver.wait(text=receipt)
    assert driver.texts(at="main tbody tr td:nth-child(4)") == ["代理人: 本人からの委任"], driver.text(at="main")
    driver.click(role="button", name="自分の操作に戻る")
    driver.gone(text="「うるう」さんの代理で操作しています")
    driver.settle()
    assert receipt not in driver.text(at="main"), "it is not his own"
    quiet(driver)
    # The municipality reads whose attributes are whose.
    driver.goto(url=shown.origin + "/office")
    driver.visit(path="start")
    driver.fill(label="招待コード", value=read_text(os.path.join(shown.box.dir, "providers/13101-clerk.invitation")).strip())
    driver.click(role="button", name="担当になる")
    driver.wait(text="担当になりました")
    driver.visit(path="inbox/" + receipt)
    driver.wait(text="署名した代理人")
    facts = dict(zip(driver.texts(at="main section:first-of-type dt"), driver.texts(at="main section:first-of-type dd")))
    assert facts["署名した代理人"] == "番号　花子" and facts["代理の登録"] == given["id"] and "申請者" not in facts, facts
    assert facts["代理人による申請"] == "任意代理人(本人からの委任)" and "見本　うるう" in driver.text(at="main"), facts
    shown.look("office-proxy")
    driver.visit(path="inbox")
    driver.wait(text="代理人による申請")
    quiet(driver)


if __name__ == "__main__":
    sys.exit(main(Shown))
