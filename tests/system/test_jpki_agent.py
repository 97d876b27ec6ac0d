#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""jpki agent: which pages may ask for the card, what the person is asked, and what pages learn.

Pages are played by requests with the fields that a browser sets for them; the window is a program
that speaks pinentry's protocol; the service is the one of docs/card-protocol.md.
"""
import base64
import contextlib
import hashlib
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.parse

from card_service import Service, key_id, verifies
from harness import main, program, read_text, run, test, wait_until, write_text
from provider import login_message
from test_jpki_cli import PASSWORD, PIN, SECRETS, Card

CODE = "123456"
# Writes down what it is told, and answers with the next line of its answers; "wait" waits for a
# file first.
WINDOW = """#!/bin/sh
echo OK Pleased to meet you
while read -r line; do
    echo "$line" >>"$0.shown"
    case $line in
    GETPIN)
        answer=$(head -n 1 "$0.answers")
        sed -i 1d "$0.answers"
        case $answer in
        wait*)
            echo >"$0.open"
            while [ ! -e "$0.go" ]; do sleep 0.05; done
            answer=${answer#wait } ;;
        esac
        case $answer in
        cancel) echo ERR 83886179 cancelled ;;
        *) echo "D $answer"; echo OK ;;
        esac ;;
    *) echo OK ;;
    esac
done
"""


class Agent:
    """The program, on a port that it chose."""

    def __init__(self, card, *argv, **environment):
        self.log = card.dir.file("agent.log")
        env = {"PATH": os.environ["PATH"], "LC_ALL": "C", "JPKI_READER": "direct:" + card.direct} | environment
        env |= {key: value for key, value in os.environ.items() if key.endswith("SAN_OPTIONS")}
        env["ASAN_OPTIONS"] = env.get("ASAN_OPTIONS", "") + ":detect_leaks=0"  # it hardened itself
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [program("jpki"), "agent", "--port", "0", "--json", *argv],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, env=env,
            )
        self.port = json.loads(self.process.stdout.readline())["port"]

    def said(self):
        return read_text(self.log)

    def close(self):
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(60)
        self.process.stdout.close()
        assert code == 0, (code, self.said())


class Both:
    def __init__(self):
        self.card = Card()
        ca = self.card.dir.file("auth-ca.pem")
        assert self.card.jpki("cert", "export", "--ca", "--out", ca).code == 0
        self.service = Service(self.card.dir, [key_id(ca)])
        self.window = self.card.dir.file("window")
        write_text(self.window, WINDOW, 0o700)
        self.agent = None
        self.restart()

    def restart(self, *argv, **more):
        """Also forgets how often origins have asked."""
        if self.agent is not None:
            self.agent.close()
        self.answers()
        self.agent = Agent(self.card, "--pinentry", self.window, *argv, **more)

    def answers(self, *lines):
        """What the person will type in the windows to come."""
        write_text(self.window + ".answers", "".join(line + "\n" for line in lines))
        write_text(self.window + ".shown", "")

    def windows(self):
        """What the windows were told."""
        return read_text(self.window + ".shown")

    def request(self, method, path, fields, body=None, host="127.0.0.1"):
        """As a browser sends it: fields are pairs; the status, the fields and the text of the answer."""
        connection = http.client.HTTPConnection(host, self.agent.port, timeout=120)
        try:
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            for name, value in fields:
                connection.putheader(name, value)
            if body is not None:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            answer = connection.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read().decode()
        finally:
            connection.close()

    def host(self):
        return ("Host", f"127.0.0.1:{self.agent.port}")

    def path_of(self, url):
        return "/v1/logins?address=" + urllib.parse.quote(url, safe="")

    def page(self, url, origin=None, code=CODE):
        """What a page of this origin (the login's own) gets for asking."""
        fields = [self.host(), ("Origin", origin or self.service.origin), ("Content-Type", "application/json")]
        return self.request("POST", self.path_of(url), fields, json.dumps({"code": code}).encode())

    def outcome(self, url):
        status, fields, text = self.page(url)
        assert status == 200, (status, text)
        assert fields["access-control-allow-origin"] == self.service.origin and fields["vary"] == "Origin", fields
        assert list(json.loads(text)) == ["outcome"], text
        return json.loads(text)["outcome"]

    def refused(self, status, method, path, fields, body=None):
        """Refused with this status, in a way that no page may read, and nobody was asked."""
        sent = len(self.service.sent)
        got, reply, text = self.request(method, path, fields, body)
        assert got == status, (got, text)
        assert not [name for name in reply if name.startswith("access-control-")], reply
        assert self.windows() == "" and len(self.service.sent) == sent

    def close(self):
        self.agent.close()
        self.service.close()
        self.card.close()


BODY = json.dumps({"code": CODE}).encode()
JSON = ("Content-Type", "application/json")


@test
def pages_of_other_origins_are_refused(both):
    _, url = both.service.login()
    both.answers(PIN)
    others = ["https://evil.example", "http://127.0.0.1", f"http://localhost:{both.service.port}", "null", "file://", ""]
    others += [both.service.origin + "/", both.service.origin.replace("http", "HTTP"), both.service.origin + " x"]
    for origin in others:
        both.refused(403, "POST", both.path_of(url), [both.host(), ("Origin", origin), JSON], BODY)
        both.refused(403, "OPTIONS", both.path_of(url), [both.host(), ("Origin", origin)])


@test
def requests_without_an_origin_or_with_two_are_refused(both):
    _, url = both.service.login()
    both.answers(PIN)
    own = ("Origin", both.service.origin)
    both.refused(403, "POST", both.path_of(url), [both.host(), JSON], BODY)
    both.refused(403, "POST", both.path_of(url), [both.host(), own, own, JSON], BODY)
    both.refused(403, "POST", both.path_of(url), [both.host(), own, ("origin", "https://evil.example"), JSON], BODY)


@test
def a_host_that_was_made_to_point_here_is_refused(both):
    _, url = both.service.login()
    both.answers(PIN)
    port = both.agent.port
    for host in (f"evil.example:{port}", "127.0.0.1", f"127.0.0.1:{port + 1}", f"127.0.0.1.evil.example:{port}", f"127.0.0.2:{port}"):
        both.refused(403, "POST", both.path_of(url), [("Host", host), ("Origin", both.service.origin), JSON], BODY)
        both.refused(403, "OPTIONS", both.path_of(url), [("Host", host), ("Origin", both.service.origin)])


@test
def what_a_page_may_send_without_being_asked_about_is_refused(both):
    _, url = both.service.login()
    both.answers(PIN)
    own = [both.host(), ("Origin", both.service.origin)]
    for kind in ("application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x"):
        both.refused(415, "POST", both.path_of(url), [*own, ("Content-Type", kind)], BODY)
    both.refused(415, "POST", both.path_of(url), own, BODY)
    both.refused(405, "GET", both.path_of(url), own)
    both.refused(400, "POST", "/v1/logins", [*own, JSON], BODY)
    both.refused(400, "POST", both.path_of(url), [*own, JSON], b"{}")
    both.refused(400, "POST", both.path_of(url), [*own, JSON], b'{"code": "12345"}')
    both.refused(400, "POST", both.path_of(url), [*own, JSON], b'{"code": "123456", "pin": "1234"}')


@test
def a_browser_is_told_that_pages_of_the_login_may_ask(both):
    _, url = both.service.login()
    own = [both.host(), ("Origin", both.service.origin), ("Access-Control-Request-Method", "POST")]
    status, fields, _ = both.request("OPTIONS", both.path_of(url), own)
    assert status == 204 and fields["access-control-allow-origin"] == both.service.origin, fields
    assert fields["access-control-allow-methods"] == "POST", fields
    assert fields["access-control-allow-headers"] == "Content-Type" and fields["vary"] == "Origin", fields
    assert "access-control-allow-private-network" not in fields and "access-control-allow-credentials" not in fields
    status, fields, _ = both.request(
        "OPTIONS", both.path_of(url), [*own, ("Access-Control-Request-Private-Network", "true")]
    )
    assert status == 204 and fields["access-control-allow-private-network"] == "true", fields


@test
def the_window_says_who_asks_and_the_card_answers(both):
    both.restart()
    challenge, url = both.service.login()
    both.answers(PIN)
    assert both.outcome(url) == "answered"
    answer = both.service.answer(challenge)
    assert both.service.is_signed(challenge, answer)[0] and answer["code"] == CODE
    (told,) = re.findall("^SETDESC (.*)$", both.windows(), re.MULTILINE)
    told = urllib.parse.unquote(told)
    assert "見本商店 (https://shop.example)" in told and f"through {both.service.origin}," in told, told
    assert both.windows().count("GETPIN") == 1


@test
def both_windows_say_what_is_wished_for(both):
    challenge, url = both.service.login(attributes=True, wants=["address"])
    both.answers(PIN, PASSWORD)
    assert both.outcome(url) == "answered"
    assert both.service.is_signed(challenge, both.service.answer(challenge)["sign"])[0]
    assert both.windows().count("It asks for your address.") == 2 == both.windows().count("GETPIN")


@test
def no_pin_is_kept(both):
    both.restart()
    both.answers(PIN, "9999")
    assert both.outcome(both.service.login()[1]) == "answered"
    challenge, url = both.service.login()
    assert both.outcome(url) == "failed"
    assert both.windows().count("GETPIN") == 2 and both.card.tries()["auth"] == 2
    assert "tries left: 2" in both.agent.said() and not [path for path, _ in both.service.sent if challenge["session"] in path]
    both.answers(PIN)
    assert both.outcome(both.service.login()[1]) == "answered"


@test
def a_window_that_is_closed_signs_nothing(both):
    both.restart()
    challenge, url = both.service.login()
    both.answers("cancel")
    assert both.outcome(url) == "declined"
    challenge2, url = both.service.login(attributes=True, wants=["name"])
    both.answers(PIN, "cancel")
    assert both.outcome(url) == "declined"
    for one in (challenge, challenge2):
        assert not [path for path, _ in both.service.sent if one["session"] in path]
    assert both.card.tries() == {"auth": 3, "sign": 5}


@test
def only_one_question_is_open(both):
    both.restart()
    challenge, url = both.service.login()
    other, other_url = both.service.login()
    both.answers("wait " + PIN, PIN)
    first = []
    asking = threading.Thread(target=lambda: first.append(both.outcome(url)))
    asking.start()
    wait_until("the window is open", lambda: os.path.exists(both.window + ".open"), 60)
    assert both.outcome(other_url) == "busy"
    write_text(both.window + ".go", "")
    asking.join(60)
    assert first == ["answered"] and both.windows().count("GETPIN") == 1
    assert not [path for path, _ in both.service.sent if other["session"] in path]
    assert both.service.is_signed(challenge, both.service.answer(challenge))[0]
    assert both.outcome(other_url) == "answered"


@test
def a_page_that_asks_too_often_is_not_heard(both):
    both.restart()
    _, url = both.service.login()
    both.answers(*["cancel"] * 6)
    assert [both.outcome(url) for _ in range(6)] == ["declined"] * 5 + ["too_many"]
    assert both.windows().count("GETPIN") == 5


@test
def without_a_card_or_a_login_nobody_is_asked(both):
    both.restart()
    both.answers(PIN)
    both.card.insert(False)
    try:
        assert both.outcome(both.service.login()[1]) == "failed"
    finally:
        both.card.insert(True)
    assert both.outcome(f"{both.service.origin}/v1/logins/{'A' * 22}") == "failed"
    assert both.outcome(f"{both.service.origin}/elsewhere") == "failed"
    assert both.windows() == "" and "no card in the reader" in both.agent.said()


@test
def it_is_reached_by_all_names_of_this_computer(both):
    _, url = both.service.login()
    for host, name in (("127.0.0.1", "127.0.0.1"), ("127.0.0.1", "localhost"), ("::1", "[::1]")):
        if host == "::1" and not socket.has_ipv6:
            continue
        fields = [("Host", f"{name}:{both.agent.port}"), ("Origin", both.service.origin)]
        with contextlib.suppress(OSError):
            assert both.request("OPTIONS", both.path_of(url), fields, host=host)[0] == 204


@test
def systemd_s_socket_is_taken(both):
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        port = listening.getsockname()[1]

        def pass_on():
            os.dup2(listening.fileno(), 3)
            os.environ["LISTEN_PID"] = str(os.getpid())

        script = 'export LISTEN_PID=$$; exec "$@"'
        child = subprocess.Popen(
            ["sh", "-c", script, "sh", program("jpki"), "agent", "--pinentry", both.window, "--json"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, pass_fds=(3,), preexec_fn=pass_on,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C", "LISTEN_FDS": "1", "ASAN_OPTIONS": "detect_leaks=0"},
        )
        try:
            assert json.loads(child.stdout.readline()) == {"port": port}
        finally:
            child.send_signal(signal.SIGTERM)
            assert child.wait(60) == 0
            child.stdout.close()


def web_eid(both, nonce, origin):
    fields = [both.host(), ("Origin", origin), JSON]
    return both.request("POST", "/v1/web-eid", fields, json.dumps({"nonce": nonce}).encode())


@test
def web_eid_is_off_unless_it_was_wished_for(both):
    both.answers(PIN)
    nonce = base64.b64encode(os.urandom(32)).decode()
    own = [both.host(), ("Origin", "https://site.example")]
    both.refused(404, "POST", "/v1/web-eid", [*own, JSON], json.dumps({"nonce": nonce}).encode())
    both.refused(404, "OPTIONS", "/v1/web-eid", own)


def clerk_asks(both, what, origin=None, **changes):
    """What a page of a register's counter gets: changes are made to what it sends."""
    register = "https://counter.example"
    told = {"origin": register, "counter": "131010001", "session": "ab" * 16}
    if what == "applications":
        told = {"origin": register, "name": "窓口　花子", "municipality": "13101"}
    elif what == "logins":
        told |= {"nonce": base64.b64encode(bytes(32)).decode(), "expires_at": int(time.time()) + 60, "issuers": both.service.issuers}
    else:
        told |= {"request_id": "r-1", "path": "/v1/cards/A-1/acts", "body": '{"act":"loss","request_id":"a-1"}'}
    fields = [both.host(), ("Origin", origin or register), JSON]
    status, _, text = both.request("POST", "/v1/clerk/" + what, fields, json.dumps(told | changes).encode())
    return status, json.loads(text)


def assert_signed(both, document, signature):
    paths = both.card.dir.file("signed.json"), both.card.dir.file("signed.cms")
    for path, octets in zip(paths, (document, signature)):
        with open(path, "wb") as file:
            file.write(octets)
    run("openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", paths[1], "-content", paths[0], "-noverify", "-out", os.devnull)


@test
def nothing_is_done_for_clerks_unless_the_agent_was_told_so(both):
    both.restart()
    for what in ("logins", "filings", "applications"):
        both.refused(404, "OPTIONS", "/v1/clerk/" + what, [both.host(), ("Origin", "https://counter.example")])
        assert clerk_asks(both, what)[0] == 404
    assert both.windows() == ""


@test
def a_page_gets_nothing_signed_for_another_register(both):
    both.restart("--clerk")
    both.answers(PASSWORD)
    for what in ("logins", "filings", "applications"):
        assert clerk_asks(both, what, origin="https://evil.example")[0] == 403
    for wrong in ({"challenge": "0" * 64}, {"name": 1}):
        assert clerk_asks(both, "applications", **wrong)[0] == 400, wrong
    assert clerk_asks(both, "filings", body="{")[0] == 400
    assert clerk_asks(both, "filings", extra="x")[0] == 400
    assert both.windows() == ""


@test
def a_clerk_logs_in_for_the_page_s_origin_alone(both):
    both.restart("--clerk")
    both.answers(PIN)
    status, answer = clerk_asks(both, "logins", issuers=["00" * 20])
    assert status == 200 and answer == {"outcome": "failed"} and both.windows() == "", "another authority's card"
    status, answer = clerk_asks(both, "logins", expires_at=int(time.time()) + 3600)
    assert answer == {"outcome": "failed"} and both.windows() == "", "a challenge that is good for too long"
    expires_at = int(time.time()) + 60
    status, answer = clerk_asks(both, "logins", expires_at=expires_at)
    assert status == 200 and answer["outcome"] == "answered", answer
    assert "https://counter.example, counter 131010001" in urllib.parse.unquote(both.windows())
    der, signature = (base64.b64decode(answer["proof"][name]) for name in ("certificate", "signature"))

    def is_for(origin):
        told = {"provider": {"client_id": "131010001"}, "session": "ab" * 16, "nonce": base64.b64encode(bytes(32)).decode(),
                "expires_at": expires_at}
        return verifies(both.card.dir, der, signature, login_message(told, origin))

    assert is_for("https://counter.example") and not is_for("https://register.openjpki.test")


@test
def who_applies_to_become_a_clerk_sees_what_is_signed(both):
    both.restart("--clerk")
    both.answers(PASSWORD, "cancel")
    status, answer = clerk_asks(both, "applications", window="0003")
    assert status == 200 and answer["outcome"] == "answered", answer
    assert "register at https://counter.example:\n窓口　花子 13101 0003" in urllib.parse.unquote(both.windows()), both.windows()
    document, signature = (base64.b64decode(answer["application"][name]) for name in ("application", "signature"))
    told = json.loads(document)
    assert abs(told.pop("at") - time.time()) < 60 and len(base64.b64decode(told.pop("auth_certificate"))) > 500
    assert told == {"origin": "https://counter.example", "challenge": "", "name": "窓口　花子", "municipality": "13101", "window": "0003"}
    assert_signed(both, document, signature)
    assert clerk_asks(both, "applications")[1] == {"outcome": "declined"}


@test
def a_request_is_shown_and_signed_as_it_is_shown(both):
    both.restart("--clerk")
    both.answers(PASSWORD, "cancel")
    status, answer = clerk_asks(both, "filings")
    assert status == 200 and answer["outcome"] == "answered", answer
    told = urllib.parse.unquote(both.windows())
    assert "https://counter.example" in told and "131010001 /v1/cards/A-1/acts" in told and '"act":"loss"' in told, told
    request, signature = (base64.b64decode(answer["filing"][name]) for name in ("request", "signature"))
    assert_signed(both, request, signature)
    signed = json.loads(request)
    assert abs(signed.pop("at") - time.time()) < 120
    assert signed == {"origin": "https://counter.example", "session": "ab" * 16, "counter": "131010001", "request_id": "r-1",
                      "path": "/v1/cards/A-1/acts", "body": {"act": "loss", "request_id": "a-1"}}, signed
    assert clerk_asks(both, "filings")[1] == {"outcome": "declined"}
    both.answers(PASSWORD)
    long = json.dumps({"requests": {"auth": "A" * 3000}})
    assert clerk_asks(both, "filings", body=long)[1]["outcome"] == "answered"
    compact = json.dumps(json.loads(long), separators=(",", ":")).encode()
    assert f"{len(compact)} bytes, SHA-256 {hashlib.sha256(compact).hexdigest()}" in urllib.parse.unquote(both.windows())

@test
def a_web_eid_token_verifies_as_its_validators_do_it(both):
    both.restart("--web-eid")
    both.answers(PIN)
    nonce, origin = base64.b64encode(os.urandom(32)).decode(), "https://site.example"
    status, fields, text = web_eid(both, nonce, origin)
    assert status == 200 and fields["access-control-allow-origin"] == origin, (status, text)
    answer = json.loads(text)
    assert answer["outcome"] == "answered", answer
    token = answer["token"]
    assert token["format"].startswith("web-eid:1") and token["algorithm"] == "RS256", token
    der, signature = (base64.b64decode(token[name]) for name in ("unverifiedCertificate", "signature"))

    def is_valid(site, challenge):
        signed = hashlib.sha256(site.encode()).digest() + hashlib.sha256(challenge.encode()).digest()
        return verifies(both.card.dir, der, signature, signed)

    assert is_valid(origin, nonce)
    other = base64.b64encode(os.urandom(32)).decode()
    assert not is_valid("https://other.example", nonce) and not is_valid(origin, other)
    told = urllib.parse.unquote(both.windows())
    assert f"Logging in to {origin} by Web eID." in told and "serial number" in told, told


@test
def a_web_eid_nonce_that_is_none_costs_no_window(both):
    both.answers(PIN)
    for nonce in ("", "A" * 40, "A" * 132, "A" * 43 + "!"):
        both.refused(400, "POST", "/v1/web-eid", [both.host(), ("Origin", "https://site.example"), JSON], json.dumps({"nonce": nonce}).encode())
    both.refused(403, "POST", "/v1/web-eid", [both.host(), ("Origin", "null"), JSON], json.dumps({"nonce": "A" * 44}).encode())
    both.answers("cancel")
    status, _, text = web_eid(both, "A" * 44, "https://site.example")
    assert (status, json.loads(text)) == (200, {"outcome": "declined"})


@test
def nothing_secret_was_logged(both):
    said = both.agent.said()
    assert CODE not in said
    for secret in SECRETS:
        assert secret not in said


if __name__ == "__main__":
    sys.exit(main(Both))
