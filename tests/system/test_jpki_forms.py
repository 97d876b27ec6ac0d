#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Forms that are filled from a card and signatures that a page asks for, by jpki agent and jpki read attrs: who gets
what, and who gets nothing. Pages are played by requests, the page's key and the service are those of
docs/card-protocol.md with openssl."""
import base64
import contextlib
import hashlib
import hmac
import json
import os
import subprocess
import time
import urllib.parse

from card_service import Service, base64url, from_base64url, key_id, verifies
from harness import Daemon, Directory, main, program, read_text, run, test, write_text
from test_jpki_agent import BODY, CODE, JSON, WINDOW, Agent, Both

TEXT_PIN, PASSWORD = "2345", "ABC123"
PERSON = {"name": "見本　太郎", "address": "東京都千代田区見本町四丁目５番６号", "birth_date": "1980-02-17", "sex": "male",
          "mynumber": "900000000154", "municipality": "13101", "expiry": "2035-02-17", "security_code": "2285",
          "pins": {"auth": "4071", "sign": PASSWORD, "text": TEXT_PIN, "juki": "6093"}}
PREFIX = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d030107034200")  # SPKI of a point on P-256


class Page:
    """A key that a page makes, and what was sealed to it."""

    def __init__(self, directory):
        self.key = directory.file("page.pem")
        run("openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", self.key)
        point = run("openssl", "pkey", "-in", self.key, "-pubout", "-outform", "DER").stdout[len(PREFIX) + 1:]
        self.jwk = {"kty": "EC", "crv": "P-256", "x": base64url(point[:32]), "y": base64url(point[32:])}
        self.peer = directory.file("peer.der")

    def unseal(self, compact):
        """RFC 7518, 4.6 and 5.2.3."""
        header, wrapped, iv, text, tag = compact.split(".")
        fields = json.loads(from_base64url(header))
        assert (fields["alg"], fields["enc"], wrapped) == ("ECDH-ES", "A128CBC-HS256", ""), fields
        epk = fields["epk"]
        with open(self.peer, "wb") as f:
            f.write(PREFIX + b"\4" + from_base64url(epk["x"]) + from_base64url(epk["y"]))
        shared = run("openssl", "pkeyutl", "-derive", "-inkey", self.key, "-peerkey", self.peer, "-peerform", "DER").stdout
        name = b"A128CBC-HS256"
        info = (1).to_bytes(4, "big") + shared + len(name).to_bytes(4, "big") + name + bytes(8) + (256).to_bytes(4, "big")
        key = hashlib.sha256(info).digest()
        iv, text = from_base64url(iv), from_base64url(text)
        covered = header.encode() + iv + text + (len(header) * 8).to_bytes(8, "big")
        assert hmac.new(key[:16], covered, hashlib.sha256).digest()[:16] == from_base64url(tag)
        plain = run("openssl", "enc", "-d", "-aes-128-cbc", "-K", key[16:].hex(), "-iv", iv.hex(), data=text).stdout
        return json.loads(plain)


class Card:
    """A card with everything on it, by a CA of its own."""

    def __init__(self, **changes):
        self.dir = Directory()
        self.direct = self.dir.file("direct")
        write_text(self.dir.file("person.json"), json.dumps(PERSON | changes))
        run(program("jpki-softcard"), "make", "-o", self.dir.file("card"), "--own-ca", self.dir.file("ca"),
            "--json", self.dir.file("person.json"))
        self.daemon = Daemon([program("jpki-softcard"), "serve", self.dir.file("card"), "--direct", self.direct],
                             self.direct, self.dir.file("log"))
        self.daemon.start()

    def jpki(self, *argv, typed="", roots=True):
        env = {"PATH": os.environ["PATH"], "LC_ALL": "C", "JPKI_READER": "direct:" + self.direct}
        env |= {key: value for key, value in os.environ.items() if key.endswith("SAN_OPTIONS")}
        if roots:
            env["JPKI_CARD_ANCHORS"] = self.dir.file("ca/card-anchors")
        return subprocess.run([program("jpki"), *argv], input=typed.encode(), env=env, capture_output=True, timeout=60, check=False)

    def tries(self):
        pins = json.loads(self.jpki("pin", "status", "--json").stdout)["pins"]
        return {pin["name"]: pin["tries_left"] for pin in pins}

    def close(self):
        self.daemon.close()
        self.dir.close()


class Site(Both):
    """The card, a service that waits for it, and an agent; without what Both makes of them for logins."""

    def __init__(self):  # pylint: disable=super-init-not-called
        self.card = Card()
        ca = self.card.dir.file("auth-ca.pem")
        assert self.card.jpki("cert", "export", "--ca", "--out", ca).returncode == 0
        self.service = Service(self.card.dir, [key_id(ca)])
        self.page_key = Page(self.card.dir)
        self.window = self.card.dir.file("window")
        write_text(self.window, WINDOW, 0o700)
        self.agent = None
        self.restart()

    def restart(self, *argv, **more):
        super().restart("--card-anchors", self.card.dir.file("ca/card-anchors"), *argv, **more)

    def form(self, **changes):
        """One that waits; its address."""
        session = base64url(os.urandom(16))
        self.service.pages[f"/v1/readings/{session}"] = {
            "session": session, "title": "児童手当", "wants": ["name", "birthdate"], "issuers": self.service.issuers,
            "key": self.page_key.jwk, "expires_at": int(time.time()) + 200} | changes
        return f"{self.service.origin}/v1/readings/{session}"

    def answer_of(self, url):
        """What was sent for it, once."""
        path = url.removeprefix(self.service.origin) + "/answer"
        (body,) = [body for sent, body in self.service.sent if sent == path]
        return body

    def path_of(self, url):
        kind = urllib.parse.urlsplit(url).path.split("/")[2]
        return f"/v1/{kind}?address=" + urllib.parse.quote(url, safe="")

    def close(self):
        self.agent.close()
        self.service.close()
        self.card.close()


def expect(done, code, text):
    said = (done.stdout + done.stderr).decode()
    assert done.returncode == code and text in said, done
    assert PERSON["name"] not in said and TEXT_PIN not in said, said


@test
def a_form_of_another_origin_gets_nothing(site):
    url = site.form()
    site.answers(TEXT_PIN)
    for origin in ("https://evil.example", f"http://localhost:{site.service.port}", "null", ""):
        site.refused(403, "POST", site.path_of(url), [site.host(), ("Origin", origin), JSON], BODY)
        site.refused(403, "OPTIONS", site.path_of(url), [site.host(), ("Origin", origin)])


@test
def the_page_gets_what_the_card_says_and_the_window_says_so_before(site):
    url = site.form()
    site.answers(TEXT_PIN)
    assert site.outcome(url) == "answered"
    told = urllib.parse.unquote(site.windows())
    assert f"A page of {site.service.origin} asks for your name, your date of birth" in told and "児童手当" in told, told
    body = site.answer_of(url)
    assert body["code"] == CODE and set(body) == {"code", "attributes"}, body
    assert site.page_key.unseal(body["attributes"]) == {
        "session": url.rpartition("/")[2], "name": PERSON["name"], "birthdate": PERSON["birth_date"]}
    assert PERSON["name"] not in site.agent.said() + told + json.dumps(body, ensure_ascii=False)


@test
def a_window_that_is_closed_hands_nothing_over(site):
    url = site.form()
    site.answers("cancel")
    assert site.outcome(url) == "declined"
    assert not [sent for sent, _ in site.service.sent if sent.endswith(url.rpartition("/")[2] + "/answer")]
    site.restart()


@test
def a_wrong_pin_hands_nothing_over_and_counts(site):
    sent = len(site.service.sent)
    site.answers("9999")
    assert site.outcome(site.form()) == "failed" and "wrong" in site.agent.said()
    assert len(site.service.sent) == sent and site.card.tries()["text"] == 2
    site.answers(TEXT_PIN)
    assert site.outcome(site.form()) == "answered"
    assert site.card.tries()["text"] == 3


@test
def what_cannot_be_filled_is_refused_before_the_pin(site):
    site.restart()
    site.answers(TEXT_PIN)
    for changes, why in (({"issuers": ["00" * 20]}, "does not take cards"), ({"expires_at": int(time.time()) - 5}, "waits no longer"),
                         ({"expires_at": int(time.time()) + 600}, "would wait for longer"),
                         ({"wants": ["number"]}, "unknown here")):
        assert site.outcome(site.form(**changes)) == "failed"
        assert why in site.agent.said(), (changes, site.agent.said())
    assert site.windows() == ""
    site.restart()


@test
def a_code_that_the_portal_does_not_take_is_the_end(site):
    url = site.form()
    path = url.removeprefix(site.service.origin) + "/answer"
    for status, code, why in ((403, 4, ""), (404, 5, "its time is over"), (409, 5, "has its answer already")):
        site.service.answers[path] = (status, {"title": "no", "status": status})
        expect(site.card.jpki("read", "attrs", url, "--code", CODE, "--yes", "--pin-fd", "0", typed=TEXT_PIN), code, why)


@test
def a_command_fills_a_form_too(site):
    url = site.form(wants=["address", "gender"])
    expect(site.card.jpki("read", "attrs", url), 2, "--code is needed")
    expect(site.card.jpki("read", "attrs", url, "--code", "12345"), 2, "6 digits")
    expect(site.card.jpki("read", "attrs", url, "--code", CODE, "--pin-fd", "0", typed=TEXT_PIN), 2, "nobody can be asked here")
    expect(site.card.jpki("read", "attrs", url, "--code-b", "--code", CODE, "--yes"), 2, "after the PIN alone")
    expect(site.card.jpki("read", "attrs", "--code", CODE), 2, "for the address of a form")
    expect(site.card.jpki("read", "attrs", site.service.origin + "/v1/logins/x", "--code", CODE, "--yes"), 2, "no address of a form")
    expect(site.card.jpki("read", "attrs", url, "--code", CODE, "--yes", "--pin-fd", "0", typed=TEXT_PIN, roots=False), 1, "not known")
    expect(site.card.jpki("read", "attrs", url, "--code", CODE, "--yes", "--pin-fd", "0", typed=TEXT_PIN), 0, "The page has it.")
    told = site.page_key.unseal(site.answer_of(url)["attributes"])
    assert (told["address"], told["gender"]) == (PERSON["address"], "male") and "name" not in told, told
    url = site.form()
    expect(site.card.jpki("read", "attrs", url, "--code", CODE, "--deny"), 0, "do not want to")
    assert site.answer_of(url) == {"code": CODE, "denied": True}


@test
def a_card_without_the_text_application_fills_nothing(site):
    with contextlib.closing(Card(kind="iphone")) as phone:
        ca = phone.dir.file("auth-ca.pem")
        assert phone.jpki("cert", "export", "--ca", "--out", ca).returncode == 0
        url = site.form(issuers=[key_id(ca)])
        done = phone.jpki("read", "attrs", url, "--code", CODE, "--yes", "--pin-fd", "0", typed=TEXT_PIN)
        assert done.returncode == 3, done
        assert not [sent for sent, _ in site.service.sent if sent.endswith(url.rpartition("/")[2] + "/answer")]


DOCUMENT = "申請します\n".encode()


@test
def a_page_gets_nothing_signed_for_another_site(site):
    site.restart()
    site.answers(PASSWORD)
    _, url = site.service.signing(DOCUMENT, provider={"name": "n", "client_id": "bank", "origin": "https://bank.example"})
    for origin in ("http://127.0.0.1", f"http://localhost:{site.service.port}"):
        site.refused(403, "POST", site.path_of(url), [site.host(), ("Origin", origin), JSON], BODY)
    assert "nothing signed there" in site.agent.said()


@test
def a_page_from_elsewhere_has_nothing_asked_on_this_computer(site):
    site.restart()
    site.answers(PASSWORD)
    origin = "https://bank.example"
    _, url = site.service.signing(DOCUMENT, provider={"name": "n", "client_id": "bank", "origin": origin})
    site.refused(403, "POST", site.path_of(url), [site.host(), ("Origin", origin), JSON], BODY)
    site.refused(403, "OPTIONS", site.path_of(url), [site.host(), ("Origin", origin)])


@test
def a_page_has_signed_what_its_own_service_shows(site):
    site.restart()
    page = "http://127.0.0.1:4711"  # another origin than the service's, which names it
    for origin in (page, site.service.origin):
        signing, url = site.service.signing(DOCUMENT, text="一行目\n二行目", provider={
            "name": "見本市", "client_id": "portal", "origin": page})
        site.answers(PASSWORD)
        status, fields, text = site.page(url, origin)
        assert (status, json.loads(text)) == (200, {"outcome": "answered"}) and fields["access-control-allow-origin"] == origin
        told = urllib.parse.unquote(site.windows())
        for words in ("見本市", page, site.service.origin, "口座開設申込書", "> 一行目", "> 二行目"):
            assert words in told, told
        certificate, signature, code = site.service.signed(signing)
        assert verifies(site.card.dir, certificate, signature, DOCUMENT) and code == CODE


@test
def another_document_and_a_closed_window_sign_nothing(site):
    site.restart()
    site.answers("cancel")
    _, url = site.service.signing(DOCUMENT)
    assert site.outcome(url) == "declined"
    signing, url = site.service.signing(DOCUMENT)
    site.service.pages[f"/v1/signings/{signing['session']}/document"] = b"another"
    site.answers(PASSWORD)
    assert site.outcome(url) == "failed" and site.windows() == ""
    assert "the document is another one" in site.agent.said()
    assert base64.b64encode(DOCUMENT) not in read_text(site.agent.log).encode()


if __name__ == "__main__":
    main(Site)
