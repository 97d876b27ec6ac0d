#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What happens to residents and cards, with register and authority that are killed in between and a
clock that is moved: what was recorded reaches the authority, by itself."""
import os

from harness import Directory, main, make_clock, program, read_text, run, test, wait_until
from test_issuing import NEW_HOME, certificate, feed, movable, refused, serial_of
from test_variants import Sandboxed

HOLD, CESSATION = "certificateHold", "cessationOfOperation"
NEW_HOME_TOLD = {key: NEW_HOME[key] for key in ("address", "municipality")}


class Clocked(Sandboxed):
    """The issuing side by a clock of its own."""

    def __init__(self):
        self.clock = Directory()
        make_clock(self.clock.path)
        super().__init__()
        for kind in ("sign", "auth"):
            run(program("jpki-authorityd-sandbox"), "init-ca", "--config", self.dir.file("authority.conf"), kind)
        self.authorityd.start()
        self.registerd.start()

    def wait(self, shift):
        run(program("jpki-sandbox"), "clock", "--dir", self.clock.path, shift)

    def close(self):
        os.environ.pop("JPKI_SANDBOX_CLOCK", None)
        super().close()
        self.clock.close()


def act(site, path, name, request_id, **told):
    return site.post(path + "/acts", {"request_id": request_id, "act": name, **told})


def handed_over(site):
    """A resident with a card that is in use: the paths of both, the number of the sign certificate."""
    resident, card, serial = movable(site)
    assert site.post(f"/v1/cards/{card}/activation")[0] == 200
    return f"/v1/residents/{resident}", f"/v1/cards/{card}", serial


def reasons(site, since):
    return sorted((entry["kind"], entry["reason"]) for entry in feed(site, since)["entries"])


@test
def acts_that_cannot_be_are_refused_and_change_nothing(site):
    resident, card, _ = handed_over(site)
    before = feed(site)["last"]
    refused(act(site, resident, "marriage", "x-1"), 400, "act")
    refused(act(site, resident, "name", "x-1"), 400, "needs name")
    refused(act(site, resident, "death", "x-1", pin="auth"), 400, "pin")
    refused(act(site, card, "pin-reset", "x-1", pin="1234"), 400, "pin")
    refused(act(site, "/v1/cards/none", "loss", "x-1"), 404, "no such card")
    refused(act(site, card, "found", "x-1"), 409, "the card is active")
    refused(act(site, card, "renew", "x-1"), 409, "three months")
    assert feed(site)["last"] == before
    assert [step["state"] for step in site.get(card + "/history")[1]["steps"]] == ["stock", "issued", "active"]


@test
def a_loss_that_was_recorded_holds_the_certificates_however_late(site):
    _, card, serial = handed_over(site)
    before = feed(site)["last"]
    site.authorityd.kill()
    status, answer = act(site, card, "loss", "loss-1")
    assert status == 201 and (answer["state"], answer["revocation"]) == ("suspended", "pending"), answer
    site.registerd.kill()
    site.registerd.start()
    site.authorityd.start()
    wait_until("both certificates are held", lambda: len(feed(site, before)["entries"]) == 2)
    assert reasons(site, before) == [("auth", HOLD), ("sign", HOLD)]
    assert serial in [entry["serial"] for entry in feed(site, before)["entries"]]
    assert act(site, card, "loss", "loss-1")[1]["revocation"] == "done"  # and not once more
    assert feed(site)["last"] == before + 2
    refused(site.post(card + "/certificates", {"requests": {"auth": site.key()}}), 409, "suspended")


@test
def a_card_that_was_found_again_loses_for_good_what_was_held(site):
    _, card, _ = handed_over(site)
    assert act(site, card, "loss", "loss-2")[1]["revocation"] == "done"
    before = feed(site)["last"]
    status, answer = act(site, card, "found", "found-2")
    assert status == 201 and (answer["state"], answer["revocation"]) == ("active", "done"), answer
    assert reasons(site, before) == [("auth", "superseded"), ("sign", "superseded")]
    certificate(site.post(card + "/certificates", {"requests": {"auth": site.key(), "sign": site.key()}}))


@test
def a_certificate_that_nobody_waits_for_is_fetched_by_the_register(site):
    card = "/v1/cards/" + site.card()
    request = {"requests": {"auth": site.key()}}
    site.authorityd.kill()
    assert site.post(card + "/certificates", request)[0] == 503
    site.registerd.kill()
    site.registerd.start()
    site.authorityd.start()
    assert site.get(card)[1]["state"] == "stock"
    site.wait("+2m")
    wait_until("the certificate is there", lambda: site.get(card)[1]["state"] == "issued")
    assert "certificate.resumed" in read_text(site.registerd.log)
    issued = feed(site)["issued"]["auth"]
    assert serial_of(certificate(site.post(card + "/certificates", request))) == issued  # the very same


@test
def who_moves_out_and_is_never_seen_again_has_no_card_after_a_month(site):
    resident, card, _ = handed_over(site)
    before = feed(site)["last"]
    today = site.get(card)[1]["issued_at"][:10]
    status, answer = act(site, resident, "move-out", "out-1", date=today)
    assert status == 201 and answer["standing"] == "leaving", answer
    assert "lapses_after" in site.get(card)[1]
    site.wait("+29d")
    assert site.get(card)[1]["state"] == "active"
    site.registerd.kill()
    site.wait("+2d")
    site.registerd.start()
    wait_until("the card has lapsed", lambda: site.get(card)[1]["state"] == "lapsed")
    wait_until("its certificates are revoked", lambda: len(feed(site, before)["entries"]) == 2)
    assert reasons(site, before) == [("auth", CESSATION), ("sign", CESSATION)]
    status, answer = act(site, resident, "move-in", "in-1", date=today, **NEW_HOME_TOLD)
    assert status == 201 and answer["standing"] == "here", answer
    assert feed(site)["last"] == before + 2  # nothing was left to revoke


if __name__ == "__main__":
    main(Clocked)
