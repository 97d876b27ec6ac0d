#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""jpki-portald behind a real nginx with etc/nginx/portal.conf: browsers reach it over TLS alone, and nobody reaches
what is for operators."""
import json
import os
import re

from harness import Daemon, Directory, ask, free_port, main, program, run, test, write_text
from nginx import make_certificate, start_nginx

PORTALD = program("jpki-portald")
SIGNERD = program("jpki-signerd")
KIB = 1024


class Site:
    def __init__(self):
        self.dir = Directory()
        os.chmod(self.dir.path, 0o755)
        for name in ("keys", "secret", "db"):
            os.mkdir(self.dir.file(name), 0o700)
        self.port = free_port()
        self.origin = f"https://localhost:{self.port}"
        self.signer = self.start_signer()
        self.socket = self.dir.file("p.sock")
        config = self.dir.file("p.conf")
        write_text(config, f"[portal]\nsocket = {self.socket}\nsocket_mode = 0666\norigin = {self.origin}\n"
                   f"database = {self.dir.file('db', 'p.db')}\nsigner = {self.signer.path}\n"
                   "issuer = https://op.openjpki.test/api/realms/main\n"
                   f"operator_peers = {os.getuid()}\n")
        self.daemon = Daemon([PORTALD, "--config", config], self.socket, self.dir.file("log"))
        self.daemon.start()
        make_certificate(self.dir)
        self.nginx = start_nginx(self.dir, "portal.conf", self.port, PORTAL_SOCKET=self.socket)

    def start_signer(self):
        config, path = self.dir.file("signer.conf"), self.dir.file("s.sock")
        write_text(self.dir.file("secret", "pass"), "canary passphrase 71cc\n")
        write_text(config, f"[signer]\nsocket = {path}\nkeys = {self.dir.file('keys')}\n"
                   f"passphrase_file = {self.dir.file('secret', 'pass')}\n"
                   f"[key portal]\nallow_uid = {os.getuid()}\nrole = jws\nbits = 256\nissuer = portal\n")
        run(SIGNERD, "keygen", "--config", config, "portal")
        daemon = Daemon([SIGNERD, "serve", "--config", config], path, self.dir.file("signer.log"))
        daemon.start()
        return daemon

    def get(self, path, *options):
        """What curl gets: status, header fields in lower case and body."""
        out, header = self.dir.file("answer"), self.dir.file("header")
        write_text(out, "")
        done = run("curl", "-sS", "--noproxy", "*", "--cacert", self.dir.file("tls.pem"), "-o", out, "-D", header, "-w",
                   "%{http_code}", *options, self.origin + path)
        with open(out, encoding="utf-8") as f:
            text = f.read()
        with open(header, encoding="utf-8") as f:
            fields = dict(line.rstrip().split(": ", 1) for line in f if ": " in line)
        return int(done.stdout), {name.lower(): value for name, value in fields.items()}, text

    def close(self):
        self.nginx.terminate()
        self.nginx.wait()
        self.daemon.close()
        self.signer.close()
        self.dir.close()


@test
def what_is_for_operators_is_on_the_socket_alone(site):
    paths = ask(site.socket, "GET", "/openapi.json")[1]["paths"]
    kept = {(method, path) for path, methods in paths.items() for method, operation in methods.items()
            if isinstance(operation, dict) and "operator" in operation.get("x-access", "")}
    assert len(kept) > 15, kept
    for method, path in sorted(kept | {("get", "/livez"), ("get", "/readyz")}):
        for asked in {path, path.replace("/v1/", "/v1/./"), path.replace("/v1/", "/%76%31//")}:
            status, _, text = site.get(re.sub(r"{\w+}", "1", asked), "--path-as-is", "-X", method.upper())
            assert status == 404 and "nginx" in text, (method, asked, status, text)
    assert ask(site.socket, "GET", "/v1/audit")[0] == 200
    assert site.get("/v1/status")[0] == 200


@test
def browsers_get_the_pages_and_no_way_back_to_http(site):
    status, fields, _ = site.get("/")
    assert status == 200 and "max-age" in fields["strict-transport-security"], (status, fields)
    assert json.loads(site.get("/v1/procedures")[2])["procedures"] == []
    status, fields, text = site.get("/v1/me")
    assert status == 403 and "max-age" in fields["strict-transport-security"], (status, text)
    plain = run("curl", "-sS", "--noproxy", "*", "-o", "/dev/null", "-w", "%{http_code}",
                f"http://localhost:{site.port}/", check=False)
    assert plain.stdout == b"400", plain


@test
def files_may_be_as_large_as_the_portal_takes_and_others_may_not(site):
    for path, size, answer in (
        ("/v1/applications/AAAAAAAAAAAAAAAAAAAAAA/files?kind=a&name=b", 1000 * KIB, 403),  # the portal's answer
        ("/v1/applications/AAAAAAAAAAAAAAAAAAAAAA/files?kind=a&name=b", 2048 * KIB + 1, 413),
        ("/v1/self-information", 64 * KIB + 1, 413),
    ):
        write_text(site.dir.file("body"), "x" * size)
        status, _, text = site.get(path, "-X", "POST", "-H", "Content-Type: application/octet-stream", "--data-binary",
                                   "@" + site.dir.file("body"))
        assert status == answer, (path, size, status, text)


if __name__ == "__main__":
    main(Site)
