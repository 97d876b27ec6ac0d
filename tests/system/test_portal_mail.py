#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Notices and their mails in a sandbox, with a real SMTP server: one mail for each notice, also when the portal is
killed with -9 while the server has the mail and says nothing, and when the server is closed."""
import base64
import contextlib
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import tempfile

from harness import PATIENCE, main, read_text, test, wait_until
from sandbox_party import exchange
from test_portald import Shared as Portal

SERVER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../support/mailserver.py")
PLACE = "13101"


class Shared(Portal):
    def __init__(self):
        super().__init__()
        self.mails = tempfile.mkdtemp(prefix="jpki-mail-")
        self.server = subprocess.Popen([SERVER, self.mails], stdin=subprocess.PIPE)
        wait_until("the mail server listens", lambda: os.path.exists(self.path("port")))
        with open(os.path.join(self.box.dir, "conf", "portald.conf"), "a", encoding="utf-8") as conf:
            conf.write(f"\nsmtp_host = 127.0.0.1\nsmtp_port = {read_text(self.path('port'))}\n"
                       "smtp_from = portal@portal.test\n")
        self.kill_portal()
        self.key = read_text(os.path.join(self.box.dir, "providers", f"{PLACE}-clerk.key")).strip()
        self.orders = 0

    def path(self, name):
        return os.path.join(self.mails, name)

    def kill_portal(self):
        """With -9; the sandbox starts it again."""
        self.box.status()
        before = self.box.pids()["jpki-portald"]
        os.kill(before, signal.SIGKILL)

        def is_back():
            try:
                self.box.status()
                return self.box.pids()["jpki-portald"] != before and exchange(f"{self.origin}/readyz")[0] == 200
            except (AssertionError, OSError):
                return False  # not yet

        wait_until("the portal is there again", is_back)

    def count(self):
        return len([name for name in os.listdir(self.mails) if name.endswith(".mail")])

    def mail(self, number):
        """Envelope and text of a mail that the server took."""
        wait_until(f"there is mail {number}", lambda: os.path.exists(self.path(f"{number}.mail")))
        taken = json.loads(read_text(self.path(f"{number}.mail")))
        return taken, base64.b64decode(taken["text"].split("\r\n\r\n", 1)[1]).decode()

    def states(self):
        with contextlib.closing(sqlite3.connect(os.path.join(self.box.dir, "portal", "portal.db"))) as db:
            return dict(db.execute("SELECT state, count(*) FROM mail GROUP BY state"))

    def tried(self):
        """How many wait that the server did not take."""
        with contextlib.closing(sqlite3.connect(os.path.join(self.box.dir, "portal", "portal.db"))) as db:
            return db.execute("SELECT count(*) FROM mail WHERE state = 'waiting' AND tries > 0").fetchone()[0]

    def order(self, key=None):
        """To whoever wants to hear of births in Chiyoda."""
        self.orders += 1
        body = json.dumps({"key": key or f"order-{self.orders}", "to": "subscribers", "event": "birth",
                           "topic": "payment.due", "parameters": {"payment": "保育料", "until": "2030-01-31"}})
        return exchange(f"{self.origin}/v1/municipality/notices", "POST", body.encode(),
                        {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"})[0]

    def close(self):
        self.server.stdin.close()
        self.server.wait(timeout=PATIENCE)
        super().close()
        shutil.rmtree(self.mails)


def put(browser, path, body, method="PUT"):
    return browser.ask(path, method, json.dumps(body).encode(), **{"Content-Type": "application/json"})[0]


def subscriber(shared, address):
    """hanako, who wants to hear of births and has proved this address."""
    browser = shared.browser()
    assert browser.log_in("hanako") == "/#/sessions"
    assert put(browser, "/v1/notice-subscriptions", {"subscriptions": [{"municipality": PLACE, "event": "birth"}]}) == 204
    before = shared.count()
    assert put(browser, "/v1/mail", {"address": address, "language": "ja", "consent": True}) == 204
    taken, text = shared.mail(before + 1)
    assert taken["to"] == [address] and taken["from"] == "portal@portal.test", taken
    code = re.search(r"\b[0-9]{6}\b", text)[0]
    return browser, code


@test
def who_has_not_agreed_or_proved_gets_no_mail(shared):
    browser, code = subscriber(shared, "hanako@example.test")
    assert put(browser, "/v1/mail", {"address": "x@example.test", "language": "ja", "consent": False}) == 400
    assert shared.order() == 204
    assert browser.answer_of("/v1/notices/count") == (200, {"unread": 1})
    wrong = f"{(int(code) + 1) % 1000000:06}"
    assert put(browser, "/v1/mail/code", {"code": wrong}, "POST") == 422
    # The server has it before the portal has heard so.
    wait_until("the mail is settled", lambda: not {"waiting", "handed"} & shared.states().keys())
    assert shared.states() == {"sent": 1}, "the code alone"


@test
def a_notice_is_told_once_by_a_mail_that_does_not_say_what_it_says(shared):
    browser, code = subscriber(shared, "hanako@example.test")
    before = shared.count()
    assert put(browser, "/v1/mail/code", {"code": code}, "POST") == 204
    assert shared.order("same") == 204 and shared.order("same") == 204
    _, text = shared.mail(before + 1)
    assert f"{shared.origin}/#/notices" in text and "保育料" not in text and "千代田" not in text, text
    notices = browser.answer_of("/v1/notices")[1]["notices"]
    assert notices[0]["text"]["ja"] == "「保育料」の納付期限は2030年1月31日です。", notices[0]
    assert notices[0]["sender"] == "東京都千代田区", notices[0]
    assert [notice["id"] for notice in notices[1:]] == [1], "the same order once"


@test
def what_the_server_has_and_says_nothing_about_is_not_sent_again_after_a_kill(shared):
    browser, code = subscriber(shared, "silent@example.test")
    wait_until("the mail is on its way", lambda: shared.states().get("handed") == 1)
    shared.kill_portal()
    wait_until("it is given up", lambda: "handed" not in shared.states())
    before = shared.count()
    assert put(browser, "/v1/mail/code", {"code": code}, "POST") == 204, "it had arrived"
    assert shared.order() == 204
    shared.mail(before + 1)
    wait_until("the mail is on its way", lambda: shared.states().get("handed") == 1)
    shared.kill_portal()
    wait_until("it is given up", lambda: "handed" not in shared.states())
    assert shared.order() == 204
    shared.mail(before + 2)
    assert shared.count() == before + 2, "one for each notice"
    assert browser.ask("/v1/mail", "DELETE")[0] == 204


@test
def a_closed_server_and_a_kill_lose_nothing(shared):
    browser, code = subscriber(shared, "later-hanako@example.test")
    assert put(browser, "/v1/mail/code", {"code": code}, "POST") == 204
    before = shared.count()
    with open(shared.path("down"), "w", encoding="utf-8"):
        pass
    assert shared.order() == 204
    wait_until("it was tried", lambda: shared.tried() == 1)
    shared.kill_portal()
    os.unlink(shared.path("down"))
    shared.mail(before + 1)
    wait_until("it is settled", lambda: "waiting" not in shared.states() and "handed" not in shared.states())
    assert shared.count() == before + 1


if __name__ == "__main__":
    main(Shared)
