#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""jpki against a platform that is a script: what it is sent, and which of its answers are refused.

Nothing of ours is on the other side: keys, JWE and signatures are judged by OpenSSL.
"""
import base64
import hashlib
import hmac
import http.server
import json
import re
import sys
import threading
import time

from harness import main, read_text, run, test, wait_until, write_text
from rsa_keys import write_key
from test_jpki_cli import PASSWORD, PIN, Card, Terminal, expect

REMOTE_ANSWER_MAX = 64 * 1024
SUBJECT_MAX = 128
NONCE = bytes(range(32))
PROVIDER = {"name": "お店", "origin": "https://shop.example", "client_id": "shop"}
HOLDER = {"name": "試験　太郎", "address": "東京都千代田区一丁目", "birth_date": "1990-01-01", "sex": "male"}
NOBODY = "9999"  # a PIN that would cost a try if it were sent


def url64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unurl64(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Key:
    """The platform's key, as OpenSSL made it."""

    def __init__(self, path):
        self.path = path
        write_key(path)
        text = run("openssl", "rsa", "-in", path, "-noout", "-modulus").stdout.decode()
        self.n = url64(bytes.fromhex(text.strip().split("=")[1]))

    def jwk(self, **changes):
        required = json.dumps({"e": "AQAB", "kty": "RSA", "n": self.n}, separators=(",", ":"))
        jwk = {"kty": "RSA", "n": self.n, "e": "AQAB", "use": "enc", "alg": "RSA-OAEP-256"}
        return {**jwk, "kid": url64(hashlib.sha256(required.encode()).digest()), **changes}

    def decrypt(self, compact):
        """RFC 7516, 5.2, with RFC 7518, 5.2.2.2."""
        header, wrapped, iv, cipher, tag = compact.split(".")
        head = json.loads(unurl64(header))
        assert (head["alg"], head["enc"]) == ("RSA-OAEP-256", "A128CBC-HS256"), head
        assert head["kid"] == self.jwk()["kid"], head
        options = ["-pkeyopt", "rsa_padding_mode:oaep", "-pkeyopt", "rsa_oaep_md:sha256"]
        key = run("openssl", "pkeyutl", "-decrypt", "-inkey", self.path, *options, data=unurl64(wrapped)).stdout
        assert len(key) == 32, len(key)
        aad = header.encode()
        said = aad + unurl64(iv) + unurl64(cipher) + (len(aad) * 8).to_bytes(8, "big")
        assert hmac.new(key[:16], said, hashlib.sha256).digest()[:16] == unurl64(tag)
        argv = ["openssl", "enc", "-d", "-aes-128-cbc", "-K", key[16:].hex(), "-iv", unurl64(iv).hex()]
        return run(*argv, data=unurl64(cipher)).stdout


class Platform:
    """Answers from a table; keeps what it was asked."""

    def __init__(self, directory):
        self.key = Key(directory.file("platform.pem"))
        self.reset()
        platform = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def serve(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                platform.asked.append((self.command, self.path, body, dict(self.headers)))
                platform.answer(self, f"{self.command} {self.path}")

            do_GET = do_POST = serve

            def log_message(self, *args):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.origin = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def reset(self):
        self.asked = []
        self.issuers = []
        self.table = {"GET /v1/keys": (200, {"keys": [self.key.jwk()]})}

    def challenge(self, **changes):
        answer = {"session": "s-1", "nonce": base64.b64encode(NONCE).decode(), "expires_at": int(time.time()) + 60}
        return dict(answer, provider=PROVIDER, issuers=self.issuers, **changes)

    def answer(self, handler, what):
        status, body = self.table.get(what, (404, {"detail": "there is no such thing"}))
        kind = "application/json" if not isinstance(body, bytes) else "text/html"
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        handler.send_response(status)
        handler.send_header("Content-Type", kind)
        if status != 204:
            handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)

    def opens(self, **changes):
        """A login goes well, apart from the changes to its challenge."""
        self.table["POST /v1/logins"] = (201, dict(self.challenge(secret="the-secret", code="123456"), **changes))
        self.table["POST /v1/logins/s-1/answer"] = (204, None)
        self.table["POST /v1/logins/s-1/redeem"] = (200, {"sub": "pseudonym-1"})

    def body(self, what):
        """Of the one request for it."""
        bodies = [body for command, path, body, _ in self.asked if f"{command} {path}" == what]
        assert len(bodies) == 1, self.asked
        return json.loads(bodies[0])

    def was_answered(self):
        return any(path.endswith("/answer") for _, path, _, _ in self.asked)


class Site:
    def __init__(self):
        self.card = Card()
        self.platform = Platform(self.card.dir)
        self.card.signed()
        self.issuer = self.key_id("--ca")

    def key_id(self, *argv):
        path = self.card.dir.file("ca.pem")
        assert self.card.jpki("cert", "export", *argv, "--out", path, "--force").code == 0
        text = run("openssl", "x509", "-in", path, "-noout", "-ext", "subjectKeyIdentifier").stdout.decode()
        return re.search(r"((?:[0-9A-F]{2}:){19}[0-9A-F]{2})", text).group(1).replace(":", "").lower()

    def ready(self):
        self.platform.reset()
        self.platform.issuers = [self.issuer]
        self.platform.opens()
        return self.platform

    def login(self, *argv, pin=PIN, url=None):
        argv = argv or ("--client", "shop")
        return self.card.jpki("login", url or self.platform.origin, "--yes", *argv, password=pin)

    def verify(self, *argv):
        return self.card.jpki("verify", self.card.document, "--platform", self.platform.origin, *argv)

    def verdict(self, **answer):
        self.platform.table["POST /v1/verifications"] = (201, dict({"id": "v-1", "reasons": []}, **answer))

    def refused(self, code, *texts, **more):
        """Before the PIN: one that is wrong costs no try."""
        self.platform.asked = []
        result = expect(self.login(*more.pop("argv", ()), pin=NOBODY, **more), code, *texts)
        assert not self.platform.was_answered(), self.platform.asked
        assert self.card.tries()["auth"] == 3
        return result

    def message(self, expires_at):
        """What the card must have signed (crypto/bound.h), built anew."""
        fields = ["OpenJPKI login v1", self.platform.origin, "shop", "", "s-1", hashlib.sha256(NONCE).digest()]
        fields.append(str(expires_at))
        fields = [field if isinstance(field, bytes) else field.encode() for field in fields]
        return b"".join(len(field).to_bytes(4, "big") + field for field in fields)

    def assert_signed(self, certificate, signature, message):
        der, pub, sig, text = (self.card.dir.file(name) for name in ("c.der", "c.pub", "c.sig", "c.bin"))
        for path, data in ((der, certificate), (sig, signature), (text, message)):
            with open(path, "wb") as f:
                f.write(data)
        with open(pub, "wb") as f:
            f.write(run("openssl", "x509", "-inform", "DER", "-in", der, "-noout", "-pubkey").stdout)
        run("openssl", "dgst", "-sha256", "-verify", pub, "-signature", sig, text)

    def close(self):
        self.platform.server.shutdown()
        self.card.close()


@test
def wrong_command_lines_end_with_2_and_ask_nobody(site):
    platform, card = site.ready(), site.card
    origin = platform.origin
    expect(card.jpki("login"), 2, "an argument is missing: URL")
    expect(card.jpki("login", origin), 2, "--client is needed")
    expect(card.jpki("login", origin + "/"), 2, "--client is needed")
    expect(card.jpki("login", origin + "/v2", "--client", "shop"), 2, "neither the address of a platform nor")
    expect(card.jpki("login", origin + "/v1/logins/", "--code", "123456"), 2, "no address of a login")
    expect(card.jpki("login", origin + "/v1/logins/a/b", "--code", "123456"), 2, "no address of a login")
    expect(card.jpki("login", origin + "/v1/logins/../keys", "--code", "123456"), 2, "no address of a login")
    expect(card.jpki("login", origin, "--client", "a/b"), 2, "no name of a provider")
    expect(card.jpki("login", origin, "--client", "shop", "--code", "12345"), 2, "6 digits")
    expect(card.jpki("login", origin, "--client", "shop", "--code", "123456"), 2, "opened elsewhere")
    expect(site.verify("--anchors", card.anchors), 2, "exclude each other")
    expect(card.jpki("verify", card.document, "--tenant-key-file", "x"), 2, "needs --platform")
    expect(card.jpki("verify", card.document, "--platform", origin + "/v1"), 2, "without a path")
    assert platform.asked == []


@test
def addresses_that_deceive_are_refused(site):
    for url, code in (
        ("http://login.example.jp", 1),
        ("https://login.example.jp@127.0.0.1", 2),
        ("https://logіn.example.jp", 2),
        ("https://xn--logn-n5a.example.jp", 2),
        ("file:///etc/passwd", 2),
    ):
        site.refused(code, url=url)
        expect(site.card.jpki("verify", site.card.document, "--platform", url), code)


@test
def a_platform_that_is_not_there_ends_with_5(site):
    site.ready()
    site.refused(5, "http://127.0.0.1:1", url="http://127.0.0.1:1")
    expect(site.card.jpki("verify", site.card.document, "--platform", "http://127.0.0.1:1"), 5, "127.0.0.1:1")


@test
def what_is_no_platform_ends_with_5(site):
    platform = site.ready()
    for status, body in ((201, b"<html>"), (200, {}), (201, []), (201, {"session": "s-1"}), (204, None), (302, {}), (503, {})):
        platform.table["POST /v1/logins"] = (status, body)
        site.refused(5, platform.origin)
    platform.table["POST /v1/logins"] = (404, b"<html>")
    site.refused(2, "has no provider")


@test
def an_answer_of_64_kib_is_read_and_no_more(site):
    platform = site.ready()
    platform.opens(padding="")
    answer = platform.table["POST /v1/logins"][1]
    answer["padding"] = "a" * (REMOTE_ANSWER_MAX - len(json.dumps(answer)))
    assert len(json.dumps(answer)) == REMOTE_ANSWER_MAX
    platform.table["POST /v1/logins"] = (201, answer)
    expect(site.login(), 0)
    answer["padding"] += "a"
    site.refused(5, platform.origin)


@test
def a_challenge_that_cannot_be_used_is_refused_before_the_pin(site):
    platform = site.ready()
    for changes in (
        {"nonce": "AAAA"}, {"session": "../keys"}, {"secret": None}, {"expires_at": -1}, {"issuers": "all"},
        {"issuers": ["00"]}, {"provider": None}, {"provider": {"name": "x", "origin": "y"}}
    ):
        platform.opens(**changes)
        site.refused(5, "a challenge that cannot be used")
    platform.opens()
    del platform.table["POST /v1/logins"][1]["secret"]
    site.refused(5, "without the secret")


@test
def a_challenge_of_another_provider_is_refused(site):
    site.ready().opens(provider=dict(PROVIDER, client_id="bank"))
    site.refused(1, "a challenge of another provider")


@test
def a_stale_challenge_is_refused_and_one_that_is_good_for_too_long(site):
    platform = site.ready()
    platform.opens(expires_at=int(time.time()) - 1)
    site.refused(5, "the time of this login is over")
    platform.opens(expires_at=int(time.time()) + 330)
    site.refused(1, "good for longer")


@test
def a_card_of_an_authority_that_is_not_listed_is_refused_before_the_pin(site):
    platform = site.ready()
    other = ("0" if site.issuer[0] != "0" else "1") + site.issuer[1:]
    for issuers in ([], [other]):
        platform.opens(issuers=issuers)
        site.refused(1, "does not take cards of the authority")
    platform.opens(issuers=[other, site.issuer])
    expect(site.login(), 0)


@test
def a_card_with_an_expired_certificate_is_refused_before_the_pin(site):
    site.ready()
    expired = Card("expired")
    try:
        mine, site.card = site.card, expired
        try:
            site.platform.opens(issuers=[site.key_id("--ca")])
            site.refused(1, "the authentication certificate expired at")
        finally:
            site.card = mine
    finally:
        expired.close()


@test
def a_wrong_pin_answers_nothing(site):
    platform = site.ready()
    expect(site.login(pin=NOBODY), 4, "tries left: 2")
    assert not platform.was_answered()
    expect(site.login(pin="12345"), 4, "4 digits")
    expect(site.login(), 0)
    assert site.card.tries()["auth"] == 3


@test
def a_login_says_who_asks_and_gives_a_pseudonym(site):
    platform = site.ready()
    result = expect(site.login(), 0, "お店 (https://shop.example)", f"through {platform.origin}, as reached")
    assert result.out == "Logged in as pseudonym-1\n", result
    result = site.login("--client", "shop", "--json").json()
    provider = {key: PROVIDER[key] for key in ("client_id", "name", "origin")}
    assert result == {"platform": platform.origin, "provider": provider, "sub": "pseudonym-1", "denied": False}, result


@test
def what_is_signed_names_origin_provider_session_nonce_and_time(site):
    platform = site.ready()
    expect(site.login(), 0)
    assert platform.body("POST /v1/logins") == {"client_id": "shop"}
    assert platform.body("POST /v1/logins/s-1/redeem") == {"secret": "the-secret"}
    answer = platform.body("POST /v1/logins/s-1/answer")
    assert sorted(answer) == ["certificate", "secret", "signature"] and answer["secret"] == "the-secret"
    certificate = platform.key.decrypt(answer["certificate"])
    expires_at = platform.table["POST /v1/logins"][1]["expires_at"]
    site.assert_signed(certificate, base64.b64decode(answer["signature"]), site.message(expires_at))
    for _, _, body, _ in platform.asked:
        assert certificate not in body and base64.b64encode(certificate)[:64] not in body


@test
def a_challenge_cannot_make_the_card_sign_a_document(site):
    platform = site.ready()
    with open(site.card.document, "rb") as f:
        digest = hashlib.sha256(f.read()).digest()
    platform.opens(nonce=base64.b64encode(digest).decode())
    expect(site.login(), 0)
    answer = platform.body("POST /v1/logins/s-1/answer")
    certificate = platform.key.decrypt(answer["certificate"])
    try:
        with open(site.card.document, "rb") as f:
            site.assert_signed(certificate, base64.b64decode(answer["signature"]), f.read())
    except AssertionError:
        return
    raise AssertionError("the card signed the document")


@test
def a_login_that_somebody_else_opened_needs_its_code(site):
    platform = site.ready()
    platform.table["GET /v1/logins/s-1"] = (200, platform.challenge())
    url = platform.origin + "/v1/logins/s-1"
    site.refused(2, "Somebody opened this login elsewhere", "--code is needed", url=url, argv=("--json",))
    result = expect(site.login("--code", "123456", "--json", url=url), 0, "they would be logged in as you")
    assert result.json()["sub"] is None
    answer = platform.body("POST /v1/logins/s-1/answer")
    assert sorted(answer) == ["certificate", "code", "signature"] and answer["code"] == "123456"
    result = expect(site.login("--code", "123456", url=url), 0)
    assert "Go on where you opened the login" in result.out
    platform.table["POST /v1/logins/s-1/answer"] = (403, {"detail": "this is not the code"})
    expect(site.login("--code", "654321", url=url), 4, "this is not the code")


@test
def a_login_that_was_put_in_place_of_another_is_refused(site):
    platform = site.ready()
    url, argv = platform.origin + "/v1/logins/s-1", ("--code", "123456")
    platform.table["GET /v1/logins/s-1"] = (200, platform.challenge(secret="a-secret"))
    site.refused(1, "a challenge of another login", url=url, argv=argv)
    platform.table["GET /v1/logins/s-1"] = (200, dict(platform.challenge(), session="s-2"))
    site.refused(1, "a challenge of another login", url=url, argv=argv)
    platform.table["GET /v1/logins/s-1"] = (200, platform.challenge())
    site.refused(1, "another provider than bank", url=url, argv=(*argv, "--client", "bank"))
    platform.table["GET /v1/logins/s-1"] = (404, {})
    site.refused(5, "no such login, or its time is over", url=url, argv=argv)


@test
def a_login_that_is_over_or_answered_says_so(site):
    platform = site.ready()
    for status, sentence in ((404, "its time is over"), (410, "its time is over"), (409, "was answered already")):
        platform.table["POST /v1/logins/s-1/answer"] = (status, {"detail": "x"})
        expect(site.login(), 5, sentence)
    for status, code in ((422, 1), (503, 5), (403, 4)):
        platform.table["POST /v1/logins/s-1/answer"] = (status, {"detail": "the sentence", "kind": "untrusted"})
        expect(site.login(), code, "the sentence", platform.origin)
    platform.opens()
    platform.table["POST /v1/logins/s-1/redeem"] = (404, {})
    expect(site.login(), 5, "its time is over")


@test
def a_pseudonym_is_a_name_of_at_most_128_characters(site):
    platform = site.ready()
    for sub in ("", "a b", "a\x1b[2J", None, 1, "s" * (SUBJECT_MAX + 1)):
        platform.table["POST /v1/logins/s-1/redeem"] = (200, {"sub": sub})
        expect(site.login(), 5, "does not answer as a platform")
    platform.table["POST /v1/logins/s-1/redeem"] = (200, {"sub": "s" * SUBJECT_MAX})
    assert "s" * SUBJECT_MAX in expect(site.login(), 0).out


@test
def a_provider_s_name_cannot_paint_over_the_terminal(site):
    platform = site.ready()
    platform.opens(provider=dict(PROVIDER, name="bank\x1b[2J\u202eevil", origin="https://a\rb"))
    result = expect(site.login(), 0, "bank\ufffd[2J\ufffdevil", "https://a\ufffdb")
    assert "\x1b" not in result.err and "\r" not in result.err


@test
def on_a_terminal_the_provider_is_shown_before_the_pin_and_one_may_say_no(site):
    platform = site.ready()
    terminal = Terminal(site.card, "login", platform.origin, "--client", "shop")
    terminal.expect("Log in? [y/N] ")
    assert "shop.example" in terminal.seen and platform.origin in terminal.seen and "PIN" not in terminal.seen
    terminal.type("n\n")
    terminal.expect("you did not agree")
    assert terminal.code() == 4 and not platform.was_answered()
    expect(site.card.jpki("login", platform.origin, "--client", "shop", password=PIN), 2, "--yes says")


def asked_in_time(site, platform):
    """A terminal that asks for the PIN, and when its challenge runs out. Where a machine is slow, that may be before."""
    for seconds in (2, 10, 50):
        end = int(time.time()) + seconds
        platform.opens(expires_at=end)
        terminal = Terminal(site.card, "login", platform.origin, "--client", "shop", "--yes")
        try:
            terminal.expect("tries left: 3): ")
            return terminal, end
        except AssertionError:
            terminal.code()
    raise AssertionError("the PIN is never asked for in time")


@test
def a_challenge_that_runs_out_while_one_types_is_not_signed(site):
    platform = site.ready()
    terminal, end = asked_in_time(site, platform)
    wait_until("it has run out", lambda: time.time() > end + 1)
    terminal.type(NOBODY + "\n")
    terminal.expect("nothing was sent to the card")
    assert terminal.code() == 5 and not platform.was_answered()
    assert site.card.tries()["auth"] == 3


@test
def a_platform_without_a_key_gets_no_certificate(site):
    platform = site.ready()
    other = platform.key.jwk(kid="A" * 43)
    for keys in ({"keys": []}, {"keys": [other]}, {"keys": [platform.key.jwk(use="sig")]}, {}, []):
        platform.table["GET /v1/keys"] = (200, keys)
        expect(site.login(), 5, "no key to encrypt")
        expect(site.verify(), 5, "no key to encrypt")
    del platform.table["GET /v1/keys"]
    expect(site.login(), 5, "does not answer as a platform")
    assert not platform.was_answered()


@test
def a_platform_verifies_without_document_and_signature_file(site):
    platform = site.ready()
    site.verdict(verdict="valid", attributes=HOLDER)
    key_file = site.card.dir.file("tenant.key")
    write_text(key_file, "the-key\n")
    result = expect(site.verify("--tenant-key-file", key_file), 0)
    assert result.out.startswith("VALID\n") and platform.origin in result.out, result
    for value in ("試験　太郎", "東京都千代田区一丁目", "1990-01-01", "male"):
        assert value in result.out, result
    question = platform.body("POST /v1/verifications")
    assert sorted(question) == ["certificate", "digest", "signature"]
    assert question["digest"]["alg"] == "SHA-256" and sorted(question["digest"]) == ["alg", "value"]
    assert all(headers["Authorization"] == "Bearer the-key" for _, _, _, headers in platform.asked)
    certificate = platform.key.decrypt(question["certificate"])
    with open(site.card.signature, "rb") as f:
        cms = f.read()
    assert certificate in cms and base64.b64decode(question["signature"]) in cms
    start = next(i for i in range(len(cms)) if is_attributes(cms, i, base64.b64decode(question["digest"]["value"])))
    site.assert_signed(certificate, base64.b64decode(question["signature"]), b"\x31" + attributes_at(cms, start)[1:])


def attributes_at(cms, start):
    """[0] IMPLICIT with a length of one to three octets."""
    first = cms[start + 1]
    octets = first & 0x7F if first & 0x80 else 0
    length = int.from_bytes(cms[start + 2 : start + 2 + octets], "big") if octets else first
    return cms[start : start + 2 + octets + length]


def is_attributes(cms, start, digest):
    if cms[start] != 0xA0 or start + 4 > len(cms):
        return False
    return hashlib.sha256(b"\x31" + attributes_at(cms, start)[1:]).digest() == digest


@test
def a_platform_s_verdict_is_told_with_its_exit_code(site):
    site.ready()
    site.verdict(verdict="invalid", reasons=["expired", "revoked-or-so\x1b"])
    result = expect(site.verify(), 1)
    assert result.out.startswith("INVALID\n") and "revoked-or-so\ufffd" in result.out and "\x1b" not in result.out
    site.verdict(verdict="indeterminate", reasons=["revocation-not-checked"])
    assert site.verify().code == 7
    site.verdict(verdict="indeterminate", reasons=["issuer-unknown"])
    assert site.verify().code == 1
    site.verdict(verdict="invalid", reasons=["expired"])
    answer = site.verify("--json").json()
    assert sorted(answer) == ["attributes", "file", "id", "platform", "reasons", "signature", "verdict"]
    assert answer["attributes"] is None and answer["id"] == "v-1" and answer["reasons"][0]["name"] == "expired"
    site.verdict(verdict="valid", attributes=HOLDER)
    assert site.verify("--json").json()["attributes"] == HOLDER
    assert "男" in site.card.jpki(
        "verify", site.card.document, "--platform", site.platform.origin, language="ja_JP.UTF-8"
    ).out


@test
def a_verdict_that_contradicts_itself_is_not_believed(site):
    platform = site.ready()
    for answer in ({"verdict": "valid", "reasons": ["expired"]}, {"verdict": "invalid"}, {"verdict": "good"}, {}):
        site.verdict(**answer)
        expect(site.verify(), 5, "a verdict that cannot be used")
    for status, code in ((401, 4), (403, 4), (400, 5), (404, 5), (503, 5)):
        platform.table["POST /v1/verifications"] = (status, {"detail": "no"})
        expect(site.verify(), code, platform.origin)


@test
def nothing_is_sent_about_a_document_that_was_changed(site):
    platform = site.ready()
    site.verdict(verdict="valid", attributes=HOLDER)
    write_text(site.card.document, "another text\n")
    try:
        result = expect(site.verify(), 1)
        assert "INVALID" in result.out and "nothing was sent" in result.out and platform.asked == [], result
        answer = site.verify("--json").json()
        assert answer["id"] is None and answer["reasons"][0]["name"] == "document-changed"
    finally:
        write_text(site.card.document, "これは試験です\n")
    expect(site.verify(), 0)


@test
def a_file_that_holds_no_provider_s_key_is_refused(site):
    platform = site.ready()
    path = site.card.dir.file("bad.key")
    expect(site.verify("--tenant-key-file", path), 2, "there is no file")
    for text in ("", "\n", "two words\n", "a\nb\n", "k" * 600):
        write_text(path, text)
        expect(site.verify("--tenant-key-file", path), 2, path)
    assert platform.asked == []


@test
def steps_are_traced_by_whoever_did_them_and_only_when_done(site):
    platform, path = site.ready(), site.card.dir.file("steps.jsonl")
    site.verdict(verdict="valid", attributes=HOLDER)
    login = ("login", platform.origin, "--yes", "--client", "shop")
    verify = ("verify", site.card.document, "--platform", platform.origin)

    def steps(*argv, password=None):
        write_text(path, "")
        site.card.jpki(*argv, password=password, JPKI_TRACE=path)
        lines = [json.loads(line) for line in read_text(path).splitlines()]
        for line in lines:
            assert line["program"] == "jpki" and "太郎" not in line["text"], line
        return [line["flow"] + line["step"] for line in lines]

    assert steps(*login, password=NOBODY) == []
    assert steps(*login, password=PIN) == ["F3②", "F3③"]
    assert steps("sign", site.card.document, "--yes", "--force", password="WRONG1") == []
    assert steps("sign", site.card.document, "--yes", "--force", password=PASSWORD) == ["F2①"]
    assert steps(*verify) == ["F2④", "F2②"]
    platform.table["POST /v1/verifications"] = (503, {})
    assert steps(*verify) == ["F2④"]
    platform.table["POST /v1/logins/s-1/answer"] = (403, {})
    assert steps(*login, password=PIN) == ["F3②"]
    result = site.card.jpki("card", "info", JPKI_TRACE=site.card.dir.path)
    assert result.code == 6 and "cannot open the trace" in result.err, result


if __name__ == "__main__":
    sys.exit(main(Site))
