#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The login page of jpki-authappd in Chromium, with jpki agent and a card on the same computer.

Nobody can be asked about revocation here, so the platform knows the card and does not let it in: that
far goes the way from a button of the page to the verdict.
"""
import json
import os
import signal
import subprocess
import sys
import urllib.parse

from chromium import Browser  # first: it knows where harness is
from driver import keep_picture
from harness import main, program, read_text, take_own_network, test, wait_until, write_text
from test_authapp_signing import Site
from test_jpki_agent import PIN, WINDOW

PORT = 25754  # of jpki agent, as pages know it
SAID = "document.querySelector('#agent [role=status]').textContent"


class Shown:
    def __init__(self):
        take_own_network()
        self.site = Site()
        self.window = self.site.dir.file("window")
        write_text(self.window, WINDOW, 0o700)
        self.started = self.agent = None

    @property
    def browser(self):
        """Started by the first test that needs it; where there is none, each of them is skipped."""
        if self.started is None:
            self.started = Browser()
            self.started.prefer("en")
        return self.started

    def open(self):
        """The page of a new login, in the browser."""
        asked = {"response_type": "code", "client_id": "bank", "redirect_uri": "https://bank.example/back",
                 "scope": "openid", "state": "s", "nonce": "n"}
        url = f"{self.site.origin}/api/realms/main/protocol/openid-connect/auth?" + urllib.parse.urlencode(asked)
        before = self.browser.run("location.href")  # the page of another login, perhaps
        self.browser.call("Page.navigate", url=url)
        self.browser.wait("the page of the login", f"location.href !== {json.dumps(before)} && "
                          "location.pathname.startsWith('/api/realms/main/login/') && document.readyState === 'complete'")
        self.browser.wait("the button is shown", "document.getElementById('agent')?.hidden === false")

    def press(self):
        self.browser.run("document.querySelector('#agent button').click()")

    def start(self, *answers):
        """The agent, whose windows are answered so."""
        write_text(self.window + ".answers", "".join(answer + "\n" for answer in answers))
        write_text(self.window + ".shown", "")
        env = dict(os.environ, LC_ALL="C", JPKI_READER="direct:" + self.site.card.direct)
        with open(self.site.dir.file("agent.log"), "wb") as log:
            self.agent = subprocess.Popen([program("jpki"), "agent", "--pinentry", self.window, "--json"],
                                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, env=env)
        assert json.loads(self.agent.stdout.readline()) == {"port": PORT}

    def stop(self):
        if self.agent is not None:
            self.agent.send_signal(signal.SIGTERM)
            assert self.agent.wait(60) == 0
            self.agent.stdout.close()
            self.agent = None

    def close(self):
        self.stop()
        if self.started is not None:
            self.started.close()
        self.site.close()


@test
def without_an_agent_the_page_says_so(shown):
    shown.open()
    shown.press()
    shown.browser.wait("the page says it", SAID + ".includes('start jpki agent')", 60)
    keep_picture("no-agent", shown.browser.picture)


@test
def the_button_leads_to_the_window_and_the_card_to_the_platform(shown):
    shown.start(PIN)
    try:
        shown.open()
        shown.press()
        wait_until("the agent is done", lambda: ": failed: " in read_text(shown.site.dir.file("agent.log")), 60)
        told = urllib.parse.unquote(read_text(shown.window + ".shown"))
        assert "見本 bank (https://bank.example)" in told and f"through {shown.site.origin}," in told, told
        log = read_text(shown.site.dir.file("agent.log"))
        assert "cannot be found out now" in log, log
        assert shown.site.card.tries()["auth"] == 3
    finally:
        shown.stop()


@test
def what_a_strict_browser_forbids_was_not_tried(shown):
    assert [line for line in shown.browser.complaints if "Content Security Policy" in line] == []


if __name__ == "__main__":
    sys.exit(main(Shown))
