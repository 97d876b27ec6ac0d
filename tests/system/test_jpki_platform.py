#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""jpki against jpki-platformd over a real jpki-signerd, with a card and nobody to ask about revocation.

So the best that can be said of a signature is that revocation was not checked, and a login goes as
far as that question: everything that is decided before it has been found to hold.
"""
import base64
import contextlib
import hashlib
import json
import socket
import socketserver
import sys
import threading
import urllib.error
import urllib.request

from harness import main, program, read_text, run, test, wait_until, write_text
from test_jpki_cli import PASSWORD, PIN, Card, Terminal, expect
from test_platformd import Site

NOBODY = "9999"  # a PIN that would cost a try if it were sent
NOT_FOUND_OUT = "cannot be found out now"


class Relay:
    """Passes every connection on to a port of this computer, and listens."""

    def __init__(self, port):
        relay = self
        self.seen = b""

        class Handler(socketserver.BaseRequestHandler):
            def handle(self):
                with socket.create_connection(("127.0.0.1", port), 20) as there:
                    back = threading.Thread(target=self.pass_on, args=(there, self.request))
                    back.start()
                    self.pass_on(self.request, there)
                    back.join()

            @staticmethod
            def pass_on(source, sink):
                with contextlib.suppress(OSError):
                    while octets := source.recv(65536):
                        relay.seen += octets
                        sink.sendall(octets)
                    sink.shutdown(socket.SHUT_WR)

        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


class Both:
    def __init__(self):
        self.card, self.site = Card(), Site()
        self.auth_ca = self.card.dir.file("auth-ca.pem")
        assert self.card.jpki("cert", "export", "--ca", "--out", self.auth_ca).code == 0
        self.card.signed()
        self.cas = {"sign_cas": self.card.anchors, "auth_cas": self.auth_ca}
        self.site.configure(**self.cas)
        self.key_file = self.card.dir.file("tenant.key")
        write_text(self.key_file, self.site.add_tenant("bank").stdout.decode())
        self.site.daemon.start()
        self.origin = self.site.origin

    def restart(self, **changes):
        self.site.daemon.stop()
        self.site.configure(**(self.cas | changes))
        self.site.daemon.start()

    def open(self):
        status, login = self.site.url("POST", "/v1/logins", {"client_id": "bank"})
        assert status == 201, login
        return login

    def login(self, *argv, url=None, pin=PIN):
        argv = argv or ("--client", "bank")
        return self.card.jpki("login", url or self.origin, "--yes", *argv, password=pin, **self.traced())

    def verify(self, *argv, document=None):
        argv = argv or ("--tenant-key-file", self.key_file)
        return self.card.jpki("verify", document or self.card.document, "--platform", self.origin, *argv,
                              **self.traced())

    def traced(self):
        return {"JPKI_TRACE": self.card.dir.file("steps.jsonl")}

    def steps(self):
        """All steps so far, in the order they were done: who wrote them, and which they are."""
        lines = []
        for path, program in ((self.site.trace, "jpki-platformd"), (self.traced()["JPKI_TRACE"], "jpki")):
            for line in map(json.loads, read_text(path).splitlines()):
                assert line["program"] == program, line
                lines.append(line)
        lines.sort(key=lambda line: line["at_us"])
        return [f"{line['program']} {line['flow']}{line['step']}" for line in lines]

    def close(self):
        self.site.close()
        self.card.close()


@test
def a_provider_that_is_not_registered_is_told_so(both):
    expect(both.login("--client", "stranger", pin=NOBODY), 2, 'has no provider "stranger"')


@test
def without_the_key_of_a_provider_nothing_is_verified(both):
    expect(both.verify("--json"), 4, both.origin)
    wrong = both.card.dir.file("wrong.key")
    write_text(wrong, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n")
    expect(both.verify("--tenant-key-file", wrong), 4, both.origin)


@test
def a_card_of_another_authority_is_refused_before_the_pin(both):
    other = Card()
    try:
        result = other.jpki("login", both.origin, "--yes", "--client", "bank", password=NOBODY)
        expect(result, 1, "does not take cards of the authority")
        assert other.tries()["auth"] == 3
        other.signed()
        result = other.jpki(
            "verify", other.document, "--platform", both.origin, "--tenant-key-file", both.key_file, "--json"
        )
        assert result.code == 1, result
        answer = result.json()
        assert answer["attributes"] is None, answer
        assert "issuer-unknown" in [reason["name"] for reason in answer["reasons"]], answer
    finally:
        other.close()


@test
def a_login_reached_under_another_name_is_refused(both):
    # The same server, so only what the client signed tells that somebody else could have been there.
    url = both.origin.replace("127.0.0.1", "localhost")
    expect(both.login("--client", "bank", url=url), 1, "did not sign this login: another origin")


@test
def a_relay_between_card_and_platform_gets_nothing(both):
    # It shows the person everything the platform says, and has the opener's secret.
    with Relay(both.site.port) as relay:
        url = f"http://127.0.0.1:{relay.port}"
        expect(both.login("--client", "bank", url=url), 1, "did not sign this login: another origin")
        assert b"/answer" in relay.seen and b'"secret"' in relay.seen


@test
def a_login_that_was_passed_on_needs_the_right_code(both):
    login = both.open()
    url = f"{both.origin}/v1/logins/{login['session']}"
    expect(both.login("--json", url=url, pin=NOBODY), 2, "--code is needed")
    wrong = f"{(int(login['code']) + 1) % 1000000:06}"
    expect(both.login("--code", wrong, url=url), 4, "code")
    expect(both.login("--code", login["code"], url=url), 5, NOT_FOUND_OUT)


@test
def a_login_is_over_after_three_wrong_codes(both):
    login = both.open()
    url = f"{both.origin}/v1/logins/{login['session']}"
    wrong = f"{(int(login['code']) + 1) % 1000000:06}"
    for _ in range(3):
        assert both.login("--code", wrong, url=url).code in (4, 5)
    result = both.login("--code", login["code"], url=url)
    assert result.code in (4, 5) and NOT_FOUND_OUT not in result.err, result


@test
def a_login_that_never_was_is_told_before_the_pin(both):
    url = f"{both.origin}/v1/logins/{'A' * 22}"
    expect(both.login("--code", "123456", url=url, pin=NOBODY), 5, "no such login")
    assert both.card.tries()["auth"] == 3


@test
def without_revocation_nobody_logs_in_though_everything_else_holds(both):
    expect(both.login(), 5, NOT_FOUND_OUT, "見本銀行 (https://bank.example)", f"through {both.origin}")


@test
def without_revocation_a_signature_is_indeterminate_and_nobody_is_named(both):
    result = both.verify("--tenant-key-file", both.key_file, "--json")
    assert result.code == 7, result
    answer = result.json()
    assert answer["verdict"] == "indeterminate" and answer["platform"] == both.origin, answer
    assert [reason["name"] for reason in answer["reasons"]] == ["revocation-not-checked"], answer
    assert answer["attributes"] is None and len(answer["id"]) == 22, answer
    assert both.verify().out.startswith("INDETERMINATE\n")


@test
def a_signature_under_an_authority_that_is_not_listed_is_invalid(both):
    both.restart(sign_cas=both.card.other)
    try:
        assert both.verify().code == 1
    finally:
        both.restart()
    assert both.verify().code == 7


@test
def a_platform_whose_key_cannot_be_used_says_try_later(both):
    both.site.signer.stop()
    try:
        expect(both.verify(), 5, both.origin)
        expect(both.login(), 5, both.origin)
    finally:
        both.site.signer.start()
    wait_until("signerd is asked again", lambda: both.verify().code == 7)


@test
def steps_are_there_only_if_the_process_that_did_them_wrote_them(both):
    before = len(both.steps())
    assert both.verify().code == 7
    assert both.steps()[before:] == ["jpki F2④", "jpki F2②", "jpki-platformd F2③", "jpki-platformd F2④"]
    before = len(both.steps())
    expect(both.login(), 5, NOT_FOUND_OUT)
    assert both.steps()[before:] == ["jpki-platformd F3①", "jpki F3②"], "an answer that was not taken"
    both.site.daemon.kill()
    try:
        before = len(both.steps())
        expect(both.verify(), 5, both.origin)
        assert both.steps()[before:] == ["jpki F2④"], "nothing was sent and nobody checked"
        before = len(both.steps())
        expect(both.login(), 5, both.origin)
        assert both.steps()[before:] == []
    finally:
        both.site.daemon.start()


@test
def on_a_terminal_the_provider_is_named_before_the_pin(both):
    terminal = Terminal(both.card, "login", both.origin, "--client", "bank")
    terminal.expect("Log in? [y/N] ")
    assert "見本銀行" in terminal.seen and both.origin in terminal.seen and "tries" not in terminal.seen
    terminal.type("y\n")
    terminal.expect("authentication PIN (tries left: 3): ")
    terminal.type(PIN + "\n")
    terminal.expect(NOT_FOUND_OUT)
    assert terminal.code() == 5 and PIN + "\r" not in terminal.seen


@test
def no_log_and_no_database_has_a_pin_or_a_name(both):
    for path in (both.site.dir.file("log"), both.site.dir.file("signer.log"), both.site.dir.file("db", "p.db")):
        with open(path, "rb") as f:
            text = f.read()
        for secret in (PASSWORD, "試験　太郎", "千代田区"):
            assert secret.encode() not in text, path


GAP = 16384


def with_pdf_signature(both, text):
    """A PDF with a signature that the card made over all but its own gap (jpki sign)."""
    head = (b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n4 0 obj\n<< /Length " + str(len(text)).encode()
            + b" >>\nstream\n" + text + b"\nendstream\nendobj\n5 0 obj\n<< /Type /Sig /Filter /Adobe.PPKLite "
            b"/SubFilter /adbe.pkcs7.detached ")
    tail = b" >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"
    start = len(head) + len(b"/ByteRange [0 %010d %010d %010d] /Contents " % (0, 0, 0))
    head += b"/ByteRange [0 %010d %010d %010d] /Contents " % (start, start + GAP + 2, len(tail))
    covered = both.card.dir.file("covered")
    with open(covered, "wb") as stream:
        stream.write(head + tail)
    signed = both.card.jpki("sign", covered, "--yes", "--force", password=PASSWORD)
    assert signed.code == 0, signed
    with open(covered + ".p7s", "rb") as stream:
        cms = stream.read()
    return head + b"<" + cms.hex().encode().ljust(GAP, b"0") + b">" + tail


def judged(both, form, content, **more):
    """What the platform says of a whole document."""
    key = read_text(both.key_file).strip()
    body = json.dumps({"form": form, "content": base64.b64encode(content).decode()} | more).encode()
    request = urllib.request.Request(both.origin + "/v1/document-verifications", body, {
        "Content-Type": "application/json", "Authorization": f"Bearer {key}"})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


@test
def a_document_that_the_card_signed_is_judged_whole_for_a_verifier_alone(both):
    with open(both.card.document + ".p7s", "rb") as stream:
        cms = stream.read()
    with open(both.card.document, "rb") as stream:
        digest = base64.b64encode(hashlib.sha256(stream.read()).digest()).decode()
    beside = {"digest": {"alg": "SHA-256", "value": digest}}
    status, refused = judged(both, "cms", cms, **beside)
    assert status == 403 and refused["type"].endswith(":not-a-verifier"), refused
    both.site.daemon.stop()
    run(program("jpki-platformd"), "tenant", "verifier", "--config", both.site.config, "bank")
    both.site.daemon.start()
    status, answer = judged(both, "cms", cms, **beside)
    # All but revocation, about which nobody is asked here.
    assert status == 201 and answer["reasons"] == ["revocation-not-checked"], answer
    assert [part["covers"] for part in answer["signatures"]] == ["document"], answer
    changed = judged(both, "cms", cms, digest={"alg": "SHA-256", "value": base64.b64encode(bytes(32)).decode()})[1]
    assert changed["verdict"] == "invalid" and "document-changed" in changed["reasons"], changed


@test
def a_pdf_that_the_card_signed_is_over_what_it_says(both):
    good = with_pdf_signature(both, b"pay 100 yen")
    answer = judged(both, "pdf", good)[1]
    assert answer["reasons"] == ["revocation-not-checked"], answer
    assert answer["signatures"][0]["covers"] == "document", answer
    changed = judged(both, "pdf", good.replace(b"100 yen", b"900 yen"))[1]
    assert changed["verdict"] == "invalid" and "document-changed" in changed["reasons"], changed
    shadow = judged(both, "pdf", good + b"4 0 obj\n<< /Length 11 >>\nstream\npay 900 yen\nendstream\nendobj\n%%EOF\n")[1]
    assert shadow["verdict"] == "indeterminate" and "added-later" in shadow["reasons"], shadow
    assert shadow["signatures"][0]["covers"] == "revision", shadow


class Report:
    """A report of what a platform has said of the card's signature, in a file of its own."""

    def __init__(self, both):
        self.both = both
        key = read_text(both.key_file).strip()
        made = both.verify("--tenant-key-file", both.key_file, "--json").json()
        request = urllib.request.Request(f"{both.origin}/v1/verifications/{made['id']}/report",
                                         headers={"Authorization": f"Bearer {key}"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            self.text = json.load(answer)["report"]
        with urllib.request.urlopen(both.origin + "/v1/report-keys", timeout=60) as answer:
            self.keys = both.card.dir.file("report-keys.json")
            write_text(self.keys, answer.read().decode())
        self.file = both.card.dir.file("report.jws")
        write_text(self.file, self.text + "\n")

    def check(self, *argv, keys=True, file=None):
        with_keys = ("--keys", self.keys) if keys else ()
        return self.both.card.jpki("verify", "--report", file or self.file, *with_keys, *argv)

    def changed(self, spoil):
        """The report with another payload or header, and the signature of before."""
        parts = self.text.split(".")
        spoil(parts)
        path = self.both.card.dir.file("changed.jws")
        write_text(path, ".".join(parts))
        return path


def encoded(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def decoded(part):
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


@test
def a_report_that_was_changed_or_needs_no_signature_is_not_believed(both):
    report = Report(both)

    def better(parts):
        claims = decoded(parts[1])
        claims["verification"].update(verdict="valid", reasons=[])
        parts[1] = encoded(claims)

    def unsigned(parts):
        parts[0], parts[2] = encoded({"alg": "none", "typ": "verification-report+jwt"}), ""

    expect(report.check(file=report.changed(better)), 1, "must not be believed")
    assert report.check(file=report.changed(unsigned)).code == 2
    other = both.card.dir.file("other-keys.json")
    write_text(other, json.dumps({"keys": []}))
    expect(report.check("--keys", other, keys=False), 1, "must not be believed")
    expect(report.check("--platform", both.origin.replace("127.0.0.1", "localhost"), keys=False), 1, "not of")
    expect(report.check(keys=False), 2, "--report needs")


@test
def a_report_is_of_one_document_and_for_one_provider(both):
    report = Report(both)
    other = both.card.dir.file("other.txt")
    write_text(other, "another document\n")
    expect(report.check(other), 1, "another document")
    expect(report.check("--provider", "shop"), 1, "another provider")
    # As verdicts are: nobody is asked about revocation here.
    told = report.check("--provider", "bank", both.card.document)
    assert told.code == 7 and "INDETERMINATE" in told.out and "bank" in told.out, told


@test
def a_report_is_checked_with_the_platform_and_without_it(both):
    report = Report(both)
    there = report.check("--platform", both.origin, "--json", both.card.document, keys=False)
    assert there.code == 7, there
    answer = there.json()
    assert answer["platform"] == both.origin and answer["provider"] == "bank", answer
    assert [reason["name"] for reason in answer["reasons"]] == ["revocation-not-checked"], answer
    both.site.daemon.stop()
    try:
        assert report.check(both.card.document).code == 7
        assert report.check("--platform", both.origin, keys=False).code == 5
    finally:
        both.site.daemon.start()


if __name__ == "__main__":
    sys.exit(main(Both))
