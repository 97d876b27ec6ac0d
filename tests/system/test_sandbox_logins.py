#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Logins as anybody at the sandbox's OpenID provider: by header, parameter, setting and choice, each over the
protocol for cards, and what goes wrong on the holder's side."""
import json
import time
import urllib.parse

from harness import main, run, program, test, wait_until
from sandbox_party import Control, Party, at_hash, exchange
from test_sandbox import Sandbox

PERSONA, FAULT = "X-JPKI-Sandbox-Persona", "X-JPKI-Sandbox-Fault"


class Shared:
    def __init__(self):
        self.box = Sandbox(is_new=False).start()
        self.party, self.control = Party(self.box), Control(self.box)

    def who(self, fields=None, **parameters):
        """The name that the provider learns of whoever logged in."""
        result = self.party.log_in(fields, **parameters)
        answer = self.party.redeem(result)[2]
        return self.party.userinfo(answer["access_token"])[2]["name"]

    def fault(self, name):
        return self.control.ask("GET", "/v1/faults/" + name)[1]

    def trace(self):
        return json.loads(self.box.call("trace", "--json").stdout)["steps"]

    def close(self):
        self.box.close()


@test
def nobody_logs_in_unless_it_is_said_who(shared):
    status, address, cookie, _ = shared.party.open()
    assert status == 303 and "wait" not in address, address
    status, _, page = exchange(address, fields={"Cookie": cookie})
    assert status == 200 and "番号　花子".encode() in page and b'name="persona"' in page, page


@test
def whom_nobody_knows_cannot_log_in(shared):
    for fields, parameters in (({PERSONA: "nobody-of-that-name"}, {}), (None, {"sandbox_persona": "x y"})):
        status, _, _, body = shared.party.open(fields, **parameters)
        assert status == 400 and b"no persona" in body, (status, body)


@test
def the_field_goes_before_the_parameter_and_that_before_the_setting(shared):
    assert shared.who({PERSONA: "hanako"}) == "番号　花子"
    assert shared.who({PERSONA: "hanako"}, sandbox_persona="uruu") == "番号　花子"
    assert shared.who(sandbox_persona="uruu") == "閏田　二月"
    assert shared.control.ask("PUT", "/v1/state", {"persona": "hanako"})[0] == 200
    assert shared.who() == "番号　花子"
    assert shared.who(sandbox_persona="uruu") == "閏田　二月"
    assert "wait" not in shared.party.open({PERSONA: "-"})[1], "asks all the same"
    assert shared.control.ask("PUT", "/v1/state", {})[0] == 200
    assert "wait" not in shared.party.open()[1]


@test
def the_login_is_made_by_a_card_and_every_check_was_done(shared):
    before = len(shared.trace())
    result = shared.party.log_in({PERSONA: "hanako"})
    done = [(step["program"], step["flow"], step["step"]) for step in shared.trace()[before:]]
    assert ("jpki-sandbox-page", "F3", "②") in done and ("jpki-sandbox-page", "F3", "③") in done, done
    answer = shared.party.redeem(result)[2]
    wrong, claims = shared.party.judge(answer["id_token"], time.time())
    assert wrong == [] and claims["amr"] == ["sc", "pin"] and claims["acr"] == "aal3", (wrong, claims)
    assert claims["at_hash"] == at_hash(answer["access_token"])


@test
def what_has_happened_since_is_done_when_the_card_is_made(shared):
    assert "code" in shared.party.log_in({PERSONA: "hikkoshi"}, scope="openid")
    wait_until("the sign certificate is revoked by the move",
               lambda: shared.party.log_in({PERSONA: "hikkoshi"}).get("error") == "access_denied")
    assert "code" in shared.party.log_in({PERSONA: "hikkoshi"}, scope="openid"), "the auth certificate counts"
    answer = shared.party.redeem(shared.party.log_in({PERSONA: "kaisei"}))[2]
    assert shared.party.userinfo(answer["access_token"])[2]["name"] == "例示　旧子"


@test
def a_choice_in_the_browser_is_the_browser_s_own(shared):
    _, address, cookie, _ = shared.party.open()
    form = urllib.parse.urlencode({"persona": "hanako"}).encode()
    where = address + "/persona"
    assert exchange(where, data=form)[0] == 403, "another browser"
    assert exchange(where, data=b"persona=nobody-of-that-name", fields={"Cookie": cookie})[0] == 400
    status, _, page = exchange(where, data=form, fields={"Cookie": cookie})
    assert status == 200 and b"refresh" in page, page
    assert "code" in shared.party.browse(address + "?wait=1", cookie)


@test
def two_at_once_and_one_twice_at_once_come_through(shared):
    opened = []
    for persona in ("hanako", "uruu", "hanako", "koukou"):
        status, address, cookie, _ = shared.party.open({PERSONA: persona})
        assert status == 303
        opened.append((address, cookie))
    assert all("code" in shared.party.browse(*one) for one in opened)


def tries_left(shared):
    done = run(program("jpki"), "pin", "status", "--json", "--reader", f"direct:{shared.box.dir}/card/direct.sock")
    return {row["name"]: row["tries_left"] for row in json.loads(done.stdout)["pins"]}["auth"]


@test
def a_wrong_pin_costs_the_card_a_try(shared):
    shared.box.call("persona", "card", "hanako")
    assert tries_left(shared) == 3
    assert shared.party.log_in({PERSONA: "hanako", FAULT: "pin_wrong"})["error"] == "access_denied"
    assert tries_left(shared) == 2
    assert "code" in shared.party.log_in({PERSONA: "hanako"})
    assert tries_left(shared) == 3
    shared.box.call("persona", "card", "uruu")


@test
def a_holder_who_fails_or_declines_is_a_login_that_was_denied(shared):
    for fault in ("pin_wrong", "holder_declines", "card_removed"):
        result = shared.party.log_in({PERSONA: "hanako", FAULT: fault})
        assert result["error"] == "access_denied" and "code" not in result, (fault, result)
        assert "code" in shared.party.log_in({PERSONA: "hanako"}), fault
    assert "code" in shared.party.log_in({PERSONA: "hanako", FAULT: "card_slow"})


@test
def a_fault_that_is_counted_is_met_so_often(shared):
    shared.box.call("fault", "set", "holder_declines", "--times", "2")
    assert shared.fault("holder_declines")["left"] == 2
    for expected in ("error", "error", "code"):
        assert expected in shared.party.log_in({PERSONA: "hanako"}), shared.fault("holder_declines")
    row = shared.fault("holder_declines")
    assert (row["left"], row["met"]) == (None, 2), row


@test
def a_holder_who_is_silent_lets_the_login_end(shared):
    shared.box.call("fault", "set", "holder_silent")
    status, address, cookie, _ = shared.party.open({PERSONA: "hanako"})
    assert status == 303
    shared.box.call("clock", "+2m")
    assert shared.party.browse(address, cookie)["error"] == "access_denied"
    shared.box.call("fault", "clear", "holder_silent")
    assert "code" in shared.party.log_in({PERSONA: "hanako"})


if __name__ == "__main__":
    main(Shared)
