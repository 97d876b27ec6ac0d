#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""jpki-ocspd behind a real nginx with etc/nginx/ocsp.conf: who has shown which certificate is said by nginx alone."""
import os
import re
import time

import test_ocspd
from harness import ask, main, read_text, run, test, wait_until, write_text
from nginx import make_certificate, nginx_user, start_nginx

MALFORMED, SIG_REQUIRED, UNAUTHORIZED = (b"\x30\x03\x0a\x01" + bytes([n]) for n in (1, 5, 6))


class Site(test_ocspd.Site):
    def __init__(self):
        self.tls_port = test_ocspd.free_port()
        super().__init__()
        make_certificate(self.dir)
        self.nginx = start_nginx(self.dir, "ocsp.conf", self.tls_port, workers=2, PROXY_SOCKET=self.proxy_socket)

    def configure(self, **changes):
        os.makedirs(self.dir.file("proxy"), mode=0o755, exist_ok=True)
        os.chmod(self.dir.path, 0o755)
        self.proxy_socket = self.dir.file("proxy", "p.sock")
        proxy = {"proxy_socket": self.proxy_socket, "proxies": f"{nginx_user()} {os.getuid()}", "socket_mode": "0666", "lists_s": 1}
        super().configure(**(proxy | changes))

    def close(self):
        self.nginx.terminate()
        self.nginx.wait()
        super().close()

    def tls(self, *options, who=None):
        """What curl gets: status and body."""
        client = [] if who is None else ["--cert", self.dir.file(who + ".pem"), "--key", self.dir.file(who + ".key")]
        out = self.dir.file("answer")
        write_text(out, "")
        done = run("curl", "-sS", "--noproxy", "*", "--cacert", self.dir.file("tls.pem"), *client, "-o", out, "-w",
                   "%{http_code}", *options)
        with open(out, "rb") as f:
            return int(done.stdout), f.read()

    def question(self, serial, *more):
        path = self.dir.file("question")
        run("openssl", "ocsp", "-issuer", self.dir.file("auth-ca.pem"), "-serial", str(serial), "-reqout", path, *more)
        return path

    def url(self, path):
        return f"https://localhost:{self.tls_port}{path}"

    def post(self, serial, *more, who=None, nonce=False):
        path = self.question(serial, *([] if nonce else ["-no_nonce"]))
        return self.tls("-H", "Content-Type: application/ocsp-request", "--data-binary", f"@{path}", *more,
                        self.url("/auth"), who=who)

    def says(self, body, serial, *more):
        path = self.dir.file("response")
        with open(path, "wb") as f:
            f.write(body)
        done = run("openssl", "ocsp", "-respin", path, "-CAfile", self.dir.file("auth-ca.pem"), "-issuer",
                   self.dir.file("auth-ca.pem"), "-serial", str(serial), *more)
        assert "Response verify OK" in done.stdout.decode() + done.stderr.decode(), done
        return done.stdout.decode().split(f"{serial}: ")[1].split()[0]


@test
def a_proxy_without_users_and_users_without_a_proxy_are_refused(site):
    for changes in ({"proxies": ""}, {"proxies": "nobody"}):
        site.configure(**changes)
        done = run(test_ocspd.OCSPD, "--config", site.config, "--check-config", check=False)
        assert done.returncode == 2 and b"proxies" in done.stderr, done
    site.configure()
    run(test_ocspd.OCSPD, "--config", site.config, "--check-config")


@test
def who_shows_no_certificate_must_sign_and_a_stranger_learns_nothing(site):
    site.register("bank")
    site.ocspd.start()
    wait_until("ready", lambda: ask(site.socket, "GET", "/readyz")[0] == 200)
    site.serial = site.issue("auth")
    wait_until("good", lambda: site.status("auth", site.serial) == "good")
    assert site.post(site.serial) == (200, SIG_REQUIRED)
    assert site.post(site.serial, who="stranger") == (200, UNAUTHORIZED)
    assert site.tls("-H", "Content-Type: application/ocsp-request", "--data-binary", "", site.url("/auth"),
                    who="bank") == (200, MALFORMED)


@test
def a_client_cannot_say_that_it_is_somebody_else(site):
    pem = read_text(site.dir.file("bank.pem"))
    for text in (pem.replace("\n", "%0A").replace(" ", "%20").replace("+", "%2B").replace("/", "%2F")
                 .replace("=", "%3D"), pem.replace("\n", "")):
        for who in (None, "stranger"):
            _, body = site.post(site.serial, "-H", f"X-SSL-Client-Cert: {text}", who=who)
            assert body == (SIG_REQUIRED if who is None else UNAUTHORIZED)
            # Not where nobody ends TLS either.
            path = site.question(site.serial, "-no_nonce")
            done = run("curl", "-sS", "--noproxy", "*", "--data-binary", f"@{path}", "-H", f"X-SSL-Client-Cert: {text}",
                       "-H", "Content-Type: application/ocsp-request", "-o", site.dir.file("answer"), site.base + "/auth")
            with open(site.dir.file("answer"), "rb") as f:
                assert f.read() == SIG_REQUIRED, done


@test
def a_registered_certificate_stands_for_a_signature(site):
    status, first = site.post(site.serial, who="bank")
    assert status == 200 and site.says(first, site.serial, "-no_nonce") == "good"
    time.sleep(1.1)
    assert site.post(site.serial, who="bank")[1] == first, "it is kept"
    plain = run("base64", "-w0", site.question(site.serial, "-no_nonce")).stdout.decode()
    site.asked = plain
    escaped = plain.replace("+", "%2B").replace("/", "%2F").replace("=", "%3D")
    assert site.tls(site.url("/auth/" + escaped), who="bank")[1] == first, "GET and POST share it"
    assert site.post(site.serial, who="bank", nonce=True)[1] != first
    assert site.says(site.post(site.serial + 1, who="bank")[1], site.serial + 1, "-no_nonce") == "unknown"


@test
def answers_are_private_and_need_not_be_sent_twice(site):
    plain = run("base64", "-w0", site.question(site.serial, "-no_nonce")).stdout.decode()
    url = site.url("/auth/" + plain.replace("+", "%2B").replace("/", "%2F").replace("=", "%3D"))
    header = site.dir.file("header")
    site.tls("-D", header, url, who="bank")
    lines = dict(line.split(": ", 1) for line in read_text(header).splitlines() if ": " in line)
    lines = {name.lower(): value for name, value in lines.items()}
    assert "private" in lines["cache-control"] and "public" not in lines["cache-control"], lines
    assert lines["etag"] and lines["expires"] and lines["last-modified"] and lines["date"], lines
    assert site.tls("-H", f"If-None-Match: {lines['etag']}", url, who="bank") == (304, b"")
    assert site.tls("-I", url, who="bank")[0] == 200


@test
def a_revocation_is_told_at_once_also_of_what_was_kept(site):
    assert site.says(site.post(site.serial, who="bank")[1], site.serial, "-no_nonce") == "good"
    site.revoke("auth", site.serial, "keyCompromise")
    begun = time.monotonic()
    wait_until("revoked",
               lambda: site.says(site.post(site.serial, who="bank")[1], site.serial, "-no_nonce") == "revoked")
    # One second is the promise; a busy machine starts curl and openssl late.
    assert time.monotonic() - begun < 5


@test
def lists_are_fetched_whole_and_in_parts_by_registered_verifiers(site):
    """What curl gets is what openssl verifies, and no more of it than was asked for."""
    name = "auth-Tokyo-to"
    url = site.url("/crl/" + name)
    assert site.tls(url)[0] == 403 and site.tls(url, who="stranger")[0] == 403
    assert site.tls(site.url("/crl/auth-Nowhere"), who="bank")[0] == 404
    wait_until("a list", lambda: site.tls(url, who="bank")[0] == 200)

    def entries():
        with open(site.dir.file("list.crl"), "wb") as f:
            f.write(site.tls(url, who="bank")[1])
        done = run("openssl", "crl", "-inform", "DER", "-in", site.dir.file("list.crl"), "-CAfile",
                   site.dir.file("auth-ca.pem"), "-noout", "-text")
        assert b"verify OK" in done.stdout + done.stderr, done
        return re.findall(r"Serial Number: ([0-9A-F]+)", done.stdout.decode())

    wait_until("the revoked one is in it", lambda: f"{site.serial:02X}" in entries())
    header = site.dir.file("header")
    status, whole = site.tls("-D", header, url, who="bank")
    etag = re.search(r'(?i)^etag: (".*")', read_text(header), re.M).group(1)
    assert "no-store" not in read_text(header) and "private" in read_text(header)
    assert site.tls("-H", f"If-None-Match: {etag}", url, who="bank") == (304, b"")
    assert site.tls("-r", "0-99", url, who="bank") == (206, whole[:100])
    assert site.tls("-r", "100-", url, who="bank") == (206, whole[100:])
    assert site.tls("-r", "-7", url, who="bank") == (206, whole[-7:])
    assert site.tls("-r", f"{len(whole)}-", url, who="bank")[0] == 416
    assert site.tls("-r", "0-99", "-H", 'If-Range: "other"', url, who="bank") == (200, whole)
    assert site.tls("-r", "0-99", "-H", f"If-Range: {etag}", url, who="bank") == (206, whole[:100])
    # An interrupted download goes on.
    with open(site.dir.file("answer"), "wb") as f:
        f.write(whole[:50])
    client = ["--cert", site.dir.file("bank.pem"), "--key", site.dir.file("bank.key")]
    run("curl", "-sS", "--noproxy", "*", "--cacert", site.dir.file("tls.pem"), *client, "-C", "-", "-o",
        site.dir.file("answer"), url)
    with open(site.dir.file("answer"), "rb") as f:
        assert f.read() == whole
    # Only where TLS has said who it is.
    assert ask(site.socket, "GET", "/crl/" + name)[0] == 404


@test
def who_is_removed_is_refused(site):
    assert ask(site.authority.path, "DELETE", "/v1/verifiers/bank")[0] in (200, 204)
    wait_until("refused", lambda: site.post(site.serial, who="bank") == (200, UNAUTHORIZED))


@test
def nothing_that_was_asked_for_is_in_a_log(site):
    for name in ("ocspd.log", "nginx.log"):
        text = read_text(site.dir.file(name))
        assert site.asked[:60] not in text and site.asked.replace("/", "%2F")[:60] not in text, text[-500:]


if __name__ == "__main__":
    main(Site)
