#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""jpki agent asked by pages in Chromium: what a browser lets through is its own judgement."""
import json
import sys

from chromium import Browser  # first: it knows where harness is
from harness import main, test
from test_jpki_agent import CODE, PIN, Both

# Asks as docs/card-protocol.md says; what the page learns, or that the browser tells it nothing.
ASK = """(async () => {{
  try {{
    const answer = await fetch("http://{host}:{port}/v1/logins?address=" + encodeURIComponent({address}),
      {{method: "POST", headers: {{"Content-Type": {type}}}, body: JSON.stringify({{code: "{code}"}})}});
    return answer.status + " " + await answer.text();
  }} catch (error) {{ return error.name; }}
}})()"""
# What pages may send without asking first: a form that leads to another document.
FORM = """(() => {{
  const form = document.createElement("form");
  form.method = "post"; form.enctype = "text/plain";
  form.action = "http://127.0.0.1:{port}/v1/logins?address=" + encodeURIComponent({address});
  const input = document.createElement("input");
  input.name = '{{"code":"{code}","x":"'; input.value = '"}}';
  form.append(input); document.body.append(form); form.submit();
}})()"""


class Shown:
    def __init__(self):
        self.both = Both()
        self.both.service.pages["/login"] = "<!doctype html><title>x</title><body>login"
        self.started = None

    @property
    def browser(self):
        """Started by the first test that needs it; where there is none, each of them is skipped."""
        if self.started is None:
            self.started = Browser()
        return self.started

    def open(self, host="127.0.0.1"):
        """A page of the service, under one of its names: each is an origin of its own."""
        self.browser.open(f"http://{host}:{self.both.service.port}/login")

    def ask(self, address, host="127.0.0.1", kind="application/json"):
        return self.browser.run(ASK.format(host=host, port=self.both.agent.port, address=json.dumps(address),
                                           type=json.dumps(kind), code=CODE))

    def close(self):
        if self.started is not None:
            self.started.close()
        self.both.close()


@test
def a_page_of_another_origin_gets_nothing(shown):
    _, address = shown.both.service.login()
    shown.both.answers(PIN)
    shown.open("localhost")
    assert shown.ask(address) == "TypeError"
    assert shown.ask(address, kind="text/plain") == "TypeError"
    assert shown.both.windows() == "" and not shown.both.service.sent


@test
def a_form_gets_nothing(shown):
    _, address = shown.both.service.login()
    shown.both.answers(PIN)
    shown.open()
    shown.browser.run(FORM.format(port=shown.both.agent.port, address=json.dumps(address), code=CODE))
    shown.browser.wait("the form was answered", "document.readyState === 'complete' && location.port !== ''"
                       f" && location.port === '{shown.both.agent.port}'")
    assert "415" in shown.browser.run("document.body.textContent")
    assert shown.both.windows() == "" and not shown.both.service.sent


@test
def the_page_of_the_login_gets_its_answer(shown):
    for host in ("127.0.0.1", "localhost"):
        challenge, address = shown.both.service.login()
        shown.both.answers(PIN)
        shown.open()
        assert shown.ask(address, host) == '200 {"outcome":"answered"}'
        assert shown.both.service.is_signed(challenge, shown.both.service.answer(challenge))[0]
    assert "見本商店 (https://shop.example)" in shown.both.windows()


@test
def the_page_learns_that_the_window_was_closed(shown):
    _, address = shown.both.service.login()
    shown.both.answers("cancel")
    shown.open()
    assert shown.ask(address) == '200 {"outcome":"declined"}'


if __name__ == "__main__":
    sys.exit(main(Shown))
