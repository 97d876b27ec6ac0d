#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A sandbox with --timing real: what the authority did becomes known at the hours of the real system.

The tests move the time in their order, from five past ten of a day on.
"""
import datetime
import json
import os
import re
import subprocess
import sys

from harness import ask, main, program, run, test, wait_until, write_text
from test_sandbox import USAGE, Sandbox
from test_sandbox_clock import JST, execute, refuse_instrumented

QUARTER = 900
HOME = ("--address", "兵庫県神戸市中央区見本町１番", "--municipality", "28100")
LIST = "sign-Tokyo-to-Chiyoda-ku"


def seconds_of(text):
    return int(datetime.datetime.fromisoformat(re.sub("Z$", "+00:00", text)).timestamp())


class Real:
    """A sandbox by the real timetable, of tomorrow."""

    def __init__(self):
        self.day = datetime.datetime.now(JST).date() + datetime.timedelta(days=1)
        self.box = Sandbox(is_new=False).start("--timing", "real")

    def issue(self):
        """At five past ten, and when the responder has asked for that quarter: so that it does not know
        hanako's certificate yet, but john's, which was there before."""
        self.box.call("persona", "card", "john")
        known = self.certificate("john", "b")
        self.set_clock("10:05")
        wait_until("the responder has asked", lambda: self.status(known)["status"] == "good"
                   and seconds_of(self.status(known)["this_update"]) == self.time("10:00"))
        self.box.call("persona", "card", "hanako")

    def set_clock(self, hour, day=None):
        self.box.call("clock", "--set", f"{day or self.day}T{hour}")

    def path(self, *names):
        return os.path.join(self.box.dir, *names)

    def certificate(self, name="hanako", file="a"):
        """That of a signature of the card."""
        refuse_instrumented(program("jpki"))
        document, pem = self.path("log", file + ".txt"), self.path("log", file + ".pem")
        pins = {row["name"]: row["pin_sign"]
                for row in json.loads(self.box.call("persona", "list", "--json").stdout)["personas"]}
        write_text(document, "a\n")

        def signs():
            return subprocess.run(
                [program("jpki-sandbox"), "exec", "--dir", self.box.dir, "jpki", "sign", document, "--yes",
                 "--force", "--pin-fd", "0"], input=pins[name].encode() + b"\n", stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL, check=False, timeout=60).returncode == 0
        wait_until("the card signs", signs)
        run("openssl", "cms", "-verify", "-noverify", "-binary", "-inform", "DER", "-in", document + ".p7s",
            "-content", document, "-out", "/dev/null", "-signer", pem)
        return pem

    def status(self, pem):
        return json.loads(execute(self.box.dir, "jpkictl", "cert", "status", "--json", pem, check=False).stdout)

    def crl(self):
        """(thisUpdate in UTC seconds, entries) of the list of hanako's municipality; None if there is none."""
        listed = ask(self.path("authority", "authority.sock"), "GET", "/v1/crls")[1]["crls"]
        return next(((row["this_update"], row["entries"]) for row in listed if row["name"] == LIST), None)

    def time(self, hour, day=None):
        moment = datetime.datetime.combine(day or self.day, datetime.time.fromisoformat(hour), JST)
        return int(moment.timestamp())

    def close(self):
        self.box.close()


@test
def another_timing_is_refused_and_nothing_starts(_):
    with Sandbox() as box:
        assert b"fast or real" in box.call("up", "--timing", "slow", expect=USAGE).stderr
        assert os.listdir(box.dir) == []


@test
def the_state_says_which_it_is(real):
    assert real.box.status()["timing"] == "real"
    assert "07:00" in real.box.call("status").stdout.decode()


@test
def a_new_certificate_is_known_to_the_responder_from_the_next_quarter_on(real):
    real.issue()
    pem = real.certificate()
    assert real.status(pem)["status"] == "unknown", real.status(pem)
    real.set_clock("10:15")
    wait_until("the responder has asked", lambda: real.status(pem)["status"] == "good")
    status = real.status(pem)
    assert seconds_of(status["this_update"]) == real.time("10:15"), status
    assert seconds_of(status["next_update"]) == real.time("10:15") + QUARTER, status


@test
def a_revocation_is_known_to_it_from_the_next_quarter_on(real):
    real.old = real.path("log", "old.pem")
    os.rename(real.certificate(), real.old)
    wait_until("the list of the municipality is there", lambda: real.crl() is not None, 90)
    real.box.call("move", "hanako", *HOME)
    assert real.status(real.old)["status"] == "good", real.status(real.old)
    real.set_clock("10:30")
    wait_until("the responder has asked", lambda: real.status(real.old)["status"] == "revoked")
    status = real.status(real.old)
    assert status["reason"] == "affiliationChanged", status
    assert seconds_of(status["revoked_at"]) < real.time("10:30"), status


@test
def it_comes_into_the_list_at_seven(real):
    refuse_instrumented(program("jpki"))  # as the move before was skipped
    made, entries = real.crl()
    assert entries == 0 and made < real.time("10:31"), (made, entries)
    real.set_clock("23:59")
    assert real.crl() == (made, 0), real.crl()
    tomorrow = real.day + datetime.timedelta(days=1)
    real.set_clock("07:00", tomorrow)
    wait_until("the list is a new one", lambda: real.crl()[0] != made)
    made, entries = real.crl()
    assert entries == 1 and 0 <= made - real.time("07:00", tomorrow) < 60, (made, entries)


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    main(Real)
