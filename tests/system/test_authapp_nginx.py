#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""jpki-authappd behind a real nginx with etc/nginx/authapp.conf: browsers, relying parties and cards reach what is
theirs over TLS, and nobody reaches more."""
import json
import os
import re
import urllib.parse

import test_authappd
from harness import free_port, main, run, test, write_text
from nginx import make_certificate, start_nginx
from test_authappd import OIDC, REALM


class Site(test_authappd.Site):
    def __init__(self):
        self.tls_port = free_port()
        super().__init__()
        os.chmod(self.dir.path, 0o755)
        self.configure(socket_mode="0666")
        self.added = self.add(test_authappd.SHOP)
        make_certificate(self.dir)
        self.nginx = start_nginx(self.dir, "authapp.conf", self.tls_port, AUTHAPP_SOCKET=self.socket)
        self.daemon.start()

    def make_origin(self):
        return f"https://localhost:{self.tls_port}"

    def add(self, client):
        path = self.dir.file("client.json")
        write_text(path, json.dumps(client))
        return self.client("add", path)

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
        super().close()


@test
def what_is_for_operators_is_not_there(site):
    for path in ("/v1/audit", "/v1/audit/tree", "/metrics", "/livez", "/"):
        assert site.get(path)[0] == 404, path


@test
def discovery_names_the_address_that_was_reached(site):
    status, _, text = site.get(REALM + "/.well-known/openid-configuration")
    found = json.loads(text)
    assert status == 200 and found["issuer"] == site.origin + REALM, found
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        assert found[name].startswith(site.origin + OIDC), found
    assert json.loads(site.get(OIDC + "/certs")[2])["keys"]


@test
def a_login_is_opened_in_a_browser_that_takes_it_over_tls_alone(site):
    query = urllib.parse.urlencode({"response_type": "code", "client_id": "shop", "scope": "openid",
                                    "redirect_uri": "http://127.0.0.1:4711/cb"})
    status, fields, _ = site.get(f"{OIDC}/auth?{query}")
    assert status == 303 and fields["location"].startswith(site.origin + REALM + "/login/"), fields
    assert fields["set-cookie"].startswith("__Host-") and "Secure" in fields["set-cookie"], fields
    assert "max-age" in fields["strict-transport-security"], fields
    path, cookie = fields["location"][len(site.origin):], fields["set-cookie"].split(";")[0]
    status, fields, page = site.get(path, "-H", f"Cookie: {cookie}")
    address = re.search(rf"{site.origin}(/v1/logins/[\w-]+)", page).group(1)
    assert status == 200 and "frame-ancestors 'none'" in fields["content-security-policy"], fields
    status, _, text = site.get(address)
    challenge = json.loads(text)
    assert status == 200 and challenge["provider"]["client_id"] == "shop" and "code" not in challenge, challenge


if __name__ == "__main__":
    main(Site)
