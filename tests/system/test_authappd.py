#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""jpki-authappd as it is started by people, over a real jpki-signerd: refusals first, then clients, keys that
follow each other, and what a restart leaves as it was."""
import base64
import json
import os
import urllib.error
import urllib.parse
import urllib.request

from harness import Daemon, Directory, ask, free_port, main, program, read_text, run, test, write_text

AUTHAPPD = program("jpki-authappd")
SIGNERD = program("jpki-signerd")
REALM = "/api/realms/main"
OIDC = REALM + "/protocol/openid-connect"
SHOP = {"client_id": "shop", "client_name": "見本商店", "profile": "basic", "scope": "openid sign",
        "grant_types": ["authorization_code", "client_credentials"], "redirect_uris": ["http://127.0.0.1/cb"]}


class Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


class Site:
    def __init__(self):
        self.dir = Directory()
        for name in ("keys", "secret", "db"):
            os.mkdir(self.dir.file(name), 0o700)
        self.port = free_port()
        self.origin = self.make_origin()
        self.keys = ["seal", "es-1", "es-2", "rs-1"]
        self.signer = self.make_signer()
        self.ca = self.dir.file("ca.pem")
        run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", self.dir.file("ca.key"), "-out",
            self.ca, "-days", "10", "-subj", "/C=JP/O=OpenJPKI TEST", "-addext",
            "keyUsage=critical,keyCertSign,cRLSign")
        write_text(self.dir.file("platform.key"), "canary platform key 5b1d\n")
        self.config, self.socket = self.dir.file("a.conf"), self.dir.file("a.sock")
        self.configure()
        self.daemon = Daemon([AUTHAPPD, "--config", self.config], self.socket, self.dir.file("log"))
        self.secret = ""

    def make_origin(self):
        return f"http://127.0.0.1:{self.port}"

    def make_signer(self):
        config, path = self.dir.file("signer.conf"), self.dir.file("s.sock")
        write_text(self.dir.file("secret", "pass"), "canary passphrase 22ab\n")
        text = f"[signer]\nsocket = {path}\nkeys = {self.dir.file('keys')}\n" \
               f"passphrase_file = {self.dir.file('secret', 'pass')}\n"
        for key in self.keys:
            more = "role = token\n" if key == "seal" else f"role = jws\nissuer = {self.origin}{REALM}\n"
            more += "bits = 256\n" if key.startswith("es") else ""
            text += f"[key {key}]\nallow_uid = {os.getuid()}\n{more}"
        write_text(config, text)
        for key in self.keys:
            run(SIGNERD, "keygen", "--config", config, key)
        daemon = Daemon([SIGNERD, "serve", "--config", config], path, self.dir.file("signer.log"))
        daemon.start()
        return daemon

    def configure(self, **changes):
        keys = {"socket": self.socket, "port": self.port, "origin": self.origin,
                "database": self.dir.file("db", "a.db"), "signer": self.signer.path, "token_keys": "es-1 rs-1",
                "auth_cas": self.ca, "platform": self.dir.file("p.sock"),
                "platform_key": self.dir.file("platform.key"), "operator_peers": os.getuid()} | changes
        write_text(self.config, "[authapp]\n" + "".join(f"{k} = {v}\n" for k, v in keys.items()))

    def client(self, *words, check=True):
        return run(AUTHAPPD, "client", words[0], "--config", self.config, *words[1:], check=check)

    def metadata(self, **changes):
        path = self.dir.file("client.json")
        write_text(path, json.dumps(SHOP | changes, ensure_ascii=False))
        return path

    def url(self, path, form=None, **fields):
        """Status, fields and text, as a browser or relying party has them; no redirect is followed."""
        data = None if form is None else urllib.parse.urlencode(form).encode()
        request = urllib.request.Request(self.origin + path, data, fields)
        try:
            with urllib.request.build_opener(Stay).open(request, timeout=60) as answer:
                return answer.status, answer.headers, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read().decode()

    def token(self):
        pair = base64.b64encode(f"shop:{self.secret}".encode()).decode()
        status, _, text = self.url(OIDC + "/token", {"grant_type": "client_credentials", "scope": "sign"},
                                   Authorization="Basic " + pair)
        return status, json.loads(text)

    def kids(self):
        return [key["kid"] for key in ask(self.socket, "GET", OIDC + "/certs")[1]["keys"]]

    def close(self):
        self.daemon.close()
        self.signer.close()
        self.dir.close()


def assert_ends(code, text, *argv):
    done = run(AUTHAPPD, *argv, check=False)
    assert done.returncode == code, (argv, done.returncode, done.stderr)
    assert text in done.stderr.decode(), done.stderr


@test
def a_wrong_command_line_or_configuration_is_told_and_ends_with_2(site):
    assert_ends(2, "--config FILE is missing")
    assert_ends(2, "--config FILE is missing", "client", "list")
    for changes, text in (
        ({"origin": "http://login.example"}, "http is for addresses on this computer"),
        ({"origin": site.origin + "/"}, "an origin is"),
        ({"platform": "platform.example"}, "platform"),
        ({"operator_peers": "root"}, "operator_peers"),
        ({"auth_cas": site.dir.file("nothing")}, "no such file"),
        ({"platform_key": site.dir.file("nothing")}, "no such file"),
        ({"colour": "red"}, "no key colour"),
    ):
        site.configure(**changes)
        assert_ends(2, text, "--config", site.config, "--check-config")
    site.configure()
    run(AUTHAPPD, "--config", site.config, "--check-config")


@test
def without_its_signerd_and_a_key_for_tokens_it_does_not_start(site):
    site.configure(signer=site.dir.file("nobody.sock"))
    assert_ends(5, "nobody.sock", "--config", site.config)
    for keys in ("rs-1", "seal", "unknown"):
        site.configure(token_keys=keys)
        assert run(AUTHAPPD, "--config", site.config, check=False).returncode != 0, keys
    site.configure()


@test
def clients_are_taken_in_listed_and_forgotten(site):
    assert site.client("add", site.metadata(redirect_uris=["https://a.example/#x"]), check=False).returncode == 2
    site.secret = site.client("add", site.metadata()).stdout.decode().strip()
    assert len(base64.urlsafe_b64decode(site.secret + "=")) == 32
    assert site.client("add", site.metadata(), check=False).returncode == 6
    jwk = json.loads(run(AUTHAPPD, "client", "keygen").stdout)
    assert (jwk["kty"], jwk["crv"], jwk["alg"]) == ("EC", "P-256", "ES256") and jwk["d"], jwk
    private = site.metadata(client_id="bank", profile="authapp", jwks={"keys": [jwk]})
    assert b"private key" in site.client("add", private, check=False).stderr
    del jwk["d"]
    assert site.client("add", site.metadata(client_id="bank", profile="authapp", jwks={"keys": [jwk]})).stdout == b""
    rows = json.loads(site.client("list", "--json").stdout)["clients"]
    assert [row["client_id"] for row in rows] == ["bank", "shop"], rows
    assert site.client("rotate", "bank", check=False).returncode == 2
    site.client("remove", "bank")
    assert site.client("remove", "bank", check=False).returncode == 3
    assert site.secret.encode() not in open(site.dir.file("db", "a.db"), "rb").read()


@test
def it_serves_and_each_token_is_somebody_s(site):
    site.daemon.start()
    assert ask(site.socket, "GET", "/readyz")[0] == 200
    assert ask(site.socket, "GET", REALM + "/.well-known/openid-configuration")[1]["issuer"] == site.origin + REALM
    status, answer = site.token()
    assert status == 200 and answer["token_type"] == "Bearer" and answer["scope"] == "sign", answer
    site.access = answer["access_token"]
    assert site.url(OIDC + "/userinfo", Authorization="Bearer " + site.access)[0] == 403
    assert site.url(OIDC + "/userinfo", Authorization="Bearer x")[0] == 401
    assert site.client("list", check=False).returncode == 6, "the database is in use"


@test
def a_browser_gets_a_page_in_its_language_that_no_other_browser_gets(site):
    query = urllib.parse.urlencode({"response_type": "code", "client_id": "shop", "scope": "openid",
                                    "redirect_uri": "http://127.0.0.1:4711/cb"})
    status, fields, _ = site.url(f"{OIDC}/auth?{query}")
    assert status == 303 and fields["Location"].startswith(site.origin + REALM + "/login/"), fields
    path, cookie = fields["Location"][len(site.origin):], fields["Set-Cookie"].split(";")[0]
    for language, text in (("ja", "カードでログイン"), ("en-GB, ja;q=0.5", "Log in with your card"), ("fr", "カードで")):
        status, fields, page = site.url(path, Cookie=cookie, **{"Accept-Language": language})
        assert status == 200 and text in page and "見本商店" in page and "TEST" in page, page
        assert "<script>" not in page and "unsafe-inline" not in fields["Content-Security-Policy"], fields
        assert "frame-ancestors 'none'" in fields["Content-Security-Policy"], fields
    assert site.url(path)[0] == 403
    assert site.url(REALM + "/page.css")[0] == 200


@test
def keys_follow_each_other_and_tokens_survive_restarts(site):
    old = site.kids()
    assert len(old) == 2
    for names, first, count in (("es-1 rs-1 es-2", old[0], 3), ("es-2 rs-1 es-1", None, 3), ("es-2 rs-1", None, 3)):
        assert site.daemon.stop() == 0
        site.configure(token_keys=names)
        site.daemon.start()
        kids = site.kids()
        assert len(kids) == count and (first is None or kids[0] == first), kids
        assert site.url(OIDC + "/userinfo", Authorization="Bearer " + site.access)[0] == 403, "still known"
    assert site.kids()[-1] == old[0], "published on as long as its tokens count"


@test
def what_was_done_is_in_the_audit_log_and_no_secret_in_any_log(site):
    acts = [row["act"] for row in ask(site.socket, "GET", "/v1/audit")[1]["records"]]
    assert acts[:3] == ["client.added", "client.added", "client.removed"] and "grant.made" in acts, acts
    assert site.url("/v1/audit")[0] == 403, "not by TCP"
    log = read_text(site.dir.file("log")) + read_text(site.dir.file("signer.log"))
    for canary in (site.secret, site.access, "canary"):
        assert canary not in log, canary


if __name__ == "__main__":
    main(Site)
