#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The start page of a real sandbox in Chromium: what runs, who is there, what was done, and when it is over."""
import contextlib
import json
import os
import sys

from chromium import Browser  # first: it knows where harness is
from driver import UI, keep_picture
from harness import main, read_text, test, wait_until, write_text
from test_sandbox_page import Site as Served

ENTER, TAB = 13, 9
NARROWEST = 320
CONTRAST = 4.5  # WCAG 2.2, 1.4.3
STEPS = "[...document.querySelectorAll('.steps li')].map((li) => li.querySelector('.step').textContent + ' ' + " \
        "li.querySelector('.mono').textContent)"
# What is read most, each once; the sheet it lies on is the nearest that has a colour.
COLOURS = """(() => {
  const sheet = (node) => {
    const colour = getComputedStyle(node).backgroundColor;
    return colour === "rgba(0, 0, 0, 0)" && node.parentElement ? sheet(node.parentElement) : colour;
  };
  return ["body", ".banner strong", ".verdict", ".lead", "th", "td", ".chip", ".mark", ".steps .step", ".steps .by",
    ".run-title", ".soft", ".commands code", ".pin", "[aria-pressed='true']", "footer p"].map((name) => {
      const node = document.querySelector(name);
      return [name, getComputedStyle(node).color, sheet(node)];
    });
})()"""


FOREIGN = read_text(os.path.join(UI, "tests/foreign.js"))


class Shown:
    """The page of a sandbox with a card that was issued, in a browser."""

    def __init__(self):
        self.site = Served()
        self.site.box.call("persona", "card", "hanako")
        self.url = f"http://127.0.0.1:{self.site.port}/"
        self.started = None

    @property
    def browser(self):
        """Started by the first test that needs it; where there is none, each of them is skipped."""
        if self.started is None:
            self.started = Browser()
            self.started.size(1280, 900)
        return self.started

    def open(self, query="?lang=ja"):
        self.browser.open(self.url + query)
        self.browser.wait("the page has read everything",
                          "document.querySelectorAll('.people li').length > 0 && "
                          "document.querySelectorAll('.steps li').length > 0")
        return self.browser

    def text(self, part):
        return self.browser.run(f"document.getElementById({json.dumps(part)}).innerText")

    def close(self):
        if self.started is not None:
            self.started.close()
        self.site.close()


def luminance(colour):
    """Of "rgb(1, 2, 3)", WCAG 2.2's relative luminance."""
    parts = [float(part) / 255 for part in colour[colour.index("(") + 1:-1].split(",")[:3]]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def assert_quiet(browser):
    assert browser.complaints == [], browser.complaints


def check_what_is_shown(shown):
    """Programs, people and steps: each that there is, and no more."""
    state = shown.site.get("/v1/state")
    people = shown.site.get("/v1/personas")["personas"]
    programs = shown.text("programs")
    for row in state["programs"]:
        assert row["name"] in programs and str(row["pid"]) in programs, (row, programs)
    assert shown.browser.run("document.querySelectorAll('#programs tbody tr').length") == len(state["programs"])
    shown_people = shown.text("people")
    for person in people:
        for word in (person["full_name"], person["name"], person["pin_auth"], person["pin_sign"]):
            assert word in shown_people, word
    assert shown.browser.run("document.querySelectorAll('#people > li').length") == len(people)

    def steps():
        return [f"{step['step']} {step['program']} [{step['pid']}]" for step in shown.site.get("/v1/trace")["steps"]]
    wait_until("one run: in the order it happened", lambda: shown.browser.run(STEPS) == steps())  # also what happened since
    assert people[0]["full_name"] in shown.text("card")
    assert shown.browser.run("document.getElementById('health').dataset.health") == "good"


@test
def it_says_in_japanese_what_there_is(shown):
    browser = shown.open("?lang=ja")
    check_what_is_shown(shown)
    assert browser.run("document.documentElement.lang") == "ja"
    assert "すべて動いています" in shown.text("verdict")
    assert browser.run("document.querySelectorAll('.steps [lang=en], .people [lang=en]').length") == 0
    assert "窓口が住民を登録しました" in shown.text("flows")
    assert_quiet(browser)


@test
def it_says_in_english_what_there_is(shown):
    browser = shown.open("?lang=en")
    check_what_is_shown(shown)
    assert browser.run("document.documentElement.lang") == "en"
    assert "Everything runs" in shown.text("verdict")
    assert "the counter registered a resident" in shown.text("flows")
    assert not any("ぁ" <= letter <= "ヶ" for letter in shown.text("programs") + shown.text("commands"))
    assert_quiet(browser)


@test
def what_it_says_in_another_language_is_marked(shown):
    for language in ("ja", "en"):
        assert shown.open("?lang=" + language).run(FOREIGN) == [], language


@test
def it_never_passes_for_the_real_thing(shown):
    browser = shown.open("?lang=en")
    banner = browser.run("document.querySelector('.banner').innerText")
    assert "試験用・非公式。政府のサイトではありません" in banner
    assert "TEST, unofficial, not a government site" in banner
    assert browser.run("document.querySelector('.banner').getBoundingClientRect().top") == 0


@test
def without_a_wish_it_speaks_the_languages_of_the_browser(shown):
    for languages, expected in (("en-GB,en", "en"), ("fr", "en"), ("ja,en", "ja"), ("ja-JP", "ja")):
        shown.browser.prefer(languages)
        assert shown.open("").run("document.documentElement.lang") == expected, languages


@test
def it_works_without_a_mouse(shown):
    browser = shown.open("?lang=ja")
    browser.press("Tab", TAB)
    assert browser.run("document.activeElement.className") == "skip"
    browser.press("Tab", TAB)
    browser.press("Tab", TAB)
    assert browser.run("document.activeElement.id") == "en"
    browser.press("Enter", ENTER)
    assert browser.run("document.documentElement.lang") == "en"
    assert browser.run("document.getElementById('en').getAttribute('aria-pressed')") == "true"
    assert browser.run("location.search") == "?lang=en"
    for _ in shown.site.get("/v1/state")["urls"]:
        browser.press("Tab", TAB)
        assert browser.run("document.activeElement.tagName") == "A"
    browser.press("Tab", TAB)
    assert browser.run("document.activeElement.getAttribute('aria-label')").startswith("Copy: eval ")
    assert browser.run("getComputedStyle(document.activeElement).outlineStyle") == "solid"


@test
def it_fits_the_narrowest_screen(shown):
    for language in ("ja", "en"):
        browser = shown.open("?lang=" + language)
        for width in (NARROWEST, 700, 1280):
            browser.size(width, 900)
            assert browser.run("document.documentElement.scrollWidth") <= width, (language, width)
    browser.size(1280, 900)


@test
def it_can_be_read_in_the_light_and_in_the_dark(shown):
    browser, sheets = shown.open(), set()
    for scheme in ("light", "dark"):
        browser.scheme(scheme)
        for name, ink, sheet in browser.run(COLOURS):
            assert contrast(ink, sheet) >= CONTRAST, (scheme, name, ink, sheet, contrast(ink, sheet))
            sheets.add((name, sheet))
    assert len([sheet for name, sheet in sheets if name == "body"]) == 2, sheets
    browser.scheme("light")


@test
def what_happens_appears_by_itself(shown):
    browser = shown.open("?lang=en")
    before = len(browser.run(STEPS))
    shown.site.box.call("persona", "card", "uruu")
    browser.wait("the new card is shown", "document.getElementById('card').innerText.includes('uruu')")
    now = [f"{step['step']} {step['program']} [{step['pid']}]" for step in shown.site.get("/v1/trace")["steps"]]
    assert len(now) > before
    browser.wait("the new steps are shown", f"document.querySelectorAll('.steps li').length === {len(now)}")
    assert browser.run(STEPS) == now[before:] + now[:before], "the newest run first"
    assert "New steps" in browser.run("document.getElementById('news').textContent")
    assert_quiet(browser)


def write_for_page(path, text):
    """As programs of a sandbox do: for its owner and the start page, and whole at once."""
    write_text(path + ".new", text)
    os.chmod(path + ".new", 0o640)
    os.replace(path + ".new", path)


@contextlib.contextmanager
def traced(shown, *lines):
    """With more steps in the trace, as a program would have written them."""
    path = os.path.join(shown.site.box.dir, "trace", "test.jsonl")
    common = {"utc": 1, "program": "jpki-test", "pid": 1, "text": "a text that nobody knows", "trace_id": None}
    write_for_page(path, "".join(json.dumps(common | line) + "\n" for line in lines))
    try:
        yield
    finally:
        os.unlink(path)


@test
def a_text_is_a_text_whatever_it_says(shown):
    evil = "<img src=/icon.svg><script>document.title='taken'</script>"
    line = {"at_us": 1, "program": "<b>x</b>", "flow": "<i>F9</i>", "step": "①", "text": evil}
    with traced(shown, line):
        browser = shown.open("?lang=ja")
        browser.wait("it is shown", "document.getElementById('flows').innerText.includes('<i>F9</i>')")
        assert evil in shown.text("flows")
        assert browser.run("document.querySelectorAll('#flows img, #flows script, #flows b, #flows i').length") == 0
        assert browser.run("document.title") == "OpenJPKI サンドボックス"
        assert_quiet(browser)


@test
def runs_of_a_flow_are_told_apart_and_keep_their_order(shown):
    minute = 60 * 1000000
    steps = list(enumerate("①④②③④⑤⑥" + "④②③④⑤⑥" + "①")) + [(2 * minute, "④"), (2 * minute + 1, "②")]
    with traced(shown, *({"at_us": at, "flow": "F2", "step": step} for at, step in steps)):
        browser = shown.open("?lang=ja")
        browser.wait("it is shown", "document.getElementById('flows').innerText.includes('F2')")
        runs = browser.run("[...[...document.querySelectorAll('.flow')].find((flow) => flow.querySelector('.mono')"
                           ".textContent === 'F2').querySelectorAll('.run')].map((run) => [...run.querySelectorAll("
                           "'.step')].map((step) => step.textContent).join(''))")
        assert runs == ["④②", "①", "④②③④⑤⑥", "①④②③④⑤⑥"], runs
        unknown = browser.run("[...document.querySelectorAll('.steps p[lang]')].filter((p) => p.lang === 'en').length")
        assert unknown == len(steps), "what has no Japanese is marked as English"


@test
def addresses_are_links_only_to_this_machine(shown):
    path = os.path.join(shown.site.box.dir, "state", "state.json")
    kept = read_text(path)
    local, others = "http://localhost:8081/", ("javascript:alert(1)", "http://ocsp.openjpki.test/sign",
                                               "http://127.0.0.1.evil.example/")
    try:
        for other in others:
            urls = dict.fromkeys(json.loads(kept)["urls"], other) | {"page": shown.url, "platform": local}
            write_for_page(path, json.dumps(json.loads(kept) | {"urls": urls}))
            browser = shown.open("?lang=en")
            browser.wait("it is shown", f"document.getElementById('urls').innerText.includes({json.dumps(other)})")
            assert browser.run("[...document.querySelectorAll('#urls a')].map((a) => a.href)") == [shown.url, local]
            assert "this page" in shown.text("urls")
    finally:
        write_for_page(path, kept)


@test
def a_script_that_got_in_would_not_run(shown):
    browser = shown.open()
    browser.run("document.body.append(Object.assign(document.createElement('script'), {text: 'window.ran = 1'}))")
    assert browser.run("window.ran") is None
    assert any("Content Security Policy" in text for text in browser.complaints), browser.complaints
    browser.complaints.clear()


@test
def a_program_that_died_is_told(shown):
    browser = shown.open("?lang=en")
    shown.site.box.status()
    os.kill(shown.site.box.pids()["jpki-registerd"], 9)
    browser.wait("it was started again",
                 "document.getElementById('programs').innerText.includes('last time: killed by signal 9')")
    browser.wait("all is well", "document.getElementById('health').dataset.health === 'good'")


@test
def the_page_is_kept_as_pictures(shown):
    try:
        for language in ("ja", "en"):
            browser = shown.open("?lang=" + language)
            for scheme in ("light", "dark"):
                browser.scheme(scheme)
                for width in (NARROWEST, 1280):
                    browser.size(width, 900)
                    browser.size(width, browser.run("document.documentElement.scrollHeight"))
                    keep_picture(f"{language}-{scheme}-{width}", browser.picture)
    finally:
        shown.browser.size(1280, 900)
        shown.browser.scheme("light")


@test
def when_the_sandbox_has_gone_it_says_so_and_when_it_is_back_too(shown):
    browser, box = shown.open("?lang=ja"), shown.site.box
    box.call("down")
    box.process.wait()
    browser.wait("it has gone", "document.getElementById('health').dataset.health === 'gone'")
    assert "動いていません" in shown.text("verdict") and "jpki-sandbox up" in shown.text("where")
    assert browser.run("document.querySelectorAll('#programs tr').length") == 0
    box.start()
    browser.wait("it is back", "document.getElementById('health').dataset.health === 'good'")
    shown.site.page.kill()
    browser.wait("nobody answers", "document.getElementById('reason').innerText.includes('応答しません')")
    failures = [line for line in read_text(shown.site.page.log).splitlines() if "http.failure" in line]
    assert not failures, failures


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    main(Shown)
