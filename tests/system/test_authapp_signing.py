#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Sign transactions from end to end: a relying party asks jpki-authappd, the holder signs with jpki,
and the relying party, as a tenant, has the result verified at jpki-platformd."""
import base64
import hashlib
import json
import os
import sys
import urllib.error
import urllib.parse
import urllib.request

from card_service import message
from harness import Daemon, free_port, main, program, read_text, run, test, write_text
from test_jpki_cli import PASSWORD, expect
from test_jpki_platform import Both as Platform

AUTHAPPD, SIGNERD = program("jpki-authappd"), program("jpki-signerd")
PREFIX = bytes.fromhex("3031300d060960864801650304020105000420")
DOCUMENT = "口座開設申込書 canary-5b1d\n".encode() + os.urandom(3000)
AUTHAPP_SIGNING_DOCUMENT_MAX, AUTHAPP_SIGNING_TITLE_MAX, AUTHAPP_SIGNING_TEXT_MAX = 512 << 10, 200, 4096


def b64(data):
    return base64.b64encode(data).decode()


class Site:
    def __init__(self):
        self.platform = Platform()
        self.card, self.dir = self.platform.card, self.platform.card.dir
        self.port = free_port()
        self.origin = f"http://127.0.0.1:{self.port}"
        os.mkdir(self.dir.file("authapp"), 0o700)
        self.signer = self.make_signer()
        self.config = self.dir.file("authapp.conf")
        write_text(self.config, "[authapp]\n" + "".join(f"{key} = {value}\n" for key, value in {
            "socket": self.dir.file("authapp", "a.sock"), "port": self.port, "origin": self.origin,
            "database": self.dir.file("authapp", "a.db"), "signer": self.signer.path, "token_keys": "es256",
            "auth_cas": self.platform.auth_ca, "platform": self.platform.site.socket,
            "platform_key": self.add_tenant()}.items()))
        self.secrets = {name: self.add_client(name, name != "reader") for name in ("bank", "shop", "reader")}
        self.daemon = Daemon([AUTHAPPD, "--config", self.config], self.dir.file("authapp", "a.sock"),
                             self.dir.file("authapp.log"))
        self.daemon.start()
        self.bearer = self.token("bank")

    def add_tenant(self):
        """The provider itself, as the platform knows it; the relying parties are others."""
        path = self.dir.file("authapp-tenant.key")
        self.platform.site.daemon.stop()
        write_text(path, run(program("jpki-platformd"), "tenant", "add", "--config", self.platform.site.config,
                             "--name", "認証アプリ", "--origin", self.origin, "authapp").stdout.decode())
        self.platform.site.daemon.start()
        return path

    def make_signer(self):
        config, path = self.dir.file("authapp-signer.conf"), self.dir.file("authapp-signer.sock")
        os.mkdir(self.dir.file("authapp-keys"), 0o700)
        write_text(self.dir.file("authapp-pass"), "canary passphrase 7d20\n")
        write_text(config, f"[signer]\nsocket = {path}\nkeys = {self.dir.file('authapp-keys')}\n"
                   f"passphrase_file = {self.dir.file('authapp-pass')}\n"
                   f"[key seal]\nrole = token\nallow_uid = {os.getuid()}\n"
                   f"[key es256]\nrole = jws\nbits = 256\nissuer = {self.origin}/api/realms/main\n"
                   f"allow_uid = {os.getuid()}\n")
        for name in ("seal", "es256"):
            run(SIGNERD, "keygen", "--config", config, name)
        daemon = Daemon([SIGNERD, "serve", "--config", config], path, self.dir.file("authapp-signer.log"))
        daemon.start()
        return daemon

    def add_client(self, name, may_sign):
        """Registered with a secret; the secret."""
        path = self.dir.file(f"{name}.json")
        write_text(path, json.dumps({
            "client_id": name, "client_name": f"見本 {name}", "profile": "basic",
            "redirect_uris": [f"https://{name}.example/back"], "token_endpoint_auth_method": "client_secret_basic",
            "scope": "openid sign" if may_sign else "openid",
            "grant_types": ["authorization_code", "client_credentials"]}))
        return run(AUTHAPPD, "client", "add", "--config", self.config, path).stdout.decode().strip().split()[-1]

    def ask(self, method, path, body=None, bearer=None, **fields):
        """The status and the JSON of the answer."""
        headers = {"Content-Type": "application/json"} | fields
        if bearer is not None:
            headers["Authorization"] = "Bearer " + bearer
        data = body if isinstance(body, (bytes, type(None))) else json.dumps(body).encode()
        request = urllib.request.Request(self.origin + path, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                status, text = answer.status, answer.read()
        except urllib.error.HTTPError as error:
            status, text = error.code, error.read()
        return status, json.loads(text) if text else None

    def token(self, client, scope="sign"):
        basic = b64(f"{client}:{self.secrets[client]}".encode())
        status, answer = self.ask(
            "POST", "/api/realms/main/protocol/openid-connect/token",
            urllib.parse.urlencode({"grant_type": "client_credentials", "scope": scope}).encode(),
            Authorization="Basic " + basic, **{"Content-Type": "application/x-www-form-urlencoded"})
        return answer["access_token"] if status == 200 else (status, answer["error"])

    def open(self, octets=DOCUMENT, is_bare=False, status=201, bearer=None, **changes):
        digest = hashlib.sha256(octets).digest()
        body = {"client_id": "bank", "hash": b64(digest if is_bare else PREFIX + digest),
                "title": "口座開設申込書", "text": "普通預金口座を開設します。", "document": b64(octets)} | changes
        body = {name: value for name, value in body.items() if value is not None}
        got, answer = self.ask("POST", "/api/sign-transactions", body, bearer or self.bearer)
        assert got == status, (got, answer)
        return answer

    def result(self, opened, bearer=None):
        return self.ask("GET", f"/api/sign-transactions/{opened['sign_transaction_id']}/result", None,
                        bearer or self.bearer)

    def sign(self, opened, *argv, password=PASSWORD):
        argv = ("--code", opened["code"], *argv)
        return self.card.jpki("sign", opened["address"], "--yes", *argv, password=password)

    def verify(self, document, result):
        """What the platform says to a tenant of it."""
        key = read_text(self.platform.key_file).strip()
        request = urllib.request.Request(
            self.platform.origin + "/v1/verifications",
            json.dumps({"digest": {"alg": "SHA-256", "value": b64(hashlib.sha256(document).digest())},
                        "signature": result["signature"], "certificate": result["certificate"]}).encode(),
            {"Content-Type": "application/json", "Authorization": "Bearer " + key})
        with urllib.request.urlopen(request, timeout=60) as answer:
            body = json.load(answer)
        return body["verdict"], body["reasons"]

    def close(self):
        self.daemon.close()
        self.signer.close()
        self.platform.close()


@test
def without_a_token_of_the_client_s_own_nothing_is_asked_or_told(site):
    opened = site.open()
    for bearer in ("A" * 43, "x"):
        site.open(status=401, bearer=bearer)
        assert site.result(opened, bearer)[0] == 401
    assert site.ask("POST", "/api/sign-transactions", {"client_id": "bank", "hash": "", "title": "x"})[0] == 401
    assert site.token("reader") == (400, "invalid_scope") and site.token("bank", "openid") == (400, "invalid_scope")
    site.open(status=403, client_id="shop")


@test
def what_cannot_be_signed_is_refused(site):
    digest = hashlib.sha256(DOCUMENT).digest()
    sha384 = bytes.fromhex("3041300d060960864801650304020205000430") + hashlib.sha384(DOCUMENT).digest()
    sha1 = bytes.fromhex("3021300906052b0e03021a05000414") + hashlib.sha1(DOCUMENT).digest()
    for octets in (sha384, sha1, digest[:-1], digest + b"x", PREFIX + digest[:-1], PREFIX + digest + b"x", b"",
                   PREFIX[:-1] + b"\x21" + digest):
        site.open(status=400, hash=b64(octets))
    site.open(status=400, hash=b64(digest)[:-1])
    site.open(status=400, hash=None)
    site.open(status=400, colour="red")
    for platform in ("http://platform.example", "https://platform.example/x", "platform", "javascript:1"):
        site.open(status=400, platform=platform)


@test
def a_document_must_be_the_one_and_no_login(site):
    site.open(status=422, document=b64(DOCUMENT + b"!"))
    site.open(status=400, document="????")
    challenge = {"provider": {"client_id": "bank"}, "session": "s", "nonce": b64(bytes(32)), "expires_at": 1}
    for is_bare in (False, True):
        site.open(message(challenge, site.origin), is_bare, status=422)


@test
def words_and_documents_have_their_lengths(site):
    site.open(title="a" * AUTHAPP_SIGNING_TITLE_MAX, text="a" * AUTHAPP_SIGNING_TEXT_MAX)
    site.open(status=400, title="a" * (AUTHAPP_SIGNING_TITLE_MAX + 1))
    site.open(status=400, text="a" * (AUTHAPP_SIGNING_TEXT_MAX + 1))
    site.open(status=400, title="")
    site.open(bytes(AUTHAPP_SIGNING_DOCUMENT_MAX))
    site.open(bytes(AUTHAPP_SIGNING_DOCUMENT_MAX + 1), status=400)


@test
def another_client_s_signing_is_not_there(site):
    opened = site.open()
    other = site.token("shop")
    status, answer = site.result(opened, other)
    assert status == 404 and "bank" not in json.dumps(answer), answer
    assert site.result({"sign_transaction_id": "00000000-0000-4000-8000-000000000000"})[0] == 404
    assert site.result({"sign_transaction_id": "x' OR '1'='1"[:1] + "%27"})[0] == 404


@test
def what_was_signed_is_verified_by_the_platform_and_read_by_nobody_else(site):
    opened = site.open()
    assert site.result(opened) == (200, {"sign_transaction_id": opened["sign_transaction_id"], "status": "pending"})
    kept = site.dir.file("kept")
    expect(site.sign(opened, "--out", kept), 0, "見本 bank", "https://bank.example", "口座開設申込書",
           "> 普通預金口座を開設します。")
    with open(kept, "rb") as f:
        assert f.read() == DOCUMENT
    status, result = site.result(opened)
    assert status == 200 and result["status"] == "signed" and result["platform"] == site.origin, result
    assert result["certificate"].count(".") == 4
    assert site.verify(DOCUMENT, result) == ("indeterminate", ["revocation-not-checked"]), "all but what nobody is asked"
    assert site.verify(DOCUMENT + b"!", result)[0] == "invalid"
    assert site.result(opened) == (status, result), "it can be fetched again"


@test
def a_hash_is_signed_bare_for_the_platform_that_was_chosen(site):
    opened = site.open(is_bare=True, platform=site.platform.origin)
    expect(site.sign(opened), 0, f"verified by: {site.platform.origin}")
    result = site.result(opened)[1]
    assert result["status"] == "signed" and result["platform"] == site.platform.origin
    # The platform can open the certificate; what is signed has no DigestInfo, so it is no other signature.
    assert site.verify(DOCUMENT, result)[1][0] == "signature-broken"


@test
def an_answer_counts_once(site):
    opened = site.open()
    expect(site.sign(opened), 0)
    before = site.result(opened)
    expect(site.sign(opened), 5, "was answered already")
    path = urllib.parse.urlsplit(opened["address"]).path
    answer = {"code": opened["code"], "signature": b64(bytes(256)), "certificate": before[1]["certificate"]}
    assert site.ask("POST", path + "/answer", answer)[0] == 409
    assert site.result(opened) == before
    assert site.ask("GET", path + "/document")[0] == 409, "the document is gone"


@test
def a_wrong_code_signs_nothing_and_three_end_it(site):
    opened = site.open()
    path = urllib.parse.urlsplit(opened["address"]).path
    wrong = f"{(int(opened['code']) + 1) % 1000000:06}"
    for _ in range(3):
        assert site.ask("POST", path + "/answer", {"code": wrong, "denied": True})[0] == 403
    assert site.ask("POST", path + "/answer", {"code": opened["code"], "denied": True})[0] == 403
    assert site.result(opened)[1]["status"] == "pending"


@test
def an_incomplete_answer_changes_nothing(site):
    opened = site.open()
    path = urllib.parse.urlsplit(opened["address"]).path
    for body in ({}, {"signature": b64(bytes(256))}, {"certificate": "a.b.c.d.e"},
                 {"certificate": "a.b.c.d.e", "signature": b64(bytes(64))}):
        assert site.ask("POST", path + "/answer", body | {"code": opened["code"]})[0] == 400, body
    assert site.result(opened)[1]["status"] == "pending"


@test
def a_refusal_is_told_to_the_client(site):
    opened = site.open()
    result = site.card.jpki("sign", opened["address"], "--deny", "--code", opened["code"])
    assert result.code == 0, result
    assert site.result(opened)[1] == {"sign_transaction_id": opened["sign_transaction_id"], "status": "denied"}
    expect(site.sign(opened), 5, "was answered already")


@test
def what_is_waiting_survives_a_crash(site):
    opened = site.open()
    site.daemon.kill()
    site.daemon.start()
    expect(site.sign(opened), 0)
    assert site.result(opened, site.token("bank"))[1]["status"] == "signed"


@test
def no_log_has_a_code_a_token_or_what_is_signed(site):
    log = read_text(site.dir.file("authapp.log"))
    for secret in (site.bearer, PASSWORD, "口座開設", "canary-5b1d", *site.secrets.values()):
        assert secret not in log


if __name__ == "__main__":
    sys.exit(main(Site))
