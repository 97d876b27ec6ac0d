# SPDX-License-Identifier: Apache-2.0
"""A service at the operators' door of a sandbox, behind a real nginx with etc/nginx/portal-operators.conf; curl is the
service, and the portal's operator."""
import base64
import hashlib
import json
import os
import urllib.parse

import rsa_keys
import test_ocspd
from harness import Directory, run, write_text
from nginx import make_certificate, start_nginx

VIEWPOINTS = "body", "purpose", "law", "value", "support"
APPROVED = {"state": "approved", "verdicts": dict.fromkeys(VIEWPOINTS, "met")}


def query_of(client, back, verifier, scope, **more):
    """What the service sends a browser to the portal with."""
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    return urllib.parse.urlencode({
        "response_type": "code", "client_id": client["client_id"], "redirect_uri": back, "state": "s1", "scope": scope,
        "code_challenge": challenge, "code_challenge_method": "S256"} | more)


class Door:
    """For services that show the certificates of these names."""

    def __init__(self, box, *names):
        self.box, self.dir = box, Directory()
        os.chmod(self.dir.path, 0o755)
        make_certificate(self.dir)
        for name in names:
            key = self.dir.file(name + ".key")
            rsa_keys.write_key(key)
            run("openssl", "req", "-x509", "-key", key, "-out", self.dir.file(name + ".pem"), "-subj", f"/CN={name}")
        self.port = test_ocspd.free_port()
        # The user of the sandbox is whom its portal takes for the proxy.
        self.nginx = start_nginx(self.dir, "portal-operators.conf", self.port, user="root",
                                 OPERATORS_SOCKET=os.path.join(box.dir, "portal/operators.sock"))

    def curl(self, *words):
        out = self.dir.file("answer")
        write_text(out, "")
        done = run("curl", "-sS", "--noproxy", "*", "-o", out, "-w", "%{http_code}", *words)
        with open(out, "rb") as file:
            body = file.read()
        return int(done.stdout), json.loads(body) if body[:1] == b"{" else None

    def ask(self, path, *words, who):
        shown = [] if who is None else ["--cert", self.dir.file(who + ".pem"), "--key", self.dir.file(who + ".key")]
        return self.curl("--cacert", self.dir.file("tls.pem"), *shown, *words, f"https://localhost:{self.port}{path}")

    def post(self, path, body, *words, who):
        return self.ask(path, "--json", json.dumps(body), *words, who=who)

    def operate(self, method, path, body):
        return self.curl("--unix-socket", os.path.join(self.box.dir, "portal/portal.sock"), "-X", method, "--json",
                         json.dumps(body), "http://localhost" + path)

    def redeem(self, client, back, code, verifier, who):
        form = {"grant_type": "authorization_code", "client_id": client["client_id"], "code": code,
                "code_verifier": verifier, "redirect_uri": back}
        return self.ask("/oauth/token", "--data", urllib.parse.urlencode(form), who=who)

    def close(self):
        self.nginx.terminate()
        self.nginx.wait()
        self.dir.close()
