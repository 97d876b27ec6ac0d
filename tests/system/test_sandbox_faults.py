#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The named faults of a sandbox, each by what somebody outside sees of it, and that all is well without them."""
import http.server
import json
import os
import subprocess
import threading
import time

from harness import PATIENCE, UnixConnection, ask, main, program, read_text, run, test, wait_until
from sandbox_party import Control, Party, exchange
from test_sandbox import Sandbox

PERSONA, FAULT = "X-JPKI-Sandbox-Persona", "X-JPKI-Sandbox-Fault"
SEEN = set()  # faults whose effect a test has shown


class Shared:
    def __init__(self):
        self.box = Sandbox(is_new=False).start()
        self.party, self.control = Party(self.box), Control(self.box)
        self.urls = self.box.state["urls"]
        self.key = read_text(self.box.dir + "/providers/sample-bank.key").strip()

    def log_in(self, persona="hanako", fault=None, **parameters):
        return self.party.log_in({PERSONA: persona} | ({FAULT: fault} if fault else {}), **parameters)

    def platform(self, path, method="GET", body=None, **fields):
        data = None if body is None else json.dumps(body).encode()
        status, answer, text = exchange(self.urls["platform"] + path, method, data,
                                        {"Authorization": "Bearer " + self.key, "Content-Type": "application/json"} |
                                        fields)
        return status, answer, json.loads(text) if text else None

    def set(self, name, times=1):
        SEEN.add(name)
        status, row = self.control.ask("PUT", "/v1/faults/" + name, {"times": times})
        assert status == 200 and row["left"] == (times or 0), row

    def done(self, name):
        row = self.control.ask("GET", "/v1/faults/" + name)[1]
        assert row["left"] is None and row["met"] >= 1, row

    def during_and_after(self, name, ask):
        """What is answered while it happens, and when it is over. Of what other programs ask for as well, now and then:
        they would use up a fault that happens once."""
        self.set(name, times=0)
        answers = [ask()]
        assert self.control.ask("GET", "/v1/faults/" + name)[1]["met"] >= 1, name
        assert self.control.ask("DELETE", "/v1/faults/" + name)[0] == 204
        return answers + [ask()]

    def act(self, name, persona):
        SEEN.add(name)
        self.box.call("fault", "set", name, "--persona", persona)

    def close(self):
        self.box.close()


@test
def what_is_no_fault_or_none_of_this_place_is_told(shared):
    assert shared.control.ask("PUT", "/v1/faults/no_such_thing", {})[0] == 404
    for times in (-1, 1000001):
        assert shared.control.ask("PUT", "/v1/faults/slow", {"times": times})[0] == 400, times
    assert shared.control.ask("PUT", "/v1/faults/slow", {"times": 1000000})[0] == 200
    assert shared.control.ask("DELETE", "/v1/faults")[0] == 204
    for name, text in (("no_such_thing", b"no fault"), ("ocsp_down", b"does not happen"), ("pin_locked", b"not happen")):
        status, _, body = shared.party.keys({FAULT: name})
        assert status == 400 and text in body, (name, body)
    assert b"no fault" in shared.box.call("fault", "set", "no_such_thing", expect=3).stderr
    assert all(row["left"] is None for row in shared.control.ask("GET", "/v1/faults")[1]["faults"])


@test
def an_id_token_is_wrong_in_one_way_and_the_next_one_right(shared):
    for name, expected in (("wrong_nonce", ["nonce"]), ("wrong_audience", ["aud"]), ("bad_signature", ["signature"]),
                           ("unsigned_token", ["alg"]), ("unknown_kid", ["kid"]), ("expired_token", ["exp"]),
                           ("clock_skew", ["iat"])):
        shared.set(name)
        for words in (expected, []):
            answer = shared.party.redeem(shared.log_in())[2]
            wrong, _ = shared.party.judge(answer["id_token"], time.time())
            assert wrong == words, (name, wrong)
        shared.done(name)
        result = shared.log_in()
        answer = shared.party.redeem(result, {FAULT: name})[2]
        assert shared.party.judge(answer["id_token"], time.time())[0] == expected, (name, "by the token request")
        result = shared.log_in(fault=name)
        answer = shared.party.redeem(result)[2]
        assert shared.party.judge(answer["id_token"], time.time())[0] == expected, (name, "by the login request")


@test
def an_id_token_is_about_somebody_else_than_userinfo(shared):
    shared.set("wrong_subject")
    for same in (False, True):
        answer = shared.party.redeem(shared.log_in())[2]
        _, claims = shared.party.judge(answer["id_token"], time.time())
        info = shared.party.userinfo(answer["access_token"])[2]
        assert (claims["sub"] == info["sub"]) == same, (claims, info)


@test
def endpoints_of_the_provider_are_away_so_often_as_was_said(shared):
    shared.set("login_unavailable")
    assert shared.party.open()[0] == 503 and shared.party.open()[0] == 303
    result = shared.log_in()
    shared.set("token_down")
    status, fields, _ = shared.party.redeem(result)
    assert status == 503 and fields["Retry-After"], status
    status, _, answer = shared.party.redeem(result)
    assert status == 200, "the code was not spent"
    shared.set("userinfo_down")
    assert [shared.party.userinfo(answer["access_token"])[0] for _ in "12"] == [503, 200]
    shared.set("jwks_down")
    assert [shared.party.keys()[0] for _ in "12"] == [503, 200]
    assert exchange(shared.urls["authapp"] + "/livez")[0] == 200


@test
def the_platform_is_away_or_has_had_enough_of_a_tenant(shared):
    assert shared.platform("/v1/tenant")[0] == 200
    shared.set("platform_down")
    assert [shared.platform("/v1/tenant")[0] for _ in "12"] == [503, 200]
    shared.set("rate_limited")
    assert exchange(shared.urls["platform"] + "/v1/tenant")[0] == 403, "strangers are told nothing else"
    shared.set("rate_limited")
    status, fields, body = shared.platform("/v1/tenant")
    assert status == 429 and fields["Retry-After"] == "1" and "r=0" in fields["RateLimit"], (status, fields, body)
    assert shared.platform("/v1/tenant")[0] == 200
    shared.set("quota_exhausted")
    question = {"digest": {"alg": "SHA-256", "value": "A" * 43 + "="}, "signature": "AAAA", "certificate": "a.b.c.d.e"}
    status, fields, body = shared.platform("/v1/verifications", "POST", question)
    assert status == 429 and "quota" in body["detail"] and int(fields["Retry-After"]) > 3600, (status, body)
    assert shared.platform("/v1/verifications", "POST", question)[0] not in (429, 503)


@test
def a_consent_that_counts_no_longer_is_named(shared):
    question = {"holder": "A" * 22, "service": "s", "attributes": ["name"], "request_id": "r-1"}
    for fault, name in (("consent_withdrawn", "consent-withdrawn"), ("consent_expired", "consent-expired")):
        SEEN.add(fault)
        path = next(path for path in json.loads(exchange(shared.urls["platform"] + "/openapi.json")[2])["paths"]
                    if "latest" in path)
        status, _, body = shared.platform(path.replace("{holder}", "A" * 22), "POST", question, **{FAULT: fault})
        assert status == 409 and body["type"] == "urn:openjpki:problem:" + name, (path, status, body)


def seconds_of(function, expected):
    begun = time.monotonic()
    assert function() == expected
    return time.monotonic() - begun


@test
def answers_come_late(shared):
    question = {"Content-Type": "application/ocsp-request"}
    assert shared.during_and_after("slow", lambda: seconds_of(lambda: shared.party.keys()[0], 200))[0] >= 2
    shared.set("ocsp_slow")
    assert seconds_of(lambda: exchange(shared.urls["ocsp"] + "/auth", data=b"0", fields=question)[0], 200) >= 3
    shared.done("ocsp_slow")


@test
def responder_and_authority_are_away(shared):
    question = {"Content-Type": "application/ocsp-request"}
    shared.set("ocsp_down")
    asked = [exchange(shared.urls["ocsp"] + "/auth", data=b"0", fields=question)[0] for _ in "12"]
    assert asked == [503, 200], asked
    path = shared.box.dir + "/authority/authority.sock"
    lists = ask(path, "GET", "/v1/crls")[1]["crls"]
    asked = shared.during_and_after("crl_down", lambda: raw_status(path, "/v1/crls/" + lists[0]["name"]))
    assert asked == [503, 200], (asked, lists)
    json_type = {"Content-Type": "application/json"}
    asked = shared.during_and_after("authority_down", lambda: exchange(
        shared.urls["authority"] + "/v1/holder/consents", "POST", b"{}", json_type)[0])
    assert asked == [503, 400], asked
    assert exchange(shared.urls["authority"] + "/readyz")[0] == 200


def raw_status(path, url):
    connection = UnixConnection(path, PATIENCE)
    try:
        connection.request("GET", url)
        return connection.getresponse().status
    finally:
        connection.close()


@test
def a_locked_pin_stays_locked(shared):
    direct = f"direct:{shared.box.dir}/card/direct.sock"
    shared.log_in("uruu")
    shared.box.call("persona", "card", "uruu")
    shared.act("pin_last_try", "uruu")
    done = run(program("jpki"), "pin", "status", "--json", "--reader", direct)
    assert {row["name"]: row["tries_left"] for row in json.loads(done.stdout)["pins"]}["auth"] == 1
    assert "code" in shared.log_in("uruu"), "the last try is one"
    shared.act("sign_pin_locked", "uruu")
    assert shared.log_in("uruu")["error"] == "access_denied"
    assert "code" in shared.log_in("uruu", scope="openid"), "the sign key stays out"
    shared.act("pin_locked", "uruu")
    assert shared.log_in("uruu", scope="openid")["error"] == "access_denied"
    shared.box.call("act", "uruu", "pin-reset", "--pin", "auth")
    assert "code" in shared.log_in("uruu", scope="openid")


def denied(shared, persona, **parameters):
    return lambda: shared.log_in(persona, **parameters).get("error") == "access_denied"


@test
def a_card_that_ends_at_the_counter_ends_at_the_provider(shared):
    for name, persona in (("card_suspended", "koukou"), ("auth_revoked", "john")):
        assert "code" in shared.log_in(persona, scope="openid")
        shared.act(name, persona)
        wait_until(name + " is known", denied(shared, persona, scope="openid"))


class Receiver(http.server.BaseHTTPRequestHandler):
    calls = []

    def do_POST(self):
        Receiver.calls.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


def consents(shared, persona):
    """Its holder at the bank."""
    shared.box.call("persona", "card", persona)
    environment = dict(os.environ, JPKI_READER=f"direct:{shared.box.dir}/card/direct.sock", LC_ALL="C")
    environment.pop("PCSCLITE_CSOCK_NAME", None)
    argv = [program("jpki-sandbox"), "exec", "--dir", shared.box.dir, program("jpki"), "consent", "give", "--platform",
            shared.urls["platform"], "--reader", environment["JPKI_READER"], "--attributes", "name", "sample-bank", "accounts",
            "--yes", "--pin-fd", "0"]
    done = subprocess.run(argv, input=b"ABC123", env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=PATIENCE, check=False)
    assert done.returncode == 0, done
    found = []

    def is_taken():
        status, _, body = shared.platform("/v1/consents", "POST", json.loads(done.stdout))
        found[:] = [(status, body)]
        return status != 503
    wait_until("the consent is taken", is_taken)
    assert found[0][0] == 201, found
    return found[0][1]["holder"]


def told(shared, holder):
    return [event for event in shared.platform("/v1/events")[2]["events"] if event["data"]["holder"] == holder
            and event["type"] == "holder.data_may_have_changed"]


@test
def a_move_revokes_the_sign_certificate_and_its_notice_is_lost_or_late(shared):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        holders = [consents(shared, persona) for persona in ("futago-a", "futago-b")]
        url = f"http://127.0.0.1:{server.server_port}/hook"
        assert shared.platform("/v1/webhooks", "POST", {"url": url})[0] == 201
        shared.box.call("clock", "+1d")
        for holder, persona, name in zip(holders, ("futago-a", "futago-b"), ("webhook_lost", "provider_silent")):
            Receiver.calls.clear()
            shared.set(name)
            shared.act("sign_revoked_by_move", persona)
            wait_until("the move is seen", lambda holder=holder: told(shared, holder))
            wait_until(name, lambda name=name: shared.control.ask("GET", "/v1/faults/" + name)[1]["met"] == 1)
            assert not Receiver.calls, Receiver.calls
        shared.box.call("clock", "+1h")
        wait_until("it is tried again", lambda: Receiver.calls)
        assert [call["data"]["holder"] for call in Receiver.calls] == [holders[1]], "the lost one is lost"
        wait_until("the auth certificate counts", lambda: "code" in shared.log_in("futago-a", scope="openid"))
        assert denied(shared, "futago-a")(), "without the sign key"
        assert "code" in shared.log_in("futago-a", scope="openid"), "and goes on doing so"
    finally:
        server.shutdown()


@test
def lists_become_stale_where_none_are_made(shared):
    SEEN.add("crl_stale")
    path = shared.box.dir + "/authority/authority.sock"

    def stale():
        now = shared.control.ask("GET", "/v1/clock")[1]["now"]
        return [row["next_update"] < now for row in ask(path, "GET", "/v1/crls")[1]["crls"]]

    def times_met():
        return shared.control.ask("GET", "/v1/faults/crl_stale")[1]["met"]

    url = shared.urls["authority"] + "/v1/holder/consents"
    assert exchange(url, "POST", b"{}", {"Content-Type": "application/json", "X-JPKI-Sandbox-Fault": "crl_stale"})[0] == 400
    assert not any(stale()), "as always"
    assert shared.control.ask("PUT", "/v1/faults/crl_stale", {})[0] == 200
    wait_until("no list is made", lambda: times_met() > 0)
    shared.box.call("clock", "+8d")
    before = times_met()
    wait_until("none is made later either", lambda: times_met() > before + 1)
    assert all(stale()), stale()
    assert shared.control.ask("DELETE", "/v1/faults/crl_stale")[0] == 204
    wait_until("lists are made again", lambda: not any(stale()))


@test
def each_fault_was_seen_here_or_among_the_logins(shared):
    there = {row["name"] for row in shared.control.ask("GET", "/v1/faults")[1]["faults"]}
    logins = read_text(os.path.join(os.path.dirname(os.path.abspath(__file__)), "test_sandbox_logins.py"))
    rest = there - SEEN
    assert SEEN <= there and all(f'"{name}"' in logins for name in rest), rest


if __name__ == "__main__":
    main(Shared)
