#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The console of a real sandbox's platform in Chromium: in by a card, and what is done there is done.

With JPKI_TEST_PICTURES=DIR it leaves pictures of the pages there.
"""
import csv
import http.server
import io
import json
import os
import shutil
import subprocess
import sys
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../system"))

from harness import Directory, Skip, ask, main, program, read_text, run, test, wait_until  # noqa: E402 pylint: disable=wrong-import-position
from test_sandbox import Sandbox, environment  # noqa: E402 pylint: disable=wrong-import-position

UI = os.path.join(HERE, "../../ui")
PIN, PASSWORD, BANK = "1234\n", "ABC123\n", "sample-bank"
PAGES = ("overview", "verifications", "holders", "consents", "events", "webhooks", "keys", "members", "fees", "settings")
NARROWEST = 320
ROWS = "main table tbody tr"


class Receiver(http.server.BaseHTTPRequestHandler):
    """The bank's server for webhooks."""
    calls, is_broken = [], False

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        Receiver.calls.append(json.loads(body))
        self.send_response(503 if Receiver.is_broken else 204)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


class Driver:
    """ui/tests/driver.mjs: driver.click(role="button", name="…")."""

    def __init__(self, origin):
        with subprocess.Popen(["true"]):
            pass
        asked = {"executable": shutil.which("chromium"), "origin": origin}
        self.process = subprocess.Popen(["node", os.path.join(UI, "tests/driver.mjs"), json.dumps(asked)],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def __getattr__(self, act):
        def call(**words):
            self.process.stdin.write(json.dumps({"act": act} | words).encode() + b"\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
            assert line, self.process.stderr.read().decode()
            answer = json.loads(line)
            assert "failure" not in answer, (act, words, answer["failure"])
            return answer["value"]
        return call

    def close(self):
        self.process.stdin.close()
        try:
            self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        self.process.stderr.close()


class Shown:
    """A sandbox with a bank that has verified, heard of a consent and been called; its console in a browser."""

    def __init__(self):
        self.box = self.driver = self.server = None
        self.reason = missing()
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

    def log_in(self, url, locale="ja-JP", scheme="light"):
        """By the command that the page shows, with the card of the sandbox."""
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
        driver.wait(text="事業者" if locale == "ja-JP" else "Tenant")
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


def missing():
    """Why there is nothing to look at, or None."""
    if shutil.which("chromium") is None:
        return "Chromium is not installed"
    if not os.path.exists(os.path.join(os.environ["JPKI_TEST_SHARE"], "openjpki/console/index.html")):
        return "the pages are not built (scripts/install-npm ui)"
    return None


def quiet(driver):
    """Nothing was forbidden, nothing complained, and nobody else was asked."""
    found = driver.complaints()
    assert found == {"complaints": [], "strangers": []}, found


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
    assert "見本銀行" in shown.driver.text(at="main")
    assert shown.driver.text(at="main h1") == "概要"
    session = [cookie for cookie in shown.driver.cookies() if cookie["name"] == "jpki_console"]
    assert session and session[0]["httpOnly"] and session[0]["sameSite"] == "Strict", session


if __name__ == "__main__":
    sys.exit(main(Shown))
