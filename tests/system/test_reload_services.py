#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""SIGHUP at authority, register and platform: all of what changed or nothing, told, and nobody's request is lost."""
import base64
import json
import os
import signal
import threading

from harness import ask, main, program, read_text, run, test, wait_until, write_text
from rsa_keys import write_key
from test_issuing import HANAKO, test_number
from test_ocspd import HOLDER, end_of_day
from whole_site import WholeSite

SIGHUPS = 12
CONFIGS = {"authorityd": "authority.conf", "registerd": "register.conf", "platformd": "platform.conf"}
# What only a restart changes, and a value that the file may have.
FIXED = {
    "authorityd": (("workers", "2"), ("sign_key", "other"), ("feed_sign_key", "x\nfeed_auth_key = y"),
                   ("holder_socket", "/nonexistent/h.sock\nholder_origin = https://h.example")),
    "registerd": (("workers", "2"), ("clerk_origin", "https://other.example"), ("numbers", "law")),
    "platformd": (("workers", "2"), ("origin", "http://localhost"), ("token_key", "other")),
}


class Site(WholeSite):
    def __init__(self):
        super().__init__()
        self.kept = {name: read_text(self.dir.file(conf)) for name, conf in CONFIGS.items()}
        self.key_file = self.dir.file("csr", "holder")
        write_key(self.key_file)
        self.cert = base64.b64decode(self.issue("holder")["certificate"])
        write_text(self.dir.file("ctl-status.conf"), "".join(
            f"[daemon {name}]\nsocket = {self.path(name)}\nprotocol = http\n" for name in CONFIGS))

    def path(self, name):
        return {"authorityd": self.authority_socket, "registerd": self.counter, "platformd": self.platform_socket}[name]

    def issue(self, request_id, key_file=None):
        status, answer = ask(self.authority_socket, "POST", "/v1/certificates", {
            "request_id": request_id, "kind": "sign", "request": self.request(key_file or self.key_file),
            "not_after": end_of_day(100), "prefecture": "Tokyo-to", "window_id": "13101003A",
            "municipality": "Chiyoda-ku", "holder": HOLDER})
        assert status == 200, answer
        return answer

    def verdict(self):
        status, answer = self.provider.ask("POST", "/v1/verifications", self.provider.document(self.key_file, self.cert))
        assert status == 201, answer
        return answer["verdict"]

    def add(self, name, lines):
        """The configuration of a daemon, with more lines or, of a key that is there, others."""
        keys = {line.split(" = ")[0] for line in lines.splitlines()}
        text = "".join(line for line in self.kept[name].splitlines(True) if line.split(" = ")[0] not in keys)
        write_text(self.dir.file(CONFIGS[name]), text + lines + "\n")

    def put_back(self, name):
        write_text(self.dir.file(CONFIGS[name]), self.kept[name])

    def hang_up(self, name):
        """Have it reload; the line of its log that says how that went."""
        daemon = getattr(self, name)
        said = lambda: [line for line in read_text(daemon.log).splitlines() if "service.reload" in line]
        before = len(said())
        daemon.process.send_signal(signal.SIGHUP)
        wait_until(name + " has reloaded", lambda: len(said()) > before, 60)
        lines = said()
        assert len(lines) == before + 1, lines
        return lines[-1]

    def status(self):
        done = run(program("jpkictl"), "status", "--config", self.dir.file("ctl-status.conf"), "--json")
        return {row["name"]: row for row in json.loads(done.stdout)["daemons"]}

    def refuse(self, name, words, lines):
        self.add(name, lines)
        line = self.hang_up(name)
        assert "service.reload_refused" in line and words in line, (name, words, line)
        row = self.status()[name]
        assert row["ready"] and row["reload_refused"] and row["reloaded_at"] > 0, row
        self.put_back(name)

    def take(self, name, lines):
        self.add(name, lines)
        line = self.hang_up(name)
        assert "service.reloaded" in line, line
        assert self.status()[name]["reload_refused"] is False


@test
def who_was_never_told_to_reload_says_so(site):
    for row in site.status().values():
        assert row["ready"] and row["reloaded_at"] is None and row["reload_refused"] is None, row
        assert row["warnings"] == [], row


@test
def a_faulty_file_changes_nothing_and_is_told(site):
    broken = site.dir.file("anchors-broken.pem")
    write_text(broken, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    for name in CONFIGS:
        site.refuse(name, "no key colour", "colour = red")
    site.refuse("authorityd", "there is no table of fees", f"fees = {site.dir.file('nothing.tsv')}")
    site.refuse("authorityd", "operator_peers", "operator_peers = root")
    site.refuse("registerd", "does not exist", f"clerk_anchors = {site.dir.file('nothing')}")
    site.refuse("registerd", "window", "window = x")
    site.refuse("platformd", "anchors-broken.pem", f"sign_cas = {broken}")
    site.refuse("platformd", "no such file", f"auth_cas = {site.dir.file('nothing.pem')}")
    site.refuse("platformd", "not for signerd's key token", "verifier_key = token")
    site.refuse("platformd", "nothing", "verifier_key = nothing")
    wait_until("the responder knows the certificate", lambda: site.verdict() == "valid")


@test
def what_only_a_restart_changes_is_refused_by_its_name(site):
    for name, settings in FIXED.items():
        for key, value in settings:
            site.refuse(name, f"{key} changes by a restart only", f"{key} = {value}")
    write_text(site.dir.file(CONFIGS["registerd"]),
               "".join(line for line in site.kept["registerd"].splitlines(True) if "clerk_anchors" not in line))
    assert "clerk_anchors comes and goes by a restart only" in site.hang_up("registerd")
    site.put_back("registerd")


@test
def without_its_signerd_the_platform_keeps_what_it_has(site):
    site.signerd_token.kill()
    line = site.hang_up("platformd")
    assert "service.reload_refused" in line, line
    site.signerd_token.start()
    wait_until("it verifies", lambda: site.provider.ask("GET", "/readyz")[0] == 200, 60)
    assert site.verdict() == "valid"


@test
def the_authority_publishes_by_other_hours(site):
    """By itself, a list that changed waits for the day; with the setting, for a second."""
    broken = site.dir.file("authority", "broken.tsv")
    write_text(broken, "sign-check\tyesterday\n")
    site.refuse("authorityd", "line 1", f"fees = {broken}")

    def entries():
        lists = ask(site.authority_socket, "GET", "/v1/crls")[1]["crls"]
        return {row["name"]: row["entries"] for row in lists}["sign-full"]

    wait_until("the lists of the day", lambda: ask(site.authority_socket, "GET", "/v1/crls")[1]["crls"], 60)
    before = entries()
    write_key(site.key_file + "-2")
    serial = site.issue("to-be-revoked", site.key_file + "-2")["serial"]
    answer = ask(site.authority_socket, "POST", "/v1/revocations",
                 {"request_id": "reload-1", "kind": "sign", "serial": serial, "reason": "superseded"})
    assert answer[0] == 201 and entries() == before, answer
    site.take("authorityd", "publish_changed_s = 1")
    wait_until("the list has it", lambda: entries() == before + 1, 60)
    site.put_back("authorityd")
    site.take("authorityd", "")


@test
def a_register_reads_its_anchors_again_and_keeps_who_is_logged_in(site):
    clerk = site.at_counter().first
    assert site.get("/v1/residents/0123456789abcdef0123456789abcdef")[0] == 404
    session = clerk.session
    others = site.dir.file("other-anchors")
    os.mkdir(others, 0o700)
    run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", site.dir.file("other.key"), "-out",
        os.path.join(others, "other.pem"), "-days", "10", "-subj", "/C=JP/O=OpenJPKI TEST/OU=other",
        "-addext", "keyUsage=critical,keyCertSign,cRLSign")
    site.take("registerd", f"clerk_anchors = {others}")
    assert site.post("/v1/residents", {**HANAKO, "mynumber": test_number(60000000000)})[0] != 201
    site.put_back("registerd")
    site.take("registerd", "")
    status, answer = site.post("/v1/residents", {**HANAKO, "mynumber": test_number(60000000000)})
    assert status == 201, answer
    assert clerk.session == session


@test
def a_platform_reads_its_anchors_again(site):
    other = site.dir.file("other-anchors", "other.pem")
    site.take("platformd", f"sign_cas = {other}")
    assert site.verdict() == "indeterminate"
    site.put_back("platformd")
    site.take("platformd", "")
    assert site.verdict() == "valid"


@test
def no_request_fails_while_reloads_come(site):
    body = site.provider.document(site.key_file, site.cert)
    clerk = site.at_counter().first
    asked = {
        "authorityd": lambda: site.issue("holder") and 200,
        "registerd": lambda: {404: 200}.get(clerk.get("/v1/residents/0123456789abcdef0123456789abcdef")[0]),
        "platformd": lambda: {"valid": 200}.get(site.provider.ask("POST", "/v1/verifications", body)[1]["verdict"]),
    }
    bad, counts, end = [], {name: 0 for name in asked}, threading.Event()

    def keep_asking(name, question):
        while not end.is_set():
            try:
                if question() != 200:
                    bad.append(name)
            except (AssertionError, OSError, KeyError) as trouble:
                bad.append((name, repr(trouble)))
            counts[name] += 1

    askers = [threading.Thread(target=keep_asking, args=row) for row in asked.items() for _ in range(2)]
    for asker in askers:
        asker.start()
    for _ in range(SIGHUPS):
        for name in asked:
            assert "service.reloaded" in site.hang_up(name)
        seen = dict(counts)
        wait_until("answers go on", lambda seen=seen: all(counts[name] > seen[name] for name in seen), 60)
    end.set()
    for asker in askers:
        asker.join()
    assert not bad, bad[:3]
    print(f"# {sum(counts.values())} answers while {3 * SIGHUPS} reloads came", flush=True)


if __name__ == "__main__":
    main(Site)
