#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""jpki-platformd behind a real nginx with etc/nginx/platform.conf: where a tenant asks from is said by nginx alone."""
import json
import os

import test_platformd
from harness import free_port, main, run, test, write_text
from nginx import make_certificate, start_nginx

TENANT = "/v1/tenant"


class Site(test_platformd.Site):
    def __init__(self):
        super().__init__()
        os.chmod(self.dir.path, 0o755)
        self.configure(socket_mode="0666")
        self.key = self.add_tenant("bank").stdout.decode().strip()
        self.tls_port = free_port()
        make_certificate(self.dir)
        self.nginx = start_nginx(self.dir, "platform.conf", self.tls_port, PLATFORM_SOCKET=self.socket)
        self.daemon.start()

    def close(self):
        self.nginx.terminate()
        self.nginx.wait()
        super().close()

    def only_from(self, sources):
        assert self.daemon.stop() == 0
        run(test_platformd.PLATFORMD, "tenant", "set", "--config", self.config, "--sources", sources, "bank")
        self.daemon.start()

    def get(self, path, *options):
        """What curl gets: status and JSON."""
        out = self.dir.file("answer")
        write_text(out, "")
        done = run("curl", "-sS", "--noproxy", "*", "--cacert", self.dir.file("tls.pem"), "-o", out, "-w", "%{http_code}",
                   "-H", f"Authorization: Bearer {self.key}", *options, f"https://localhost:{self.tls_port}{path}")
        with open(out, encoding="utf-8") as f:
            text = f.read()
        return int(done.stdout), json.loads(text) if text.startswith("{") else text


@test
def a_tenant_from_elsewhere_is_refused_whatever_it_says(site):
    site.only_from("192.0.2.1")
    for claim in ("192.0.2.1", "192.0.2.1, 192.0.2.1", "x"):
        status, answer = site.get(TENANT, "-H", f"X-Forwarded-For: {claim}")
        assert status == 403 and "does not ask from there" in answer["detail"], answer


@test
def a_tenant_from_where_it_may_ask_is_heard(site):
    site.only_from("127.0.0.1")
    for options in ((), ("-H", "X-Forwarded-For: 192.0.2.1")):
        status, answer = site.get(TENANT, *options)
        assert status == 200 and answer["client_id"] == "bank", answer
    status, answer = site.get("/v1/keys")
    assert status == 200 and answer["keys"][0]["use"] == "enc", answer


@test
def what_is_for_operators_is_not_there(site):
    for path in ("/v1/audit", "/v1/audit/tree", "/metrics", "/livez", "/"):
        assert site.get(path)[0] == 404, path


if __name__ == "__main__":
    main(Site)
