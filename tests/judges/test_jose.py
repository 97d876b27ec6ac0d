#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""jose as the other side where a key is agreed on: it encrypts to a sandbox's platform, and opens what
jpki sends to a platform that has one of its keys."""
import base64
import json
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../system"))

import test_jpki_online
import test_platformd
from harness import Skip, main, run, test
from provider import Provider


def jose(what, jwk=None, data=b""):
    argv = ["node", os.path.join(HERE, "agreement.mjs"), what, *([] if jwk is None else [json.dumps(jwk)])]
    return subprocess.run(argv, input=data, stdout=subprocess.PIPE, check=True, timeout=60).stdout.decode()


class Site:
    def __init__(self):
        self.platform = self.online = None
        if shutil.which("node") is None or not os.path.isdir(os.path.join(HERE, "node_modules")):
            return
        self.platform = test_platformd.Site()
        self.online = test_jpki_online.Site()

    def need(self):
        if self.platform is None:
            raise Skip("the judges are not installed (scripts/install-judges)")

    def close(self):
        for site in (self.platform, self.online):
            if site is not None:
                site.close()


@test
def what_jose_encrypts_the_platform_opens(site):
    site.need()
    key = site.platform.add_tenant("judge").stdout.decode().strip()
    site.platform.daemon.start()
    provider = Provider(site.platform.socket, key, site.platform.dir.file("token.der"))
    cert = run("openssl", "x509", "-in", site.platform.cas, "-outform", "DER").stdout
    asked = {"digest": {"alg": "SHA-256", "value": base64.b64encode(bytes(32)).decode()},
             "signature": base64.b64encode(bytes(256)).decode()}
    sealed = jose("seal", provider.point, cert)
    status, answer = provider.ask("POST", "/v1/verifications", asked | {"certificate": sealed})
    assert status == 201 and answer["verdict"] == "invalid", answer
    theirs = jose("seal", json.loads(jose("make"))["public"], cert)
    assert provider.ask("POST", "/v1/verifications", asked | {"certificate": theirs})[0] == 422


@test
def what_jpki_encrypts_jose_opens(site):
    site.need()
    keys = json.loads(jose("make"))
    online = site.online
    online.verdict(verdict="valid")
    online.platform.table["GET /v1/keys"] = (200, {"keys": [online.platform.key.jwk(), keys["public"]]})
    test_jpki_online.expect(online.verify(), 0)
    sealed = online.platform.body("POST /v1/verifications")["certificate"]
    opened = json.loads(jose("open", keys["private"], sealed.encode()))
    assert opened["header"]["alg"] == "ECDH-ES" and opened["header"]["kid"] == keys["public"]["kid"], opened
    assert "d" not in opened["header"]["epk"], opened
    subject = run("openssl", "x509", "-inform", "DER", "-noout", "-subject", data=base64.b64decode(opened["plain"]))
    assert b"CN" in subject.stdout, subject.stdout


if __name__ == "__main__":
    main(Site)
