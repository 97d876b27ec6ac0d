#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""jpki-platformd as it is started by people, over a real jpki-signerd: refusals first."""
import base64
import json
import os
import sys
import urllib.error
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../openapi"))

import openapi
from harness import Daemon, Directory, Skip, ask, free_port, main, program, read_text, run, test, wait_until, write_text
from provider import Provider

PLATFORMD = program("jpki-platformd")
SIGNERD = program("jpki-signerd")
CTL = program("jpkictl")


class Site:
    def __init__(self):
        self.dir = Directory()
        for name in ("keys", "secret", "db"):
            os.mkdir(self.dir.file(name), 0o700)
        self.port = free_port()
        self.origin = f"http://127.0.0.1:{self.port}"
        self.signer = self.make_signer("token")
        self.cas = self.dir.file("ca.pem")
        self.make_ca()
        self.config = self.dir.file("platform.conf")
        self.socket = self.dir.file("p.sock")
        self.configure()
        self.trace = self.dir.file("steps.jsonl")
        self.daemon = Daemon([PLATFORMD, "--config", self.config], self.socket, self.dir.file("log"),
                             JPKI_TRACE=self.trace)
        self.answers = []  # all that url() got: (method, path, status, media type, body)

    def make_signer(self, key):
        config, path = self.dir.file("signer.conf"), self.dir.file("s.sock")
        write_text(self.dir.file("secret", "pass"), "canary passphrase 81c2\n")
        write_text(config, f"[signer]\nsocket = {path}\nkeys = {self.dir.file('keys')}\n"
                   f"passphrase_file = {self.dir.file('secret', 'pass')}\n"
                   f"[key {key}]\nrole = token\nallow_uid = {os.getuid()}\n"
                   f"[key other]\nrole = token\nallow_uid = {os.getuid()}\n"
                   f"[key agreement]\nrole = token\nbits = 256\nallow_uid = {os.getuid()}\n"
                   f"[key report]\nrole = jws\nallow_uid = {os.getuid()}\nissuer = {self.origin}\nbits = 256\n"
                   "tokens = report\n")
        for name in (key, "other", "agreement", "report"):
            run(SIGNERD, "keygen", "--config", config, name)
        daemon = Daemon([SIGNERD, "serve", "--config", config], path, self.dir.file("signer.log"))
        daemon.start()
        return daemon

    def make_ca(self):
        run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", self.dir.file("ca.key"),
            "-out", self.cas, "-days", "10", "-subj", "/C=JP/O=OpenJPKI TEST",
            "-addext", "keyUsage=critical,keyCertSign,cRLSign")

    def configure(self, **changes):
        keys = {"socket": self.socket, "port": self.port, "origin": self.origin,
                "database": self.dir.file("db", "p.db"), "signer": self.signer.path, "sign_cas": self.cas,
                "auth_cas": self.cas, "report_key": "report", "agreement_key": "agreement",
                "operator_peers": os.getuid()} | changes
        write_text(self.config, "[platform]\n" + "".join(f"{k} = {v}\n" for k, v in keys.items()))

    def url(self, method, path, body=None):
        """One exchange over TCP, as clients make it."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.origin + path, data, {"Content-Type": "application/json"},
                                         method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                status, media, text = answer.status, answer.headers["Content-Type"], answer.read()
        except urllib.error.HTTPError as error:
            status, media, text = error.code, error.headers["Content-Type"], error.read()
        self.answers.append((method, path, status, media, json.loads(text or "null")))
        return status, self.answers[-1][-1]

    def add_tenant(self, client_id):
        return run(PLATFORMD, "tenant", "add", "--config", self.config, "--name", "見本銀行", "--origin",
                   "https://bank.example", client_id)

    def close(self):
        self.daemon.close()
        self.signer.close()
        self.dir.close()


def assert_ends(code, text, *argv):
    done = run(PLATFORMD, *argv, check=False)
    assert done.returncode == code, (done.returncode, done.stderr)
    assert text in done.stderr.decode(), done.stderr


@test
def a_wrong_command_line_or_configuration_is_told_and_ends_with_2(site):
    assert_ends(2, "--config FILE is missing")
    assert_ends(2, "--name NAME and --origin ORIGIN are needed", "tenant", "add", "--config", site.config, "bank")
    for changes, text in (
        ({"origin": "http://bank.example"}, "an origin is"),
        ({"origin": site.origin + "/"}, "an origin is"),
        ({"operator_peers": "bank"}, "operator_peers"),
        ({"port": 65536}, "port: must be between 0 and 65535"),
        ({"auth_cas": site.dir.file("nothing")}, "no such file"),
        ({"auth_cas": site.dir.file("keys")}, "has no CA certificate"),
        ({"colour": "red"}, "no key colour"),
    ):
        site.configure(**changes)
        assert_ends(2, text, "--config", site.config, "--check-config")
        assert_ends(2, text, "--config", site.config)
    site.configure()
    run(PLATFORMD, "--config", site.config, "--check-config")


@test
def without_its_signerd_it_does_not_start(site):
    site.configure(signer=site.dir.file("nobody.sock"))
    assert_ends(5, "nobody.sock", "--config", site.config)
    site.configure(token_key="unknown")
    assert run(PLATFORMD, "--config", site.config, check=False).returncode != 0
    site.configure(agreement_key="other")
    assert_ends(2, "other is not on P-256", "--config", site.config)
    site.configure(token_key="agreement")
    assert_ends(2, "an EC key", "--config", site.config)
    site.configure()


@test
def a_tenant_gets_its_key_once_and_a_client_id_is_taken_once(site):
    key = site.add_tenant("bank").stdout.decode().strip()
    assert len(base64.urlsafe_b64decode(key + "=")) == 32
    assert_ends(6, "already", "tenant", "add", "--config", site.config, "--name", "x", "--origin",
                "https://x.example", "bank")
    assert_ends(2, "a client id is", "tenant", "add", "--config", site.config, "--name", "x", "--origin",
                "https://x.example", "a/b")
    assert_ends(3, "no such client", "tenant", "renew-key", "--config", site.config, "nobody")
    renewed = run(PLATFORMD, "tenant", "renew-key", "--config", site.config, "bank").stdout.decode().strip()
    assert renewed != key and len(renewed) == len(key)
    site.tenant_key = renewed
    with open(site.dir.file("db", "p.db"), "rb") as f:
        assert key.encode() not in f.read()


@test
def what_a_provider_may_use_and_its_keys_are_set_by_command(site):
    at = ("--config", site.config)
    assert_ends(2, "--name NAME and --role ROLE", "tenant", "add-key", *at, "bank")
    assert_ends(2, "a role is", "tenant", "add-key", *at, "--name", "x", "--role", "king", "bank")
    assert_ends(3, "no such client", "tenant", "add-key", *at, "--name", "x", "--role", "auditor", "nobody")
    assert_ends(2, "are numbers", "tenant", "set", *at, "--rate", "many", "bank")
    assert_ends(2, "a rate is", "tenant", "set", *at, "--rate", "100001", "bank")
    assert_ends(2, "live or test", "tenant", "set", *at, "--environment", "moon", "bank")
    assert_ends(2, "sources are", "tenant", "set", *at, "--sources", "192.0.2.0/33", "bank")
    assert_ends(3, "no such client", "tenant", "set", *at, "--rate", "5", "nobody")
    run(PLATFORMD, "tenant", "set", *at, "--environment", "test", "--quota", "9", "--sources", "127.0.0.1 ::1", "bank")
    run(PLATFORMD, "tenant", "set", *at, "--rate", "7", "bank")
    run(PLATFORMD, "tenant", "add-key", *at, "--name", "監査", "--role", "auditor", "--days", "30", "bank")
    bank, first, auditor = run(PLATFORMD, "tenant", "list", *at).stdout.decode().splitlines()
    assert bank.split("\t") == ["bank", "test", "7", "9", "0", "https://bank.example", "見本銀行", "127.0.0.1 ::1"], bank
    assert first.split("\t")[1:3] == ["owner", "0"], first
    key_id, role, expires, used, name = auditor.strip().split("\t")
    assert (role, used, name) == ("auditor", "0", "監査") and int(expires) > 30 * 86400, auditor
    assert_ends(3, "no such key", "tenant", "revoke-key", *at, "bank", "AAAA")
    run(PLATFORMD, "tenant", "revoke-key", *at, "--", "bank", key_id)
    assert len(run(PLATFORMD, "tenant", "list", *at).stdout.decode().splitlines()) == 2
    run(PLATFORMD, "tenant", "set", *at, "--environment", "live", "--rate", "0", "--quota", "0", "--sources", "", "bank")


@test
def the_operators_keys_and_first_people_come_by_command(site):
    at = ("--config", site.config)
    assert_ends(2, "--name NAME is needed", "operator", "add-key", *at)
    assert_ends(2, "--name NAME is needed", "operator", "invite", *at)
    site.operator = run(PLATFORMD, "operator", "add-key", *at, "--name", "当番").stdout.decode().strip()
    lost = run(PLATFORMD, "operator", "add-key", *at, "--name", "lost", "--days", "1").stdout.decode().strip()
    first, second = run(PLATFORMD, "operator", "list", *at).stdout.decode().splitlines()
    assert first.split("\t")[1:] == ["0", "当番"] and second.split("\t")[2] == "lost", (first, second)
    run(PLATFORMD, "operator", "revoke-key", *at, second.split("\t")[0])
    assert_ends(3, "no such key", "operator", "revoke-key", *at, second.split("\t")[0])
    assert len(run(PLATFORMD, "operator", "list", *at).stdout.decode().splitlines()) == 1
    site.invitation = run(PLATFORMD, "operator", "invite", *at, "--name", "係長").stdout.decode().strip()
    with open(site.dir.file("db", "p.db"), "rb") as f:
        kept = f.read()
    assert not [secret for secret in (site.operator, lost, site.invitation) if secret.encode() in kept]


@test
def it_serves_the_socket_and_the_port_and_says_what_to_encrypt_to(site):
    site.daemon.start()
    assert ask(site.socket, "GET", "/readyz")[0] == 200
    status, keys = site.url("GET", "/v1/keys")
    assert status == 200 and keys == ask(site.socket, "GET", "/v1/keys")[1]
    key, point = keys["keys"]
    assert (key["kty"], key["use"], key["alg"]) == ("RSA", "enc", "RSA-OAEP-256"), key
    assert len(base64.urlsafe_b64decode(key["n"] + "==")) == 256
    assert set(key) == {"kty", "n", "e", "use", "alg", "kid"}, "nothing private"
    assert (point["kty"], point["crv"], point["use"], point["alg"]) == ("EC", "P-256", "enc", "ECDH-ES"), point
    assert set(point) == {"kty", "crv", "x", "y", "use", "alg", "kid"}, "nothing private"


@test
def a_certificate_that_openssl_encrypted_in_either_way_is_opened(site):
    provider = Provider(site.socket, site.tenant_key, site.dir.file("token.der"))
    cert = run("openssl", "x509", "-in", site.cas, "-outform", "DER").stdout
    asked = {"digest": {"alg": "SHA-256", "value": base64.b64encode(bytes(32)).decode()},
             "signature": base64.b64encode(bytes(256)).decode()}
    verdicts = []
    for encrypt in (provider.encrypt, provider.encrypt_agreed):
        sealed = encrypt(cert)
        changed = sealed[:-2] + ("B" if sealed[-2] == "A" else "A") + sealed[-1]
        status, answer = provider.ask("POST", "/v1/verifications", asked | {"certificate": changed})
        assert status == 422 and answer["detail"] == "certificate: encrypted for another key, or changed", answer
        status, answer = provider.ask("POST", "/v1/verifications", asked | {"certificate": sealed})
        assert status == 201, answer
        verdicts.append((answer["verdict"], answer["reasons"]))
        assert provider.ask("POST", "/v1/verifications", asked | {"certificate": encrypt(b"none")})[0] == 400
    assert verdicts[0] == verdicts[1] and verdicts[0][0] == "invalid", verdicts


def ctl(site, *argv, code=0):
    done = run(CTL, *argv, "--socket", site.socket, check=False)
    assert done.returncode == code, (argv, done.returncode, done.stderr)
    return done.stdout.decode() if code == 0 else done.stderr.decode()


@test
def an_operator_asks_and_sets_by_jpkictl(site):
    assert ctl(site, "tenant", "list").split()[:4] == ["bank", "registered", "live", "500/s"]
    page = json.loads(ctl(site, "tenant", "list", "--json"))
    assert [tenant["client_id"] for tenant in page["tenants"]] == ["bank"] and page["more"] is False, page
    ctl(site, "tenant", "certify", "bank", code=6)
    assert "applied" in ctl(site, "tenant", "apply", "--reference", "第1号", "bank")
    assert "certified" in ctl(site, "tenant", "certify", "--reference", "第2号", "bank")
    assert "not known to the authority" in ctl(site, "tenant", "notify", "bank", code=6)
    told = json.loads(ctl(site, "tenant", "set", "--rate", "9", "--quota", "5", "--json", "bank"))
    assert (told["rate"], told["quota"], told["state"]) == (9, 5, "certified"), told
    told = json.loads(ctl(site, "tenant", "set", "--rate", "0", "--quota", "0", "--json", "bank"))
    assert told["rate"] == 500 and "quota" not in told, told
    assert [(s["step"], s.get("reference")) for s in told["steps"]] == [("apply", "第1号"), ("certify", "第2号")]
    assert "no such client" in ctl(site, "tenant", "show", "nobody", code=2)
    assert ctl(site, "tenant", "show", "bank").count("\n") == 3
    key = {"Authorization": f"Bearer {site.operator}"}
    assert ask(site.socket, "GET", "/v1/operator/tenants/bank", fields=key)[0] == 200
    assert site.url("GET", "/v1/operator/tenants")[0] == 403, "on the port nobody is the operator without a key"


@test
def an_operator_is_invited_to_the_console_and_no_stranger(site):
    assert site.url("POST", "/v1/console/logins", {"invitation": "nobody's"})[0] == 403
    status, login = site.url("POST", "/v1/console/logins", {"invitation": site.invitation})
    assert status == 201 and login["address"] == f"{site.origin}/v1/logins/{login['session']}", login
    challenge = site.url("GET", "/v1/logins/" + login["session"])[1]
    assert challenge["provider"]["origin"] == site.origin, challenge
    assert site.url("GET", "/v1/console/logins/" + login["session"])[0] == 403, "without the browser's cookie"
    assert site.url("GET", "/v1/console/me")[0] == 403


@test
def a_challenge_names_the_provider_and_the_listed_cas(site):
    assert site.url("POST", "/v1/logins", {"client_id": "stranger"})[0] == 404
    assert site.url("POST", "/v1/logins", {})[0] == 400
    assert site.url("POST", "/v1/logins", {"client_id": "bank", "more": 1})[0] == 400
    status, login = site.url("POST", "/v1/logins", {"client_id": "bank"})
    assert status == 201
    assert login["provider"] == {"name": "見本銀行", "origin": "https://bank.example", "client_id": "bank"}
    text = run("openssl", "x509", "-in", site.cas, "-noout", "-ext", "subjectKeyIdentifier").stdout.decode()
    assert login["issuers"] == [text.split()[-1].replace(":", "").lower()]
    assert len(base64.b64decode(login["nonce"])) == 32 and len(login["code"]) == 6
    status, again = site.url("GET", "/v1/logins/" + login["session"])
    assert status == 200
    assert again == {k: v for k, v in login.items() if k not in ("secret", "code")}
    assert site.url("GET", "/v1/logins/nobody")[0] == 404


@test
def an_answer_of_nonsense_is_refused_by_name(site):
    login = site.url("POST", "/v1/logins", {"client_id": "bank"})[1]
    path = f"/v1/logins/{login['session']}/answer"
    other = f"{(int(login['code']) + 1) % 1000000:06}"
    for body, expected in (
        ({}, 400),
        ({"certificate": "x", "signature": "###", "secret": login["secret"]}, 400),
        ({"certificate": "a.b.c.d.e", "signature": "AA==", "secret": login["secret"]}, 400),
        ({"certificate": "x", "signature": "AA=="}, 400),
        ({"certificate": "a.b.c.d.e", "signature": "AA=="}, 403),
        ({"certificate": "a.b.c.d.e", "signature": "AA==", "code": other}, 403),
        ({"certificate": "a.b.c.d.e", "signature": "AA==", "code": "12345"}, 403),
        ({"certificate": "x" * 100000, "signature": "AA==", "secret": login["secret"]}, 413),
    ):
        assert site.url("POST", path, body)[0] == expected, body.keys()
    assert site.url("POST", f"/v1/logins/{login['session']}/redeem", {"secret": login["secret"]})[0] == 409
    assert site.url("POST", f"/v1/logins/{login['session']}/redeem", {"secret": "x"})[0] == 403


@test
def the_log_names_neither_session_nor_secret_nor_code(site):
    login = site.url("POST", "/v1/logins", {"client_id": "bank"})[1]
    site.url("GET", "/v1/logins/" + login["session"])
    site.url("POST", f"/v1/logins/{login['session']}/redeem", {"secret": login["secret"]})
    log = read_text(site.dir.file("log"))
    assert "/v1/logins/:session/redeem" in log
    for word in (login["session"], login["secret"], login["nonce"]):
        assert word not in log


@test
def every_answer_so_far_is_in_the_document(site):
    if openapi.jsonschema is None:
        raise Skip("python3-jsonschema is not installed")
    document = site.url("GET", "/openapi.json")[1]
    assert len(site.answers) > 15, len(site.answers)
    for answer in site.answers:
        assert openapi.mismatch(document, *answer) is None, openapi.mismatch(document, *answer)


@test
def it_is_not_ready_while_its_signerd_is_away_and_goes_on_when_that_is_back(site):
    site.signer.kill()
    wait_until("not ready", lambda: ask(site.socket, "GET", "/readyz")[0] == 503)
    site.signer.start()
    wait_until("ready", lambda: ask(site.socket, "GET", "/readyz")[0] == 200)


@test
def after_a_kill_a_login_goes_on_and_another_key_at_signerd_is_refused(site):
    login = site.url("POST", "/v1/logins", {"client_id": "bank"})[1]
    site.daemon.kill()
    site.daemon.start()
    assert site.url("GET", "/v1/logins/" + login["session"])[0] == 200
    assert site.daemon.stop() == 0
    site.configure(token_key="other")
    assert_ends(6, "everybody would become somebody else", "--config", site.config)


if __name__ == "__main__":
    main(Site)
