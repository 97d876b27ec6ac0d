#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Keys of tokens follow each other at a jpki-authappd that serves: refusals first, then logins across a
change, their tokens checked by openssl. The platform is a server that finds every card good."""
import base64
import http.server
import json
import re
import signal
import socketserver
import threading
import urllib.parse

from harness import ask, main, read_text, run, test, wait_until, write_text
from test_authappd import AUTHAPPD, OIDC, REALM, Site as Plain

BACK = "http://127.0.0.1:4711/cb"
P256 = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d03010703420004")


class Quiet(http.server.BaseHTTPRequestHandler):
    said = []

    def log_message(self, *_):
        pass

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.said.append((self.path, body))
        text = b"{}"
        if self.path == "/v1/authentications":
            text = json.dumps({"id": "i", "verdict": "valid", "reasons": [], "holder": "H"}).encode()
        self.send_response(201 if text != b"{}" else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)


class OnSocket(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True

    def get_request(self):
        connection, _ = super().get_request()
        return connection, ("platform", 0)


def serve(server):
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def decode(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def integer(octets):
    octets = octets.lstrip(b"\0") or b"\0"
    octets = b"\0" + octets if octets[0] & 0x80 else octets
    return bytes([2, len(octets)]) + octets


class Site(Plain):
    def __init__(self):
        super().__init__()
        self.platform = serve(OnSocket(self.dir.file("p.sock"), Quiet))
        self.party = serve(http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet))
        self.secret = self.client("add", self.metadata(
            id_token_signed_response_alg="ES256", grant_types=["authorization_code"], scope="openid",
            backchannel_logout_uri=f"http://127.0.0.1:{self.party.server_port}/told")).stdout.decode().strip()
        self.daemon.start()

    def open(self):
        """A login that waits for the card: its path and cookie."""
        query = urllib.parse.urlencode({"response_type": "code", "client_id": "shop", "scope": "openid",
                                        "redirect_uri": BACK})
        status, fields, _ = self.url(f"{OIDC}/auth?{query}")
        assert status == 303, fields
        return fields["Location"][len(self.origin):], fields["Set-Cookie"].split(";")[0]

    def finish(self, path, cookie):
        """The card answers; the ID token that comes of it."""
        code = re.search(r'class="code">(\d{6})<', self.url(path, Cookie=cookie)[2]).group(1)
        answer = {"code": code, "certificate": "a.b.c.d.e", "signature": "AAAA"}
        assert ask(self.socket, "POST", f"/v1/logins/{path.rsplit('/', 1)[1]}/answer", answer)[0] == 204
        _, fields, _ = self.url(path, Cookie=cookie)
        back = urllib.parse.parse_qs(urllib.parse.urlsplit(fields["Location"]).query)
        pair = base64.b64encode(f"shop:{self.secret}".encode()).decode()
        status, _, text = self.url(OIDC + "/token", {
            "grant_type": "authorization_code", "code": back["code"][0], "redirect_uri": BACK},
            Authorization="Basic " + pair)
        assert status == 200, text
        return json.loads(text)["id_token"]

    def log_in(self):
        return self.finish(*self.open())

    def verify(self, token):
        """By openssl, with the published key that the token names; that key's name."""
        head, claims, signature = token.split(".")
        kid = json.loads(decode(head))["kid"]
        (jwk,) = [key for key in ask(self.socket, "GET", OIDC + "/certs")[1]["keys"] if key["kid"] == kid]
        with open(self.dir.file("spki"), "wb") as f:
            f.write(P256 + decode(jwk["x"]) + decode(jwk["y"]))
        octets = decode(signature)
        both = integer(octets[:32]) + integer(octets[32:])
        with open(self.dir.file("signature"), "wb") as f:
            f.write(bytes([0x30, len(both)]) + both)
        run("openssl", "dgst", "-sha256", "-keyform", "DER", "-verify", self.dir.file("spki"), "-signature",
            self.dir.file("signature"), data=f"{head}.{claims}".encode())
        return kid

    def rotate(self, name, check=True):
        return run(AUTHAPPD, "keys", "rotate", "--config", self.config, name, check=check)

    def hang_up(self):
        """Have it read its files again; the line of its log that says how that went."""
        said = lambda: [line for line in read_text(self.daemon.log).splitlines() if "service.reload" in line]
        before = len(said())
        self.daemon.process.send_signal(signal.SIGHUP)
        wait_until("it has read its files", lambda: len(said()) > before, 60)
        return said()[-1]

    def close(self):
        super().close()
        for server in (self.platform, self.party):
            server.shutdown()
            server.server_close()


@test
def a_key_that_cannot_sign_tokens_is_refused_and_the_file_stays_as_it_was(site):
    before = read_text(site.config)
    for name in ("nothing", "seal", "es-1", "x" * 300):
        assert site.rotate(name, check=False).returncode != 0, name
        assert read_text(site.config) == before, name
    assert b"signs already" in site.rotate("es-1", check=False).stderr


@test
def a_faulty_change_is_told_and_logins_go_on(site):
    waiting, before = site.open(), site.kids()
    for changes, words in (({"token_keys": "rs-1"}, "no key on P-256"), ({"token_keys": "nothing"}, "nothing"),
                           ({"colour": "red"}, "no key colour"), ({"workers": 2}, "workers changes by a restart only"),
                           ({"platform_key": site.dir.file("nothing")}, "no such file")):
        site.configure(**changes)
        line = site.hang_up()
        assert "service.reload_refused" in line and words in line, (words, line)
        assert site.kids() == before
    site.configure()
    assert site.verify(site.finish(*waiting)) == before[0]


@test
def logins_go_across_a_change_of_keys_and_old_tokens_can_be_verified(site):
    write_text(site.config, "# kept as it is\n" + read_text(site.config))
    site.old = site.log_in()
    waiting = site.open()
    first = site.verify(site.old)
    assert site.rotate("es-2").stdout == b"token_keys = es-2 rs-1\n"
    assert read_text(site.config).startswith("# kept as it is\n[authapp]\n")
    assert site.verify(site.log_in()) == first, "before it has read its files"
    assert "service.reloaded" in site.hang_up()
    second = site.verify(site.finish(*waiting))
    assert second != first and site.verify(site.old) == first, "both are published"
    assert len(site.kids()) == 3
    site.daemon.kill()
    site.daemon.start()
    assert site.verify(site.old) == first and site.verify(site.log_in()) == second


@test
def a_logout_by_a_token_of_the_old_key_is_told_to_the_relying_party(site):
    status, _, _ = site.url(f"{OIDC}/logout?id_token_hint={site.old}")
    assert status == 200
    (form,) = [urllib.parse.parse_qs(body.decode()) for path, body in Quiet.said if path == "/told"]
    token = form["logout_token"][0]
    claims = json.loads(decode(token.split(".")[1]))
    site.verify(token)
    assert claims["sid"] == json.loads(decode(site.old.split(".")[1]))["sid"] and "events" in claims, claims
    assert claims["iss"] == site.origin + REALM


if __name__ == "__main__":
    main(Site)
