#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Consent, webhook, move, newer attributes and the fee, through a platform that dies meanwhile."""
import base64
import http.server
import json
import os
import re
import signal
import subprocess
import threading

from harness import Directory, ask, main, program, read_text, run, test, wait_until

PASSWORD, PIN = "ABC123", "1234"
NEW_HOME = "兵庫県神戸市中央区見本町７７番"
BANK = "sample-bank"


class Receiver(http.server.BaseHTTPRequestHandler):
    """The bank's server: what it was sent; it refuses until it is mended."""
    calls, is_broken = [], True

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        Receiver.calls.append((dict(self.headers.items()), body))
        self.send_response(503 if Receiver.is_broken else 204)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


class Site:
    def __init__(self):
        self.dir = Directory()
        os.chmod(self.dir.path, 0o711)
        self.home = self.dir.file("s")
        self.sandbox("up", "--detach")
        self.env = {"PATH": os.environ["PATH"], "LC_ALL": "C"}
        self.env.update({key: value for key, value in os.environ.items() if key.endswith("SAN_OPTIONS")})
        self.env.update(re.findall(r"export (PCSCLITE_CSOCK_NAME|J\w+)='([^']*)'", self.sandbox("env").stdout.decode()))
        self.sandbox("persona", "card", "hanako")
        wait_until("the card is in the reader", lambda: self.jpki("card", "info").returncode == 0)
        self.key = read_text(f"{self.home}/providers/{BANK}.key").strip()
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.holder = self.secret = None

    def sandbox(self, *argv):
        return run(program("jpki-sandbox"), *argv, "--dir", self.home)

    def jpki(self, *argv, secret=None):
        """At the sandbox's time, as its holder would."""
        if secret is not None:
            argv = (*argv, "--pin-fd", "0")
        return subprocess.run([program("jpki-sandbox"), "exec", "--dir", self.home, program("jpki"), *argv],
                              input=(secret or "").encode(), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              env=self.env, timeout=60, check=False)

    def call(self, method, path, body=None):
        """As the bank."""
        return ask(f"{self.home}/platform/platform.sock", method, path, body,
                   fields={"Authorization": f"Bearer {self.key}"})

    def kill_platform(self):
        rows = json.loads(self.sandbox("status", "--json").stdout)["programs"]
        os.kill(next(row["pid"] for row in rows if row["name"] == "jpki-platformd"), signal.SIGKILL)

    def events(self):
        return [event for event in self.call("GET", "/v1/events")[1]["events"]]

    def calls(self, kind):
        return [call for call in Receiver.calls if json.loads(call[1])["type"] == kind]

    def close(self):
        self.server.shutdown()
        self.sandbox("down")
        self.dir.close()


def up(function):
    """Its answer once the platform is there again."""
    found = []

    def is_there():
        try:
            found[:] = [function()]
        except (OSError, ValueError, KeyError):
            return False
        return True
    wait_until("the platform is there", is_there)
    return found[0]


@test
def a_holder_consents_and_the_provider_hands_it_on(site):
    platform = site.env["JPKI_PLATFORM"]
    given = site.jpki("consent", "give", "--platform", platform, "--attributes", "name,address", BANK, "accounts",
                      "--yes", secret=PASSWORD)
    assert given.returncode == 0, given
    assert "<提供項目>住所</提供項目>" in given.stderr.decode(), given
    body = json.loads(given.stdout)
    assert body["certificate"].count(".") == 4, body  # nobody but the platform reads it
    status, wrong = site.call("POST", "/v1/consent-withdrawals", body)
    assert status == 400, wrong
    status, consent = site.call("POST", "/v1/consents", body)
    assert (status, consent["state"], consent["attributes"]) == (201, "given", ["name", "address"]), (status, consent)
    site.holder = consent["holder"]
    status, again = site.call("POST", "/v1/consents", body)
    assert (status, again["consent"]) == (200, consent["consent"]), again


@test
def what_is_put_down_is_delivered_though_both_sides_die(site):
    status, hook = site.call("POST", "/v1/webhooks", {"url": f"http://127.0.0.1:{site.server.server_port}/hook"})
    assert status == 201, hook
    site.secret = hook["secret"]
    site.sandbox("clock", "+1d")
    site.sandbox("move", "hanako", "--address", NEW_HOME, "--municipality", "28100")
    wait_until("newer data are seen", lambda: any(e["type"].startswith("holder.") for e in site.events()), 60)
    wait_until("the bank was called", lambda: site.calls("holder.data_may_have_changed"), 60)
    site.kill_platform()  # with a delivery in the outbox that was refused
    Receiver.is_broken = False
    up(site.events)
    before = len(Receiver.calls)
    site.sandbox("clock", "+1d")
    wait_until("it is delivered", lambda: len(site.calls("holder.data_may_have_changed")) > 0
               and len(Receiver.calls) > before, 60)
    [event] = [event for event in site.events() if event["type"] == "holder.data_may_have_changed"]
    headers, sent = site.calls("holder.data_may_have_changed")[-1]
    assert headers["webhook-id"] == event["id"] and json.loads(sent)["data"]["holder"] == site.holder, (headers, sent)


@test
def openssl_computes_the_same_signature(site):
    headers, body = site.calls("holder.data_may_have_changed")[-1]
    key = base64.b64decode(site.secret.removeprefix("whsec_")).hex()
    message = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    mac = run("openssl", "dgst", "-sha256", "-mac", "HMAC", "-macopt", f"hexkey:{key}", "-binary", data=message).stdout
    assert headers["webhook-signature"] == "v1," + base64.b64encode(mac).decode(), headers


@test
def the_latest_attributes_pass_through_and_stay_nowhere(site):
    path = f"/v1/holders/{site.holder}"
    assert site.call("GET", path)[1]["newer_since"] is not None
    status, refused = site.call("POST", path + "/latest", {"service": "accounts", "attributes": ["birth"]})
    assert (status, refused["type"]) == (403, "urn:openjpki:problem:attribute-not-consented"), refused
    status, latest = site.call("POST", path + "/latest", {"service": "accounts", "request_id": "once"})
    assert status == 200 and latest["attributes"]["address"] == NEW_HOME, latest
    assert "birth_date" not in latest["attributes"], latest
    site.kill_platform()
    again = up(lambda: site.call("POST", path + "/latest", {"service": "accounts", "request_id": "once"}))
    assert again == (200, latest), again
    status, refused = site.call("POST", path + "/latest", {"service": "accounts"})
    assert (status, refused["type"]) == (409, "urn:openjpki:problem:nothing-newer"), refused
    for root, _, names in os.walk(f"{site.home}/platform"):
        for name in names:
            where = os.path.join(root, name)
            if os.path.isfile(where):
                with open(where, "rb") as f:
                    assert NEW_HOME.encode() not in f.read(), where
    for root, _, names in os.walk(f"{site.home}/log"):
        for name in names:
            with open(os.path.join(root, name), "rb") as f:
                assert NEW_HOME.encode() not in f.read(), name


@test
def it_is_paid_for_once_and_shown_to_the_holder(site):
    [told] = site.call("GET", f"/v1/holders/{site.holder}/told")[1]["told"]
    assert told["attributes"] == ["name", "address"], told
    month = subprocess.run(["date", "-d", f"@{told['told_at']}", "+%Y-%m"], env={"TZ": "Asia/Tokyo", **site.env},
                           stdout=subprocess.PIPE, check=True).stdout.decode().strip()
    site.month = month
    own = site.call("GET", f"/v1/fees?month={month}")[1]
    assert {"item": "attributes", "count": 1, "yen_each": 20, "yen": 20} in own["lines"], own
    bill = json.loads(run(program("jpkictl"), "fees", "--platform", "--month", month, "--json", "--socket",
                          f"{site.home}/platform/platform.sock").stdout)
    parts = [*bill["statements"], bill["rest"]]
    assert sum(part["yen"] for part in parts) == bill["authority"]["yen"], bill
    for item in ("attributes", "sign-check"):
        counts = [sum(line["count"] for line in part["lines"] if line["item"] == item) for part in parts]
        assert sum(counts) == sum(line["count"] for line in bill["authority"]["lines"] if line["item"] == item), bill
    theirs = json.loads(run(program("jpkictl"), "fees", "--verifier", "verifier", "--month", month, "--json", "--socket",
                            f"{site.home}/authority/authority.sock").stdout)["statements"]
    assert theirs[0]["yen"] == bill["authority"]["yen"], (theirs, bill)
    seen = json.loads(site.jpki("consent", "list", "--json", secret=PIN).stdout)
    assert [row["attributes"] for row in seen["disclosures"]] == [["name", "address"]], seen


def bill_of(site, month):
    return json.loads(run(program("jpkictl"), "fees", "--platform", "--month", month, "--json", "--socket",
                          f"{site.home}/platform/platform.sock").stdout)


def counted(part, item):
    return sum(line["count"] for line in part["lines"] if line["item"] == item)


@test
def a_platform_that_dies_at_its_questions_passes_on_what_it_is_billed(site):
    """Killed with SIGKILL while tenants have signatures judged: each that was answered is in the tenant's
    statement, and all statements with the rest are what the authority bills, count by count."""
    month, item, document = site.month, "sign-check", site.dir.file("contract")
    with open(document, "w") as out:
        out.write("a contract")
    os.chmod(document, 0o644)
    signed = site.jpki("sign", document, "--yes", secret=PASSWORD)
    assert signed.returncode == 0, signed
    before = bill_of(site, month)
    answered, is_over = [], threading.Event()

    def ask_on():
        while not is_over.is_set():
            done = site.jpki("verify", document, "--platform", site.env["JPKI_PLATFORM"], "--tenant-key-file",
                             f"{site.home}/providers/{BANK}.key", "--json")
            if done.returncode in (0, 1):
                answered.append(json.loads(done.stdout)["verdict"])

    people = [threading.Thread(target=ask_on) for _ in range(2)]
    for one in people:
        one.start()
    try:
        for _ in range(2):  # the sandbox gives up what dies five times in a minute
            so_far = len(answered)
            wait_until("some are answered", lambda so_far=so_far: len(answered) > so_far + 1)
            site.kill_platform()
            up(site.events)
    finally:
        is_over.set()
        for one in people:
            one.join()
    bills = [before]

    def all_told():
        """The authority has been told all questions, and nobody tells of more."""
        bills.append(bill_of(site, month))
        return bills[-1] == bills[-2] and counted(bills[-1]["rest"], item) >= 0

    wait_until("the authority has been told all questions", all_told)
    after = bills[-1]
    parts = [*after["statements"], after["rest"]]
    [own] = [part for part in after["statements"] if part["client_id"] == BANK]
    [was] = [part for part in before["statements"] if part["client_id"] == BANK]
    assert counted(own, item) - counted(was, item) >= len(answered), (before, after, answered)
    assert counted(after["rest"], item) >= 0, after
    assert sum(counted(part, item) for part in parts) == counted(after["authority"], item), after
    assert sum(part["yen"] for part in parts) == after["authority"]["yen"], after
    theirs = json.loads(run(program("jpkictl"), "fees", "--verifier", "verifier", "--month", month, "--json",
                            "--socket", f"{site.home}/authority/authority.sock").stdout)["statements"]
    assert theirs[0]["yen"] >= after["authority"]["yen"] and counted(theirs[0], item) >= len(answered), (theirs, after)


@test
def a_consent_that_its_holder_withdraws_is_over(site):
    platform = site.env["JPKI_PLATFORM"]
    given = site.jpki("consent", "give", "--withdraw", "--platform", platform, BANK, "accounts", "--yes",
                      secret=PASSWORD)

    def is_withdrawn():
        status, consent = site.call("POST", "/v1/consent-withdrawals", json.loads(given.stdout))
        assert status == 503 or (status, consent["state"]) == (201, "withdrawn"), (given, status, consent)
        return status == 201

    wait_until("the withdrawal has been handed on", is_withdrawn)
    status, refused = site.call("POST", f"/v1/holders/{site.holder}/latest", {"service": "accounts"})
    assert (status, refused["type"]) == (409, "urn:openjpki:problem:consent-withdrawn"), refused
    assert [event["type"] for event in site.events()][-1] == "consent.withdrawn"


if __name__ == "__main__":
    main(Site)
