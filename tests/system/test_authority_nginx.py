#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""jpki-authorityd behind a real nginx with etc/nginx/authority.conf: feeds and lists for registered verifiers, by mTLS."""
import base64
import json
import os
import re

import test_ocspd
from harness import ask, main, program, read_text, run, test, wait_until, write_text
from nginx import make_certificate, nginx_user, start_nginx

LIST = "auth-full"


class Site(test_ocspd.Site):
    def __init__(self):
        self.tls_port = test_ocspd.free_port()
        super().__init__()
        make_certificate(self.dir)
        self.nginx = start_nginx(self.dir, "authority.conf", self.tls_port, PROXY_SOCKET=self.proxy_socket,
                                 VERIFIER_SOCKET=self.verifier_socket)

    @staticmethod
    def ca_keys():
        return test_ocspd.Site.ca_keys() | {"feed-sign": "role = feed\n", "feed-auth": "role = feed\n"}

    def make_authority(self):
        daemon = super().make_authority()
        daemon.stop()
        os.makedirs(self.dir.file("proxy"), mode=0o755, exist_ok=True)
        os.chmod(self.dir.path, 0o755)
        self.proxy_socket, self.verifier_socket = (self.dir.file("proxy", name) for name in ("p.sock", "v.sock"))
        self.authority_conf = self.dir.file("authority.conf")
        self.before = read_text(self.authority_conf)
        self.configure_authority()
        daemon.start()
        return daemon

    def configure_authority(self, **changes):
        keys = {"proxy_socket": self.proxy_socket, "proxies": f"{nginx_user()}", "socket_mode": "0666",
                "verifier_socket": self.verifier_socket, "verifier_origin": f"https://localhost:{self.tls_port}",
                "feed_sign_key": "feed-sign", "feed_auth_key": "feed-auth", "feed_every_s": 1} | changes
        write_text(self.authority_conf, self.before + "".join(f"{k} = {v}\n" for k, v in keys.items() if v is not None))

    def get(self, path, *options, who=None, unix=None):
        """What curl gets: status and body; over TLS, or from a socket without it."""
        client = [] if who is None else ["--cert", self.dir.file(who + ".pem"), "--key", self.dir.file(who + ".key")]
        out = self.dir.file("answer")
        write_text(out, "")
        where = (["--cacert", self.dir.file("tls.pem"), f"https://localhost:{self.tls_port}{path}"] if unix is None
                 else ["--unix-socket", unix, f"http://localhost{path}"])
        done = run("curl", "-sS", "--noproxy", "*", *client, "-o", out, "-w", "%{http_code}", *options, *where)
        with open(out, "rb") as f:
            return int(done.stdout), f.read()

    def verifier(self, *argv):
        return run(program("jpkictl"), "verifier", *argv, "--socket", self.authority.path)

    def close(self):
        self.nginx.terminate()
        self.nginx.wait()
        super().close()


PATHS = ("/v1/feed/auth/snapshot", "/v1/feed/auth/deltas?since=1", f"/v1/crls/{LIST}")


def escaped(pem):
    for sign, code in (("\n", "%0A"), (" ", "%20"), ("+", "%2B"), ("/", "%2F"), ("=", "%3D")):
        pem = pem.replace(sign, code)
    return pem


@test
def a_proxy_without_users_and_users_without_a_proxy_are_refused(site):
    for changes in ({"proxies": None}, {"proxies": "nobody"}, {"proxy_socket": None}):
        site.configure_authority(**changes)
        done = run(test_ocspd.AUTHORITYD, "--config", site.authority_conf, "--check-config", check=False)
        assert done.returncode == 2 and b"proxies" in done.stderr, done
    site.configure_authority()
    run(test_ocspd.AUTHORITYD, "--config", site.authority_conf, "--check-config")


@test
def nobody_and_strangers_get_nothing(site):
    site.register("bank")
    site.serial = site.issue("auth")
    site.revoke("auth", site.serial, "keyCompromise")
    for path in PATHS:
        assert site.get(path)[0] == 403 and site.get(path, who="stranger")[0] == 403, path


@test
def a_field_that_somebody_else_sends_counts_nothing(site):
    pem = read_text(site.dir.file("bank.pem"))
    for text in (escaped(pem), pem.replace("\n", "")):
        header = "-H", f"X-SSL-Client-Cert: {text}"
        for path in PATHS:
            # Through nginx, without a certificate and with another one.
            assert site.get(path, *header)[0] == 403 and site.get(path, *header, who="stranger")[0] == 403, path
            # At the sockets for signed requests and for the daemons, the field means nothing; and at the
            # proxy's own it means nothing from anybody who is not the proxy.
            assert site.get(path, *header, unix=site.verifier_socket)[0] == 404, path
            if os.getuid() != nginx_user():
                assert site.get(path, *header, unix=site.proxy_socket)[0] == 403, path
                assert b"only the proxy" in site.get(path, *header, unix=site.proxy_socket)[1]


@test
def a_registered_verifier_gets_the_feed(site):
    wait_until("a snapshot", lambda: site.get(PATHS[0], who="bank")[0] == 200, 60)
    header = site.dir.file("header")
    status, snapshot = site.get(PATHS[0], "-D", header, who="bank")
    etag = re.search(r'(?i)^etag: (".*")', read_text(header), re.M).group(1)
    assert status == 200 and "no-store" in read_text(header).lower() or "private" in read_text(header).lower()
    assert site.get(PATHS[0], "-H", f"If-None-Match: {etag}", who="bank") == (304, b"")
    path = site.dir.file("auth.feed")
    with open(path, "wb") as f:
        f.write(snapshot)
    deltas = None

    def told():
        nonlocal deltas
        status, deltas = site.get(PATHS[1], who="bank")
        return status in (200, 204)
    wait_until("deltas", told, 60)
    # jpkictl, as any verifier, believes it by the CA's signature and finds the revocation in it.
    with open(path, "ab") as f:
        f.write(deltas)
    shown = run(program("jpkictl"), "feed", "show", "--ca", site.dir.file("auth-ca.pem"), "--json", path, check=False)
    assert shown.returncode == 0, shown
    assert json.loads(shown.stdout)["items"], shown


@test
def a_registered_verifier_gets_the_lists_whole_and_in_parts(site):
    def entries():
        status, der = site.get(PATHS[2], who="bank")
        if status != 200:
            return []
        with open(site.dir.file("list.crl"), "wb") as f:
            f.write(der)
        done = run("openssl", "crl", "-inform", "DER", "-in", site.dir.file("list.crl"), "-CAfile",
                   site.dir.file("auth-ca.pem"), "-noout", "-text")
        assert b"verify OK" in done.stdout + done.stderr, done
        return re.findall(r"Serial Number: ([0-9A-F]+)", done.stdout.decode())

    wait_until("the revoked one is in it", lambda: f"{site.serial:02X}" in entries(), 60)
    status, whole = site.get(PATHS[2], who="bank")
    assert status == 200
    assert site.get(PATHS[2], "-r", "0-99", who="bank") == (206, whole[:100])
    for path in ("/v1/crls/auth-Nowhere", "/v1/crls/other", "/v1/feed/card/snapshot", "/v1/certificates/auth/3", "/"):
        assert site.get(path, who="bank")[0] == 404, path


@test
def one_kind_is_for_whom_it_was_registered(site):
    der = run("openssl", "x509", "-in", site.dir.file("leaver.pem"), "-outform", "DER").stdout
    me = site.authority.path
    for url, body in (
        ("/v1/parties", {"name": "auth-only", "title": "t", "role": "verifier", "kinds": ["auth"]}),
        ("/v1/parties/auth-only/steps", {"step": "certify"}),
        ("/v1/parties/auth-only/notices", {}),
        ("/v1/parties/auth-only/certificates", {"certificate": base64.b64encode(der).decode()}),
    ):
        status, answer = ask(me, "POST", url, body)
        assert status in (200, 201, 204), (url, status, answer)
    assert site.get(PATHS[0], who="leaver")[0] == 200 and site.get(PATHS[2], who="leaver")[0] == 200
    for path in PATHS:
        assert site.get(path.replace("auth", "sign"), who="leaver")[0] == 403, path
    assert ask(me, "POST", "/v1/parties/auth-only/steps", {"step": "suspend"})[0] in (200, 204)
    assert site.get(PATHS[0], who="leaver")[0] == 403


@test
def signed_requests_go_the_other_way(site):
    status, body = site.get("/v1/verifier/standing", "-H", "Content-Type: application/json", "-d",
                            '{"request": "e30=", "signature": "MAA="}', who="bank")
    assert status in (400, 422), (status, body)


@test
def fetching_a_snapshot_is_in_the_audit_log(site):
    log = json.dumps(ask(site.authority.path, "GET", "/v1/audit")[1])
    assert "verifier:bank" in log and "feed" in log, log[-400:]


@test
def who_is_removed_is_refused(site):
    assert ask(site.authority.path, "DELETE", "/v1/verifiers/bank")[0] in (200, 204)
    for path in PATHS:
        assert site.get(path, who="bank")[0] == 403, path


if __name__ == "__main__":
    main(Site)
