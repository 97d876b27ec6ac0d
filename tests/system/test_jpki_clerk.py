#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""jpki clerk: the two clerks of a sandbox, each with a card, through what they may and may not do."""
import json
import os
import signal
import stat

from harness import Directory, ask, main, program, run, test, wait_until, write_text
from test_sandbox import Sandbox

JPKI = program("jpki")
DENIED, REMOTE, USAGE, INVALID, INTERNAL, NO_CARD = 4, 5, 2, 1, 6, 3
LOSS = {"request_id": "l-1", "act": "loss"}


def is_ready(path):
    try:
        return ask(path, "GET", "/readyz")[0] == 200
    except OSError:
        return False


class Desk:
    """A sandbox with Hanako's card, and a session file for each clerk."""

    def __init__(self):
        self.dir = Directory()
        self.box = Sandbox(is_new=False).start()
        self.card = json.loads(self.box.call("persona", "card", "hanako", "--json").stdout)["card"]
        self.socket = os.path.join(self.box.dir, "register", "counter.sock")

    def clerk(self, who, *words, pin=None, expect=0, language="C"):
        """The command's JSON; a refusal's is its error."""
        words = [JPKI, "clerk", *words, "--json"]
        if words[2] != "apply":
            words += ["--session", self.dir.file(who + ".json")]
        if pin is not None:
            words += ["--reader", "direct:" + os.path.join(self.box.dir, "clerks", who, "direct"), "--pin-fd", "0"]
        done = run("env", "LC_ALL=" + language, *words, data=(pin or "").encode(), check=False)
        assert done.returncode == expect, (words, done)
        answer = json.loads(done.stdout)
        return answer if expect == 0 else answer["error"]

    def login(self, who, counter="000000001", expect=0, pin="1234"):
        return self.clerk(who, "login", "--socket", self.socket, "--counter", counter, pin=pin, expect=expect)

    def file(self, who, path, body, *more, expect=0, language="C"):
        write_text(self.dir.file("body.json"), json.dumps(body))
        return self.clerk(who, "file", path, self.dir.file("body.json"), *more, pin="CLERK123", expect=expect,
                          language=language)

    def confirm(self, who, request_id, expect=0):
        return self.clerk(who, "confirm", request_id, "--yes", pin="CLERK123", expect=expect)

    def state(self):
        return self.clerk("first", "read", "/v1/cards/" + self.card)["state"]

    def close(self):
        self.box.close()
        self.dir.close()


@test
def who_is_not_logged_in_is_told_so(desk):
    assert "jpki clerk login" in desk.clerk("first", "pending", expect=NO_CARD)["text"]
    assert desk.clerk("first", "login", expect=USAGE, pin="1234")["kind"] == "usage"
    assert desk.login("first", counter="13101", expect=USAGE)["kind"] == "input"
    assert desk.login("first", pin="9999", expect=DENIED)["kind"] == "denied"
    assert not os.path.exists(desk.dir.file("first.json"))


@test
def a_clerk_logs_in_and_the_session_is_for_the_owner_alone(desk):
    told = desk.login("first")
    assert (told["name"], told["counter"]) == ("窓口　一葉", "000000001"), told
    assert stat.S_IMODE(os.stat(desk.dir.file("first.json")).st_mode) == 0o600
    assert "token" not in told
    assert desk.login("second")["name"] == "確認　双葉"
    assert desk.state() == "active"


@test
def without_a_role_or_with_another_card_nothing_is_done(desk):
    path = f"/v1/cards/{desk.card}/acts"
    refusal = desk.file("second", path, LOSS, expect=DENIED)
    assert refusal["text"].startswith("clerk-role: you have no role"), refusal
    words = ["clerk", "file", path, desk.dir.file("body.json"), "--json", "--session", desk.dir.file("first.json")]
    done = run(JPKI, *words, "--reader", "direct:" + os.path.join(desk.box.dir, "clerks", "second", "direct"), "--pin-fd", "0",
               data=b"CLERK123", check=False)
    assert done.returncode == INVALID and b"filing-signer" in done.stdout, done
    assert desk.state() == "active"


@test
def a_suspension_waits_for_another_clerk_and_is_done_once(desk):
    path = f"/v1/cards/{desk.card}/acts"
    filed = desk.file("first", path, LOSS, "--id", "once")
    assert (filed["request_id"], filed["state"]) == ("once", "pending"), filed
    assert desk.state() == "active"
    (waiting,) = desk.clerk("second", "pending")["filings"]
    assert (waiting["request_id"], waiting["digest"], waiting["path"]) == ("once", filed["digest"], path), waiting
    assert "clerk-role" in desk.confirm("first", "once", expect=DENIED)["text"]
    done = desk.confirm("second", "once")
    assert (done["state"], done["answer"]["state"]) == ("done", "suspended"), done
    assert desk.state() == "suspended"
    assert desk.confirm("second", "once", expect=INTERNAL)["text"].startswith("filing-over")
    again = desk.file("first", path, dict(LOSS, request_id="another"), "--id", "once", expect=INTERNAL)
    assert again["text"].startswith("filing-id-reused"), again
    steps = desk.clerk("first", "read", f"/v1/cards/{desk.card}/history")["steps"]
    assert steps[-1]["state"] == "suspended" and steps[-1]["clerk"] == waiting["clerk"], steps


@test
def what_was_withdrawn_waits_no_more(desk):
    found = desk.file("first", f"/v1/cards/{desk.card}/acts", {"request_id": "f-1", "act": "found"})
    assert found["state"] == "done", found
    body = {"request_id": "p-1", "act": "pin-reset", "pin": "auth"}
    filed = desk.file("first", f"/v1/cards/{desk.card}/acts", body)
    assert "withdraw-stranger" not in json.dumps(filed)
    told = desk.clerk("first", "withdraw", filed["request_id"], pin="CLERK123")
    assert told == {"request_id": filed["request_id"], "state": "withdrawn"}, told
    assert desk.clerk("second", "pending")["filings"] == []
    assert desk.confirm("second", filed["request_id"], expect=INTERNAL)["text"].startswith("filing-over")


@test
def refusals_are_told_in_japanese(desk):
    refusal = desk.file("second", f"/v1/cards/{desk.card}/acts", LOSS, expect=DENIED, language="ja_JP.UTF-8")
    assert refusal["text"] == "clerk-role: これを行える役割がありません", refusal


@test
def sessions_end_with_the_daemon_and_with_logout(desk):
    desk.box.status()
    os.kill(desk.box.pids()["jpki-registerd"], signal.SIGKILL)
    wait_until("the register is there again", lambda: is_ready(desk.socket))
    assert desk.clerk("first", "pending", expect=DENIED)["text"].startswith("session-unknown")
    desk.login("first")
    desk.clerk("first", "logout")
    assert not os.path.exists(desk.dir.file("first.json"))


@test
def a_second_bootstrap_is_refused(desk):
    conf = os.path.join(desk.box.dir, "conf", "registerd.conf")
    out = desk.dir.file("application.json")
    desk.clerk("second", "apply", "--origin", "https://register.openjpki.test", "--name", "確認　双葉", "--municipality",
               "00000", "--challenge", "0" * 64, "--out", out, pin="CLERK123")
    assert set(json.loads(open(out, encoding="utf-8").read())) == {"application", "signature"}
    os.environ["JPKI_SANDBOX_CLOCK"] = os.path.join(desk.box.dir, "clock")
    desk.box.stop()
    for more in ((), ("--application", out)):
        done = run(program("jpki-registerd-sandbox"), "bootstrap", "--config", conf, *more, check=False)
        assert done.returncode != 0 and not done.stdout, done
    assert b"bootstrap-done" in run(program("jpki-registerd-sandbox"), "bootstrap", "--config", conf, check=False).stderr
    del os.environ["JPKI_SANDBOX_CLOCK"]


if __name__ == "__main__":
    main(Desk)
